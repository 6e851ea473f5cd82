#!/usr/bin/env bats
# The fragment follows targets.ini, the templates and the generator, in a copy of the repository.
# shellcheck disable=SC2034,SC2154 # helper.bash and bats set and use the rest

load helper

setup_file() {
	local copy=$BATS_FILE_TMPDIR/repo
	mkdir -p "$copy"
	cp -p "$repo/Makefile" "$repo/targets.ini" "$copy"
	cp -Rp "$repo/templates" "$copy"
	cp -Rp "$repo/gen" "$copy"
	cp -Rp "$repo/scripts" "$copy"
	CFLAGS=-O0 "$make" -C "$copy" -j2
	# All of an hour ago, so that only what a test changes is newer than the rest.
	find "$copy" -exec touch -d '1 hour ago' {} +
}

setup() {
	new_engine
	cp -Rp "$BATS_FILE_TMPDIR/repo" "$BATS_TEST_TMPDIR/repo"
	cd "$BATS_TEST_TMPDIR/repo" || return
	new_project .
	export CFLAGS=-O0 CC=false # nothing is to be compiled from here on
}

generations() {
	grep -c '^gen/cachemk ' <<<"$output" || :
}

add_target() {
	printf '%s\n' '' '[new]' 'description = New' 'triple = i686-unknown-linux-gnu' \
		'image = rust:1.90' >>targets.ini
}

break_targets() {
	cp -p mk/cache.mk before
	printf '[broken]\ndescripton = typo\n' >>targets.ini
	broken_line=$(wc -l <targets.ini)
}

nothing_to_be_done() {
	run_make
	succeeds
	says_nothing_wrong
	[[ $output == *"Nothing to be done for "?all?.* ]]
	[ "$(generations)" -eq 0 ]
}

@test "make generates once, and then has nothing to do" {
	rm mk/cache.mk
	run_make
	succeeds
	says_nothing_wrong
	[ "$(generations)" -eq 1 ]
	cp -p mk/cache.mk before
	nothing_to_be_done
	[ ! mk/cache.mk -nt before ] && [ ! before -nt mk/cache.mk ]
}

@test "a touched targets.ini generates once, and then nothing is to be done" {
	touch targets.ini
	run_make
	[ "$(generations)" -eq 1 ]
	nothing_to_be_done
}

@test "so does one from the future" {
	add_target
	touch -d '1 hour' targets.ini
	run timeout 30 "$make" --no-print-directory -n build-new
	[ "$status" -eq 0 ]
	[ "$(generations)" -eq 1 ]
}

@test "a new target can be built at once" {
	add_target
	run_make build-new
	succeeds
	says_nothing_wrong
	has_line 'Building for New (using Docker)...'
	last_line_is 'Built target/i686-unknown-linux-gnu/release/hello'
	run_make build-new
	[ "$(generations)" -eq 0 ]
}

@test "a new target can be built at once with -j, and with -n is shown at once" {
	add_target
	run_make -n build-new
	has ' -v cargo-cache-new:/usr/local/cargo/registry '
	no_calls
	touch targets.ini
	run_make -j4 build-all
	succeeds
	[ "$(generations)" -eq 1 ]
	grep -q '^run .*cargo-cache-new' <<<"$(calls)"
}

@test "a removed target is no rule any more" {
	sed -i '/^\[linux-x64\]/,/^$/d' targets.ini
	run_make build-linux-x64
	fails
	[[ $stderr == *"There is no target 'linux-x64'"* ]]
	no_calls
}

@test "an edited setup makes another image, and leaves the others" {
	local arm64 x64
	fragment=mk/cache.mk
	arm64=$(prepared linux-arm64) x64=$(prepared linux-musl-x64)
	sed -i '/^\[linux-musl-x64\]/,/^$/s/musl-dev/& git/' targets.ini
	run_make list-cache
	[ "$(prepared linux-arm64)" = "$arm64" ]
	[ -n "$(prepared linux-musl-x64)" ]
	[ "$(prepared linux-musl-x64)" != "$x64" ]
}

@test "a broken targets.ini stops make with file and line, and keeps the old fragment" {
	local goal
	break_targets
	for goal in all list-cache build-alpine-arm64 clean-cache; do
		run_make "$goal"
		fails 2
		[[ $stderr == "targets.ini:$broken_line: error: "* ]]
		cmp before mk/cache.mk
	done
	no_calls
	[ "$(find mk -name 'cache.mk*')" = mk/cache.mk ]
}

@test "a mended targets.ini works again" {
	break_targets
	run_make list-cache
	sed -i '/^\[broken\]/,$d' targets.ini
	run_make list-cache
	succeeds
	last_line_is 'No caches found'
}

# With -k make goes on, and has the old rules; but it does not say that all was well.
@test "make -k with a broken targets.ini fails, too" {
	break_targets
	run_make -k list-cache
	fails 2
	cmp before mk/cache.mk
}

@test "a changed template generates anew" {
	sed -i 's,[^"]*volume caches for Cargo builds,Caches,' templates/sh/caches.sh
	run_make list-cache
	succeeds
	has_line Caches:
	sed -i 's/^USER root$/&\nRUN true/' templates/sh/dockerfile.sh
	run_make build-linux-x64
	grep -qx 'RUN true' "$FAKE_ENGINE/calls/$(call_number build)/stdin"
}

@test "a broken template stops make, and keeps the old fragment" {
	cp -p mk/cache.mk before
	printf '<%%# never closed %%>\n' >>templates/cache.mk.mustache
	run_make list-cache
	fails 2
	[[ $stderr == templates/cache.mk.mustache:* ]]
	cmp before mk/cache.mk
}

@test "a changed generator is built and run; what it writes alike stays" {
	unset CC
	touch gen/main.c
	run_make list-cache
	succeeds
	[ "$(generations)" -eq 1 ]
	CC=false nothing_to_be_done
}

@test "changed flags compile all again" {
	CFLAGS=-O1 run_make list-cache
	fails 2
	unset CC
	CFLAGS=-O1 run_make build/gen/buf.o build/gen/main.o
	succeeds
	[ "$(grep -c -e ' -O1 ' <<<"$output")" -eq 2 ]
	CC=false CFLAGS=-O1 run_make build/gen/buf.o build/gen/main.o
	succeeds
}

@test "a target with the name of a suite is refused, as its rule would be hidden" {
	unset CC
	sed -i 's/^\[linux-x64\]/[unit]/' targets.ini
	run_make list-cache
	fails 2
	[[ $stderr == *"targets.ini: choose another name than 'unit': here, check-unit is a suite of tests"* ]]
}

@test "a generator that cannot be built stops make, and keeps the old fragment" {
	cp -p mk/cache.mk before
	touch gen/main.c
	run_make list-cache
	fails 2
	no_calls
	cmp before mk/cache.mk
}

@test "setup, clean and help work before the generator can be built" {
	rm -r gen/cachemk mk/cache.mk build
	run_make -n setup
	succeeds
	has scripts/setup.sh
	run_make help
	succeeds
	says_nothing_wrong
	has 'make setup'
	run_make clean
	succeeds
	says_nothing_wrong
	run_make -n setup clean help
	succeeds
}

@test "help is the same in a fresh clone, where it builds nothing, as after make" {
	run_make help
	succeeds
	[ "$(awk 'length > 80' <<<"$output")" = '' ]
	printf '%s\n' "$output" >"$BATS_TEST_TMPDIR/built"
	run_make help-cache
	[ "$(tail -n "$(wc -l <<<"$output")" "$BATS_TEST_TMPDIR/built")" = "$output" ]
	rm -r gen/cachemk mk/cache.mk mk/cache.sh build
	CC=false run_make help
	succeeds
	says_nothing_wrong
	diff "$BATS_TEST_TMPDIR/built" <(printf '%s\n' "$output")
	has_line '  linux-musl-arm64, alpine-arm64  Linux ARM64 musl (Alpine Linux compatible)'
	[ ! -e gen/cachemk ]
	[ ! -e build ]
	[ ! -e mk/cache.mk ]
}

@test "help goes on with a broken targets.ini" {
	break_targets
	run_make help
	succeeds
	says_nothing_wrong
	has 'make setup'
}

# The suites of this repository's own tests begin with check-, too.
@test "check-<target> is the target's rule here, and check-<suite> the suite's" {
	run_make check-linux-x64
	succeeds
	first_line_is 'Checking for Linux x86-64 (glibc) (using Docker)...'
	rm mk/cache.mk
	run_make -n check-golden
	succeeds
	says_nothing_wrong
	has tests/run.sh
	[ ! -e mk/cache.mk ]
}

@test "setup works with a broken targets.ini" {
	break_targets
	run_make -n setup
	succeeds
	says_nothing_wrong
}

@test "after make clean, one make of a rule does it all" {
	unset CC
	run_make clean
	[ ! -e gen/cachemk ] && [ ! -e mk/cache.mk ] && [ ! -e build ]
	CFLAGS=-O0 run_make -j2 list-cache
	succeeds
	last_line_is 'No caches found'
}

# as_nobody WORD...: root may write everywhere, and so does not test this
as_nobody() {
	if [ "$(command -p id -u)" -ne 0 ]; then
		"$@"
	else
		setpriv --reuid 65534 --regid 65534 --clear-groups "$@"
	fi
}

@test "a directory that cannot be written to keeps the old fragment" {
	local place
	place=$(mktemp -d)
	cp -Rp . "$place/repo"
	cd "$place/repo"
	cp -p mk/cache.mk "$BATS_TEST_TMPDIR/before"
	add_target
	chmod 755 "$place"
	chmod 555 mk
	run --separate-stderr as_nobody "$make" list-cache
	chmod 755 mk
	cmp mk/cache.mk "$BATS_TEST_TMPDIR/before"
	cd /
	rm -r "$place"
	fails 2
	[[ $stderr == *mk/cache.mk*' error: '* ]]
}

# make reads a makefile again that was generated, and would find it old again and again, until that time.
@test "with a targets.ini from the future, an installed cachemk generates once" {
	mkdir -p project bin
	printf '#!/bin/sh\necho ran >>ran\nexec "%s" "$@"\n' "$repo/gen/cachemk" >bin/cachemk
	chmod +x bin/cachemk
	cp targets.ini project
	new_project project
	cd project
	ln -s "$repo/templates" templates
	mkdir -p mk
	"$repo/gen/cachemk"
	printf 'include mk/cache.mk\n' >Makefile
	add_target
	touch -d '1 hour' targets.ini
	PATH=$PWD/../bin:$PATH run timeout 30 "$make" -n build-new
	[ "$status" -eq 0 ]
	[[ $output == *'--triple i686-unknown-linux-gnu '* ]]
	[ "$(wc -l <ran)" -eq 1 ]
}
