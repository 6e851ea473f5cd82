#!/usr/bin/env bats
# docs/tutorial.md: every command in it, in order, in a project of its own with the installed program.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	export suffix
	cd "$BATS_FILE_TMPDIR" || return
	make -s -C "$repo" install PREFIX="$BATS_FILE_TMPDIR/usr"
	# The names of its caches are those of the repository's.  What another file's tests have left
	# there is no orphan of this project.
	[ -n "$suffix" ] || for name in x64 arm64 musl-x64 musl-arm64; do
		docker volume rm -f "cargo-cache-$name" "cargo-git-cache-$name" >/dev/null
	done
	workspace project hello >/dev/null
	rm -rf project/mk project/Makefile project/targets.ini
}

teardown_file() {
	lab_env
	cd "$BATS_FILE_TMPDIR/project" || return
	[ ! -e Makefile ] || make -s clean-cache YES=1 >/dev/null
}

setup() {
	lab_env
	[ -z "$suffix" ] || skip 'its caches have the names of anybody'"'"'s'
	cd "$BATS_FILE_TMPDIR/project" || return
	PATH=$BATS_FILE_TMPDIR/usr/bin:$PATH
}

# commands NUMBER: those of a chapter
commands() {
	awk -v chapter="## $1." '/^## / { here = index($0, chapter) == 1 }
		/^```$/ { block = 0 }
		here && block
		/^```sh$/ { block = 1 }' "$top/docs/tutorial.md"
}

chapter() {
	commands "$1" >typed
	[ -s typed ]
	run sh -ex typed </dev/null
	rm typed
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
}

@test "1. a list of targets" {
	chapter 1
	[ "$(count '^Wrote ')" -eq 2 ]
	[ "$(count '^linux-.* cargo-git-cache-')" -eq 4 ]
	# The lab's rust:latest has no apt to install a compiler with.
	sed -i 's|^cross .*|platform = linux/arm64|' targets.ini
}

@test "2. the first build, and the second" {
	chapter 2
	[ "$(count '^fail ')" -eq 0 ]
	[ "$(count 'Compiling hello')" -eq 1 ]
	[ "$(count '^Built target/x86_64-unknown-linux-gnu/release/hello$')" -eq 2 ]
}

@test "3. all four" {
	# The lab's rust:alpine is Debian, with glibc.
	chapter 3
	[ "$(count '^Built ')" -eq 4 ]
}

@test "4. one cache for all targets" {
	chapter 4
	[ "$(count '^cargo-cache-hello$')" -eq 1 ]
	[ "$(count '^cargo-.* (orphan)$')" -eq 8 ]
	[ "$(count '^Removed ')" -eq 10 ]
}

@test "6. CI" {
	chapter 6
	grep -q 'build-linux-musl-arm64' .github/workflows/build.yml .gitlab-ci.yml
}

@test "7. maintenance" {
	chapter 7
	gzip -t cache.tar.gz
}

@test "every chapter with commands has a test" {
	[ "$(grep -c '^```sh' "$top/docs/tutorial.md")" -eq 9 ]
	[ "$(for number in 1 2 3 4 6 7; do commands "$number"; done | wc -l)" -eq "$(awk '/^```$/ { b = 0 } b; /^```sh$/ { b = 1 }' "$top/docs/tutorial.md" | wc -l)" ]
}
