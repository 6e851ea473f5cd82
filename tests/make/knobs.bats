#!/usr/bin/env bats
# The knobs but WORKSPACE: from the command line, the environment and the includer.
# shellcheck disable=SC2016,SC2154 # makefiles in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# run_ends WORD...: the run's last words
run_ends() {
	local words
	mapfile -d '' -t words <"$FAKE_ENGINE/calls/$(call_number run)/argv"
	[ "$(printf '<%s>' "${words[@]: -$#}")" = "$(printf '<%s>' "$@")" ] || {
		show expected "$@" && show run "${words[@]}"
		return 1
	}
}

@test "CARGO_FLAGS are cargo's last words" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 CARGO_FLAGS="--features 'a b' -q"
	run_ends "$(prepared linux-x64)" cargo build --release --features 'a b' -q
}

@test "DOCKER_RUN_FLAGS stand before the run's image" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 DOCKER_RUN_FLAGS='-e "A=b  c" --network=host'
	run_ends -e 'A=b  c' --network=host "$(prepared linux-x64)" cargo build --release
}

@test "DOCKER_BUILD_FLAGS are the build's last words before its context" {
	run_make build-linux-x64 DOCKER_BUILD_FLAGS='--network=host --label "x=y z"'
	called build --platform linux/amd64 --tag "$(prepared linux-x64)" \
		--label cachemk.target=linux-x64 --label cachemk.rootless=no --build-arg base=rust:latest \
		--build-arg setup= --build-arg triple=x86_64-unknown-linux-gnu \
		--network=host --label 'x=y z' -
	run_ends -e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu \
		"$(prepared linux-x64)" cargo build --release
}

@test "knobs come from the environment, too" {
	export CARGO_FLAGS=--locked DOCKER_RUN_FLAGS=--network=host DOCKER_BUILD_FLAGS=--no-cache
	run_make build-linux-x64
	run_ends --network=host "$(prepared linux-x64)" cargo build --release --locked
	grep -qe '^build .* --no-cache - $' <<<"$(calls)"
}

@test "knobs come from the includer, too" {
	all_is_there linux-x64 x64
	printf '%s\n' 'CARGO_FLAGS = --locked' 'DOCKER_RUN_FLAGS := --network=host' "include $fragment" \
		>Makefile
	run_make build-linux-x64
	run_ends --network=host "$(prepared linux-x64)" cargo build --release --locked
}

@test "what the includer adds after the include counts" {
	all_is_there linux-x64 x64
	printf '%s\n' "include $fragment" 'CARGO_FLAGS += --locked' >Makefile
	run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --release --locked
}

@test "a knob may be set for one target alone" {
	all_is_there linux-x64 x64
	printf '%s\n' "include $fragment" 'build-linux-x64: CARGO_FLAGS = --locked' >Makefile
	run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --release --locked
}

# ---- V

@test "commands are not shown" {
	all_is_there linux-x64 x64
	run_make build-linux-x64
	prints 'Building for Linux x86-64 (glibc) (using Docker)...' \
		'Built target/x86_64-unknown-linux-gnu/release/hello'
}

@test "V=1 shows them" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 V=1
	[[ $output == *'exec docker run --rm --init '*' cargo build --release'* ]]
	has_line 'Building for Linux x86-64 (glibc) (using Docker)...'
	run_make list-cache V=1
	[[ $output == *'docker volume ls --quiet'* ]]
}

@test "V=0 does not" {
	run_make list-cache V=0
	has_no 'docker volume ls'
}

# ---- DOCKER

# an_engine_named NAME: the stand-in under another name, in the project's folder
an_engine_named() {
	ln -s "$BATS_TEST_DIRNAME/bin/docker" "$1"
}

@test "DOCKER names another engine" {
	an_engine_named podman
	has_volume cargo-cache-x64
	PATH=$PWD:${PATH#*:} run_make list-cache DOCKER=podman
	has_line cargo-cache-x64
	all_is_there linux-x64 x64
	PATH=$PWD:${PATH#*:} DOCKER=podman run_make build-linux-x64
	succeeds
}

@test "DOCKER may be two words and more" {
	all_is_there linux-x64 x64
	printf '#!/bin/sh\necho "sudo $1" >>used\nshift\nexec docker "$@"\n' >sudo
	chmod +x sudo
	PATH=$PWD:$PATH run_make build-linux-x64 DOCKER='sudo docker'
	succeeds
	calls_are inspect run
	prints 'Building for Linux x86-64 (glibc) (using Docker)...' \
		'Built target/x86_64-unknown-linux-gnu/release/hello'
	[ "$(cat used)" = $'sudo docker\nsudo docker' ]
}

@test "DOCKER with words in quotes is named as it was typed" {
	touch "$FAKE_ENGINE/down"
	run_make list-cache DOCKER='docker --context "my engine"'
	fails
	complains "docker does not answer: start it, and see with 'docker --context \"my engine\" version' that you may use it."
}

@test "DOCKER may be a path" {
	an_engine_named my-engine
	run_make list-cache DOCKER=./my-engine
	succeeds
}

@test "DOCKER set by the includer stays" {
	an_engine_named podman
	printf 'DOCKER := %s/podman\ninclude %s\n' "$PWD" "$fragment" >Makefile
	PATH=${PATH#*:} run_make list-cache
	succeeds
	calls_are version volume-ls
}

# each_cache_rule CHECK: calls it after each of the rules for caches
each_cache_rule() {
	local rule
	for rule in list-cache cache-stats clean-cache; do
		printf '%s\n' "$rule"
		run_make "$rule" YES=1 "${@:2}"
		"$1"
	done
}

@test "without the engine's command, a cache rule is one line" {
	each_cache_rule says_not_installed DOCKER=no-such-engine
	no_calls
}

says_not_installed() {
	fails
	prints ''
	complains 'no-such-engine is not installed: install Docker, or name another engine with DOCKER=...'
}

@test "without an answer from the engine, a cache rule is one line" {
	touch "$FAKE_ENGINE/down"
	each_cache_rule says_no_answer
	calls_are version version version
}

says_no_answer() {
	fails
	prints ''
	complains "docker does not answer: start it, and see with 'docker version' that you may use it."
}
