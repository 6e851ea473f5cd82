# Goals: all x.o nothing
.SUFFIXES:
.SUFFIXES: .c .o
#include
all: x.o
.c.o: ; cc -c $<
x.c: ; touch $@
.DEFAULT: ; echo no $@
