#!/usr/bin/env bats
# Every command in the sh blocks of README.md and of the documents that it leads to, as a newcomer
# types them, in order, on a terminal.  What cannot run here is in indented blocks.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	load helper
	lab_env
	setup_project
}

teardown_file() {
	lab_env
	remove_ours
}

setup() {
	lab_env
	PATH=$repo/gen:$PATH
}

# commands DOCUMENT
commands() {
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$repo/$1"
}

# every_command_works DOCUMENT LEAST: each of its commands, of which there are at least LEAST.
# Questions are answered with no.
every_command_works() {
	cd "$repo" || return
	[ "$(commands "$1" | wc -l)" -ge "$2" ] || return
	# At the end of its input, script would wait for two seconds.
	mkfifo "$BATS_TEST_TMPDIR/typed"
	exec 9<>"$BATS_TEST_TMPDIR/typed"
	while IFS= read -r command; do
		printf 'n\n' >&9
		run script -qec "$command" /dev/null <&9
		[ "$status" -eq 0 ] || {
			printf '%s\n' "$command" "$output"
			return 1
		}
	done < <(commands "$1")
	exec 9>&-
}

@test "every command in README.md works" {
	every_command_works README.md 6
}

@test "the binaries that README.md promises are there" {
	cd "$repo/examples/hello/target"
	for triple in {x86_64,aarch64}-unknown-linux-{gnu,musl}; do
		[ -x "$triple/release/hello" ]
	done
	[ "$(machine aarch64-unknown-linux-gnu/release/hello)" = AArch64 ]
}

@test "every command in docs/rules.md works" {
	every_command_works docs/rules.md 10
}

@test "every command in docs/targets-ini.md works" {
	every_command_works docs/targets-ini.md 4
}

@test "every command in docs/ci.md works" {
	every_command_works docs/ci.md 6
}

@test "every command in docs/caches.md works" {
	every_command_works docs/caches.md 6
}
