# shellcheck shell=sh disable=SC2034 # $work is for the scripts that source this
# What the benchmarks share: a directory $work that is removed at the end, and measuring.  Results are
# printed, and go to the file $BENCH_RESULTS if it is set, from which report.py makes tables: lines
# `GROUP|NAME|UNIT|VALUE`, and `GROUP||runs|NUMBER`.
#
#   BENCH_RUNS=N      runs of each command; without it, each benchmark has its own number
#   BENCH_ONLY=GROUP  measure times of this group only

top=$PWD
work=$(mktemp -d)
results=${BENCH_RESULTS:-$work/results}
unit=ms
own_lab=

finish() {
	rm -rf "$work"
	[ -z "$own_lab" ] || "$top/tests/e2e/engine" down "$own_lab"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

# need_lab: with E2E_LAB=DIR the one in DIR
need_lab() {
	if [ -z "${E2E_LAB-}" ]; then
		own_lab=$(mktemp -d /tmp/cachemk-bench-XXXXXX)
		E2E_LAB=$own_lab
		tests/e2e/engine up "$E2E_LAB"
	fi
	export E2E_LAB
	# shellcheck disable=SC1091 # written by `engine up`
	. "$E2E_LAB/env"
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

# record GROUP NAME UNIT VALUE
record() {
	printf '%s|%s|%s|%s\n' "$@" >>"$results"
	printf '%-34s %-34s %10.1f %s\n' "$1" "$2" "$4" "$3"
}

# median FILE: of the seconds in it, in milliseconds
median() {
	sort -n "$1" | awk '{ all[NR] = $1 }
		END { print (all[int((NR + 1) / 2)] + all[int((NR + 2) / 2)]) / 2 * 1000 }'
}

# compare GROUP RUNS PREPARE [NAME COMMAND]...: the median of each command, in milliseconds, after a run
# that does not count.  The commands take turns, so that what else the machine does affects all alike.
# With $unit "cpu ms" it is the processor's time, which waits for nothing else: for what only computes.
compare() {
	group=$1 runs=$2 prepare=$3
	[ "${BENCH_ONLY:-$group}" = "$group" ] || return 0
	shift 3
	printf '%s||runs|%s\n' "$group" "$runs" >>"$results"
	rm -f "$work"/times.*
	for round in $(seq 0 "$runs"); do
		take_turns "$round" "$@"
	done
	nth=0
	while [ $# -gt 0 ]; do
		nth=$((nth + 1))
		record "$group" "$1" "$unit" "$(median "$work/times.$nth")"
		shift 2
	done
}

# take_turns ROUND [NAME COMMAND]...: one run of each, into the files times.NTH but in round 0
take_turns() {
	round=$1
	shift
	nth=0
	while [ $# -gt 0 ]; do
		nth=$((nth + 1))
		hyperfine --shell=none --runs 1 ${prepare:+--prepare "$prepare"} \
			--export-csv "$work/measured" "$2" >"$work/log" 2>&1 || {
			cat "$work/log" >&2
			exit 1
		}
		[ "$round" -eq 0 ] || tail -n 1 "$work/measured" | awk -F , -v unit="$unit" '
			{ print unit == "ms" ? $(NF - 4) : $(NF - 3) + $(NF - 2) }' >>"$work/times.$nth"
		shift 2
	done
}

# memory GROUP NAME COMMAND: the largest resident set, in MiB
memory() {
	# shellcheck disable=SC2086 # a command of words without spaces
	record "$1" "$2" MiB "$(/usr/bin/time -f %M $3 2>&1 >/dev/null | awk 'END { print $1 / 1024 }')"
}

# processor_time TARGET: prints the seconds that processors worked in the container in which the rules in
# $work/cache.mk build it, with all that runs there
processor_time() {
	printf '%s\n' 'cargo build --release >&2' "$used" | make -s -f "$work/cache.mk" "shell-$1" 2>"$work/log" | tail -n 1
	grep -q '^ *Finished' "$work/log" || { cat "$work/log" >&2; exit 1; }
}

# For a shell in a container: prints these seconds, from either version of cgroups.
used="awk '/^[0-9]/ { print \$1 / 1e9 } /^usage_usec/ { print \$2 / 1e6 }' \$(ls /sys/fs/cgroup/cpuacct/cpuacct.usage \
	/sys/fs/cgroup/cpu.stat 2>/dev/null)"
