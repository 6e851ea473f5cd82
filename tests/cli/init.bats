#!/usr/bin/env bats
# cachemk init: small projects of our own, each in the shape of real ones.
# shellcheck disable=SC1003,SC2016,SC2154 # text for cachemk and make; helper.bash sets the rest

load helper

said=$BATS_TEST_TMPDIR/said # what the last init printed that `inits` ran

setup() {
	touch -t 200102010000 "$february"
	new_crate
}

# ---- Projects

# new_crate: a Cargo project with a program, and nothing else
new_crate() {
	rm -rf "$BATS_TEST_TMPDIR/work"
	mkdir -p "$BATS_TEST_TMPDIR/work/src"
	cp -R "$repo/templates" "$BATS_TEST_TMPDIR/work/templates"
	cd "$BATS_TEST_TMPDIR/work" || return
	printf '[package]\nname = "x"\n' >Cargo.toml
	: >src/main.rs
}

# write FILE LINE...: a file, and its directory
write() {
	mkdir -p "$(dirname "$1")"
	printf '%s\n' "${@:2}" >"$1"
}

# lock CRATE...: a Cargo.lock with these
lock() {
	printf 'version = 4\n' >Cargo.lock
	printf '\n[[package]]\nname = "%s"\nversion = "1.0.0"\n' "$@" >>Cargo.lock
}

# enter DIRECTORY: goes on there
enter() {
	cp -R "$repo/templates" "$1/templates"
	cd "$1" || return
}

# in_ini LINE...: targets.ini has these, where continued lines and comments are joined
in_ini() {
	local line
	awk 'function flush() { if (line != "") print line; line = "" }
		/^#   |^ +[^ ]/ { sub(/^#? +/, ""); line = line " " $0; next }
		{ flush(); line = $0 } END { flush() }' targets.ini >"$BATS_TEST_TMPDIR/joined"
	for line; do
		grep -Fqx -e "$line" "$BATS_TEST_TMPDIR/joined" || {
			printf 'no line: %s\n' "$line"
			cat targets.ini "$out"
			return 1
		}
	done
}

# not_in_ini TEXT...: none of these is in it
not_in_ini() {
	local text
	for text; do
		! grep -n -e "$text" targets.ini || return 1
	done
}

# inits: it does, without errors, on one screen, and its output is valid
inits() {
	cachemk 0 init
	silent
	[ "$(wc -l <"$out")" -le 23 ]
	! grep -E '.{81}' "$out" || return 1
	tail -n 1 "$out" | grep -Eq '^Then: make (build|test)-linux-'
	cp "$out" "$said"
	cachemk 0 --check
}

# ---- Files

@test "init: a program" {
	inits
	printf '%s\n' 'Wrote targets.ini, mk/cache.mk and mk/cache.sh.' \
		'Wrote Makefile, which includes mk/cache.mk.' >"$BATS_TEST_TMPDIR/expected"
	sed '$d' "$said" | diff "$BATS_TEST_TMPDIR/expected" -
	in_ini '[linux-x64]' '[linux-musl-arm64]' 'image       = rust:latest' \
		'image       = rust:alpine'
	not_in_ini '^ssh' '^\[defaults\]' 'workspace' 'program here'
	make -n build-alpine-arm64 >"$out"
	make | grep -q build-TARGET
	cachemk 0 -t cache.mk -o -
	cmp "$out" mk/cache.mk
}

# The names, triples and caches of the repository's targets, which the documents show.
@test "init: the targets and caches that the documents show" {
	cachemk 0 init
	cachemk 0 list
	awk '{ $3 = ""; print }' "$out" >"$BATS_TEST_TMPDIR/ours"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/ours")" -eq 4 ]
	cachemk 0 list "$repo/targets.ini"
	awk '{ $3 = ""; print }' "$out" | cmp - "$BATS_TEST_TMPDIR/ours"
}

@test "init --dry-run" {
	cachemk 0 init --dry-run
	grep -qx '\[linux-x64\]' "$out"
	[ ! -e targets.ini ]
	[ ! -e mk ]
	[ ! -e Makefile ]
	cp "$out" "$BATS_TEST_TMPDIR/printed"
	cachemk 0 init
	{
		cat targets.ini
		printf '\n# The Makefile:\n'
		sed 's/^/#   /' Makefile
	} | diff "$BATS_TEST_TMPDIR/printed" -
	rm -r targets.ini mk
	write Makefile 'mine:'
	cachemk 0 init --dry-run
	tail -n 3 "$out" >"$BATS_TEST_TMPDIR/printed"
	printf '\n# To add to Makefile:\n#   include mk/cache.mk\n' | diff "$BATS_TEST_TMPDIR/printed" -
	cp "$out" printed.ini
	cachemk 0 -o - printed.ini
	write Makefile 'include mk/cache.mk'
	cachemk 0 init --dry-run
	! grep Makefile "$out" || false
}

@test "init: a Makefile that sets .SHELLFLAGS" {
	write Makefile 'x:' '.SHELLFLAGS := -eu -o pipefail -c'
	inits
	in_ini \
		'# Makefile:2: asks the shell for pipefail, which many a /bin/sh does not know; set SHELL := bash'
	for shell in 'SHELL := bash' 'SHELL = /usr/bin/env bash' 'export SHELL:=/bin/zsh'; do
		rm -r targets.ini mk
		write Makefile '.SHELLFLAGS = -o pipefail -c' "$shell"
		inits
		not_in_ini pipefail
	done
	rm -r targets.ini mk
	write Makefile '.SHELLFLAGS = -eu -c' 'x: ; set -o pipefail'
	inits
	not_in_ini pipefail
}

# nothing_left: no file that init writes
nothing_left() {
	[ ! -e targets.ini ]
	[ ! -e Makefile ]
	[ ! -e mk/cache.sh ]
	[ ! -f mk/cache.mk ]
}

@test "init writes all or nothing" {
	mkdir -p mk/cache.mk
	cachemk 1 init
	nothing_left

	new_crate
	ln -s nowhere/Makefile Makefile
	cachemk 1 init
	[ ! -e targets.ini ]
	[ ! -e mk ]

	new_crate
	rm -r templates
	write templates/init.mustache '[x'
	cachemk 1 init
	nothing_left
	[ ! -e mk ]
}

@test "init takes everything back where it cannot print" {
	local status=0
	[ -e /dev/full ] || skip 'no /dev/full'
	"$cachemk" init >/dev/full 2>"$err" || status=$?
	[ "$status" -eq 1 ]
	says 'standard output: error: cannot write: No space left on device'
	nothing_left
	[ ! -e mk ]
}

# Whoever has no cachemk goes on with the generated makefile that is there.
@test "init: a clone without cachemk" {
	cachemk 0 init
	touch -t 203001010000 targets.ini
	PATH=/usr/bin:/bin make -n build-linux-x64 2>&1 | grep -q 'cargo build'
	make -s help-cache >"$out"
}

@test "init overwrites nothing" {
	old targets.ini
	cachemk 1 init
	says 'targets.ini: error: already exists; edit it, and run cachemk'
	untouched targets.ini
	[ ! -e mk ]
}

@test "init outside of a project" {
	rm Cargo.toml
	cachemk 1 init
	[ ! -e targets.ini ]
	says \
		"Cargo.toml: error: not found; change to a Cargo project's directory, or create a project with cargo init"
	cachemk 2 init x
	[ ! -e targets.ini ]
}

@test "init where mk is a file" {
	: >mk
	cachemk 1 init
	says 'mk: error: not a directory; rename it'
	[ -f mk ]
	[ ! -e Makefile ]
	[ ! -e targets.ini ]
	rm mk
	cachemk 0 init
}

# What does not fit on a screen is in targets.ini.
@test "init prints at most a screen" {
	for i in $(seq 40); do printf 'd%s = { version = "1", registry = "r%s" }\n' "$i" "$i"; done >deps
	{ printf '[dependencies]\n' && cat deps; } >>Cargo.toml
	inits
	grep -qx '3[0-9] more: see the comments in targets.ini.' "$said"
	grep -q '\[registries.r40\]' targets.ini
}

# ---- Where the project is

@test "init: a member of a workspace" {
	write Cargo.toml '[workspace]' 'members = ["crates/*"]' 'exclude = ["crates/out"]' \
		'[workspace.package]' 'rust-version = "1.80"'
	write crates/a/Cargo.toml '[package]' 'name = "a"'
	write crates/a/src/main.rs ''
	lock alsa-sys
	write rust-toolchain.toml '[toolchain]' 'channel = "1.81.0"'
	write crates/out/Cargo.toml '[package]' 'name = "out"'
	enter crates/a
	inits
	in_ini \
		'# Cargo.toml: a member of the workspace in ../..; builds mount that directory, as cargo does' \
		'# alsa-sys needs pkgconf alsa-lib-dev (Alpine), libasound2-dev (Debian)' \
		'image       = rust:1.81.0'
	not_in_ini cargo_args RUSTUP_TOOLCHAIN 'a workspace:'
	[ "$(grep -v '^#' Makefile | head -n 1)" = 'include mk/cache.mk' ]
	make -n build-linux-x64 >"$out"
	cd ../out
	enter .
	inits
	not_in_ini 'a member' alsa '-p out'
	in_ini 'env         = RUSTUP_TOOLCHAIN=1.81.0' \
		'# ../../rust-toolchain.toml:2: above the mounted directories; targets.ini sets its toolchain, 1.81.0'
	cd ../..
	write b/Cargo.toml '[package]' 'name = "b"' 'workspace = "../w"'
	write w/Cargo.toml '[workspace]'
	enter b
	inits
	grep -q "workspace in ../w;" "$said"
	in_ini 'cargo_args  = -p b'
	grep -qx 'CACHEMK_WORKSPACE = ../w' Makefile
}

@test "init: a project one directory down" {
	mkdir rust
	mv Cargo.toml src rust
	write rust/rust-toolchain 'beta'
	inits
	grep -qx 'CACHEMK_WORKSPACE = rust' Makefile
	in_ini 'setup       = rustup toolchain install beta -c clippy' \
		'# Cargo.toml: found in rust; CACHEMK_WORKSPACE tells the rules'
	not_in_ini 'no program'
	make -n build-linux-x64 >"$out"
	grep -q 'rust' "$out"
	rm -r targets.ini mk
	write Makefile 'mine:'
	inits
	grep -qx 'Add these lines to Makefile, wherever you like:' "$said"
	grep -qx 'CACHEMK_WORKSPACE = rust' "$said"
	rm -r targets.ini mk
	write other/Cargo.toml '[package]'
	cachemk 1 init
	says 'Cargo.toml: error: not found here; change to the directory that has it: other, rust'
	rm -r other
	mkdir deep
	mv rust deep
	cachemk 1 init
	says 'Cargo.toml: error: not found here; change to the directory that has it: deep/rust'
}

@test "init: a workspace" {
	rm -r src
	write Cargo.toml '[workspace]' 'members = [' '  "crates/*", # all' ']' 'exclude = ["crates/no"]'
	write crates/a/Cargo.toml '[package]' 'name = "a"'
	write crates/a/src/main.rs ''
	write crates/a/src/bin/second.rs ''
	write crates/b/Cargo.toml '[package]' 'name = "b"' '[[bin]]' 'name = "third"' 'path = "main.rs"'
	write crates/b/src/bin/fourth/main.rs ''
	write crates/no/Cargo.toml '[package]' 'name = "no"'
	write crates/no/src/main.rs ''
	inits
	in_ini \
		'# This is a workspace: a build builds its default members; set cargo_args = -p MEMBER for one member.' \
		'# There are several programs (a, second, third, fourth): make run-linux-x64 CARGO_FLAGS=--bin=NAME.'
	rm -r targets.ini mk Makefile
	write Cargo.toml '[workspace]' 'members = ["*", "crates/a"]' 'default-members = ["crates/a"]'
	inits
	grep -q 'programs (a, second):' targets.ini
	in_ini \
		'# Cargo.toml:2: members = ["*"] also matches mk and target, and cargo then fails; add exclude = ["mk", "target"] to [workspace]'
	rm -r targets.ini mk Makefile
	write Cargo.toml '[workspace]' 'members = ["*"]' 'exclude = ["mk", "target"]'
	inits
	not_in_ini 'also matches'
	rm -r targets.ini mk Makefile
	write Cargo.toml '[workspace]' 'members = ["*/*", "crates/*"]' 'exclude = ["mk"]'
	inits
	in_ini \
		'# Cargo.toml:2: members = ["*/*"] also matches what is in target, and cargo then fails; add exclude = ["mk", "target"] to [workspace]'
	rm -r targets.ini mk Makefile
	write src/main.rs ''
	write Cargo.toml '[package]' 'name = "top"' '[workspace]' 'members = ["crates/a"]'
	inits
	in_ini \
		'# This is a workspace: a build builds the package at its root; set cargo_args = -p MEMBER for one member, or --workspace for all.'
}

# ---- What it builds

@test "init: several programs" {
	write src/bin/other.rs ''
	inits
	in_ini "# There are several programs (x, other): make run-linux-x64 CARGO_FLAGS=--bin=NAME."

	new_crate
	write src/bin/other.rs ''
	echo 'default-run = "x"' >>Cargo.toml
	inits
	in_ini \
		'# The programs are x, other. make run-linux-x64 runs the one that default-run names; another: make run-linux-x64 CARGO_FLAGS=--bin=NAME.'

	# Of two packages that name one, cargo takes none.
	new_crate
	write Cargo.toml '[workspace]' 'members = ["a", "b"]'
	for name in a b; do
		write $name/Cargo.toml '[package]' "name = \"$name\"" "default-run = \"$name\""
		write $name/src/main.rs ''
	done
	inits
	in_ini "# There are several programs (a, b): make run-linux-x64 CARGO_FLAGS=--bin=NAME."

	new_crate
	write Cargo.toml '[package]' 'name = "x"' '[[bin]]' 'name = "y"' 'path = "src/main.rs"'
	inits
	not_in_ini programs

	new_crate
	write src/bin/no.rs ''
	echo 'autobins = false' >>Cargo.toml
	inits
	not_in_ini programs
}

@test "init: libraries" {
	rm src/main.rs
	inits
	in_ini \
		'# There is no program here: run make test-linux-x64 or check-linux-x64 rather than a build.'
	tail -n 1 "$said" | grep -q '^Then: make test-linux-'

	new_crate
	rm src/main.rs
	printf '[lib]\ncrate-type = ["cdylib", "rlib", "staticlib"]\n' >>Cargo.toml
	inits
	in_ini \
		'# A build makes a library for other languages (cdylib, staticlib), in target/TRIPLE/release/.' \
		'env         = RUSTFLAGS=-Ctarget-feature=-crt-static'
	tail -n 1 "$said" | grep -q '^Then: make build-linux-'
	not_in_ini 'no program'
	[ "$(grep -c '^env ' targets.ini)" -eq 2 ]

	new_crate
	rm src/main.rs
	printf 'lib = { crate-type = ["staticlib"] }\n' >t
	cat Cargo.toml >>t
	mv t Cargo.toml
	inits
	grep -q '(staticlib)' targets.ini
	not_in_ini RUSTFLAGS
}

# ---- Toolchains

# with_toolchain LINE...: init with such a rust-toolchain.toml
with_toolchain() {
	new_crate
	write rust-toolchain.toml "$@"
	inits
}

@test "init: toolchains" {
	with_toolchain '# the channel we like' '[toolchain]' 'channel = "1.75.0" # channel = "2"'
	in_ini 'image       = rust:1.75.0' 'image       = rust:1.75.0-alpine' \
		'# The images have the toolchain that rust-toolchain.toml asks for.'
	not_in_ini 'rustup'
	with_toolchain 'toolchain = { channel = "1.70" }'
	in_ini 'image       = rust:1.70' 'setup       = rustup toolchain install 1.70 -c clippy' \
		'packages    = musl-dev' \
		'setup       = rustup toolchain install 1.70 -c clippy -t aarch64-unknown-linux-gnu'
	with_toolchain "toolchain.channel = 'nightly-2026-01-01'" 'toolchain.components = ["clippy",' \
		'  "rust-src"]' 'toolchain.targets = [ "wasm32-wasip1", ]'
	in_ini 'image       = rust:latest' \
		'setup       = rustup toolchain install nightly-2026-01-01 -c clippy -c rust-src -t wasm32-wasip1'
	with_toolchain '[toolchain]' 'components = ["rust-src"]' 'targets = ["wasm32-wasip1"]'
	in_ini 'setup       = rustup component add rust-src && rustup target add wasm32-wasip1'

	new_crate
	echo stable >rust-toolchain
	write rust-toolchain.toml '[toolchain]' 'channel = "1.2.3"'
	inits
	in_ini 'setup       = rustup toolchain install stable -c clippy' 'image       = rust:latest'

	new_crate
	echo '1.75.0-x86_64-unknown-linux-gnu' >rust-toolchain
	inits
	in_ini 'image       = rust:1.75.0' 'env         = RUSTUP_TOOLCHAIN=1.75.0'
}

# What it does not understand it says, and does not guess.
@test "init: toolchains that it does not understand" {
	with_toolchain '[toolchain]' 'channel = "1.75$(touch x); # y"'
	in_ini 'image       = rust:latest' \
		"# rust-toolchain.toml:2: toolchain '1.75\$(touch x); # y' not understood; set image in targets.ini, or install it in setup"
	with_toolchain '[toolchain]' 'channel = "1.75\n[evil]\nimage = x"'
	not_in_ini '^\[evil\]' '^image = x'
	with_toolchain '[toolchain]' 'components = ["--profile", "a b"]'
	not_in_ini 'rustup component'
	in_ini "# rust-toolchain.toml:2: 'a b' not understood; install it in setup"
	with_toolchain '[toolchain' 'channel = "1.75"'
	in_ini 'image       = rust:latest' \
		'# rust-toolchain.toml:1: not understood; init ignores this file, so check what it wrote'
	with_toolchain '[toolchain]' 'path = "/opt/rust"'
	grep -q '^rust-toolchain.toml:2: a toolchain in a directory' "$said"

	new_crate
	printf 'a;b\n' >rust-toolchain
	inits

	new_crate
	: >rust-toolchain
	inits

	new_crate
	mkdir rust-toolchain.toml
	inits
	grep -q '^rust-toolchain.toml: cannot be read; init ignores' "$said"
}

@test "init: rust-version" {
	echo 'rust-version = "1.85"' >>Cargo.toml
	inits
	in_ini \
		'# Cargo.toml asks for Rust 1.85 or later (rust-version). rust:latest is later, unless it was pulled long ago: make pull-images.'

	new_crate
	echo 'rust-version = "1.9.1"' >>Cargo.toml
	echo 1.10 >rust-toolchain
	inits
	not_in_ini 'rust-version'

	new_crate
	printf 'rust-version.workspace = true\n[workspace.package]\nrust-version = "1.85"\n' \
		>>Cargo.toml
	echo 1.84.1 >rust-toolchain
	inits
	in_ini \
		"# rust-toolchain:1: toolchain 1.84.1 is older than Cargo.toml's rust-version, 1.85; raise it"
}

# ---- Packages

@test "init: packages" {
	lock openssl-sys openssl-src bindgen libz-sys
	inits
	in_ini '# openssl-src needs perl make linux-headers (Alpine)' \
		'# bindgen needs clang-dev (Alpine), libclang-dev (Debian)' 'packages    = libclang-dev' \
		'target_packages = zlib1g-dev' 'cross       = yes' \
		'packages    = musl-dev perl make linux-headers pkgconf zlib-dev zlib-static clang-dev'
	not_in_ini 'openssl-sys'
	printf '[features]\nown-ssl = ["openssl/vendored"]\n' >>Cargo.toml
	rm targets.ini
	inits
	grep -q 'openssl-sys needs' targets.ini

	new_crate
	lock openssl-sys alsa-sys
	inits
	in_ini 'packages    = musl-dev pkgconf openssl-dev openssl-libs-static alsa-lib-dev' \
		'env         = RUSTFLAGS=-Ctarget-feature=-crt-static'
	grep -q 'only shared libraries for alsa-sys' "$said"

	new_crate
	write build.rs 'let x = Command::new("git")'
	inits
	in_ini '# build.rs needs git (Alpine)' 'packages    = musl-dev git'

	new_crate
	lock capnpc libseccomp-sys link-cplusplus hidapi
	inits
	in_ini 'packages    = libudev-dev libseccomp-dev capnproto' \
		'packages    = musl-dev pkgconf eudev-dev linux-headers libseccomp-dev libseccomp-static capnproto g++'
}

# Without a Cargo.lock, Cargo.toml and those of members count.
@test "init: packages without a Cargo.lock" {
	printf '%s\n' 'alsa-sys.workspace = true' '[dependencies]' \
		'openssl = { version = "0.10", features = ["vendored"] }' 'prost-builder = "1"' \
		"[target.'cfg(unix)'.build-dependencies]" 'cmake = "1"' '[dependencies.rusqlite]' \
		'version = "1"' >>Cargo.toml
	inits
	in_ini '# openssl-src needs perl make linux-headers (Alpine)' \
		'# cmake needs cmake make g++ (Alpine), cmake (Debian)' \
		'# libsqlite3-sys needs pkgconf sqlite-dev sqlite-static (Alpine)'
	not_in_ini prost alsa openssl-sys

	new_crate
	write Cargo.toml '[workspace]' 'members = ["a"]'
	write a/Cargo.toml '[package]' 'name = "a"' '[dependencies]' 'alsa-sys.workspace = true'
	inits
	grep -q 'alsa-sys needs' targets.ini
}

# Debian calls them so.
@test "init: the packages have Debian's names" {
	apt-cache show libc6 >/dev/null 2>&1 || skip 'no list of packages'
	tr -d '\n' <"$repo/gen/init/packages.c" |
		grep -oE '\{"[a-z0-9-]+",  *"[^"]*",  *(NULL|"[^"]*"),  *"[^"]*",  *"[^"]*"' |
		sed 's/.*"\(.*\)",  *"\(.*\)"$/\1 \2/' | tr ' ' '\n' | grep . >"$BATS_TEST_TMPDIR/packages"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/packages")" -ge 10 ]
	while read -r package; do
		apt-cache show "$package" >"$out" 2>/dev/null
		grep -q '^Package' "$out" || {
			printf 'no package %s\n' "$package"
			return 1
		}
	done <"$BATS_TEST_TMPDIR/packages"
}

@test "init: dependencies by ssh" {
	printf '[dependencies]\na = { git = "ssh://git@host/a" }\n' >>Cargo.toml
	inits
	in_ini 'ssh         = agent'

	new_crate
	printf '[[package]]\nname = "a"\nsource = "git+ssh://git@host/a#1"\n' >Cargo.lock
	inits
	in_ini 'ssh         = agent'

	new_crate
	printf '[dependencies]\na = { git = "https://host/a" }\n' >>Cargo.toml
	inits
	not_in_ini 'ssh'
}

# ---- What others have written

@test "init: Cross.toml" {
	write Cross.toml '[build]' 'pre-build = ["echo all"]' '[build.env]' \
		'passthrough = ["A", "B=c", "CARGO_HOME=/x"]' 'volumes = ["V"]' \
		'[target.aarch64-unknown-linux-gnu]' 'pre-build = [' \
		'  "dpkg --add-architecture $CROSS_DEB_ARCH",' \
		'  "apt-get update && apt-get install -y libpq-dev:$CROSS_DEB_ARCH",' ']' \
		'env.passthrough = ["D"]' 'runner = "qemu-user"' '[target.x86_64-unknown-linux-musl]' \
		'pre-build = ["apt-get update", "curl x"]' 'image = "ghcr.io/cross-rs/x:edge"' \
		'[target.x86_64-unknown-linux-gnu]' 'image.name = "host/own:1"' 'pre-build = "./a.sh"' \
		'[target.thumbv6m-none-eabi]' 'xargo = true'
	inits
	in_ini 'image       = host/own:1' 'env         = A B=c' 'env         = A B=c D' \
		'setup       = echo all && apt-get update && apt-get install -y libpq-dev' \
		'# Cross.toml:2: pre-build is now setup' '# Cross.toml:4: env.passthrough is now env' \
		"# Cross.toml:4: 'CARGO_HOME=/x' is not taken over; env cannot hold it" \
		"# Cross.toml:5: volumes is not taken over; see From cross in cachemk's docs/migration.md" \
		'# Cross.toml:7: pre-build is now setup of linux-arm64, without $CROSS_DEB_ARCH' \
		'# linux-arm64 is emulated, since pre-build installs packages for it; target_packages and cross = yes do this without.' \
		'# Cross.toml:11: env.passthrough is now env of linux-arm64' \
		"# Cross.toml:12: runner is not taken over; see From cross in cachemk's docs/migration.md" \
		"# Cross.toml:14: this pre-build command is not taken over; it is Debian's, and the image is Alpine's" \
		"# Cross.toml:15: image 'ghcr.io/cross-rs/x:edge' is not taken over: cross's own images have no cargo" \
		"# Cross.toml:18: pre-build is a script; put its commands into setup, which does not see the project's files" \
		'# Cross.toml:19: targets.ini has no section for thumbv6m-none-eabi; add those for Linux that you need'

	new_crate
	printf '[package.metadata.cross.build.env]\npassthrough = ["A"]\n' >>Cargo.toml
	inits
	in_ini 'env         = A' '# Cargo.toml:4: env.passthrough is now env'
}

# What runs before a build in cross's images, which are Ubuntu's and have apt's lists.
@test "init: Cross.toml, where images are Alpine's, or have no lists of packages" {
	write Cross.toml '[build]' 'pre-build = ["curl x", "apt-get install -y unzip"]' \
		'[target.x86_64-unknown-linux-gnu]' 'pre-build = ["printf %s ; true", "apt install -y m4"]' \
		'[target.aarch64-unknown-linux-musl]' 'image = "own:1"'
	inits
	in_ini 'setup       = curl x && apt-get update && apt-get install -y unzip && apt install -y m4' \
		'setup       = curl x && apt-get update && apt-get install -y unzip' 'packages    = musl-dev' \
		'# Cross.toml:4: this pre-build command is not taken over; setup cannot hold it as it is' \
		'# Cross.toml:6: image is now that of linux-musl-arm64, whose packages are left out' \
		"# Cross.toml:6: an image made for cross has no cargo: install it in setup; and if the image is not for the target's platform, set cross = yes"
	[ "$(grep -c '^setup ' targets.ini)" -eq 2 ]
	[ "$(grep -c '^packages ' targets.ini)" -eq 1 ]
}

@test "init: what is the same on several lines of a file is printed once" {
	write Cross.toml '[target.x86_64-unknown-linux-gnu]' 'dockerfile = "d"' 'image = "own:1"' \
		'[target.aarch64-unknown-linux-gnu]' 'dockerfile = "d"' 'image = "own:2"'
	inits
	[ "$(grep -c 'dockerfile is not taken over' "$said")" -eq 1 ]
	[ "$(grep -c 'image made for cross' "$said")" -eq 1 ]
	[ "$(grep -c 'image is now' "$said")" -eq 2 ]
	in_ini "# Cross.toml:2: dockerfile is not taken over; see From cross in cachemk's docs/migration.md" \
		"# Cross.toml:5: dockerfile is not taken over; see From cross in cachemk's docs/migration.md"
}

@test "init: a Makefile that is there stays, and is told what to add" {
	printf 'mine:\n' >Makefile
	cp Makefile "$BATS_TEST_TMPDIR/makefile"
	inits
	cmp Makefile "$BATS_TEST_TMPDIR/makefile"
	grep -q '^Add this line to Makefile, wherever you like:$' "$said"
	grep '^include\|^mk/' "$said" >>Makefile
	make -n build-linux-x64 >"$out"

	new_crate
	echo 'include mk/cache.mk' >makefile
	inits
	! grep -q 'Add' "$said" || false
	[ ! -e Makefile ]
}

@test "init: a Makefile with rules of the same names" {
	printf '%s\n' 'build-linux-x64 other: deps' '	echo test-linux-x64:' 'check-all: check' \
		'check-all: more' 'doctor: ; true' 'run-linux-x64 := no' 'run-%: ; true' \
		'build-elsewhere: ; true' >Makefile
	inits
	in_ini \
		"# Makefile: has rules with the names of generated ones; rename them, or see cachemk's docs/migration.md: build-linux-x64 check-all doctor"
}

@test "init: a Makefile with caches" {
	printf '%s\n' 'release:' '	docker run --rm -v cargo-cache-app:/usr/local/cargo/registry \' \
		'	  -v cargo-git-cache-app:/usr/local/cargo/git rust:1.80 cargo build' \
		'	cross build --release' >Makefile
	inits
	[ "$(grep -c '^cache       = app$' targets.ini)" -eq 4 ]
	in_ini \
		"# Makefile:2: runs cargo in a container; cachemk's docs/migration.md says what replaces this" \
		"# Makefile:4: runs cross; cachemk's docs/migration.md says what replaces this" \
		'# Makefile: its volumes cargo-cache-app and cargo-git-cache-app are used for all targets'

	new_crate
	printf '%s\n' 'a:' \
		'	podman run -v cargo-cache-alpine-x64:/r -v cargo-cache-other:/q rust cargo b' 'b:' \
		'	podman volume create cargo-cache-$(NAME)' >Makefile
	inits
	in_ini 'cache       = alpine-x64' 'cache       = x64' \
		'# Makefile: its volumes cargo-cache-alpine-x64 and cargo-git-cache-alpine-x64 are used for linux-musl-x64' \
		'# Makefile: its volumes cargo-cache-other and cargo-git-cache-other are not used; set cache to this name where they belong' \
		'# Makefile:4: mounts volumes of a name that only make knows; set cache in targets.ini to use them'
}

@test "init: .cargo/config.toml" {
	write .cargo/config.toml '[build]' 'rustc-wrapper = "/usr/bin/sccache"' \
		'[target.x86_64-unknown-linux-gnu]' 'linker = "clang"' \
		'rustflags = ["-C", "link-arg=-fuse-ld=mold"]' '[target.aarch64-unknown-linux-gnu]' \
		'linker = "aarch64-linux-gnu-gcc"' '[registries]' 'known = { index = "sparse+https://a/" }'
	printf '%s\n' '[dependencies]' 'a = { version = "1", registry = "known" }' \
		'b = { version = "1", registry = "private" }' 'c = { version = "1", registry = "private" }' \
		>>Cargo.toml
	inits
	in_ini \
		"# .cargo/config.toml:2: rustc-wrapper '/usr/bin/sccache' is not in the images; set env = RUSTC_WRAPPER= in targets.ini, or use the key sccache" \
		"# .cargo/config.toml:4: linker 'clang' is not in the images; install it in setup, or set env = CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_LINKER=cc" \
		'# .cargo/config.toml:5: the linker mold is not in the images; install it in setup, or set env = RUSTFLAGS= to do without these flags' \
		"# Cargo.toml:5: registry 'private' is not in the project's .cargo/config.toml; add [registries.private] there, as builds do not see ~/.cargo"
	not_in_ini "'known'" aarch64-linux-gnu-gcc
	[ "$(grep -c "registry 'private'" targets.ini)" -eq 1 ]

	new_crate
	write below/Cargo.toml '[package]'
	write below/src/main.rs ''
	write .cargo/config.toml '[build]' 'rustc-wrapper = "x"'
	enter below
	inits
	not_in_ini wrapper
	in_ini \
		'# ../.cargo/config.toml: above the mounted directories, so builds do not see it; copy what they need to .cargo/config.toml here'
}

@test "init: .cargo/config.toml for other targets, runners and git" {
	write .cargo/config.toml '[target.x86_64-pc-windows-msvc]' \
		'rustflags = ["-Clink-arg=-fuse-ld=lld"]' 'runner = "wine"' \
		"[target.'cfg(target_os = \"macos\")']" 'rustflags = "-Clink-arg=-fuse-ld=lld"' \
		'[net]' 'git-fetch-with-cli = true'
	inits
	not_in_ini config.toml lld wine git

	new_crate
	write .cargo/config.toml "[target.'cfg(not(windows))']" \
		'rustflags = "-Clink-arg=-fuse-ld=lld"' "[target.'cfg(linux)']" "runner = 'unshare -rn'" \
		'[target.x86_64-unknown-linux-gnu]' 'runner = ["sudo", "-E"]' \
		'[target.aarch64-unknown-linux-gnu]' 'runner = "scripts/run"' '[net]' 'git-fetch-with-cli = true'
	printf '[[package]]\nname = "a"\nsource = "git+https://host/a#1"\n' >Cargo.lock
	inits
	in_ini \
		'# .cargo/config.toml:2: the linker lld is not in the images; install it in setup, or set env = RUSTFLAGS= to do without these flags' \
		"# .cargo/config.toml:4: runner 'unshare -rn' may not be in the images, or not work in a container; install it in setup, or set env = CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU_RUNNER=env" \
		'# .cargo/config.toml needs git (Alpine), for git-fetch-with-cli' 'packages    = musl-dev git'
	grep -q "runner 'sudo'" targets.ini
	not_in_ini scripts/run

	new_crate
	write .cargo/config.toml '[net]' 'git-fetch-with-cli = true'
	printf '[dependencies]\na.git = "https://host/a"\n' >>Cargo.toml
	inits
	in_ini 'packages    = musl-dev git'
}

@test "init: path dependencies that are not mounted" {
	export HOME=$BATS_TEST_TMPDIR/home
	mkdir -p p/in x
	write p/Cargo.toml '[workspace]' 'members = ["m"]' '[workspace.dependencies]' \
		'x = { path = "../x" }' 'gone = { path = "../gone" }'
	write p/m/Cargo.toml '[package]' 'name = "m"' '[dependencies]' 'in.path = "../in"' \
		'[dev-dependencies]' 'y = { version = "1", path = "../../x" }'
	write p/m/src/main.rs ''
	enter p
	inits
	in_ini \
		"# Cargo.toml:4: the path '../x' is outside of what builds see; make doctor says how to mount it" \
		"# m/Cargo.toml:6: the path '../../x' is outside of what builds see; make doctor says how to mount it"
	not_in_ini gone "'../in'"
	rm -r targets.ini mk Makefile
	mkdir ../.git
	inits
	not_in_ini 'outside of'
}

@test "init: symbolic links that builds cannot follow" {
	mkdir -p out p/a/deep p/target p/.git/x
	write out/file x
	write p/Cargo.toml '[package]' 'name = "p"'
	write p/src/main.rs ''
	ln -s ../../../out/file p/a/deep/away
	ln -s "$PWD/p/src" p/a/absolute
	ln -s ../src p/a/inside
	ln -s ../../gone p/a/gone
	for place in target .git/x; do ln -s /etc/passwd "p/$place/passwd"; done
	enter p
	inits
	in_ini \
		"# a/absolute: builds cannot follow this link to '$PWD/src'; make doctor says how to mount it" \
		"# a/deep/away: builds cannot follow this link to '../../../out/file'; make doctor says how to mount it"
	[ "$(grep -c 'cannot follow' targets.ini)" -eq 2 ]
	rm -r targets.ini mk Makefile
	for number in 1 2 3 4; do ln -s /etc "a/deep/$number"; done
	inits
	[ "$(grep -c 'cannot follow' targets.ini)" -eq 3 ]
}

# What is above the project in its git repository is mounted, unless this is the home directory.
@test "init: .cargo/config.toml of the repository" {
	write below/x/Cargo.toml '[package]'
	write below/x/src/main.rs ''
	write .cargo/config.toml '[build]' 'rustc-wrapper = "w"' '[registries]' \
		'known = { index = "sparse+https://a/" }'
	write rust-toolchain 1.81.0
	mkdir .git
	enter below/x
	printf '%s\n' '[dependencies]' 'a = { version = "1", registry = "known" }' >>Cargo.toml
	inits
	in_ini \
		"# ../../.cargo/config.toml:2: rustc-wrapper 'w' is not in the images; set env = RUSTC_WRAPPER= in targets.ini" \
		'image       = rust:1.81.0'
	not_in_ini 'above the' RUSTUP_TOOLCHAIN registry
	rm -r targets.ini mk Makefile
	HOME=$BATS_TEST_TMPDIR/work inits
	in_ini 'env         = RUSTUP_TOOLCHAIN=1.81.0'
	grep -q "registry 'known'" targets.ini
}

# Of two names, .cargo/config wins; the user's home has cargo's own.
@test "init: .cargo/config, and the home directory" {
	write .cargo/config '[build]' 'rustc-wrapper = "one"'
	write .cargo/config.toml '[build]' 'rustc-wrapper = "two"'
	inits
	grep -q "'one'" targets.ini
	not_in_ini "'two'"
	rm -r targets.ini mk Makefile
	HOME=$PWD inits
	not_in_ini 'config'
}

# Nothing that stands in a project's files becomes a key, a command or an escape of the terminal.
@test "init: files that mean harm" {
	write Cargo.toml '[package]' 'name = "x\n[evil]\ndescription = y"' '[[bin]]' \
		'name = "\u001b[31m\nimage = x"' '[dependencies]' 'a = { registry = "r\u009b\n[evil]" }' \
		'rust-version = "$(touch x)"'
	write Cross.toml '[build]' 'pre-build = ["a\n[evil]"]' '[build.env]' \
		'passthrough = ["A\n[evil]"]' '[target."x\n[evil]"]' '[target.x86_64-unknown-linux-gnu]' \
		'image = "a\n[evil]"'
	write Makefile "$(printf '\033[31m[evil]')" 'doctor: ; docker run rust cargo-cache-$(x)'
	inits
	not_in_ini '^\[evil' '^image = x'
	[ "$(grep -c '^\[' targets.ini)" -eq 4 ]
	! LC_ALL=C grep "$(printf '\033')" targets.ini "$said" || false

	new_crate
	long=$(printf 'x%.0s' $(seq 300))
	write Cross.toml '[build.env]' "passthrough = [\"A=$long\"]" '[target.x86_64-unknown-linux-gnu]' \
		"image = \"$long\"" "pre-build = [\"$long\"]"
	write Makefile "	-v cargo-cache-$long"
	inits
	write rust-toolchain "1.$long"
	rm targets.ini
	inits

	new_crate
	write Cargo.toml "a = $(printf '[%.0s' $(seq 5000))"
	inits
	grep -q '^Cargo.toml:1: not understood' "$said"
}

