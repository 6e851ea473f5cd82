# Goals: check-all test-all build-all ci prepare-all
# Goals for all of the project, with a recipe and without one.
ci: check-all test-all
#include
check-all: check fmt
check: ; cargo check
fmt: ; cargo fmt --check
test-all: ; cargo test --workspace
build-all: check ; cargo build --workspace
prepare-all: check
