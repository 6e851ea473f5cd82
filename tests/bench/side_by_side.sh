#!/bin/sh
# Counts how often one of four builds that run at once on a new cache fails: with the usual two volumes
# and `docker run` typed by hand, and with the generated makefile.  Both take turns, round by round.
# Only what uses the cache is run of each build: `cargo fetch`.
#
#   BENCH_ROUNDS=N  rounds of four builds each way (15)
#
# E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

cat >"$work/targets.ini" <<END
[bench]
description = benchmarks
triple      = x86_64-unknown-linux-gnu
image       = ${E2E_IMAGES-}rust:latest
cache       = bench-side
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"

# A checkout has a lock file; the lab's crates have other checksums than those of crates.io, so it is
# made here.
cp -R examples/wordfreq "$work/project"
rm -rf "$work/project/Cargo.lock" "$work/project/target"
make -s -C "$work/project" -f "$work/cache.mk" fetch-bench >/dev/null 2>&1
make -s -C "$work/project" -f "$work/cache.mk" clean-cache YES=1 >/dev/null
crates=$(grep -c '^source = ' "$work/project/Cargo.lock")

by_hand() {
	docker run --rm --network=host -v "$1:/workspace" -w /workspace \
		-v bench-registry:/usr/local/cargo/registry -v bench-git:/usr/local/cargo/git \
		"${E2E_IMAGES-}rust:latest" cargo fetch --locked
}

by_rule() {
	make -C "$1" -f "$work/cache.mk" fetch-bench LOCKED=1
}

forget_by_hand() {
	docker volume rm --force bench-registry bench-git >/dev/null
}

forget_by_rule() {
	make -s -C "$work/project" -f "$work/cache.mk" clean-cache YES=1 >/dev/null
}

# race WAY: four checkouts at once on new volumes; a line in failures.WAY for each build that fails
race() {
	"forget_$1"
	for checkout in 1 2 3 4; do
		rm -rf "${work:?}/$checkout"
		cp -R "$work/project" "$work/$checkout"
		{ "$1" "$work/$checkout" >"$work/$checkout.log" 2>&1 || echo "$checkout" >>"$work/failed"; } &
	done
	wait
	[ ! -e "$work/failed" ] || while read -r checkout; do
		sed -n '/^error/,$p' "$work/$checkout.log" >>"$work/errors.$1"
		echo failed >>"$work/failures.$1"
	done <"$work/failed"
	rm -f "$work/failed"
}

rounds=${BENCH_ROUNDS:-15}
: >"$work/failures.by_hand"
: >"$work/failures.by_rule"
for _ in $(seq "$rounds"); do
	race by_hand
	race by_rule
done

group="four builds at once on a new cache, $crates crates"
unit="of $((4 * rounds))"
record "$group" 'docker run, two volumes' "$unit" "$(wc -l <"$work/failures.by_hand")"
record "$group" 'generated makefile' "$unit" "$(wc -l <"$work/failures.by_rule")"
for way in by_hand by_rule; do
	[ ! -e "$work/errors.$way" ] || {
		printf 'What builds %s said:\n' "$way"
		# shellcheck disable=SC2016 # backquotes that cargo prints
		sed 's/`[^`]*`/…/g; s|/[^ :]*|…|g' "$work/errors.$way" | sort | uniq -c | sort -rn | head -n 12
	}
done
forget_by_hand
forget_by_rule
