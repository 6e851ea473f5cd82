#!/bin/sh
# Fuzzes for FUZZ_SECONDS (60) each what reads INI files, the model with what follows from it, the
# template engine, and the escapes; with FUZZ_RUNS, so often instead.  Starts from the golden files
# and the templates; prints how often each was run, and the seconds of a processor.  A crash leaves
# its input in build/fuzz and fails.  The inputs that reach something new are kept in
# build/fuzz/*.corpus, as few as it takes.
#
# A hundred million runs, in about an hour on one core:
#   make fuzz FUZZ_RUNS=25000000 \
#     FUZZ_CFLAGS='-g -O2 -fno-omit-frame-pointer -fsanitize=fuzzer,address'
set -eu
cd "$(dirname "$0")/../.."
fuzz=${BUILD:-build}/fuzz
# Few freed blocks are kept, and no stack of each allocation, which would take most of the time.
export ASAN_OPTIONS="quarantine_size_mb=1:malloc_context_size=0${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
if [ "${FUZZ_RUNS-}" ]; then
	limit=-runs=$FUZZ_RUNS
else
	limit=-max_total_time=${FUZZ_SECONDS:-60}
fi

# seeds NAME FILE...
seeds() {
	mkdir -p "$fuzz/$1.corpus" "$fuzz/$1.seeds"
	name=$1
	shift
	cp "$@" "$fuzz/$name.seeds"
}

# shrink NAME: keeps as few inputs of the corpus as reach all that it reaches
shrink() {
	rm -rf "$fuzz/$1.all"
	mv "$fuzz/$1.corpus" "$fuzz/$1.all"
	mkdir "$fuzz/$1.corpus"
	"$fuzz/$1" -merge=1 "$fuzz/$1.corpus" "$fuzz/$1.all" >"$fuzz/$1.merge" 2>&1
	rm -rf "$fuzz/$1.all"
}

# fuzz NAME LENGTH: with inputs of at most so many bytes
fuzz() {
	printf 'fuzz: %s, %s\n' "$1" "${limit#-}"
	dict=tests/fuzz/$1.dict
	[ -e "$dict" ] || dict=tests/fuzz/targets.dict
	times >"$fuzz/before"
	"$fuzz/$1" "$limit" -timeout=10 -rss_limit_mb=1024 -max_len="$2" -dict="$dict" \
		-artifact_prefix="$fuzz/$1-" -print_final_stats=1 \
		"$fuzz/$1.corpus" "$fuzz/$1.seeds" >"$fuzz/$1.log" 2>&1 || {
		tail -n 40 "$fuzz/$1.log"
		exit 1
	}
	times >"$fuzz/after"
	sed -n 's/^stat::number_of_executed_units: */fuzz: executions: /p' "$fuzz/$1.log"
	cat "$fuzz/before" "$fuzz/after" | awk '
		{ split($1, part, /[ms]/); time[NR] = part[1] * 60 + part[2] }
		END { printf "fuzz: seconds of a processor: %.0f\n", time[4] - time[2] }'
	shrink "$1"
}

seeds reader tests/golden/*.ini targets.ini
seeds targets tests/golden/*.ini targets.ini
seeds mustache templates/*.mustache tests/golden/*.mustache
seeds escape tests/golden/nasty.ini
fuzz reader 256
fuzz targets 512
fuzz mustache 256
fuzz escape 64
