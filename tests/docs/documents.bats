#!/usr/bin/env bats
# What the documents show: every targets.ini is one that cachemk accepts.

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
