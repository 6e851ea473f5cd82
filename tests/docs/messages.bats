#!/usr/bin/env bats
# What users come to read, in one list: see tests/messages/list.sh.

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

@test "the list of messages is up to date: sh tests/messages/list.sh --update, and review what is new" {
	cd "$repo"
	diff tests/messages/messages.txt <(sh tests/messages/list.sh)
}

# shellcheck disable=SC2016 # sh and C
@test "a new message is listed, of sh on several lines and of C in several literals" {
	mkdir -p "$BATS_TEST_TMPDIR/tests/messages" "$BATS_TEST_TMPDIR/templates/sh" "$BATS_TEST_TMPDIR/gen/init"
	cd "$BATS_TEST_TMPDIR"
	cp "$repo/tests/messages/list.sh" tests/messages
	: >templates/cache.mk.mustache
	cat >templates/sh/a.sh <<-'END'
		# no "comment of ours"
		f() {
			run "$x" || refuse "No $x here:" \
				'bring one.'
		}
	END
	cat >gen/b.c <<-'END'
		/* no "comment of ours" */
		f("no %s "
		  "here", '"');
	END
	printf 'f("one more %%s");\n' >gen/init/c.c
	diff <(sh tests/messages/list.sh) - <<-'END'
		templates/sh/a.sh: No $x here: bring one.
		gen/b.c: no %s here
		gen/init/c.c: one more %s
	END
}
