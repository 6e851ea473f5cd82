#!/usr/bin/env bats
# Prepared images that travel through a registry: the key registry, REGISTRY=, push-images.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # `when` takes code for sh; helper.bash and bats set and use the rest

load helper

hub=ghcr.io/me/project

setup() {
	start_in_a_project
	# Each test may leave nothing behind.
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
	with "registry = $hub"
}

teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ] || { show 'left behind' "$(ls -A "$TMPDIR")" && return 1; }
	! grep -E "^($hub|cachemk-pulled)" "$FAKE_ENGINE/images"
}

# with LINE...: the target of the tests, and its prepared image in the registry
with() {
	only_target t 'description = D' 'platform = linux/amd64' 'setup = apk add x' "$@"
	tag=$(prepared t)
	shared=$hub:${tag#*:}
}

# pullable [NAME [PLATFORM [LABEL]]]
pullable() {
	printf '%s %s %s sha256:theirs\n' "${1-$shared}" "${2-linux/amd64}" "${3-yes}" >"$FAKE_ENGINE/pullable"
}

# prepares_it_here WORD...: the rule goes on as without a registry
prepares_it_here() {
	succeeds
	has_line "Preparing the image $tag from rust:latest, once..."
	calls_are inspect version image-inspect info pull "$@" image-inspect build image-inspect \
		volume-create volume-create inspect
	no_call_is 'cachemk.registry='
}

@test "a prepared image is pulled rather than built, and made this user's and this engine's" {
	each_shell is_pulled
}

is_pulled() {
	pullable
	run_make prepare-t "$shell"
	succeeds
	says_nothing_wrong
	prints 'Preparing for D (using Docker)...' "Pulling the image $tag from $hub..."
	calls_are inspect version image-inspect info pull image-tag image-inspect build image-rm image-rm \
		image-inspect volume-create volume-create inspect
	called pull --platform linux/amd64 --quiet "$shared"
	called build --platform linux/amd64 --tag "$tag" --label cachemk.target=t \
		--label cachemk.rootless=no --label cachemk.identity=c0ffee --label cachemk.groups= \
		--label "cachemk.registry=$hub" --quiet --build-arg "user=$caller" --build-arg SCRIPT \
		--build-arg triple=x86_64-unknown-linux-gnu --build-arg cross= --build-arg SCRIPT -
	head -n 1 "$FAKE_ENGINE/calls/$(call_number build)/stdin" | grep -qx 'FROM cachemk-pulled:.*'
	is_nowhere setup "$FAKE_ENGINE/calls/$(call_number build)/stdin"
	called image rm "$shared"
}

@test "an image that is there is not looked for in the registry" {
	all_is_there t t
	pullable
	run_make build-t REGISTRY="$hub"
	calls_are inspect run
}

@test "one that the registry does not have is prepared here" {
	run_make prepare-t
	prepares_it_here image-rm
	says_nothing_wrong
	has_line 'It is not there yet; make push-images puts it there.'
}

@test "a registry that is down or refuses costs one line" {
	pullable
	when pull 'fail "Error response from daemon: Get \"https://ghcr.io/v2/\": denied"'
	run_make prepare-t
	complains "warning: $shared cannot be used: Error response from daemon: Get \"https://ghcr.io/v2/\": denied"
	prepares_it_here image-rm
}

@test "an image of another platform is not used" {
	pullable "$shared" linux/arm64
	run_make prepare-t
	complains "warning: $shared cannot be used: it is for linux/arm64, not for linux/amd64"
	prepares_it_here image-tag image-inspect image-rm image-rm
}

@test "nor is one without our label" {
	pullable "$shared" linux/amd64 -
	run_make prepare-t
	complains "warning: $shared cannot be used: it was not prepared for t by cachemk"
	prepares_it_here image-tag image-inspect image-rm image-rm
}

@test "nor is one in which this user cannot build" {
	pullable
	when build 'case " $* " in *cachemk.registry*) cat >/dev/null; fail "The image has no cargo" ;; esac'
	run_make prepare-t
	succeeds
	complains $'The image has no cargo\n'"warning: $shared cannot be used: see above"
	calls_are inspect version image-inspect info pull image-tag image-inspect build image-rm image-rm \
		image-inspect build image-inspect volume-create volume-create inspect
}

@test "OFFLINE=1 and pull-images do not ask the registry" {
	pullable
	run_make prepare-t OFFLINE=1
	succeeds
	no_call_is '^pull'
	run_make pull-images
	succeeds
	no_call_is '^pull'
}

@test "REGISTRY= is used instead of the key, and a host is docker's" {
	run_make prepare-t REGISTRY=you/other
	called pull --platform linux/amd64 --quiet "docker.io/you/other:${tag#*:}"
	new_engine
	REGISTRY=localhost:5000/x run_make prepare-t
	called pull --platform linux/amd64 --quiet "localhost:5000/x:${tag#*:}"
}

@test "a REGISTRY that is no repository is told, and not used" {
	local bad
	for bad in ghcr.io 'a b/c' -x/y a/b:tag a//b a/ 'a/$(touch x)' host:5000; do
		printf 'registry: <%s>\n' "$bad"
		new_engine
		run_make prepare-t "REGISTRY=$bad"
		succeeds
		complains "warning: REGISTRY is '$bad', not the name of an image such as ghcr.io/me/project"
		no_call_is '^pull'
		run_make push-images "REGISTRY=$bad"
		fails
		no_call_is '^push'
	done
}

@test "a target without a platform has the engine's in the name" {
	only_target t 'description = D' "registry = $hub"
	tag=$(prepared t)
	pullable "$hub:${tag#*:}-amd64"
	run_make prepare-t
	succeeds
	called pull --quiet "$hub:${tag#*:}-amd64"
	[ "$(grep -c "^$tag " "$FAKE_ENGINE/images")" -eq 1 ]
}

@test "DOCKER_CONTENT_TRUST applies to what is pulled, and not to what is made from it" {
	pullable
	when pull 'printf "%s\n" "${DOCKER_CONTENT_TRUST-}" >pull-trusts'
	when build 'printf "%s\n" "${DOCKER_CONTENT_TRUST-}" >build-trusts'
	DOCKER_CONTENT_TRUST=1 run_make prepare-t
	succeeds
	[ "$(cat pull-trusts)" = 1 ]
	[ "$(cat build-trusts)" = '' ]
}

@test "a signal ends the pull, and leaves nothing" {
	local pid
	when pull ': >pulling; exec sleep 20'
	"$make" prepare-t </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for pulling
	kill -TERM "$pid"
	if wait "$pid"; then return 1; fi
	no_call_is '^build'
}

# ---- push-images

@test "push-images pushes what was prepared here" {
	each_shell is_pushed
}

is_pushed() {
	has_image "$tag" linux/amd64 no
	run_make push-images "$shell"
	succeeds
	says_nothing_wrong
	prints "Pushing $shared..."
	calls_are version image-inspect image-tag push image-rm
	called image tag "$tag" "$shared"
	called push --quiet "$shared"
}

@test "push-images-TARGET prepares what is missing, and pushes it" {
	run_make push-images-t
	succeeds
	calls_are version image-inspect info pull image-rm image-inspect build image-inspect image-tag push image-rm
	last_line_is "Pushing $shared..."
}

@test "what came from the registry is not pushed there again, but to another one" {
	pullable
	run_make prepare-t
	run_make push-images
	succeeds
	last_line_is "$tag is from $hub: nothing to push"
	no_call_is '^push'
	run_make push-images REGISTRY=example.com/x/y
	called push --quiet "example.com/x/y:${tag#*:}"
}

@test "push-images fails if the registry refuses" {
	has_image "$tag" linux/amd64 no
	when push 'fail denied'
	run_make push-images
	fails
	complains $'denied\n'"$shared was not pushed: see above; if access was denied, run docker login ghcr.io."
}

@test "push-images without a registry, and with DRY_RUN=1" {
	run_make push-images DRY_RUN=1
	succeeds
	prints "This pushes the image $tag to $hub." 'Nothing was changed (DRY_RUN=1).'
	no_calls
	with
	run_make push-images
	fails
	complains 'There is no registry for push-images: set registry in targets.ini, or REGISTRY, to an image without a tag, such as ghcr.io/me/project.'
	no_calls
}
