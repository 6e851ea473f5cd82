#!/usr/bin/env bats
# Cross-compiling instead of emulating, and the gate on what was built, with Debian's cross gcc and
# std for arm64.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

linker=CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	own=cross-$$$suffix
	export own suffix
	cd "$BATS_FILE_TMPDIR" || return
	"$BATS_TEST_DIRNAME/fixtures/cross/image" "$own"
	workspace app hello >/dev/null
	mkdir app/mk
	printf 'include mk/cache.mk\n' >app/Makefile
}

teardown_file() {
	lab_env
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	for target in cross plain native; do
		docker image ls --quiet --filter label=cachemk.target="$own-$target" | sort -u |
			xargs --no-run-if-empty docker image rm --force >/dev/null
	done
	docker image rm --force "$own" >/dev/null
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

# use LINE...: the one target is for arm64, with these lines
use() {
	use_target cross 'triple = aarch64-unknown-linux-gnu' 'cross = yes' "$@"
}

# use_target NAME LINE...
use_target() {
	printf '%s\n' "[$own-$1]" "description = $1" "cache = $own" "image = $own" "${@:2}" >targets.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/app/mk/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
}

type_in() {
	run make --no-print-directory -C app "$@" </dev/null
}

built=target/aarch64-unknown-linux-gnu/release/hello

@test "cross = yes compiles for arm64 on this machine's platform, to the documented place" {
	use
	type_in "build-$own-cross"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Built $built" ]
	[ "$(count '^Built ')" -eq 1 ]
	[ "$(machine "app/$built")" = AArch64 ]
}

@test "run and test run there, by the machine's emulation" {
	type_in "run-$own-cross"
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} = 'Hello from aarch64-linux'* ]]
	type_in "test-$own-cross"
	[ "$status" -eq 0 ]
}

@test "own env wins" {
	use 'env = CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_RUNNER=echo'
	type_in "run-$own-cross"
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} = */release/hello ]]
	use
}

@test "packages without a package manager: one line with the remedy" {
	use 'packages = git'
	type_in "prepare-$own-cross"
	[ "$status" -ne 0 ]
	[[ $output = *'The image has no apt-get, apk or dnf for packages: use setup in targets.ini instead.'* ]]
	use
}

@test "a second build has nothing to do, and an edit arrives there" {
	type_in "build-$own-cross"
	[ "$(count Compiling)" -eq 0 ]
	sed -i 's/Hello/Good day/' app/src/main.rs
	type_in "build-$own-cross"
	[ "$status" -eq 0 ]
	grep -q 'Good day' "app/$built"
}

@test "an image without the triple's standard library is refused with the remedy" {
	use_target plain 'triple = riscv64gc-unknown-linux-gnu' 'cross = yes'
	type_in "build-$own-plain"
	[ "$status" -ne 0 ]
	[[ $output = *"no standard library for riscv64gc-unknown-linux-gnu: add 'rustup target add"* ]]
}

# shellcheck disable=SC2016 # it is the image's sh that expands it
@test "with that library's sources, which -Zbuild-std compiles, it is not" {
	use_target plain 'triple = riscv64gc-unknown-linux-gnu' 'cross = yes' \
		'setup = mkdir -p "$(rustc --print sysroot)/lib/rustlib/src/rust/library"'
	type_in "prepare-$own-plain"
	[ "$status" -eq 0 ]
}

@test "glibc_max passes what needs no more, and names the symbol that does" {
	use 'glibc_max = 2.99'
	type_in "build-$own-cross"
	[ "$status" -eq 0 ]
	use 'glibc_max = 2.17'
	type_in "build-$own-cross"
	[ "$status" -ne 0 ]
	[ "$(count "^$built needs [a-zA-Z_]*@GLIBC_2\.[0-9]*, but glibc_max is 2.17: use an older image, or raise glibc_max$")" -eq 1 ]
	[ "$(count '^Built ')" -eq 0 ]
}

@test "expect = static refuses a dynamic binary and says what it needs" {
	use 'expect = static'
	type_in "build-$own-cross"
	[ "$status" -ne 0 ]
	[[ $output = *"$built is not statically linked: it needs "*libc.so.6* ]]
}

@test "expect = static passes a static one" {
	use_target native 'triple = x86_64-unknown-linux-gnu' 'expect = static' \
		'env = RUSTFLAGS=-Ctarget-feature=+crt-static'
	type_in "build-$own-native"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'Built target/x86_64-unknown-linux-gnu/release/hello' ]
}

@test "a binary for another machine, as the project's configuration has it, is refused" {
	use_target native 'triple = x86_64-unknown-linux-gnu' 'glibc_max = 2.99' "env = $linker"
	type_in "build-$own-native"
	[ "$status" -eq 0 ]
	mkdir app/.cargo
	printf '[build]\ntarget = "aarch64-unknown-linux-gnu"\n' >app/.cargo/config.toml
	type_in "build-$own-native"
	rm -r app/.cargo
	[ "$status" -ne 0 ]
	[ "$(count 'release/hello was not built for x86_64-unknown-linux-gnu$')" -eq 1 ]
}
