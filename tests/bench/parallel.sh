#!/bin/sh
# Measures four targets built from empty target directories, one, two and four at a time, with a cache
# for each and with one for all.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

cp -R tests/e2e/fixtures/small "$work/small"
for cache in "" bench-shared; do
	kind="a cache each"
	[ -z "$cache" ] || kind="one cache"
	printf '[defaults]\ncache = %s\ntriple = x86_64-unknown-linux-gnu\nimage = rust:latest\n' "$cache" >"$work/targets.ini"
	for name in a b c d; do printf '[bench-%s]\ndescription = %s\n' $name $name; done >>"$work/targets.ini"
	gen/cachemk -o "$work/cache.mk" "$work/targets.ini"
	make -s -C "$work/small" -f "$work/cache.mk" build-all >/dev/null 2>&1
	set --
	for jobs in 1 2 4; do set -- "$@" "-j$jobs" "make -C $work/small -f $work/cache.mk -j$jobs build-all"; done
	compare "four targets, $kind" "${BENCH_RUNS:-3}" "rm -rf $work/small/target" "$@"
	make -s -C "$work/small" -f "$work/cache.mk" clean-cache YES=1 >/dev/null
done
