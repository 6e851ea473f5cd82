#!/usr/bin/env bats
# Programs for real musl: Rust's standard library is compiled for it in the lab, and linked with
# Debian's musl.  What is said of a program, `file`, `ldd` and `readelf` have to say, too.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	own=musl-$$$suffix
	export own suffix
	cd "$BATS_FILE_TMPDIR" || return
	"$BATS_TEST_DIRNAME/fixtures/musl/image" "$own"
	workspace words wordfreq >/dev/null
	workspace probe hello >/dev/null
	cp "$BATS_TEST_DIRNAME/fixtures/musl/probe.rs" probe/src/main.rs
	{
		target x64 x86_64
		target arm64 aarch64
	} >targets.ini
	for project in words probe; do
		mkdir "$project/mk"
		printf 'include mk/cache.mk\n' >"$project/Makefile"
		(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/$project/mk/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
	done
}

# target NAME CPU: a section of targets.ini.  Not optimized, to compile fast.
target() {
	local variable=CARGO_TARGET_${2^^}_UNKNOWN_LINUX_MUSL
	printf '%s\n' "[$own-$1]" "description = $1" "triple = $2-unknown-linux-musl" "cache = $own" \
		"image = $own" 'cross = yes' 'expect = static' \
		"env = CARGO_PROFILE_RELEASE_OPT_LEVEL=0 ${variable}_LINKER=$2-linux-gnu-gcc"
}

teardown_file() {
	lab_env
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	for target in x64 arm64; do
		docker image ls --quiet --filter label=cachemk.target="$own-$target" | sort -u |
			xargs --no-run-if-empty docker image rm --force >/dev/null
	done
	docker image rm --force "$own" >/dev/null
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

# type_in PROJECT RULE
type_in() {
	run make --no-print-directory -C "$1" "$2" </dev/null
}

# builds NAME CPU LINKED: wordfreq is built, and is a static program of musl's, LINKED as file says
builds() {
	local built=target/$2-unknown-linux-musl/release/wordfreq
	type_in words "build-$own-$1"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Built $built" ]
	[[ $(file "words/$built") = *", $3, "* ]]
	run ! grep -qE 'NEEDED|INTERP' <<<"$(readelf --wide --dynamic --program-headers "words/$built")"
	# What musl says for an unknown error, and a setting of glibc's.
	grep -qa 'No error information' "words/$built"
	run ! grep -qa GLIBC_TUNABLES "words/$built"
}

# counts CPU: the program works
counts() {
	printf 'one two two\n' >text
	run "words/target/$1-unknown-linux-musl/release/wordfreq" --top 1 text
	[ "$status" -eq 0 ]
	[[ $output = *two* ]]
}

@test "wordfreq for musl on x86-64 is static, and runs" {
	builds x64 x86_64 'static-pie linked'
	[ "$(machine words/target/x86_64-unknown-linux-musl/release/wordfreq)" = 'Advanced Micro Devices X86-64' ]
	[[ $(ldd words/target/x86_64-unknown-linux-musl/release/wordfreq) = *'statically linked'* ]]
	counts x86_64
}

@test "wordfreq for musl on arm64 is static, and runs emulated" {
	builds arm64 aarch64 'statically linked'
	[ "$(machine words/target/aarch64-unknown-linux-musl/release/wordfreq)" = AArch64 ]
	counts aarch64
}

@test "a program for musl catches panics, starts threads and resolves names" {
	for target in x64 arm64; do
		type_in probe "run-$own-$target"
		[ "$status" -eq 0 ]
		[ "${lines[-1]}" = 'musl: caught a panic, joined a thread, resolved localhost' ]
	done
}

@test "tests are run, too, and a failing one is seen" {
	for target in x64 arm64; do
		type_in probe "test-$own-$target"
		[ "$status" -ne 0 ]
		[[ $output = *'1 passed; 1 failed'* ]]
	done
}
