# Goals: all
.ONESHELL:
#include
all:
	@set -e
	x=1
	echo $$x
