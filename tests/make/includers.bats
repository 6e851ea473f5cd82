#!/usr/bin/env bats
# Makefiles in the style of real projects, in includers/, each with our line at its top, where it has
# `#include`, and at its end.  Nothing of theirs changes, and nothing of theirs gets to our rules.
# shellcheck disable=SC2016,SC2154 # makefiles in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() {
	start_in_a_project
	includers=$BATS_TEST_DIRNAME/includers
}

# with_line NAME PLACE: Makefile is this one, with our line there; line numbers stay what they are
with_line() {
	case $2 in
	nowhere) cat "$includers/$1.mk" ;;
	top) sed "1s|.*|include $fragment|" "$includers/$1.mk" ;;
	middle) sed "s|^#include|include $fragment|" "$includers/$1.mk" ;;
	end) cat "$includers/$1.mk" && printf 'include %s\n' "$fragment" ;;
	esac >Makefile
}

# said WORD...: what make says and returns
said() {
	local status=0
	"$make" "$@" </dev/null 2>&1 || status=$?
	printf 'status %s\n' "$status"
}

# changes_nothing NAME MAKE_FLAG...: of what each of its goals does
changes_nothing() {
	local name=$1 goal place
	shift
	for goal in '' $(sed -n '1s/^# Goals: //p' "$includers/$name.mk"); do
		with_line "$name" nowhere
		said "$@" ${goal:+"$goal"} >before
		for place in top middle end; do
			with_line "$name" "$place"
			said "$@" ${goal:+"$goal"} >after
			diff before after >difference || {
				printf '%s, goal %s, our line at its %s:\n' "$name" "$goal" "$place"
				cat difference
				return 1
			}
		done
	done
}

# gets_nothing NAME: our rules run what they run in a makefile that has nothing else
gets_nothing() {
	local place rule rules='build-linux-x64 run-alpine-arm64 list-cache cachemk-test-all'
	# Of two pattern rules that match, make takes the one that it has read first.
	[ "$1" != patterns ] || rules='list-cache clippy-linux-x64 fetch-alpine-arm64'
	for rule in $rules; do
		printf 'include %s\n' "$fragment" >Makefile
		said -n "$rule" | tr -s " " >before
		for place in top middle end; do
			with_line "$1" "$place"
			# Of settings, only the names are told: see doctor.
			said -n "$rule" | sed 's/ OWN=[A-Z_]*//g' | tr -s " " >after
			diff before after >difference || {
				printf '%s, our rule %s, our line at its %s:\n' "$1" "$rule" "$place"
				cat difference
				return 1
			}
		done
	done
}

@test "no goal of an includer does anything else than before" {
	local file
	for file in "$includers"/*.mk; do changes_nothing "$(basename "$file" .mk)" -n; done
}

@test "what recipes get from make stays" {
	changes_nothing everything
	changes_nothing exports
	changes_nothing bash
	changes_nothing help
}

@test "our rules run the same in every includer" {
	local file
	for file in "$includers"/*.mk; do gets_nothing "$(basename "$file" .mk)"; done
}

@test "an includer called GNUmakefile, too" {
	with_line settings middle
	mv Makefile GNUmakefile
	printf 'show: ; echo wrong\n' >Makefile
	said -n build-all >after
	grep -q ' build-linux-x64 ' after
	[ "$(grep -c wrong after)" -eq 0 ]
}

@test "for all targets, what an includer exports is not taken for what the user has set" {
	all_is_there linux-x64 x64
	printf 'export PROFILE = dist\nexport ARGS = -l\nexport LOCKED = 1\ninclude %s\n' "$fragment" >Makefile
	run_make -n build-all
	succeeds
	has 'cargo build --release'
	has_no dist
	has_no --locked
	run_make -n build-all PROFILE=dev
	has "cargo build --profile 'dev'"
}

@test "make -e: the environment is the user's, also for all targets" {
	printf 'export PROFILE = dist\nARGS = -l\ninclude %s\n' "$fragment" >Makefile
	run_make -e -n build-all
	succeeds
	has 'cargo build --release'
	has_no --profile
	export PROFILE=dev
	run_make -e -n build-all
	succeeds
	has "cargo build --profile 'dev'"
	has_no 'unset PROFILE'
	run_make -e -n doctor
	has 'OWN=ARGS '
	has_no OWN=PROFILE
}

@test "a DOCKER that runs something is no engine, and it is said where it was set" {
	DOCKER='docker run --rm rust:1' run_make list-cache
	fails
	complains "DOCKER is 'docker run --rm rust:1' (environment): set it to an engine's command alone, such as docker or podman."
	run_make build-linux-x64 DOCKER='docker run --rm rust:1'
	fails
	complains "DOCKER is 'docker run --rm rust:1' (command line): set it to an engine's command alone, such as docker or podman."
	printf 'CACHEMK_DOCKER = docker exec builder\ninclude %s\n' "$fragment" >Makefile
	run_make list-cache
	fails
	complains "DOCKER is 'docker exec builder' (CACHEMK_DOCKER): set it to an engine's command alone, such as docker or podman."
	no_calls
}
