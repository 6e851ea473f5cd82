#!/bin/sh
# Measures what make takes to read cache.mk: `make -n` of a rule, beside a Makefile written by
# hand with a rule of the same name for each target.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
unit='cpu ms'
unset MAKEFLAGS MFLAGS MAKELEVEL

for number in 4 1000; do
	python3 tests/bench/render/targets.py "$number" "$work/$number"
	gen/cachemk -o "$work/$number.mk" "$work/$number.ini"
	awk -v number="$number" 'BEGIN {
		for (i = 0; i < number; i++)
			printf ".PHONY: build-target-%d\nbuild-target-%d:\n\tdocker run --rm -v $(PWD):/workspace -w /workspace %s cargo build --release\n",
				i, i, "-v cargo-cache-target-" i ":/usr/local/cargo/registry rust:latest"
	}' >"$work/$number.hand"
	compare "make -n, $number targets" "${BENCH_RUNS:-20}" '' \
		'written by hand' "make -n -f $work/$number.hand build-target-1" \
		'generated makefile' "make -n -f $work/$number.mk build-target-1"
done
