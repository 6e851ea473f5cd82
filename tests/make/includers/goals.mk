# Goals: build test run clean-cache-files list-docs check-all nothing shell prepare doc-all
.PHONY: shell
build: compile
compile: ; @echo compile
test: build
	@echo test
run:: ; @echo run
clean-cache-files: ; rm -f files
list-docs: ; @echo docs
#include
check-all: test
shell: compile
prepare: compile ; @echo prepared
doc-all:
