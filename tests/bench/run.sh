#!/bin/sh
# All benchmarks, in one lab, into docs/benchmarks.md and its picture.  Ratios, each measured side by
# side in one run.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab
export BENCH_RESULTS="$results"
for bench in generation rules noop builds parallel cross; do sh "tests/bench/$bench.sh"; done
python3 tests/bench/report.py "$results" docs/benchmarks.md "$work/plot"
gnuplot -e "data='$work/plot'; output='docs/benchmarks.svg'" tests/bench/plot.gp
