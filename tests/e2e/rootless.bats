#!/usr/bin/env bats
# Builds on a rootless engine: one that an ordinary user has started, for himself.  In its
# containers he is root, and any other id there is nobody's on the machine.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

crates=13 # of fixtures/small, and the git dependency
triple=x86_64-unknown-linux-gnu
further_ids=200000 # of the user, from here on: what is not root in a container
own_id=4321        # of nobody, in a container

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	# The ordinary user must get to what is in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	cd "$BATS_FILE_TMPDIR" || return
	user_files
	why_not >skip
	[ ! -s skip ] || return 0
	engine_up
	project
}

teardown_file() {
	[ ! -e "$BATS_FILE_TMPDIR/engine.pid" ] || engine_down
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	[ ! -s skip ] || skip "$(cat skip)"
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	export DOCKER_HOST=unix://$PWD/engine/docker.sock
}

# ---- The user

# as_user COMMAND: as an ordinary user; by one who is not root, as himself
as_user() {
	[ "$(id -u)" -eq 0 ] || { "$@"; return; }
	setpriv --reuid=1234 --regid=1234 --clear-groups env HOME="$BATS_FILE_TMPDIR/home" "$@"
}

# user_files: what adduser would write for him into /etc, and the directories that are his
user_files() {
	mkdir etc home engine engine/{data,exec,run}
	{
		printf 'rootless:x:1234:1234::%s:/bin/sh\n' "$PWD/home"
		cat /etc/passwd
	} >etc/passwd
	printf 'rootless:%s:65536\n' "$further_ids" | tee etc/subuid >etc/subgid
	[ "$(id -u)" -ne 0 ] || chown -R 1234:1234 home engine
}

# with_ids COMMAND: as he, with these files in /etc; for this command alone, so that nothing of them
# can be left there
with_ids() {
	[ "$(id -u)" -eq 0 ] || { "$@"; return; }
	export -f as_user in_his_etc
	unshare --mount bash -euc 'in_his_etc "$@"' - "$@"
}

in_his_etc() {
	local file
	for file in passwd subuid subgid; do mount --bind "$BATS_FILE_TMPDIR/etc/$file" "/etc/$file"; done
	as_user "$@"
}

# ---- His engine

# why_not: says what stands in the way of such an engine here
why_not() {
	local tool
	for tool in dockerd rootlesskit newuidmap socat ip; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null || {
			printf '%s is not installed\n' "$tool"
			return
		}
	done
	with_ids rootlesskit true >probe.log 2>&1 ||
		printf 'no ordinary user can have further ids here: %s\n' "$(tail -n 1 probe.log)"
}

# Its network is its own, since the kernel lets it put a container only into one that it has made.
# So what is served on the machine's 127.0.0.1 is handed through, by way of sockets in a directory.
engine_outside() {
	local port
	for port in $ports; do
		socat "UNIX-LISTEN:run/$port,fork" "TCP:127.0.0.1:$port" &
	done
	exec rootlesskit --pidns --copy-up=/run --state-dir="$PWD/run/kit" unshare --net bash -c engine_inside
}

# As in Docker's own dockerd-rootless.sh, the directories in /run go that are the machine's.
engine_inside() {
	local port
	ip link set lo up
	for port in $ports; do
		socat "TCP-LISTEN:$port,bind=127.0.0.1,reuseaddr,fork" "UNIX-CONNECT:run/$port" &
	done
	rm -f /run/docker /run/containerd
	exec dockerd --rootless --config-file "$PWD/docker.json" --iptables=false --ip6tables=false --bridge=none \
		--data-root "$PWD/data" --exec-root "$PWD/exec" --pidfile "$PWD/dockerd.pid" \
		--host "unix://$PWD/docker.sock" --group 0 --registry-mirror "http://$E2E_REGISTRY"
}

# engine_up: in a session of its own, whose id ends all of it, and without the files of bats
engine_up() {
	printf '{}\n' >engine/docker.json
	ports=$(printf '%s\n' "$E2E_REGISTRY" "$E2E_CRATES_URL" "$E2E_GIT_URL" | sed 's/.*:\([0-9]*\).*/\1/')
	export ports
	export -f as_user in_his_etc with_ids engine_outside engine_inside
	PATH=$PATH:/usr/sbin:/sbin XDG_RUNTIME_DIR=$PWD/engine/run setsid \
		bash -c 'cd engine && with_ids bash -c engine_outside' \
		</dev/null >engine.log 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	printf '%s\n' "$!" >engine.pid
	wait_for 30 docker --host "unix://$PWD/engine/docker.sock" version || {
		tail -n 20 engine.log
		return 1
	}
}

# engine_down: also removes what only he can remove who has these ids
engine_down() {
	local pid
	cd "$BATS_FILE_TMPDIR" || return
	pid=$(cat engine.pid)
	kill -- "-$pid" || :
	wait_for 20 ended "$pid" || kill -9 -- "-$pid"
	with_ids rootlesskit find "$PWD/engine" "$PWD/home" -mindepth 1 -delete
}

ended() {
	! pgrep --session "$1"
}

# ---- His project

project() {
	cp -R "$top/tests/e2e/fixtures/small" home/small
	printf 'greeting = { git = "%s" }\n' "$E2E_GIT_URL" >dependency
	sed -i '/^\[dependencies\]/r dependency' home/small/Cargo.toml
	mkdir home/small/mk
	printf 'include mk/cache.mk\n' >home/small/Makefile
	cat >home/small/targets.ini <<-END
		[rootless]
		description = a rootless engine
		triple = $triple
		image = rust:latest
		platform = linux/amd64
	END
	(cd "$repo" && gen/cachemk -o "$OLDPWD/home/small/mk/cache.mk" "$OLDPWD/home/small/targets.ini")
	[ "$(id -u)" -ne 0 ] || chown -R 1234:1234 home
}

# type_as_user ARGUMENTS: what he types there
type_as_user() {
	run as_user make --no-print-directory -C home/small "$@"
}

# not_his: all in the project that does not belong to him
not_his() {
	find home ! \( -uid "$(as_user id -u)" -gid "$(as_user id -g)" \)
}

prepared() {
	images_of home/small/mk/cache.mk
}

@test "the engine gives other ids to all but its user" {
	docker pull --quiet --platform linux/amd64 rust:latest
	mkdir -m 777 ids
	docker run --rm --network=none --user 0:0 -v "$PWD/ids":/ids rust:latest touch /ids/root
	docker run --rm --network=none --user "$own_id:$own_id" -v "$PWD/ids":/ids rust:latest touch /ids/other
	[ "$(stat -c %u ids/root)" -eq "$(as_user id -u)" ]
	[ "$(stat -c %u ids/other)" -ne "$own_id" ]
}

@test "the first build downloads and compiles everything" {
	type_as_user build-rootless </dev/null
	[ "$status" -eq 0 ]
	[ "$(count 'Preparing ')" -eq 1 ]
	[ "$(count 'Compiling ')" -eq $((crates + 1)) ]
	[ "$(count 'Updating git repository')" -eq 1 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
	[ "$(home/small/target/$triple/release/small)" = small ]
}

@test "the prepared image remembers that its engine is rootless" {
	run docker image inspect --format '{{index .Config.Labels "cachemk.rootless"}}' "$(prepared)"
	[ "$output" = yes ]
}

@test "what he builds belongs to him" {
	[ -e "home/small/target/$triple/release/small" ]
	[ -e home/small/Cargo.lock ]
	[ -z "$(not_his)" ]
}

@test "the second build has nothing to do" {
	type_as_user build-rootless </dev/null
	[ "$status" -eq 0 ]
	[ "$(count 'Preparing \|Updating \|Download\|Compiling ')" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
}

@test "the volumes have all that a build without network needs" {
	rm -r home/small/target
	type_as_user build-rootless OFFLINE=1 </dev/null
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -eq $((crates + 1)) ]
	[ -z "$(not_his)" ]
}

@test "HOME and the workspace can be written to, in the very environment of the build" {
	type_as_user shell-rootless <<-'END'
		echo kept >"$HOME/file" && cat "$HOME/file"
		echo his >/workspace/file
		id -u
	END
	[ "$status" -eq 0 ]
	[ "${lines[*]: -2}" = 'kept 0' ]
	[ "$(as_user cat home/small/file)" = his ]
	[ -z "$(not_his)" ]
}

@test "files that only he can read are read" {
	chmod -R go= home/small
	type_as_user run-rootless </dev/null
	[ "$status" -eq 0 ]
	[ "$(count '^small$')" -eq 1 ] # two streams, in either order
}

# Without cgroups, which such an engine may have to do without, it ends containers in another way.
@test "a signal to make leaves no container" {
	run as_user timeout 5 make --no-print-directory -C home/small shell-rootless <<<'echo begun; sleep 600'
	[ "$status" -eq 124 ]
	[ "$(count '^begun')" -eq 1 ]
	wait_for 10 no_container
}

no_container() {
	[ -z "$(docker ps --all --quiet)" ]
}

@test "clean-cache and clean-images remove what is his" {
	type_as_user clean-cache YES=1 </dev/null
	[ "$status" -eq 0 ]
	[ "$(count '^Removed cargo-')" -eq 2 ]
	type_as_user clean-images YES=1 </dev/null
	[ "$status" -eq 0 ]
	[ "$(count '^Removed cachemk:')" -eq 1 ]
	[ -z "$(docker volume ls --quiet)" ]
}
