#!/usr/bin/env bats
# The manual pages and the completions say what the program has: each key, option and ending.
# shellcheck disable=SC1091,SC2016,SC2034,SC2154 # odd names in single quotes; bats and bash set and use the rest

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
page=$repo/man/cachemk.1
ini_page=$repo/man/cachemk.ini.5

setup() {
	export LC_ALL=C
	mkdir -p "$BATS_TEST_TMPDIR/project"
	cd "$BATS_TEST_TMPDIR/project" || return
}

need() {
	command -v "$1" >/dev/null || skip "$1 is not installed"
}

# ---- What the program has

# The rows of the table of keys
key_rows() {
	sed -n '/keys\[KEY_COUNT\] = {/,/^};/p' "$repo/gen/targets.c" | grep '^ *\[KEY_'
}

# keys [PATTERN]: the names in the rows that match, sorted
keys() {
	key_rows | grep -e "${1-.}" | sed 's/.*= {"\([^"]*\)".*/\1/' | sort
}

usage() {
	sed -n '/^static const char usage_text/,/";$/p' "$repo/gen/main.c"
}

# All options in the usage text, short and long, sorted
options() {
	usage | grep -oE '[[" ]--?[A-Za-z][a-z-]*' | cut -c 2- | sort -u
}

commands() {
	usage | sed -n 's/^ *"       cachemk \([a-z]*\).*/\1/p' | sort
}

# The endings of outputs that a template can have
endings() {
	sed -n '/^} kinds\[\] = {/,/^};/p' "$repo/gen/escape.c" | grep -o '"[.][a-z]*"' | tr -d '"' | sort
}

# ---- The pages

# entries MACRO FILE: what has an entry of its own in a page, sorted
entries() {
	sed -n "s/^\.It $1 \([a-z_]*\)\( .*\)*$/\1/p" "$2" | grep . | sort
}

pages=("$page" "$ini_page" "$repo/man/cachemk-rules.7")

@test "the pages are clean for mandoc" {
	need mandoc
	mandoc -T lint -W warning "${pages[@]}"
}

@test "the pages fit 80 columns" {
	need mandoc
	LC_ALL=C.UTF-8
	[ "$(mandoc -T ascii "${pages[@]}" | sed 's/.\x08//g' | awk 'length > 80')" = '' ]
}

@test "the pages are all that there are, and name this version" {
	local file version
	version=$(sed -n 's/.*CACHEMK_VERSION "\(.*\)"/\1/p' "$repo/gen/version.h")
	[ -n "$version" ]
	[ "${#pages[@]}" -eq "$(find "$repo/man" -type f | wc -l)" ]
	for file in "${pages[@]}"; do grep -qx -e "\.Os cachemk $version" "$file"; done
}

@test "each page refers to the others" {
	local file other
	for file in "${pages[@]}"; do
		for other in "${pages[@]}"; do
			[ "$file" != "$other" ] || continue
			other=${other##*/}
			sed -n '/^\.Sh SEE ALSO/,$p' "$file" | grep -q "^\.Xr ${other%.*} ${other##*.}\( ,\)*\$"
		done
	done
}

@test "each key has its entry in cachemk.ini(5)" {
	[ "$(keys | wc -l)" -eq "$(key_rows | wc -l)" ]
	[ "$(keys | grep -c '^[a-z_]*$')" -ge 10 ]
	diff -u <(keys) <(entries Ic "$ini_page")
}

@test "the keys that cachemk.ini(5) calls required are those that are" {
	sed '/^These are optional/,$d' "$ini_page" >required
	diff -u <(keys '", true,') <(entries Ic required)
}

@test "the example in cachemk.ini(5) is one that cachemk reads" {
	[ -x "$repo/gen/cachemk" ] || skip 'gen/cachemk is not built'
	sed -n '/^\.Bd -literal/,/^\.Ed/p' "$ini_page" | sed '/^\./d' >example.ini
	(cd "$repo" && gen/cachemk -o - "$OLDPWD/example.ini") >example.mk
	grep -q '^define cachemk_in_linux-arm64$' example.mk
}

@test "each option has its entry in cachemk(1)" {
	options | grep -qx -e --json
	diff -u <(options) <(grep '^\.It' "$page" | grep -oE 'Fl -?[A-Za-z-]+' | sed 's/Fl /-/' | sort -u)
}

@test "each command has its entry in cachemk(1)" {
	commands | grep -qx init
	diff -u <(commands) <(entries Cm "$page")
}

@test "each ending of a template is in cachemk(1)" {
	endings | grep -qx '[.]mk'
	diff -u <(endings) <(grep -o '^\.Li [.][a-z]*' "$page" | cut -d ' ' -f 2 | grep -vx .mustache | sort)
}

@test "the pages and completions name the directory of installed templates" {
	local directory
	directory=$(sed -n 's/^#define CACHEMK_TEMPLATES "\(.*\)\/"$/\1/p' "$repo/gen/template.c")
	[ -n "$directory" ]
	grep -qx "\.It Pa $directory/" "$page"
	grep -qx "_cachemk_installed=$directory" "$repo/completions/cachemk.bash"
	grep -qx "  local installed=$directory" "$repo/completions/_cachemk"
}

# ---- The completion in bash

# files NAME...: makes these files, and their directories
files() {
	local name
	for name; do
		[[ $name != */* ]] || mkdir -p "./${name%/*}"
		: >"./$name"
	done
}

# type_words WORD...: what the last of them is completed to is in COMPREPLY.  Where templates are
# installed, the tests see those in ./installed instead.
type_words() {
	# shellcheck source=completions/cachemk.bash
	source "$repo/completions/cachemk.bash"
	_cachemk_installed=installed
	COMP_WORDS=(cachemk "$@")
	COMP_CWORD=$#
	COMPREPLY=(left over)
	_cachemk
}

# offers WORD...: these and no others
offers() {
	diff -u <(printf '%q\n' "$@" | sort) <(printf '%q\n' "${COMPREPLY[@]}" | sort)
	[ "${#COMPREPLY[@]}" -eq $# ]
}

@test "bash: the completion passes shellcheck" {
	need shellcheck
	shellcheck -s bash "$repo/completions/cachemk.bash"
}

@test "bash: the completion is that of cachemk" {
	run -0 bash --norc -c 'source "$1" && complete -p cachemk' bash "$repo/completions/cachemk.bash"
	[ "$output" = 'complete -F _cachemk cachemk' ]
}

@test "bash: the first word is a command, an INI file or a directory" {
	files targets.ini notes.txt ini directory/more.ini
	type_words ''
	offers init list lock triples targets.ini directory
	type_words i
	offers init
	type_words directory/
	offers directory/more.ini
}

@test "bash: each command is offered" {
	type_words ''
	mapfile -t expected < <(commands)
	offers "${expected[@]}"
}

@test "bash: each option is offered, --json after list and --dry-run after init alone" {
	type_words -
	mapfile -t expected < <(options | grep -vx -e --json -e --dry-run -e --update)
	offers "${expected[@]}"
	type_words --c
	offers --check
	type_words targets.ini --t
	offers --template
	type_words list -
	offers --json
	type_words lock -
	offers --update --check
}

@test "bash: only --dry-run follows init" {
	files targets.ini
	type_words init ''
	offers --dry-run
	type_words init -
	offers --dry-run
	type_words init --dry-run ''
	offers
}

@test "bash: an INI file follows list and --json, once" {
	files targets.ini notes.txt
	type_words list ''
	offers targets.ini
	type_words list --json ''
	offers targets.ini
	type_words list --json targets.ini ''
	offers
	type_words list targets.ini -
	offers
}

@test "bash: an INI file follows lock and its option, once" {
	files targets.ini notes.txt
	type_words lock --check ''
	offers targets.ini
	type_words lock targets.ini ''
	offers
}

@test "bash: one INI file, and no command, follows options" {
	files targets.ini
	type_words --check -o init ''
	offers targets.ini
	type_words -t list t
	offers targets.ini
	type_words targets.ini ''
	offers
	type_words --output = file ''
	offers targets.ini
}

@test "bash: -o leaves the names of files to readline" {
	files targets.ini
	compopt() { printf '%s ' "$@" >>asked; }
	type_words -o ''
	offers
	type_words --output = ta
	offers
	[ "$(cat asked)" = '-o default -o default ' ]
}

@test "bash: -t offers what templates/ has, with each ending" {
	local ending names=()
	while read -r ending; do names+=("x$ending"); done < <(endings)
	files "${names[@]/#/templates/}" targets.ini
	for ending in "${names[@]}"; do mv "templates/$ending" "templates/$ending.mustache"; done
	files templates/partial.mustache templates/x.yaml.mustache templates/y.mk templates/sub/z.mk.mustache
	type_words -t ''
	offers "${names[@]}"
	type_words -t x.m
	offers x.md x.mk
	type_words --template x.y
	offers x.yml
}

@test "bash: --template=, which bash makes three words of" {
	files templates/a.mk.mustache templates/b.yml.mustache
	type_words --template =
	offers a.mk b.yml
	type_words --template = b
	offers b.yml
}

@test "bash: -t offers installed templates, and each name once" {
	files templates/a.mk.mustache installed/a.mk.mustache installed/b.yml.mustache
	type_words -t ''
	offers a.mk b.yml
}

@test "bash: -t with a slash offers paths of templates" {
	files templates/a.mk.mustache templates/partial.mustache templates/sub/x templates/notes.txt
	type_words -t templates/
	offers templates/a.mk.mustache templates/partial.mustache templates/sub
}

odd=('a b' "it's" '"q"' '$(touch ran)' '`touch ran`' 'x;touch ran' $'two\nlines' $'tab\tbed' 'back\slash'
	'*' '[a]' 'é' '#c' '~' 'a=b' 'a:b')

@test "bash: a file of any name is offered as it is, and not run" {
	files "${odd[@]/%/.ini}" "${odd[@]/#/'templates/'}"
	type_words ''
	offers init list lock triples templates "${odd[@]/%/.ini}"
	type_words list ''
	offers templates "${odd[@]/%/.ini}"
	[ ! -e ran ]
}

@test "bash: a template of any name is offered as it is, and not run" {
	files "${odd[@]/#/templates/}"
	local name
	for name in "${odd[@]}"; do mv "templates/$name" "templates/$name.mk.mustache"; done
	type_words -t ''
	offers "${odd[@]/%/.mk}"
	[ ! -e ran ]
}

@test "bash: a directory of any name is looked into" {
	local name
	files "${odd[@]/%//in.ini}"
	for name in "${odd[@]}"; do
		type_words "$(printf '%q' "$name" | grep -v "^[$]'")/"
		[[ $name == *[[:cntrl:]]* || $name == é || ${COMPREPLY[*]} == "$name/in.ini" ]]
	done
	[ ! -e ran ]
}

@test "bash: quotes and backslashes of what was typed are understood" {
	files 'a b.ini' 'it"s.ini'
	type_words 'a\ '
	offers 'a b.ini'
	type_words '"a '
	offers 'a b.ini'
	type_words "'a "
	offers 'a b.ini'
	type_words '"it\"'
	offers 'it"s.ini'
	type_words "'a\\"
	offers
	type_words '$(touch ran)'
	offers
	[ ! -e ran ]
}

@test "bash: a name that cachemk would take for an option is not offered" {
	files -o.ini targets.ini
	type_words ''
	offers init list lock triples targets.ini
	type_words list ''
	offers targets.ini
}

@test "bash: the caller's settings do not matter, and stay" {
	local after
	files targets.ini templates/a.mk.mustache
	set -f -u
	shopt -s failglob nocaseglob
	IFS=.
	type_words t
	after=$-$(shopt -p failglob nullglob || :)
	set +f +u
	shopt -u failglob nocaseglob
	IFS=$' \t\n'
	offers targets.ini templates triples
	[[ $after == *f*u*'shopt -s failglob'*'shopt -u nullglob' ]]
	mv templates installed
	shopt -s failglob
	type_words -t ''
	shopt -u failglob
	offers a.mk
}

# ---- The completion in zsh

@test "zsh: the completion is sound, and offers each option" {
	local option
	need zsh
	zsh -n "$repo/completions/_cachemk"
	options | while read -r option; do
		grep -qe "[{,'(]$option"'[][,=+}\\]' "$repo/completions/_cachemk"
	done
}

@test "zsh: -t offers what templates/ has, with each ending" {
	local ending
	need zsh
	while read -r ending; do files "templates/a b$ending.mustache"; done < <(endings)
	files templates/partial.mustache templates/x.yaml.mustache
	# What zsh's own completion functions are asked for, without a terminal to complete on.
	zsh -f -c 'PREFIX=
		_arguments() { _cachemk_templates; }
		_wanted() { print -rl -- "${(@P)argv[-1]}"; }
		words=(cachemk -t "") CURRENT=3
		source $1' zsh "$repo/completions/_cachemk" | grep '^a b' | sort >offered
	diff -u <(endings | sed 's/^/a b/') offered
}
