#!/bin/sh
# Fuzzes for FUZZ_SECONDS (60) each what reads targets.ini and what renders templates.  Starts from
# the golden files and the templates; prints how often each was run.  A crash leaves its input in
# build/fuzz and fails.  What is found goes on in build/fuzz/*.corpus.
set -eu
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz

# seeds NAME FILE...
seeds() {
	mkdir -p "$fuzz/$1.corpus" "$fuzz/$1.seeds"
	name=$1
	shift
	cp "$@" "$fuzz/$name.seeds"
}

# fuzz NAME
fuzz() {
	printf 'fuzz: %s, %s seconds\n' "$1" "${FUZZ_SECONDS:-60}"
	"$fuzz/$1" -max_total_time="${FUZZ_SECONDS:-60}" -timeout=10 -rss_limit_mb=1024 -max_len=4096 \
		-dict="tests/fuzz/$1.dict" -artifact_prefix="$fuzz/$1-" -print_final_stats=1 \
		"$fuzz/$1.corpus" "$fuzz/$1.seeds" >"$fuzz/$1.log" 2>&1 || {
		tail -n 40 "$fuzz/$1.log"
		exit 1
	}
	sed -n 's/^stat::number_of_executed_units: */fuzz: executions: /p' "$fuzz/$1.log"
}

seeds targets tests/golden/*.ini targets.ini
seeds mustache templates/*.mustache tests/golden/*.mustache
fuzz targets
fuzz mustache
