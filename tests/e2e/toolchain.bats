#!/usr/bin/env bats
# A project's toolchain file, on images with a real rustup.  It fetches toolchain 1.70.0 from a
# server of our own; the images have another one, which is called image.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper

setup_file() {
	bats_require_minimum_version 1.5.0
	load helper
	lab_env
	setup_project
	"$top/tests/e2e/engine" tools "$E2E_LAB"
	own=toolchain-$$$suffix
	export own suffix
	cd "$BATS_FILE_TMPDIR" || return
	server
	image
	project
}

teardown_file() {
	lab_env
	kill "$(cat "$BATS_FILE_TMPDIR/server.pid")" || :
	docker volume rm --force "cargo-cache-$own" "cargo-git-cache-$own" >/dev/null
	docker image ls --quiet --filter label=cachemk.target="$own" | sort -u |
		xargs --no-run-if-empty docker image rm --force >/dev/null
	docker image rm --force "$own" >/dev/null
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

server() {
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	url=http://127.0.0.1:$(free_port)
	"$top/tests/e2e/fixtures/rustup/dist" served "$url"
	python3 -m http.server --bind 127.0.0.1 --directory served "${url##*:}" >requests 2>&1 3>&- &
	echo $! >server.pid
	wait_for 10 curl --noproxy '*' -fsS "$url"
}

image() {
	tar -c -C "$E2E_LAB/tools" usr/bin/rustup -C "$top/tests/e2e/fixtures/rustup" Dockerfile |
		docker build --quiet --pull --platform linux/amd64 --tag "$own" --network host \
			--build-arg base="${E2E_IMAGES-}rust:latest" --build-arg server="$url" - >/dev/null
}

# rebase COMMAND: the base image, with this done in it
rebase() {
	printf 'FROM %s\nRUN %s\n' "$own" "$1" | docker build --quiet --tag "$own" --network host - >/dev/null
}

project() {
	workspace app hello >/dev/null
	mkdir app/mk
	printf 'include mk/cache.mk\n' >app/Makefile
	target
}

# target [LINE...]: the project's target, with these lines
target() {
	{
		printf '[%s]\ndescription = Rust\ntriple = x86_64-unknown-linux-gnu\n' "$own"
		printf 'platform = linux/amd64\n'
		printf '%s\n' "$@" | grep '^image' || printf 'image = %s\n' "$own"
		printf '%s\n' "$@" | grep -v '^image' || :
	} >app/targets.ini
	(cd "$repo" && gen/cachemk -o "$OLDPWD/app/mk/cache.mk" "$OLDPWD/app/targets.ini")
}

# ask CHANNEL [LINE...]: the project's toolchain file
ask() {
	printf '[toolchain]\nchannel = "%s"\n' "$1" >app/rust-toolchain.toml
	printf '%s\n' "${@:2}" >>app/rust-toolchain.toml
}

# build: works; sets $fetched: how often rustup fetched the toolchain for it
build() {
	local before
	before=$(fetches)
	run make --no-print-directory -C app "build-$own" "$@" </dev/null
	fetched=$(($(fetches) - before))
	[ "$status" -eq 0 ]
}

fetches() {
	grep -c 'GET .*/rustc-.*gz' requests || :
}

warnings() {
	count '^warning: the image lacks'
}

@test "an image without the toolchain: one line warns and names the remedy" {
	ask 1.70.0
	build
	[ "$(warnings)" -eq 1 ]
	[[ $output = *'the toolchain in rust-toolchain.toml,'*'"rustup toolchain install CHANNEL '*targets.ini* ]]
	[ "$fetched" -eq 1 ]
}

@test "it is said once, and is true each time" {
	build
	[ "$(warnings)" -eq 0 ]
	[ "$fetched" -eq 1 ]
}

@test "it is said again after an edit of the file" {
	ask 1.70.0 '# edited'
	build
	[ "$(warnings)" -eq 1 ]
	build
	[ "$(warnings)" -eq 0 ]
}

@test "it is said again for another image, also of the same name" {
	target 'setup = true'
	build
	[ "$(warnings)" -eq 1 ]
	rebase true
	images_of app/mk/cache.mk | xargs docker image rm >/dev/null
	build
	[ "$(warnings)" -eq 1 ]
}

@test "the remedy: the image has the toolchain, and nothing is fetched or said" {
	target 'setup = rustup toolchain install 1.70.0'
	build
	[ "$(warnings)" -eq 0 ]
	[ "$fetched" -eq 1 ]
	rm -r app/target
	build
	[ "$(warnings)" -eq 0 ]
	[ "$fetched" -eq 0 ]
	[[ $output = *Compiling* ]]
}

@test "a component that the image lacks is missed, too, and has its remedy" {
	ask 1.70.0 'components = ["clippy"]'
	build
	[ "$(warnings)" -eq 1 ]
	target 'setup = rustup toolchain install 1.70.0 -c clippy'
	build
	[ "$(warnings)" -eq 0 ]
}

@test "with two files, the one that rustup takes counts" {
	printf 'image\n' >app/rust-toolchain
	ask 1.71.0
	build
	[ "$(warnings)" -eq 0 ]
	printf '1.70.0\n' >app/rust-toolchain
	target
	build
	[ "$(warnings)" -eq 1 ]
	build
	[ "$(warnings)" -eq 0 ]
	rm app/rust-toolchain
}

@test "an image that has the toolchain, or has no rustup, is fine" {
	ask image
	build
	[ "$(warnings)" -eq 0 ]
	ask 1.70.0
	target "image = ${E2E_IMAGES-}rust:latest"
	build
	[ "$(warnings)" -eq 0 ]
	[ "$fetched" -eq 0 ]
}

@test "rustup in the home of the image's own user, as its installer puts it, is found" {
	needs_docker 'the same Dockerfile'
	printf '%s\n' "FROM $own" \
		'RUN mkdir -p /opt/image/bin && mv /usr/bin/cargo /usr/bin/rustc /opt/image/bin/ && ln -s /usr/lib /opt/image/lib' \
		'RUN rustup toolchain link image /opt/image && rustup default image' \
		'RUN mv /usr/local/rustup /root/.rustup && mv /usr/local/cargo /root/.cargo && chmod 700 /root' \
		'ENV RUSTUP_HOME= CARGO_HOME= PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' |
		docker build --quiet --tag "$own-home" --network host - >/dev/null
	target "image = $own-home"
	ask image
	build
	[ "$(warnings)" -eq 0 ]
	run make --no-print-directory -C app "shell-$own" <<<'command -v cargo; rustup show home'
	[[ $output = *$'/usr/local/bin/cargo\n'*.rustup ]]
	docker image rm --force "$own-home" >/dev/null
}

@test "without a network such an image is prepared, too, only without clippy" {
	needs_docker 'builds without a network nowhere but in a namespace'
	rebase 'rustup default 1.70.0'
	target 'setup = echo no network'
	SECONDS=0
	build DOCKER_BUILD_FLAGS=--network=none OFFLINE=1
	[ "$SECONDS" -lt 60 ]
	[[ $output = *"downloading component 'clippy'"*'No clippy for this toolchain; everything else works.'* ]]
	[ "$(warnings)" -eq 0 ]
}
