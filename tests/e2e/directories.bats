#!/usr/bin/env bats
# CACHE_DIR=…: caches in directories of the machine's rather than in volumes, through every rule.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

crates=12 # of fixtures/small

setup_file() {
	setup_family directory
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	target one app 'aliases = directory-alias' | project app small
	with_git app
	ordinary_user app
	mkdir 'my caches'
	chown "$user" 'my caches'
}

# typed ARGUMENTS: what the ordinary user types, with the caches in "my caches" beside it
typed() {
	run as_user make --no-print-directory -C app CACHE_DIR='../my caches' "$@" </dev/null
	[ "$status" -eq 0 ] || printf '%s\n' "$output"
}

cached() {
	printf '%s\n' "my caches/app$own/$1"
}

@test "the first build fills directories, which belong to the caller, and makes no volume" {
	typed build-directory-one
	[ "$status" -eq 0 ]
	[ "$(count 'Downloaded ')" -gt 0 ]
	[ "$(find "$(cached registry)" -name '*.crate' | wc -l)" -eq "$crates" ]
	[ -n "$(ls "$(cached git)/db")" ]
	[ -z "$(find 'my caches' ! -user "$(as_user id -u)")" ]
	[ -z "$(docker volume ls --quiet --filter name="$own")" ]
	app/target/x86_64-unknown-linux-gnu/release/small
}

@test "the tag keeps backups away, as cargo's own does" {
	[ "$(head -c 43 "$(cached CACHEDIR.TAG)")" = 'Signature: 8a477f597d28d172789f06886806bc55' ]
}

@test "the second build downloads nothing, in one call of the engine before it runs" {
	local before
	before=$(registry_requests)
	rm -rf app/target
	typed build-directory-one OFFLINE=1
	[ "$status" -eq 0 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "list-cache, cache-stats, inspect-cache, verify-cache and doctor look into the directories" {
	typed list-cache
	[ "$output" = "$(printf '%s\n' "Cargo caches in $PWD/my caches:" "app$own/registry" "app$own/git")" ]
	typed list-cache-directory-alias V=1 KIND=git
	[ "$(count "^app$own/git  *[0-9.]*kB  *[0-9-]\{10\}  *directory-one$")" -eq 1 ]
	typed cache-stats
	[ "${lines[0]}" = "Sizes of the Cargo caches in $PWD/my caches:" ]
	[[ ${lines[2]} =~ ^directory-one\ +[0-9.]+[kM]B\ +[0-9.]+kB\ +[0-9.]+[MG]B\ +$crates\  ]]
	typed cache-stats FORMAT=json
	[ "$(python3 -c 'import json, sys; print(json.load(sys.stdin)["targets"][0]["registry"]["volume"])' <<<"$output")" = \
		"app$own/registry" ]
	typed inspect-cache
	[ "$(count '^  driver       none, a directory')" -eq 2 ]
	[ "$(count "^  mount point  $PWD/my caches/app$own/git$")" -eq 1 ]
	[ "$(count "^  label        cachemk.project = $PWD/app$")" -eq 2 ]
	[ "$(count "^  crates       $crates$")" -eq 1 ]
	typed verify-cache
	[ "$status" -eq 0 ]
	[[ $output = *"  $crates crates, "*" 1 git databases, 1 checkouts: 0 broken"* ]]
	typed doctor
	[ "$status" -eq 0 ]
	[ "$(count "^ok    app$own/registry has $crates crates, ")" -eq 1 ]
}

@test "verify-cache finds what is broken, and removes it" {
	local crate
	crate=$(find "$(cached registry)" -name 'itoa-*.crate')
	printf 'x' >>"$crate"
	typed verify-cache
	[ "$status" -ne 0 ]
	typed verify-cache REPAIR=1
	[ "$status" -eq 0 ]
	[ ! -e "$crate" ]
	typed fetch-directory-one
	[ -e "$crate" ]
}

@test "what is backed up, removed and restored serves an offline build" {
	typed backup-cache-directory-one FILE=app.tar.gz
	[ "$status" -eq 0 ]
	typed clean-cache YES=1
	[ "$(count '^Removed ')" -eq 2 ]
	[ ! -e "my caches/app$own" ]
	typed restore-cache-directory-one FILE=app.tar.gz
	[ "$status" -eq 0 ]
	rm -rf app/target
	typed check-directory-one OFFLINE=1 LOCKED=1
	[ "$status" -eq 0 ]
}

@test "prune-cache frees what it is told to" {
	typed prune-cache SIZE=100K
	[ "$status" -eq 0 ]
	[ "$(find "$(cached registry)" -name '*.crate' | wc -l)" -lt "$crates" ]
	typed fetch-directory-one
	[ "$status" -eq 0 ]
}

@test "what a removed target has left is an orphan, and clean-cache removes it" {
	target other other | use_targets app
	typed list-cache
	[ "${lines[*]:1}" = "app$own/registry (orphan) app$own/git (orphan)" ]
	typed clean-cache DRY_RUN=1
	[ -e "$(cached registry)" ]
	typed clean-cache YES=1 KIND=git
	[ -e "$(cached registry)" ]
	typed clean-cache YES=1
	[ -z "$(ls 'my caches')" ]
	target one app | use_targets app
}

@test "a directory that is not ours is neither listed nor removed" {
	as_user mkdir -p "$(cached registry)"
	: >"$(cached registry)/mine"
	typed clean-cache YES=1
	[ "${lines[*]}" = 'No caches found' ]
	[ -e "$(cached registry)/mine" ]
	rm -r "my caches/app$own"
}

@test "a cache in use is not removed, nor restored into" {
	typed fetch-directory-one
	typed backup-cache-directory-one FILE=app.tar.gz
	docker run -d --rm --init --network=none --name "holder$own" -v "$PWD/$(cached registry)":/v \
		"${E2E_IMAGES-}rust:latest" sleep 600 >/dev/null
	typed clean-cache YES=1
	[ "$status" -ne 0 ]
	[ "$(count "^app$own/registry was not removed: a container is using it")" -eq 1 ]
	[ -e "$(cached registry)" ]
	typed restore-cache-directory-one FILE=app.tar.gz
	docker rm --force "holder$own"
	[ "$status" -ne 0 ]
	[ "$(count ' is in use by ')" -eq 1 ]
}

@test "a directory that cannot be written, or mounted, is one line" {
	typed fetch-directory-one CACHE_DIR=/proc/none
	[ "$status" -ne 0 ]
	[ "$(count "^'/proc/none/app$own' cannot be written: set CACHE_DIR to a directory that you can write to, on a disk with free space.$")" -eq 1 ]
	typed fetch-directory-one CACHE_DIR=a:b
	[ "$status" -ne 0 ]
	[ "$(count "^The engine cannot mount '$PWD/app/a:b', because of the colon")" -eq 1 ]
}
