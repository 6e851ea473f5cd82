#!/usr/bin/env bats
# Every command in README.md's sh blocks, as a newcomer types them, in order, on a terminal.

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
}

readme_commands() {
	awk '/^```sh$/ { on = 1; next } /^```/ { on = 0 } on' "$repo/README.md"
}

@test "README.md has commands" {
	[ "$(readme_commands | wc -l)" -ge 6 ]
}

@test "every command in README.md works; questions are answered with no" {
	cd "$repo"
	while IFS= read -r command; do
		run script -qec "$command" /dev/null <<<n
		[ "$status" -eq 0 ] || {
			printf '%s\n' "$command" "$output"
			return 1
		}
	done < <(readme_commands)
}

@test "the binaries that README.md promises are there" {
	cd "$repo/examples/hello/target"
	for triple in {x86_64,aarch64}-unknown-linux-{gnu,musl}; do
		[ -x "$triple/release/hello" ]
	done
	[ "$(machine aarch64-unknown-linux-gnu/release/hello)" = AArch64 ]
}
