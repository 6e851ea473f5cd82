#!/usr/bin/env bats
# backup-cache-… and restore-cache-…, whose scripts are really run, on volumes that are directories.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2088,SC2154 # `when` takes code for sh; helper.bash and bats set and use the rest

load helper
load archives

setup_file() { generate_fragment; }

setup() {
	start_in_a_project
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
}

# Whatever a rule has met with, it leaves neither notes nor a file that is not finished.
teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ] || { show 'left behind' "$(ls -A "$TMPDIR")" && return 1; }
	! ls -A -- *.part* 2>/dev/null
}

# ---- Both ways

@test "what backup-cache-T writes, restore-cache-T puts into an empty cache, or a full one" {
	each_shell goes_both_ways
}

goes_both_ways() {
	rm -f cache.tar.gz
	has_cache
	contents >before
	run_make backup-cache-linux-x64 FILE=cache.tar.gz "$shell"
	succeeds
	says_nothing_wrong
	prints 'Backing up the cache x64 to cache.tar.gz...' \
		"Wrote cache.tar.gz: 7 files, $(wc -c <cache.tar.gz)B"
	calls_are version volume-ls volume-ls version image-inspect run run run
	called_inside -v cargo-cache-x64:/cachemk/registry -v cargo-git-cache-x64:/cachemk/git \
		"$tools" "${limited[@]}" sh -s inside recover_cache
	called_inside -v cargo-cache-x64:/cachemk/registry:ro -v cargo-git-cache-x64:/cachemk/git:ro \
		"$tools" "${limited[@]}" sh -s inside pack_cache
	called_inside "$tools" "${limited[@]}" tar -tf -
	nothing_changed
	gzip -dc cache.tar.gz | tar -t >/dev/null

	restores_what_was "$shell"
	calls_are version ps ps inspect version image-inspect run

	has_cache another
	file cargo-cache-x64 cache/crates.io-1/other-1.0.0.crate other
	file cargo-git-cache-x64 .other other
	restores_what_was "$shell"
}

# restores_what_was WORD...: from cache.tar.gz, in a call or two of its own
restores_what_was() {
	forget_calls
	run_make restore-cache-linux-x64 FILE=cache.tar.gz "$@"
	succeeds
	says_nothing_wrong
	prints 'Restoring the cache for Linux x86-64 (glibc) (using Docker)...' \
		'Restored the cache x64 from cache.tar.gz'
	called ps --filter volume=cargo-cache-x64 --format '{{.Names}}'
	called ps --filter volume=cargo-git-cache-x64 --format '{{.Names}}'
	called_inside -v cargo-cache-x64:/cachemk/registry -v cargo-git-cache-x64:/cachemk/git \
		"$tools" "${limited[@]}" sh -c SCRIPT sh "$caller" cache
	cmp_restored before
}

@test "what comes back has its modes, links and times, in Debian's images and in Alpine's" {
	each_image_of_root keeps_modes
}

keeps_modes() {
	shell=SHELL=/bin/sh
	only_target linux-x64 'description = Linux x86-64 (glibc)' 'cache = x64' 'user = root'
	caller=0:0
	has_cache
	contents >before
	rm -f cache.tar.gz
	run_make backup-cache-linux-x64 FILE=cache.tar.gz
	succeeds
	says_nothing_wrong
	new_volumes
	restores_what_was
	[ -z "$(find "$FAKE_ENGINE/content" -name '.cachemk-*')" ]
	[ -e "$FAKE_ENGINE/content/cargo-cache-x64/.package-cache" ]
	[ "$(stat -c %a "$FAKE_ENGINE/content/cargo-cache-x64/.package-cache")" = 666 ]
}

@test "an alias's backup is the target's, and an archive may go into another target" {
	local file=cache.tar.gz
	has_cache
	run_make backup-cache-linux-x64 FILE=$file
	forget_calls
	run_make restore-cache-alpine-x64 FILE=$file
	succeeds
	last_line_is "Restored the cache musl-x64 from $file"
	[ "$(cat "$FAKE_ENGINE/content/cargo-cache-musl-x64/.global-cache")" = one ]
	[ "$(cat "$FAKE_ENGINE/content/cargo-git-cache-musl-x64/.hidden")" = one ]
	forget_calls
	run_make backup-cache-alpine-x64 FILE=again.tar.gz
	first_line_is 'Backing up the cache musl-x64 to again.tar.gz...'
	[[ $(named_calls) == *"--name $(named linux-musl-x64) "* ]]
}

@test "the restored volumes are made first where they are not there, and bear labels" {
	local file=cache.tar.gz
	has_cache
	run_make backup-cache-linux-x64 FILE=$file
	new_engine
	is_root || keep_owners
	run_make restore-cache-linux-x64 FILE=$file
	succeeds
	made_volume cargo-cache-x64 x64 "$caller"
	made_volume cargo-git-cache-x64 x64 "$caller"
	calls_are version ps ps inspect version image-inspect info image-inspect build image-inspect \
		volume-create volume-create inspect version image-inspect run
}

@test "restore with DRY_RUN=1 says what it would replace, and does not" {
	has_cache
	run_make backup-cache-linux-x64 FILE=cache.tar.gz
	has_cache another
	contents >before
	forget_calls
	run_make restore-cache-linux-x64 FILE=cache.tar.gz DRY_RUN=1
	succeeds
	says_nothing_wrong
	prints 'This replaces the cache x64 with what is in cache.tar.gz.' \
		'Nothing was changed (DRY_RUN=1).'
	calls_are version ps ps
	nothing_changed
}

@test "backup with DRY_RUN=1 says what it would write, and does not" {
	has_cache
	printf 'old\n' >cache.tar.gz
	run_make backup-cache-linux-x64 FILE=cache.tar.gz DRY_RUN=1
	succeeds
	says_nothing_wrong
	prints 'This backs up the cache x64 to cache.tar.gz.' 'Nothing was written (DRY_RUN=1).'
	[ "$(cat cache.tar.gz)" = old ]
	calls_are version volume-ls volume-ls
	run --separate-stderr "$make" --no-print-directory backup-cache-linux-x64 FILE=- DRY_RUN=1 </dev/null
	succeeds
	prints ''
	[ "$stderr" = 'This backs up the cache x64 to the pipe.
Nothing was written (DRY_RUN=1).' ]
}

@test "backup: nobody else can look into what is not finished, or put a link in its place" {
	has_cache
	printf 'mine\n' >precious
	when run 'case $* in
		*" inside pack_cache") stat -c "%a %F" f.part-*/ f.part-*/archive >seen ;;
		esac'
	(umask 027 && exec "$make" --no-print-directory backup-cache-linux-x64 FILE=f) >/dev/null
	[ "$(cat seen)" = '700 directory
600 regular empty file' ]
	[ "$(stat -c %a f)" = 640 ]
	rm f
	when volume 'for pid in $(seq $(($PPID - 60)) $(($PPID + 2))); do ln -sf precious f.part-$pid; done 2>/dev/null'
	run_make backup-cache-linux-x64 FILE=f
	[ "$(cat precious)" = mine ]
	rm f.part-*
}

@test "zstd, by the name of the file; on the way back by what it is" {
	command -v zstd >/dev/null || skip 'needs zstd'
	has_cache
	contents >before
	run_make backup-cache-linux-x64 FILE=cache.tar.zst
	succeeds
	says_nothing_wrong
	zstd -dcq cache.tar.zst | tar -t >/dev/null
	mv cache.tar.zst cache.tar.gz
	restores_what_was
}

@test "a pipe: standard output is the archive alone, and standard input is it" {
	each_shell goes_through_a_pipe
}

goes_through_a_pipe() {
	has_cache
	contents >before
	"$make" --no-print-directory backup-cache-linux-x64 FILE=- "$shell" >piped 2>said </dev/null
	[ "$(cat said)" = 'Backing up the cache x64 to the pipe...' ]
	gzip -dc piped | tar -t >/dev/null
	calls_are version volume-ls volume-ls version image-inspect run run
	has_cache other
	run --separate-stderr "$make" --no-print-directory restore-cache-linux-x64 FILE=- "$shell" <piped
	succeeds
	says_nothing_wrong
	cmp_restored before
	prints 'Restoring the cache for Linux x86-64 (glibc) (using Docker)...' \
		'Restored the cache x64 from the pipe'
}

@test "a pipe whose reader goes away is a failure" {
	has_cache
	head -c 3000000 /dev/urandom >"$FAKE_ENGINE/content/cargo-cache-x64/big"
	run bash -o pipefail -c '"$1" --no-print-directory backup-cache-linux-x64 FILE=- | head -c 1000 | wc -c' sh "$make"
	fails
	has_line 1000
}

@test "FILE=- with a directory that make would announce is refused" {
	has_cache
	cd ..
	run --separate-stderr "$make" -C project backup-cache-linux-x64 FILE=-
	fails
	[[ $stderr == *'make -C would print its directory into the archive: add --no-print-directory.'* ]]
	no_call_is '^run '
	run --separate-stderr "$make" -w -C project backup-cache-linux-x64 FILE=-
	fails
	"$make" -C project --no-print-directory -s -rR backup-cache-linux-x64 FILE=- w=w | gzip -dc | tar -t
}

# What make says of directories is in nobody's way there.
@test "restore-cache-T FILE=- may have make -C" {
	has_cache
	run_make backup-cache-linux-x64 FILE=cache.tar.gz
	cd ..
	run --separate-stderr "$make" -C project restore-cache-linux-x64 FILE=- <project/cache.tar.gz
	succeeds
}

@test "a backup waits for cargo's lock" {
	has_cache
	exec 9<"$FAKE_ENGINE/content/cargo-cache-x64/.package-cache"
	flock --exclusive 9
	(sleep 0.5 && : >ended && flock --unlock 9) &
	run_make backup-cache-linux-x64 FILE=f
	succeeds
	[ -e ended ]
}

@test "make -n, into sh: backup and restore are the same" {
	local rule
	for rule in 'backup-cache-linux-x64 FILE=made' 'restore-cache-linux-x64 FILE=there'; do
		has_cache
		[ -e there ] || run_make backup-cache-linux-x64 FILE=there
		has_cache
		# shellcheck disable=SC2086 # words
		"$make" -s $rule >out
		named_calls | sed 's/--force .*/--force NAME/' >did
		has_cache
		# shellcheck disable=SC2086 # words
		"$make" -n $rule | sh >again
		diff did <(named_calls | sed 's/--force .*/--force NAME/')
		# What is packed has the times at which has_cache has made it.
		diff <(sed 's/ files, [0-9]*B$/ files, SIZE/' out) <(sed 's/ files, [0-9]*B$/ files, SIZE/' again)
	done
}

# ---- FILE

@test "without FILE: one line, and nothing is done" {
	each_shell wants_a_file
}

wants_a_file() {
	local rule
	has_cache
	for rule in backup-cache-linux-x64 restore-cache-linux-musl-arm64; do
		forget_calls
		run_make "$rule" "$shell"
		fails
		complains "FILE is not set: run make $rule FILE=cache.tar.gz, or set FILE=- for a pipe."
		prints ''
		calls_are version
		run_make "$rule" FILE= "$shell"
		fails
		complains "FILE is not set: run make $rule FILE=cache.tar.gz, or set FILE=- for a pipe."
	done
}

@test "FILE may have any name" {
	shell=SHELL=/bin/sh
	takes_any_name
}

takes_any_name() {
	local name
	has_cache
	contents >before
	for name in "a b  it's" '"q" $HOME $$ `touch canary` $(touch canary)' '-x' 'a\b * #a %s ä' '~x=b'; do
		printf 'FILE=%s\n' "$name"
		takes_the_name "$name" "$name"
	done
	mkdir -p home
	HOME=$PWD/home takes_the_name '~/f' home/f
	takes_the_name "$PWD/home/a b" 'home/a b'
	takes_the_name '-w.zst' -w.zst
	[ ! -e canary ]
}

# takes_the_name FILE PATH
takes_the_name() {
	rm -f -- "$2"
	run_make backup-cache-linux-x64 FILE="$1" "$shell"
	succeeds
	says_nothing_wrong
	[ -f "./${2#"$PWD"/}" ]
	run_make restore-cache-linux-x64 FILE="$1" "$shell"
	succeeds
	says_nothing_wrong
	cmp_restored before
	rm -f -- "./$2"
}

@test "FILE from the environment, and from the makefile as CACHEMK_FILE" {
	has_cache
	printf 'FILE = mine\ninclude %s\n' "$fragment" >Makefile
	run_make backup-cache-linux-x64
	fails
	printf 'include %s\n' "$fragment" >Makefile
	FILE='a $b' run_make backup-cache-linux-x64
	succeeds
	[ -f 'a $b' ]
	printf 'CACHEMK_FILE = mine\ninclude %s\n' "$fragment" >Makefile
	run_make backup-cache-linux-x64
	succeeds
	[ -f mine ]
}

@test "backup: a FILE that cannot be written is one line, and no container is run" {
	each_shell refuses_to_write
}

refuses_to_write() {
	local name
	has_cache
	mkdir -p directory
	[ -e pipe ] || mkfifo pipe
	for name in directory directory/ nowhere/f nowhere/deeper/f pipe; do
		printf 'FILE=%s\n' "$name"
		forget_calls
		run_make backup-cache-linux-x64 FILE="$name" "$shell"
		fails
		complains "$name cannot be written: set FILE to a file in a directory that you can write to."
		no_call_is '^run '
	done
	[ -z "$(ls -A directory)" ]
	[ -p pipe ]
}

@test "backup: a directory that is not the caller's" {
	has_cache
	mkdir directory
	chmod 555 directory
	[ ! -w directory ] || skip 'root may write anywhere'
	run_make backup-cache-linux-x64 FILE=directory/f
	fails
	complains 'directory/f cannot be written: set FILE to a file in a directory that you can write to.'
}

@test "restore: a FILE that cannot be read is one line, and nothing is looked at" {
	each_shell refuses_to_read
}

refuses_to_read() {
	local name
	has_cache
	mkdir -p directory
	[ -e pipe ] || mkfifo pipe
	for name in directory nowhere pipe "it's"; do
		forget_calls
		run_make restore-cache-linux-x64 FILE="$name" "$shell"
		fails
		complains "$name cannot be read: set FILE to an archive that backup-cache has written."
		calls_are version
	done
}

@test "restore: a FILE that may not be read" {
	: >secret
	chmod 000 secret
	[ ! -r secret ] || skip 'root may read anything'
	has_cache
	run_make restore-cache-linux-x64 FILE=secret
	fails
	complains 'secret cannot be read: set FILE to an archive that backup-cache has written.'
}

@test "a program that packs and is not there is one line" {
	local name
	has_cache
	mkdir bin
	for name in awk cat cut date env grep id mkdir mv od printf rm sed sh tr uname; do
		ln -s "$(command -v "$name")" bin
	done
	ln -sf "$BATS_TEST_DIRNAME/bin/docker" bin
	: >f
	for name in gzip zstd; do
		case $name in gzip) file=f.tar.gz ;; *) file=f.tar.zst ;; esac
		run --separate-stderr env PATH="$PWD/bin" "$make" --no-print-directory \
			backup-cache-linux-x64 FILE=$file
		fails
		complains "$name is not installed: install it, or give $file another extension."
	done
	run --separate-stderr env PATH="$PWD/bin" "$make" --no-print-directory \
		restore-cache-linux-x64 FILE=f
	fails
	complains 'gzip is not installed: install it to read f.'
	no_call_is '^run '
}

# ---- What goes wrong in a backup

@test "backup: without a cache, or without an engine: one line" {
	has_tools
	run_make backup-cache-linux-x64 FILE=f
	fails
	complains 'There is no cache x64 to back up: run make fetch-linux-x64 first.'
	touch "$FAKE_ENGINE/down"
	for rule in backup restore; do
		run_make $rule-cache-linux-x64 FILE=f
		fails
		complains "docker does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
	done
	for rule in backup restore; do
		run_make $rule-cache-linux-x64 FILE=f DOCKER=no-such-engine
		fails
		complains 'no-such-engine is not installed: install it, or set DOCKER to the command of another engine.'
	done
	[ ! -e f ]
}

# bats test_tags=script
@test "backup: an engine that fails in the middle leaves the old file" {
	each_shell fails_in_the_middle
}

fails_in_the_middle() {
	local status
	has_cache
	printf 'old\n' >f
	for status in 1 125 137; do
		when run "head -c 100000 /dev/urandom; fail 'Error response from daemon: broken' $status"
		run_make backup-cache-linux-x64 FILE=f "$shell"
		fails
		complains 'Error response from daemon: broken
The backup failed (disk full, engine stopped, or the error above); f was not written.'
		[ "$(cat f)" = old ]
		run --separate-stderr "$make" --no-print-directory backup-cache-linux-x64 FILE=- "$shell" </dev/null
		fails
	done
	rm "$FAKE_ENGINE/on-run"
}

@test "backup: a tar that fails is a failure" {
	has_cache
	printf '%s\n' '#!/bin/sh' 'echo "tar: read error" >&2' 'exit 2' >"$FAKE_ENGINE/bin/tar"
	chmod +x "$FAKE_ENGINE/bin/tar"
	run_make backup-cache-linux-x64 FILE=f
	fails
	complains 'tar: read error
The backup failed (disk full, engine stopped, or the error above); f was not written.'
	[ ! -e f ]
}

# bats test_tags=script
@test "backup: a packer that fails, as on a full disk, is a failure" {
	each_shell fails_to_pack
}

fails_to_pack() {
	has_cache
	mkdir -p bin
	printf '%s\n' '#!/bin/sh' 'echo "gzip: No space left on device" >&2' 'exit 1' >bin/gzip
	chmod +x bin/gzip
	case $shell in *busybox*) return ;; esac # has a gzip of its own
	printf 'old\n' >f
	PATH=$PWD/bin:$PATH run_make backup-cache-linux-x64 FILE=f "$shell"
	fails
	[[ $stderr == *'The backup failed (disk full, engine stopped, or the error above); f was not written.'* ]]
	[ "$(cat f)" = old ]
}

@test "backup: an archive that cannot be read back is not kept" {
	has_cache
	printf 'old\n' >f
	when run 'case $* in *" tar -tf -") cat >/dev/null; fail "tar: broken" 2 ;; esac'
	run_make backup-cache-linux-x64 FILE=f
	fails
	complains 'tar: broken
The archive could not be read back; f was not written.'
	[ "$(cat f)" = old ]
}

@test "backup: TERM leaves no container, no file and no notes, and an old FILE as it was" {
	each_shell ends_a_backup
}

ends_a_backup() {
	has_cache
	contents >before
	rm -f f
	ends_by_signal backup-cache-linux-x64 FILE=f "$shell"
	[ ! -e f ]
	printf 'old\n' >f
	ends_by_signal backup-cache-linux-x64 FILE=f "$shell"
	[ "$(cat f)" = old ]
	nothing_changed
	[ -z "$(ls -A "$TMPDIR")" ]
}

# ends_early WORD...: the signal comes before the engine knows the container by its name
ends_early() {
	local pid
	rm -f running ended
	forget_calls
	when rm 'if [ ! -e "$FAKE_ENGINE/once" ]; then : >"$FAKE_ENGINE/once"; fail "No such container"; fi'
	when run 'name=${*#* --name }; n=0; until [ -e "$FAKE_ENGINE/removed-${name%% *}" ]; do
			: >running; sleep 0.05; n=$((n + 1)); [ $n -lt 80 ] || { : >survived; exit 0; }
		done; : >ended; exit 137'
	"$make" "$@" </dev/null >/dev/null 2>/dev/null 3>&- &
	pid=$!
	wait_for running
	kill -TERM "$pid"
	! wait "$pid"
	wait_for ended
	[ ! -e survived ]
}

@test "a signal that comes before the container is there leaves none either" {
	has_cache
	ends_early backup-cache-linux-x64 FILE=f
}

@test "a signal is answered with nothing but make's own words" {
	has_cache
	ends_by_signal backup-cache-linux-x64 FILE=f
	sleep 0.3
	[ "$(grep -v '^make: ' said)" = '' ] || { show said "$(cat said)" && return 1; }
}

# ---- What goes wrong in a restore

# refuses_archive FILE: nothing is changed
refuses_archive() {
	printf '%s\n' "$1"
	contents >before
	run_make restore-cache-linux-x64 FILE="$1" "$shell"
	fails
	has_no Restored
	printf '%s\n' "$stderr" | grep -v '^make: ' | tail -n 1 | grep -q "^$1 is .*; nothing was changed.$" ||
		{ show_run && return 1; }
	nothing_changed
	run --separate-stderr "$make" --no-print-directory restore-cache-linux-x64 FILE=- "$shell" <"$1"
	fails
	nothing_changed
}

# packed FILE NAME...: an archive of these directories
packed() {
	(cd made && tar -cf - "${@:2}") | gzip >"$1"
}

# bats test_tags=script
@test "restore: what is not a whole archive of a cache is refused, and nothing changes" {
	each_shell refuses_archives
}

refuses_archives() {
	rm -rf made
	has_cache
	head -c 200000 /dev/urandom >"$FAKE_ENGINE/content/cargo-cache-x64/big"
	[ -e whole ] || run_make backup-cache-linux-x64 FILE=whole "$shell"
	mkdir -p made/{registry,git,more} made/{elsewhere,links}/git
	: >made/registry/file
	: >made/.hidden
	ln -s ../../.. made/links/registry
	printf 'not packed\n' >text
	: >empty
	: | gzip >empty-packed
	head -c 100000 whole >truncated
	gzip -dc whole | head -c 100000 | gzip >cut-inside
	{ head -c 50000 whole && printf 'damage' && tail -c +50007 whole; } >damaged
	printf '\050\265\057\375xxxx' >damaged-zstd
	packed extra registry git more
	packed extra-hidden registry git .hidden
	packed other more
	packed no-git registry
	packed no-registry git
	(cd made && tar -cf - registry/file git) | gzip >whole-enough
	for name in text empty empty-packed truncated cut-inside damaged damaged-zstd extra extra-hidden other \
		no-git no-registry; do
		refuses_archive $name
	done
	run_make restore-cache-linux-x64 FILE=whole-enough "$shell"
	succeeds
}

# holds WHAT NAME...: an archive of these, which is refused for having WHAT
holds() {
	printf '%s: %s\n' "$*" "$1"
	rm -f bad
	(cd made && tar -cPf - "${@:2}") | gzip >bad
	contents >before
	run_make restore-cache-linux-x64 FILE=bad
	fails
	complains "bad is not an archive of a cache, because it contains $1; nothing was changed."
	nothing_changed
	[ -z "$(find "$FAKE_ENGINE/content" -name '.cachemk-*')" ]
	rm -rf made
	mkdir -p made/registry made/git
}

# bats test_tags=script
@test "restore: an archive that has what a cache never has is refused, and nothing changes" {
	each_image refuses_what_no_cache_has
}

refuses_what_no_cache_has() {
	local link='a link that leads out of it, or a device, pipe or socket' target
	shell=SHELL=/bin/sh
	has_cache
	rm -rf made
	mkdir -p made/registry made/git
	for target in / /etc .. ../git ../../.. a/../.. ./../x ..//etc; do
		ln -s "$target" made/registry/link
		holds "$link" registry git
		mkdir made/git/d
		ln -s "../$target" made/git/d/link
		holds "$link" registry git
	done
	ln -s / "made/git/a
b"
	holds "$link" registry git
	mkfifo made/git/pipe
	holds "$link" registry git
	mkdir made/registry/.cachemk-old
	holds "a name reserved for cachemk" registry git
	: >made/git/.cachemk-commit
	holds "a name reserved for cachemk" registry git
	rmdir made/git
	ln -s registry made/git
	holds 'something other than the directories registry, git and sccache' registry git
	: >made/registry/..x
	holds 'something other than the directories registry, git and sccache' registry git registry/..x --transform 's,^registry/..x,..x,'
	: >made/outside
	holds 'a path that leads out of it' registry git "$PWD/made/outside"
	# Debian's tar refuses this by itself.
	: >made/outside
	(cd made && tar -cPf - registry git registry/../outside) | gzip >up
	refuses_archive up
}

# bats test_tags=script
@test "restore: a hard link to what is not in the archive is refused" {
	each_image_of_root refuses_hard_links
}

refuses_hard_links() {
	local volume=$FAKE_ENGINE/content/cargo-cache-x64
	shell=SHELL=/bin/sh
	has_cache
	rm -rf made
	mkdir -p made/registry made/git
	printf 'one\n' >made/registry/file
	ln made/registry/file made/registry/linked
	(cd made && tar -cf - registry/file registry/linked git) | gzip >f
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	[ "$(stat -c %h "$volume/linked")" -eq 2 ]
	contents >before
	(cd made && tar -cf - --transform 's,^registry/file,../../../.global-cache,H' registry/file registry/linked git) |
		gzip >f
	run_make restore-cache-linux-x64 FILE=f
	fails
	nothing_changed
}

# bats test_tags=script
@test "restore: names with newlines and links that stay inside come back" {
	each_image_of_root keeps_odd_names
}

keeps_odd_names() {
	local registry=$FAKE_ENGINE/content/cargo-cache-x64
	shell=SHELL=/bin/sh
	has_cache
	file cargo-cache-x64 $'src/a\n/etc/b' odd
	file cargo-cache-x64 '..x' odd
	mkdir -p "$registry/src/d/e"
	ln -s ../../a "$registry/src/d/e/inside"
	ln -s .. "$registry/src/d/e/up"
	ln -s ./b "$registry/dangling"
	contents >before
	run_make backup-cache-linux-x64 FILE=f
	succeeds
	says_nothing_wrong
	new_volumes
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	cmp_restored before
}

# bats test_tags=script
@test "backup: links that lead out and pipes are left out, with a line, and the rest can be restored" {
	local registry=$FAKE_ENGINE/content/cargo-cache-x64
	has_cache
	contents >before
	ln -s /etc "$registry/src/o[u]t"
	mkfifo "$registry/src/a b"
	run_make backup-cache-linux-x64 FILE=f
	succeeds
	[ "${stderr%%$'\n'*}" = 'Left out (links that lead out of the cache, devices, pipes and sockets):' ]
	[[ $stderr = *'registry/src/a b'* ]]
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	cmp_restored before
}

@test "restore: no program in it runs as somebody else, and all of it is the caller's" {
	each_image_of_root takes_rights_away
}

takes_rights_away() {
	local registry=$FAKE_ENGINE/content/cargo-cache-x64
	shell=SHELL=/bin/sh
	has_cache
	mkdir -p made/registry made/git
	: >made/registry/program
	: >made/git/program
	chmod 7755 made/registry/program made/git/program made/git
	(cd made && tar -cf - --owner=0 registry git) | gzip >f
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	[ -z "$(find "$FAKE_ENGINE/content" -perm /7000)" ]
	[ "$(id_of "$registry/program") $(id_of "$FAKE_ENGINE/content/cargo-git-cache-x64/program")" = "$caller $caller" ]
}

# bats test_tags=script
@test "restore: an archive that unpacks to more than is free is refused, and nothing changes" {
	each_image_of_root refuses_too_much
}

refuses_too_much() {
	shell=SHELL=/bin/sh
	has_cache
	contents >before
	mkdir -p made/registry made/git
	head -c 3000000 /dev/zero >made/registry/bomb
	(cd made && tar -cf - registry git) | gzip >f
	printf '%s\n' '#!/bin/sh' 'echo F; echo / 9999999 99999 1000' >"$FAKE_ENGINE/bin/df"
	chmod +x "$FAKE_ENGINE/bin/df"
	[ "$(readlink "$FAKE_ENGINE/bin/sh")" != "$(command -v busybox)" ] || return 0 # has a df of its own
	run_make restore-cache-linux-x64 FILE=f
	fails
	[[ $stderr = *'f needs more than nine tenths of the free space for the cache; free some space, and try again; nothing was changed.'* ]]
	nothing_changed
	rm "$FAKE_ENGINE/bin/df"
	run_make restore-cache-linux-x64 FILE=f
	succeeds
}

@test "restore: an archive that is none is said in one line" {
	has_cache
	printf 'not packed\n' >text
	run_make restore-cache-linux-x64 FILE=text
	fails
	complains 'text is not a complete archive of a cache, or could not be unpacked; nothing was changed.'
	calls_change_nothing
}

calls_change_nothing() {
	no_call_is '^\(run\|build\|volume rm\|volume create\|image rm\) '
}

@test "restore into a cache in use is refused" {
	each_shell refuses_what_is_in_use
}

refuses_what_is_in_use() {
	local volume
	has_cache
	[ -e f ] || run_make backup-cache-linux-x64 FILE=f
	contents >before
	for volume in cargo-cache-x64 cargo-git-cache-x64; do
		printf '%s\n' "cachemk-linux-x64-h-1-2 $volume" "other $volume" 'x cargo-cache-x' \
			>"$FAKE_ENGINE/containers"
		forget_calls
		run_make restore-cache-linux-x64 FILE=f "$shell"
		fails
		complains "$volume is in use by cachemk-linux-x64-h-1-2 other: nothing was changed; try again when it has ended."
		calls_change_nothing
		nothing_changed
	done
	printf 'other cargo-cache-x\n' >"$FAKE_ENGINE/containers"
	run_make restore-cache-linux-x64 FILE=f "$shell"
	succeeds
}

@test "restore: a build that begins meanwhile has the cache for itself" {
	has_cache
	run_make backup-cache-linux-x64 FILE=f
	has_cache another
	contents >before
	exec 9<"$FAKE_ENGINE/content/cargo-cache-x64/.package-cache"
	flock --exclusive 9
	run_make restore-cache-linux-x64 FILE=f
	fails
	complains 'A build has started in the meantime: nothing was changed; try again when it has ended.'
	nothing_changed
	flock --unlock 9
	run_make restore-cache-linux-x64 FILE=f
	succeeds
}

# bats test_tags=script
@test "restore: an engine that fails while it unpacks changes nothing" {
	each_shell fails_to_unpack
}

fails_to_unpack() {
	has_cache
	[ -e f ] || run_make backup-cache-linux-x64 FILE=f
	contents >before
	when run 'case $* in *" -i "*) head -c 10 >/dev/null; fail "Error response from daemon: broken" 125 ;; esac'
	run_make restore-cache-linux-x64 FILE=f "$shell"
	fails
	[[ $stderr == *'f is not a complete archive of a cache, or could not be unpacked; nothing was changed.'* ]]
	nothing_changed
	rm "$FAKE_ENGINE/on-run"
}

# breaks_halfway: `mv` in containers fails from the second thing that is moved into a directory's place
breaks_halfway() {
	cat >"$FAKE_ENGINE/bin/mv" <<-'END'
		#!/bin/sh
		case $1 in
		registry/.cachemk-staging/new/*)
			[ ! -e "$FAKE_ENGINE/moved" ] || { echo 'mv: broken' >&2; exit 1; }
			: >"$FAKE_ENGINE/moved"
		esac
		exec /bin/mv "$@"
	END
	chmod +x "$FAKE_ENGINE/bin/mv"
}

# bats test_tags=script
@test "restore: an exchange that fails halfway can be tried again" {
	has_cache
	contents >before
	run_make backup-cache-linux-x64 FILE=f
	has_cache another
	breaks_halfway
	run_make restore-cache-linux-x64 FILE=f
	fails
	complains 'mv: broken
The cache x64 could not be replaced; nothing is lost, try again.'
	rm "$FAKE_ENGINE/bin/mv"
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	cmp_restored before
}

# bats test_tags=script
@test "restore: a backup finishes first what has been cut short halfway" {
	has_cache
	contents >before
	run_make backup-cache-linux-x64 FILE=f
	has_cache another
	breaks_halfway
	run_make restore-cache-linux-x64 FILE=f
	fails
	rm "$FAKE_ENGINE/bin/mv"
	run_make backup-cache-linux-x64 FILE=again
	succeeds
	cmp_restored before
	diff <(gzip -dc f | tar -t | sort) <(gzip -dc again | tar -t | grep -v package-cache-mutate | sort)
}

# bats test_tags=script
@test "restore: a container that is killed in the exchange is finished at once" {
	has_cache
	contents >before
	run_make backup-cache-linux-x64 FILE=f
	has_cache another
	breaks_halfway
	when run 'case $* in *" inside recover_cache") rm "$FAKE_ENGINE/bin/mv" ;; esac'
	run_make restore-cache-linux-x64 FILE=f
	succeeds
	last_line_is 'Restored the cache x64 from f'
	cmp_restored before
}

# As a machine that lost its power has left it.
# bats test_tags=script
@test "restore: what an exchange cut short has moved away is put back first" {
	local volume=$FAKE_ENGINE/content/cargo-cache-x64
	has_cache
	run_make backup-cache-linux-x64 FILE=f
	contents >before
	mkdir "$volume/.cachemk-old" "$volume/.cachemk-restore"
	mv "$volume/cache" "$volume/.global-cache" "$volume/.cachemk-old"
	printf 'no archive' | gzip >none
	run_make restore-cache-linux-x64 FILE=none
	fails
	nothing_changed
}

@test "restore: TERM while it unpacks leaves the cache as it was, and no container" {
	each_shell ends_a_restore
}

ends_a_restore() {
	has_cache
	[ -e f ] || run_make backup-cache-linux-x64 FILE=f
	contents >before
	ends_by_signal restore-cache-linux-x64 FILE=f "$shell"
	nothing_changed
	[ "$(named_calls | grep -c "^run .* -s inside recover_cache $")" -eq 1 ]
	rm "$FAKE_ENGINE/on-run"
}

@test "KIND=registry: what is in such a backup does not empty the other volume" {
	has_cache
	run_make backup-cache-linux-x64 FILE=f KIND=registry
	succeeds
	contents >before
	run_make restore-cache-linux-x64 FILE=f
	cmp_restored before
}

@test "what sccache keeps goes both ways, and an archive without it leaves what is there" {
	only_target linux-x64 'description = D' 'cache = x64' 'sccache = volume'
	has_cache
	run_make backup-cache-linux-x64 FILE=without
	has_compiled one
	contents >before
	run_make backup-cache-linux-x64 FILE=with
	succeeds
	[ "$(gzip -dc with | tar -t | tail -n 1)" = sccache/a/b/abc ]
	has_cache another
	has_compiled another
	run_make restore-cache-linux-x64 FILE=with
	succeeds
	cmp_restored before
	has_compiled mine
	run_make restore-cache-linux-x64 FILE=without
	succeeds
	[ "$(cat "$FAKE_ENGINE/content/cargo-sccache-x64/a/b/abc")" = mine ]
	[ "$(cat "$FAKE_ENGINE/content/cargo-cache-x64/.global-cache")" = one ]
}
