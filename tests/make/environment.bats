#!/usr/bin/env bats
# What a container gets from its caller: a terminal, proxies, a certificate, secrets, ssh's agent.
# shellcheck disable=SC2016,SC2154 # code for sh in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }

setup() {
	start_in_a_project
	all_is_there linux-x64 x64
}

teardown() {
	[ ! -e canary ] || { show 'something was executed' && return 1; }
}

colours=(-e CARGO_TERM_COLOR=always -e CARGO_TERM_PROGRESS_WHEN=always
	-e CARGO_TERM_PROGRESS_WIDTH=80)

# ---- A terminal

# on_terminals COMMAND [REDIRECTION [WORD...]]: make COMMAND-linux-x64 on a terminal but for these
on_terminals() {
	forget_calls
	run_on_a_terminal "$(printf '%q ' "$make" -s "$1-linux-x64" "${@:3}") ${2-}"
	succeeds
}

@test "run and shell have a terminal when both ends are one" {
	on_terminals run
	ran_x64 "${colours[@]}" -i -t -- cargo run --release --
	on_terminals shell
	ran_x64 "${colours[@]}" -i -t -- sh
}

@test "run and shell have none when one end is none, and read all the same" {
	on_terminals run '</dev/null'
	ran_x64 "${colours[@]}" -i -- cargo run --release --
	on_terminals run '>out'
	ran_x64 "${colours[@]}" -i -- cargo run --release --
	on_terminals shell '</dev/null >out 2>&1'
	ran_x64 -i -- sh
}

@test "run and shell have one without a terminal for what goes wrong" {
	on_terminals shell '2>err'
	ran_x64 -i -t -- sh
}

# With one a signal for make would not reach the container.
@test "the other commands never have a terminal" {
	local command
	for command in fetch build test check clippy; do
		on_terminals "$command"
		[ "$(grep -c '^run ' <<<"$(calls)")" -eq 1 ]
		no_call_is ' -i \| -t \| -it '
	done
}

@test "cargo draws its progress when what it says goes to a terminal, and only then" {
	on_terminals build
	ran_x64 "${colours[@]}" -- cargo build --release
	on_terminals build '</dev/null >out'
	ran_x64 "${colours[@]}" -- cargo build --release
	on_terminals build '2>err'
	ran_x64 -- cargo build --release
}

@test "terminals are told alike by every sh" {
	each_shell tells_terminals
}

tells_terminals() {
	all_is_there linux-x64 x64
	on_terminals run '' "$shell"
	ran_x64 "${colours[@]}" -i -t -- cargo run --release --
	on_terminals run '</dev/null 2>err' "$shell"
	ran_x64 -i -- cargo run --release --
	on_terminals test '' "$shell"
	ran_x64 "${colours[@]}" -- cargo test --
}

# drawn FLAG...: what a build on a terminal adds, with the variables that the test has set
drawn() {
	on_terminals build
	ran_x64 "$@" -- cargo build --release
}

@test "what the user has said of colours and progress wins" {
	local always=(-e CARGO_TERM_COLOR=always) progress=("${colours[@]:2}")
	NO_COLOR=1 drawn "${progress[@]}" -e NO_COLOR
	NO_COLOR='' drawn "${colours[@]}" -e NO_COLOR
	CLICOLOR=0 drawn "${progress[@]}" -e CLICOLOR
	CARGO_TERM_COLOR=never drawn -e CARGO_TERM_COLOR=never "${progress[@]}"
	CARGO_TERM_COLOR=auto drawn "${colours[@]}"
	CARGO_TERM_PROGRESS_WHEN=never drawn "${always[@]}" -e CARGO_TERM_PROGRESS_WHEN=never
	CI='' drawn "${always[@]}"
	TF_BUILD=True drawn "${always[@]}"
	TERM=dumb drawn
	CARGO_TERM_PROGRESS_WIDTH=44 COLUMNS=132 drawn "${colours[@]:0:5}" CARGO_TERM_PROGRESS_WIDTH=44
	COLUMNS=132 drawn "${colours[@]:0:5}" CARGO_TERM_PROGRESS_WIDTH=132
	COLUMNS='1 2' drawn "${colours[@]}"
	CARGO_TERM_QUIET=true CARGO_TERM_VERBOSE=false drawn "${colours[@]}" -e CARGO_TERM_QUIET -e CARGO_TERM_VERBOSE
}

@test "it counts without a terminal, too" {
	CARGO_TERM_COLOR=always CARGO_TERM_PROGRESS_WHEN=always run_make build-linux-x64
	ran_x64 "${colours[@]}" -- cargo build --release
	forget_calls
	CARGO_TERM_COLOR=auto CLICOLOR_FORCE=1 run_make build-linux-x64
	ran_x64 -e CLICOLOR_FORCE -- cargo build --release
}

@test "a shell on a dumb terminal is told that it is one" {
	TERM=dumb on_terminals shell
	ran_x64 -i -t -e TERM=dumb -- sh
}

# ---- What the user has set for docker, and for our utilities

@test "of docker's own settings, those that change a rule in silence do not reach it" {
	each_shell leaves_settings_out
}

leaves_settings_out() {
	local name said=DOCKER_CONTENT_TRUST,DOCKER_DEFAULT_PLATFORM,GREP_OPTIONS,TAR_OPTIONS
	for name in inspect version volume build run; do
		when "$name" 'printf "%s %s\n" "$1" "${DOCKER_CONTENT_TRUST-no},${DOCKER_DEFAULT_PLATFORM-no},${GREP_OPTIONS-no},${TAR_OPTIONS-no},${BUILDX_BUILDER-no}" >>"$FAKE_ENGINE/environment"'
	done
	DOCKER_CONTENT_TRUST=1 DOCKER_DEFAULT_PLATFORM=linux/arm64 GREP_OPTIONS=-v TAR_OPTIONS=-v \
		BUILDX_BUILDER=other run_make build-linux-x64 "$shell"
	succeeds
	[ "$(sort -u "$FAKE_ENGINE/environment")" = "build 1,no,no,no,default
inspect no,no,no,no,other
run no,no,no,no,other
version no,no,no,no,other
volume no,no,no,no,other" ] || { show "$said" "$(cat "$FAKE_ENGINE/environment")" && return 1; }
}

@test "a base image without a signature, with DOCKER_CONTENT_TRUST: a line says what to do" {
	: >"$FAKE_ENGINE/images"
	when build 'cat >/dev/null; fail "Error: remote trust data does not exist for docker.io/library/rust"'
	DOCKER_CONTENT_TRUST=1 run_make build-linux-x64
	fails
	[[ $stderr == *'The image for linux-x64 could not be prepared from rust:latest: DOCKER_CONTENT_TRUST is set, but docker finds no signature of it; unset this variable, or set image to a digest in targets.ini, such as rust@sha256:....'* ]]
}

@test "a docker that talks on standard error, as podman's does, changes nothing" {
	each_shell talks
}

talks() {
	local name said='Emulate Docker CLI using podman. Create /etc/containers/nodocker to quiet msg.'
	mkdir -p podman
	printf '#!/bin/sh\nprintf "%%s\\n" "%s" >&2\nexec "%s" "$@"\n' "$said" "$(command -v docker)" >podman/docker
	chmod +x podman/docker
	PATH=$PWD/podman:$PATH run_make build-linux-x64 "$shell"
	succeeds
	ran_x64 -- cargo build --release
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create volume-create inspect run
	touch "$FAKE_ENGINE/down"
	PATH=$PWD/podman:$PATH run_make build-linux-x64 "$shell"
	fails
	complains 'docker does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock).'
}

@test "an engine that does not answer: its address, and its reason in one line" {
	: >"$FAKE_ENGINE/images"
	when version 'fail "error during connect:
dial: no such host"'
	DOCKER_HOST=ssh://nowhere run_make build-linux-x64
	complains 'docker does not answer: start it, or check DOCKER_HOST and the docker context (ssh://nowhere: error during connect: dial: no such host).'
	when -H 'fail "error during connect: dial: no such host"'
	DOCKER_HOST=ssh://nowhere run_make list-cache DOCKER='docker -H tcp://there:1'
	complains 'docker -H tcp://there:1 does not answer: start it, or check DOCKER_HOST and the docker context (tcp://there:1: error during connect: dial: no such host).'
}

# a_wrapper NAME: a command that empties the environment, as sudo does
a_wrapper() {
	printf '#!/bin/sh\nexec env -i PATH="$PATH" FAKE_ENGINE="$FAKE_ENGINE" "$@"\n' >"$1"
	chmod +x "$1"
	PATH=$PWD:$PATH
}

@test "DOCKER='sudo docker': what it may not pass on is said in one line" {
	only_target nasty 'description = D' 'env = API_TOKEN UNSET A=b'
	all_is_there nasty nasty
	a_wrapper sudo
	API_TOKEN=x http_proxy=y run_make build-nasty DOCKER='sudo docker' DOCKER_RUN_FLAGS='-e HOME -e HOME=/'
	succeeds
	complains "warning: 'sudo docker' may not pass on http_proxy,API_TOKEN,HOME: set DOCKER to a command that does, such as 'sudo --preserve-env=http_proxy,API_TOKEN,HOME docker'"
	API_TOKEN=x run_make build-nasty DOCKER='sudo --preserve-env=API_TOKEN env docker'
	says_nothing_wrong
	run_make build-nasty DOCKER='sudo docker'
	says_nothing_wrong
	API_TOKEN=x run_make build-nasty
	says_nothing_wrong
}

@test "a TMPDIR that is not an absolute path is one of the project's directory" {
	only_target cross 'description = D' 'cross = yes' 'target_dir = volume'
	mkdir "my temp"
	TMPDIR='my temp' run_make build-cross
	[ "$(ls "my temp")" = '' ]
	no_call_has 'no such'
}

@test "a build leaves no file of its own behind, also where the user's cache directory cannot be written" {
	only_target plain 'description = D'
	mkdir tmp
	TMPDIR=$PWD/tmp run_make build-plain
	succeeds
	[ -z "$(find "$XDG_CACHE_HOME" -name '*built*')" ]
	: >file
	XDG_CACHE_HOME=$PWD/file TMPDIR=$PWD/tmp run_make build-plain
	succeeds
	[ "$(ls tmp)" = '' ]
	no_call_has 'no such'
}

# ---- Proxies

proxies=(http_proxy HTTP_PROXY https_proxy HTTPS_PROXY no_proxy NO_PROXY)

@test "proxy variables go by name to what runs and to what prepares" {
	each_shell hands_proxies_on
}

hands_proxies_on() {
	local name
	for name in "${proxies[@]}"; do export "$name=http://me:secret@proxy:3128"; done
	run_make build-linux-x64 "$shell"
	succeeds
	says_nothing_wrong
	ran_x64 -e http_proxy -e HTTP_PROXY -e https_proxy -e HTTPS_PROXY -e no_proxy -e NO_PROXY \
		-- cargo build --release
	called build --platform linux/amd64 --tag "$(prepared linux-x64)" \
		--label cachemk.target=linux-x64 --label cachemk.rootless=no --label cachemk.identity=c0ffee \
		--build-arg "user=$caller" --build-arg setup= --build-arg triple=x86_64-unknown-linux-gnu "${check[@]}" \
		--build-arg http_proxy --build-arg HTTP_PROXY --build-arg https_proxy \
		--build-arg HTTPS_PROXY --build-arg no_proxy --build-arg NO_PROXY -
	no_call_has secret
	unset "${proxies[@]}"
}

# Named though it is not set, it would hide the proxies in the engine's own configuration.
@test "a proxy variable that is not set is not named" {
	local name
	for name in "${proxies[@]}"; do
		printf '%s\n' "$name"
		new_engine
		export "$name=http://proxy:3128"
		run_make build-linux-x64
		unset "$name"
		ran_x64 -e "$name" -- cargo build --release
		[ "$(grep -oie '[a-z]*_proxy' <<<"$(calls)")" = "$name"$'\n'"$name" ]
	done
}

@test "a proxy variable that is empty stays empty in the container" {
	no_proxy='' run_make check-linux-x64
	ran_x64 -e no_proxy -- cargo check
}

@test "pull-images gets the proxies, too" {
	https_proxy=http://proxy:3128 run_make pull-images
	[ "$(grep -c '^build .* --build-arg https_proxy - $' <<<"$(calls)")" -eq 4 ]
}

# ---- A certificate

@test "CARGO_HTTP_CAINFO is mounted, whatever its path holds" {
	each_shell mounts_a_certificate
}

mounts_a_certificate() {
	local path
	all_is_there linux-x64 x64
	for path in ca.pem 'a  b/my ca.pem' 'a/*' 'a/$(touch canary)`touch canary`$HOME' "a'b\"c\\d;&|"; do
		path=$PWD/$path
		mkdir -p "${path%/*}"
		: >"$path"
		forget_calls
		CARGO_HTTP_CAINFO=$path run_make fetch-linux-x64 "$shell"
		succeeds
		says_nothing_wrong
		ran_x64 -v "$path:/tmp/ca.pem:ro" -e CARGO_HTTP_CAINFO=/tmp/ca.pem \
			-- cargo fetch --target x86_64-unknown-linux-gnu
	done
}

@test "a CARGO_HTTP_CAINFO that the engine cannot mount: a line says so, and nothing runs" {
	local path
	: >ca.pem
	for path in ca.pem ./ca.pem /nowhere/ca.pem / "$PWD" "$PWD/ca.pem:ro"; do
		CARGO_HTTP_CAINFO=$path run_make build-linux-x64
		fails
		complains "CARGO_HTTP_CAINFO is '$path': set it to the absolute path of a file, without a colon."
		no_calls
	done
}

@test "an empty CARGO_HTTP_CAINFO is none" {
	CARGO_HTTP_CAINFO='' run_make build-linux-x64
	ran_x64 -- cargo build --release
}

# ---- env

@test "a secret's value is in no command, and in nothing that make shows" {
	local rule
	only_target nasty 'description = D' 'env = API_TOKEN RUST_LOG=debug' 'setup = true'
	export API_TOKEN='s3cret $(touch canary) value'
	for rule in prepare fetch build test check clippy run shell; do
		new_engine
		run_make "$rule-nasty"
		succeeds
		no_call_has s3cret
		is_nowhere s3cret "$FAKE_ENGINE"
		run_make "$rule-nasty" V=1
		[[ $output$stderr != *s3cret* ]]
		run_make -n "$rule-nasty"
		[[ $output$stderr != *s3cret* ]]
	done
	run_make pull-images V=1
	no_call_has s3cret
	[[ $output$stderr != *s3cret* ]]
	is_nowhere s3cret cache.mk
}

@test "the engine's command finds a secret in its environment, and each command names it" {
	local command
	only_target nasty 'description = D' 'env = API_TOKEN'
	for command in fetch build test check clippy run shell; do
		new_engine
		all_is_there nasty nasty
		when run 'printf "%s\n" "$API_TOKEN" >got'
		API_TOKEN='a  b' run_make "$command-nasty"
		succeeds
		[ "$(cat got)" = 'a  b' ]
		grep -qe '^run .* -e API_TOKEN ' <<<"$(calls)"
	done
}

# ---- ssh = agent

# with_ssh: a target that has it, and a home without known_hosts
with_ssh() {
	only_target private 'description = D' 'ssh = agent' "$@"
	all_is_there private private
	mkdir home
	export HOME=$PWD/home SSH_AUTH_SOCK="$PWD/my agent"
}

# ran_private FLAG... [+ FLAG...] -- COMMAND...
ran_private() {
	ran private private x86_64-unknown-linux-gnu '' "$@"
}

@test "ssh = agent: the agent's socket, without known_hosts" {
	with_ssh
	run_make build-private
	succeeds
	says_nothing_wrong
	ran_private --mount "type=bind,source=$PWD/my agent,target=/tmp/ssh-agent" -e SSH_AUTH_SOCK=/tmp/ssh-agent \
		-- cargo build --release
}

@test "ssh = agent: the agent's socket and known_hosts, for every command and every sh" {
	with_ssh
	mkdir home/.ssh
	: >home/.ssh/known_hosts
	each_shell hands_the_agent_on
}

hands_the_agent_on() {
	local agent=(--mount "type=bind,source=$PWD/my agent,target=/tmp/ssh-agent" -e SSH_AUTH_SOCK=/tmp/ssh-agent
		-v "$PWD/home/.ssh/known_hosts:/tmp/.ssh/known_hosts:ro")
	all_is_there private private
	run_make fetch-private build-private test-private check-private clippy-private run-private \
		shell-private "$shell"
	succeeds
	says_nothing_wrong
	ran_private "${agent[@]}" -- cargo fetch --target x86_64-unknown-linux-gnu
	ran_private "${agent[@]}" -- cargo build --release
	ran_private "${agent[@]}" -- cargo test --
	ran_private "${agent[@]}" -- cargo check
	ran_private "${agent[@]}" -- cargo clippy
	ran_private "${agent[@]}" -i -- cargo run --release --
	ran_private "${agent[@]}" -i -- sh
}

@test "ssh = agent: without HOME there is no known_hosts" {
	with_ssh
	unset HOME
	run_make build-private
	succeeds
	says_nothing_wrong
	ran_private --mount "type=bind,source=$PWD/my agent,target=/tmp/ssh-agent" -e SSH_AUTH_SOCK=/tmp/ssh-agent \
		-- cargo build --release
}

@test "ssh = agent: without an agent, a line says so, and nothing runs" {
	with_ssh
	each_shell needs_an_agent
}

needs_an_agent() {
	all_is_there private private
	unset SSH_AUTH_SOCK
	run_make build-private "$shell"
	fails
	complains 'SSH_AUTH_SOCK is not set: start ssh-agent, because private has ssh = agent.'
	no_calls
	SSH_AUTH_SOCK='' run_make build-private "$shell"
	fails
	complains 'SSH_AUTH_SOCK is not set: start ssh-agent, because private has ssh = agent.'
	no_calls
}

@test "ssh = agent, with env: both" {
	with_ssh 'env = A=b'
	run_make build-private
	ran_private --mount "type=bind,source=$PWD/my agent,target=/tmp/ssh-agent" -e SSH_AUTH_SOCK=/tmp/ssh-agent + -e A=b \
		-- cargo build --release
}

@test "without ssh = agent the agent stays outside" {
	SSH_AUTH_SOCK=$PWD/agent run_make build-linux-x64
	ran_x64 -- cargo build --release
}

# ---- All at once

@test "what a caller gives stands in this order" {
	export no_proxy=internal CARGO_HTTP_CAINFO=$PWD/Cargo.toml
	with_ssh 'env = A=b TOKEN' 'cargo_args = --bins'
	run_make test-private DOCKER_RUN_FLAGS='-e A=c' CARGO_FLAGS=-q ARGS=--nocapture
	ran_private -e no_proxy -v "$PWD/Cargo.toml:/tmp/ca.pem:ro" -e CARGO_HTTP_CAINFO=/tmp/ca.pem \
		--mount "type=bind,source=$PWD/my agent,target=/tmp/ssh-agent" -e SSH_AUTH_SOCK=/tmp/ssh-agent + -e A=b -e TOKEN -e A=c \
		-- cargo test --bins -q -- --nocapture
}
