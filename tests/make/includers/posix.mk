# Goals: all
.POSIX:
#include
all: part ; false; echo $@
part: ; echo $(CC) $@
