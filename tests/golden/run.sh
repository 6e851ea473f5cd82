#!/bin/sh
# Compares what cachemk makes of NAME.ini with NAME.mk, or what it says of it with NAME.err.
# Prints TAP.  Usage: tests/golden/run.sh [--update]
#
# --update rewrites the expectations: read the difference before you commit it.
# CACHEMK names another program to test than gen/cachemk, by an absolute path.
set -u
cd "$(dirname "$0")" || exit 1
root=$(cd ../.. && pwd) || exit 1
cachemk=${CACHEMK:-$root/gen/cachemk}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
count=0 failed=0

# check TITLE COMMAND...: one test; what the command prints is shown when it fails
check() {
	title=$1
	shift
	count=$((count + 1))
	if "$@" >"$tmp/log" 2>&1; then
		printf 'ok %s - golden: %s\n' "$count" "$title"
	else
		failed=$((failed + 1))
		printf 'not ok %s - golden: %s\n' "$count" "$title"
		sed 's/^/# /' "$tmp/log"
	fi
}

# run STATUS ARGUMENT...: cachemk ends with STATUS; what it prints goes to $tmp/out and $tmp/err
run() {
	expected=$1
	shift
	"$cachemk" "$@" >"$tmp/out" 2>"$tmp/err"
	status=$?
	[ "$status" -eq "$expected" ] || {
		printf 'exit status %s, not %s, of cachemk %s\n' "$status" "$expected" "$*"
		cat "$tmp/err"
		return 1
	}
}

silent() {
	[ ! -s "$tmp/err" ] || {
		cat "$tmp/err"
		return 1
	}
}

printed_nothing() {
	[ ! -s "$tmp/out" ] || {
		printf 'this went to standard output:\n'
		cat "$tmp/out"
		return 1
	}
}

# ---- NAME.ini, and NAME.mk or NAME.err

# template_of NAME: one that just shows the values, and for `default` the real one
template_of() {
	case $1 in
	default) printf '%s\n' ../../templates/cache.mk.mustache ;;
	*) printf '%s\n' ./values.mk.mustache ;;
	esac
}

as_expected() {
	if [ -e "$1.err" ]; then
		run 1 -o - -t "$(template_of "$1")" "$1.ini" && printed_nothing &&
			diff -u "$1.err" "$tmp/err"
	else
		run 0 -o - -t "$(template_of "$1")" "$1.ini" && silent && diff -u "$1.mk" "$tmp/out"
	fi
}

update() {
	rm -f "$1.mk" "$1.err"
	if "$cachemk" -o - -t "$(template_of "$1")" "$1.ini" >"$tmp/out" 2>"$tmp/err"; then
		cp "$tmp/out" "$1.mk"
	else
		cp "$tmp/err" "$1.err"
	fi
}

# Every expectation belongs to an INI file, and none has two.
expectations_are_used() {
	for file in *.mk *.err; do
		name=${file%.*}
		[ -e "$name.ini" ] || {
			printf '%s, but no %s.ini\n' "$file" "$name"
			return 1
		}
		[ ! -e "$name.mk" ] || [ ! -e "$name.err" ] || {
			printf 'both %s.mk and %s.err\n' "$name" "$name"
			return 1
		}
	done
}

if [ "${1-}" = --update ]; then
	for ini in *.ini; do
		update "${ini%.ini}"
	done
	exit
fi

for ini in *.ini; do
	check "$ini" as_expected "${ini%.ini}"
done
check 'every expectation has its INI file' expectations_are_used
printf '1..%s\n' "$count"
[ "$failed" -eq 0 ]
