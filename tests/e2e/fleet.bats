#!/usr/bin/env bats
# Two machines and a registry: what one has prepared, the other one pulls.  The second engine has
# nothing, neither images nor volumes, and begins with what the first one has pushed.

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

triple=x86_64-unknown-linux-gnu

setup_file() {
	setup_family fleet
	why_not >skip
	[ ! -s skip ] || return 0
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	second_up
	# The base image is from that registry, too, so that its layers are pushed in no time.
	target x64 x64 "image = $E2E_REGISTRY/library/rust:latest" "registry = $E2E_REGISTRY/team$own" \
		'setup = echo "this is the setup" && date +%N >/etc/set-up' | project first small
	cp -R first second
}

teardown_file() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	[ ! -e second.pid ] || second_down
	remove_family
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
	[ ! -s skip ] || skip "$(cat skip)"
	image=$(images_of first/mk/cache.mk fleet-x64)
	shared=$E2E_REGISTRY/team$own:${image#*:}
}

# why_not: says what stands in the way of a second engine here
why_not() {
	[ "$(id -u)" -eq 0 ] || printf 'needs root\n'
	[ -n "${E2E_REGISTRY-}" ] || printf 'needs a registry\n'
	[ "${E2E_DOCKER-}" != podman ] || printf 'podman: the second engine is dockerd\n'
}

# second_up: another engine of the same machine, with what it has in the test's directory
second_up() {
	mkdir engine
	printf '{}\n' >engine/docker.json
	PATH=$PATH:/usr/sbin:/sbin setsid dockerd --config-file "$PWD/engine/docker.json" \
		--iptables=false --ip6tables=false --bridge=none --data-root "$PWD/engine/data" \
		--exec-root "$PWD/engine/exec" --pidfile "$PWD/engine/pid" --host "unix://$PWD/engine/socket" \
		</dev/null >second.log 2>&1 3>&- 4>&- &
	printf '%s\n' "$!" >second.pid
	wait_for 60 on_second docker version || {
		cat second.log
		return 1
	}
}

second_down() {
	local pid
	pid=$(cat second.pid)
	kill "$pid"
	await 30 no_process "$pid" || kill -9 "$pid"
	# shellcheck source=tests/e2e/lib/common.sh
	. "$top/tests/e2e/lib/common.sh"
	unmount_below "$PWD/engine"
}

no_process() {
	! kill -0 "$1" 2>/dev/null
}

# on_second COMMAND...
on_second() {
	DOCKER_HOST=unix://$BATS_FILE_TMPDIR/engine/socket "$@"
}

# set_up: when the setup of the prepared image has run
set_up() {
	docker run --rm --network none "$image" cat /etc/set-up
}

# ---- Images

@test "the first machine prepares the image, and pushes it" {
	run type_in first push-images
	[ "$status" -eq 0 ]
	[[ $output = *'It is not there yet; make push-images puts it there.'*'this is the setup'* ]]
	[ "${lines[-1]}" = "Pushing $shared..." ]
	run docker image inspect "$shared"
	[ "$status" -ne 0 ]
}

@test "the second machine pulls it, runs no setup, and builds" {
	run on_second type_in second build-fleet-x64
	[ "$status" -eq 0 ]
	[ "$(count 'this is the setup')" -eq 0 ]
	[ "$(count '^Preparing the image')" -eq 0 ]
	[ "${lines[-1]}" = "Built target/$triple/release/small" ]
	[ "$(set_up)" = "$(on_second set_up)" ]
	[ "$(on_second docker image ls --quiet | sort -u | wc -l)" -eq 1 ]
}

@test "it has the second machine's labels, and is not pushed again" {
	[ "$(on_second docker image inspect --format '{{index .Config.Labels "cachemk.identity"}}' "$image")" \
		= "$(head -n 1 second/.cachemk-identity)" ]
	run on_second type_in second push-images
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "$image is from ${shared%:*}: nothing to push" ]
}

@test "a registry that is down costs one line" {
	docker image rm "$image" >/dev/null
	run type_in first prepare-fleet-x64 REGISTRY=127.0.0.1:9/x/y
	[ "$status" -eq 0 ]
	[ "$(count '^warning: 127.0.0.1:9/x/y:fleet-x64-.* cannot be used: .*connection refused$')" -eq 1 ]
	[ "$(count '^Preparing the image')" -eq 1 ]
}

@test "an image under that name that is not ours costs one line, too" {
	local line
	docker image rm "$image" >/dev/null
	docker tag "$E2E_REGISTRY/library/rust:latest" "$E2E_REGISTRY/other$own:${image#*:}"
	docker push --quiet "$E2E_REGISTRY/other$own:${image#*:}"
	run type_in first prepare-fleet-x64 REGISTRY="$E2E_REGISTRY/other$own"
	[ "$status" -eq 0 ]
	line="warning: $E2E_REGISTRY/other$own:${image#*:} cannot be used: it was not prepared for fleet-x64 by cachemk"
	[ "$(count "^$line\$")" -eq 1 ]
	docker image inspect "$image" >/dev/null
}
