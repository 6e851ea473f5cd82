#!/usr/bin/env bats
# Preparing images with BuildKit, as docker does since version 23 where its plugin buildx is
# installed; the other tests have the builder of before.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

setup_file() {
	lab_env
	[ "${E2E_DOCKER-}" != podman ] || return 0
	setup_family buildkit
	"$top/tests/e2e/engine" buildx "$E2E_LAB"
	{
		target x64 x64
		target arm64 arm64 'triple = aarch64-unknown-linux-gnu' | sed 's|linux/amd64|linux/arm64|'
	} >right.ini
	{
		target typo x64 'triple = x86_64-unkown-linux-gnu'
		target slow x64 'setup = sleep 60'
	} | cat right.ini - | project app small
}

teardown_file() {
	lab_env
	[ "${E2E_DOCKER-}" != podman ] || return 0
	cd "$BATS_FILE_TMPDIR" || return
	remove_family
}

setup() {
	lab_env
	needs_docker 'it builds by itself'
	export DOCKER_CONFIG=$E2E_LAB/buildx.config DOCKER_BUILDKIT=1
	cd "$BATS_FILE_TMPDIR" || return
}

@test "it is BuildKit that prepares the image, once" {
	run type_in app build-buildkit-x64
	[ "$status" -eq 0 ]
	[[ $output = *'[internal] load build definition'* ]]
	[ "$(count '^Built target/x86_64-unknown-linux-gnu/release/small$')" -eq 1 ]
	run type_in app build-buildkit-x64
	[ "$status" -eq 0 ]
	[[ $output != *Preparing* ]]
	[[ $output != *'[internal]'* ]]
}

@test "the prepared image has our labels, and what it is prepared for works" {
	image=$(images_of app/mk/cache.mk buildkit-x64)
	[ "$(docker image inspect --format '{{index .Config.Labels "cachemk.target"}}' "$image")" = buildkit-x64 ]
	[ "$(docker image inspect --format '{{index .Config.Labels "cachemk.rootless"}}' "$image")" = no ]
	before=$(downloads)
	rm -rf app/target
	type_in app build-buildkit-x64 OFFLINE=1
	[ "$(downloads)" -eq "$before" ]
}

@test "a cache travels as an image that it makes" {
	local hub=$E2E_REGISTRY/cache$own
	run type_in app push-cache-buildkit-x64 REGISTRY="$hub"
	[ "$status" -eq 0 ]
	type_in app clean-cache-buildkit-x64 YES=1
	run type_in app pull-cache-buildkit-x64 REGISTRY="$hub"
	[ "$status" -eq 0 ]
	before=$(downloads)
	rm -rf app/target
	type_in app build-buildkit-x64 OFFLINE=1
	[ "$(downloads)" -eq "$before" ]
}

@test "the same base image for another platform, in turn" {
	run type_in app build-buildkit-arm64 WORKSPACE="$(workspace emulated hello)"
	[ "$status" -eq 0 ]
	[ "$(machine emulated/target/aarch64-unknown-linux-gnu/release/hello)" = AArch64 ]
}

@test "what is wrong with an image stands in a line of its own, and no script around it" {
	run type_in app build-buildkit-typo
	[ "$status" -eq 2 ]
	[ "$(count 'Unknown target triple x86_64-unkown-linux-gnu: fix it in targets.ini; similar ones: .*x86_64-unknown-linux-gnu')" -ge 1 ]
	[ "$(count 'esac')" -eq 0 ]
	[ "${lines[-2]}" = "The image for buildkit-typo could not be prepared from ${E2E_IMAGES-}rust:latest: unknown target triple \
x86_64-unkown-linux-gnu in targets.ini: did you mean x86_64-unknown-linux-gnu?" ]
}

@test "a platform that nothing emulates, also when its image is only in BuildKit's cache" {
	[ -n "${E2E_REGISTRY-}" ]
	foreign_image "$E2E_REGISTRY/foreign:latest"
	docker push --quiet "$E2E_REGISTRY/foreign:latest"
	docker image rm "$E2E_REGISTRY/foreign:latest"
	target foreign x64 'triple = s390x-unknown-linux-gnu' "image = $E2E_REGISTRY/foreign:latest" |
		sed 's|linux/amd64|linux/s390x|' >foreign.ini
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/foreign.mk" "$BATS_FILE_TMPDIR/foreign.ini")
	run type_in app -f ../foreign.mk build-buildkit-foreign
	[ "$status" -eq 2 ]
	[[ ${lines[-2]} = *': this machine cannot emulate linux/s390x; install qemu-user-static and binfmt-support.' ]]
}

@test "Ctrl-C while an image is prepared ends it, and leaves none" {
	start app build-buildkit-slow
	await 20 grep -q 'sleep 60' app.log
	kill -s INT -- "-$pid"
	await 10 is_over "$pid"
	[ -z "$(docker image ls --quiet "$(images_of app/mk/cache.mk buildkit-slow)")" ]
}

@test "pull-images finds that nothing is new" {
	use_targets app <right.ini
	run type_in app pull-images
	[ "$status" -eq 0 ]
	[ "$(count 'is up to date')" -eq 2 ]
}

@test "the image does not go to another builder that the user has, nor to another platform" {
	docker buildx create --name "elsewhere$own" --driver remote tcp://127.0.0.1:9 >/dev/null
	{
		cat right.ini
		target other x64
	} | use_targets app
	BUILDX_BUILDER=elsewhere$own DOCKER_DEFAULT_PLATFORM=linux/arm64 DOCKER_CONTENT_TRUST=1 \
		run type_in app build-buildkit-other
	docker buildx rm "elsewhere$own" >/dev/null 2>&1
	[ "$status" -eq 0 ]
	[[ $output = *'Built target/x86_64-unknown-linux-gnu@buildkit-other/release/small'* ]]
	DOCKER_CONTENT_TRUST=1 run type_in app clean-images-buildkit-other YES=1
	[ "$(count '^Removed cachemk:buildkit-other-')" -eq 1 ]
}
