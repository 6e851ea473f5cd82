#!/usr/bin/env bats
# The fragment in other people's makefiles, shells and paths.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # makefiles in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

names=(linux-x64 linux-arm64 linux-musl-x64 linux-musl-arm64 alpine-x64 alpine-arm64)
cache_rules=(list-cache cache-stats clean-cache prune-cache inspect-cache verify-cache clean-images doctor)
rules=(pull-images push-images help-cache help-cache-all "${cache_rules[@]}"
	{list-cache,cache-stats,clean-cache,prune-cache,inspect-cache,verify-cache,clean-images,doctor,pull-images,push-images,backup-cache,restore-cache,push-cache,pull-cache}-{linux-x64,linux-arm64,linux-musl-x64,linux-musl-arm64,alpine-x64,alpine-arm64}
	{,cachemk-}{prepare,fetch,build,test,check,clippy,cargo,dist}-all
	{prepare,fetch,build,test,check,clippy,cargo,dist,run,shell}-{linux-x64,linux-arm64,linux-musl-x64,linux-musl-arm64,alpine-x64,alpine-arm64})

# makefile LINE...
makefile() {
	printf '%s\n' "$@" >Makefile
}

# ---- The default goal

@test "the includer's default goal stays: include first" {
	makefile "include $fragment" 'mine: ; @echo mine' 'other: ; @echo other'
	run_make
	prints mine
}

@test "the includer's default goal stays: include in the middle" {
	makefile 'mine: ; @echo mine' "include $fragment" 'other: ; @echo other'
	run_make
	prints mine
}

@test "the includer's default goal stays: include last" {
	makefile 'mine: ; @echo mine' 'other: ; @echo other' "include $fragment"
	run_make
	prints mine
}

@test "the includer's default goal stays: .DEFAULT_GOAL" {
	makefile '.DEFAULT_GOAL := other' "include $fragment" 'mine: ; @echo mine' 'other: ; @echo other'
	run_make
	prints other
}

@test "nothing is built by a bare make of an includer without a rule" {
	run_make
	fails
	no_calls
}

# ---- Names

@test "the fragment alone is a makefile" {
	all_is_there linux-musl-arm64 musl-arm64
	rm Makefile
	run_make -f "$fragment" build-alpine-arm64
	succeeds
	last_line_is 'Built target/aarch64-unknown-linux-musl/release/hello'
}

# What make itself says it has from the fragment
make_database() {
	"$make" -pnrR -f "$fragment" help-cache
}

@test "the makefile of the four documented targets has at most 200 lines, of 100 columns, and no shell code" {
	[ "$(wc -l <"$fragment")" -le 200 ]
	[ -z "$(awk 'length > 100' "$fragment")" ]
	# One looks for a dollar sign in what was typed, and one keeps a reference for later.
	[ "$(grep -c '\$\$' "$fragment")" -le 2 ]
	[ "$("$make" -n build-alpine-arm64 | wc -c)" -le 1500 ]
}

@test "all its names begin with cachemk_" {
	make_database |
		awk -v from="# makefile (from '$fragment'" \
			'here { sub(/^define /, ""); print $1 } { here = index($0, from) == 1 }' |
		grep -v -e '^cachemk_' -e '^[.]' -e '^MAKEFILE_LIST$' | sort >names
	[ ! -s names ]
}

@test "these are all the rules" {
	make_database | sed -n 's/^\([a-z][a-z0-9-]*\):.*/\1/p' | sort -u >found
	diff <(printf '%s\n' "${rules[@]}" | sort) found
}

@test "make warns of an includer's rule with a name of the fragment's" {
	makefile "include $fragment" 'list-cache: ; @echo mine'
	run_make list-cache
	prints mine
	[[ $stderr == *"overriding recipe for target 'list-cache'"* ]]
}

@test "an includer's build-all is its own, unless it asks for ours" {
	makefile 'build-all: docs' 'docs: ; @echo docs' 'check-all: ; @echo mine' "include $fragment"
	run_make build-all
	prints docs
	run_make check-all
	prints mine
	run_make -n cachemk-build-all
	says_nothing_wrong
	has build-linux-musl-arm64
	run_make -n test-all
	has test-linux-musl-arm64
	makefile 'build-all: docs cachemk-build-all' 'docs: ; @echo docs' "include $fragment"
	run_make -n build-all
	succeeds
	says_nothing_wrong
	has 'echo docs'
	has build-linux-x64
	no_calls
}

@test "a file with a rule's name does not stop the rule" {
	local rule
	for rule in "${rules[@]}"; do : >"$rule"; done
	run_make list-cache
	prints 'Docker volume caches for Cargo builds:' 'No caches found'
	for rule in "${rules[@]}"; do
		run_make -n "$rule"
		has cache.sh
	done
}

@test "help-cache fits one screen, 80 columns by 24 lines, and names each target with its aliases" {
	run_make help-cache
	succeeds
	says_nothing_wrong
	no_calls
	[ "$(awk 'length > 80' <<<"$output")" = '' ]
	[ "$(wc -l <<<"$output")" -le 24 ]
	has_line '  linux-x64                       Linux x86-64 (glibc)'
	has_line '  linux-musl-arm64, alpine-arm64  Linux ARM64 musl (Alpine Linux compatible)'
	has 'make build-TARGET '
	has 'make help-cache-all'
	has 'man cachemk-rules'
	[ "$(sed -n 2p <<<"$output" | cut -c 1-20)" = '  make build-TARGET ' ]
}

# many_targets NUMBER [LINE]: a generated makefile for so many targets
many_targets() {
	local n
	for ((n = 1; n <= $1; n++)); do
		printf '%s\n' "[t$n]" "description = number $n" 'triple = x86_64-unknown-linux-gnu' \
			'image = rust:latest' "${@:2}"
	done >targets.ini
	generate "$PWD/many.mk" "$PWD/targets.ini"
}

@test "help-cache fits one screen with any number of targets, and says how many it leaves out" {
	many_targets 7
	run_make -f many.mk help-cache
	has_line '  t7                              number 7'
	has_no more:
	[ "$(wc -l <<<"$output")" -le 24 ]
	many_targets 30
	run_make -f many.mk help-cache
	has_line '  t6                              number 6'
	has_no '  t7 '
	has_line '  ... and 24 more: make help-cache-all'
	[ "$(wc -l <<<"$output")" -le 24 ]
	run_make -f many.mk help-cache-all
	has_line '  t30                             number 30'
	[ "$(grep -c '^  t[0-9]* ' <<<"$output")" -eq 30 ]
}

@test "help-cache has names that are too long for their column in a line of their own" {
	only_target a-name-of-over-thirty-characters-x 'description = D'
	run_make help-cache
	has_line '  a-name-of-over-thirty-characters-x'
	has_line '                                  D'
}

# What else it must have, tests/docs/rules.bats compares with the manual.
@test "help-cache-all fits 80 columns, and names each target, rule and setting" {
	local name settings
	run_make help-cache-all
	succeeds
	says_nothing_wrong
	no_calls
	[ "$(awk 'length > 80' <<<"$output")" = '' ]
	for name in "${names[@]}" "${cache_rules[@]}" "${rules[@]:0:4}" \
		{build,test,check,clippy,cargo,dist,fetch,prepare}-all \
		{build,test,check,clippy,cargo,dist,run,fetch,shell,prepare,backup-cache,restore-cache,push-cache,pull-cache}-TARGET; do
		grep -qwe "$name" <<<"$output"
	done
	settings=$(sed -n '/^cachemk_settings := /{N;s/.*:= //;s/[\\\n]//g;p;}' "$fragment")
	[ "$(wc -w <<<"$settings")" -eq 13 ]
	for name in $settings PROFILE ARGS CARGO_FLAGS DOCKER DOCKER_RUN_FLAGS DOCKER_BUILD_FLAGS YES ALL; do
		has "$name="
	done
}

@test "help-cache is the same under every sh" {
	run_make help-cache
	printf '%s\n' "$output" >expected
	run_make help-cache-all
	printf '%s\n' "$output" >expected-all
	each_shell helps_alike
}

helps_alike() {
	run_make help-cache "$shell"
	succeeds
	says_nothing_wrong
	[ "$output" = "$(cat expected)" ]
	run_make help-cache-all "$shell"
	succeeds
	[ "$output" = "$(cat expected-all)" ]
}

# ---- Settings of make and sh

@test "no rule uses an undefined variable" {
	local rule
	# With every key, too.
	printf '%s\n' '[full]' 'description = D' 'triple = x86_64-unknown-linux-gnu' \
		'image = rust:latest' 'platform = linux/amd64' 'cache = c' 'aliases = also' 'setup = true' \
		'env = A B=c' 'cargo_args = --bins' 'user = root' 'ssh = agent' >targets.ini
	generate "$PWD/full.mk" "$PWD/targets.ini"
	for rule in {prepare,fetch,build,test,check,clippy,cargo,dist,run,shell,backup-cache,restore-cache,push-cache,pull-cache}-{full,also} \
		pull-images "${cache_rules[@]}" "${cache_rules[@]/%/-full}" "${cache_rules[@]/%/-also}"; do
		printf '%s\n' "$rule"
		run_make --warn-undefined-variables -n -f full.mk "$rule"
		succeeds
		says_nothing_wrong
	done
	makefile "include $fragment"
	for rule in "${rules[@]}"; do
		printf '%s\n' "$rule"
		run_make --warn-undefined-variables -n "$rule"
		succeeds
		says_nothing_wrong
		run_make --warn-undefined-variables -n "$rule" WORKSPACE=. YES=1 V=1 OFFLINE=1 LOCKED=1 \
			PROFILE=dev ARGS=a CARGO_FLAGS=-q DOCKER_RUN_FLAGS=--network=host DRY_RUN=1 KIND=git \
			FORMAT=json AGE=1d SIZE=1G FILE=f REPAIR=1
		says_nothing_wrong
	done
}

@test "make -R -r and .SUFFIXES change nothing" {
	all_is_there linux-x64 x64
	run_make -rR build-linux-x64
	succeeds
	calls_are inspect run
}

@test "make -C builds the project there" {
	all_is_there linux-x64 x64
	cd /
	run_make -C "$BATS_TEST_TMPDIR/project" build-linux-x64
	succeeds
	[ "$(mounted)" = "$BATS_TEST_TMPDIR/project" ]
	last_line_is 'Built target/x86_64-unknown-linux-gnu/release/hello'
}

# under_bash_options RULE: with the settings that careful makefiles begin with
under_bash_options() {
	makefile "SHELL := $(command -v bash)" '.SHELLFLAGS := -euo pipefail -c' "include $fragment"
	run_make "$1"
}

@test "bash -euo pipefail: build" {
	under_bash_options build-alpine-arm64
	succeeds
	says_nothing_wrong
	last_line_is 'Built target/aarch64-unknown-linux-musl/release/hello'
}

@test "bash -euo pipefail: the caches" {
	under_bash_options list-cache
	prints 'Docker volume caches for Cargo builds:' 'No caches found'
	under_bash_options clean-cache
	prints 'No caches found'
	under_bash_options cache-stats
	last_line_is 'Total: 0B'
}

@test "bash -euo pipefail: the images and the other commands" {
	local command
	under_bash_options clean-images
	prints 'No prepared images found'
	under_bash_options pull-images
	succeeds
	says_nothing_wrong
	under_bash_options pull-images
	last_line_is "$(prepared linux-musl-arm64) is up to date"
	for command in prepare fetch test check clippy run shell; do
		under_bash_options "$command-alpine-arm64"
		succeeds
		says_nothing_wrong
	done
}

@test "pipefail without bash: each rule says so, and where to set it" {
	local rule
	printf '#!/bin/sh\ncase $* in *pipefail*) echo "Illegal option -o pipefail" >&2; exit 2 ;; esac\nexec sh "$@"\n' >plain-sh
	chmod +x plain-sh
	makefile "SHELL := $PWD/plain-sh" '.SHELLFLAGS := -eu -o pipefail -c' "include $fragment"
	for rule in build-linux-x64 doctor list-cache help-cache build-all; do
		run_make "$rule"
		fails
		[[ $stderr = *" $PWD/plain-sh does not know the .SHELLFLAGS '-eu -o pipefail -c': set SHELL := bash in the makefile.  Stop." ]]
	done
	no_calls
	makefile '.SHELLFLAGS := -eu -o pipefail -c' "include $fragment" "SHELL := $(command -v bash)"
	run_make list-cache
	succeeds
	says_nothing_wrong
}

# Old volumes, whose opening ends in a call that is not the last.
@test "bash -euo pipefail: old volumes" {
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	under_bash_options build-linux-x64
	succeeds
	says_nothing_wrong
	[ "$(grep -c '^run ' <<<"$(calls)")" -eq 2 ]
}

# The exec leaves no shell to name the binary.
@test ".ONESHELL: a build is run" {
	all_is_there linux-x64 x64
	makefile .ONESHELL: "include $fragment"
	run_make build-linux-x64
	succeeds
	first_line_is 'Building for Linux x86-64 (glibc) (using Docker)...'
	calls_are inspect run
}

@test ".POSIX: changes nothing" {
	makefile .POSIX: "include $fragment"
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
	last_line_is 'Built target/x86_64-unknown-linux-gnu/release/hello'
}

@test "every sh builds alike" {
	each_shell prepares_and_runs
}

prepares_and_runs() {
	run_make build-alpine-arm64 "$shell"
	succeeds
	says_nothing_wrong
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
	last_line_is 'Built target/aarch64-unknown-linux-musl/release/hello'
}

# ---- make -n


@test "make -n, into sh: a first build is the same" {
	run_make build-alpine-arm64
	named_calls >did
	new_engine
	"$make" -n build-alpine-arm64 | sh
	diff did <(named_calls)
}

@test "make -n, into sh: the Dockerfile is the same" {
	run_make build-alpine-arm64
	cp "$FAKE_ENGINE/calls/$(call_number build)/stdin" did
	new_engine
	"$make" -n build-alpine-arm64 | sh
	diff did "$FAKE_ENGINE/calls/$(call_number build)/stdin"
}

@test "make -n, into sh: what is wrong is said, and the status is not 0" {
	run bash -o pipefail -c '"$1" -n build-linux-x64 WORKSPACE=nowhere | sh' sh "$make"
	fails 1
	prints "There is no Cargo.toml in 'nowhere': set WORKSPACE to a Cargo project's directory."
	no_calls
}

@test "make -n, into sh: the caches" {
	has_volume cargo-cache-x64
	"$make" -n clean-cache YES=1 | sh
	volumes_are ''
}

# ---- A machine with the POSIX utilities and no more

posix_utilities=(awk basename cat chmod cksum cmp comm cp cut date dd df diff dirname du echo env
	expand expr false find fold getconf grep head id join kill link ln logname ls mkdir mkfifo more mv
	nice nl nohup od paste patch printf ps pwd rm rmdir sed sh sleep sort split stty tail tee test
	time touch tr true tsort tty uname unexpand uniq unlink wc who xargs)

only_posix_utilities() {
	local name busybox
	busybox=$(command -v busybox) || skip 'needs busybox'
	mkdir bin
	for name in "${posix_utilities[@]}"; do
		if "$busybox" --list | grep -qx "$name"; then ln -s "$busybox" "bin/$name"; fi
	done
	ln -sf "$BATS_TEST_DIRNAME/bin/docker" "$BATS_TEST_DIRNAME/bin/id" bin
}

run_make_alone() {
	run --separate-stderr env PATH="$PWD/bin" "$make" --no-print-directory SHELL="$PWD/bin/sh" \
		"$@" </dev/null
}

@test "with the POSIX utilities alone, all rules work" {
	local command
	only_posix_utilities
	printf '#!/bin/sh\n' >"$FAKE_ENGINE/bin/cargo"
	run_make_alone build-alpine-arm64
	succeeds
	says_nothing_wrong
	last_line_is 'Built target/aarch64-unknown-linux-musl/release/hello'
	run_make_alone list-cache
	prints 'Docker volume caches for Cargo builds:' cargo-cache-musl-arm64 cargo-git-cache-musl-arm64
	for command in list-cache cache-stats inspect-cache verify-cache prune-cache \
		'cache-stats FORMAT=json'; do
		# shellcheck disable=SC2086 # words
		run_make_alone $command
		succeeds
		says_nothing_wrong
	done
	run_make_alone list-cache V=1
	succeeds
	shows_commands
	ln -sf "$(command -v gzip)" bin
	for command in backup restore; do
		run_make_alone "$command-cache-alpine-arm64" FILE=cache.tar.gz
		succeeds
		says_nothing_wrong
	done
	for command in prepare fetch test check clippy run shell; do
		run_make_alone "$command-alpine-arm64"
		succeeds
		says_nothing_wrong
	done
	run_make_alone pull-images
	succeeds
	says_nothing_wrong
	last_line_is "$(prepared linux-musl-arm64) is up to date"
	run_make_alone clean-images YES=1
	succeeds
	says_nothing_wrong
	last_line_is "Removed $(prepared linux-musl-arm64)"
	run_make_alone clean-cache YES=1
	succeeds
	says_nothing_wrong
	volumes_are ''
}

# ---- Names that no target has

# no_target WORD LINE
no_target() {
	run_make "$1"
	fails
	complains "There is no target $2"
	prints ''
	no_calls
}

@test "a misspelt target is named, with the one that may be meant" {
	no_target build-alpine-amr64 "'alpine-amr64': did you mean alpine-arm64?"
	no_target list-cache-linux-x46 "'linux-x46': did you mean linux-x64?"
	no_target test-al "'al': make help-cache lists them."
	no_target run-windows "'windows': make help-cache lists them."
	no_target "build-a\$(b)'\"c" "'a\$(b)'\"c': make help-cache lists them."
}

# no_rule GOAL LINE
no_rule() {
	run_make "$1"
	fails
	complains "There is no rule '$1': $2"
	no_calls
}

@test "a misspelt rule is named, with the one that may be meant, and so is one that needs a target" {
	no_rule build 'run make build-linux-x64, or make build-all for all targets.'
	no_rule shell 'run make shell-linux-x64.'
	no_rule backup-cache 'run make backup-cache-linux-x64.'
	no_rule cache-stat 'did you mean cache-stats?'
	no_rule list-caches 'did you mean list-cache?'
	no_rule pull-image 'did you mean pull-images?'
	no_rule buld-linux-x64 'did you mean build-linux-x64?'
	no_rule list-cace-alpine-arm64 'did you mean list-cache-alpine-arm64?'
	no_rule tset-all 'did you mean test-all?'
	no_rule help-cach 'did you mean help-cache?'
}

@test "other goals without a rule are make's to refuse, and a file is what it is" {
	local goal
	for goal in instal clean-docs lint-all rnu-all nothing-linux warm-caches; do
		run_make "$goal"
		fails
		[ "${stderr##*: \*\*\* }" = "No rule to make target '$goal'.  Stop." ]
	done
	mkdir build
	run_make build
	succeeds
	prints "$(basename "$make"): Nothing to be done for 'build'."
	no_calls
}

@test "misspelt rules are told alike by every sh" {
	each_shell tells_misspelt_rules
}

tells_misspelt_rules() {
	run_make cache-stat "$shell"
	complains "There is no rule 'cache-stat': did you mean cache-stats?"
	run_make tset-all "$shell"
	complains "There is no rule 'tset-all': did you mean test-all?"
	run_make test "$shell"
	complains "There is no rule 'test': run make test-linux-x64, or make test-all for all targets."
}

@test "misspelt targets are told alike by every sh" {
	each_shell tells_misspelt
}

tells_misspelt() {
	run_make build-linux_x64 "$shell"
	complains "There is no target 'linux_x64': did you mean linux-x64?"
}

@test "an includer's files and rules of such names are his own" {
	: >run-me
	printf '%s\n' 'all: run-me test-data build-mine' '	@echo all' 'test-data:' '	@echo data' 'build-m%:' '	@echo $@' \
		"include $fragment" >Makefile
	run_make all
	prints data build-mine all
}
