#!/usr/bin/env bats
# mk/cache.mk and mk/cache.sh: written whole or not at all.
# shellcheck disable=SC2016,SC2154 # text for cachemk; helper.bash sets the rest

load helper

setup() {
	new_work
}

version() {
	"$cachemk" --version | sed 's/.* //'
}

# installed: where templates are installed
installed() {
	"$cachemk" -t no-such 2>&1 | sed -n '$s|: note: .*||p'
}

@test "without arguments, targets.ini becomes mk/cache.mk" {
	cachemk 0
	silent
	printed_nothing
	cachemk 0 -o -
	cmp "$out" mk/cache.mk
}

@test "the same input gives the same bytes" {
	cachemk 0 -o one.mk
	cachemk 0 --output=two.mk --template cache.mk targets.ini
	cmp one.mk two.mk
	cachemk 0 -t ./templates/cache.mk.mustache -o three.mk
	cmp one.mk three.mk
}

# The same bytes stay where they are, and only look new to make.
@test "an equal file keeps its inode and gets a new time" {
	cachemk 0
	ln mk/cache.mk link
	make_old link
	cachemk 0
	[ -n "$(find mk/cache.mk -links 2)" ]
	! is_old mk/cache.mk || false
}

@test "--check of an equal file is silent" {
	cachemk 0
	make_old mk/cache.mk
	cachemk 0 --check
	silent
	printed_nothing
	is_old mk/cache.mk
}

# The makefile and its script come from one run.
@test "--check compares the script, too" {
	cachemk 0
	cp mk/cache.sh "$BATS_TEST_TMPDIR/script"
	old mk/cache.sh
	cachemk 1 --check
	says 'mk/cache.sh: error: out of date; run cachemk without --check'
	untouched mk/cache.sh
	rm mk/cache.sh
	cachemk 1 --check
	[ ! -e mk/cache.sh ]
	says 'mk/cache.sh: error: does not exist; run cachemk without --check'
	cachemk 0
	cmp mk/cache.sh "$BATS_TEST_TMPDIR/script"
}

# It holds nothing of a project's, so that it may be compared and shared.
# shellcheck disable=SC2016 # it is text
@test "the script is the same in every project" {
	cachemk 0
	cp mk/cache.sh "$BATS_TEST_TMPDIR/script"
	printf '[a]\ndescription = $(x) `y`\ntriple = a-b\nimage = i\n' >targets.ini
	mkdir other
	cachemk 0 -o other/rules.mk
	cmp other/cache.sh "$BATS_TEST_TMPDIR/script"
	sh -n other/cache.sh
	head -n 1 other/cache.sh | grep -qx '#!/bin/sh'
	grep -qx "version=$(version)" other/cache.sh
	grep -q "sh \$(cachemk_script) $(version)\$" other/rules.mk
}

# Only makefiles that call it have one, and it keeps its bytes and its time if they are right.
@test "the script is written beside makefiles that call it" {
	cachemk 0 -o -
	[ ! -e cache.sh ]
	cachemk 0 -t list.txt -o out
	[ ! -e cache.sh ]
	cachemk 0 -t ./templates/cache.mk.mustache -o one.mk
	make_old cache.sh
	cachemk 0 -o two.mk
	is_old cache.sh
	old targets.mk
	cachemk 1 -o mk/cache.sh
	says 'mk/cache.sh: error: this is the name of the script; choose another one with -o FILE'
	[ ! -e mk/cache.sh ]
}

# Half of the pair would be worse than none.
@test "a script that cannot be written keeps the old makefile" {
	old mk/cache.mk
	mkdir mk/cache.sh
	cachemk 1
	says 'mk/cache.sh: error: not a regular file; '"'-o -' writes to standard output"
	untouched mk/cache.mk
	rmdir mk/cache.sh
	rm templates/cache.sh
	cachemk 1
	says 'cache.sh: error: it is missing, both in templates/ and in '"$(installed)"
	untouched mk/cache.mk
	[ ! -e mk/cache.sh ]
}

@test "--check of a different file is one line" {
	cachemk 0
	old mk/cache.mk
	cachemk 1 --check
	printed_nothing
	says 'mk/cache.mk: error: out of date; run cachemk without --check'
	untouched mk/cache.mk
}

@test "--check of a missing file is one line" {
	cachemk 1 --check
	printed_nothing
	says 'mk/cache.sh: error: does not exist; run cachemk without --check' \
		'mk/cache.mk: error: does not exist; run cachemk without --check'
	[ ! -e mk/cache.mk ]
	[ ! -e mk/cache.sh ]
}

@test "a missing INI file" {
	old mk/cache.mk
	cachemk 1 none.ini
	says 'none.ini: error: cannot read: No such file or directory'
	rm targets.ini
	cachemk 1
	says 'targets.ini: error: cannot read: No such file or directory; run cachemk init to create it'
	untouched mk/cache.mk
}

@test "a directory as INI file" {
	old mk/cache.mk
	cachemk 1 templates
	says 'templates: error: cannot read: Is a directory'
	untouched mk/cache.mk
}

@test "a bad INI file keeps the old output" {
	old mk/cache.mk
	printf '[x]\n' >targets.ini
	cachemk 1
	[ "$(wc -l <"$err")" -eq 3 ]
	untouched mk/cache.mk
}

# A directory that is a file stops root, too.
@test "an output in no directory" {
	old file
	cachemk 1 -o file/out
	says 'file/out: error: cannot write: Not a directory'
	untouched file
	cachemk 1 -o none/out
	says "none/out: error: there is no directory 'none'; create it with mkdir -p 'none'"
	[ ! -e none ]
	cachemk 1 -o templates/none/deep/out
	says "templates/none/deep/out: error: there is no directory 'templates/none/deep'; create it with mkdir -p 'templates/none/deep'"
	[ ! -e templates/none ]
}

# A limit of the size of files is a full disk for root, too.
@test "a full disk keeps the old output" {
	old mk/cache.mk
	(
		trap '' XFSZ
		ulimit -f 2
		cachemk 1
	)
	says 'mk/cache.mk: error: cannot write: File too large'
	untouched mk/cache.mk
	[ "$(ls mk)" = cache.mk ]
}

# The same limit, and now its signal kills.
@test "a kill while writing keeps the old output" {
	old mk/cache.mk
	status=0
	(ulimit -f 2 && exec "$cachemk") || status=$?
	[ "$status" -gt 128 ]
	untouched mk/cache.mk
}

@test "a full device as standard output" {
	[ -c /dev/full ] || skip 'a device of Linux'
	status=0
	"$cachemk" -o - >/dev/full 2>"$err" || status=$?
	[ "$status" -eq 1 ]
	says 'standard output: error: cannot write: No space left on device'
}

# Not under another name either, and not by way of the script.
@test "what it reads is never overwritten" {
	old part.mustache
	printf '{{> part}}\n' >one.mk.mustache
	cp targets.ini "$BATS_TEST_TMPDIR/ini"
	ln targets.ini hard
	ln -s targets.ini soft
	ln -s ../targets.ini mk/cache.sh
	for output in targets.ini ./targets.ini hard soft; do
		cachemk 1 -o "$output"
		says "$output: error: this is a file that cachemk reads; choose another one with -o FILE"
		cmp targets.ini "$BATS_TEST_TMPDIR/ini"
	done
	cachemk 1
	says 'mk/cache.sh: error: this is a file that cachemk reads; choose another one with -o FILE'
	[ ! -e mk/cache.mk ]
	cmp targets.ini "$BATS_TEST_TMPDIR/ini"
	cp one.mk.mustache "$BATS_TEST_TMPDIR/one"
	cachemk 1 -t ./one.mk.mustache -o one.mk.mustache
	cmp one.mk.mustache "$BATS_TEST_TMPDIR/one"
	cachemk 1 -t ./one.mk.mustache -o part.mustache
	untouched part.mustache
	cachemk 1 -o templates/sh/dockerfile.sh
	cmp templates/sh/dockerfile.sh "$repo/templates/sh/dockerfile.sh"
	cachemk 1 -o templates/cache.mk
	says 'templates/cache.sh: error: this is a file that cachemk reads; choose another one with -o FILE'
	cmp templates/cache.sh "$repo/templates/cache.sh"
}

# A file of another owner has the right bytes, but its time cannot be set.
@test "an equal file of another owner is left alone" {
	[ "$(id -u)" -eq 0 ] || skip 'only root can be another user'
	chmod a+rx "$BATS_RUN_TMPDIR" "$BATS_TEST_TMPDIR"
	cachemk 0
	make_old mk/cache.mk
	make_old mk/cache.sh
	setpriv --reuid=65534 --clear-groups "$cachemk" 2>"$err"
	silent
	is_old mk/cache.mk
	is_old mk/cache.sh
}

# Whatever standard output is: a file that goes on, with what is in it.
@test "/dev/stdout is standard output" {
	cachemk 0 -o -
	{ echo old && cat "$out"; } >"$BATS_TEST_TMPDIR/expected"
	echo old >log
	"$cachemk" -o /dev/stdout >>log
	cmp log "$BATS_TEST_TMPDIR/expected"
	[ ! -e cache.sh ]
	cachemk 2 --check -o /dev/stdout
	for place in /dev/stderr /dev/fd/3 /proc/self/fd/3; do
		old log
		cachemk 1 -t list.txt -o "$place" 3>>log
		[ "$place" = /dev/stderr ] || says "$place: error: not a regular file; '-o -' writes to standard output"
		untouched log
	done
}
