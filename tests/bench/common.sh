# shellcheck shell=sh disable=SC2034 # $work is for who reads this in
# What the benchmarks share: a folder $work that is removed at the end, and measuring into a file
# of lines `GROUP|NAME|UNIT|VALUE`, of which report.py makes tables: $BENCH_RESULTS, or else nothing
# but what is printed.

top=$PWD
work=$(mktemp -d)
results=${BENCH_RESULTS:-$work/results}
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

# measure GROUP NAME RUNS COMMAND [PREPARE]: the median, in milliseconds
measure() {
	hyperfine --shell=none --warmup 1 --runs "$3" ${5:+--prepare "$5"} --export-json "$work/measured" \
		"$4" >"$work/log" 2>&1 || {
		cat "$work/log" >&2
		exit 1
	}
	record "$1" "$2" ms "$(python3 -c 'import json, sys
print(json.load(open(sys.argv[1]))["results"][0]["median"] * 1000)' "$work/measured")"
}

# memory GROUP NAME COMMAND: the largest resident set, in MiB
memory() {
	# shellcheck disable=SC2086 # a command of words without blanks
	record "$1" "$2" MiB "$(/usr/bin/time -f %M $3 2>&1 >/dev/null | awk 'END { print $1 / 1024 }')"
}
