#!/bin/sh
# Measures builds of an example for arm64, cross-compiled and emulated, beside a native one: from an
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
cp -R examples/wordfreq "$work/wordfreq"
cd "$work/wordfreq"
rm -rf Cargo.lock target # the lab's crates have other checksums than those of crates.io

# build TARGET FILE: adds the seconds that the processors took to FILE
build() {
	printf 'cargo build --release >&2; times\n' | make -s -f "$work/cache.mk" "shell-$1" 2>"$work/log" |
		awk -F '[ms ]+' 'END { print $1 * 60 + $2 + $3 * 60 + $4 }' >>"$2"
	[ -n "$(find target -name wordfreq -type f)" ] || { cat "$work/log" >&2; exit 1; }
}

for target in native cross emulated; do make -f "$work/cache.mk" "fetch-$target" >/dev/null 2>&1; done
runs=${BENCH_RUNS:-3}
for _ in $(seq "$runs"); do
	for target in native cross emulated; do
		rm -rf target
		build "$target" "$work/clean.$target"
		echo // >>src/main.rs
		build "$target" "$work/edit.$target"
	done
done
for kind in clean edit; do
	group='wordfreq for arm64 from an empty target directory'
	[ "$kind" = clean ] || group='wordfreq for arm64 after an edit'
	printf '%s||runs|%s\n' "$group" "$runs" >>"$results"
	record "$group" 'native, for x86-64' 'cpu ms' "$(median "$work/$kind.native")"
	record "$group" 'cross = yes' 'cpu ms' "$(median "$work/$kind.cross")"
	record "$group" 'emulated' 'cpu ms' "$(median "$work/$kind.emulated")"
done
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
for target in native cross emulated; do
	docker image ls --quiet --filter "label=cachemk.target=$target" |
		xargs docker image rm --force >/dev/null 2>&1 || :
done
docker image rm --force cachemk-bench-cross >/dev/null
