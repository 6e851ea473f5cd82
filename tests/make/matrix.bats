#!/usr/bin/env bats
# What people's machines differ in: their umask, locale, make's options, and Makefiles around the
# fragment.  Each sh has its turn in the other files.
# shellcheck disable=SC2016,SC2154 # make's code; helper.bash sets the rest

load helper

setup_file() { generate_fragment; }

setup() {
	start_in_a_project
	all_is_there linux-x64 x64
}

built() {
	succeeds
	says_nothing_wrong
	last_line_is "Built target/x86_64-unknown-linux-gnu/release/hello"
}

@test "umask 077, and 0" {
	local mask
	for mask in 077 0; do
		umask "$mask"
		run_make build-linux-x64
		built
		run_make build-linux-x64 CACHE_DIR="../caches$mask"
		built
		[ "$(stat -c %a "../caches$mask/x64/registry" "../caches$mask/x64/git")" = $'777\n777' ]
	done
}

@test "a locale in UTF-8, in another character set, and one that is not there" {
	local locale
	for locale in C.UTF-8 en_US.ISO-8859-1 no_WHERE; do
		LC_ALL=$locale run_make build-linux-x64
		built
		LC_ALL=$locale run_make list-cache
		prints 'Docker volume caches for Cargo builds:' cargo-cache-x64 cargo-git-cache-x64
	done
}

@test "a fragment in a directory that nobody may write to" {
	mkdir mk
	cp "$fragment" "${fragment%.mk}.sh" mk
	chmod 444 mk/cache.mk
	chmod 555 mk
	printf 'include mk/cache.mk\n' >Makefile
	run_make build-linux-x64
	chmod 755 mk
	built
	[ "$(ls mk)" = "$(printf '%s\n' cache.mk cache.sh)" ]
}

@test "make -j8 -O build-all: each target's lines stand together" {
	local line begun=
	run_make -j8 -O build-all
	succeeds
	[ "$(grep -c '^Built ' <<<"$output")" -eq 4 ]
	while IFS= read -r line; do
		case $line in
		Building*) [ -z "$begun" ]; begun=yes ;;
		Built*) [ -n "$begun" ]; begun= ;;
		esac
	done <<<"$output"
}

@test "make -C, from another directory" {
	cd /
	run --separate-stderr "$make" --no-print-directory -C "$OLDPWD" build-linux-x64 </dev/null
	built
}

@test "an includer with a DOCKER, a build-all and a default goal of its own" {
	printf '%s\n' 'CACHEMK_DOCKER = env A=b docker' 'DOCKER = none' 'mine:' '	@echo mine' \
		'build-all: mine cachemk-build-all' "include $fragment" >Makefile
	run_make
	prints mine
	run_make build-all
	succeeds
	has mine
	[ "$(grep -c '^Built ' <<<"$output")" -eq 4 ]
}

@test "an includer that exports everything, and one that has secondary expansion" {
	printf '%s\n' export .SECONDEXPANSION: "include $fragment" >Makefile
	run_make build-linux-x64
	built
}

@test "an includer whose own variables have names that the recipes use" {
	printf '%s\n' 'target = no' 'cache = no' 'user = no' 'set = no' 'found = no' 'kind = no' 'directories = no' \
		'export target cache user found kind directories' "include $fragment" >Makefile
	run_make build-linux-x64
	built
	run_make list-cache
	prints 'Docker volume caches for Cargo builds:' cargo-cache-x64 cargo-git-cache-x64
}
