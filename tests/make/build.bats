#!/usr/bin/env bats
# What `make build-…` asks of the engine, word for word, and what it says.
# shellcheck disable=SC2016,SC2154 # `when` takes code for sh; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# builds RULE TARGET CACHE TRIPLE PLATFORM
builds() {
	all_is_there "$2" "$3"
	run_make "$1"
	succeeds
	says_nothing_wrong
	ran "$2" "$3" "$4" "$5" -- cargo build --release
	calls_are inspect run
}

# built TARGET BASE PLATFORM SETUP TRIPLE [FLAG...]: the build of its prepared image
built() {
	called build "${@:6}" --platform "$3" --tag "$(prepared "$1")" --label "cachemk.target=$1" \
		--label cachemk.rootless=no --label cachemk.identity=c0ffee --build-arg "user=$caller" --build-arg "setup=$4" \
		--build-arg "triple=$5" "${check[@]}" -
}

# join_lines: as make joins lines that end in a backslash
join_lines() {
	sed -e ':again' -e '/\\$/{N' -e 's/[[:blank:]]*\\\n[[:blank:]]*/ /' -e 'b again' -e '}'
}

# ---- Nothing is missing

@test "build-linux-x64 runs cargo" {
	builds build-linux-x64 linux-x64 x64 x86_64-unknown-linux-gnu linux/amd64
}

@test "build-linux-arm64 runs cargo" {
	builds build-linux-arm64 linux-arm64 arm64 aarch64-unknown-linux-gnu linux/arm64
}

@test "build-linux-musl-x64 and build-alpine-x64 run cargo" {
	builds build-linux-musl-x64 linux-musl-x64 musl-x64 x86_64-unknown-linux-musl linux/amd64
	new_engine
	builds build-alpine-x64 linux-musl-x64 musl-x64 x86_64-unknown-linux-musl linux/amd64
}

@test "build-linux-musl-arm64 and build-alpine-arm64 run cargo" {
	builds build-linux-musl-arm64 linux-musl-arm64 musl-arm64 aarch64-unknown-linux-musl linux/arm64
	new_engine
	builds build-alpine-arm64 linux-musl-arm64 musl-arm64 aarch64-unknown-linux-musl linux/arm64
}

@test "a prepared image's tag is the target and a hash" {
	[[ $(prepared linux-musl-arm64) =~ ^cachemk:linux-musl-arm64-[0-9a-f]{16}$ ]]
}

@test "one inspect asks for the image and both volumes" {
	all_is_there linux-x64 x64
	run_make build-linux-x64
	called inspect --format '{{- json .}}' "$(prepared linux-x64)" cargo-cache-x64 cargo-git-cache-x64
}

@test "a rule and its alias together build once" {
	all_is_there linux-musl-arm64 musl-arm64
	run_make build-alpine-arm64 build-linux-musl-arm64
	calls_are inspect run
}

@test "build-all -j builds every target once" {
	run_make -j4 build-all
	succeeds
	ran linux-x64 x64 x86_64-unknown-linux-gnu linux/amd64 -- cargo build --release
	ran linux-arm64 arm64 aarch64-unknown-linux-gnu linux/arm64 -- cargo build --release
	ran linux-musl-x64 musl-x64 x86_64-unknown-linux-musl linux/amd64 -- cargo build --release
	ran linux-musl-arm64 musl-arm64 aarch64-unknown-linux-musl linux/arm64 -- cargo build --release
}

@test "root in a rootless engine's container is the caller" {
	all_is_there linux-x64 x64 yes
	run_make build-linux-x64
	grep -qe '--user 0:0 ' <<<"$(calls)"
}

# ---- Something is missing

@test "the first build prepares, and only the first" {
	run_make build-alpine-arm64
	succeeds
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
	built linux-musl-arm64 rust:alpine linux/arm64 'apk add --no-cache musl-dev' \
		aarch64-unknown-linux-musl
	made_volume cargo-cache-musl-arm64 musl-arm64 "$caller"
	made_volume cargo-git-cache-musl-arm64 musl-arm64 "$caller"
	ran linux-musl-arm64 musl-arm64 aarch64-unknown-linux-musl linux/arm64 -- cargo build --release

	forget_calls
	run_make build-alpine-arm64
	calls_are inspect run
}

@test "a target without setup is prepared, too" {
	run_make build-linux-x64
	built linux-x64 rust:latest linux/amd64 '' x86_64-unknown-linux-gnu
}

@test "build's stdin is the Dockerfile" {
	run_make build-linux-x64
	sh -c '. "$1"; base=rust:latest packages="" target_packages="" compiler="" cross="" glibc=""
		print_dockerfile' sh "$repo/templates/sh/dockerfile.sh" >expected
	[ "$(sed -n '1p;$p' expected | paste -s -d ,)" = 'FROM rust:latest,USER root' ]
	diff expected "$FAKE_ENGINE/calls/$(call_number build)/stdin"
}

@test "a missing volume is created, and the image that is there not built" {
	has_image "$(prepared linux-x64)" linux/amd64 no
	has_volume cargo-git-cache-x64 "$caller"
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect volume-create volume-create inspect run
}

@test "on a rootless engine the image says so, and the run heeds it" {
	touch "$FAKE_ENGINE/rootless"
	run_make build-linux-x64
	grep -qe '--label cachemk.rootless=yes ' <<<"$(calls)"
	grep -qe '--user 0:0 ' <<<"$(calls)"
}

@test "a rootless engine that says much is recognized under pipefail, too" {
	touch "$FAKE_ENGINE/rootless"
	when info 'answer_info; i=0; while [ $i -lt 20000 ]; do echo "more $i"; i=$((i + 1)); done; exit'
	run_make build-linux-x64 SHELL="$(command -v bash)" '.SHELLFLAGS=-euo pipefail -c'
	succeeds
	grep -qe '--user 0:0 ' <<<"$(calls)"
}

@test "a base image for the target's platform is used as it is" {
	has_image rust:alpine linux/arm64
	run_make build-alpine-arm64
	built linux-musl-arm64 rust:alpine linux/arm64 'apk add --no-cache musl-dev' \
		aarch64-unknown-linux-musl
}

@test "a base image for another platform is pulled anew" {
	has_image rust:alpine linux/amd64
	run_make build-alpine-arm64
	built linux-musl-arm64 rust:alpine linux/arm64 'apk add --no-cache musl-dev' \
		aarch64-unknown-linux-musl --pull
}

# The first try fails, since the tag names another platform by then.
@test "a base image pulled from under a build is pulled anew, once" {
	has_image rust:alpine linux/arm64
	when build 'cat >/dev/null; printf "rust:alpine linux/amd64 no\n" >"$FAKE_ENGINE/images"
		rm "$FAKE_ENGINE/on-build"; exit 1'
	run_make build-alpine-arm64
	succeeds
	[ "$(grep -c '^build ' <<<"$(calls)")" -eq 2 ]
	built linux-musl-arm64 rust:alpine linux/arm64 'apk add --no-cache musl-dev' \
		aarch64-unknown-linux-musl --pull
}

@test "a build that fails though the platform is right is not tried again" {
	has_image rust:alpine linux/arm64
	when build 'cat >/dev/null; exit 1'
	run_make build-alpine-arm64
	fails
	[ "$(grep -c '^build .* --tag ' <<<"$(calls)")" -eq 1 ]
}

# ---- What it says

@test "the first line names the target, the last the binary" {
	all_is_there linux-musl-arm64 musl-arm64
	run_make build-alpine-arm64
	prints 'Building for Linux ARM64 musl (Alpine Linux compatible) (using Docker)...' \
		'Built target/aarch64-unknown-linux-musl/release/hello'
}

@test "while it prepares, it says that, too" {
	run_make build-alpine-arm64
	prints 'Building for Linux ARM64 musl (Alpine Linux compatible) (using Docker)...' \
		"Preparing the image $(prepared linux-musl-arm64) from rust:alpine, once..." \
		'Built target/aarch64-unknown-linux-musl/release/hello'
}

@test "every binary is named, and nothing else that lies there" {
	all_is_there linux-x64 x64
	printf '%s\n' 'hello' 'with blank' >"$FAKE_ENGINE/binaries"
	run_make build-linux-x64
	prints 'Building for Linux x86-64 (glibc) (using Docker)...' \
		'Built target/x86_64-unknown-linux-gnu/release/hello' \
		'Built target/x86_64-unknown-linux-gnu/release/with blank'
}

@test "a project without a binary is built all the same" {
	all_is_there linux-x64 x64
	: >"$FAKE_ENGINE/binaries"
	run_make build-linux-x64
	succeeds
	last_line_is 'Built target/x86_64-unknown-linux-gnu, without a binary'
}

@test "where the directory was reached through a symbolic link, the binary's path is short, too" {
	all_is_there linux-x64 x64
	ln -s "$PWD" ../link
	cd ../link
	run_make build-linux-x64
	last_line_is 'Built target/x86_64-unknown-linux-gnu/release/hello'
}

@test "a run's failure is make's, with its status, and nothing is named" {
	all_is_there linux-x64 x64
	when run 'exit 101'
	run_make build-linux-x64
	fails
	[[ $stderr == *"[$fragment:"*"build-linux-x64] Error 101" ]]
	prints 'Building for Linux x86-64 (glibc) (using Docker)...'
}

# As CI runners end a job: the signal goes to make alone, which passes it on to sh.
@test "a signal for make removes the container" {
	each_shell removes_it
}

removes_it() {
	all_is_there linux-x64 x64
	ends_by_signal build-linux-x64 "$shell"
}

# The image's build has no name to remove it by: the engine ends it with its command.
@test "a signal for make ends the preparing" {
	each_shell ends_preparing
}

ends_preparing() {
	rm -f running got-it
	when build 'trap "touch got-it; exit 143" TERM; : >running; n=0
		while [ $n -lt 200 ]; do sleep 0.05; n=$((n + 1)); done'
	"$make" build-linux-x64 "$shell" </dev/null >/dev/null 2>&1 3>&- &
	wait_for running
	kill -TERM $!
	! wait $!
	[ -e got-it ] || wait_for got-it
	no_call_is '^run '
}

@test "an image that cannot be prepared: one line, and no build runs" {
	when build 'cat >/dev/null; exit 1'
	run_make build-linux-x64
	fails
	complains 'The image for linux-x64 could not be prepared from rust:latest: see the lines above, and check image and setup of [linux-x64] in targets.ini.'
	calls_are inspect version image-inspect info image-inspect build image-inspect build
	called build --platform linux/amd64 -
}

@test "a volume that cannot be created: the engine's line, and no run" {
	has_image "$(prepared linux-x64)" linux/amd64 no
	when volume 'fail "Error response from daemon: no space left on device"'
	run_make build-linux-x64
	fails
	complains 'Error response from daemon: no space left on device'
	calls_are inspect version image-inspect volume-create volume-inspect
}

@test "something that goes missing meanwhile: a line says so" {
	when inspect 'fail "Error: No such object"'
	run_make build-linux-x64
	fails
	complains 'The image or a cache of linux-x64 was removed by another process: try again.'
}

# ---- No engine

@test "without the engine's command: one line, and nothing else is run" {
	run_make build-linux-x64 DOCKER=no-such-engine
	fails
	complains 'no-such-engine is not installed: install it, or set DOCKER to the command of another engine.'
	prints ''
}

@test "without an answer from the engine: one line, before the banner" {
	touch "$FAKE_ENGINE/down"
	run_make build-linux-x64
	fails
	complains "docker does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
	prints ''
	calls_are inspect version
}
