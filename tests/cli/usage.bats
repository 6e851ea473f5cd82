#!/usr/bin/env bats
# Options, and the commands `cachemk list` and `cachemk triples`.
# shellcheck disable=SC2016,SC2154 # text for cachemk; helper.bash sets the rest

load helper

setup() {
	new_work
}

@test "--help fits a terminal" {
	for option in -h --help; do
		cachemk 0 "$option"
		silent
		grep -q '^Usage: cachemk ' "$out"
	done
	for option in --output --template --check --help --version; do
		grep -q -e "$option" "$out"
	done
	! { awk 'length > 80' "$out" | grep .; } || false
}

@test "--version" {
	for option in -V --version; do
		cachemk 0 "$option"
		silent
		grep -Eqx 'cachemk [0-9]+\.[0-9]+\.[0-9]+' "$out"
	done
}

@test "an unknown option, or one without its argument, is wrong usage" {
	for option in --unknown -x --output -t; do
		cachemk 2 "$option"
		printed_nothing
		grep -q "Try 'cachemk --help'" "$err"
	done
}

@test "two INI files are wrong usage" {
	cachemk 2 one.ini two.ini
	printed_nothing
	says "cachemk: takes one INI file; unexpected argument 'two.ini'" "Try 'cachemk --help'."
}

@test "--check of standard output is wrong usage" {
	cachemk 2 --check -o -
	printed_nothing
	grep -q "it cannot be used with '-o -'" "$err"
}

@test "list: a line a target" {
	cachemk 0 list
	silent
	[ "$(wc -l <"$out")" -eq 4 ]
	grep -qx 'linux-musl-arm64 aarch64-unknown-linux-musl linux/arm64 cargo-cache-musl-arm64 cargo-git-cache-musl-arm64 alpine-arm64' "$out"
	printf '[a]\ndescription = d\ntriple = a-b\nimage = i\n' >other.ini
	cachemk 0 list other.ini
	echo 'a a-b - cargo-cache-a cargo-git-cache-a' | diff - "$out"
	cachemk 2 list --jsn
	cachemk 2 list --json a b
	cachemk 1 list none.ini
	cachemk 0 list --help
	cachemk 0 init --help
	grep -q '^Usage: ' "$out"
	cachemk 0 list other.ini --json
	grep -q '^{"names"' "$out"
}

@test "list --json" {
	printf '[a]\ndescription = "\\ \t\303\251\001/\ntriple = a-b\nimage = i\naliases = u v\n' >other.ini
	cachemk 0 list --json other.ini
	python3 -c 'import json, sys
d = [json.loads(line) for line in open(sys.argv[1])]
assert d[0]["names"] == ["a", "u", "v"] and d[0]["platform"] is None, d
assert d[0]["description"] == "\"\\ \t\u00e9\u0001/", d' "$out"
}

@test "triples: a row a triple, in 80 columns" {
	cachemk 0 triples
	silent
	[ "$(grep -cE '^[a-z0-9_]+-unknown-linux-(gnu|musl)(eabihf)? +[a-z0-9_-]+-gcc +[a-z0-9_]+ +[a-z0-9_]+ +(yes|no)$' "$out")" -eq 14 ]
	[ "$(grep -c '.\{81\}' "$out")" -eq 0 ]
	cachemk 2 triples x
	cachemk 2 triples -o y
	cachemk 0 triples --help
}

# refuses ARGUMENT COMMAND TEXT WORD...: WORDs and then ARGUMENT, which COMMAND refuses with TEXT
refuses() {
	cachemk 2 "${@:4}" "$1"
	says "cachemk: unexpected argument '$1'; $2 takes $3" "Try 'cachemk --help'."
	printed_nothing
}

@test "a command that does not take an argument says what it takes" {
	refuses x init 'only --dry-run; it works in this directory' init
	refuses --dry-run init 'only --dry-run; it works in this directory' init --dry-run
	refuses --jsn list '--json and one INI file' list
	refuses b list '--json and one INI file' list a
	refuses --check lock '--update or --check, and one INI file' lock --update
	refuses -o triples 'no argument' triples
}
