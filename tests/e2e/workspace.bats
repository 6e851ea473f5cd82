#!/usr/bin/env bats
# What cargo and git find above the package: the root of its workspace, configuration, path
# dependencies, and the repository, as directory, worktree and submodule.

# shellcheck disable=SC2154 # the helpers and `run` set variables
load helper
load projects

setup_file() {
	load helper
	load projects
	setup_family above
	{ target linux above; target sealed above 'hermetic = yes'
		target kept above 'target_dir = volume'; } | project here probe
	repository
	git -C repo worktree add -q ../tree
	git init -q super
	git -C super -c protocol.file.allow=always submodule --quiet add ../repo vendor/sub
	commit super
}

commit() {
	git -C "$1" add .
	git -C "$1" -c user.name=me -c user.email=me@example.org commit -qm "$1"
}

# package DIRECTORY NAME LINE...: prints what git says, and what cargo's configuration and profile set
package() {
	mkdir -p "$1/src"
	printf '%s\n' '[package]' "name = \"$2\"" 'edition = "2021"' "${@:3}" >"$1/Cargo.toml"
	cat >"$1/build.rs" <<-'END'
		fn main() {
		    let o = std::process::Command::new("git").args(["describe", "--tags"]).output().unwrap();
		    println!("cargo:rustc-env=TAG={}", String::from_utf8_lossy(&o.stdout).trim());
		}
	END
	cat >"$1/src/main.rs" <<-'END'
		fn main() {
		    println!("{} {} {} {} {}", env!("TAG"), env!("CARGO_PKG_VERSION"),
		        option_env!("FROM_ABOVE").unwrap_or("-"), cfg!(debug_assertions), shared::NAME);
		}
	END
}

# repository: a tagged one, with a package and a workspace below its top
repository() {
	git init -q repo
	mkdir -p repo/.cargo repo/shared/src
	printf '[env]\nFROM_ABOVE = "config"\n' >repo/.cargo/config.toml
	printf '[package]\nname = "shared"\nversion = "1.0.0"\n' >repo/shared/Cargo.toml
	echo 'pub const NAME: &str = "shared";' >repo/shared/src/lib.rs
	package repo/app app 'version = "0.1.0"' '[dependencies]' 'shared = { path = "../shared" }'
	mkdir repo/ws
	printf '%s\n' '[workspace]' 'resolver = "2"' 'members = [ # all' '  "crates/*",' ']' \
		'[workspace.package]' 'version = "7.8.9"' '[workspace.dependencies]' \
		'shared = { path = "../shared" }' '[profile.release]' 'debug-assertions = true' >repo/ws/Cargo.toml
	package repo/ws/crates/a a 'version.workspace = true' '[dependencies]' 'shared.workspace = true'
	package repo/ws/crates/b b 'version.workspace = true' '[dependencies]' 'shared.workspace = true'
	printf 'target\nCargo.lock\n' >repo/.gitignore
	commit repo
	git -C repo tag v1.2.3
}

# builds PROGRAM TEXT WORD...: make with these words builds it, and it prints TEXT
builds() {
	run type_in here "build-above-${how:-linux}" "${@:3}"
	[ "$status" -eq 0 ]
	[[ $output = *"Built $1"* ]]
	[ "$(cd here && "$1")" = "$2" ]
}

release() {
	printf "%s/target/x86_64-unknown-linux-gnu${how:+@above-$how}/release/%s" "$1" "$2"
}

@test "a project in a directory of a repository: git, configuration and path dependencies" {
	builds "$(release ../repo/app app)" 'v1.2.3 0.1.0 config false shared' WORKSPACE=../repo/app
	# What is around it is read-only.
	run make -C here shell-above-linux WORKSPACE=../repo/app <<<'touch ../x ../.git/x; touch y'
	[ ! -e repo/x ] && [ ! -e repo/.git/x ] && [ -e repo/app/y ]
}

@test "a member: its workspace's values, profile, lock file and target directory" {
	builds "$(release "$PWD/repo/ws" a)" 'v1.2.3 7.8.9 config true shared' WORKSPACE=../repo/ws/crates/a
	[ -f repo/ws/Cargo.lock ] && [ ! -e repo/ws/crates/a/target ] && [ ! -e repo/ws/crates/a/Cargo.lock ]
	[ ! -e "$(release repo/ws b)" ]
}

@test "a worktree, and a project below it" {
	builds "$(release ../tree/app app)" 'v1.2.3 0.1.0 config false shared' WORKSPACE=../tree/app
}

@test "a submodule" {
	how=sealed
	builds "$(release ../super/vendor/sub/app app)" 'v1.2.3 0.1.0 config false shared' \
		WORKSPACE=../super/vendor/sub/app
}

@test "a member, in a worktree: what is compiled in a volume, and caches in a directory" {
	how=kept
	builds "$(release "$PWD/tree/ws" a)" 'v1.2.3 7.8.9 config true shared' WORKSPACE=../tree/ws/crates/a
	[ -f tree/ws/Cargo.lock ] && [ "$(find tree/ws/target -type f)" = "$(release tree/ws a)" ]
	unset how
	builds "$(release ../tree/app app)" 'v1.2.3 0.1.0 config false shared' WORKSPACE=../tree/app CACHE_DIR=../caches
	[ -n "$(find caches -name registry)" ]
	type_in here clean-cache KIND=target YES=1
}
