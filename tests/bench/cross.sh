#!/bin/sh
# Measures the build of an example for arm64 from an empty target directory, emulated and
# cross-compiled, side by side.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

"$top/tests/e2e/engine" cross "$E2E_LAB"
tests/e2e/fixtures/cross/image cachemk-bench-cross
cat >"$work/targets.ini" <<'END'
[defaults]
triple = aarch64-unknown-linux-gnu
cache  = bench-cross
[cross]
description = arm64, cross-compiled
image       = cachemk-bench-cross
cross       = yes
env         = CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER=aarch64-linux-gnu-gcc
[emulated]
description = arm64, emulated
image       = rust:latest
platform    = linux/arm64
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"
cp -R examples/hello "$work/hello"
cd "$work/hello"
set --
for target in cross emulated; do
	name=$target
	[ "$target" = emulated ] || name='cross = yes'
	make -f "$work/cache.mk" "build-$target" >/dev/null 2>&1
	set -- "$@" "$name" "make -f $work/cache.mk build-$target"
done
compare 'hello for arm64 from an empty target directory' "${BENCH_RUNS:-5}" 'rm -rf target' "$@"
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
docker image ls --quiet --filter label=cachemk.target=emulated | xargs docker image rm --force >/dev/null 2>&1 || :
docker image ls --quiet --filter label=cachemk.target=cross | xargs docker image rm --force >/dev/null 2>&1 || :
docker image rm --force cachemk-bench-cross >/dev/null
