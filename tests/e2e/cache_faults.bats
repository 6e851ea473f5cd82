#!/usr/bin/env bats
# What goes wrong in the middle of the rules for caches, on a real engine: a full disk, a signal, an
# engine that stops.  Nothing may be lost by it, and a second try succeeds.
#
#   E2E_TRIES=N  tries of each signal (3)

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

setup_file() {
	setup_family fault
	target one app | project app small
	with_git app
	type_in app fetch-fault-one
	# Each state of the cache has an archive, and is large enough to be interrupted.
	large one
	type_in app backup-cache-fault-one FILE="$PWD/one.tar.gz"
	state app >one.state
	large two
	type_in app backup-cache-fault-one FILE="$PWD/two.tar.gz"
	state app >two.state
}

teardown_file() {
	lab_env
	! mountpoint -q "$BATS_FILE_TMPDIR/full" || umount "$BATS_FILE_TMPDIR/full"
	remove_family
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	with_temp
}

# expect_state CACHE: it is what it was when $CACHE.state was written, but for cargo's notes of what
# it has used, which prune-cache may have begun to read
expect_state() {
	state "$1" >now.state
	diff <(grep -v global-cache "$1.state") <(grep -v global-cache now.state) >difference || {
		head -n 20 difference
		return 1
	}
}

# large NAME: the cache gets what it cannot pack, in a file of this name
large() {
	in_volumes app "rm -f git/large-*; head -c 10000000 /dev/urandom >git/large-$1"
}

nothing_left() {
	is_over "$pid" && [ -z "$(containers app --all)$(docker ps --all --quiet --filter name=cachemk-fault-one)" ]
}

# no_litter FILE: the only one of its name, and no temporary ones
no_litter() {
	[ "$(ls -d "$1"*)" = "$1" ] && [ -z "$(ls -A temp)" ]
}

# ---- A full disk

# backup_to_full: to a file in a disk that has no room for it
backup_to_full() {
	run type_in app backup-cache-fault-one FILE="$PWD/full/cache.tar.$1"
	[ "$status" -eq 2 ]
	[[ ${lines[-2]} = *' was not written.' ]]
}

@test "a full disk during a backup leaves the old archive, and nothing half written" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	mkdir full
	mount -t tmpfs -o size=1M tmpfs full
	for kind in gz zst; do
		printf 'the last one\n' >"full/cache.tar.$kind"
		backup_to_full "$kind"
		no_litter "full/cache.tar.$kind"
		[ "$(cat "full/cache.tar.$kind")" = 'the last one' ]
	done
}

@test "so it is when the temporary files lie there, too" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	mkdir full/temp
	TMPDIR=$PWD/full/temp backup_to_full gz
	[ "$(cat full/cache.tar.gz)" = 'the last one' ]
	[ "$(ls full)" = "$(printf '%s\n' cache.tar.{gz,zst} temp)" ]
	[ -z "$(ls full/temp)" ]
}

@test "with room, the second try works" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	mount -o remount,size=100M full
	type_in app backup-cache-fault-one FILE="$PWD/full/cache.tar.gz"
	cmp <(gzip -dc full/cache.tar.gz | tar -tf - | sort) <(gzip -dc two.tar.gz | tar -tf - | sort)
}

# ---- Signals

# some_time MILLISECONDS: waits for up to that long
some_time() {
	moment=$((RANDOM * $1 / 32768))
	sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
}

# interrupt SIGNAL MINUS MILLISECONDS RULE FILE: in the middle of it; - for MINUS means the process
# group
interrupt() {
	start app "$4-cache-fault-one" FILE="$5"
	some_time "$3"
	kill -s "$1" -- "$2$pid" 2>/dev/null || : # it may have ended
	await 20 nothing_left || {
		report "$moment ms after the start $1 left $(docker ps --all | grep fault)"
		pgrep --session "$pid" | xargs --no-run-if-empty kill -9 || :
		return 1
	}
	if wait "$pid"; then succeeded=$((succeeded + 1)); fi
}

# other: of the two states the one that the cache does not have
other() {
	state app >now.state
	if cmp -s now.state one.state; then
		printf 'two\n'
	else
		diff now.state two.state >difference || {
			head -n 10 difference >&2
			return 1
		}
		printf 'one\n'
	fi
}

# try_restore SIGNAL MINUS: afterwards the cache is as before, or wholly what was restored
try_restore() {
	local succeeded=0 name
	name=$(other)
	for _ in $(seq "${E2E_TRIES:-3}"); do
		interrupt "$1" "$2" 2000 restore "$PWD/$name.tar.gz"
		name=$(other)
		[ -z "$(ls -A temp)" ]
	done
	report "$1 to ${2:+the group of }make: ${E2E_TRIES:-3} restores, $succeeded had ended or could not be stopped"
	type_in app restore-cache-fault-one FILE="$PWD/$name.tar.gz"
	[ "$(other)" != "$name" ]
}

@test "Ctrl-C at any moment of a restore leaves the cache as it was, or wholly the new one" {
	try_restore INT -
}

@test "so does SIGTERM to make alone" {
	try_restore TERM ''
}

@test "so does SIGTERM to the process group" {
	try_restore TERM -
}

# try_backup SIGNAL MINUS: afterwards FILE is what it was, or a whole archive
try_backup() {
	local succeeded=0
	printf 'the last one\n' >last.tar.gz
	for _ in $(seq "${E2E_TRIES:-3}"); do
		interrupt "$1" "$2" 1200 backup "$PWD/last.tar.gz"
		no_litter last.tar.gz
		[ "$(head -c 12 last.tar.gz)" = 'the last one' ] || gzip -t last.tar.gz
	done
	report "$1 to ${2:+the group of }make: ${E2E_TRIES:-3} backups, $succeeded had ended"
	type_in app backup-cache-fault-one FILE="$PWD/last.tar.gz"
	gzip -t last.tar.gz
}

@test "Ctrl-C at any moment of a backup leaves the old archive or a whole one" {
	try_backup INT -
}

@test "so does SIGTERM to make alone, in a backup" {
	try_backup TERM ''
}

# ---- What a build may have left

@test "verify-cache finds what a build has altered, opens no pipe, follows no link, and fixes it" {
	type_in app fetch-fault-one
	run type_in app verify-cache
	[ "$status" -eq 0 ]
	[[ $output = *' 1 git databases, 1 checkouts: 0 broken' ]]
	# shellcheck disable=SC2016 # for the shell in the container
	in_volumes app '
		echo evil >>"$(ls registry/src/*/itoa-*/src/lib.rs)"
		echo evil >>"$(ls git/checkouts/*/*/src/lib.rs)"
		for registry in registry/src/*; do ln -s / "$registry/x-1.0.0"; done
		ln -s / git/db/x
		crate=$(ls registry/cache/*/ryu-*.crate)
		rm "$crate" && mkfifo "$crate"
		rm -f registry/.global-cache registry/.package-cache
		mkdir registry/.package-cache
		echo garbage >registry/.global-cache'
	run timeout 60 make --no-print-directory -C app doctor
	[ "$status" -eq 2 ]
	[[ $output = *"fail  cargo-cache-app$own: .package-cache is a directory: make verify-cache REPAIR=1 removes it"* ]]
	for repair in '' 1; do
		run timeout 60 make --no-print-directory -C app verify-cache REPAIR="$repair"
		[ "$status" -eq $((repair ? 0 : 2)) ]
		[[ $output = *': 7 broken'* ]]
	done
	[[ $output = *'itoa-'*': differs from its crate'*': differs from its database'* ]]
	run type_in app verify-cache
	[ "$status" -eq 0 ]
	type_in app check-fault-one
	type_in app doctor prune-cache
}

# ---- The engine stops

# stand_in: docker, but at the first call that looks like $PAUSE_AT it waits until the engine is
# stopped
stand_in() {
	cat >stand-in <<-'END'
		#!/bin/sh
		# shellcheck disable=SC2254 # a pattern
		case $* in
		$PAUSE_AT)
			touch "$PAUSED"
			while [ ! -e "${0%/*}/stopped" ]; do sleep 0.1; done ;;
		esac
		exec docker "$@"
	END
	chmod +x stand-in
}

# begin PROJECT RULE [PAUSE_AT [FILE]]: behind which the test goes on
begin() {
	PAUSE_AT=${3-never} PAUSED=$PWD/$2.paused setsid make --no-print-directory -C "$1" \
		DOCKER="$PWD/stand-in" YES=1 ${4:+FILE="$4"} "$2-fault-one" <"${stdin:-/dev/null}" >"$2.log" 2>&1 \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	pids[$2]=$!
}

# hold: a container that has cargo's lock, so that those who want it wait.  It outlives them, else one
# would still get it when the engine ends all of them.
hold() {
	docker run -d --rm --init --network=none --name "holder$own" -v "cargo-cache-app$own":/v \
		"${E2E_IMAGES-}rust:latest" sh -c 'trap "" TERM; exec flock /v/.package-cache sleep 600' >/dev/null
}

# in_the_middle: all that have begun are
in_the_middle() {
	local rule
	for rule in list-cache cache-stats inspect-cache clean-cache; do [ -e "$rule.paused" ] || return; done
	[ "$(containers app | wc -l)" -eq 4 ] && [ -n "$(containers into)" ]
}

engine() {
	"$top/tests/e2e/engine" "$1-engine" "$E2E_LAB" 2>/dev/null 3>&-
}

# begin_all: each rule; sets $pids
begin_all() {
	begin app list-cache 'volume ls*'
	begin app cache-stats 'run *'
	begin app inspect-cache 'run *'
	begin victim clean-cache 'volume rm cargo-git*'
	hold
	begin app backup-cache never "$PWD/stopped.tar.gz"
	begin app prune-cache
	begin app verify-cache
	stdin=fifo begin into restore-cache never -
	exec 9>fifo
	head -c 3000000 one.tar.gz >&9
	await 30 in_the_middle
}

# end_all: waits for each rule; sets $ended to how they have
end_all() {
	local rule
	exec 9>&-
	for rule in "${!pids[@]}"; do
		ended[$rule]=0
		wait "${pids[$rule]}" || ended[$rule]=$?
	done
}

# failed RULE TEXT: with a line that says so
failed() {
	cat "$1.log"
	[ "${ended[$1]}" -eq 2 ]
	grep -q "$2" "$1.log"
}

@test "an engine that stops in the middle of any of them loses nothing" {
	local -A pids ended
	[ -z "$suffix" ] || skip "this engine is not ours to stop"
	needs_docker 'has no engine that could'
	for cache in victim into; do
		cp -R app "$cache"
		target one "$cache" | use_targets "$cache"
		type_in "$cache" prepare-fault-one
	done
	in_volumes into 'echo before >registry/before'
	state app >app.state
	state into >into.state
	printf 'the last one\n' >stopped.tar.gz
	stand_in
	mkfifo fifo
	begin_all
	engine stop
	touch stopped
	end_all
	engine start
	for rule in list-cache cache-stats inspect-cache clean-cache; do
		failed "$rule" 'Cannot connect to the Docker daemon'
	done
	failed prune-cache "Pruning the cache app$own failed:"
	failed backup-cache 'The backup failed'
	failed restore-cache 'nothing was changed'
	failed verify-cache "Verifying the cache app$own failed:"
	no_litter stopped.tar.gz
	[ "$(cat stopped.tar.gz)" = 'the last one' ]
	expect_state app
	[ -z "$(containers app --all)$(containers into --all)" ]
	docker volume inspect "cargo-git-cache-victim$own" >/dev/null
}

@test "with the engine back, the second try of each works" {
	[ -z "$suffix" ] || skip "this engine is not ours to stop"
	needs_docker 'has no engine that could'
	type_in app list-cache cache-stats inspect-cache verify-cache prune-cache
	type_in victim clean-cache YES=1
	type_in app backup-cache-fault-one FILE="$PWD/stopped.tar.gz"
	type_in into restore-cache-fault-one FILE="$PWD/stopped.tar.gz"
	state app >app.state
	state into | diff app.state - >difference
}
