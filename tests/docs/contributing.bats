#!/usr/bin/env bats
# CONTRIBUTING.md, done word by word in a copy of the tree, and the links of all documents.
# shellcheck disable=SC2016,SC2154 # templates and Markdown in single quotes; bats sets the rest

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)

# Nothing that the caller's make has set may decide a test.
unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES MAKEFILES GNUMAKEFLAGS BUILD CC CFLAGS LDFLAGS
unset WORKSPACE CARGO_FLAGS PROFILE ARGS

# What is there, and not yet added, too.
setup_file() {
	local copy=$BATS_FILE_TMPDIR/repo
	mkdir "$copy"
	cd "$repo" || return
	git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
		[ ! -e "$file" ] || printf '%s\0' "$file"
	done | xargs -0 cp -Pp --parents -t "$copy"
	make -C "$copy" CFLAGS=-O0 gen/cachemk
}

setup() {
	cp -Rp "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return
}

# ---- What CONTRIBUTING.md says

# block HEADING LANGUAGE: the fenced blocks of that language in a section
block() {
	awk -v heading="### $1" -v fence="\`\`\`$2" '
		/^##/ { here = $0 == heading }
		/^```/ { on = here && !on && $0 == fence; next }
		on' CONTRIBUTING.md
}

# edit HEADING: applies the patch of a section; the copy is no repository of its own
edit() {
	block "$1" diff | GIT_CEILING_DIRECTORIES=$BATS_TEST_TMPDIR git apply -v -
}

# smallest LINE...: a targets.ini of one target, with these further lines
smallest() {
	printf '%s\n' '[t]' 'description = D' 'triple = x86_64-unknown-linux-gnu' 'image = rust' "$@" \
		>targets.ini
}

@test "a key that is added as written reaches a template" {
	edit 'A key'
	make CFLAGS=-O0 gen/cachemk
	smallest "example_key = it's \$HOME"
	gen/cachemk -o - | grep -Fx "  --example-key 'it'\\''s \$\$HOME' \\"
	printf '%s\n' '{{#targets}}<{{example_key}}>{{/targets}}' >templates/example.txt.mustache
	[ "$(gen/cachemk -t example -o -)" = "<it's \$HOME>" ]
}

@test "a key that is added as written is known, and not required" {
	edit 'A key'
	make CFLAGS=-O0 gen/cachemk
	smallest 'exampl_key = a'
	run -1 gen/cachemk -o -
	[ "$output" = "targets.ini:5: error: unknown key 'exampl_key'; did you mean 'example_key'?" ]
	smallest
	gen/cachemk -o - >out
	[ "$(grep -c example out)" -eq 0 ]
}

@test "a key that is added as written passes the unit tests" {
	pkg-config --exists check || skip 'the library Check is not installed'
	edit 'A key'
	make CFLAGS=-O0 build/unit
	CK_RUN_SUITE=targets build/unit
}

@test "without the edits there is no such key" {
	smallest 'example_key = a'
	run -1 gen/cachemk -o -
	[[ $output == *"unknown key 'example_key'"* ]]
}

@test "the places that the steps for a key name are there" {
	grep -q 'check_together(' gen/targets.c
	grep -q 'add_image_tag(' gen/context.c
	grep -q ' inputs\[\]' gen/context.c
	for file in gen/grammar.[ch] gen/context.h tests/golden/{all-keys.ini,values.mk.mustache} \
		tests/make/keys.bats tests/e2e/options.bats; do [ -f "$file" ]; done
}

@test "a rule that is added as written runs its command for each target and alias" {
	edit 'A rule'
	gen/cachemk -o cache.mk
	for target in linux-x64 alpine-arm64; do
		make -n -f cache.mk "doc-$target" >recipe
		grep -q '^ *sh .* doc-.* docker run --rm .* cargo doc *$' recipe
	done
}

@test "a template that is added as written is found, and filled in" {
	block 'A template' sh >commands
	[ "$(wc -l <commands)" -ge 2 ]
	sh -e commands
	diff <(sed -n 's/^\[\(.*\)\]$/\1/p' targets.ini) <(sed -n 's/^- \(.*\): .*/\1/p' example.md)
}

# The bats around it puts programs of its own into PATH and the environment.
run_bats() {
	run env -i PATH="$(tr ':' '\n' <<<"$PATH" | grep -v bats | paste -sd :)" HOME="$HOME" \
		bats --tap -f 'calls no engine$' "$@"
}

@test "a test that is added as written passes, and fails where it should" {
	block 'A test' bash >>tests/make/build.bats
	run_bats tests/make/build.bats
	[ "$status" -eq 0 ] && [[ $output == 1..1$'\n'ok* ]]
	sed -i 's/^\trm Cargo.toml$/\t:/' tests/make/build.bats
	run_bats tests/make/build.bats
	[ "$status" -eq 1 ] && [[ $output == *'not ok 1'* ]]
}

@test "every module, template and suite is on the map" {
	local file name
	for file in gen/*.c gen/init/*.c templates/*.mustache templates/sh/*.sh tests/*/; do
		name=${file#*/}
		name=${name#sh/} name=${name#init/}
		name=${name%.c}
		name=${name%.mustache} name=${name%/}
		grep -Eq "^[|] .*\`$name/?\`.* [|]" CONTRIBUTING.md || {
			printf '%s is not on the map\n' "$file"
			return 1
		}
	done
}

# ---- The links of all documents

# links FILE: where its relative links lead to, as Markdown has them, outside of code
links() {
	awk '/^```/ { code = !code; next } !code' "$1" | sed 's/`[^`]*`//g' |
		grep -o '](<\{0,1\}[^)]*)' | sed -E 's/^\]\(<?//; s/>?\)$//; s/ +"[^"]*"$//' |
		grep -Ev '^([a-z]+:|//)' || :
}

# anchors FILE: what its headings are called in links
anchors() {
	awk '/^```/ { code = !code; next } !code' "$1" | sed -n 's/^##* //p' | tr '[:upper:]' '[:lower:]' |
		sed 's/[^[:alnum:] _-]//g; s/ /-/g'
}

# broken FILE: its links that lead nowhere
broken() {
	local link path
	while IFS= read -r link; do
		path=$(dirname "$1")/${link%%#*}
		case $link in '#'*) path=$1 ;; esac
		if [ ! -e "$path" ]; then
			printf '%s: %s: there is no %s\n' "$1" "$link" "$path"
		elif [[ $link == *'#'* && $path == *.md ]] && ! anchors "$path" | grep -Fqx -e "${link#*#}"; then
			printf '%s: %s: there is no such heading\n' "$1" "$link"
		fi
	done < <(links "$1")
}

@test "every relative link leads to a file, and to a heading that it has" {
	local file
	cd "$repo"
	for file in *.md docs/*.md; do broken "$file"; done >"$BATS_TEST_TMPDIR/broken"
	cat "$BATS_TEST_TMPDIR/broken"
	[ ! -s "$BATS_TEST_TMPDIR/broken" ]
}

@test "a link that leads nowhere is noticed, unless it is code" {
	cd "$BATS_TEST_TMPDIR"
	printf '%s\n' '# A heading' '[a](b.md) [c](#a-heading) [d](#none) `[e](f.md)` [g](https://h/)' \
		'```' '[i](j.md)' '```' >doc.md
	[ "$(broken doc.md)" = $'doc.md: b.md: there is no ./b.md\ndoc.md: #none: there is no such heading' ]
}
