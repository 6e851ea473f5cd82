#!/usr/bin/env bats
# Text from targets.ini reaches the engine byte for byte, and none of it is ever executed.
# shellcheck disable=SC1003,SC2016,SC2034,SC2154 # what looks like sh is text here; helper.bash and bats set and use the rest

load helper

setup() { start_in_a_project; }

teardown() {
	[ ! -e canary ] || { show 'something was executed' && return 1; }
}

# Every character that make, sh, printf or awk has a use for.
nasty='a  "b" '\''c'\'' $d $$ $(touch canary) $(shell touch canary) ${e} `touch canary` \ \\ \n %s # | & ( ) { } [ * ? ! ~ < > = : , @'

# targets LINE...: one target, with these further lines
targets() {
	only_target nasty "$@"
}

@test "description: any character" {
	targets "description = $nasty"
	run_make build-nasty
	succeeds
	says_nothing_wrong
	first_line_is "Building for $nasty (using Docker)..."
	run_make help-cache
	succeeds
	has "$nasty"
}

@test "setup: any character, as one word of the build" {
	targets 'description = D' "setup = $nasty"
	run_make build-nasty
	succeeds
	says_nothing_wrong
	called build --tag "$(prepared nasty)" --label cachemk.target=nasty \
		--label cachemk.rootless=no --label cachemk.identity=c0ffee --build-arg "user=$caller" --build-arg "setup=$nasty" \
		--build-arg triple=x86_64-unknown-linux-gnu "${check[@]}" -
}

@test "setup: any character, when make shows its commands" {
	targets 'description = D' "setup = $nasty"
	run_make build-nasty V=1
	succeeds
	run_make -n build-nasty
	succeeds
}

@test "setup over several lines is one line" {
	targets 'description = D' 'setup = one &&' '  two "$HOME" &&' '  three'
	run_make build-nasty
	grep -Fqz 'setup=one && two "$HOME" && three' "$FAKE_ENGINE/calls/$(call_number build)/argv"
}

# ran_with WORD... -- WORD...: the run, with words of env and of cargo_args
ran_with() {
	local env=()
	while [ "$1" != -- ]; do env+=("$1") && shift; done
	ran nasty nasty x86_64-unknown-linux-gnu '' + "${env[@]}" -- cargo build --release "${@:2}"
}

@test "without platform, env and cargo_args there is no word of them" {
	targets 'description = D'
	run_make build-nasty
	ran_with --
}

@test "env: names, and names with values" {
	targets 'description = D' 'env = GITHUB_TOKEN RUST_LOG=debug EMPTY='
	run_make build-nasty
	ran_with -e GITHUB_TOKEN -e RUST_LOG=debug -e EMPTY= --
}

@test "env: any character but blanks" {
	targets 'description = D' \
		'env = A="b" C='\''d'\'' E=$HOME F=$$ G=`touch${IFS}canary` H=$(shell\ttouch) I=\ J=# K=& L=* M=a=b'
	run_make build-nasty
	succeeds
	says_nothing_wrong
	ran_with -e 'A="b"' -e "C='d'" -e 'E=$HOME' -e 'F=$$' -e 'G=`touch${IFS}canary`' \
		-e 'H=$(shell\ttouch)' -e 'I=\' -e 'J=#' -e 'K=&' -e 'L=*' -e M=a=b --
}

@test "cargo_args: words, whatever they hold, and CARGO_FLAGS behind them" {
	targets 'description = D' 'cargo_args = --features $(tls) --config a.b="c" `touch` \ # * ~'
	run_make build-nasty CARGO_FLAGS=--locked
	succeeds
	says_nothing_wrong
	ran_with -- --features '$(tls)' --config 'a.b="c"' '`touch`' '\' '#' '*' '~' --locked
}

@test "a value of x- is in no rule" {
	targets 'description = D' 'x-note = $(shell touch canary) `touch canary`'
	run_make build-nasty
	succeeds
	ran_with --
}

@test "values under every sh" {
	targets "description = $nasty" "setup = $nasty" 'env = A=$HOME"\' 'cargo_args = `x` \n'
	each_shell keeps_every_byte
}

keeps_every_byte() {
	run_make build-nasty "$shell"
	succeeds
	says_nothing_wrong
	first_line_is "Building for $nasty (using Docker)..."
	grep -Fqxz "setup=$nasty" "$FAKE_ENGINE/calls/$(call_number build)/argv"
	ran_with -e 'A=$HOME"\' -- '`x`' '\n'
}

@test "a value of 20000 bytes arrives whole" {
	local line more=() n
	line=$(printf '%0180d' 1)
	for n in {1..111}; do more+=("$line"); done
	targets 'description = D' 'setup = echo' "${more[@]/#/  }"
	run_make build-nasty
	succeeds
	grep -Fqxz "setup=echo ${more[*]}" "$FAKE_ENGINE/calls/$(call_number build)/argv"
}

@test "the stand-in records every byte" {
	printf '%s\0' run '' ' a  b ' $'new\nline\n' '\n%s' -n "$nasty" >expected
	xargs -0 docker <expected || :
	cmp expected "$FAKE_ENGINE/calls/1/argv"
}
