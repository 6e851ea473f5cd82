#!/usr/bin/env bats
# An engine that does not see the project, and targets whose target directory is a volume.  The project
# lies on a disk that only the caller has mounted, and the engine is reached by TCP, as on another
# machine.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

triple=x86_64-unknown-linux-gnu
port=$((30000 + $$ % 10000))

setup_file() {
	setup_family remote
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	mkdir there
	target one app | project app small
	[ "$(id -u)" -eq 0 ] || return 0
	case ${E2E_DOCKER-}$DOCKER_HOST in unix://*) ;; *) return 0 ;; esac
	# docker closes its end of a connection first, and still reads what cargo prints.
	socat -t 3600 "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:${DOCKER_HOST#unix://}" \
		</dev/null >socat.log 2>&1 3>&- 4>&- &
	printf '%s\n' "$!" "$port" >socat
	await 10 docker --host "tcp://127.0.0.1:$port" version >/dev/null 2>&1
	mkdir empty
	# shellcheck disable=SC2016 # code for sh
	unshare --mount --propagation private sh -c \
		'mount -t tmpfs tmpfs there && mount --bind empty "$0" && : >there/ready && exec sleep infinity' \
		"$(docker info --format '{{.DockerRootDir}}')" \
		</dev/null >namespace.log 2>&1 3>&- 4>&- &
	printf '%s\n' "$!" >namespace
	await 10 there test -e ready 2>/dev/null
	there cp -R "$PWD/app" .
}

teardown_file() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	[ ! -e namespace ] || kill "$(cat namespace)"
	[ ! -e socat ] || kill "$(head -n 1 socat)"
	for project in app there/app local other; do objects "$project"; done |
		xargs --no-run-if-empty docker volume rm >/dev/null
	remove_family
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	case $BATS_TEST_DESCRIPTION in *target_dir*) return ;; esac
	[ -e namespace ] || skip 'needs root, and docker at a socket'
}

# there COMMAND: in the directory that the engine does not see
there() {
	nsenter --target "$(cat "$BATS_FILE_TMPDIR/namespace")" --mount \
		env -C "$BATS_FILE_TMPDIR/there" \
		DOCKER_HOST="tcp://127.0.0.1:$(tail -n 1 "$BATS_FILE_TMPDIR/socat")" "$@"
}

typed() {
	run there make --no-print-directory -C app "$@" </dev/null
	[ "$status" -eq 0 ] || printf '%s\n' "$output"
}

# objects PROJECT: the volumes of what was compiled in it
objects() {
	docker volume ls --quiet --filter "label=cachemk.project=$BATS_FILE_TMPDIR/$1" | grep '^cargo-target-' || :
}

# no_sources: the volumes of builds that have ended are gone
no_sources() {
	[ -z "$(docker volume ls --quiet --filter name=cargo-workspace-remote-)$(docker ps --all --quiet --filter name=cachemk-remote-)" ]
}

@test "a build sends the project, and fetches the binary and the lock file" {
	typed build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count '^Sending the project to the engine...$')" -eq 1 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
	[ "$(there "app/target/$triple/release/small")" = small ]
	there grep -q 'name = "itoa"' app/Cargo.lock
	there find app/target -type f
	[ "$(there find app/target -type f)" = "app/target/$triple/release/small" ]
	no_sources
}

@test "the engine's machine has nothing in the project's place" {
	[ -z "$(ls there)" ]
}

@test "an archive that cannot be written leaves nothing there" {
	there touch app/dist
	typed dist-remote-one
	there rm app/dist
	[ "$status" -ne 0 ]
	[ "$(count 'cannot be written: something else has this name')" -eq 1 ]
	no_sources
}

@test "the second build has nothing to do" {
	local before
	before=$(registry_requests)
	typed build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling \|Updating \|Download')" -eq 0 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "an edit is sent, and a file that is gone is gone there" {
	there sh -c 'echo "mod more;" >>app/src/main.rs; echo "pub fn more() {}" >app/src/more.rs'
	typed build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling small')" -eq 1 ]
	there rm app/src/more.rs
	typed build-remote-one
	[ "$status" -ne 0 ]
	[ "$(count 'file not found for module')" -eq 1 ]
	there sed -i '/^mod more/d' app/src/main.rs
	no_sources
}

@test "run, test, check and a shell work there" {
	typed run-remote-one
	[ "${lines[-1]}" = small ]
	typed test-remote-one PROFILE=release
	[ "$(count '^test result: ok')" -eq 1 ]
	run there make --no-print-directory -C app shell-remote-one <<<'ls; pwd'
	[ "${lines[-1]}" = /workspace ]
	[ "$(count '^Cargo.toml$')" -eq 1 ]
	no_sources
}

@test "builds side by side each have their own sources" {
	local pids=() pid
	for number in 1 2 3; do
		there make --no-print-directory -C app check-remote-one </dev/null >"side$number.log" 2>&1 3>&- 4>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid"; done
	no_sources
}

@test "a signal leaves nothing there" {
	there timeout 8 make --no-print-directory -C app shell-remote-one <<<'echo begun; sleep 600' >log 2>&1 || :
	grep -q '^begun' log
	await 20 no_sources
}

@test "what cannot be sent is refused in one line" {
	typed check-remote-one CACHE_DIR=../caches
	[ "$status" -ne 0 ]
	[ "$(count '^An engine on another machine cannot use .* CACHE_DIR: unset them')" -eq 1 ]
}

@test "an engine behind TCP that has our disk mounts it" {
	DOCKER_HOST=tcp://127.0.0.1:$(tail -n 1 socat) run type_in app build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count '^Sending')" -eq 0 ]
	[ -d "app/target/$triple/release/deps" ]
}

@test "an engine at a socket that does not see the project, as one in a virtual machine, gets it" {
	run there env DOCKER_HOST="$DOCKER_HOST" make --no-print-directory -C app build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count '^Sending the project to the engine...$')" -eq 1 ]
	[ "$(there "app/target/$triple/release/small")" = small ]
	no_sources
}

@test "one that sees the project, as a virtual machine that shares it, is asked once" {
	for asked in 1 0; do
		run there env -C "$BATS_FILE_TMPDIR" DOCKER_HOST="$DOCKER_HOST" XDG_CACHE_HOME="$PWD/cache" \
			make --no-print-directory -C app build-remote-one V=1
		[ "$status" -eq 0 ]
		[ "$(count '^Sending')" -eq 0 ]
		[ "$(count ' test -e /workspace/.cachemk-')" -eq "$asked" ]
	done
}

@test "the volume of what was compiled is listed, counted, and removed as its target's" {
	typed list-cache-remote-one V=1
	[ "$(count "^cargo-target-remote-one-[0-9]* .* remote-one$")" -eq 1 ]
	typed cache-stats
	[ "$(count '^Target directories, kept in volumes: [0-9.]*MB')" -eq 1 ]
	typed clean-cache-remote-one KIND=target YES=1
	[ "$(count '^Removed cargo-target-remote-one-')" -eq 1 ]
	typed list-cache
	[ "${#lines[@]}" -eq 3 ]
}

# worktree: a tagged repository with a workspace, whose member prints what git says, and a worktree
worktree() {
	git init -q repo
	mkdir -p repo/ws/a/src
	printf '[workspace]\nmembers = ["a"]\n' >repo/ws/Cargo.toml
	printf '[package]\nname = "a"\n' >repo/ws/a/Cargo.toml
	cat >repo/ws/a/build.rs <<-'END'
		fn main() {
		    let o = std::process::Command::new("git").args(["describe", "--tags"]).output().unwrap();
		    println!("cargo:rustc-env=TAG={}", String::from_utf8_lossy(&o.stdout).trim());
		}
	END
	echo 'fn main() { println!("{}", env!("TAG")); }' >repo/ws/a/src/main.rs
	git -C repo add .
	git -C repo -c user.name=me -c user.email=me@example.org commit -qm x
	git -C repo tag v1.2.3
	git -C repo worktree add -q ../tree
}

@test "a member, in a worktree: its workspace and the repository are sent" {
	export -f worktree
	there bash -ec worktree
	for tree in repo tree; do
		typed build-remote-one WORKSPACE="../$tree/ws/a"
		[ "$status" -eq 0 ]
		[ "$(there "$tree/ws/target/$triple/release/a")" = v1.2.3 ]
		there test -f "$tree/ws/Cargo.lock"
	done
	no_sources
}

@test "target_dir = volume: a build leaves its binary in the project, and nothing else" {
	target one app 'target_dir = volume' 'expect = static' | project local small
	run type_in local build-remote-one
	[ "$status" -ne 0 ]
	[ "$(count 'is not statically linked')" -eq 1 ]
	target one app 'target_dir = volume' | use_targets local
	run type_in local build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -eq 0 ]
	find local/target -type f
	[ "$(find local/target -type f)" = "local/target/$triple/release/small" ]
	[ "$("local/target/$triple/release/small")" = small ]
}

@test "target_dir = volume is a project's own, and an ordinary user's" {
	cp -R local other
	rm -rf other/target
	ordinary_user other
	run as_user make --no-print-directory -C other build-remote-one
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -eq 13 ]
	[ -z "$(find other/target ! -user "$(as_user id -u)")" ]
	[ "$(objects local | wc -l) $(objects other | wc -l)" = '1 1' ]
	[ "$(objects local)" != "$(objects other)" ]
	type_in local clean-cache YES=1
	type_in other clean-cache YES=1 KIND=target
}
