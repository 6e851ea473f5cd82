# Goals: build-foo build-linux check-foo test-unit.o run-me doctor-who all-all
# Pattern rules that begin as ours do.
build-%: ; cargo build --target $*
#include
check-%: lint-% ; echo checked $*
lint-%: ; echo lint $*
test-%.o: ; cc -c $*.c -o $@
run-%: build-% ; ./target/$*
doctor-%: ; echo $@
all-%: ; echo everything of $*
