#!/usr/bin/env bats
# WORKSPACE: whatever the directory's name holds, it is that directory which is mounted.
# shellcheck disable=SC2016,SC2088,SC2154 # what looks like sh is text here; helper.bash sets $fragment

load helper

setup_file() { generate_fragment; }

setup() {
	start_in_a_project
	all_is_there linux-x64 x64
	here=$PWD
}

# All at once: blanks, quotes, and whatever make or sh has a use for.
nasty="a b  'c' \"d\" \$e \$(f) \${g} # % \\ & ; ( ) * ? [x] ! ~ \` , = <"

# mounts DIRECTORY WORD...: make with these words mounts the directory, and runs nothing in its name
mounts() {
	local directory=$1
	shift
	run_make build-linux-x64 "$@"
	succeeds
	says_nothing_wrong
	[ "$(mounted)" = "$directory" ] || { show "expected $directory, mounted" "$(mounted)" && return 1; }
}

# names_binary_in PREFIX: how the last line names the binary
names_binary_in() {
	last_line_is "Built ${1}target/x86_64-unknown-linux-gnu/release/hello"
}

@test "WORKSPACE is the directory make runs in" {
	mounts "$here"
	names_binary_in ''
}

@test "WORKSPACE may be relative, and the binary is named as it was typed" {
	new_project sub/directory
	mounts "$here/sub/directory" WORKSPACE=sub/directory
	names_binary_in sub/directory/
}

@test "WORKSPACE may be absolute" {
	new_project sub
	mounts "$here/sub" WORKSPACE="$here/sub"
	names_binary_in "$here/sub/"
}

@test "WORKSPACE may end in a slash" {
	new_project sub
	mounts "$here/sub" WORKSPACE=sub/
	names_binary_in sub/
}

@test "WORKSPACE may be . and .." {
	mounts "$here" WORKSPACE=.
	names_binary_in ''
	mkdir sub
	forget_calls
	run "$make" -s -C sub -f ../Makefile build-linux-x64 WORKSPACE=..
	[ "$(mounted)" = "$here" ]
}

@test "WORKSPACE may begin with ~/" {
	new_project home/sub
	HOME=$here/home mounts "$here/home/sub" WORKSPACE='~/sub'
	names_binary_in "$here/home/sub/"
}

@test "WORKSPACE may begin with a dash" {
	new_project ./-P
	mounts "$here/-P" WORKSPACE=-P
}

@test "WORKSPACE may hold any character, from the command line" {
	new_project "$nasty"
	mounts "$here/$nasty" WORKSPACE="$nasty"
	names_binary_in "$nasty/"
}

@test "WORKSPACE may hold any character, from the environment" {
	new_project "$nasty"
	WORKSPACE=$nasty mounts "$here/$nasty"
}

@test "WORKSPACE may hold any character, from the environment with make -e" {
	new_project "$nasty"
	WORKSPACE=$nasty mounts "$here/$nasty" -e
}

@test "WORKSPACE may hold any character, for a make below make" {
	new_project "$nasty"
	printf 'below:\n\t@$(MAKE) --no-print-directory -f %s build-linux-x64\n' "$fragment" >Makefile
	run_make below WORKSPACE="$nasty"
	succeeds
	[ "$(mounted)" = "$here/$nasty" ]
	forget_calls
	WORKSPACE=$nasty run_make below
	succeeds
	[ "$(mounted)" = "$here/$nasty" ]
}

@test "WORKSPACE in a makefile is written as make has it: \$\$ for \$" {
	new_project 'a $b (c) d'
	printf 'name := a $$b\nCACHEMK_WORKSPACE = $(name) (c) d\ninclude %s\n' "$fragment" >Makefile
	mounts "$here/a \$b (c) d"
}

@test "each character of WORKSPACE alone, too" {
	local part
	for part in ' x' "'" '"' '$' '$$' '#' '%' \\ '&' ';' '(' ')' '`' '~' '~x' '$(x)' 'a,b' '=' '@'; do
		printf '%s\n' "WORKSPACE=$part"
		new_project "./w$part"
		forget_calls
		mounts "$here/w$part" WORKSPACE="w$part"
	done
}

@test "a directory above the workspace may hold any character" {
	new_project "$nasty/project"
	cd "$nasty/project"
	mounts "$here/$nasty/project" -f "$fragment"
}

@test "a colon is refused, since the engine would cut there" {
	new_project 'a:b'
	run_make build-linux-x64 WORKSPACE=a:b
	fails
	complains "The engine cannot mount '$here/a:b', because of the colon: rename the directory."
	prints ''
	no_calls
}

@test "a colon further up is refused, too" {
	new_project 'a:b/c'
	cd a:b/c
	run_make -f "$fragment" build-linux-x64
	fails
	complains "The engine cannot mount '$here/a:b/c', because of the colon: rename the directory."
	no_calls
}

@test "no Cargo.toml: one line, and the engine is not asked" {
	mkdir empty
	run_make build-linux-x64 WORKSPACE=empty
	fails
	complains "There is no Cargo.toml in 'empty': set WORKSPACE to a Cargo project's directory."
	prints ''
	no_calls
}

@test "no such directory: the same line" {
	run_make build-linux-x64 WORKSPACE='no "such'
	fails
	complains "There is no Cargo.toml in 'no \"such': set WORKSPACE to a Cargo project's directory."
	no_calls
}

@test "a file is no workspace" {
	run_make build-linux-x64 WORKSPACE=Cargo.toml
	fails
	complains "There is no Cargo.toml in 'Cargo.toml': set WORKSPACE to a Cargo project's directory."
	no_calls
}

@test "an empty WORKSPACE is the directory make runs in" {
	mounts "$here" WORKSPACE=
	names_binary_in ''
}

@test "CDPATH does not lead elsewhere" {
	new_project sub
	new_project "$BATS_TEST_TMPDIR/elsewhere/sub"
	CDPATH=$BATS_TEST_TMPDIR/elsewhere mounts "$here/sub" WORKSPACE=sub
	prints 'Building for Linux x86-64 (glibc) (using Docker)...' \
		'Built sub/target/x86_64-unknown-linux-gnu/release/hello'
}

@test "WORKSPACE is mounted the same under every sh" {
	each_shell any_character_under_this_shell
}

any_character_under_this_shell() {
	all_is_there linux-x64 x64
	new_project "$nasty"
	CDPATH=/ mounts "$here/$nasty" WORKSPACE="$nasty" "$shell"
}
