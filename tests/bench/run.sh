#!/bin/sh
# The benchmarks, in one lab, into docs/benchmarks.md and its picture.  The results are kept in
# results.txt, so that a benchmark that is not run keeps the figures and the date of its last run.
#
#   BENCH='NAME...'   only these (all)
#   BENCH_ONLY=TITLE  of these, only the times of this table
#   BENCH_RUNS=N      runs of each command; without it, each benchmark has its own number
set -eu
cd "$(dirname "$0")/../.."
all='generation rules builds sccache side_by_side parallel cross'
kept=tests/bench/results.txt
selected=${BENCH:-$all}
for bench in $selected; do
	case " $all " in *" $bench "*) ;; *)
		printf 'bench: there is no benchmark %s; set BENCH to some of: %s\n' "$bench" "$all" >&2
		exit 1 ;;
	esac
done
for tool in hyperfine gnuplot python3 /usr/bin/time; do
	command -v "$tool" >/dev/null || {
		printf 'bench: %s is missing: apt-get install hyperfine gnuplot-nox python3-jinja2 ruby-mustache npm time\n' \
			"$tool" >&2
		exit 1
	}
done
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
case " $selected " in *' builds '* | *' sccache '* | *' side_by_side '* | *' parallel '* | *' cross '*) need_lab ;; esac
for bench in $selected; do BENCH_RESULTS=$work/new.$bench sh "tests/bench/$bench.sh"; done

# Lines `DATE|BENCHMARK|GROUP|NAME|UNIT|VALUE`, in the order of the report.
for bench in $all; do
	if [ -e "$work/new.$bench" ]; then
		[ -z "${BENCH_ONLY-}" ] || grep "^[^|]*|$bench|" "$kept" | grep -vF "|$BENCH_ONLY|" || :
		sed "s/^/$(date +%F)|$bench|/" "$work/new.$bench"
	else
		grep "^[^|]*|$bench|" "$kept" || :
	fi
done >"$work/kept"
cp "$work/kept" "$kept"
python3 tests/bench/report.py "$kept" docs/benchmarks.md "$work/plot"
rows=$(awk 'END { print $1 }' "$work/plot")
gnuplot -e "data='$work/plot'; output='docs/benchmarks.svg'; rows=$rows" tests/bench/plot.gp
