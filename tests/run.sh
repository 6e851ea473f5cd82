#!/bin/sh
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
	unit) "$build/unit" ;;
	spec)
		if [ -n "${MUSTACHE_SPEC-}" ]; then
			tests/spec/run "$MUSTACHE_SPEC"
		else
			printf '1..1\nok 1 - the Mustache specification # skip set MUSTACHE_SPEC=DIR\n'
		fi
		;;
	golden) sh tests/golden/run.sh ;;
	templates) bats --tap --print-output-on-failure tests/templates ;;
	docs) bats --tap --print-output-on-failure tests/docs ;;
	faults) sh tests/faults/run.sh ;;
	property) python3 tests/property/quoting.py ;;
	script) bats --tap --print-output-on-failure --jobs "$(nproc)" tests/script ;;
	make) bats --tap --print-output-on-failure --jobs "$(nproc)" tests/make ;;
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

passed=0 failed=0 skipped=0
for suite; do
	printf '# %s\n' "$suite"
	{
		run_suite "$suite"
		echo $? >"$build/$suite.status"
	} | tee "$build/$suite.tap"
	read -r p f s <<-END
		$(count "$suite" "$(cat "$build/$suite.status")")
	END
	passed=$((passed + p)) failed=$((failed + f)) skipped=$((skipped + s))
done
printf '%s passed, %s failed, %s skipped\n' "$passed" "$failed" "$skipped" | tee "$build/summary"
[ "$failed" -eq 0 ]
