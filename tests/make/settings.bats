#!/usr/bin/env bats
# The settings but WORKSPACE: from the command line, the environment and the includer.
# shellcheck disable=SC2016,SC2034,SC2154 # makefiles in single quotes; helper.bash and bats set and use the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# run_ends WORD...: the run's last words
run_ends() {
	local words expected
	with_messages "$@"
	expected=("${words[@]}")
	mapfile -d '' -t words <"$FAKE_ENGINE/calls/$(call_number run)/argv"
	[ "$(printf '<%s>' "${words[@]: -${#expected[@]}}")" = "$(printf '<%s>' "${expected[@]}")" ] || {
		show expected "${expected[@]}" && show run "${words[@]}"
		return 1
	}
}

@test "CARGO_FLAGS are cargo's last words" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 CARGO_FLAGS="--features 'a b' -q"
	run_ends "$(prepared linux-x64)" cargo build --release --features 'a b' -q
}

# cargo_gets COMMAND FLAGS WORD...: what is left of CARGO_FLAGS behind the command
cargo_gets() {
	forget_calls
	run_make "$1-linux-x64" CARGO_FLAGS="$2" ARGS=--lib
	succeeds
	run_ends "$(prepared linux-x64)" cargo "$1" "${@:3}"
}

@test "each command of cargo gets those of CARGO_FLAGS that it knows" {
	local fetch=(--target x86_64-unknown-linux-gnu)
	all_is_there linux-x64 x64
	cargo_gets fetch '--features "a b" -F x --all-features -pa -p a -j 2 --jobs=2 --bin b -r' "${fetch[@]}"
	cargo_gets fetch '--config net.retry=3 -v --features=x -q --color never --workspace -Z sparse' \
		"${fetch[@]}" --config net.retry=3 -v -q --color never -Z sparse
	cargo_gets fetch '--no-such-flag x' "${fetch[@]}" --no-such-flag x
	cargo_gets run '--workspace --exclude b --bin a --tests --features f' --release --bin a --features f -- --lib
	cargo_gets test '--keep-going --no-fail-fast --lib' --no-fail-fast --lib -- --lib
	cargo_gets check '--no-fail-fast --keep-going --lib --tests' --keep-going --lib --tests
}

@test "what cargo refuses to take twice is passed on once" {
	all_is_there linux-x64 x64
	cargo_gets build '--release --locked --locked -q' --release --locked -q
	cargo_gets build '--profile dist' --profile dist
	last_line_is 'Built target/x86_64-unknown-linux-gnu/dist/hello'
	cargo_gets run '--profile=dist' --profile=dist -- --lib
	forget_calls
	run_make run-linux-x64 LOCKED=1 OFFLINE=1 CARGO_FLAGS='--offline --locked' ARGS='--profile --offline'
	run_ends cargo run --locked --offline --release -- --profile --offline
}

@test "CARGO_FLAGS=--target-dir is refused" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 CARGO_FLAGS='--target-dir=/x'
	fails
	[[ $stderr = 'CARGO_FLAGS and cargo_args cannot set --target-dir: each target has its own directory; to compile outside the project, set target_dir = volume in targets.ini.'* ]]
	no_call_is '^run '
}

@test "cargo_args fit each command, too, and so do fetches of hermetic targets" {
	only_target plain 'description = D' 'cargo_args = --workspace --features a --no-fail-fast --locked'
	all_is_there plain plain
	run_make build-plain LOCKED=1
	run_ends "$(prepared plain)" cargo build --locked --release --workspace --features a
	forget_calls
	run_make run-plain CARGO_FLAGS='--workspace -p b'
	run_ends "$(prepared plain)" cargo run --release --features a --locked -p b --
}

@test "DOCKER_RUN_FLAGS stand before the run's image" {
	all_is_there linux-x64 x64
	run_make build-linux-x64 DOCKER_RUN_FLAGS='-e "A=b  c" --network=host'
	run_ends -e 'A=b  c' --network=host "$(prepared linux-x64)" cargo build --release
}

@test "DOCKER_BUILD_FLAGS are the build's last words before its context" {
	run_make build-linux-x64 DOCKER_BUILD_FLAGS='--network=host --label "x=y z"'
	called build --platform linux/amd64 --tag "$(prepared linux-x64)" \
		--label cachemk.target=linux-x64 --label cachemk.rootless=no --label cachemk.identity=c0ffee \
		--build-arg "user=$caller" --build-arg setup= --build-arg triple=x86_64-unknown-linux-gnu "${check[@]}" \
		--network=host --label 'x=y z' -
	run_ends -e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu \
		"$(prepared linux-x64)" cargo build --release
}

@test "settings come from the environment, too" {
	export CARGO_FLAGS=--locked DOCKER_RUN_FLAGS=--network=host DOCKER_BUILD_FLAGS=--no-cache
	run_make build-linux-x64
	run_ends --network=host "$(prepared linux-x64)" cargo build --release --locked
	grep -qe '^build .* --no-cache - $' <<<"$(calls)"
}

@test "settings come from the includer, too" {
	all_is_there linux-x64 x64
	printf '%s\n' 'CACHEMK_CARGO_FLAGS = --locked' 'CACHEMK_DOCKER_RUN_FLAGS := --network=host' "include $fragment" \
		>Makefile
	run_make build-linux-x64
	run_ends --network=host "$(prepared linux-x64)" cargo build --release --locked
}

@test "what the includer adds after the include counts" {
	all_is_there linux-x64 x64
	printf '%s\n' "include $fragment" 'CACHEMK_CARGO_FLAGS += --locked' >Makefile
	run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --release --locked
}

@test "a setting may be set for one target alone" {
	all_is_there linux-x64 x64
	printf '%s\n' "include $fragment" 'build-linux-x64: CACHEMK_CARGO_FLAGS = --locked' >Makefile
	run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --release --locked
}

# ---- ARGS

@test "ARGS are the program's and the tests' arguments, as sh reads them" {
	all_is_there linux-x64 x64
	run_make run-linux-x64 ARGS="--name 'a  b' \"it's\" -- *.none"
	run_ends "$(prepared linux-x64)" cargo run --release -- --name 'a  b' "it's" -- '*.none'
	forget_calls
	run_make test-linux-x64 ARGS='--nocapture some_test' CARGO_FLAGS='--lib -q'
	run_ends "$(prepared linux-x64)" cargo test --lib -q -- --nocapture some_test
}

@test "ARGS are nothing to the other commands" {
	local command
	all_is_there linux-x64 x64
	for command in fetch build check clippy shell; do
		forget_calls
		run_make "$command-linux-x64" ARGS=unwanted
		succeeds
		no_call_has unwanted
	done
}

@test "ARGS for test-all are each target's" {
	run_make test-all ARGS=--nocapture
	succeeds
	[ "$(grep -ce ' cargo test -- --nocapture $' <<<"$(calls)")" -eq 4 ]
}

@test "ARGS come from the environment and the includer, too" {
	all_is_there linux-x64 x64
	ARGS='x y' run_make run-linux-x64
	run_ends cargo run --release -- x y
	forget_calls
	printf '%s\n' "include $fragment" 'test-linux-x64: CACHEMK_ARGS = --nocapture' >Makefile
	run_make test-linux-x64
	run_ends cargo test -- --nocapture
}

# ---- PROFILE

@test "PROFILE is cargo's, for each command that compiles" {
	local command
	all_is_there linux-x64 x64
	for command in build test check clippy run; do
		forget_calls
		run_make "$command-linux-x64" PROFILE=dev CARGO_FLAGS=-q ARGS=a
		succeeds
		case $command in
		test | run) run_ends "$(prepared linux-x64)" cargo "$command" --profile dev -q -- a ;;
		*) run_ends "$(prepared linux-x64)" cargo "$command" --profile dev -q ;;
		esac
	done
}

@test "PROFILE is nothing to fetch, shell and prepare" {
	local command
	all_is_there linux-x64 x64
	for command in fetch shell prepare; do
		forget_calls
		run_make "$command-linux-x64" PROFILE=unwanted
		succeeds
		no_call_has unwanted
	done
}

# builds_in DIRECTORY PROFILE: the last line names the binary there
builds_in() {
	forget_calls
	rm -rf target
	run_make build-linux-x64 PROFILE="$2"
	succeeds
	says_nothing_wrong
	run_ends "$(prepared linux-x64)" cargo build --profile "$2"
	last_line_is "Built target/x86_64-unknown-linux-gnu/$1/hello"
}

@test "the last line names the binary of the PROFILE" {
	all_is_there linux-x64 x64
	builds_in debug dev
	builds_in release release
	builds_in small small
}

@test "PROFILE may hold any character, and executes nothing" {
	local profile
	all_is_there linux-x64 x64
	for profile in "a  b" "it's" 'a"b' 'a;touch canary' '`touch canary`' '*' '?' 'a&b|c' 'a\b' \
		'(a)' '{a,b}' '~' '#a' '%s' '!x' '<x>' '-x' 'a,b)'; do
		printf '%s\n' "PROFILE=$profile"
		builds_in "$profile" "$profile"
		[ ! -e canary ]
	done
	forget_calls
	run_make build-linux-x64 PROFILE='a$b$(shell touch canary)'
	run_ends cargo build --profile 'a$b$(shell touch canary)'
	[ ! -e canary ]
}

@test "PROFILE may hold any character under every sh" {
	each_shell builds_a_nasty_profile
}

builds_a_nasty_profile() {
	all_is_there linux-x64 x64
	run_make build-linux-x64 PROFILE="a  'b' \"c\" \\ * \`touch canary\`" "$shell"
	succeeds
	run_ends "$(prepared linux-x64)" cargo build --profile "a  'b' \"c\" \\ * \`touch canary\`"
	last_line_is "Built target/x86_64-unknown-linux-gnu/a  'b' \"c\" \\ * \`touch canary\`/hello"
	[ ! -e canary ]
}

@test "PROFILE comes from the environment and the includer, too" {
	all_is_there linux-x64 x64
	PROFILE=dev run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --profile dev
	last_line_is 'Built target/x86_64-unknown-linux-gnu/debug/hello'
	forget_calls
	printf '%s\n' 'CACHEMK_PROFILE = small' "include $fragment" >Makefile
	run_make build-linux-x64
	run_ends "$(prepared linux-x64)" cargo build --profile small
	last_line_is 'Built target/x86_64-unknown-linux-gnu/small/hello'
}

# ---- LOCKED and OFFLINE

# cargo_words COMMAND SWITCH...: what runs for linux-x64 with these
cargo_words() {
	case $1 in
	fetch) words=(cargo fetch "${@:2}" --target x86_64-unknown-linux-gnu) ;;
	build) words=(cargo build "${@:2}" --release) ;;
	test) words=(cargo test "${@:2}" --) ;;
	check | clippy) words=(cargo "$1" "${@:2}") ;;
	run) words=(cargo run "${@:2}" --release --) ;;
	shell) words=(sh) ;;
	esac
	case $1 in
	run | shell) words=(-i -- "${words[@]}") ;;
	*) words=(-- "${words[@]}") ;;
	esac
}

@test "LOCKED=1 is cargo's --locked, for every command" {
	local command
	all_is_there linux-x64 x64
	for command in fetch build test check clippy run shell; do
		forget_calls
		run_make "$command-linux-x64" LOCKED=1
		succeeds
		cargo_words "$command" --locked
		ran_x64 "${words[@]}"
	done
}

@test "OFFLINE=1 cuts the container's network, and tells cargo, for every command" {
	local command
	all_is_there linux-x64 x64
	network=(--network none)
	for command in fetch build test check clippy run shell; do
		forget_calls
		run_make "$command-linux-x64" OFFLINE=1
		succeeds
		says_nothing_wrong
		cargo_words "$command" --offline
		ran_x64 "${words[@]}"
	done
}

@test "LOCKED=1 and OFFLINE=1 stand before all other arguments of cargo, under every sh" {
	only_target plain 'description = D' 'cargo_args = --bins'
	each_shell is_locked_and_offline
}

is_locked_and_offline() {
	all_is_there plain plain
	run_make test-plain LOCKED=1 OFFLINE=1 PROFILE=dev CARGO_FLAGS=-q ARGS=x "$shell"
	succeeds
	run_ends "$(prepared plain)" cargo test --locked --offline --profile dev --bins -q -- x
	forget_calls
	run_make fetch-plain LOCKED=1 OFFLINE=1 CARGO_FLAGS=-q "$shell"
	run_ends "$(prepared plain)" cargo fetch --locked --offline --target x86_64-unknown-linux-gnu -q
}

@test "a setting that is on or off may be a word, in any case, with whitespace around it" {
	local value
	all_is_there linux-x64 x64
	for value in 0 '' no NO false Off ' 0 '; do
		forget_calls
		run_make build-linux-x64 OFFLINE="$value" LOCKED="$value"
		ran_x64 -- cargo build --release
	done
	network=(--network none)
	for value in 1 yes YES True on $'1\t'; do
		forget_calls
		run_make build-linux-x64 OFFLINE="$value" LOCKED="$value"
		ran_x64 -- cargo build --locked --offline --release
	done
}

@test "any other value of such a setting is refused before anything happens" {
	local name
	all_is_there linux-x64 x64
	for name in OFFLINE LOCKED V DRY_RUN YES; do
		run_make clean-cache "$name=maybe"
		fails
		complains "$name is 'maybe': set it to 1 or yes, or to 0 or no."
		run_make build-linux-x64 "$name=1 1"
		fails
		complains "$name is '1 1': set it to 1 or yes, or to 0 or no."
	done
	run_make verify-cache REPAIR=y
	complains "REPAIR is 'y': set it to 1 or yes, or to 0 or no."
	[ -z "$(calls)" ]
}

@test "DRY_RUN=yes counts as DRY_RUN=1 does, in every rule that changes something" {
	has_volume cargo-cache-x64
	run_make clean-cache DRY_RUN=yes YES=1
	succeeds
	last_line_is 'Nothing was removed (DRY_RUN=1).'
	run_make pull-images DRY_RUN=yes
	succeeds
	last_line_is 'Nothing was changed (DRY_RUN=1).'
	[ -e "$FAKE_ENGINE/volumes/cargo-cache-x64" ]
	[ "$(calls | grep -Ec '^(build|volume rm|image rm|run) ')" -eq 0 ]
}

@test "a limit that would not keep a rule from removing more is refused, wherever it was set" {
	local wrong='AGE and SIZE do not apply to clean-cache, which removes whole caches: run make prune-cache, or leave them out.'
	has_volume cargo-cache-x64
	run_make clean-cache AGE=30d YES=1
	fails
	complains "$wrong"
	SIZE=2G run_make clean-cache YES=1
	fails
	complains "$wrong"
	run_make prune-cache-linux-x64 KIND=git
	fails
	complains 'KIND does not apply to prune-cache-linux-x64, which is for all kinds together: leave it out.'
	no_calls
	# A default in the makefile is for the rule that knows it.
	printf '%s\n' 'CACHEMK_AGE = 30d' 'CACHEMK_KIND = git' "include $fragment" >Makefile
	run_make clean-cache DRY_RUN=1
	succeeds
	says_nothing_wrong
	[ -e "$FAKE_ENGINE/volumes/cargo-cache-x64" ]
}

@test "what is typed for a rule that does not know it is told" {
	run_make list-cache FORMAT=json ALL=1
	succeeds
	complains $'warning: FORMAT does not apply to list-cache\nwarning: ALL does not apply to list-cache'
	all_is_there linux-x64 x64
	run_make build-linux-x64 DRY_RUN=1
	succeeds
	complains 'warning: DRY_RUN does not apply to build-linux-x64: make -n build-linux-x64 prints its command'
	# A build is among other goals, and of the environment.
	run_make build-linux-x64 DRY_RUN=0 AGE=30d FILE=x FORMAT=json
	says_nothing_wrong
	DRY_RUN=1 FORMAT=json run_make list-cache build-linux-x64
	succeeds
	says_nothing_wrong
}

@test "a makefile's own variable with a setting's name is told where it would matter, and in doctor" {
	all_is_there linux-x64 x64
	printf '%s\n' 'AGE = 30d' 'override DRY_RUN = 1' 'PROFILE = x' "include $fragment" 'V = 1' >Makefile
	run_make clean-cache-linux-x64 YES=0
	fails
	[[ $stderr = "warning: the makefile's own DRY_RUN has no effect on clean-cache-linux-x64: set CACHEMK_DRY_RUN in it, or DRY_RUN on the command line"* ]]
	run_make prune-cache DRY_RUN=1
	[ "$(grep -c "the makefile's own AGE has no effect on prune-cache: " <<<"$stderr")" -eq 1 ]
	run_make doctor
	has_line "ok    the makefile's own PROFILE DRY_RUN V AGE: no settings here; those are CACHEMK_AGE and the like"
	run_make build-linux-x64
	succeeds
	says_nothing_wrong
	run_make list-cache KIND=git
	says_nothing_wrong
}

@test "every sh tells what has no effect alike" {
	each_shell tells_what_has_no_effect
}

tells_what_has_no_effect() {
	run_make list-cache FORMAT=json "$shell"
	complains 'warning: FORMAT does not apply to list-cache'
	run_make clean-cache SIZE=1G "$shell"
	fails
}

@test "LOCKED and OFFLINE come from the environment and the includer, too" {
	all_is_there linux-x64 x64
	network=(--network none)
	OFFLINE=1 LOCKED=1 run_make build-linux-x64
	ran_x64 -- cargo build --locked --offline --release
	forget_calls
	printf '%s\n' 'CACHEMK_OFFLINE = 1' 'CACHEMK_LOCKED = 1' "include $fragment" >Makefile
	run_make build-linux-x64
	ran_x64 -- cargo build --locked --offline --release
}

@test "OFFLINE=1 drops the network of DOCKER_RUN_FLAGS, and no other flag" {
	all_is_there linux-x64 x64
	network=(--network none)
	run_make build-linux-x64 OFFLINE=1 DOCKER_RUN_FLAGS='-e A=b --network=host --net=my-net -v /c:/c'
	succeeds
	ran_x64 + -e A=b -v /c:/c -- cargo build --offline --release
	forget_calls
	run_make build-linux-x64 OFFLINE=1 DOCKER_RUN_FLAGS='-e A=b --network host --net my-net -v /c:/c'
	ran_x64 + -e A=b -v /c:/c -- cargo build --offline --release
	run_make build-linux-x64 OFFLINE=1 DOCKER_RUN_FLAGS='-e "A=b  c"'
	ran_x64 + -e 'A=b  c' -- cargo build --offline --release
}

@test "OFFLINE=1 does not keep an image from being prepared" {
	run_make build-linux-x64 OFFLINE=1
	succeeds
	[[ $(calls) != *'build '*--network*' run '* ]]
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
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
	[[ $stderr == *'docker run --name cachemk-'*' cargo build --message-format json-render-diagnostics --release'* ]]
	has_line 'Building for Linux x86-64 (glibc) (using Docker)...'
	run_make clean-cache V=1
	[[ $stderr == *'docker volume ls --quiet'* ]]
}

@test "V=0 does not" {
	run_make clean-cache V=0
	has_no 'docker volume ls'
}

# ---- DOCKER

# an_engine_named NAME: the stand-in under another name, in the project's directory
an_engine_named() {
	ln -s "$BATS_TEST_DIRNAME/bin/docker" "$1"
}

# podman_make WORD...: where podman is the only engine
podman_make() {
	[ -e podman ] || an_engine_named podman
	PATH=$PWD:${PATH#*:} run_make "$@"
}

@test "DOCKER names another engine" {
	has_volume cargo-cache-x64
	podman_make list-cache DOCKER=podman
	prints 'Podman volume caches for Cargo builds:' cargo-cache-x64
	all_is_there linux-x64 x64
	DOCKER=podman podman_make build-linux-x64
	succeeds
	first_line_is 'Building for Linux x86-64 (glibc) (using Podman)...'
}

@test "DOCKER=podman: no message names Docker" {
	has_volume cargo-cache-x64
	printf '#!/bin/sh\nexec "$@"\n' >sudo
	chmod +x sudo
	for engine in podman "$PWD/podman" 'sudo podman'; do
		for rule in list-cache cache-stats inspect-cache 'clean-cache DRY_RUN=1' build-linux-x64; do
			printf '%s: %s\n' "$engine" "$rule"
			# shellcheck disable=SC2086 # words
			podman_make $rule DOCKER="$engine"
			succeeds
			has_no ocker
			[[ $stderr != *ocker* ]]
		done
	done
	podman_make clean-cache DRY_RUN=1 DOCKER=podman
	first_line_is 'This removes these Podman volumes:'
	touch "$FAKE_ENGINE/down"
	podman_make list-cache DOCKER=podman
	complains 'podman does not answer: run podman info to see why, or check CONTAINER_HOST (Cannot connect to the Docker daemon at unix:///var/run/docker.sock).'
}

@test "an option that says podman does not make the engine podman" {
	touch "$FAKE_ENGINE/down"
	run_make list-cache DOCKER='docker --context podman'
	complains "docker --context podman does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
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
	complains "docker --context my engine does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
}

@test "DOCKER may be a path" {
	an_engine_named my-engine
	run_make list-cache DOCKER=./my-engine
	succeeds
}

@test "an includer names another engine by CACHEMK_DOCKER" {
	an_engine_named podman
	printf 'CACHEMK_DOCKER := %s/podman\ninclude %s\n' "$PWD" "$fragment" >Makefile
	PATH=${PATH#*:} run_make list-cache
	succeeds
	calls_are version volume-ls volume-ls
}

# each_other_rule CHECK: calls it after each of the rules for caches and images
each_other_rule() {
	local rule
	for rule in list-cache cache-stats clean-cache pull-images clean-images; do
		printf '%s\n' "$rule"
		run_make "$rule" YES=1 "${@:2}"
		"$1"
	done
}

@test "without the engine's command, a rule for caches or images is one line" {
	each_other_rule says_not_installed DOCKER=no-such-engine
	no_calls
}

says_not_installed() {
	fails
	prints ''
	complains 'no-such-engine is not installed: install it, or set DOCKER to the command of another engine.'
}

@test "without an answer from the engine, a rule for caches or images is one line" {
	touch "$FAKE_ENGINE/down"
	each_other_rule says_no_answer
	calls_are version version version version version
}

says_no_answer() {
	fails
	prints ''
	complains "docker does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
}
