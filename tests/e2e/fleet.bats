#!/usr/bin/env bats
# Two machines and a registry: what one has prepared, downloaded and compiled, the other one pulls.
# The second engine has nothing, neither images nor volumes, and begins with what the first one has
# pushed.

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

# ---- Caches

# tag_of PROJECT CACHE: of the image of its cache, for its Cargo.lock
tag_of() {
	printf 'cache-%s%s-%s\n' "$2" "$own" "$(cksum <"$1/Cargo.lock" | tr ' ' -)"
}

# layers REPOSITORY TAG: how many the image there has
layers() {
	curl -sf -H 'Accept: application/vnd.docker.distribution.manifest.v2+json' \
		"http://$E2E_REGISTRY/v2/$1/manifests/$2" | tr -d '\n' | sed 's/.*"layers"//' | grep -o '"digest"' | wc -l
}

# nothing_passing: on either engine no image and no container is left of what passed through
nothing_passing() {
	local engine found
	for engine in env on_second; do
		found=$($engine docker image ls --format '{{.Repository}}:{{.Tag}}')
		! [[ $found =~ cachemk-pu|:cache- ]] || return
		[ -z "$($engine docker ps --all --quiet --filter name=cachemk-fleet)" ] || return
		found=$($engine docker volume ls --quiet)
		! [[ $found =~ [0-9a-f]{64} ]] || return
	done
}

@test "the first machine pushes its cache, as an image with a layer for each volume" {
	run type_in first build-fleet-x64
	[ "$status" -eq 0 ]
	run type_in first push-cache-fleet-x64
	[ "$status" -eq 0 ]
	[ "${lines[-2]}" = "Pushing $E2E_REGISTRY/team$own:$(tag_of first x64)..." ]
	[ "${lines[-1]}" = "Pushing $E2E_REGISTRY/team$own:cache-x64$own..." ]
	[ "$(layers "team$own" "$(tag_of first x64)")" -eq 2 ]
	[ "$(layers "team$own" "cache-x64$own")" -eq 2 ]
	nothing_passing
}

# empty_second PROJECT: nothing is left of its caches and of what it has compiled
empty_second() {
	on_second type_in "$1" clean-cache YES=1
	rm -rf "$1/target"
}

@test "the second machine pulls it, and builds without a network" {
	empty_second second
	cp first/Cargo.lock second/Cargo.lock
	run on_second type_in second build-fleet-x64 OFFLINE=1
	[ "$status" -ne 0 ]
	run on_second type_in second pull-cache-fleet-x64
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = "Pulled the cache x64$own from $E2E_REGISTRY/team$own:$(tag_of first x64)" ]
	run on_second type_in second build-fleet-x64 OFFLINE=1
	[ "$status" -eq 0 ]
	second/target/$triple/release/small
	run on_second type_in second verify-cache
	[ "$status" -eq 0 ]
	nothing_passing
}

@test "when Cargo.lock has changed, the newest is pulled instead" {
	empty_second second
	printf '# changed\n' >>second/Cargo.lock
	run on_second type_in second pull-cache-fleet-x64
	[ "$status" -eq 0 ]
	[ "$(count "^There is no $E2E_REGISTRY/team$own:$(tag_of second x64), which is for this Cargo.lock: pulling the newest")" -eq 1 ]
	[ "${lines[-1]}" = "Pulled the cache x64$own from $E2E_REGISTRY/team$own:cache-x64$own" ]
	run on_second type_in second build-fleet-x64 OFFLINE=1
	[ "$status" -eq 0 ]
	cp first/Cargo.lock second/Cargo.lock
}

@test "a registry that is down, or has no cache, is told in a line" {
	run on_second type_in second pull-cache-fleet-x64 REGISTRY=127.0.0.1:9/x/y
	[ "$status" -ne 0 ]
	[ "$(count '^127.0.0.1:9/x/y:cache-.* was not pulled: .*connection refused; check REGISTRY and the network')" -eq 1 ]
	run on_second type_in second pull-cache-fleet-x64 REGISTRY="$E2E_REGISTRY/nobody$own"
	[ "$status" -ne 0 ]
	[ "$(count "^There is no cache x64$own in $E2E_REGISTRY/nobody$own: run make push-cache-fleet-x64 on")" -eq 1 ]
	run type_in first push-cache-fleet-x64 REGISTRY=127.0.0.1:9/x/y
	[ "$status" -ne 0 ]
	[ "$(count '^127.0.0.1:9/x/y:cache-.* was not pushed: see above')" -eq 1 ]
	nothing_passing
}

# ---- Images of caches that others have pushed

# pushed_by_others DOCKERFILE-LINE...: in place of the first machine's cache
pushed_by_others() {
	printf '%s\n' 'FROM scratch' "$@" >others/Dockerfile
	docker build --quiet --tag "$E2E_REGISTRY/others$own:$(tag_of first x64)" others
	docker push --quiet "$E2E_REGISTRY/others$own:$(tag_of first x64)"
	docker image rm "$E2E_REGISTRY/others$own:$(tag_of first x64)"
	run on_second type_in second pull-cache-fleet-x64 REGISTRY="$E2E_REGISTRY/others$own"
}

# contents: of the second machine's volumes
contents() {
	on_second docker run --rm --network none -v "cargo-cache-x64$own:/r" -v "cargo-git-cache-x64$own:/g" \
		"$image" sh -c 'find /r /g ! -name ".package-cache*" -printf "%p %m %U:%G %l %s\n" | sort'
}

# is_refused WHAT
is_refused() {
	[ "$status" -ne 0 ]
	[ "$(count "is not .*archive of a cache.*$1.*nothing was changed")" -eq 1 ]
	diff before <(contents)
	nothing_passing
}

@test "what is wrong with such an image is refused, and nothing changes" {
	rm -rf others
	mkdir -p others/registry others/git others/bad/registry others/bad/git
	printf 'theirs\n' >others/registry/file
	ln -s /etc others/bad/registry/out
	(cd others && tar -cf registry.tar registry && tar -cf git.tar git && tar -C bad -cf bad.tar registry)
	contents >before
	mkdir -p others/root/cache others/root/else
	ln -s ../else/git.tar others/root/cache/git.tar
	cp others/git.tar others/root/else/
	cp others/registry.tar others/root/cache/
	pushed_by_others 'COPY root /'
	is_refused 'something other than an archive for each directory'
	rm others/root/cache/git.tar
	mkdir others/root/cache/git.tar
	pushed_by_others 'COPY root /'
	is_refused 'something other than an archive for each directory'
	pushed_by_others 'COPY bad.tar /cache/registry.tar' 'COPY git.tar /cache/'
	is_refused 'a link that leads out of it'
	pushed_by_others 'COPY registry.tar /cache/'
	is_refused ''
	rm -rf others/root
	mkdir -p others/root/real
	ln -s real others/root/cache
	cp others/*.tar others/root/real/
	pushed_by_others 'COPY root /'
	is_refused ''
}

@test "and nothing of it runs, gains rights, or stays" {
	chmod 7777 others/registry/file
	(cd others && tar -cf registry.tar registry)
	pushed_by_others 'COPY registry.tar git.tar /cache/' 'VOLUME /cache /other' \
		'ENTRYPOINT ["/bin/sh"]' 'HEALTHCHECK CMD /bin/sh'
	[ "$status" -eq 0 ]
	[ "$(contents | grep /r/file)" = "/r/file 777 $(id -u):$(id -g)  7" ]
	nothing_passing
}

# ---- Compiled crates

@test "what sccache has compiled on one machine, the other one takes from there" {
	local build='cargo build --release 2>&1 && sccache --show-stats'
	"$top/tests/e2e/engine" sccache "$E2E_LAB"
	printf 'FROM %s/library/rust:latest\nCOPY usr /usr\n' "$E2E_REGISTRY" >Dockerfile
	tar -c Dockerfile -C "$E2E_LAB/sccache" usr/bin/sccache |
		docker build --quiet --pull --platform linux/amd64 --tag "$E2E_REGISTRY/team$own:sccache" -
	docker push --quiet "$E2E_REGISTRY/team$own:sccache"
	target s s "image = $E2E_REGISTRY/team$own:sccache" "registry = $E2E_REGISTRY/team$own" \
		'sccache = volume' | project third small
	run make --no-print-directory -C third shell-fleet-s <<<"$build"
	[ "$status" -eq 0 ]
	cp -R third fourth
	rm -rf fourth/target
	run type_in third push-images
	[ "$status" -eq 0 ]
	run type_in third push-cache-fleet-s
	[ "$status" -eq 0 ]
	[ "$(layers "team$own" "cache-s$own")" -eq 3 ]
	run on_second type_in fourth pull-cache-fleet-s
	[ "$status" -eq 0 ]
	run on_second make --no-print-directory -C fourth shell-fleet-s OFFLINE=1 <<<"$build"
	[ "$status" -eq 0 ]
	hits=$(sed -n 's/^Cache hits  *\([0-9]*\)$/\1/p' <<<"$output")
	printf '# sccache: %s hits of 13 compiled crates, on the second machine\n' "$hits" >&3
	[ "$hits" -ge 12 ]
	run on_second type_in fourth clean-cache YES=1
	[ "$(count "^Removed cargo-sccache-s$own")" -eq 1 ]
	nothing_passing
}
