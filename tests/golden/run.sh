#!/bin/sh
# Compares what cachemk makes of NAME.ini with NAME.mk, or what it says of it with NAME.err, and
# tries the command line.  Prints TAP.  Usage: tests/golden/run.sh [--update]
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

# says TEXT: that is all that the last run wrote to standard error
says() {
	printf '%s\n' "$1" | diff -u - "$tmp/err"
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

# ---- The command line; each test runs in a directory of its own, `work` as users have it

new_work() {
	rm -rf "$tmp/work"
	mkdir "$tmp/work" "$tmp/work/mk" "$tmp/work/templates" &&
		cp -R "$root/templates/." "$tmp/work/templates" &&
		cp "$root/targets.ini" "$tmp/work" && touch -t 200102010000 "$tmp/february" || return 1
	cd "$tmp/work" || return 1
}

make_old() {
	touch -t 200101010000 "$1"
}
is_old() {
	[ -z "$(find "$1" -newer "$tmp/february")" ]
}

# untouched FILE: it still has the text and the time that `old FILE` gave it, and no temporary
# file is left in the directory
old() {
	printf 'old\n' >"$1" && make_old "$1"
}
untouched() {
	printf 'old\n' | diff -u - "$1" && is_old "$1" && ! find . -name '*.tmp-*' | grep .
}

shows_help() {
	for option in -h --help; do
		run 0 "$option" && silent && grep -q '^Usage: cachemk ' "$tmp/out" || return 1
	done
	for option in --output --template --check --help --version; do
		grep -q -e "$option" "$tmp/out" || return 1
	done
	! awk 'length > 80' "$tmp/out" | grep .
}

shows_version() {
	for option in -V --version; do
		run 0 "$option" && silent && grep -Eqx 'cachemk [0-9]+\.[0-9]+\.[0-9]+' "$tmp/out" ||
			return 1
	done
}

refuses_unknown_options() {
	for option in --unknown -x --output -t; do
		run 2 "$option" && printed_nothing && grep -q "Try 'cachemk --help'" "$tmp/err" || return 1
	done
}

refuses_two_files() {
	run 2 one.ini two.ini && printed_nothing && says "cachemk: takes one INI file; unexpected argument 'two.ini'
Try 'cachemk --help'."
}

refuses_to_check_standard_output() {
	run 2 --check -o - && printed_nothing && grep -q "it cannot be used with '-o -'" "$tmp/err"
}

has_defaults() (
	new_work && run 0 && silent && printed_nothing && run 0 -o - && cmp "$tmp/out" mk/cache.mk
)

same_twice() (
	new_work && run 0 -o one.mk && run 0 --output=two.mk --template cache.mk targets.ini &&
		cmp one.mk two.mk && run 0 -t ./templates/cache.mk.mustache -o three.mk &&
		cmp one.mk three.mk
)

# The same bytes stay where they are, and only look new to make.
keeps_an_equal_file() (
	new_work && run 0 && ln mk/cache.mk link && make_old link && run 0 &&
		[ -n "$(find mk/cache.mk -links 2)" ] && ! is_old mk/cache.mk
)

check_of_equal() (
	new_work && run 0 && make_old mk/cache.mk && run 0 --check && silent && printed_nothing &&
		is_old mk/cache.mk
)

# The makefile and its script come from one run.
check_of_the_script() (
	new_work && run 0 && cp mk/cache.sh "$tmp/script" && old mk/cache.sh && run 1 --check &&
		says 'mk/cache.sh: error: out of date; run cachemk without --check' &&
		untouched mk/cache.sh && rm mk/cache.sh && run 1 --check && [ ! -e mk/cache.sh ] &&
		says 'mk/cache.sh: error: does not exist; run cachemk without --check' &&
		run 0 && cmp mk/cache.sh "$tmp/script"
)

# It holds nothing of a project's, so that it may be compared and shared.
# shellcheck disable=SC2016 # it is text
script_is_the_same_everywhere() (
	new_work && run 0 && cp mk/cache.sh "$tmp/script" &&
		printf '[a]\ndescription = $(x) `y`\ntriple = a-b\nimage = i\n' >targets.ini && mkdir other &&
		run 0 -o other/rules.mk && cmp other/cache.sh "$tmp/script" && sh -n other/cache.sh &&
		head -n 1 other/cache.sh | grep -qx '#!/bin/sh' && grep -qx "version=$(version)" other/cache.sh &&
		grep -q "sh \$(cachemk_script) $(version)\$" other/rules.mk
)
version() {
	"$cachemk" --version | sed 's/.* //'
}

# Only makefiles that call it have one, and it keeps its bytes and its time if they are right.
script_is_written_where_it_is_called() (
	new_work && run 0 -o - && [ ! -e cache.sh ] && run 0 -t list.txt -o out && [ ! -e cache.sh ] &&
		run 0 -t ./templates/cache.mk.mustache -o one.mk && make_old cache.sh && run 0 -o two.mk &&
		is_old cache.sh && old targets.mk && run 1 -o mk/cache.sh &&
		says 'mk/cache.sh: error: this is the name of the script; choose another one with -o FILE' && [ ! -e mk/cache.sh ]
)

# Half of the pair would be worse than none.
script_that_cannot_be_written() (
	new_work && old mk/cache.mk && mkdir mk/cache.sh && run 1 &&
		says 'mk/cache.sh: error: not a regular file; '"'-o -' writes to standard output" &&
		untouched mk/cache.mk && rmdir mk/cache.sh && rm templates/sh/prune.sh && run 1 &&
		says 'sh/prune.sh: error: this part of cache.sh is missing, both in templates/ and in '"$(installed)" && untouched mk/cache.mk && [ ! -e mk/cache.sh ]
)
installed() {
	"$cachemk" -t no-such 2>&1 | sed -n '$s|: note: .*||p'
}

check_of_different() (
	new_work && run 0 && old mk/cache.mk && run 1 --check && printed_nothing &&
		says 'mk/cache.mk: error: out of date; run cachemk without --check' &&
		untouched mk/cache.mk
)

check_of_missing() (
	new_work && run 1 --check && printed_nothing &&
		says 'mk/cache.sh: error: does not exist; run cachemk without --check
mk/cache.mk: error: does not exist; run cachemk without --check' && [ ! -e mk/cache.mk ] && [ ! -e mk/cache.sh ]
)

missing_ini() (
	new_work && old mk/cache.mk && run 1 none.ini &&
		says 'none.ini: error: cannot read: No such file or directory' && rm targets.ini && run 1 &&
		says 'targets.ini: error: cannot read: No such file or directory; run cachemk init to create it' &&
		untouched mk/cache.mk
)

directory_as_ini() (
	new_work && old mk/cache.mk && run 1 templates &&
		says 'templates: error: cannot read: Is a directory' && untouched mk/cache.mk
)

missing_template() (
	printf '%s\n' 'templates/none.mk.mustache: error: no such template' \
		'templates/: note: available: a.yml' >"$tmp/expected"
	new_work && rm templates/*.mustache && : >templates/a.yml.mustache && : >templates/part.mustache &&
		old mk/cache.mk && run 1 -t none.mk && printed_nothing &&
		sed 2q "$tmp/err" | diff -u - "$tmp/expected" && run 1 -t ./none.mk &&
		says './none.mk: error: cannot read the template: No such file or directory' &&
		untouched mk/cache.mk
)

# An ending before .mustache may be left out, unless there are two to choose from.
template_without_its_ending() (
	new_work && printf '{{#targets}}- {{name}}\n{{/targets}}' >templates/names.yml.mustache &&
		run 0 -t names -o - && silent && cp "$tmp/out" named && run 0 -t names.yml -o - &&
		cmp "$tmp/out" named && grep -qx -e '- linux-x64' named &&
		: >templates/names.md.mustache && run 1 -t names -o - && printed_nothing &&
		says "templates/names.md.mustache: error: 'names.yml' also exists; choose names.md or names.yml"
)

# Else a workflow would take the place of the rules.
other_kind_needs_a_place() (
	new_work && : >templates/names.yml.mustache && old mk/cache.mk && run 1 -t names &&
		says 'templates/names.yml.mustache: error: the output of this template is not a makefile; choose a file with -o FILE' &&
		untouched mk/cache.mk
)

template_of_unknown_kind() (
	new_work && : >templates/a.rtf.mustache && old out && run 1 -t a.rtf -o out &&
		grep -q '^templates/a.rtf.mustache: error: unknown kind of output; name the template one of X' "$tmp/err" && untouched out
)

template_with_an_error() (
	new_work && printf 'one\n{{nothing}}\n' >templates/a.mk.mustache && old out &&
		run 1 -t a.mk -o out && grep -q '^templates/a.mk.mustache:2: error: ' "$tmp/err" &&
		untouched out
)

bad_ini() (
	new_work && old mk/cache.mk && printf '[x]\n' >targets.ini && run 1 &&
		[ "$(wc -l <"$tmp/err")" -eq 3 ] && untouched mk/cache.mk
)

# A directory that is a file stops root, too.
unwritable_directory() (
	new_work && old file && run 1 -o file/out &&
		says 'file/out: error: cannot write: Not a directory' && untouched file &&
		run 1 -o none/out &&
		says "none/out: error: there is no directory 'none'; create it with mkdir -p 'none'" &&
		[ ! -e none ] && run 1 -o templates/none/deep/out &&
		says "templates/none/deep/out: error: there is no directory 'templates/none/deep'; create it with mkdir -p 'templates/none/deep'" &&
		[ ! -e templates/none ]
)

# A limit of the size of files is a full disk for root, too.
full_disk() (
	new_work && old mk/cache.mk && trap '' XFSZ && ulimit -f 2 && run 1 &&
		says 'mk/cache.mk: error: cannot write: File too large' && untouched mk/cache.mk &&
		[ "$(ls mk)" = cache.mk ]
)

# The same limit, and now its signal kills.
killed_while_writing() (
	new_work && old mk/cache.mk || exit 1
	(ulimit -f 2 && exec "$cachemk")
	[ $? -gt 128 ] && is_old mk/cache.mk && printf 'old\n' | diff -u - mk/cache.mk
)

full_device() {
	[ -c /dev/full ] || return 0 # a device of Linux
	"$cachemk" -o - default.ini -t ../../templates/cache.mk.mustache >/dev/full 2>"$tmp/err"
	[ $? -eq 1 ] && says 'standard output: error: cannot write: No space left on device'
}

# Not under another name either, and not by way of the script.
keeps_its_inputs() (
	new_work && old part.mustache && printf '{{> part}}\n' >one.mk.mustache && cp targets.ini "$tmp/ini" || exit 1
	ln targets.ini hard && ln -s targets.ini soft && ln -s ../targets.ini mk/cache.sh || exit 1
	for output in targets.ini ./targets.ini hard soft; do
		run 1 -o "$output" && says "$output: error: this is a file that cachemk reads; choose another one with -o FILE" &&
			cmp targets.ini "$tmp/ini" || exit 1
	done
	run 1 && says 'mk/cache.sh: error: this is a file that cachemk reads; choose another one with -o FILE' &&
		[ ! -e mk/cache.mk ] && cmp targets.ini "$tmp/ini" && cp one.mk.mustache "$tmp/one" &&
		run 1 -t ./one.mk.mustache -o one.mk.mustache && cmp one.mk.mustache "$tmp/one" &&
		run 1 -t ./one.mk.mustache -o part.mustache && untouched part.mustache &&
		run 1 -o templates/sh/main.sh && cmp templates/sh/main.sh "$root/templates/sh/main.sh"
)

# A file of another owner has the right bytes, but its time cannot be set.
equal_file_of_another() (
	[ "$(id -u)" -eq 0 ] && command -v setpriv >"$tmp/log" || exit 0 # the tests run as somebody else
	chmod 755 "$tmp" && new_work && run 0 && make_old mk/cache.mk && make_old mk/cache.sh &&
		setpriv --reuid=65534 --clear-groups "$cachemk" 2>"$tmp/err" && silent && is_old mk/cache.mk && is_old mk/cache.sh
)

# Whatever standard output is: a file that goes on, with what is in it.
dev_stdout() (
	new_work && run 0 -o - && { echo old && cat "$tmp/out"; } >"$tmp/expected" && echo old >log &&
		"$cachemk" -o /dev/stdout >>log && cmp log "$tmp/expected" && [ ! -e cache.sh ] &&
		run 2 --check -o /dev/stdout || exit 1
	for place in /dev/stderr /dev/fd/3 /proc/self/fd/3; do
		old log && "$cachemk" -t list.txt -o "$place" 2>"$tmp/err" 3>>log >"$tmp/out" && exit 1
		[ "$place" = /dev/stderr ] || says "$place: error: not a regular file; '-o -' writes to standard output" || exit 1
		untouched log || exit 1
	done
)

# ---- cachemk list; init.sh has cachemk init

lists_targets() (
	new_work && run 0 list && silent && [ "$(wc -l <"$tmp/out")" -eq 4 ] &&
		grep -qx 'linux-musl-arm64 aarch64-unknown-linux-musl linux/arm64 cargo-cache-musl-arm64 cargo-git-cache-musl-arm64 alpine-arm64' "$tmp/out" &&
		printf '[a]\ndescription = d\ntriple = a-b\nimage = i\n' >other.ini && run 0 list other.ini &&
		echo 'a a-b - cargo-cache-a cargo-git-cache-a' | diff - "$tmp/out" &&
		run 2 list --jsn && run 2 list --json a b && run 1 list none.ini && run 0 list --help &&
		run 0 init --help && grep -q '^Usage: ' "$tmp/out" && run 0 list other.ini --json && grep -q '^{"names"' "$tmp/out"
)

lists_as_json() (
	new_work && printf '[a]\ndescription = "\\ \t\303\251\001/\ntriple = a-b\nimage = i\naliases = u v\n' >other.ini &&
		run 0 list --json other.ini && python3 -c 'import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
assert d[0]["names"] == ["a", "u", "v"] and d[0]["platform"] is None, d
assert d[0]["description"] == "\"\\ \t\u00e9\u0001/", d' "$tmp/out"
)

# Lists in lists in lists: 10 targets, 30 deep.
endless_sections() (
	new_work && for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '[t%s]\ndescription = d\ntriple = a-b\nimage = i\n' "$i"
	done >targets.ini && {
		printf '{{#targets}}%.0s' $(seq 30)
		printf '{{/targets}}%.0s' $(seq 30)
	} >templates/a.mk.mustache && old out && run 1 -t a.mk -o out &&
		says 'templates/a.mk.mustache:1: error: render limit exceeded: more than 10000000 steps, or 268MB; do nested lists multiply?' &&
		untouched out && {
		printf '{{#targets}}%.0s' $(seq 30)
		head -c 100000 /dev/zero | tr '\0' x
		printf '{{/targets}}%.0s' $(seq 30)
	} >templates/a.mk.mustache && run 1 -t a.mk -o out && untouched out
)

# many_targets N: an INI file
many_targets() {
	awk -v n="$1" 'BEGIN {
		for (i = 0; i < n; i++) {
			printf "[t%d]\ndescription = number %d\n", i, i
			print "triple = x86_64-unknown-linux-gnu\nimage = rust\naliases = also-t" i
		}
	}'
}

ten_thousand_targets() (
	new_work && many_targets 10000 >targets.ini && run 0 && silent &&
		[ "$(grep -c '^define cachemk_in_t[0-9]*$' mk/cache.mk)" -eq 10000 ] &&
		[ "$(grep -c '^%-also-t[0-9]*: %-t[0-9]* ;$' mk/cache.mk)" -eq 10000 ]
)

# One list that is long is no nested list.
hundred_thousand_targets() (
	new_work && many_targets 100000 >targets.ini && run 0 && silent &&
		[ "$(grep -c '^define cachemk_in_t[0-9]*$' mk/cache.mk)" -eq 100000 ]
)

# ----

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
check '--help fits a terminal' shows_help
check '--version' shows_version
check 'an unknown option, or one without its argument, is wrong usage' refuses_unknown_options
check 'two INI files are wrong usage' refuses_two_files
check '--check of standard output is wrong usage' refuses_to_check_standard_output
check 'without arguments, targets.ini becomes mk/cache.mk' has_defaults
check 'the same input gives the same bytes' same_twice
check 'an equal file keeps its inode and gets a new time' keeps_an_equal_file
check '--check compares the script, too' check_of_the_script
check 'the script is the same in every project' script_is_the_same_everywhere
check 'the script is written beside makefiles that call it' script_is_written_where_it_is_called
check 'a script that cannot be written keeps the old makefile' script_that_cannot_be_written
check '--check of an equal file is silent' check_of_equal
check '--check of a different file is one line' check_of_different
check '--check of a missing file is one line' check_of_missing
check 'a missing INI file' missing_ini
check 'a directory as INI file' directory_as_ini
check 'a missing template' missing_template
check 'a template without its ending' template_without_its_ending
check 'another kind of output needs a place' other_kind_needs_a_place
check 'a template of unknown kind' template_of_unknown_kind
check 'a template with an error' template_with_an_error
check 'a bad INI file keeps the old output' bad_ini
check 'an output in no directory' unwritable_directory
check 'a full disk keeps the old output' full_disk
check 'a kill while writing keeps the old output' killed_while_writing
check 'a full device as standard output' full_device
check 'what it reads is never overwritten' keeps_its_inputs
check 'an equal file of another owner is left alone' equal_file_of_another
check '/dev/stdout is standard output' dev_stdout
check 'sections that multiply' endless_sections
# shellcheck source=tests/golden/init.sh
. ./init.sh
check 'list: a line a target' lists_targets
check 'list --json' lists_as_json
check '10,000 targets' ten_thousand_targets
check '100,000 targets' hundred_thousand_targets
printf '1..%s\n' "$count"
[ "$failed" -eq 0 ]
