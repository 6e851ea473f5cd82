#!/usr/bin/env bash
# Runs suites of tests and counts.  Usage: tests/run.sh SUITE...
#
# Every suite prints TAP.  Its last line is a plan or it has failed; a suite that ends with an
# error without a failed test counts as one failed test.  The last line printed here is
# "N passed, M failed, K skipped".
set -u
cd "$(dirname "$0")/.." || exit 1
build=${BUILD:-build}
mkdir -p "$build" || exit 1

run_suite() {
	case $1 in
	# On a busy machine, four seconds, the default, need not be enough.
	unit) CK_DEFAULT_TIMEOUT=60 "$build/unit" ;;
	spec)
		if [ -n "${MUSTACHE_SPEC-}" ]; then
			tests/spec/run "$MUSTACHE_SPEC"
		else
			printf '1..1\nok 1 - the Mustache specification # skip set MUSTACHE_SPEC=DIR\n'
		fi
		;;
	golden) sh tests/golden/run.sh ;;
	cli) bats --tap --timing --print-output-on-failure --jobs "$(nproc)" tests/cli ;;
	templates) bats --tap --timing --print-output-on-failure tests/templates ;;
	docs) bats --tap --timing --print-output-on-failure tests/docs ;;
	faults) sh tests/faults/run.sh ;;
	property) python3 tests/property/quoting.py ;;
	script) bats --tap --timing --print-output-on-failure --jobs "$(nproc)" tests/script ;;
	make) bats --tap --timing --print-output-on-failure --jobs "$(nproc)" tests/make ;;
	e2e) sh tests/e2e/run.sh ;;
	*)
		printf '%s: no such suite\n' "$1" >&2
		return 2
		;;
	esac
}

# count SUITE STATUS: passed, failed and skipped tests in the suite's log
count() {
	awk -v suite="$1" -v status="$2" '
		/^ok / { if (tolower($0) ~ /# skip/) skipped++; else passed++ }
		/^not ok / { failed++ }
		/^1\.\.[0-9]/ { planned = substr($1, 4); plan = 1 }
		END {
			wrong = !plan || passed + failed + skipped != planned || (status != 0 && !failed)
			if (wrong) printf "not ok - the suite %s ended too early, status %s\n", suite, status >"/dev/stderr"
			print passed + 0, failed + wrong, skipped + 0
		}' "$build/$1.tap"
}

# log_suite SUITE: runs it, and keeps its output and status in files
log_suite() {
	{
		run_suite "$1"
		echo $? >"$build/$1.status"
	} | tee "$build/$1.tap"
}

# start_suite SUITE: runs it beside the others, in a process group of its own, which a signal ends.
# Without a terminal, only bash makes such a group.
start_suite() {
	: >"$build/$1.tap"
	set -m
	log_suite "$1" </dev/null >/dev/null 2>"$build/$1.log" &
	beside=$!
	set +m
	trap 'kill -INT -- "-$beside"; wait "$beside"; exit 130' INT
	trap 'kill -TERM -- "-$beside"; wait "$beside"; exit 143' HUP TERM
}

# follow_suite SUITE: prints the output of the suite that was started, until it ends
follow_suite() {
	exec 3<"$build/$1.tap"
	while kill -0 "$beside" 2>/dev/null; do
		cat <&3
		sleep 1
	done
	cat <&3
	exec 3<&-
	cat "$build/$1.log" >&2
}

# sum_up SUITE: adds its tests to the count
sum_up() {
	read -r p f s <<-END
		$(count "$1" "$(cat "$build/$1.status")")
	END
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
}

passed=0 failed=0 skipped=0
# The end-to-end suite mostly waits for the engine, so it runs beside the others.
case $*:$* in *' '*:*e2e*) start_suite e2e ;; *) beside= ;; esac
for suite; do
	printf '# %s\n' "$suite"
	case $beside$suite in
	?*e2e) follow_suite e2e ;;
	*) log_suite "$suite" ;;
	esac
	sum_up "$suite"
done
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped" | tee "$build/summary"
[ "$failed" -eq 0 ]
