#!/bin/sh
# Measures the build of an example for arm64 from an empty target folder, emulated and
# cross-compiled, side by side, and prints medians and their ratio.  E2E_LAB as in run.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/lab.sh
. tests/bench/lab.sh

tests/e2e/fixtures/cross/image cachemk-bench-cross
cat >"$work/targets.ini" <<'END'
[defaults]
triple = aarch64-unknown-linux-gnu
cache  = bench-cross
[emulated]
description = arm64, emulated
image       = rust:latest
platform    = linux/arm64
[cross]
description = arm64, cross-compiled
image       = cachemk-bench-cross
cross       = yes
env         = CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"
cd "$work/hello"
for target in emulated cross; do make -f "$work/cache.mk" "build-$target" >/dev/null 2>&1; done

hyperfine --shell=none --runs "${BENCH_RUNS:-5}" --export-json "$work/cross.json" \
	--prepare 'rm -rf target' "make -f $work/cache.mk build-emulated" \
	"make -f $work/cache.mk build-cross" >/dev/null 2>&1
medians "$work/cross.json" 'hello for arm64 from an empty target folder, medians:' \
	'emulated' 'cross = yes'
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
docker image ls --quiet --filter label=cachemk.target=emulated --filter label=cachemk.target=cross |
	xargs docker image rm --force >/dev/null 2>&1 || :
docker image rm --force cachemk-bench-cross >/dev/null
