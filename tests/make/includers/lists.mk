# Goals: show
# Where am I?
#include
THIS := $(lastword $(MAKEFILE_LIST))
ROOT := $(patsubst %/,%,$(dir $(abspath $(firstword $(MAKEFILE_LIST)))))
show: ; echo '$(THIS)' '$(ROOT)' '$(MAKEFILE_LIST)' '$(CURDIR)' '$(.DEFAULT_GOAL)'
