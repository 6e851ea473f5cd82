#!/usr/bin/env bats
# Keys that change how a build runs: hermetic, mirror and sccache, on a real engine with a real
# registry, sccache, redis, and a stand-in for the cache that GitHub alone has.

# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the helper and `run` set variables; code for a shell in a container
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	own=options-$$$suffix
	export own suffix
	cd "$BATS_FILE_TMPDIR" || return
	cp -R "$BATS_TEST_DIRNAME/fixtures/small" app
	mkdir app/mk
	printf 'include mk/cache.mk\n' >app/Makefile
}

teardown_file() {
	lab_env
	cat "$BATS_FILE_TMPDIR"/*.pid 2>/dev/null | xargs --no-run-if-empty kill
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	docker image ls --quiet --filter label=cachemk.target="$own" | sort -u |
		xargs --no-run-if-empty docker image rm --force >/dev/null
	docker image rm --force "$own-bare" "$own-sccache" "$own-sccache-redis" >/dev/null 2>&1 || :
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

# use CACHE IMAGE LINE...
use() {
	printf '%s\n' "[$own]" 'description = D' 'triple = x86_64-unknown-linux-gnu' \
		"cache = $1-$own" "image = $2" "${@:3}" >targets.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/app/mk/cache.mk" "$BATS_FILE_TMPDIR/targets.ini")
}

type_in() {
	run make --no-print-directory -C app "$@" </dev/null
}

# in_shell COMMAND: run by the target's shell
in_shell() {
	run make --no-print-directory -C app "shell-$own" <<<"$1"
}

# ---- hermetic

@test "hermetic = yes fetches with the network, and builds without" {
	use hermetic "${E2E_IMAGES-}rust:latest" 'hermetic = yes' 'env = TOKEN SETTING=kept'
	# A build script that sees a network or a credential fails the build.
	cat >app/build.rs <<-'END'
		fn main() {
		    assert!(std::env::var("TOKEN").is_err(), "the token is there");
		    assert_eq!(std::env::var("http_proxy").unwrap_or_default(), "");
		    assert_eq!(std::env::var("SETTING").as_deref(), Ok("kept"));
		    let devices = std::fs::read_to_string("/proc/net/dev").unwrap();
		    assert_eq!(devices.lines().count(), 3, "there is a network: {devices}");
		}
	END
	TOKEN=secret NO_PROXY='*' http_proxy=http://127.0.0.1:9 no_proxy='*' type_in "build-$own"
	[ "$status" -eq 0 ]
	[[ $output = *'Downloaded '*'Compiling '* ]]
}

@test "without it, that build script sees both" {
	use hermetic "${E2E_IMAGES-}rust:latest" 'env = TOKEN SETTING=kept'
	TOKEN=secret type_in "build-$own"
	[ "$status" -ne 0 ]
	[[ $output = *'the token is there'* ]]
	rm app/build.rs
}

# ---- mirror

# bare_image: the lab's, without its own word on where crates come from
bare_image() {
	printf 'FROM %srust:latest\nRUN rm /usr/local/cargo/config.toml\n' "${E2E_IMAGES-}" |
		docker build --quiet --pull --platform linux/amd64 --tag "$own-bare" - >/dev/null
}

@test "mirror = URL is where crates come from" {
	local before
	bare_image
	before=$(downloads)
	use mirror "$own-bare" "mirror = sparse+$E2E_CRATES_URL/index/"
	rm -rf app/target app/Cargo.lock
	type_in "build-$own"
	[ "$status" -eq 0 ]
	[ "$(downloads)" -gt "$before" ]
	[[ $output = *'(registry `mirror`)'* ]]
	[ "$(grep -c 'source = "registry+https://github.com/rust-lang/crates.io-index"' app/Cargo.lock)" -gt 0 ]
}

@test "without it, the image asks crates.io" {
	use no-mirror "$own-bare"
	type_in "build-$own" CARGO_FLAGS='--config net.retry=0 --config http.timeout=1'
	[ "$status" -ne 0 ]
	[[ $output = *crates.io* ]]
}

# ---- sccache

# sccache_image [NAME]: with the one that `engine NAME` unpacks
sccache_image() {
	local name=${1:-sccache}
	"$top/tests/e2e/engine" "$name" "$E2E_LAB" || return
	printf 'FROM %srust:latest\nCOPY usr /usr\n' "${E2E_IMAGES-}" >Dockerfile
	tar -c Dockerfile -C "$E2E_LAB/$name" usr/bin/sccache |
		docker build --quiet --pull --platform linux/amd64 --tag "$own-$name" - >/dev/null
}

# hits: of the build that in_shell has just run
hits() {
	sed -n 's/^Cache hits  *\([0-9]*\)$/\1/p' <<<"$output"
}

# compiled_twice: two fresh checkouts; the second takes from the store what the first has put there
compiled_twice() {
	local build='cargo build --release 2>&1 && sccache --show-stats'
	rm -rf app/target
	in_shell "$build"
	[ "$status" -eq 0 ]
	[ "$(hits)" -eq 0 ]
	rm -rf app/target
	in_shell "$build"
	[ "$status" -eq 0 ]
	printf '# sccache: %s hits of 13 compiled crates\n' "$(hits)" >&3
	[ "$(hits)" -ge 12 ]
	app/target/x86_64-unknown-linux-gnu/release/small
}

@test "sccache = volume: a fresh checkout reuses what another has compiled" {
	sccache_image
	use sccache "$own-sccache" 'sccache = volume'
	compiled_twice
	run make --no-print-directory -C app cache-stats
	[[ $output = *'Compiled crates, kept by sccache: '* ]]
	run make --no-print-directory -C app clean-cache KIND=sccache YES=1
	[ "$(count '^Removed')" -eq 1 ]
	[ "${lines[-1]}" = "Removed cargo-sccache-sccache-$own" ]
}

# with_libraries NAME...: the program gets libraries in its own repository
with_libraries() {
	local name
	for name; do
		mkdir -p "app/libraries/$name/src"
		printf '[package]\nname = "%s"\nversion = "0.1.0"\nedition = "2021"\n' "$name" >"app/libraries/$name/Cargo.toml"
		printf 'pub fn %s() {}\n' "$name" >"app/libraries/$name/src/lib.rs"
		printf '[dependencies.%s]\npath = "libraries/%s"\n' "$name" "$name" >>app/Cargo.toml
	done
}

# check_out_edit: of the program.  A checkout gives every file a new time, so cargo takes all of them
# for changed.
check_out_edit() {
	find app -type f -exec touch {} +
	printf '//\n' >>app/src/main.rs
}

@test "sccache and target_dir = volume: an edit in a fresh checkout compiles only what was edited" {
	local build='cargo build --release 2>&1 && sccache --show-stats'
	sccache_image
	use both "$own-sccache" 'sccache = volume' 'target_dir = volume'
	cp -R app kept
	with_libraries one two three
	in_shell "$build"
	[ "$status" -eq 0 ]
	check_out_edit
	in_shell "$build"
	[ "$status" -eq 0 ]
	[ "$(count '^ *Compiling ')" -eq 4 ]
	[ "$(hits)" -eq 3 ]
	[ "$(count '^Cache misses  *0$')" -eq 1 ]
	rm -rf app && mv kept app
}

# in_dockerfile: what a build by a Dockerfile with cache mounts prints
in_dockerfile() {
	printf '%s\n' "FROM $own-sccache" 'WORKDIR /workspace' 'COPY . .' \
		"RUN --mount=type=cache,id=$own-registry,target=/usr/local/cargo/registry \\" \
		"    --mount=type=cache,id=$own-target,target=target cargo build --release" >Dockerfile
	DOCKER_CONFIG=$E2E_LAB/buildx.config run docker buildx build --network=host --progress=plain \
		--file Dockerfile app
}

@test "without sccache, a Dockerfile with cache mounts compiles all that is in the repository again" {
	needs_docker 'its builder is another one'
	"$top/tests/e2e/engine" buildx "$E2E_LAB"
	sccache_image
	cp -R app kept
	with_libraries one two three
	in_dockerfile
	[ "$status" -eq 0 ]
	check_out_edit
	in_dockerfile
	[ "$status" -eq 0 ]
	[ "$(count ' Compiling .*(/workspace')" -eq 4 ]
	[ "$(count ' Compiling ')" -eq 4 ]
	rm -rf app && mv kept app
}

# choose_port: sets $port to one on which nothing listens
choose_port() {
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	port=$(free_port)
}

# redis: a store of our own, as a fleet of machines shares one; sets $port
redis() {
	command -v redis-server >/dev/null || skip 'needs redis-server'
	choose_port
	redis-server --bind 127.0.0.1 --port "$port" --save '' --dir "$BATS_FILE_TMPDIR" \
		--daemonize no >redis.log 2>&1 3>&- 4>&- &
	printf '%s\n' "$!" >redis.pid
	wait_for 10 redis-cli -p "$port" ping
}

@test "sccache = redis://…: so does one whose caches are others', and no volume is made" {
	redis
	sccache_image sccache-redis || skip "Debian's next release cannot be had"
	use redis "$own-sccache-redis" "sccache = redis://127.0.0.1:$port"
	compiled_twice
	[ "$(redis-cli -p "$port" dbsize)" -ge 12 ]
	[ -z "$(docker volume ls --quiet --filter "name=cargo-sccache-redis-$own")" ]
}

# github: a stand-in for GitHub's cache, and what a step of a workflow has to reach it
github() {
	choose_port
	"$top/tests/e2e/lib/github-cache" "$port" a-token >github.log 2>&1 3>&- 4>&- &
	printf '%s\n' "$!" >github.pid
	export ACTIONS_RUNTIME_TOKEN=a-token ACTIONS_CACHE_SERVICE_V2=on
	export ACTIONS_RESULTS_URL=http://127.0.0.1:$port/ ACTIONS_CACHE_URL=''
	wait_for 10 curl -s -o /dev/null "$ACTIONS_RESULTS_URL"
}

@test "sccache = gha: so does one in GitHub's cache, with the token that a step has" {
	github
	sccache_image sccache-redis || skip "Debian's next release cannot be had"
	use gha "$own-sccache-redis" 'sccache = gha'
	compiled_twice
	[ "$(grep -c '^completed True$' github.log)" -ge 12 ]
	[ "$(grep -c '^read$' github.log)" -ge 12 ]
	[ -z "$(docker volume ls --quiet --filter "name=cargo-sccache-gha-$own")" ]
}
