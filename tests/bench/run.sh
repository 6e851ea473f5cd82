#!/bin/sh
# Measures what the rules cost, side by side with `docker run` typed by hand, and prints medians
# and their ratio.  Takes a lab, as the end-to-end tests do (E2E_LAB=DIR: the one in DIR).
set -eu
cd "$(dirname "$0")/../.."

if [ -z "${E2E_LAB-}" ]; then
	E2E_LAB=$(mktemp -d /tmp/cachemk-bench-XXXXXX)
	trap 'tests/e2e/engine down "$E2E_LAB"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	tests/e2e/engine up "$E2E_LAB"
fi
# shellcheck disable=SC1091 # written by `engine up`
. "$E2E_LAB/env"
unset MAKEFLAGS MFLAGS MAKELEVEL

work=$(mktemp -d)
cp -R examples/hello "$work/hello"
rm -rf "$work/hello/target"
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
python3 - "$work/noop.json" <<'END'
import json, sys

raw, rule = (r["median"] for r in json.load(open(sys.argv[1]))["results"])
print("a build with nothing to do, medians:")
print(f"  docker run ... cargo build   {raw * 1000:6.0f} ms")
print(f"  make build-linux-x64         {rule * 1000:6.0f} ms")
print(f"  ratio                        {rule / raw:6.2f}")
END
rm -rf "$work"
