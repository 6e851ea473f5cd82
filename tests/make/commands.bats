#!/usr/bin/env bats
# The commands beside build, for a target, an alias and all, word for word.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # code for sh in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

commands=(fetch build test check clippy run shell)

# doing COMMAND: how its first line begins
doing() {
	case $1 in
	fetch) echo Fetching ;;
	build) echo Building ;;
	test) echo Testing ;;
	check | clippy) echo Checking ;;
	run) echo Running ;;
	shell) echo 'Opening a shell' ;;
	esac
}

# announces COMMAND [DESCRIPTION]: in its first line; on standard error, with all else that is ours,
# if what runs may print something for a program
announces() {
	local line
	line="$(doing "$1") for ${2:-Linux x86-64 (glibc)} (using Docker)..."
	case $1 in
	run | shell) prints '' && [ "${stderr%%$'\n'*}" = "$line" ] ;;
	*) first_line_is "$line" ;;
	esac
}

# words_of COMMAND TRIPLE: sets $words to what `ran` expects behind CARGO_TARGET_DIR
words_of() {
	case $1 in
	fetch) words=(-- cargo fetch --target "$2") ;;
	build) words=(-- cargo build --release) ;;
	test) words=(-- cargo test --) ;;
	check) words=(-- cargo check) ;;
	clippy) words=(-- cargo clippy) ;;
	run) words=(-i -- cargo run --release --) ;;
	shell) words=(-i -- sh) ;;
	esac
}

# of_linux_x64 COMMAND [MAKE-WORD...]
of_linux_x64() {
	all_is_there linux-x64 x64
	run_make "$1-linux-x64" "${@:2}"
	succeeds
	announces "$1"
	words_of "$1" x86_64-unknown-linux-gnu
	ran_x64 "${words[@]}"
	calls_are inspect run
}

# of_alpine_arm64 COMMAND [MAKE-WORD...]: nothing is there at first
of_alpine_arm64() {
	run_make "$1-alpine-arm64" "${@:2}"
	succeeds
	announces "$1" 'Linux ARM64 musl (Alpine Linux compatible)'
	words_of "$1" aarch64-unknown-linux-musl
	ran_alpine "${words[@]}"
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
}

# ---- A target

@test "fetch-linux-x64" { of_linux_x64 fetch; }
@test "test-linux-x64" { of_linux_x64 test; }
@test "check-linux-x64" { of_linux_x64 check; }
@test "clippy-linux-x64" { of_linux_x64 clippy; }
@test "run-linux-x64" { of_linux_x64 run; }
@test "shell-linux-x64" { of_linux_x64 shell; }

@test "only build names binaries" {
	local command
	all_is_there linux-x64 x64
	run_make build-linux-x64
	for command in fetch test check clippy run shell; do
		run_make "$command-linux-x64"
		announces "$command"
		has_no Built
	done
}

@test "what runs ends with its own status, and make says it" {
	local command
	all_is_there linux-x64 x64
	when run 'exit 42'
	for command in "${commands[@]}"; do
		run_make "$command-linux-x64"
		fails
		[[ $stderr == *"$command-linux-x64] Error 42" ]]
		announces "$command"
	done
}

@test "no command runs without a Cargo.toml" {
	local command
	for command in "${commands[@]}"; do
		run_make "$command-linux-x64" WORKSPACE=nowhere
		fails
		complains "There is no Cargo.toml in 'nowhere': set WORKSPACE to a Cargo project's directory."
		prints ''
	done
	no_calls
}

@test "each command runs in WORKSPACE" {
	local command
	all_is_there linux-x64 x64
	new_project 'other directory'
	for command in "${commands[@]}"; do
		forget_calls
		run_make "$command-linux-x64" WORKSPACE='other directory'
		succeeds
		[ "$(mounted)" = "$PWD/other directory" ]
	done
}

@test "a program gets what make gets on its standard input" {
	all_is_there linux-x64 x64
	when run 'cat >"$call/stdin"'
	"$make" -s run-linux-x64 <<<'typed'
	[ "$(cat "$FAKE_ENGINE/calls/$(call_number run)/stdin")" = typed ]
}

@test "what a program prints is all that run- and shell- print on standard output, also at first" {
	when run "printf 'a program\n'"
	run_make run-linux-x64
	prints 'a program'
	run_make shell-alpine-arm64
	prints 'a program'
}

@test "standard input, output or error may be closed" {
	local rule
	all_is_there linux-x64 x64
	when run 'cat >"$call/stdin"; printf "x\n"'
	for rule in build-linux-x64 run-linux-x64 shell-linux-x64; do
		forget_calls
		"$make" "$rule" <&- >said 2>&1
		"$make" "$rule" </dev/null >&- 2>said
		calls_are inspect run inspect run
		[ "$(cat "$FAKE_ENGINE"/calls/*/stdin)" = '' ]
	done
	"$make" build-linux-x64 <&- >&- 2>&-
	"$make" list-cache <&- >said
	grep -qx cargo-cache-x64 said
}

@test "a signal for make removes the container, for each command" {
	local command
	all_is_there linux-x64 x64
	for command in fetch test check clippy run shell; do ends_by_signal "$command-linux-x64"; done
}

# ---- Any cargo command

@test "cargo-linux-x64 runs the words of CARGO as they are, and prints nothing beside them" {
	all_is_there linux-x64 x64
	when run "printf 'a page\n'"
	run_make cargo-linux-x64 CARGO="doc 'two words' --no-deps"
	succeeds
	prints 'a page'
	[ "${stderr%%$'\n'*}" = 'Running cargo for Linux x86-64 (glibc) (using Docker)...' ]
	ran_x64 -i -- cargo doc 'two words' --no-deps
	calls_are inspect run
	forget_calls
	CARGO=+nightly run_make cargo-linux-x64
	ran_x64 -i -- cargo +nightly
}

@test "cargo- with OFFLINE cuts the network, and with LOCKED it asks cargo first" {
	all_is_there linux-x64 x64
	network=(--network none)
	run_make cargo-linux-x64 CARGO='nextest run' OFFLINE=1
	ran linux-x64 x64 x86_64-unknown-linux-gnu linux/amd64 -i + -e CARGO_NET_OFFLINE=true -- cargo nextest run
	run_make cargo-linux-x64 CARGO='nextest run' LOCKED=1
	# shellcheck disable=SC2034 # for `ran`
	network=()
	ran_x64 -i -- sh -c SCRIPT '--target x86_64-unknown-linux-gnu' nextest run
}

@test "cargo- with a command that builds lists the binaries" {
	local words
	all_is_there linux-x64 x64
	for words in 'build --release' 'b --release' '+nightly build --release'; do
		run_make cargo-linux-x64 CARGO="$words"
		succeeds
		first_line_is 'Building for Linux x86-64 (glibc) (using Docker)...'
		last_line_is 'Built target/x86_64-unknown-linux-gnu/release/hello'
	done
	forget_calls
	run_make cargo-linux-x64 CARGO='+nightly build' LOCKED=1
	ran_x64 -- cargo +nightly build --message-format json-render-diagnostics --locked
	run_make cargo-linux-x64 CARGO='build --message-format json'
	fails
	complains 'CARGO cannot set --message-format for a build, which reads these messages itself: use it with check- or clippy-.'
}

@test "cargo- without a command, or with what is none, calls no engine" {
	run_make cargo-linux-x64
	fails
	complains "CARGO is not set: run, for example, make cargo-linux-x64 CARGO='doc --no-deps'."
	run_make cargo-linux-x64 CARGO='cargo doc'
	fails
	complains "CARGO is 'cargo doc': set it to what comes after the word cargo, as in make cargo-linux-x64 CARGO='doc --no-deps'."
	# What cargo sets in all that it runs
	CARGO=/usr/local/cargo/bin/cargo run_make cargo-linux-x64
	fails
	[[ $stderr == "CARGO is '/usr/local/cargo/bin/cargo': set it to"* ]]
	run_make cargo-linux-x64 CARGO='test --target-dir=here'
	fails
	[[ $stderr == 'CARGO cannot set --target-dir: each target has its own directory;'* ]]
	no_calls
}

@test "cargo- tells of settings on the command line that it does not know" {
	all_is_there linux-x64 x64
	run_make cargo-linux-x64 CARGO='run -- --target-dir' PROFILE=dist ARGS=x
	succeeds
	[ "$(grep -c '^warning: .* does not apply to cargo-linux-x64: put it into CARGO$' <<<"$stderr")" -eq 2 ]
	ran_x64 -i -- cargo run -- --target-dir
}

@test "cargo- for a target with cross = yes, hermetic = yes" {
	only_target mine 'description = D' 'cross = yes'
	all_is_there mine mine
	run_make cargo-mine CARGO=tree
	calls | grep -q -- ' -e CARGO_BUILD_TARGET=x86_64-unknown-linux-gnu cachemk:mine-[0-9a-f]* cargo tree $'
	only_target mine 'description = D' 'platform = linux/amd64' 'hermetic = yes'
	new_engine
	all_is_there mine mine
	run_make cargo-mine CARGO=tree LOCKED=1
	succeeds
	grep -q ' cargo fetch --locked ' <<<"$(calls)"
	[[ $(calls | tail -n 1) == *' --network none -e CARGO_NET_OFFLINE=true '*':/workspace:ro '*' cargo tree ' ]]
}

# ---- An alias

@test "fetch-alpine-arm64" { of_alpine_arm64 fetch; }
@test "test-alpine-arm64" { of_alpine_arm64 test; }
@test "check-alpine-arm64" { of_alpine_arm64 check; }
@test "clippy-alpine-arm64" { of_alpine_arm64 clippy; }
@test "run-alpine-arm64" { of_alpine_arm64 run; }
@test "shell-alpine-arm64" { of_alpine_arm64 shell; }

@test "a command for a target and its alias runs once" {
	local command
	all_is_there linux-musl-arm64 musl-arm64
	for command in "${commands[@]}"; do
		forget_calls
		run_make "$command-alpine-arm64" "$command-linux-musl-arm64"
		calls_are inspect run
	done
}

# A target's name may look like a command.
@test "targets and aliases that are named like commands get their own rules" {
	only_target build 'description = D' 'aliases = run test-run linux'
	all_is_there build build
	local rule
	for rule in build-build run-run test-test-run clippy-linux shell-build; do
		forget_calls
		run_make "$rule"
		succeeds
		calls_are inspect run
	done
	forget_calls
	run_make test-test-run
	grep -qe " $(prepared build) cargo test -- \$" <<<"$(calls)"
}

# ---- All targets

# all_of COMMAND
all_of() {
	run_make -j4 "$1-all"
	succeeds
	words_of "$1" x86_64-unknown-linux-gnu
	ran_x64 "${words[@]}"
	words_of "$1" aarch64-unknown-linux-gnu
	ran linux-arm64 arm64 aarch64-unknown-linux-gnu linux/arm64 "${words[@]}"
	words_of "$1" x86_64-unknown-linux-musl
	ran linux-musl-x64 musl-x64 x86_64-unknown-linux-musl linux/amd64 "${words[@]}"
	words_of "$1" aarch64-unknown-linux-musl
	ran_alpine "${words[@]}"
	[ "$(grep -c "^$(doing "$1") for " <<<"$output")" -eq 4 ]
	[ "$(grep -c '^run ' <<<"$(calls)")" -eq 4 ]
}

@test "fetch-all" { all_of fetch; }
@test "test-all" { all_of test; }
@test "check-all" { all_of check; }
@test "clippy-all" { all_of clippy; }

@test "cargo-all runs CARGO, and not what the makefile exports under this name" {
	printf 'CARGO = cargo\nexport CARGO\nCACHEMK_CARGO = tree\n' >>Makefile
	run_make cargo-all
	succeeds
	[ "$(grep -c ' cargo tree $' <<<"$(calls)")" -eq 4 ]
	run_make cargo-all CARGO=doc
	[ "$(grep -c ' cargo doc $' <<<"$(calls)")" -eq 4 ]
}

@test "a failed target stops no other of test-all -k, and make fails" {
	local target
	for target in linux-x64:x64 linux-arm64:arm64 linux-musl-x64:musl-x64 \
		linux-musl-arm64:musl-arm64; do
		all_is_there "${target%:*}" "${target#*:}"
	done
	when run 'case "$*" in *cargo-cache-arm64*) exit 101 ;; esac'
	run_make -k test-all
	fails
	[ "$(grep -c '^run ' <<<"$(calls)")" -eq 4 ]
	[[ $stderr == *'test-linux-arm64] Error 101'* ]]
}

@test "programs and shells are for one target at a time" {
	local rule
	for rule in run-all shell-all; do
		run_make "$rule"
		fails
		[[ $stderr == *"There is no target 'all': make help-cache lists them."* ]]
	done
	no_calls
}

# ---- Shells, and none

@test "every sh runs every command alike" {
	each_shell runs_every_command
}

runs_every_command() {
	local command
	for command in fetch test check clippy run shell; do
		rm -rf "${FAKE_ENGINE:?}"/{calls,volumes}/*
		: >"$FAKE_ENGINE/images"
		of_linux_x64 "$command" "$shell"
		forget_calls
		of_alpine_arm64 "$command" "$shell"
	done
}

# Of a first run, and of the next.
@test "make -n, into sh: each command is the same" {
	local command
	for command in "${commands[@]}" prepare; do
		printf '%s\n' "$command"
		new_engine
		run_make "$command-alpine-arm64"
		run_make "$command-alpine-arm64"
		named_calls >did
		new_engine
		"$make" -n "$command-alpine-arm64" </dev/null | sh
		"$make" -n "$command-alpine-arm64" >shown </dev/null
		sh shown </dev/null
		diff did <(named_calls)
	done
}

@test "V=1 shows each command" {
	local command
	all_is_there linux-x64 x64
	for command in "${commands[@]}"; do
		words_of "$command" x86_64-unknown-linux-gnu
		run_make "$command-linux-x64" V=1
		succeeds
		[[ $stderr = *'docker run --name cachemk-linux-x64-'*' --rm --init --platform linux/amd64 '* ]]
		[[ $stderr = *" -v $PWD:/workspace -v cargo-cache-x64:/usr/local/cargo/registry "* ]]
	done
}
