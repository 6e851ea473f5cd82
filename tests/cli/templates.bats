#!/usr/bin/env bats
# Templates by name, their mistakes, and their limits.
# shellcheck disable=SC2016,SC2154 # text for cachemk; helper.bash sets the rest

load helper

setup() {
	new_work
}

@test "a missing template" {
	printf '%s\n' 'templates/none.mk.mustache: error: no such template' \
		'templates/: note: available: a.yml' >"$BATS_TEST_TMPDIR/expected"
	rm templates/*.mustache
	: >templates/a.yml.mustache
	: >templates/part.mustache
	old mk/cache.mk
	cachemk 1 -t none.mk
	printed_nothing
	sed 2q "$err" | diff -u - "$BATS_TEST_TMPDIR/expected"
	cachemk 1 -t ./none.mk
	says './none.mk: error: cannot read: No such file or directory'
	untouched mk/cache.mk
}

# An ending before .mustache may be left out, unless there are two to choose from.
@test "a template without its ending" {
	printf '{{#targets}}- {{name}}\n{{/targets}}' >templates/names.yml.mustache
	cachemk 0 -t names -o -
	silent
	cp "$out" named
	cachemk 0 -t names.yml -o -
	cmp "$out" named
	grep -qx -e '- linux-x64' named
	: >templates/names.md.mustache
	cachemk 1 -t names -o -
	printed_nothing
	says "templates/names.md.mustache: error: 'names.yml' also exists; choose names.md or names.yml"
}

# Else a workflow would take the place of the rules.
@test "another kind of output needs a place" {
	: >templates/names.yml.mustache
	old mk/cache.mk
	cachemk 1 -t names
	says 'templates/names.yml.mustache: error: the output of this template is not a makefile; choose a file with -o FILE'
	untouched mk/cache.mk
}

@test "a template of unknown kind" {
	: >templates/a.rtf.mustache
	old out
	cachemk 1 -t a.rtf -o out
	grep -q '^templates/a.rtf.mustache: error: unknown kind of output; name the template one of X' "$err"
	untouched out
}

@test "a template with an error" {
	printf 'one\n{{nothing}}\n' >templates/a.mk.mustache
	old out
	cachemk 1 -t a.mk -o out
	grep -q '^templates/a.mk.mustache:2: error: ' "$err"
	untouched out
}

# Lists in lists in lists: 10 targets, 30 deep.
@test "sections that multiply" {
	ulimit -f 1000000 # in case that nothing else limits the output
	for i in 0 1 2 3 4 5 6 7 8 9; do
		printf '[t%s]\ndescription = d\ntriple = a-b\nimage = i\n' "$i"
	done >targets.ini
	{
		printf '{{#targets}}%.0s' $(seq 30)
		printf '{{/targets}}%.0s' $(seq 30)
	} >templates/a.mk.mustache
	old out
	cachemk 1 -t a.mk -o out
	says 'templates/a.mk.mustache:1: error: render limit exceeded: more than 10000000 steps, or 268MB; do nested lists multiply?'
	untouched out
	{
		printf '{{#targets}}%.0s' $(seq 30)
		head -c 100000 /dev/zero | tr '\0' x
		printf '{{/targets}}%.0s' $(seq 30)
	} >templates/a.mk.mustache
	cachemk 1 -t a.mk -o out
	untouched out
}

@test "10,000 targets" {
	many_targets 10000 >targets.ini
	cachemk 0
	silent
	[ "$(grep -c '^define cachemk_in_t[0-9]*$' mk/cache.mk)" -eq 10000 ]
	[ "$(grep -c '^%-also-t[0-9]*: %-t[0-9]* ;$' mk/cache.mk)" -eq 10000 ]
}

# One list that is long is no nested list.
@test "100,000 targets" {
	many_targets 100000 >targets.ini
	cachemk 0
	silent
	[ "$(grep -c '^define cachemk_in_t[0-9]*$' mk/cache.mk)" -eq 100000 ]
}
