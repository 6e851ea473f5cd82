# Shared by the suites here: an includer's Makefile in a project directory of the test's own, the
# stand-ins for docker (bin/docker says how it works) and id, and what to expect of the calls.
# Nothing here needs an engine.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # bats and the suites set and use what is unused here

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# Another make to test with: TEST_MAKE=/usr/local/bin/gmake
make=$(command -v "${TEST_MAKE:-make}")

# Nothing that the caller's make or the caller's shell has set may decide a test.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES GNUMAKEFLAGS BUILD CC CFLAGS LDFLAGS
unset DOCKER DOCKER_HOST WORKSPACE CARGO_FLAGS DOCKER_RUN_FLAGS DOCKER_BUILD_FLAGS YES V CDPATH
unset ARGS PROFILE OFFLINE LOCKED DRY_RUN CACHE_DIR KIND FORMAT AGE SIZE FILE REPAIR REGISTRY
unset CARGO CARGO_HTTP_CAINFO SSH_AUTH_SOCK
unset CACHE_DIR DOCKER_CONTEXT CONTAINER_HOST DRY_RUN KIND FORMAT AGE SIZE FILE REPAIR
unset DOCKER_CONTENT_TRUST DOCKER_DEFAULT_PLATFORM BUILDX_BUILDER CI TF_BUILD COLUMNS
unset NO_COLOR CLICOLOR CLICOLOR_FORCE "${!CARGO_TERM_@}"
unset http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY
export LC_ALL=C TERM=xterm

# What containers of ours run with
unprivileged=(--security-opt no-new-privileges --cap-drop ALL)
files=(--cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add FSETID)
builder=("${unprivileged[@]}" "${files[@]}" --cap-add SETGID --cap-add SETUID) # if root builds
check=(--build-arg SCRIPT --build-arg SCRIPT --build-arg SCRIPT) # see without_numbers
as_nobody=(--network none "${unprivileged[@]}")
as_root=("${as_nobody[@]}" --user 0:0 "${files[@]}")

# ---- Setting up

# generate FILE [INI]: a fragment; INI is the repository's targets.ini
generate() {
	(cd "$repo" && gen/cachemk -o "$1" "${2:-targets.ini}")
}

# What every suite's setup_file does.
generate_fragment() {
	generate "$BATS_FILE_TMPDIR/cache.mk"
}

# What every suite's setup does.
start_in_a_project() {
	fragment=$BATS_FILE_TMPDIR/cache.mk
	new_engine
	export XDG_CACHE_HOME=$BATS_TEST_TMPDIR/cache
	new_project "$BATS_TEST_TMPDIR/project"
	cd "$BATS_TEST_TMPDIR/project" || return
	printf 'include %s\n' "$fragment" >Makefile
}

# only_target NAME LINE...: the includer's fragment is for one target, with these further lines
only_target() {
	printf '%s\n' "[$1]" 'triple = x86_64-unknown-linux-gnu' 'image = rust:latest' "${@:2}" \
		>targets.ini
	generate "$PWD/cache.mk" "$PWD/targets.ini"
	fragment=$PWD/cache.mk
	printf 'include cache.mk\n' >Makefile
}

new_project() {
	mkdir -p "$1/.git"
	: >"$1/Cargo.toml"
	printf '%s\n' c0ffee "$1" >"$1/.git/cachemk-identity"
}

# An engine that answers, with neither images nor volumes, and a $caller that bin/id makes up.
new_engine() {
	rm -rf "$BATS_TEST_TMPDIR/cache" # what we remember of a project's images
	export FAKE_ENGINE=$BATS_TEST_TMPDIR/engine
	rm -rf "$FAKE_ENGINE"
	mkdir -p "$FAKE_ENGINE"/{volumes,content,calls,bin}
	: >"$FAKE_ENGINE/images"
	# What is really run in the stand-in's containers must not find a cargo of this machine's.
	printf '#!/bin/sh\nexit 101\n' >"$FAKE_ENGINE/bin/cargo"
	chmod +x "$FAKE_ENGINE/bin/cargo"
	network=() groups=()
	printf 'hello\n' >"$FAKE_ENGINE/binaries"
	caller=1234:5678
	case $PATH in "$BATS_TEST_DIRNAME/bin:"*) ;; *) PATH=$BATS_TEST_DIRNAME/bin:$PATH ;; esac
}

# has_image NAME [PLATFORM [ROOTLESS [ID]]]: ROOTLESS is - for an image without our labels
has_image() {
	printf '%s %s %s %s\n' "$1" "${2:-linux/amd64}" "${3:--}" "${4:-sha256:of-$1}" \
		>>"$FAKE_ENGINE/images"
}

# has_volume NAME [USER [PROJECT]]: without them it has no labels
has_volume() {
	local identity=${3:+beef}
	[ "${3-}" != "$PWD" ] || identity=c0ffee
	printf '%s\n' "${2-}" "${3-}" "$identity" >"$FAKE_ENGINE/volumes/$1"
}

# when COMMAND CODE: sh code for the stand-in, before it answers COMMAND
when() {
	printf '%s\n' "$2" >"$FAKE_ENGINE/on-$1"
}

# prepared TARGET: the name of its prepared image
prepared() {
	sed -n "s/^  .* \\(cachemk:$1-[0-9a-f]*\\)\$/\\1/p" "$fragment"
}

# all_is_there TARGET CACHE [ROOTLESS]: nothing is missing for a build, and all is the caller's
all_is_there() {
	has_image "$(prepared "$1")" linux/amd64 "${3:-no}"
	has_volume "cargo-cache-$2" "$caller"
	has_volume "cargo-git-cache-$2" "$caller"
}

# has_tools: an image to look into volumes with
has_tools() {
	has_image cachemk:of-before linux/amd64 no sha256:tools
}

# ---- Running make

# run_make WORD...: sets $output, $stderr, $status
run_make() {
	run --separate-stderr "$make" --no-print-directory "$@" </dev/null
}

# run_make_typing KEYS WORD...: the same on a terminal, at which KEYS are typed; $output has all
run_make_typing() {
	local keys=$1
	shift
	run_on_a_terminal "$(printf '%q ' "$make" --no-print-directory "$@")" "$keys"
}

on_a_terminal() {
	printf '%b' "$1" | SHELL=/bin/sh script -qec "$2" /dev/null | tr -d '\r'
	return "${PIPESTATUS[1]}"
}

# run_on_a_terminal COMMAND [KEYS]: sh's COMMAND, which may redirect some of its ends elsewhere
run_on_a_terminal() {
	script --version 2>/dev/null | grep -q util-linux || skip "needs util-linux's script"
	run on_a_terminal "${2-}" "$1"
}

# each_shell FUNCTION: calls it once for each sh there is, which is first in PATH, for cache.sh, and
# with make's setting for it in $shell, and an engine of its own.
each_shell() {
	local name found='' others=$PATH PATH=$PATH
	for name in dash bash busybox; do
		command -v "$name" >/dev/null || continue
		found=yes
		printf 'sh is %s\n' "$name"
		new_engine
		shell=SHELL=$(shell_named_sh "$name")
		PATH=$BATS_TEST_TMPDIR/sh-$name:$others
		# busybox may prefer an id of its own
		caller=$("${shell#*=}" -c 'echo "$(id -u):$(id -g)"')
		for group in $("${shell#*=}" -c 'id -G' | cut -s -d ' ' -f 2-); do groups+=(--group-add "$group"); done
		"$1"
	done
	[ -n "$found" ]
}

# each_image FUNCTION: in containers whose sh and utilities are Debian's, and busybox's
each_image() {
	local name
	for name in dash busybox; do
		printf 'image of %s\n' "$name"
		new_engine
		ln -s "$(command -v "$name")" "$FAKE_ENGINE/bin/sh"
		"$1"
	done
}

# As `sh`, bash is POSIX's, and busybox knows which of its applets is meant.
shell_named_sh() {
	mkdir -p "$BATS_TEST_TMPDIR/sh-$1"
	ln -sf "$(command -v "$1")" "$BATS_TEST_TMPDIR/sh-$1/sh"
	printf '%s\n' "$BATS_TEST_TMPDIR/sh-$1/sh"
}

# wait_for FILE: two seconds
wait_for() {
	local tries=40
	until [ -e "$1" ]; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.05
	done
}

# ---- Expecting.  Each prints what it found when that is something else.

show() {
	printf -- '--- %s\n' "$1"
	shift
	printf '%s\n' "$@"
}

show_run() {
	show "status $status, stdout" "${output-}"
	show stderr "${stderr-}"
	show calls "$(calls)"
}

succeeds() {
	[ "$status" -eq 0 ] || { show_run && return 1; }
}

# fails [STATUS]: make ends with 2 when a rule fails
fails() {
	[ "$status" -eq "${1:-2}" ] || { show_run && return 1; }
}

# prints LINE...: exactly these on stdout
prints() {
	[ "$output" = "$(printf '%s\n' "$@")" ] || {
		show expected "$@" && show_run
		return 1
	}
}

first_line_is() {
	[ "${output%%$'\n'*}" = "$1" ] || { show expected "$1" && show_run && return 1; }
}

last_line_is() {
	[ "${output##*$'\n'}" = "$1" ] || { show expected "$1" && show_run && return 1; }
}

has_line() {
	grep -Fqx -e "$1" <<<"$output" || { show expected "$1" && show_run && return 1; }
}

# has TEXT, has_no TEXT: somewhere on stdout
has() {
	grep -Fq -e "$1" <<<"$output" || { show expected "$1" && show_run && return 1; }
}

has_no() {
	! grep -Fq -e "$1" <<<"$output" || { show unexpected "$1" && show_run && return 1; }
}

# complains LINE: that alone on stderr, but for make's own last word, and what V=1 shows
complains() {
	local said
	said=$(printf '%s\n' "$stderr" | grep -Ev '^(make|gmake)(\[[0-9]+\])?: \*\*\* |^\+ ') || :
	[ "$said" = "$1" ] || { show 'expected on stderr' "$1" && show_run && return 1; }
}

# shows_commands: what V=1 shows is all that is on stderr, and there is some
shows_commands() {
	if [ -z "$stderr" ] || grep -qv '^+ docker ' <<<"$stderr"; then show_run && return 1; fi
}

# But for the first line of run- and shell-, which is there on purpose
says_nothing_wrong() {
	! grep -qvE '^((Running|Running cargo|Opening a shell) for .* \(using [A-Z][a-z]*\)\.\.\.)?$' <<<"$stderr" ||
		{ show_run && return 1; }
}

# calls: the stand-in's calls, a line each, the words quoted for sh
calls() {
	local n=1 words
	while [ -e "$FAKE_ENGINE/calls/$n/argv" ]; do
		mapfile -d '' -t words <"$FAKE_ENGINE/calls/$n/argv"
		printf '%q ' "${words[@]}"
		printf '\n'
		n=$((n + 1))
	done
}

# named_calls: the same, where HOST-PID-TIME stands for what differs in a container's name
named_calls() {
	calls | sed -E 's/ --name (cachemk-[a-z0-9._-]+)-[[:alnum:]]*-[0-9]+-[0-9]+ / --name \1-HOST-PID-TIME /'
}

# call_number COMMAND: of the one call that begins with that word
call_number() {
	local n=1 found='' words
	while [ -e "$FAKE_ENGINE/calls/$n/argv" ]; do
		mapfile -d '' -t words <"$FAKE_ENGINE/calls/$n/argv"
		[ "${words[0]}" != "$1" ] || found="$found $n"
		n=$((n + 1))
	done
	[[ $found =~ ^' '[0-9]+$ ]] || { show "expected one call of $1" "$(calls)" && return 1; }
	printf '%s\n' "${found# }"
}

# named TARGET: as the word behind --name, a name of a container that a build of it has
named() {
	printf 'cachemk-%s-HOST-PID-TIME\n' "$1"
}

# without_numbers FILE: a call's words, where HOST-PID-TIME stands for what differs in names, and
# SCRIPT for a word of several lines
without_numbers() {
	sed -z -E '/\n/s/.*/SCRIPT/; /^cachemk-[a-z0-9._-]+-[[:alnum:]]*-[0-9]+-[0-9]+$/s/-[[:alnum:]]*-[0-9]+-[0-9]+$/-HOST-PID-TIME/' "$1"
}

# made_volume NAME CACHE USER: one call, and only one, makes it
made_volume() {
	called volume create --label "cachemk.cache=$2" --label "cachemk.user=$3" \
		--label "cachemk.project=$PWD" --label cachemk.identity=c0ffee "$1"
}

# with_messages WORD...: sets $words to these, where `cargo build` is told to say what it builds
with_messages() {
	local word
	words=()
	for word; do
		words+=("$word")
		[ "${words[*]: -2}" != 'cargo build' ] || words+=(--message-format json-render-diagnostics)
	done
}

# called WORD...: one call, and only one, has exactly these words
called() {
	local file found=0 words
	with_messages "$@"
	printf '%s\0' "${words[@]}" >"$BATS_TEST_TMPDIR/expected"
	for file in "$FAKE_ENGINE"/calls/*/argv; do
		if without_numbers "$file" | cmp -s "$BATS_TEST_TMPDIR/expected"; then found=$((found + 1)); fi
	done
	[ "$found" -eq 1 ] || {
		show 'expected one call' "$(printf '%q ' "$@")" && show calls "$(calls)"
		return 1
	}
}

# set_may: sets $may to the flags that say what a build may do, as $caller
set_may() {
	case $caller in
	0:*) may=("${builder[@]}") ;;
	*) may=("${unprivileged[@]}" "${groups[@]}") ;;
	esac
}

# ran TARGET CACHE TRIPLE PLATFORM FLAG... [+ FLAG...] -- COMMAND...: one run, and only one, is exactly
# this; the first flags are what cache.sh adds after the capabilities, the others what stands in the
# makefile after CARGO_TARGET_DIR.  PLATFORM may be empty, $network has what cuts the network, and
# with $sealed only the target directory can be written to.
ran() {
	local target=$1 cache=$2 triple=$3 platform=$4 may=() added=() written=() mounted=(-v "$PWD:/workspace")
	[ -z "${sealed-}" ] || mounted=(-v "$PWD:/workspace:ro" -v "$PWD/target/$triple:/workspace/target/$triple")
	set_may
	shift 4
	read_flags "$@"
	while [ "$1" != -- ]; do shift; done
	called run --name "$(named "$target")" --user "$caller" "${may[@]}" "${network[@]}" "${added[@]}" \
		--rm --init ${platform:+--platform "$platform"} "${mounted[@]}" \
		-v "${registry:-cargo-cache-$cache}:/usr/local/cargo/registry" \
		-v "${git:-cargo-git-cache-$cache}:/usr/local/cargo/git" -w /workspace \
		-e "CARGO_TARGET_DIR=/workspace/target/$triple" "${written[@]}" \
		"$(prepared "$target")" "${@:2}"
}

# read_flags FLAG... [+ FLAG...] -- ...: sets $added and $written
read_flags() {
	added=() written=()
	while [ "$1" != -- ] && [ "$1" != + ]; do added+=("$1") && shift; done
	[ "$1" != + ] || shift
	while [ "$1" != -- ]; do written+=("$1") && shift; done
}

# ran_x64 FLAG... -- COMMAND..., ran_alpine FLAG... -- COMMAND...
ran_x64() {
	ran linux-x64 x64 x86_64-unknown-linux-gnu linux/amd64 "$@"
}

ran_alpine() {
	ran linux-musl-arm64 musl-arm64 aarch64-unknown-linux-musl linux/arm64 "$@"
}

# no_call_is REGEX: no line of `calls` matches it
no_call_is() {
	! grep -qe "$1" <<<"$(calls)" || { show "unexpected $1" && show_run && return 1; }
}

# is_nowhere TEXT FILE...: nor in any file below a directory
is_nowhere() {
	! grep -rFq -e "$1" "${@:2}" || { show "unexpected $1" "$(grep -rF -e "$1" "${@:2}")" && return 1; }
}

# no_call_has TEXT: in none of its words
no_call_has() {
	! grep -Faq -e "$1" "$FAKE_ENGINE"/calls/*/argv || { show "unexpected $1" && show_run && return 1; }
}

# ends_by_signal WORD...: make alone gets the signal while what it started runs, which is removed by
# its name and waited for; then there is nothing left of either, and `said` has what was complained
ends_by_signal() {
	local pid name
	rm -rf running "$FAKE_ENGINE"/calls/*
	when run 'name=${*#* --name }; n=0; until [ -e "$FAKE_ENGINE/removed-${name%% *}" ]; do
			: >running; sleep 0.05; n=$((n + 1)); [ $n -lt 200 ] || exit 0
		done; sleep 0.2; : >ended; exit 137'
	rm -f ended
	"$make" "$@" </dev/null >/dev/null 2>said 3>&- &
	pid=$!
	wait_for running
	kill -TERM "$pid"
	! wait "$pid"
	wait_for ended
	name=$(calls | sed -n 's/^run .*--name \([^ ]*\) .*/\1/p' | sort -u)
	[ -n "$name" ]
	no_call_is '^rm ' && return 1
	[ "$(calls | grep '^rm ' | sort -u)" = "rm --force $name " ]
}

# calls_are NAME...: the calls' first words are these, in this order, and no other is called;
# `volume` and `image` count with their second word, as `volume-rm`
calls_are() {
	local n=1 words names=()
	while [ -e "$FAKE_ENGINE/calls/$n/argv" ]; do
		mapfile -d '' -t words <"$FAKE_ENGINE/calls/$n/argv"
		case ${words[0]} in
		volume | image) names+=("${words[0]}-${words[1]}") ;;
		*) names+=("${words[0]}") ;;
		esac
		n=$((n + 1))
	done
	[ "${names[*]}" = "$*" ] || { show 'expected calls' "$*" && show_run && return 1; }
}

forget_calls() {
	rm -rf "$FAKE_ENGINE"/calls/*
}

no_calls() {
	[ -z "$(ls -A "$FAKE_ENGINE/calls")" ] || { show_run && return 1; }
}

volumes_are() {
	[ "$(ls "$FAKE_ENGINE/volumes")" = "$(printf '%s\n' "$@")" ] || {
		show 'expected volumes' "$@" && show found "$(ls "$FAKE_ENGINE/volumes")"
		return 1
	}
}

# mounted: the workspace of the one run
mounted() {
	local words word
	mapfile -d '' -t words <"$FAKE_ENGINE/calls/$(call_number run)/argv"
	for word in "${words[@]}"; do
		case $word in *:/workspace) printf '%s\n' "${word%:/workspace}" ;; esac
	done
}
