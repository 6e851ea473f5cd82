#!/usr/bin/env bats
# What a build lists, checks and brings back is what cargo says it has built; and what another image
# has compiled is not used again.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

triple=x86_64-unknown-linux-gnu
built=target/$triple/release

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	own=products-$$$suffix
	export own suffix XDG_CACHE_HOME=$BATS_FILE_TMPDIR/cache
	mkdir -p "$BATS_FILE_TMPDIR"/app/{mk,a/src/bin,a/examples,b/src,c/src,d/src}
	cd "$BATS_FILE_TMPDIR/app" || return
	printf 'include mk/cache.mk\n' >Makefile
	printf '[workspace]\nmembers = ["a", "b", "c", "d"]\nresolver = "2"\n' >Cargo.toml
	package a '[dependencies]' 'd = { path = "../d" }'
	package b
	package c '[lib]' 'crate-type = ["cdylib", "staticlib", "rlib"]'
	package d '[lib]' 'proc-macro = true'
	printf 'fn main() { println!("{}", d::one!()) }\n' | tee a/src/bin/old.rs >a/examples/shown.rs
	printf 'fn main() {}\n' >b/src/main.rs
	printf 'pub fn c() { println!() }\n' >c/src/lib.rs
	cat >d/src/lib.rs <<-'END'
		extern crate proc_macro;
		#[proc_macro]
		pub fn one(_: proc_macro::TokenStream) -> proc_macro::TokenStream { "1".parse().unwrap() }
	END
}

# package NAME LINE...
package() {
	printf '%s\n' '[package]' "name = \"$1\"" 'version = "0.1.0"' 'edition = "2021"' "${@:2}" \
		>"$1/Cargo.toml"
}

teardown_file() {
	lab_env
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	docker image ls --quiet --filter label=cachemk.target="$own" | sort -u |
		xargs --no-run-if-empty docker image rm --force >/dev/null
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

# use LINE...: the one target, with these lines
use() {
	printf '%s\n' "[$own]" 'description = D' "triple = $triple" "cache = $own" \
		"image = ${E2E_IMAGES-}rust:latest" "$@" >targets.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/app/mk/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
}

type_in() {
	run make --no-print-directory -C app "$@" </dev/null
}

# lists NAME...: the build is fine, and these are the files that it lists
lists() {
	[ "$status" -eq 0 ]
	[ "$(sed -n 's/^Built //p' <<<"$output")" = "$(printf "$built/%s\n" "$@")" ]
}

@test "programs and libraries for other languages are listed" {
	use
	type_in "build-$own"
	lists b libc.a libc.so old
	[ "$(count 'Compiling a ')" -eq 1 ]
}

@test "after a program was renamed, the old one is listed no longer" {
	mv app/a/src/bin/old.rs app/a/src/bin/new.rs
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists new
	[ -e "app/$built/old" ]
}

@test "what was not asked for is not listed, and nothing is compiled again" {
	type_in "build-$own" CARGO_FLAGS='-p b'
	lists b
	[ "$(count Compiling)" -eq 0 ]
	type_in "build-$own" CARGO_FLAGS='-p a --example shown'
	lists examples/shown
	[ "$("app/$built/examples/shown")" = 1 ]
}

@test "a Rust library alone is listed" {
	sed -i 's/^crate-type.*/crate-type = ["rlib"]/' app/c/Cargo.toml
	type_in "build-$own" CARGO_FLAGS='-p c'
	lists libc.rlib
	sed -i 's/^crate-type.*/crate-type = ["cdylib", "staticlib", "rlib"]/' app/c/Cargo.toml
}

@test "what cargo says on standard output for people is printed as it comes" {
	printf 'fn main() { println!("from the build script") }\n' >app/b/build.rs
	type_in "build-$own" CARGO_FLAGS='-p b -vv'
	lists b
	[ "$(count 'from the build script')" -eq 1 ]
	[ "$(count '"reason"')" -eq 0 ]
	rm app/b/build.rs
}

@test "glibc_max looks at a shared library, too" {
	use 'glibc_max = 2.1'
	type_in "build-$own" CARGO_FLAGS='-p c'
	[ "$status" -ne 0 ]
	[ "$(count "^$built/libc.so needs .*, but glibc_max is 2.1: ")" -eq 1 ]
	use 'glibc_max = 2.99'
	type_in "build-$own" CARGO_FLAGS='-p c'
	lists libc.a libc.so
}

@test "with target_dir = volume they are all brought back, and no old program" {
	use 'target_dir = volume' 'glibc_max = 2.99'
	rm -r app/target
	type_in "build-$own"
	lists b libc.a libc.so new
	[ "$("app/$built/new")" = 1 ]
	[ -z "$(find app/target -name '*.rlib')" ]
	mv app/a/src/bin/new.rs app/a/src/bin/newer.rs
	rm -r app/target
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists newer
	[ "$(ls "app/$built")" = newer ]
}

@test "with nothing to look at, glibc_max has nothing to say" {
	type_in "build-$own" CARGO_FLAGS='-p d'
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$triple, without a binary" ]
}

@test "in a volume, too, another image compiles everything again, and says so once" {
	use 'target_dir = volume' 'setup = echo another'
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists newer
	[ "$(count "^The image for $own has changed, so everything is compiled again\.$")" -eq 1 ]
	[ "$(count 'Compiling')" -eq 2 ]
}

@test "another image compiles everything again, and says so once" {
	use
	type_in "build-$own" CARGO_FLAGS='-p a'
	use 'setup = echo another'
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists newer
	[ "$(count "^The image for $own has changed, so everything is compiled again\.$")" -eq 1 ]
	[ "$(count 'Compiling')" -eq 2 ]
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists newer
	[ "$(count 'Compiling\|again')" -eq 0 ]
}

@test "the directory is emptied without following links, and after a build that still uses it" {
	mkdir -p outside
	touch outside/kept
	ln -s "$PWD/outside" "app/target/$triple/link"
	flock "app/$built/.cargo-lock" sleep 3 &
	use 'setup = echo a third'
	type_in "build-$own" CARGO_FLAGS='-p a'
	lists newer
	run ! kill -0 "$!"
	[ -e outside/kept ]
	[ ! -h "app/target/$triple/link" ]
}

@test "dist- packs the same bytes from two directories, and follows no link" {
	local archive=b-0.1.0-$triple.tar.gz
	use 'glibc_max = 2.99'
	printf 'fn main() { println!("{}", env!("SOURCE_DATE_EPOCH")) }\n' >app/b/src/main.rs
	printf 'Licence\n' >app/LICENSE
	printf 'Read\n' >app/b/README.md
	ln -s /etc/passwd app/b/COPYING
	printf '%s\n' 'target/' 'dist/' >app/.gitignore
	git -C app init -q
	git -C app add .
	GIT_COMMITTER_DATE='1700000000 +0100' git -C app -c user.name=x -c user.email=x@example.com commit -q -m x
	rm -rf app/target
	type_in "dist-$own"
	[ "$status" -eq 0 ]
	[ "$(grep '^Packed ' <<<"$output")" = "$(printf "Packed dist/%s-0.1.0-$triple.tar.gz\n" b c newer)" ]
	[ "$(TZ=UTC tar --full-time -tvzf "app/dist/$archive" | tr -s ' ')" = \
		"$(printf '%s 2023-11-14 22:13:20 b-0.1.0-%s\n' 'drwxr-xr-x 0/0 0' "$triple/" '-rw-r--r-- 0/0 8' "$triple/LICENSE" \
			'-rw-r--r-- 0/0 5' "$triple/README.md" "-rwxr-xr-x 0/0 $(stat -c %s app/target/$triple/cachemk-dist/release/b)" "$triple/b")" ]
	(cd app/dist && sha256sum --quiet -c ./*.sha256)
	[ "$("app/target/$triple/cachemk-dist/release/b")" = 1700000000 ]
	run ! grep -q /workspace "app/target/$triple/cachemk-dist/release/newer"
	# Elsewhere, in a volume, in a workspace with traps
	git clone -q app 'other place'
	cp app/mk/cache.mk "other place/mk/"
	use 'target_dir = volume'
	mv app/mk/cache.mk 'other place/mk/'
	mkdir beyond 'other place/dist'
	printf 'kept\n' >beyond/file
	ln -s "$PWD/beyond/file" "other place/dist/$archive"
	run make --no-print-directory -C 'other place' "dist-$own" </dev/null
	[ "$status" -eq 0 ]
	diff -r app/dist 'other place/dist'
	[ "$(cat beyond/file)" = kept ]
	[ "$(find 'other place/dist' -mindepth 1 | wc -l)" -eq 6 ]
	rm -r 'other place/dist'
	ln -s "$PWD/beyond" 'other place/dist'
	run make --no-print-directory -C 'other place' "dist-$own" SOURCE_DATE_EPOCH=5 </dev/null
	[ "$status" -ne 0 ]
	[[ $output = *"dist/$archive cannot be written: something else has this name"* ]]
	[ "$(ls beyond)" = file ]
}

@test "two runs of dist- at once pack nothing that the other is building" {
	local run pids=() failed=0
	use 'glibc_max = 2.99'
	cp -R app/dist first
	for run in 1 2; do
		make --no-print-directory -C app "dist-$own" </dev/null >"run-$run" 2>&1 3>&- &
		pids+=("$!")
	done
	for run in 1 2; do
		wait "${pids[run - 1]}" && continue
		failed=$((failed + 1))
		grep -q '^Another run has built for an archive of this target meanwhile: try again.$' "run-$run"
	done
	[ "$failed" -le 1 ]
	diff -r first app/dist
}

@test "cachemk lock asks the engine, and builds then use the digest" {
	use
	mkdir -p locked
	sed "s|^image = .*|image = $E2E_REGISTRY/library/rust:latest\nplatform = linux/amd64|" targets.ini >locked/targets.ini
	(cd "$repo" && gen/cachemk lock "$BATS_FILE_TMPDIR/locked/targets.ini" && gen/cachemk lock --check "$BATS_FILE_TMPDIR/locked/targets.ini" &&
		gen/cachemk -o "$BATS_FILE_TMPDIR/app/mk/cache.mk" "$BATS_FILE_TMPDIR/locked/targets.ini")
	[ "$(grep -c "^$E2E_REGISTRY/library/rust:latest@sha256:[0-9a-f]\{64\}\$" locked/targets.lock)" -eq 1 ]
	grep -q -- "--image $(grep -v '^#' locked/targets.lock) " app/mk/cache.mk
	type_in "build-$own" CARGO_FLAGS='-p c'
	lists libc.a libc.so
}
