#!/usr/bin/env bats
# `ssh = agent` on a real engine: a git dependency that only an ssh key opens, which is only in the
# caller's ssh-agent.  Cargo itself speaks ssh; no git is asked.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	"$top/tests/e2e/engine" tools "$E2E_LAB"
	own=ssh-$$$suffix
	export own suffix
	# The ordinary user of the tests must get to what is in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	cd "$BATS_FILE_TMPDIR" || return
	keys
	server
	project
}

teardown_file() {
	lab_env
	docker rm --force "$own" >/dev/null || :
	docker volume rm --force "cargo-cache-$own" "cargo-git-cache-$own" >/dev/null
	docker image ls --quiet --filter label=cachemk.target="$own" | sort -u |
		xargs --no-run-if-empty docker image rm --force >/dev/null
	docker image rm --force "$own" >/dev/null
}

setup() {
	lab_env
	unset SSH_AUTH_SOCK
	agent_pid=
	as=()
	cd "$BATS_FILE_TMPDIR" || return
}

teardown() {
	[ -z "$agent_pid" ] || kill "$agent_pid"
}

# ---- The server and its private repository

keys() {
	local name
	mkdir keys
	for name in host user other; do
		ssh-keygen -q -t ed25519 -N '' -C "$name" -f "keys/$name"
	done
}

# server: starts it on a port that is free; the client of the test knows it
server() {
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	port=$(free_port)
	tar -c -C "$E2E_LAB/tools" usr/sbin/sshd usr/lib/openssh usr/lib/x86_64-linux-gnu \
		-C "$top/tests/e2e/fixtures/sshd" Dockerfile sshd_config |
		docker build --quiet --pull --platform linux/amd64 --tag "$own" \
			--build-arg base="${E2E_IMAGES-}rust:latest" --network host - >/dev/null
	docker run --detach --name "$own" --network host -v "$PWD/keys":/keys:ro \
		-v "$E2E_LAB/git/greeting.git":/srv/greeting.git:ro "$own" /usr/sbin/sshd -D -e -p "$port" >/dev/null
	wait_for 10 ssh-keyscan -p "$port" 127.0.0.1
	mkdir -p home/.ssh
	printf '[127.0.0.1]:%s %s\n' "$port" "$(cut -d ' ' -f 1,2 keys/host.pub)" >home/.ssh/known_hosts
}

# project: a program with the private dependency, and a target that has `ssh = agent`
project() {
	workspace app hello >/dev/null
	printf '[dependencies]\ngreeting = { git = "ssh://git@127.0.0.1:%s/srv/greeting.git" }\n' "$port" \
		>>app/Cargo.toml
	printf 'fn main() { println!("{}", greeting::greeting()) }\n' >app/src/main.rs
	mkdir app/mk
	printf 'include mk/cache.mk\n' >app/Makefile
	cat >app/targets.ini <<-END
		[$own]
		description = a private dependency
		triple = x86_64-unknown-linux-gnu
		image = ${E2E_IMAGES-}rust:latest
		platform = linux/amd64
		ssh = agent
	END
	(cd "$repo" && gen/cachemk -o "$OLDPWD/app/mk/cache.mk" "$OLDPWD/app/targets.ini")
}

# ---- The callers

# be_ordinary: the caller is not root, and may use the engine
be_ordinary() {
	[ "$(id -u)" -eq 0 ] || return 0
	as=(setpriv --reuid=1234 --regid=1234 --groups "$(stat -c %g "${DOCKER_HOST#unix://}")")
	chown -R 1234:1234 home app
}

# agent KEY: starts the caller's agent, with this key in it
agent() {
	eval "$("${as[@]}" ssh-agent -s -a "$PWD/home/agent-$BATS_TEST_NUMBER" 3>&-)" >/dev/null
	agent_pid=$SSH_AGENT_PID
	ssh-add -q "keys/$1"
}

# build: of a fresh checkout, without the lock file that would spare cargo the fetch
build() {
	rm -rf checkout
	cp -Rp app checkout
	run "${as[@]}" env HOME="$PWD/home" make --no-print-directory -C checkout "build-$own" </dev/null
}

fetched() {
	[ "$status" -eq 0 ]
	[[ $output = *"Updating git repository \`ssh://git@127.0.0.1:"* ]]
	[ "$(checkout/target/x86_64-unknown-linux-gnu/release/hello)" = 'hello from a git dependency' ]
}

# refused TEXT: the build failed, and one line has this text
refused() {
	[ "$status" -ne 0 ]
	[ "$(count "$1")" -eq 1 ]
	[ ! -e checkout/target/x86_64-unknown-linux-gnu/release/hello ]
}

@test "with the key in the caller's agent, a build fetches the private dependency" {
	agent user
	build
	fetched
}

@test "so does one of an ordinary user" {
	be_ordinary
	agent user
	build
	fetched
	[ -z "$(find checkout ! -uid "$("${as[@]}" id -u)")" ]
}

@test "without an agent, one line says so" {
	build
	refused 'SSH_AUTH_SOCK'
	[[ $output != *Updating* ]]
}

@test "an agent that is gone: one line says so, and nothing is left in its place" {
	export SSH_AUTH_SOCK=$PWD/home/gone
	build
	[ "$status" -ne 0 ]
	[ "$(count "path does not exist: $SSH_AUTH_SOCK")" -eq 1 ]
	[ ! -e home/gone ]
}

@test "without the key in the agent, cargo says that it may not" {
	agent other
	build
	refused 'failed to authenticate'
}

@test "a server that is not among the caller's known hosts is refused" {
	agent user
	mv home/.ssh/known_hosts home/.ssh/others
	build
	mv home/.ssh/others home/.ssh/known_hosts
	refused 'error: unknown SSH host key'
}

# secret: what must stay with the agent: the key's path, and its lines
secret() {
	printf '%s\n' "$PWD/keys/user"
	sed -e 1d -e '$d' keys/user
}

@test "the key is in no command, no image, no volume and no output" {
	agent user
	build
	secret >secrets
	image=$(images_of app/mk/cache.mk)
	{
		printf '%s\n' "$output"
		make -n -C checkout "build-$own"
		docker image history --no-trunc "$image"
		docker image inspect "$image"
	} >told
	[ "$(grep -cFf secrets told checkout/mk/cache.mk)" = "told:0
checkout/mk/cache.mk:0" ]
	run docker run --rm --user 0:0 -v "$PWD/secrets":/tmp/secrets -v "cargo-cache-$own":/usr/local/cargo/registry \
		-v "cargo-git-cache-$own":/usr/local/cargo/git "$image" \
		grep -rlFf /tmp/secrets /tmp /usr/local /root /home /etc /var
	[ "$output" = /tmp/secrets ]
}
