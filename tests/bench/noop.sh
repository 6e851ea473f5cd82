#!/bin/sh
# Measures what the rules cost: a build with nothing to do beside the same `docker run` typed by
# hand.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

gen/cachemk -o "$work/cache.mk" targets.ini
cp -R examples/hello "$work/hello"
rm -rf "$work/hello/target"
cd "$work/hello"
rule="make -f $work/cache.mk build-linux-x64"
# What the rule runs in the end, and nothing of what it checks before.
raw="docker run --rm --init --network=host --platform linux/amd64 --user $(id -u):$(id -g)
	-v $PWD:/workspace -w /workspace
	-v cargo-cache-x64:/usr/local/cargo/registry -v cargo-git-cache-x64:/usr/local/cargo/git
	-e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu
	$(sed -n 's/^prepared=\(cachemk:linux-x64-.*\)/\1/p' "$work/cache.mk") cargo build --release"
$rule >/dev/null 2>&1
group='a build with nothing to do'
measure "$group" 'docker run ... cargo build' "${BENCH_RUNS:-30}" "$(printf '%s' "$raw" | tr '\n\t' '  ')"
measure "$group" 'make build-linux-x64' "${BENCH_RUNS:-30}" "$rule"
