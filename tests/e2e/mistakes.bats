#!/usr/bin/env bats
# The mistakes that people most likely make: what is typed, all that is said, and that it fails.
# Each has a file in mistakes/, with what differs between machines as a word in capitals.  Read them
# aloud when they change.
#
#   MISTAKES_UPDATE=1  writes the files anew

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

setup_file() {
	setup_family mistaken
	workspace project hello >/dev/null
	mkdir -p project/mk
	target x64 x64 'aliases = x64' | use_targets project
	make -s -C "$repo" install PREFIX="$BATS_FILE_TMPDIR/usr"
	PATH=$BATS_FILE_TMPDIR/usr/bin:$PATH
	printf '%s\n' 'include mk/cache.mk' \
		'mk/cache.mk: targets.ini ; @command -v cachemk >/dev/null || exit 0; cachemk' >project/Makefile
	cp -a project as-it-was
	chmod a+x "$BATS_RUN_TMPDIR" # for those who are not root
	# Here, so that what an image says when it is prepared stands in no other test.
	(cd project && make -s build-mistaken-x64)
}

teardown_file() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	! mountpoint -q project/target || umount project/target
	remove_family
}

setup() {
	lab_env
	needs_docker 'other words of the engine'
	export DOCKER_BUILDKIT=0 # which has other words, too
	PATH=$BATS_FILE_TMPDIR/usr/bin:$PATH
	cd "$BATS_FILE_TMPDIR" || return
	rm -rf project
	cp -a as-it-was project
	cd project || return
}

# edit KEY VALUE: in targets.ini; without a value, the key goes
edit() {
	sed -i "/^$1 *=/d" targets.ini
	[ -z "${2-}" ] || printf '%s = %s\n' "$1" "$2" >>targets.ini
	sed -i '/^$/d' targets.ini
}

# Without what differs between builds and machines, and the engine's account of what it does.
as_anywhere() {
	sed -e "s/$(printf '\033')\[[0-9]*m//g" |
		grep -Ev '^(Step |Sending build context|Removing intermediate| ---> |$)' |
		grep -Ev '^(DEPRECATED| *Install the buildx| *https:.*buildx| *BuildKit is currently| *environment-variable)' |
		sed -e "s|$BATS_FILE_TMPDIR|/home/me|g" -e "s/$own//g" -e "s/mistaken-/linux-/g" \
			-e "s/${E2E_REGISTRY-none}/HOST/g" -e 's/\(cachemk:[a-z0-9-]*-\)[0-9a-f]\{16\}/\1HASH/' \
			-e 's/^\(make: .*\):[0-9]*:/\1:LINE:/' -e 's/ [0-9.][0-9.]*s$/ TIME/' \
			-e "s/'sudo chown -R [0-9:]*/'sudo chown -R USER:GROUP/" -e 's/ (permission denied while.*)/ (REASON)/' -e 's/Only [0-9.]*[kMB]*B are/Only SIZE are/'
}

# mistake NAME COMMAND...: it fails, and says what the file has
mistake() {
	local file=$top/tests/e2e/mistakes/$1.txt typed=${*:2}
	shift
	run "$@" </dev/null
	[ "$status" -ne 0 ]
	printf '$ %s\n%s\n' "${typed#as_* }" "$output" | as_anywhere >said
	[ -z "${MISTAKES_UPDATE-}" ] || cp said "$file"
	diff -u "$file" said
}

# ---- In targets.ini

@test "a misspelt key" {
	sed -i 's/^image/imgae/' targets.ini
	mistake key make build-mistaken-x64
}

@test "a key that is missing" {
	edit triple
	mistake missing-key make build-mistaken-x64
}

@test "an alias that another target has" {
	other=$(sed 's/mistaken-x64/mistaken-other/' targets.ini)
	printf '%s\n' "$other" >>targets.ini
	mistake alias make build-mistaken-x64
}

@test "a platform without its system" {
	edit platform arm64
	mistake platform make build-mistaken-x64
}

@test "a comment behind a value" {
	edit setup 'apt-get update ; the list only'
	mistake comment make build-mistaken-x64
}

@test "a misspelt template" {
	mistake template cachemk -t githup-actions -o build.yml
}

# ---- In what is typed

@test "a misspelt target" {
	mistake target make build-mistaken-x46
}

@test "make in another directory than the project's" {
	mistake workspace make build-mistaken-x64 WORKSPACE=src
}

@test "a size without a unit" {
	mistake size make prune-cache SIZE=2
}

@test "clean-cache in a script" {
	mistake clean make clean-cache
}

@test "an archive that is not there" {
	mistake archive make restore-cache-mistaken-x64 FILE=backup.tar.gz
}

# ---- The engine

@test "no engine installed" {
	mistake no-engine make build-mistaken-x64 DOCKER=nerdctl
}

@test "the engine does not run" {
	mistake engine-down make build-mistaken-x64 DOCKER_HOST=unix:///run/none.sock
}

# as_stranger COMMAND...: as somebody who may not use the engine
as_stranger() {
	setpriv --reuid=1234 --regid=1234 --clear-groups "$@"
}

@test "no permission to use the engine" {
	[ "$(id -u)" -eq 0 ] || skip 'root alone can be somebody else'
	[ -z "$suffix" ] || skip 'the engine is somebody'"'"'s'
	mistake permission as_stranger make build-mistaken-x64
}

# ---- Images

@test "a base image that does not exist" {
	edit image "$E2E_REGISTRY/library/rust:latst"
	mistake image make build-mistaken-x64
}

@test "a triple of another machine than the platform" {
	edit triple aarch64-unknown-linux-gnu
	mistake triple-platform make build-mistaken-x64
}

@test "a misspelt triple" {
	edit triple x86_64-unkown-linux-gnu
	mistake triple make build-mistaken-x64
}

@test "a triple with the platform's name of the processor" {
	edit triple arm64-unknown-linux-gnu
	mistake triple-processor make build-mistaken-x64
}

@test "a setup that fails" {
	edit setup 'apt-get install -y libsl-dev'
	mistake setup make build-mistaken-x64
}

@test "a platform that nothing emulates" {
	foreign_image cachemk-test-foreign:latest
	edit image cachemk-test-foreign:latest
	edit platform linux/s390x
	edit triple s390x-unknown-linux-gnu
	mistake emulation make build-mistaken-x64
	# Docker's old builder leaves the container of a line that fails.
	docker ps --all --quiet --filter ancestor=cachemk-test-foreign:latest | xargs --no-run-if-empty docker rm
	docker image rm cachemk-test-foreign:latest
}

# ---- The build

@test "a dependency, offline, that was never fetched" {
	printf '[dependencies]\nitoa = "1"\n' >>Cargo.toml
	mistake offline make build-mistaken-x64 OFFLINE=1
}

@test "a lock file that is out of date" {
	printf '[dependencies]\nitoa = "1"\n' >>Cargo.toml
	mistake locked make build-mistaken-x64 LOCKED=1
}

@test "no ssh-agent" {
	edit ssh agent
	unset SSH_AUTH_SOCK
	mistake agent make build-mistaken-x64
}

@test "a target directory that is root's" {
	[ "$(id -u)" -eq 0 ] || skip 'root alone can be somebody else'
	ordinary_user .
	mkdir target
	mistake target-directory as_user make build-mistaken-x64
}

@test "no space left" {
	[ "$(id -u)" -eq 0 ] || skip 'only root can mount a small disk'
	mkdir target
	mount -t tmpfs -o size=4k,nr_inodes=4,mode=777 none target
	mistake space make build-mistaken-x64
	umount target
}

@test "a binary that needs a newer C library than is allowed" {
	edit glibc_max 2.2
	mistake glibc make build-mistaken-x64
}

# ----

@test "each file is some mistake's" {
	for file in "$top"/tests/e2e/mistakes/*.txt; do
		name=${file##*/}
		grep -q "mistake ${name%.txt} " "$BATS_TEST_FILENAME"
	done
}
