# Shared by the suites here: cachemk as users call it, in a directory of the test's own.
# shellcheck shell=bash disable=SC2034,SC2154 # bats and the suites set and use what is unused here
#
# CACHEMK names another program to test than gen/cachemk, by an absolute path.

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
cachemk=${CACHEMK:-$repo/gen/cachemk}
out=$BATS_TEST_TMPDIR/out err=$BATS_TEST_TMPDIR/err
february=$BATS_FILE_TMPDIR/february
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEFILES CDPATH

# new_work: an empty directory `work` with the repository's templates and targets.ini
new_work() {
	mkdir -p "$BATS_TEST_TMPDIR/work/mk" "$BATS_TEST_TMPDIR/work/templates"
	cd "$BATS_TEST_TMPDIR/work" || return
	cp -R "$repo/templates/." templates
	cp "$repo/targets.ini" .
	touch -t 200102010000 "$february"
}

# cachemk STATUS ARGUMENT...: ends with STATUS; what it prints goes to $out and $err
cachemk() {
	local expected=$1 status=0
	shift
	"$cachemk" "$@" >"$out" 2>"$err" || status=$?
	[ "$status" -eq "$expected" ] || {
		printf 'exit status %s, not %s, of cachemk %s\n' "$status" "$expected" "$*"
		cat "$err"
		return 1
	}
}

# says LINE...: that is all that the last run wrote to standard error
says() {
	printf '%s\n' "$@" | diff -u - "$err"
}

silent() {
	diff -u /dev/null "$err"
}

printed_nothing() {
	diff -u /dev/null "$out"
}

# old FILE: has a text and a time that are easy to tell
old() {
	printf 'old\n' >"$1"
	make_old "$1"
}

make_old() {
	touch -t 200101010000 "$1"
}

is_old() {
	[ -z "$(find "$1" -newer "$february")" ]
}

# untouched FILE: still is what `old FILE` made, and no temporary file is left
untouched() {
	printf 'old\n' | diff -u - "$1" && is_old "$1" && [ -z "$(find . -name '*.tmp-*')" ]
}

# many_targets N: an INI file
many_targets() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++) {
			printf "[t%d]\ndescription = number %d\n", i, i
			print "triple = x86_64-unknown-linux-gnu\nimage = rust\naliases = also-t" i
		}
	}'
}
