#!/bin/sh
# All benchmarks, in one lab.  Ratios, each measured side by side in one run.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/lab.sh
. tests/bench/lab.sh
for bench in noop cross; do sh "tests/bench/$bench.sh"; done
