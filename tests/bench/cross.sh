#!/bin/sh
# Measures builds of two examples for arm64, cross-compiled and emulated, beside a native one: from an
# empty target directory, and after an edit.  An emulated build takes so long that the machine is
# seldom quiet until it ends, so this is the processor time of what runs in the container.  E2E_LAB as
# in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

tests/e2e/fixtures/cross/image cachemk-bench-cross
cat >"$work/targets.ini" <<'END'
[defaults]
triple = aarch64-unknown-linux-gnu
cache  = bench-cross
image  = cachemk-bench-cross
env    = CARGO_PROFILE_RELEASE_OPT_LEVEL=0
[native]
description = x86-64
triple      = x86_64-unknown-linux-gnu
[cross]
description = arm64, cross-compiled
cross       = yes
[emulated]
description = arm64, emulated
image       = rust:latest
platform    = linux/arm64
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"

# measure EXAMPLE RUNS EMULATED: emulated only so many times, since that can take 20 minutes of a
# processor; five edits a run otherwise, since these take a second
measure() {
	cp -R "$top/examples/$1" "$work"
	cd "$work/$1"
	rm -rf Cargo.lock target # the lab's crates have other checksums than those of crates.io
	for target in native cross emulated; do make -f "$work/cache.mk" "fetch-$target" >/dev/null 2>&1; done
	for run in $(seq "$2"); do
		measure_once "$1" native 5
		measure_once "$1" cross 5
		[ "$run" -gt "$3" ] || measure_once "$1" emulated 1
	done
	report "$1 for arm64 from an empty target directory" "$2" "$work/$1.clean"
	report "$1 for arm64 after an edit" "$2" "$work/$1.edit"
}

# measure_once EXAMPLE TARGET EDITS
measure_once() {
	rm -rf target
	processor_time "$2" >>"$work/$1.clean.$2"
	for _ in $(seq "$3"); do
		echo // >>src/main.rs
		processor_time "$2" >>"$work/$1.edit.$2"
	done
}

# report GROUP RUNS FILE
report() {
	printf '%s||runs|%s\n' "$1" "$2" >>"$results"
	record "$1" 'native, for x86-64' 'cpu ms' "$(median "$3.native")"
	record "$1" 'cross = yes' 'cpu ms' "$(median "$3.cross")"
	record "$1" 'emulated' 'cpu ms' "$(median "$3.emulated")"
}

measure hello "${BENCH_RUNS:-5}" "${BENCH_RUNS:-5}"
measure wordfreq "${BENCH_RUNS:-3}" 1
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
for target in native cross emulated; do
	docker image ls --quiet --filter "label=cachemk.target=$target" |
		xargs docker image rm --force >/dev/null 2>&1 || :
done
docker image rm --force cachemk-bench-cross >/dev/null
