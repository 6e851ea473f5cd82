#!/usr/bin/env bats
# Every rule and setting of the generated makefile is in each document that lists them, and none is
# invented: docs/rules.md, cachemk-rules(7), help-cache-all, and what shells complete.
# shellcheck disable=SC2013,SC2016,SC2154 # words; Markdown in single quotes; bats sets the rest

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
page=$repo/man/cachemk-rules.7

# Nothing that the caller's make has set may decide a test.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES GNUMAKEFLAGS

# One target and its alias stand for all.
setup_file() {
	[ -x "$repo/gen/cachemk" ] || skip 'gen/cachemk is not built'
	cd "$BATS_FILE_TMPDIR" || return
	printf '%s\n' '[target]' 'description = D' 'triple = x86_64-unknown-linux-gnu' 'image = rust' \
		'aliases = alias' >targets.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
	LC_ALL=C make -pnrR -f cache.mk help-cache >database
	make_rules >rules
	make_settings >settings
	make -s -f cache.mk help-cache-all >help
}

setup() {
	export LC_ALL=C
	cd "$BATS_FILE_TMPDIR" || return
}

# ---- What the makefile has

# Its rules, as a shell sees them that completes goals, sorted; TARGET is for a target's name.  Those
# that begin with cachemk- are others under a name that no project has.
make_rules() {
	sed -n 's/^\([a-z][a-z-]*\):.*/\1/p' database | sed 's/-target$/-TARGET/' | grep -v -e '-alias$' -e '^cachemk-' |
		LC_ALL=C sort -u
}

# Its settings, and those that only some rules know
make_settings() {
	{
		sed -n '/^cachemk_settings := /{N;s/.*:= //;s/[\\\n]//g;p;}' cache.mk | tr -s ' ' '\n'
		grep -v '^#' cache.mk | grep -oE 'cachemk_(flags|value|typed),[A-Z_]+|origin (YES|ALL)' |
			sed 's/.*[, ]//'
	} | LC_ALL=C sort -u
}

# both: the rules on standard input, and those for one target that go with them
both() {
	local rule
	sort -u | while IFS= read -r rule; do
		printf '%s\n' "$rule"
		case $rule in *-TARGET) continue ;; esac
		! grep -qx -e "$rule-TARGET" rules || printf '%s\n' "$rule-TARGET"
	done | sort -u
}

@test "the makefile has rules and settings to compare with" {
	[ "$(wc -l <rules)" -gt 20 ]
	grep -qx build-TARGET rules
	grep -qx build-all rules
	grep -qx clean-cache-TARGET rules
	[ "$(wc -l <settings)" -eq 22 ]
}

@test "each target and alias has the same rules, for shells that complete goals" {
	diff <(grep -o '^[a-z-]*-target:' database | sed 's/-target:$//' | grep -v ^cachemk | sort -u) \
		<(grep -o '^[a-z-]*-alias:' database | sed 's/-alias:$//' | sort -u)
}

@test "the script reads the settings that the makefile passes on" {
	sed -n '/^read_settings() {/,/^}/p' "$repo/templates/sh/main.sh" |
		sed -n 's/^\t\t\([A-Z_]*\)=\*).*/\1/p' | grep -vx -e MAKE_VERSION -e PWD -e OWN -e DOCKER_FROM | sort >known
	[ "$(wc -l <known)" -gt 10 ]
	[ "$(comm -23 known settings)" = '' ]
	# The rest is for make alone.
	diff <(comm -13 known settings) <(printf '%s\n' ARGS CARGO CARGO_FLAGS DOCKER DOCKER_BUILD_FLAGS PROFILE)
}

@test "the script knows which rules a misspelt target may have" {
	diff <(sed -n 's/-TARGET$//p' rules) <(sh -c '. "$0/help.sh"; printf "%s\n" $build_rules $cache_rules' \
		"$repo/templates/sh" | sort)
}

@test "init and doctor know each rule that a project may have, too" {
	mkdir -p project/src
	cd project
	printf '[package]\nname = "x"\n' >Cargo.toml
	: >src/main.rs
	ln -sfn "$repo/templates" templates
	sed 's/-TARGET$/-linux-x64/; s/$/:/' ../rules >Makefile
	"$repo/gen/cachemk" init
	diff <(sed 's/-TARGET$/-linux-x64/' ../rules | sort) <(sed -n 's/^#  *//p' targets.ini | tr '\n' ' ' |
		sed 's/.*migration.md: *//; s/ *$//' | tr -s ' ' '\n' | sort)
	diff <(sed 's/-TARGET$/-linux-x64/' ../rules | sort) <(sh -c '. "$0/help.sh"; . "$0/doctor.sh"
		awk -v targets=linux-x64 -v builds="$build_rules" -v caches="$cache_rules" "$own_rules_awk" Makefile' "$repo/templates/sh" | sort)
}

# ---- The manual page

# entries MACRO: the words of its entries, of which some have several
entries() {
	sed -n "s/^\.It $1 //p" "$page" | sed 's/ Ns Ar TARGET/TARGET/g; s/ , /\n/g' | sed "s/^$1 //"
}

@test "cachemk-rules(7) has each rule, and no other" {
	diff -u rules <(entries Ic | sort)
}

@test "cachemk-rules(7) has each setting, and no other" {
	diff -u settings <(entries Ev | grep -o '^[A-Z_]*' | sort)
}

@test "cachemk-rules(7) speaks of no rule and no setting that is not" {
	local word
	for word in $(grep -oE '^\.Ic [a-z].*' "$page" | cut -d ' ' -f 2- | sed 's/ Ns Ar TARGET/TARGET/; s/[,.;]//g'); do
		grep -qx -e "$word" -e "$word-TARGET" rules || grep -q "^\.It Ic $word\$" "$repo/man/cachemk.ini.5"
	done
}

# ---- The help

# Words are in the first column of it, which ends with two spaces.
@test "help-cache-all has each rule, and no other" {
	sed -n '1,/^TARGET is/p' help | sed -n 's/^  \([a-z].*[a-zA-Z]\)   *[a-z].*/\1/p' | sed 's/, /\n/g' >found
	diff -u rules <(both <found)
}

@test "help-cache-all has each setting, and no other" {
	sed -n '/^Settings/,$p' help | grep '^  [A-Z]' | cut -c 1-30 | grep -o '[A-Z_]*=' | tr -d = | sort >found
	diff -u settings found
}

@test "help-cache has no rule and no setting that is not" {
	local word
	make -s -f cache.mk help-cache >short
	for word in $(grep -oE '\<make [a-z][A-Za-z-]*' short | cut -d ' ' -f 2); do
		grep -qx -e "$word" rules
	done
	for word in $(grep -oE '\<[A-Z_]+=' short | tr -d =); do
		grep -qx -e "$word" settings
	done
}

# ---- The documents

# table FILE HEADING: the words in backquotes in the first column of the tables with that heading
table() {
	awk -F '|' -v heading=" $2 " '
		!/^\|/ { on = 0 }
		on && $2 !~ /---/ { print $2 }
		$2 == heading { on = 1 }' "$1" | grep -o '`[^`]*`' | tr -d '`' | sed 's/ .*//' || :
}

# sentences FILE: rules for all targets, which are in no table
sentences() {
	grep -oE '`(build|test|check|clippy|cargo|dist|fetch|prepare|run|shell)-all`' "$1" | tr -d '`' || :
}

documents() {
	find "$repo/README.md" "$repo/docs" -name '*.md' | sort
}

@test "no document has a rule or a setting that is not" {
	local file
	while IFS= read -r file; do
		printf '%s\n' "$file"
		{ table "$file" rule; sentences "$file"; } | sort -u >found
		[ "$(comm -23 found rules)" = '' ] || { comm -23 found rules && return 1; }
		table "$file" setting | sort -u >found
		[ "$(comm -23 found settings)" = '' ] || { comm -23 found settings && return 1; }
	done < <(documents)
}

@test "docs/rules.md has each rule and each setting" {
	local file=$repo/docs/rules.md
	[ -e "$file" ] || skip 'there is no docs/rules.md'
	diff -u rules <({ table "$file" rule; sentences "$file"; } | both)
	diff -u settings <(table "$file" setting | sort)
}

# origins SETTING: from where it has an effect on one of our rules, as make finds them
origins() {
	local setting=$1 rules='build-target run-target cargo-target clean-images' from=''
	printf 'include cache.mk\n' >plain.mk
	printf 'CACHEMK_%s = marker\ninclude cache.mk\n' "$setting" >default.mk
	printf '%s = marker\ninclude cache.mk\n' "$setting" >own.mk
	# shellcheck disable=SC2086 # rules are words
	{
		! make -n -f plain.mk $rules "$setting=marker" | grep -q marker || from='command line'
		! env "$setting=marker" make -n -f plain.mk $rules | grep -q marker || from="$from, environment"
		! make -n -f default.mk $rules | grep -q marker || from="$from, \`CACHEMK_$setting\`"
		! make -n -f own.mk $rules | grep -q marker || from="$from, $setting"
	}
	printf '%s\n' "$from"
}

@test "docs/rules.md says for each setting where it may come from" {
	local setting
	: >found
	while IFS= read -r setting; do printf '%s: %s\n' "$setting" "$(origins "$setting")"; done <settings >found
	diff -u found <(awk -F '|' '
		!/^\|/ { on = 0 }
		on && $2 !~ /---/ { gsub(/[ `]/, "", $2); gsub(/^ | $/, "", $3); print $2 ": " $3 }
		$2 == " setting " && $3 == " from " { on = 1 }' "$repo/docs/rules.md" | sort)
}
