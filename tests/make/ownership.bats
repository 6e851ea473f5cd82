#!/usr/bin/env bats
# Who runs in the container, and volumes that were made for somebody else.
# shellcheck disable=SC2016,SC2154 # `when` takes code for sh; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# The volumes of a target as an older Makefile has made them, or for USER.
has_volumes() {
	has_volume "cargo-cache-$1" "${2-}"
	has_volume "cargo-git-cache-$1" "${3-${2-}}"
}

# opened TARGET CACHE [FLAG...]: the one opening of both volumes, to the letter
opened() {
	called run --rm --init --name "$(named "$1")" -i "${as_root[@]}" "${@:3}" \
		-v "cargo-cache-$2:/usr/local/cargo/registry" \
		-v "cargo-git-cache-$2:/usr/local/cargo/git" "$(prepared "$1")" \
		timeout -s KILL 3600 sh -s inside open_directories
}

image_is_there() {
	has_image "$(prepared linux-x64)" linux/amd64 "${1-no}"
}

# opens_x64 [MAKE-WORD...]: first the opening, then the build
opens_x64() {
	run_make build-linux-x64 "$@"
	succeeds
	says_nothing_wrong
	calls_are inspect run run
	opened linux-x64 x64 --platform linux/amd64
	[[ $(calls) == *"--user 0:0 "*"--user $caller "* ]]
	ran_x64 -- cargo build --release
}

# opens_nothing: both are the user's
opens_nothing() {
	run_make build-linux-x64
	succeeds
	calls_are inspect run
}

@test "volumes without labels are opened before the run" {
	image_is_there
	has_volumes x64
	opens_x64
}

@test "root's volumes are opened before the run" {
	image_is_there
	has_volumes x64 0:0
	opens_x64
}

# visits_x64 [CALL]: as opens_x64, and the opening once more after the run, for whom they were made
visits_x64() {
	local opening
	run_make build-linux-x64
	calls_are inspect run run run "$@"
	complains ''
	[[ $(calls) == *"--user 0:0 "*"--user $caller "*"--user 0:0 "* ]]
	ran_x64 -- cargo build --release
	opening=$(calls | grep -e '--user 0:0 ' | uniq)
	[ "$(wc -l <<<"$opening")" -eq 1 ]
	[[ $opening == *' inside open_directories '* ]]
}

@test "volumes that somebody else's builds have made are opened before and after the run" {
	local other
	image_is_there
	for other in 999:999 1234:56789 1234:567 11234:5678 1234:0; do
		forget_calls
		has_volumes x64 "$other"
		visits_x64
		succeeds
	done
}

@test "they are opened after a run that has failed, too, and its status stays" {
	image_is_there
	has_volumes x64 999:999
	when run 'case $* in *" cargo build "*) exit 101 ;; esac'
	visits_x64 events
	fails
	[[ $stderr == *'Error 101'* ]]
}

@test "both volumes are opened once when one of them is somebody else's" {
	image_is_there
	has_volumes x64 "$caller" 0:0
	opens_x64
	forget_calls
	has_volumes x64 '' "$caller"
	opens_x64
	forget_calls
	has_volumes x64 "$caller" ''
	opens_x64
}

@test "one's own volumes are not opened" {
	image_is_there
	has_volumes x64 "$caller"
	opens_nothing
}

@test "new volumes are not opened" {
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
	ran_x64 -- cargo build --release
}

@test "an old volume beside a missing one is opened" {
	image_is_there
	has_volume cargo-cache-x64
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect volume-create volume-create inspect run run
	opened linux-x64 x64 --platform linux/amd64
}

@test "old volumes are opened by the image that was just prepared" {
	has_volumes x64
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run run
	opened linux-x64 x64 --platform linux/amd64
}

@test "every command opens old volumes, prepare too" {
	local command
	image_is_there
	has_volumes x64
	for command in fetch build test check clippy run shell; do
		forget_calls
		run_make "$command-linux-x64"
		succeeds
		calls_are inspect run run
		opened linux-x64 x64 --platform linux/amd64
	done
	forget_calls
	run_make prepare-linux-x64
	succeeds
	calls_are inspect run
	opened linux-x64 x64 --platform linux/amd64
}

@test "every sh opens old volumes" {
	each_shell opens_in_this_shell
}

opens_in_this_shell() {
	image_is_there
	has_volumes x64
	case $caller in
	0:*)
		run_make build-linux-x64 "$shell"
		succeeds
		calls_are inspect run
		;;
	*) opens_x64 "$shell" ;;
	esac
}

# Which other builds may remove while find and chmod are on their way.
@test "files that go away during the opening are no failure" {
	image_is_there
	has_volumes x64
	when run 'case "$*" in *" open_directories"*) fail "chmod: x: No such file or directory" ;; esac'
	opens_x64
}

@test "a target without a platform opens without one" {
	only_target any 'description = D'
	has_image "$(prepared any)" linux/amd64 no
	has_volumes any
	run_make build-any
	succeeds
	calls_are inspect run run
	opened any any
}

@test "OFFLINE and DOCKER_RUN_FLAGS do not change the opening" {
	image_is_there
	has_volumes x64
	run_make build-linux-x64 OFFLINE=1 DOCKER_RUN_FLAGS='-e A=b'
	succeeds
	opened linux-x64 x64 --platform linux/amd64
}

# ---- Root

# as_root: the caller is root, as bin/id would say
as_root() {
	mkdir -p root-bin
	printf '#!/bin/sh\necho 0\n' >root-bin/id
	chmod +x root-bin/id
	PATH=$PWD/root-bin:$PATH
	caller=0:0
}

@test "root runs as root, and opens nothing" {
	as_root
	image_is_there
	has_volumes x64
	opens_nothing
	ran_x64 -- cargo build --release
}

@test "root opens the volumes of others after the run" {
	as_root
	image_is_there
	has_volumes x64 1234:5678
	run_make build-linux-x64
	succeeds
	calls_are inspect run run
	[[ $(calls) == *" cargo build "*" inside open_directories "* ]]
}

@test "root's new volumes say so" {
	as_root
	run_make build-linux-x64
	succeeds
	made_volume cargo-cache-x64 x64 0:0
	made_volume cargo-git-cache-x64 x64 0:0
}

# ran_as_root COMMAND...: the target `admin` of these tests
ran_as_root() {
	called run --name "$(named admin)" "${builder[@]}" --rm --init --user 0:0 -v "$PWD:/workspace" \
		-v cargo-cache-admin:/usr/local/cargo/registry \
		-v cargo-git-cache-admin:/usr/local/cargo/git -w /workspace \
		-e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu "$(prepared admin)" "$@"
}

@test "user = root: the container's user is root, and the new volumes say so" {
	only_target admin 'description = D' 'user = root'
	run_make build-admin
	succeeds
	says_nothing_wrong
	ran_as_root cargo build --release
	made_volume cargo-cache-admin admin 0:0
	made_volume cargo-git-cache-admin admin 0:0
	forget_calls
	run_make test-admin
	calls_are inspect run
	ran_as_root cargo test --
}

@test "user = root: the volumes of others are opened after the run" {
	local whose
	only_target admin 'description = D' 'user = root'
	has_image "$(prepared admin)" linux/amd64 no
	for whose in 1234:5678 999:999; do
		forget_calls
		has_volumes admin "$whose"
		run_make build-admin
		succeeds
		calls_are inspect run run
	done
	for whose in '' 0:0; do
		forget_calls
		has_volumes admin "$whose"
		run_make build-admin
		succeeds
		calls_are inspect run
	done
}

@test "an empty user is the caller" {
	only_target admin 'description = D' 'user ='
	run_make build-admin
	succeeds
	grep -qe "^run .* --user $caller " <<<"$(calls)"
}

# ---- A rootless engine, in whose containers root is the caller

@test "a rootless engine: root, new volumes that say so, and nothing to open" {
	touch "$FAKE_ENGINE/rootless"
	run_make build-linux-x64
	succeeds
	made_volume cargo-cache-x64 x64 0:0
	made_volume cargo-git-cache-x64 x64 0:0
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect run
	caller=0:0
	ran_x64 -- cargo build --release
}

@test "a rootless engine: old volumes are not opened" {
	image_is_there yes
	has_volumes x64
	opens_nothing
	caller=0:0
	ran_x64 -- cargo build --release
}

# The image is the first thing that is asked; what a missing volume gets must not depend on that.
@test "a rootless engine: a volume made later says root, too" {
	image_is_there yes
	run_make prepare-linux-x64
	succeeds
	made_volume cargo-cache-x64 x64 0:0
	calls_are inspect version image-inspect volume-create volume-create inspect
}

# ---- Groups

@test "the groups of the user go on, to all that runs as him" {
	each_shell passes_groups_on
}

passes_groups_on() {
	all_is_there linux-x64 x64
	groups=()
	for group in $("${shell#*=}" -c 'FAKE_GROUPS="27 100"; export FAKE_GROUPS; id -G' | cut -s -d ' ' -f 2-); do
		groups+=(--group-add "$group")
	done
	FAKE_GROUPS='27 100' run_make build-linux-x64 "$shell"
	succeeds
	ran_x64 -- cargo build --release
	calls_are inspect run
}

@test "groups that DOCKER_RUN_FLAGS adds stand in their place" {
	all_is_there linux-x64 x64
	FAKE_GROUPS='27 100' run_make build-linux-x64 DOCKER_RUN_FLAGS='--group-add 5'
	ran_x64 + --group-add 5 -- cargo build --release
}

@test "root has none, and podman's root keeps them if it can" {
	has_image "$(prepared linux-x64)" linux/amd64 yes
	has_volumes x64 0:0
	caller=0:0
	FAKE_GROUPS='27 100' run_make build-linux-x64
	ran_x64 -- cargo build --release
	new_engine
	when info 'printf "host:\n  ociRuntime:\n    name: crun\n  security:\n    rootless: true\n  serviceIsRemote: false\nbuildahVersion: 1\n"; exit'
	run_make build-linux-x64
	[ "$(grep -c '^build .*--label cachemk.groups=keep ' <<<"$(calls)")" -eq 1 ]
	new_engine
	when info 'printf "host:\n  ociRuntime:\n    name: runc\n  security:\n    rootless: true\n  serviceIsRemote: false\n"; exit'
	run_make build-linux-x64
	no_call_has cachemk.groups
}
