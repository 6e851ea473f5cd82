#!/usr/bin/env bats
# Archives and restores that mean harm, come at once, or are killed, on a real engine.  Whatever
# happens, the cache is wholly the old one or wholly the new one.
#
#   E2E_KILLS=N  tries of each kind of kill (3)

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

setup_file() {
	setup_family archive
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	target one app | project app small
	with_git app
	type_in app fetch-archive-one
	has_state one
	has_state two
	take_the_time
}

# take_the_time: $span is half the time that a restore's container runs, in milliseconds
take_the_time() {
	local begun
	is=two
	begin_restore
	begun=$(date +%s%N)
	while has_container; do :; done
	export span=$((($(date +%s%N) - begun) / 2000000))
	wait "$pid"
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	with_temp
}

# has_state NAME: the cache gets much of its own, and an archive; NAME.state is what it is then
has_state() {
	in_volumes app "rm -rf registry/*.d git/*.d; mkdir registry/$1.d git/$1.d
		for n in \$(seq 3000); do echo $1 >registry/$1.d/\$n; done; head -c 20000000 /dev/urandom >git/$1.d/large"
	type_in app backup-cache-archive-one FILE="$PWD/$1.tar.gz"
	state app >"$1.state"
}

# is_whole: it is one of the two states, which $is is set to
is_whole() {
	state app >now.state
	for is in one two; do
		! diff "$is.state" now.state >difference || return 0
	done
	head -n 20 difference
	return 1
}

# not_left: no directory of ours is, and no notes
not_left() {
	[ -z "$(in_volumes app 'ls -d registry/.cachemk* git/.cachemk*' 2>/dev/null)" ] && [ -z "$(ls -A temp)" ]
}

# ---- At once

@test "restores and backups at once take turns, and the cache is whole" {
	local n restored=0 backed_up=0
	for n in 1 2 3 4 5 6; do
		case $((n % 2)) in 0) name=one ;; *) name=two ;; esac
		type_in app restore-cache-archive-one FILE="$PWD/$name.tar.gz" >"restore$n.log" 2>&1 3>&- &
	done
	for n in 1 2; do type_in app backup-cache-archive-one FILE="$PWD/at-once$n.tar.gz" >"backup$n.log" 2>&1 3>&- & done
	wait
	is_whole
	not_left
	for n in 1 2 3 4 5 6; do
		if grep '^Restored' "restore$n.log"; then restored=$((restored + 1)); else
			grep 'nothing was changed; try again when it has ended' "restore$n.log"
		fi
	done
	[ "$restored" -gt 0 ]
	for n in 1 2; do
		name=$(gzip -dc "at-once$n.tar.gz" | tar -t | sed -n 's,^git/\(.*\)\.d/large,\1,p')
		diff <(gzip -dc "at-once$n.tar.gz" | tar -t | sort) <(gzip -dc "$name.tar.gz" | tar -t | sort)
		backed_up=$((backed_up + 1))
	done
	report "of 6 restores at once $restored took turns, and $backed_up backups"
}

# ---- Killed

# some_time: sleeps up to twice $span, which becomes such that half of the restores have ended then
some_time() {
	moment=$((RANDOM * span / 16384))
	sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
}

# note_end: which of the two it is
note_end() {
	if [ "$is" = "$wanted" ]; then
		restored=$((restored + 1))
		span=$((span * 4 / 5))
	else span=$((span * 5 / 4)); fi
}

# begin_restore: of the state that is not $is; goes on when its container runs, whose first process
# is $init
begin_restore() {
	case $is in one) wanted=two ;; *) wanted=one ;; esac
	start app restore-cache-archive-one FILE="$PWD/$wanted.tar.gz"
	await 20 has_container
	init=$(docker inspect --format '{{.State.Pid}}' "$container") || init=
}

# kill_container: at once; to ask the engine for it takes as long as a part of a restore
kill_container() {
	kill -KILL ${init:+"$init"} 2>/dev/null || docker kill -s KILL "$container" >/dev/null 2>&1 || :
}

has_container() {
	container=$(containers app)
	[ -n "$container" ]
}

# kills COMMAND: restores, at some time of which it is run; the cache is whole each time.  Sets
# $restored to how many have ended, or were brought to their end
kills() {
	restored=0
	for _ in $(seq "${E2E_KILLS:-3}"); do
		is_whole
		begin_restore
		some_time
		"$@"
		is_whole
		not_left
		note_end
	done
}

kill_container_alone() {
	kill_container
	wait "$pid" || :
	is_whole
	! grep '^Restored' app.log || [ "$is" = "$wanted" ]
	! grep -i 'nothing was changed' app.log || [ "$is" != "$wanted" ]
}

@test "a container killed at any moment of a restore leaves the old cache or the new one" {
	kills kill_container_alone
	report "${E2E_KILLS:-3} containers were killed, $restored restores had ended or were brought to their end"
}

is_free() {
	[ -z "$(containers app --all)" ]
}

kill_all() {
	pkill -KILL --session "$pid" || :
	kill_container
	containers app --all | xargs --no-run-if-empty docker rm --force >/dev/null 2>&1 || :
	await 20 is_free
	wait "$pid" 2>/dev/null || :
	rm -rf temp/*
	type_in app backup-cache-archive-one FILE="$PWD/after.tar.gz"
	is_whole
	gzip -dc after.tar.gz | tar -t | grep -q "^git/$is.d/large$"
}

@test "so does kill -9 of all of it, once the next backup has looked" {
	kills kill_all
	report "${E2E_KILLS:-3} restores were killed, $restored of which had ended or were brought to their end"
}

# ---- Harmful

# made COMMAND: an archive of registry/ and git/ with what COMMAND makes in made/
made() {
	rm -rf made
	mkdir -p made/registry made/git
	(cd made && eval "$1" && tar -cPf - registry git) | gzip >made.tar.gz
}

@test "an archive with a link that leads out is refused before anything moves" {
	made 'ln -s ../../../../etc registry/link'
	run type_in app restore-cache-archive-one FILE="$PWD/made.tar.gz"
	[ "$status" -eq 2 ]
	[ "${lines[-2]}" = "$PWD/made.tar.gz is not an archive of a cache, because it contains a link that leads out of it, or a device, pipe or socket; nothing was changed." ]
	is_whole
	not_left
}

@test "a zip bomb is refused, with a line, when it is larger than what is free" {
	needs_docker 'has no such volumes here'
	target one bombed | project bombed small
	docker volume create --opt type=tmpfs --opt device=tmpfs --opt o=size=32m "cargo-cache-bombed$own" >/dev/null
	made 'head -c 500000000 /dev/zero >registry/bomb'
	[ "$(stat -c %s made.tar.gz)" -lt 1000000 ]
	run type_in bombed restore-cache-archive-one FILE="$PWD/made.tar.gz"
	[ "$status" -eq 2 ]
	[ "${lines[-2]}" = "$PWD/made.tar.gz needs more than nine tenths of the free space for the cache; free some space, and try again; nothing was changed." ]
}

@test "a program in an archive runs as nobody but who calls it, and is the caller's" {
	target one directory | project directory small
	made ': >registry/program; chmod 6755 registry/program git; chown 1:1 registry/program 2>/dev/null || :'
	ordinary_user directory
	cp made.tar.gz home/made.tar.gz
	chmod a+r home/made.tar.gz
	TMPDIR=/tmp as_user make --no-print-directory -C directory restore-cache-archive-one FILE="$PWD/home/made.tar.gz" CACHE_DIR="$PWD/home/caches"
	[ "$(stat -c '%a %u:%g' "home/caches/directory$own/registry/program")" = "755 $user" ]
	[ -z "$(find "home/caches/directory$own" -perm /7000)" ]
}
