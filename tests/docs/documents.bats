#!/usr/bin/env bats
# What the documents show: every targets.ini is one that cachemk accepts, and every key, rule and
# setting is there.
# shellcheck disable=SC2016 # backquotes in single quotes are Markdown's

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
required=$'description = D\ntriple = x86_64-unknown-linux-gnu\nimage = rust'

setup() {
	export LC_ALL=C
	cd "$BATS_TEST_TMPDIR" || return
}

# split_blocks DOCUMENT: writes its ini blocks to the files NUMBER.ini here, and prints how many
split_blocks() {
	rm -f ./[0-9]*.ini
	awk '/^```ini$/ { file = ++count ".ini"; printf "" >file; next }
		/^```/ { file = "" }
		file { print >file }
		END { print count + 0 }' "$1"
}

# complete_block FILE: prints it.  One without a target gets one, and keys without a section, too;
# one that has a triple has to have all that is required.
complete_block() {
	grep -q '^\[' "$1" || printf '[example]\n'
	cat "$1"
	if grep -q '^\[defaults\]' "$1"; then
		[ "$(grep -c '^\[' "$1")" -gt 1 ] || printf '[example]\n%s\n' "$required"
	elif ! grep -q '^triple ' "$1"; then
		printf '[defaults]\n%s\n' "$required"
	fi
}

# is_accepted FILE: whether cachemk generates rules from the completed block
is_accepted() {
	complete_block "$1" >targets.ini
	(cd "$repo" && gen/cachemk -o - "$BATS_TEST_TMPDIR/targets.ini") >made
}

@test "every ini block in the documents is valid" {
	local file block blocks=0
	for file in "$repo"/*.md "$repo"/docs/*.md; do
		split_blocks "$file" >count
		blocks=$((blocks + $(cat count)))
		for block in [0-9]*.ini; do
			[ -e "$block" ] || continue
			is_accepted "$block" || {
				printf '%s, block %s:\n' "$file" "$block"
				cat targets.ini
				return 1
			}
		done
	done
	[ "$blocks" -ge 15 ]
}

@test "a block that is not valid is noticed" {
	printf '%s\n' '```ini' '[t]' 'triple = x86_64-unknown-linux-gnu' '```' '```ini' 'cros = yes' '```' \
		'```ini' '[defaults]' 'cache = a' '```' >doc.md
	[ "$(split_blocks doc.md)" -eq 3 ]
	run ! is_accepted 1.ini
	run ! is_accepted 2.ini
	is_accepted 3.ini
}

# has_rows DOCUMENT [NAME...]: whether a table in it has a row for each
has_rows() {
	local document=$repo/$1 name
	shift
	[ "$#" -gt 0 ] || return
	for name; do
		grep -Eq "^[|] [^|]*\`$name(-TARGET)?\`" "$document" || {
			printf '%s has no row for %s\n' "$document" "$name"
			return 1
		}
	done
}

@test "docs/targets-ini.md has every key" {
	local keys
	mapfile -t keys < <(sed -n 's/^ *\[KEY_.*= {"\([^"]*\)".*/\1/p' "$repo/gen/targets.c")
	[ "${#keys[@]}" -ge 18 ]
	has_rows docs/targets-ini.md "${keys[@]}"
}

@test "docs/rules.md has every setting" {
	local settings
	mapfile -t settings < <(sed -n '/^cachemk_settings :=/,/[^\\]$/p; /^cachemk_own =/,/[^\\]$/p' \
		"$repo/templates/cache.mk.mustache" | grep -ow '[A-Z][A-Z_]*' && printf 'YES\nALL\n')
	[ "${#settings[@]}" -ge 19 ]
	has_rows docs/rules.md "${settings[@]}"
}

@test "docs/rules.md has every rule" {
	local rules
	# A continued line is one, and commands without what they are for.
	mapfile -t rules < <(sed -e :a -e '/\\$/{N;s/\\\n//;ba;}' "$repo/templates/cache.mk.mustache" |
		sed -n 's/^cachemk_\(overall\|commands\|for_all\) := //p' | tr -s '[:space:]' '\n' | grep -v '^\$')
	[ "${#rules[@]}" -ge 17 ]
	has_rows docs/rules.md "${rules[@]}" help-cache
}

@test "what has no row is noticed" {
	run ! has_rows docs/rules.md no-such-rule
	run ! has_rows docs/rules.md
}
