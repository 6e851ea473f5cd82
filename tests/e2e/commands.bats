#!/usr/bin/env bats
# The other rules, on a real engine: what each command does, and what it leaves to others.

# The helper and `run` set variables, for one test each; what is typed into a container's shell is
# for that shell.
# shellcheck disable=SC2154,SC2030,SC2031,SC2016
load helper

setup_file() {
	load helper
	lab_env
	setup_project
	hello=$(workspace commands hello)
	printf '[dependencies]\nitoa = "1"\n' >>"$hello/Cargo.toml"
	cat >>"$hello/src/main.rs" <<-'END'

		#[allow(dead_code)]
		fn number(n: u8) -> String {
		    itoa::Buffer::new().format(n).to_owned()
		}
	END
	export hello suffix
}

teardown_file() {
	lab_env
	remove_ours
}

setup() {
	lab_env
}

type_hello() {
	type_make "$@" WORKSPACE="$hello"
}

@test "offline, without a cache, a build fails and says why" {
	type_hello build-linux-x64 OFFLINE=1
	[ "$status" -ne 0 ]
	[[ $output = *itoa*offline* ]]
}

@test "fetch downloads and compiles nothing; then a build needs no network" {
	type_hello fetch-linux-x64
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'Fetching for Linux x86-64 (glibc) (using Docker)...' ]
	[[ $output = *'Downloaded itoa'* ]]
	[ ! -e "$hello/target/x86_64-unknown-linux-gnu/release" ]
	type_hello build-linux-x64 OFFLINE=1
	[ "$status" -eq 0 ]
	[[ $output = *'Compiling itoa'* ]]
}

@test "LOCKED=1 takes a lock file that fits, and no other" {
	type_hello build-linux-x64 LOCKED=1
	[ "$status" -eq 0 ]
	mv "$hello/Cargo.lock" "$BATS_TEST_TMPDIR/Cargo.lock"
	type_hello build-linux-x64 LOCKED=1
	mv "$BATS_TEST_TMPDIR/Cargo.lock" "$hello/Cargo.lock"
	[ "$status" -ne 0 ]
	[[ $output = *'--locked'* ]]
}

@test "test, check and run do what cargo does" {
	type_hello test-linux-x64
	[ "$status" -eq 0 ]
	[[ $output = *'1 passed; 0 failed'* ]]
	type_hello check-linux-x64
	[ "$status" -eq 0 ]
	type_hello run-linux-x64
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'Hello from x86_64-linux-gnu!' ]
	# With standard input closed, as some runners have it.
	[ "$(make --no-print-directory -C "$repo" run-linux-x64 WORKSPACE="$hello" <&- 2>/dev/null)" = \
		'Hello from x86_64-linux-gnu!' ]
}

@test "a failing test fails the rule" {
	sed -i 's/assert_eq!(greeting("aarch64"/assert_eq!(greeting("wrong"/' "$hello/src/main.rs"
	type_hello test-linux-x64
	sed -i 's/greeting("wrong"/greeting("aarch64"/' "$hello/src/main.rs"
	[ "$status" -ne 0 ]
	[[ $output = *'0 passed; 1 failed'* ]]
}

@test "one CARGO_FLAGS for fetch, build and run" {
	type_hello fetch-linux-x64 build-linux-x64 run-linux-x64 CARGO_FLAGS='--profile dev --workspace --all-features --jobs 1'
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'Hello from x86_64-linux-gnu!' ]
}

@test "an alias has every rule, and runs a foreign binary" {
	type_hello run-alpine-arm64
	[ "$status" -eq 0 ]
	# The lab's rust:alpine is Debian; musl.bats builds for musl.
	[ "${lines[-1]}" = 'Hello from aarch64-linux-gnu!' ]
}

@test "PROFILE=dev builds into debug" {
	type_hello build-linux-x64 PROFILE=dev
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Built $hello/target/x86_64-unknown-linux-gnu/debug/hello" ]
	[ -x "$hello/target/x86_64-unknown-linux-gnu/debug/hello" ]
}

@test "the shell has the environment of the build" {
	run make --no-print-directory -C "$repo" shell-linux-x64 WORKSPACE="$hello" \
		<<<'echo "$CARGO_TARGET_DIR"; pwd; touch "$HOME/here" && cargo build --release --offline'
	[ "$status" -eq 0 ]
	[ "$(count '^/workspace/target/x86_64-unknown-linux-gnu$')" -eq 1 ]
	[ "$(count '^/workspace$')" -eq 1 ]
	[[ $output = *Finished* ]]
	[[ $output != *'Compiling itoa'* ]]
}

@test "cargo- runs any command, keeps LOCKED for one that is a program of its own, and lists a build" {
	printf '#!/bin/sh\necho "own $* $CARGO_NET_OFFLINE"\ncargo build\n' >"$BATS_FILE_TMPDIR/cargo-own"
	chmod 755 "$BATS_FILE_TMPDIR/cargo-own"
	own=(DOCKER_RUN_FLAGS="-v '$BATS_FILE_TMPDIR/cargo-own:/usr/local/bin/cargo-own:ro'")
	type_hello cargo-linux-x64 CARGO="own 'two words'" OFFLINE=1 LOCKED=1 "${own[@]}"
	[ "$status" -eq 0 ]
	[ "$(count '^own own two words true$')" -eq 1 ]
	sed 's/^version = .*/version = "0.1.1"/' -i.kept "$hello/Cargo.toml"
	cp "$hello/Cargo.lock" "$BATS_TEST_TMPDIR/Cargo.lock"
	type_hello cargo-linux-x64 CARGO=own LOCKED=1 "${own[@]}"
	mv "$hello/Cargo.toml.kept" "$hello/Cargo.toml"
	[ "$status" -ne 0 ]
	[ "$(count '^own')" -eq 0 ]
	[[ $output = *'--locked'* ]]
	cmp "$hello/Cargo.lock" "$BATS_TEST_TMPDIR/Cargo.lock"
	[ "$(make -s -C "$repo" cargo-linux-x64 WORKSPACE="$hello" CARGO='run -q' 2>/dev/null </dev/null)" = \
		'Hello from x86_64-linux-gnu!' ]
	type_hello cargo-linux-x64 CARGO='build --release'
	[ "${lines[-1]}" = "Built $hello/target/x86_64-unknown-linux-gnu/release/hello" ]
}

# with_env NAMES: the project with `env = NAMES` for all targets
with_env() {
	cp "$repo/targets.ini" "$BATS_FILE_TMPDIR/targets.ini"
	printf '\n[defaults]\nenv = %s\n' "$1" >>"$repo/targets.ini"
}

without_env() {
	cp "$BATS_FILE_TMPDIR/targets.ini" "$repo/targets.ini"
}

@test "a secret reaches the build by name, and stands nowhere else" {
	with_env 'E2E_TOKEN E2E_SET=given'
	export E2E_TOKEN=hush-hush
	run make --no-print-directory -C "$repo" shell-linux-x64 WORKSPACE="$hello" \
		<<<'echo "$E2E_TOKEN, $E2E_SET"'
	[ "${lines[-1]}" = 'hush-hush, given' ]
	run make -n -C "$repo" build-linux-x64 WORKSPACE="$hello"
	[[ $output != *hush* ]]
	[ "$(grep -c hush "$repo/mk/cache.mk")" -eq 0 ]
	[ "$(docker image history --no-trunc "$(prepared_image linux-x64)" | grep -c hush)" -eq 0 ]
	without_env
}

@test "proxies and certificates reach cargo" {
	printf 'certificate\n' >"$BATS_TEST_TMPDIR/the ca.pem"
	export http_proxy=http://127.0.0.1:9 NO_PROXY=example.com CARGO_HTTP_CAINFO="$BATS_TEST_TMPDIR/the ca.pem"
	run make --no-print-directory -C "$repo" shell-linux-x64 WORKSPACE="$hello" \
		<<<'echo "$http_proxy $NO_PROXY"; cat "$CARGO_HTTP_CAINFO"'
	[ "$status" -eq 0 ]
	[ "${lines[-2]}" = 'http://127.0.0.1:9 example.com' ]
	[ "${lines[-1]}" = certificate ]
}

@test "pull-images finds the images up to date, or makes new ones" {
	type_make prepare-linux-x64
	before=$(docker image inspect --format '{{.Id}}' "$(prepared_image linux-x64)")
	type_make pull-images
	[ "$status" -eq 0 ]
	[ "$(count '^cachemk:.* \(is up to date\|was prepared\)$')" -eq 4 ]
	[ "$(docker image inspect --format '{{.Id}}' "$(prepared_image linux-x64)")" = "$before" ]
}

@test "clean-images asks, removes prepared images, and leaves the base images" {
	[ -z "$suffix" ] || skip "this engine may have prepared images of others"
	type_make clean-images
	[ "$status" -ne 0 ]
	on_terminal n clean-images
	[[ $output = *Cancelled* ]]
	docker image inspect "$(prepared_image linux-x64)" >/dev/null
	type_make clean-images YES=1
	[ "$status" -eq 0 ]
	run docker image inspect "$(prepared_image linux-x64)"
	[ "$status" -ne 0 ]
	docker image inspect rust:latest >/dev/null
	type_make clean-images
	[ "$output" = 'No prepared images found' ]
}

@test "what cargo cannot know about its errors is said: memory, registries, programs, members" {
	needs_docker 'no events of memory'
	project=$(workspace unlucky hello)
	printf 'fn main() {\n    std::hint::black_box(vec![1u8; 1 << 30]);\n}\n' >"$project/build.rs"
	type_make check-linux-x64 WORKSPACE="$project" \
		DOCKER_RUN_FLAGS="${DOCKER_RUN_FLAGS-} --memory 200m --memory-swap 200m"
	[ "$status" -ne 0 ]
	[[ $output = *'SIGKILL'* ]]
	[ "$(count "^Memory ran out: set CARGO_FLAGS='--jobs 1', or give the engine's machine more memory\.\$")" -eq 1 ]
	rm "$project/build.rs"
	mkdir "$project/.cargo"
	printf '[build]\nrustc-wrapper = "no-such-wrapper"\n' >"$project/.cargo/config.toml"
	type_make check-linux-x64 WORKSPACE="$project"
	[ "$status" -ne 0 ]
	[ "$(count "^The image has no 'no-such-wrapper', which .cargo/config.toml sets: ")" -eq 1 ]
	printf '%s\n' "[target.'cfg(all())']" 'runner = ["no-such-runner", "-x"]' >"$project/.cargo/config.toml"
	type_make test-linux-x64 WORKSPACE="$project"
	[ "$status" -ne 0 ]
	[ "$(count "^The image has no 'no-such-runner', which .cargo/config.toml sets: ")" -eq 1 ]
	rm -r "$project/.cargo"
	printf '[dependencies]\nx = { version = "1", registry = "corp" }\n[workspace]\nmembers = ["*"]\n' >>"$project/Cargo.toml"
	type_make check-linux-x64 WORKSPACE="$project"
	[ "$status" -ne 0 ]
	[[ $output = *'registry index was not found in any configuration'* || $output = *'failed to load manifest'* ]]
	[ "$(count "^Nothing in the project defines the registry 'corp': ")" -eq 1 ]
	[ "$(count '^The workspace members "\*" in Cargo.toml include mk/ and target/: ')" -eq 1 ]
}

@test "targets that share a cache download once" {
	cp "$repo/targets.ini" "$BATS_FILE_TMPDIR/targets.ini"
	sed -i "s/^cache .*/cache = shared$suffix/" "$repo/targets.ini"
	before=$(downloads)
	type_hello fetch-linux-x64
	[ "$status" -eq 0 ]
	type_hello build-linux-musl-x64
	[ "$status" -eq 0 ]
	[ "$(downloads)" -eq $((before + 1)) ]
	type_make list-cache
	[ "$(count "^cargo-.*cache-shared$suffix\$")" -eq 2 ]
	type_make clean-cache YES=1
	cp "$BATS_FILE_TMPDIR/targets.ini" "$repo/targets.ini"
}
