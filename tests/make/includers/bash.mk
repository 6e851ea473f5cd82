# Goals: all
SHELL := bash
.SHELLFLAGS := -eu -o pipefail -c
MAKEFLAGS += --warn-undefined-variables --no-builtin-rules
#include
all: ; @array=(1 2 3); echo "$${array[1]}" | cat
