# Goals: all program
.SECONDEXPANSION:
#include
program_parts = one two
all: $$(program_parts) ; echo $^
one two: ; echo $@
program: $$@.c ; cc $<
program.c: ; touch $@
