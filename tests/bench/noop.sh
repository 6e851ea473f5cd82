#!/bin/sh
# Measures what the rules cost: a build with nothing to do beside the same `docker run` typed by
# hand.  Prints medians and their ratio.  E2E_LAB as in lab.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/lab.sh
. tests/bench/lab.sh

gen/cachemk -o "$work/cache.mk" targets.ini
cd "$work/hello"
make="make -f $work/cache.mk build-linux-x64"
# What the rule runs in the end, and nothing of what it checks before.
raw="docker run --rm --init --network=host --platform linux/amd64 --user $(id -u):$(id -g)
	-v $PWD:/workspace -w /workspace
	-v cargo-cache-x64:/usr/local/cargo/registry -v cargo-git-cache-x64:/usr/local/cargo/git
	-e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu
	$(sed -n 's/^prepared=\(cachemk:linux-x64-.*\)/\1/p' "$work/cache.mk") cargo build --release"
$make >/dev/null 2>&1

hyperfine --shell=none --warmup 3 --runs "${BENCH_RUNS:-30}" --export-json "$work/noop.json" \
	"$(printf '%s' "$raw" | tr '\n\t' '  ')" "$make" >/dev/null 2>&1
medians "$work/noop.json" 'a build with nothing to do, medians:' \
	'docker run ... cargo build' 'make build-linux-x64'
