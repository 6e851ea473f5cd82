#!/usr/bin/env bash
# The end-to-end suite: brings labs up (an engine, images, registries), runs the tests in them, and
# takes them down.  Prints TAP.  Much of it is waiting for an engine, so two halves run side by side,
# each in a lab of its own: tests count what is downloaded, and look at all volumes of an engine.
#
#   E2E_LAB=DIR      use the lab that is up in DIR alone, and leave it up (for working on a test)
#   E2E_ENGINE=HOST  test on the engine that runs at DOCKER_HOST=HOST, in one lab; caches and images
#                    get names of their own there, and are removed
#   E2E_DOCKER=podman  docker is podman
#   E2E_FILES=...    run these files only, in one lab
#   CI=true          a lab that cannot be brought up is a failure, not a skip
set -euo pipefail
cd "$(dirname "$0")/../.."

one_half=(buildkit caches commands cross directories fleet hostile main_job mistakes options privileges
	products readme)
other_half=(musl podman remote rootless side_by_side ssh toolchain triples tutorial workspace cache_faults
	archive_faults)
labs=() beside=''

# leave: ends what still runs, and the labs.  The first lab is the last, since the emulation that it
# has registered is for all.
leave() {
	local i
	[ -z "$beside" ] || { kill -TERM -- "-$beside" && wait "$beside"; } 2>/dev/null || :
	for ((i = ${#labs[@]} - 1; i >= 0; i--)); do tests/e2e/engine down "${labs[i]}"; done
}

# new_lab: chooses the place of one.  A short path, since sockets lie in it.
new_lab() {
	lab=$(mktemp -d /tmp/cachemk-e2e-XXXXXX)
	labs+=("$lab")
}

# no_lab: the TAP of a lab that could not be brought up
no_lab() {
	if [ -n "${CI-}" ]; then
		printf '1..1\nnot ok 1 - the lab came up\n'
		return 1
	fi
	printf '1..1\nok 1 - end-to-end tests # skip no lab: see the lines above\n'
}

# run_files LAB FILE...
run_files() (
	suffix=
	# shellcheck disable=SC1091 # written by `engine up`
	. "$1/env"
	if [ -n "${E2E_IMAGES-}" ]; then suffix=-e2e-$$; fi
	cd tests/e2e
	E2E_LAB=$1 E2E_SUFFIX=$suffix bats --tap --timing --print-output-on-failure "${@:2}"
)

# run_in_new LAB FILE...: brings it up first
run_in_new() {
	tests/e2e/engine up "$1" || { no_lab; return; }
	run_files "$1" "${@:2}"
}

# run_halves: the other half waits for the first lab, whose emulation it shares.  What it prints
# comes last, with numbers that go on.
run_halves() {
	local status=0 first tap
	new_lab
	first=$lab
	tests/e2e/engine up "$first" || { no_lab; return; }
	new_lab
	tap=$first/tap
	set -m
	run_in_new "$lab" "${other_half[@]/%/.bats}" >"$tap.other" 2>"$tap.said" &
	beside=$!
	set +m
	run_files "$first" "${one_half[@]/%/.bats}" | tee "$tap" | sed -u '/^1\.\.[0-9]*$/d' || status=$?
	wait "$beside" || status=$?
	beside=
	cat "$tap.said" >&2
	awk -v n="$(grep -c '^\(not \)\{0,1\}ok ' "$tap")" '
		/^1\.\.[0-9]+$/ { next }
		/^(not )?ok [0-9]/ { sub(/[0-9]+/, ++n) }
		{ print }
		END { print "1.." n }' "$tap.other"
	return "$status"
}

trap leave EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
read -ra files <<<"${E2E_FILES-}"
if [ -n "${E2E_LAB-}${E2E_ENGINE-}" ] && [ "${#files[@]}" -eq 0 ]; then
	files=("${one_half[@]/%/.bats}" "${other_half[@]/%/.bats}")
fi
if [ -n "${E2E_LAB-}" ]; then
	run_files "$E2E_LAB" "${files[@]}"
elif [ "${#files[@]}" -gt 0 ]; then
	new_lab
	run_in_new "$lab" "${files[@]}"
else
	run_halves
fi
