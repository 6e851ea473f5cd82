#!/usr/bin/env bats
# The main job with DOCKER=podman: as root, and as an ordinary user, who is root in his containers.
# Each has images and volumes of its own in the tests' directory, beside whatever podman has here.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

crates=13 # of fixtures/small, and the git dependency
triple=x86_64-unknown-linux-gnu
caller=$(id -u)
further_ids=300000 # of the ordinary user, from here on: what is not root in his containers

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	# shellcheck source=tests/e2e/lib/podman.sh
	. "$top/tests/e2e/lib/podman.sh"
	# The ordinary user must get to what is in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	cd "$BATS_FILE_TMPDIR" || return
	for engine in rootful rootless; do
		mkdir -m 700 "$engine"
		podman_configure "$PWD/$engine" "$E2E_REGISTRY"
		[ "$engine$caller" != rootless0 ] || chown -R 1234:1234 "$engine"
	done
	why_not_at_all >skip
	[ ! -s skip ] || return 0
	[ "$caller" -ne 0 ] || namespace_up
	for engine in rootful rootless; do
		why_not >"skip-$engine"
		[ -s "skip-$engine" ] || project
	done
}

teardown_file() {
	cd "$BATS_FILE_TMPDIR" || return
	# A user's podman leaves a process behind, and files that only he can remove who has these ids.
	engine=rootless
	[ ! -e rootless/made ] || {
		typed podman unshare rm -rf rootless/images
		typed podman system migrate
	}
	[ ! -e namespace.pid ] || kill "$(cat namespace.pid)"
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	[ ! -s skip ] || skip "$(cat skip)"
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	export DOCKER=podman
	unset DOCKER_HOST
}

# ---- The engines

why_not_at_all() {
	local tool
	for tool in podman crun conmon; do
		command -v "$tool" >/dev/null || { printf '%s is not installed\n' "$tool" && return; }
	done
}

# why_not: says what stands in the way of $engine here
why_not() {
	[ "$engine" = rootless ] || [ "$caller" -eq 0 ] || { printf 'needs root\n' && return; }
	case $engine in
	rootful) typed podman info ;;
	rootless) typed podman unshare true ;;
	esac >probe.log 2>&1 || printf 'podman does not run here: %s\n' "$(tail -n 1 probe.log)"
}

# namespace_up: mounts for podman alone.  All that it does must see the same ones, so they belong to
# a process that waits.
namespace_up() {
	mkdir etc
	{ printf 'podman:x:1234:1234::%s:/bin/sh\n' "$PWD/rootless" && cat /etc/passwd; } >etc/passwd
	printf 'podman:%s:65536\n' "$further_ids" | tee etc/subuid >etc/subgid
	export -f namespace_inside
	setsid unshare --mount bash -euc namespace_inside \
		</dev/null >namespace.log 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	printf '%s\n' "$!" >namespace.pid
	wait_for 10 test -e namespace.ready || { cat namespace.log && return 1; }
}

# Where cgroups are of both versions, crun refuses.  The files in /etc are what adduser would write.
namespace_inside() {
	local file
	mount --make-rshared /
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
	for file in passwd subuid subgid; do mount --bind "etc/$file" "/etc/$file"; done
	: >namespace.ready
	exec sleep infinity
}

# typed COMMAND: by the user of $engine; $programs is a directory of programs that he has, too
typed() {
	set -- env CONTAINERS_CONF="$PWD/$engine/containers.conf" \
		CONTAINERS_STORAGE_CONF="$PWD/$engine/storage.conf" \
		CONTAINERS_REGISTRIES_CONF="$PWD/$engine/registries.conf" BUILDAH_ISOLATION=chroot \
		HOME="$PWD/$engine" XDG_RUNTIME_DIR="$PWD/$engine" PATH="${programs:+$programs:}$PATH" "$@"
	[ "$caller" -eq 0 ] || { "$@" && return; }
	[ "$engine" = rootful ] || set -- setpriv --reuid=1234 --regid=1234 --clear-groups "$@"
	nsenter --target "$(cat namespace.pid)" --mount env -C "$PWD" "$@"
}

# each_engine FUNCTION: calls it for each that runs here
each_engine() {
	local tried=
	for engine in rootful rootless; do
		[ ! -s "skip-$engine" ] || continue
		printf '%s podman\n' "$engine"
		tried=yes
		"$1"
	done
	[ -n "$tried" ] || skip 'podman runs neither as root nor as an ordinary user here'
}

# ---- The projects

# project: of the user of $engine; it depends on the lab's git repository, too
project() {
	local directory=$PWD/$engine/small
	: >"$engine/made"
	cp -R "$top/tests/e2e/fixtures/small" "$directory"
	printf 'greeting = { git = "%s" }\n' "$E2E_GIT_URL" >dependency
	sed -i '/^\[dependencies\]/r dependency' "$directory/Cargo.toml"
	mkdir "$directory/mk"
	printf 'include mk/cache.mk\n' >"$directory/Makefile"
	printf '%s\n' '[small]' "description = $engine podman" "triple = $triple" \
		'image = rust:latest' 'platform = linux/amd64' >"$directory/targets.ini"
	(cd "$repo" && gen/cachemk -o "$directory/mk/cache.mk" "$directory/targets.ini")
	chown -R --reference="$engine" "$engine/small"
}

# type_in_it ARGUMENTS: make, there
type_in_it() {
	run typed make --no-print-directory -C "$engine/small" "$@"
}

succeeds() {
	type_in_it "$@" </dev/null
	[ "$status" -eq 0 ] || { printf '%s\n' "$output" && return 1; }
}

prepared() {
	images_of "$engine/small/mk/cache.mk"
}

# all_theirs: all in the project belongs to whom its directory belongs to
all_theirs() {
	[ -z "$(find "$engine/small" ! \( -uid "$(stat -c %u "$engine")" -gid "$(stat -c %g "$engine")" \))" ]
}

no_container() {
	[ -z "$(typed podman ps --all --quiet)" ]
}

# ---- The tests

@test "podman runs as root" {
	[ ! -s skip-rootful ] || skip "$(cat skip-rootful)"
}

@test "podman runs as an ordinary user" {
	[ ! -s skip-rootless ] || skip "$(cat skip-rootless)"
}

first_build() {
	succeeds build-small
	[ "$(count '^Preparing ')" -eq 1 ]
	[ "$(count 'Compiling ')" -eq $((crates + 1)) ]
	[ "$(count 'Updating git repository')" -eq 1 ]
	[ "$(count 'level=warning')" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
	[ "$("$engine/small/target/$triple/release/small")" = small ]
	all_theirs
}

@test "the first build pulls what docker would, downloads and compiles everything" {
	each_engine first_build
}

has_its_label() {
	run typed podman image inspect --format '{{index .Labels "cachemk.rootless"}}' "$(prepared)"
	case $engine in
	rootful) [ "$output" = no ] ;;
	rootless) [ "$output" = yes ] ;;
	esac
}

@test "the prepared image remembers whether its engine is rootless" {
	each_engine has_its_label
}

second_build() {
	local before
	before=$(registry_requests)
	succeeds build-small
	[ "$(count 'Preparing \|Updating \|Download\|Compiling ')" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "the second build has nothing to do" {
	each_engine second_build
}

# shellcheck disable=SC2016 # what is typed is for the container's shell
other_commands() {
	# Podman brings what goes to both ends in any order.
	run --separate-stderr typed make --no-print-directory -C "$engine/small" run-small OFFLINE=1 </dev/null
	[ "${lines[-1]}" = small ]
	succeeds test-small PROFILE=release
	[ "$(count '^test result: ok')" -eq 1 ]
	type_in_it shell-small <<<'echo kept >"$HOME/file" && cat "$HOME/file"; touch file; pwd'
	[ "$status" -eq 0 ]
	[ "${lines[*]: -2}" = 'kept /workspace' ]
	all_theirs
}

@test "run, test and shell do what they say" {
	each_engine other_commands
}

shown() {
	succeeds list-cache
	[ "${lines[*]:1}" = 'cargo-cache-small cargo-git-cache-small' ]
	succeeds cache-stats
	[[ ${lines[2]} =~ ^small\ +[0-9.]+MB\ +[0-9.]+[kM]B\ +[0-9.]+[MG]B\ +12\  ]]
	succeeds inspect-cache
	[ "$(count '^  mount point  /')" -eq 2 ]
	[ "$(count '^  label        cachemk.cache = small')" -eq 2 ]
	succeeds verify-cache
	[ "$(count ': 0 broken')" -eq 1 ]
	succeeds doctor
	[ "$(count '^ok ')" -gt 8 ]
	[ "$(count '^warn \|^fail ')" -eq 0 ]
}

@test "list, stats, inspect, verify and doctor tell what is there" {
	each_engine shown
}

comes_back() {
	succeeds backup-cache-small FILE=small.tar.gz
	succeeds clean-cache YES=1
	[ "$(count '^Removed cargo-')" -eq 2 ]
	succeeds restore-cache-small FILE=small.tar.gz
	succeeds fetch-small OFFLINE=1 LOCKED=1
	[ "$(count 'Updating \|Downloaded ')" -eq 0 ]
}

@test "what is backed up, removed and restored is all that is needed offline" {
	each_engine comes_back
}

travels() {
	local hub=$E2E_REGISTRY/podman-$$-$engine
	succeeds push-cache-small REGISTRY="$hub"
	succeeds clean-cache YES=1
	succeeds pull-cache-small REGISTRY="$hub"
	[[ ${lines[-1]} = "Pulled the cache small from $hub:cache-small-"* ]]
	succeeds fetch-small OFFLINE=1 LOCKED=1
	[ "$(count 'Updating \|Downloaded ')" -eq 0 ]
	[ -z "$(typed podman ps --all --quiet)" ]
	[ -z "$(typed podman image ls --quiet --filter reference='cachemk-pu*')" ]
}

@test "so is what was pushed to a registry, removed and pulled" {
	each_engine travels
}

goes_on_with_one() {
	typed podman volume rm cargo-git-cache-small
	succeeds build-small
	[ "$(count 'Preparing \|Download')" -eq 0 ]
	[ "$(typed podman volume ls --quiet | grep -c '^cargo-')" -eq 2 ]
}

@test "where one volume is missing, it alone is made" {
	each_engine goes_on_with_one
}

# Podman gives a volume its mode when it is mounted first.  He is an ordinary user who uses root's
# engine, by sudo for example; here he is one in name only.
@test "a new cache is open to its user, although others look at it before the first build" {
	[ ! -s skip-rootful ] || skip "$(cat skip-rootful)"
	engine=rootful
	succeeds clean-cache YES=1
	mkdir bin
	printf '#!/bin/sh\necho 1234\n' >bin/id
	chmod +x bin/id
	programs=$PWD/bin succeeds prepare-small
	succeeds cache-stats
	chown -R 1234:1234 "$engine/small"
	programs=$PWD/bin succeeds fetch-small
	[ "$(count 'Downloaded ')" -eq 12 ]
	[ -z "$(find "$engine/small" ! -uid 1234)" ]
}

ended_by_signal() {
	run typed timeout 5 make --no-print-directory -C "$engine/small" shell-small \
		<<<'echo begun; sleep 600'
	[ "$status" -eq 124 ]
	[ "$(count '^begun')" -eq 1 ]
	wait_for 10 no_container
}

@test "a signal to make leaves no container" {
	each_engine ended_by_signal
}

in_use() {
	typed podman run --detach --init --network=none --name busy -v cargo-cache-small:/v "$(prepared)" \
		sleep 600 >/dev/null
	type_in_it clean-cache YES=1 </dev/null
	typed podman rm --force busy
	[ "$status" -ne 0 ]
	[ "$(count '^cargo-cache-small was not removed: a container is using it')" -eq 1 ]
	[ "$(count '^Removed cargo-git-cache-small')" -eq 1 ]
}

@test "clean-cache names a volume in use, fails, and removes the other" {
	each_engine in_use
}

all_removed() {
	succeeds clean-cache YES=1
	succeeds clean-images YES=1
	[ "$(count "^Removed $(prepared)")" -eq 1 ]
	[ -z "$(typed podman volume ls --quiet)" ]
	[ "$(typed podman image ls --format '{{.Repository}}')" = docker.io/library/rust ]
}

@test "clean-cache and clean-images remove what is ours, and leave the base image" {
	each_engine all_removed
}

@test "cachemk lock takes the digest for all platforms, and a build takes the tag with it" {
	local digest
	digest=$(curl -sI -H 'Accept: application/vnd.docker.distribution.manifest.list.v2+json' \
		"http://$E2E_REGISTRY/v2/library/rust/manifests/latest" | tr -d '\r' | sed -n 's/^[Dd]ocker-[Cc]ontent-[Dd]igest: //p')
	locks_image() {
		ln -sfn "$repo/templates" "$engine/small/templates"
		typed env -C "$PWD/$engine/small" DOCKER=podman "$repo/gen/cachemk" lock
		[ "$(grep -v '^#' "$engine/small/targets.lock")" = "rust:latest@$digest" ]
		typed env -C "$PWD/$engine/small" "$repo/gen/cachemk"
		typed make -C "$engine/small" prepare-small
		rm "$engine/small/targets.lock"
	}
	each_engine locks_image
}
