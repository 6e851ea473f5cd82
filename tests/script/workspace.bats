#!/usr/bin/env bats
# The root of a package's workspace: the one that cargo finds, which is asked, too, where it is
# installed.
# shellcheck disable=SC2015,SC2016,SC2154 # code for another sh; helper.bash sets the rest

load helper

setup_file() { make_library; }
setup() {
	cd "$BATS_TEST_TMPDIR" || return
	unset "${!CARGO@}"
	w='[workspace]\nresolver = "2"\n'
	to_a='a = { path = "../m/a" }\n'
}

# put FILE TEXT: a Cargo.toml; or, for a directory, that of a package, with TEXT after its [package]
put() {
	local file=t/$1 text=$2
	case $1 in
	*/)
		mkdir -p "t/$1src"
		: >"t/$1src/lib.rs"
		file=t/$1Cargo.toml
		text="[package]\nname = \"$(basename "$1" | tr -d ' ')\"\nversion = \"0.1.0\"\nedition = \"2021\"\n$text"
		;;
	*) mkdir -p "$(dirname "$file")" ;;
	esac
	printf '%b' "$text" >"$file"
}

# root_is ROOT FILE TEXT [FILE TEXT]...: of the package in m/a, where there are these; `none` if cargo
# refuses it, and we build it alone
root_is() {
	local root=$1
	shift
	rm -rf t
	put m/a/ ''
	while [ $# -gt 0 ]; do
		put "$1" "$2"
		shift 2
	done
	HOME=/nowhere each_sh 'cd t/m/a && find_root 2>/dev/null; printf "%s%s/\n" "$alone" "${PWD#"$project"}"'
	[ "$status $output" = "0 $(case $root in none) echo yes/t/m/a/ ;; *) echo "/t/$root" ;; esac)" ] &&
		agrees "$root" || {
		printf 'expected %s, found %s\n' "$root" "$output"
		tail -n 30 t/Cargo.toml t/*/Cargo.toml t/*/*/Cargo.toml
		return 1
	}
}

# agrees ROOT: cargo finds this one
agrees() {
	local found
	cargo --version >/dev/null 2>&1 || return 0
	found=$(cd t/m/a && cargo locate-project --workspace --message-format plain 2>error) || found=none
	found=${found#"$(cd t && pwd -P)/"}
	[ "${found%Cargo.toml}" = "$1" ] || {
		printf 'cargo finds %s\n' "$found" && cat error
		return 1
	}
}

@test "the root lists the package, by any pattern" {
	local pattern
	for pattern in m/a ./m/a/ x/../m/a 'm/*' 'm/?' '*/a' '*/*' 'm/[ab]' 'm/[!b]' '**/a' 'm/**/a'; do
		root_is '' Cargo.toml "${w}members = [\"$pattern\"]\n"
	done
	root_is '' Cargo.toml "${w}members = [ # all\n  'm/a', # this\n]\n"
	root_is '' Cargo.toml 'workspace = { resolver = "2", members = ["m/a"] }\n'
	for pattern in m 'm/b*' 'm.a' 'm/[!a]' 'm/a/b'; do
		root_is none Cargo.toml "${w}members = [\"$pattern\"]\n" m/b/ '' m/Cargo.toml '' m/a/b/ ''
	done
}

@test "what is excluded is a path, which the path of a member overrides" {
	root_is m/a/ Cargo.toml "${w}exclude = [\"m\"]\n"
	root_is m/a/ Cargo.toml "${w}exclude = [\"m/a/\"]\nmembers = [\"m/*\"]\n"
	root_is '' Cargo.toml "${w}exclude = [\"m\"]\nmembers = [\"m/a\"]\n"
	root_is none Cargo.toml "${w}exclude = [\"m/*\"]\n"
	root_is none Cargo.toml "${w}exclude = [\"m/ab\"]\n"
}

@test "of several workspaces, the nearest that does not exclude the package" {
	root_is '' Cargo.toml "${w}members = [\"m/a\"]\n" m/ ''
	root_is '' Cargo.toml "${w}members = [\"m/a\"]\n" m/Cargo.toml "${w}exclude = [\"a\"]\n"
	root_is m/ Cargo.toml "${w}members = [\"m/a\"]\n" m/Cargo.toml "${w}members = [\"a\"]\n"
	root_is m/a/ Cargo.toml "${w}members = [\"m/a\"]\n" m/a/ '[workspace]\n'
	root_is m/a/ m/ '[dependencies]\na = { path = "a" }\n'
}

@test "path dependencies of the root and of members make members" {
	root_is '' src/ '' Cargo.toml "[package]\nname = \"r\"\nversion = \"0.1.0\"\n[lib]\npath = \"src/src/lib.rs\"\n[workspace]\n[dependencies]\na = { path = 'm/a' }\n"
	root_is '' Cargo.toml "${w}members = [\"b\"]\n" b/ "[dependencies]\n$to_a"
	root_is '' Cargo.toml "${w}members = [\"b*\"]\n" 'b c/' "[dev-dependencies.a]\npath = '../m/a'\n"
	root_is '' Cargo.toml "${w}members = [\"b\"]\n" b/ "[build-dependencies]\nc = { path = '../c' }\n" \
		c/ "[target.'cfg(unix)'.dependencies]\n$to_a"
	root_is '' Cargo.toml "${w}members = [\"b\"]\n[workspace.dependencies]\na = { path = \"m/a\" }\n" b/ '[dependencies]\na.workspace = true\n'
	root_is '' Cargo.toml "${w}members = [\"b\"]\n[workspace.dependencies.a]\npath = \"m/a\"\n" b/ '[dependencies]\na = { workspace = true }\n'
	root_is none Cargo.toml "${w}members = [\"b\"]\n[workspace.dependencies]\na = { path = \"m/a\" }\n" b/ ''
	root_is none Cargo.toml "${w}members = [\"b\"]\n[patch.crates-io]\na = { path = \"m/a\" }\n" b/ ''
	root_is none Cargo.toml "${w}members = [\"b\"]\n" b/ '' c/ "[dependencies]\n$to_a"
	root_is none Cargo.toml "${w}members = [\"b\"]\n" b/ "[dependencies]\nc = { path = '../c' }\n" c/ "[dependencies]\nb = { path = '../b' }\n"
}
