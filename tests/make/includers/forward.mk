# Goals: anything build-thing check-foo
# A makefile that hands everything to another one.
Makefile: ;
#include
%: force ; @$(MAKE) -f real.mk $@
force: ;
