#!/usr/bin/env bats
# The main job on a real engine, with real images, crates and a git dependency.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	app=$(workspace app wordfreq)
	hello=$(workspace "it's a \$(big) #1 \"hello\"" hello)
	printf 'greeting = { git = "%s" }\n' "$E2E_GIT_URL" >"$BATS_FILE_TMPDIR/dependency"
	sed -i "/^\[dependencies\]/r $BATS_FILE_TMPDIR/dependency" "$app/Cargo.toml"
	export app hello suffix
	docker volume create "my-cargo-cache-x64$suffix" >/dev/null
}

teardown_file() {
	lab_env
	docker rm -f "e2e-busy$suffix" >/dev/null 2>&1 || :
	remove_ours
	docker volume rm "my-cargo-cache-x64$suffix" >/dev/null
}

setup() {
	lab_env
}

@test "there are no caches at first" {
	type_make list-cache
	[ "$status" -eq 0 ]
	[ "$output" = "Docker volume caches for Cargo builds:
No caches found" ]
	type_make cache-stats
	[ "$status" -eq 0 ]
	[ "$(count '^linux-[a-z0-9-]*  *-  *- ')" -eq 4 ]
}

@test "the first build downloads and compiles everything" {
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'Building for Linux x86-64 (glibc) (using Docker)...' ]
	[ "${lines[-1]}" = "Built $app/target/x86_64-unknown-linux-gnu/release/wordfreq" ]
	[ "$(count 'Compiling ')" -ge 30 ]
	[ "$(downloads)" -ge 30 ]
	[ "$(count 'Updating git repository')" -eq 1 ]
}

@test "the binary works" {
	run "$app/target/x86_64-unknown-linux-gnu/release/wordfreq" --top 1 "$app/src"
	[ "$status" -eq 0 ]
	[ -n "$output" ]
}

@test "the second build downloads nothing and compiles nothing" {
	before=$(registry_requests)
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -eq 0 ]
	[ "$(count 'Preparing ')" -eq 0 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "after an edit only the package itself is compiled" {
	before=$(registry_requests)
	printf '\n// edited\n' >>"$app/src/main.rs"
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -eq 1 ]
	[ "$(count 'Compiling wordfreq ')" -eq 1 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "caches and prepared images survive a restart of the engine" {
	[ -z "$suffix" ] || skip "this engine is not ours to restart"
	needs_docker 'has no engine that could'
	before=$(registry_requests)
	"$top/tests/e2e/engine" restart "$E2E_LAB"
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "$(count 'Preparing ')" -eq 0 ]
	[ "$(count 'Compiling ')" -eq 0 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "without target/ everything is compiled and nothing downloaded" {
	before=$(registry_requests)
	rm -r "$app/target"
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "$(count 'Compiling ')" -ge 30 ]
	[ "$(registry_requests)" -eq "$before" ]
}

@test "build-alpine-arm64 makes an aarch64 binary, in a directory of any name" {
	printf '[dependencies]\nitoa = "1"\n' >>"$hello/Cargo.toml"
	type_make build-alpine-arm64 WORKSPACE="$hello"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = 'Building for Linux ARM64 musl (Alpine Linux compatible) (using Docker)...' ]
	[ "${lines[-1]}" = "Built $hello/target/aarch64-unknown-linux-musl/release/hello" ]
	[ "$(machine "$hello/target/aarch64-unknown-linux-musl/release/hello")" = AArch64 ]
}

@test "the binary runs in a container of its platform" {
	image=$(prepared_image linux-musl-arm64)
	run docker run --rm --platform linux/arm64 -v "$hello":/workspace "$image" \
		/workspace/target/aarch64-unknown-linux-musl/release/hello
	[ "$status" -eq 0 ]
	# The lab's rust:alpine is Debian; musl.bats builds for musl.
	[ "$output" = 'Hello from aarch64-linux-gnu!' ]
}

@test "the other platform of the same image tag builds, too" {
	type_make build-alpine-x64 WORKSPACE="$hello"
	[ "$status" -eq 0 ]
	[[ $(machine "$hello/target/x86_64-unknown-linux-musl/release/hello") = *X86-64 ]]
}

@test "list-cache names the volumes that exist, and nobody else's" {
	type_make list-cache
	[ "$status" -eq 0 ]
	[ "$output" = "Docker volume caches for Cargo builds:
cargo-cache-x64$suffix
cargo-git-cache-x64$suffix
cargo-cache-musl-x64$suffix
cargo-git-cache-musl-x64$suffix
cargo-cache-musl-arm64$suffix
cargo-git-cache-musl-arm64$suffix" ]
}

# Both sizes in kB: what cache-stats says of a target's registry volume, and what lies in it.
stated_size() {
	awk -v target="$1" '
		function kb(s) { return s * (s ~ /GB/ ? 1e6 : s ~ /MB/ ? 1e3 : s ~ /kB/ ? 1 : 1e-3) }
		$1 == target { printf "%d\n", kb($2) }' <<<"$output"
}

real_size() {
	docker run --rm -v "$1":/volume "$(prepared_image linux-x64)" \
		du -s --block-size=1000 /volume | cut -f 1
}

@test "cache-stats tells each volume's real size, what is missing, and the total" {
	type_make cache-stats
	[ "$status" -eq 0 ]
	[ "$(count '^linux-[a-z0-9-]*  *-  *- ')" -eq 1 ]
	stated=$(stated_size linux-x64)
	real=$(real_size "cargo-cache-x64$suffix")
	[ "$stated" -gt 1000 ]
	[ $((stated * 100)) -gt $((real * 90)) ]
	[ $((stated * 100)) -lt $((real * 110)) ]
	[ "$(count '^Total: .*MB$')" -eq 1 ]
	[[ ${lines[-1]} = "Free on the engine's disk: "* ]]
}

@test "clean-cache without a terminal removes nothing and says what to do" {
	type_make clean-cache
	[ "$status" -ne 0 ]
	[[ $output = *'YES=1'* ]]
	type_make list-cache
	[ "$(count "cargo-.*cache-")" -eq 6 ]
}

@test "clean-cache asks, and anything but yes cancels" {
	for answer in n '' yess no; do
		on_terminal "$answer" clean-cache
		[ "$status" -eq 0 ]
		[[ $output = *'Are you sure? [y/N] '*Cancelled* ]]
	done
	type_make list-cache
	[ "$(count "cargo-.*cache-")" -eq 6 ]
}

@test "clean-cache names a volume in use, fails, and removes the others" {
	image=$(prepared_image linux-x64)
	docker run -d --name "e2e-busy$suffix" -v "cargo-cache-x64$suffix":/v "$image" sleep 600 >/dev/null
	type_make clean-cache YES=1
	[ "$status" -ne 0 ]
	[[ $output = *"cargo-cache-x64$suffix was not removed: a container is using it"* ]]
	[[ $output != *"Removed cargo-cache-x64$suffix"* ]]
	docker rm -f "e2e-busy$suffix" >/dev/null
	type_make list-cache
	[ "$output" = "Docker volume caches for Cargo builds:
cargo-cache-x64$suffix" ]
}

@test "clean-cache removes after a yes in any case, and nobody else's" {
	on_terminal YeS clean-cache
	[ "$status" -eq 0 ]
	[[ $output = *"Removed cargo-cache-x64$suffix"* ]]
	type_make list-cache
	[ "${lines[1]}" = 'No caches found' ]
	docker volume inspect "my-cargo-cache-x64$suffix" >/dev/null
}

@test "after clean-cache cargo downloads again, and prepares no image again" {
	before=$(downloads)
	type_make build-linux-x64 WORKSPACE="$app"
	[ "$status" -eq 0 ]
	[ "$(count 'Preparing ')" -eq 0 ]
	[ "$(downloads)" -ge $((before + 30)) ]
}

@test "a target added to targets.ini can be built at once, and a removed one is gone" {
	cp "$repo/targets.ini" "$BATS_FILE_TMPDIR/targets.ini"
	sed -n "s/^image *= *\(.*latest\)/\1/p" "$repo/targets.ini" | head -n 1 >"$BATS_FILE_TMPDIR/image"
	cat >>"$repo/targets.ini" <<-END

		[new]
		description = A new target
		triple = x86_64-unknown-linux-gnu
		image = $(cat "$BATS_FILE_TMPDIR/image")
		cache = new$suffix
		setup = touch /prepared-for-new
	END
	type_make build-new WORKSPACE="$hello"
	[ "$status" -eq 0 ]
	[[ $output = *"Building for A new target (using Docker)..."* ]]
	[ -x "$hello/target/x86_64-unknown-linux-gnu@new/release/hello" ]
	docker volume rm "cargo-cache-new$suffix" "cargo-git-cache-new$suffix" >/dev/null
	docker image rm "$(prepared_image new)" >/dev/null

	cp "$BATS_FILE_TMPDIR/targets.ini" "$repo/targets.ini"
	type_make build-new WORKSPACE="$hello"
	[ "$status" -ne 0 ]
	[[ $output = *"There is no target 'new'"* ]]
}

@test "a target whose triple is of another machine than its image is refused" {
	sed -e 's/x86_64-unknown-linux-gnu/riscv64gc-unknown-linux-gnu/' -i "$repo/targets.ini"
	type_make build-linux-x64 WORKSPACE="$hello"
	cp "$BATS_FILE_TMPDIR/targets.ini" "$repo/targets.ini"
	[ "$status" -ne 0 ]
	[[ $output = *'not for riscv64gc-unknown-linux-gnu'* ]]
	[ ! -e "$hello/target/riscv64gc-unknown-linux-gnu" ]
}

@test "a project that does not compile fails the build" {
	broken=$(workspace broken hello)
	printf 'fn main() { no such thing }\n' >"$broken/src/main.rs"
	type_make build-linux-x64 WORKSPACE="$broken"
	[ "$status" -ne 0 ]
	[[ $output != *'Built '* ]]
}

@test "no engine: one line that says so, before anything else" {
	type_make build-linux-x64 WORKSPACE="$app" DOCKER_HOST=unix:///nonexistent.sock
	[ "$status" -ne 0 ]
	[[ ${lines[0]} = 'docker does not answer: start it'* ]]
	[[ $output != *'Building for'* ]]
}
