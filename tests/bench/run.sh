#!/bin/sh
# All benchmarks, in one lab, into docs/benchmarks.md and its picture.  BENCH_RUNS=N sets the number of
# runs; without it, each benchmark has its own.
set -eu
cd "$(dirname "$0")/../.."
for tool in hyperfine gnuplot python3 /usr/bin/time; do
	command -v "$tool" >/dev/null || {
		printf 'bench: %s is missing: apt-get install hyperfine gnuplot-nox python3-jinja2 ruby-mustache npm time\n' \
			"$tool" >&2
		exit 1
	}
done
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab
export BENCH_RESULTS="$results"
for bench in generation rules builds side_by_side parallel cross; do sh "tests/bench/$bench.sh"; done
python3 tests/bench/report.py "$results" docs/benchmarks.md "$work/plot"
rows=$(awk 'END { print $1 }' "$work/plot")
gnuplot -e "data='$work/plot'; output='docs/benchmarks.svg'; rows=$rows" tests/bench/plot.gp
