# Goals: all sub
all: ; +$(MAKE) -f $(firstword $(MAKEFILE_LIST)) sub
#include
sub: ; echo $(MAKELEVEL) $@
