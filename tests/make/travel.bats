#!/usr/bin/env bats
# push-cache-… and pull-cache-…, whose scripts are really run, on volumes that are directories.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # `when` takes code for sh; helper.bash and bats set and use the rest

load helper
load archives

hub=ghcr.io/me/project

setup() {
	start_in_a_project
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
	mkdir -p "$TMPDIR"
	printf 'version = 4\n' >Cargo.lock
	exact=$hub:cache-x64-1252578744-12
	newest=$hub:cache-x64
	with
}

# Whatever a rule has met with, it leaves neither notes nor names of images.
teardown() {
	[ -z "$(ls -A "$BATS_TEST_TMPDIR/tmp")" ] || { show 'left behind' "$(ls -A "$TMPDIR")" && return 1; }
	! grep -E "^($hub|cachemk-pulled|cachemk-pushed)" "$FAKE_ENGINE/images"
}

# with LINE...: the target of the tests
with() {
	only_target linux-x64 'description = D' 'cache = x64' 'platform = linux/amd64' "registry = $hub" "$@"
}

# with_sccache [TEXT]: it has a third volume
with_sccache() {
	with 'sccache = volume'
	has_compiled "${1-one}"
}

# pullable NAME...: the registry has these
pullable() {
	printf '%s linux/amd64 - sha256:theirs\n' "$@" >"$FAKE_ENGINE/pullable"
}

# built: unpacks what the one `build` has got into image/
built() {
	rm -rf image
	mkdir image
	tar -xf "$FAKE_ENGINE/calls/$(call_number build)/stdin" -C image
}

# travels: what was pushed can be pulled, and the engine reads it as it was
travels() {
	built
	mkdir image/cache
	mv image/*.tar image/cache/
	tar -C image -cf "$FAKE_ENGINE/copied" cache
	pullable "$exact" "$newest"
	forget_calls
}

# pushed_and_changed: a cache that was pushed, and then another one in its place
pushed_and_changed() {
	has_cache
	[ -z "${1-}" ] || with_sccache
	contents >before
	run_make push-cache-linux-x64 "${shell:-V=}"
	succeeds
	travels
	has_cache another
	[ -z "${1-}" ] || with_sccache another
	file cargo-cache-x64 cache/crates.io-1/other-1.0.0.crate other
}

# calls_are_among NAME...: as calls_are; those of a pipe are in any order
calls_are_among() {
	[ "$(calls | sed -E 's/^(volume|image) ([a-z]*) .*/\1-\2/; s/ .*//' | sort)" = "$(printf '%s\n' "$@" | sort)" ] ||
		{ show 'expected calls' "$*" && show_run && return 1; }
}

@test "push-cache-T makes an image with a layer for each volume, and pushes it under two names" {
	each_shell is_pushed
}

is_pushed() {
	has_cache
	contents >before
	run_make push-cache-linux-x64 "$shell"
	succeeds
	says_nothing_wrong
	prints 'Packing the cache x64...' "Pushing $exact..." "Pushing $newest..."
	calls_are_among version volume-ls volume-ls version image-inspect run run build \
		image-tag push image-tag push image-rm image-rm image-rm
	called_inside -v cargo-cache-x64:/cachemk/registry -v cargo-git-cache-x64:/cachemk/git \
		"$tools" "${limited[@]}" sh -s inside recover_cache
	called_inside -v cargo-cache-x64:/cachemk/registry:ro -v cargo-git-cache-x64:/cachemk/git:ro \
		"$tools" "${limited[@]}" sh -s inside pack_image
	calls | grep -Eqx "build --quiet --tag cachemk-pushed:[a-z0-9A-Z]+-[0-9]+-[0-9]+ --platform linux/amd64 --label cachemk.cache=x64 - "
	called push --quiet "$exact"
	called push --quiet "$newest"
	built
	[ "$(ls image)" = $'Dockerfile\ngit.tar\nregistry.tar' ]
	diff image/Dockerfile <(printf '%s\n' 'FROM scratch' 'COPY registry.tar /cache/' 'COPY git.tar /cache/')
	[ "$(tar -tf image/git.tar | sort)" = "$(printf '%s\n' git/ git/.hidden git/db/ git/db/one-1/ git/db/one-1/HEAD)" ]
	nothing_changed
}

@test "pull-cache-T replaces the cache with what was pushed" {
	each_shell is_pulled
}

is_pulled() {
	pushed_and_changed
	run_make pull-cache-linux-x64 "$shell"
	succeeds
	says_nothing_wrong
	prints 'Pulling the cache for D (using Docker)...' "Pulled the cache x64 from $exact"
	calls_are_among version ps ps inspect version image-inspect pull image-tag create run cp rm \
		image-rm image-rm
	called pull --platform linux/amd64 --quiet "$exact"
	calls | grep -Eqx 'create --name cachemk-linux-x64-[^ ]*-pulled --platform linux/amd64 --network none cachemk-pulled:[^ ]* none '
	calls | grep -Eqx 'rm --force --volumes cachemk-linux-x64-[^ ]*-pulled '
	called_inside -v cargo-cache-x64:/cachemk/registry -v cargo-git-cache-x64:/cachemk/git \
		"$tools" "${limited[@]}" sh -c SCRIPT sh "$caller" image
	cmp_restored before
	[ -z "$(find "$FAKE_ENGINE/content" -name '.cachemk-*')" ]
}

@test "what sccache keeps travels, too, in Debian's images and in Alpine's" {
	each_image_of_root takes_compiled_crates
}

takes_compiled_crates() {
	shell=SHELL=/bin/sh
	pushed_and_changed sccache
	[ "$(tar -tf image/cache/sccache.tar | tail -n 1)" = sccache/a/b/abc ]
	run_make pull-cache-linux-x64
	succeeds
	cmp_restored before
	called_inside -v cargo-cache-x64:/cachemk/registry -v cargo-git-cache-x64:/cachemk/git \
		-v cargo-sccache-x64:/cachemk/sccache "$tools" "${limited[@]}" sh -c SCRIPT sh "$caller" image
}

@test "without sccache = volume, what another target's sccache keeps is left there" {
	pushed_and_changed sccache
	with
	rm -rf "$FAKE_ENGINE"/{content,volumes}/cargo-sccache-x64
	run_make pull-cache-linux-x64
	succeeds
	[ "$(cat "$FAKE_ENGINE/content/cargo-cache-x64/.global-cache")" = one ]
	[ ! -e "$FAKE_ENGINE/content/cargo-sccache-x64" ]
}

@test "what sccache keeps is packed when no build runs, and downloads alone are not waited for" {
	local lock=$FAKE_ENGINE/content/cargo-cache-x64/.package-cache-mutate pid
	has_cache
	with_sccache
	: >"$lock"
	exec 9<"$lock"
	flock --shared 9
	"$make" push-cache-linux-x64 </dev/null >/dev/null 2>said 3>&- 9>&- &
	pid=$!
	for _ in {1..100}; do ! grep -q . said || break; sleep 0.1; done
	grep -qx 'Waiting for the builds that use this cache...' said
	no_call_is '^push'
	flock --unlock 9
	wait "$pid"
	calls | grep -q '^push'
	flock --shared 9
	with
	rm -rf "$FAKE_ENGINE"/{content,volumes}/cargo-sccache-x64
	run_make push-cache-linux-x64
	succeeds
	says_nothing_wrong
}

@test "an image without compiled crates leaves those that are there" {
	pushed_and_changed
	with_sccache mine
	run_make pull-cache-linux-x64
	succeeds
	[ "$(cat "$FAKE_ENGINE/content/cargo-sccache-x64/a/b/abc")" = mine ]
	[ -z "$(find "$FAKE_ENGINE/content" -name '.cachemk-*')" ]
}

@test "without an image for this Cargo.lock, the newest is pulled, and a line says so" {
	pushed_and_changed
	printf 'version = 5\n' >Cargo.lock
	pullable "$newest"
	run_make pull-cache-linux-x64
	succeeds
	says_nothing_wrong
	has_line "There is no $hub:cache-x64-1265662271-12, which is for this Cargo.lock: pulling the newest..."
	last_line_is "Pulled the cache x64 from $newest"
	cmp_restored before
}

@test "without a Cargo.lock, or with a link in its place, only the newest counts" {
	pushed_and_changed
	rm Cargo.lock
	ln -s /etc/passwd Cargo.lock
	run_make pull-cache-linux-x64
	succeeds
	last_line_is "Pulled the cache x64 from $newest"
	rm Cargo.lock
	forget_calls
	run_make push-cache-linux-x64
	succeeds
	prints 'Packing the cache x64...' "Pushing $newest..."
}

@test "a cache that nobody has pushed, and a registry that is down, are told in a line" {
	has_cache
	contents >before
	run_make pull-cache-linux-x64
	fails
	complains "There is no cache x64 in $hub: run make push-cache-linux-x64 on a machine that has it."
	nothing_changed
	when pull 'fail "Error response from daemon: Get \"https://ghcr.io/v2/\": dial tcp: connection refused"'
	run_make pull-cache-linux-x64
	fails
	complains "$exact was not pulled: Error response from daemon: Get \"https://ghcr.io/v2/\": dial tcp: connection refused; check REGISTRY and the network, or run docker login ghcr.io."
	nothing_changed
}

@test "push-cache fails if the registry refuses, or the image cannot be built" {
	has_cache
	when push 'fail denied'
	run_make push-cache-linux-x64
	fails
	complains $'denied\n'"$exact was not pushed: see above; if access was denied, run docker login ghcr.io."
	when build 'cat >/dev/null; fail "no space left on device"'
	run_make push-cache-linux-x64
	fails
	complains $'no space left on device\nThe backup failed (disk full, engine stopped, or the error above); an image of the cache x64 was not written.'
	rm "$FAKE_ENGINE/on-build"
	when run 'case $* in *pack_image*) fail "Error response from daemon: broken" 125 ;; esac'
	run_make push-cache-linux-x64
	fails
	[[ $stderr = *'an image of the cache x64 was not written.'* ]]
	[ "$(calls | grep -c '^push')" -eq 1 ]
}

@test "neither is done offline, or without a registry, or with DRY_RUN=1" {
	local rule
	has_cache
	contents >before
	for rule in push-cache-linux-x64 pull-cache-linux-x64; do
		run_make $rule OFFLINE=1
		fails
		complains 'A registry cannot be reached with OFFLINE=1.'
		run_make $rule REGISTRY='a b/c'
		fails
		complains "There is no registry for $rule: set registry in targets.ini, or REGISTRY, to an image without a tag, such as ghcr.io/me/project."
	done
	run_make push-cache-linux-x64 DRY_RUN=1
	succeeds
	prints "This pushes the cache x64 to $exact." 'Nothing was changed (DRY_RUN=1).'
	run_make pull-cache-linux-x64 DRY_RUN=1
	succeeds
	prints "This replaces the cache x64 with what is in $exact." 'Nothing was changed (DRY_RUN=1).'
	no_call_is '^\(run\|build\|push\|pull\|image tag\|create\) '
	nothing_changed
}

@test "an alias, another project's lock file, and REGISTRY" {
	has_cache
	with 'aliases = other'
	has_image "$(prepared linux-x64)" linux/amd64 no
	mkdir elsewhere
	: >elsewhere/Cargo.toml
	printf 'version = 5\n' >elsewhere/Cargo.lock
	run_make push-cache-other WORKSPACE=elsewhere REGISTRY=you/caches
	succeeds
	has_line 'Pushing docker.io/you/caches:cache-x64-1265662271-12...'
	run_make push-cache-linux-x64 REGISTRY=localhost:5000/x
	has_line 'Pushing localhost:5000/x:cache-x64...'
}

@test "there is nothing to push without a cache" {
	run_make push-cache-linux-x64
	fails
	complains 'There is no cache x64 to push: run make fetch-linux-x64 first.'
}

@test "pull into a cache in use is refused" {
	pushed_and_changed sccache
	contents >before
	printf 'other cargo-sccache-x64\n' >"$FAKE_ENGINE/containers"
	run_make pull-cache-linux-x64
	fails
	complains 'cargo-sccache-x64 is in use by other: nothing was changed; try again when it has ended.'
	nothing_changed
	no_call_is '^pull'
}

# ---- What others have pushed

# image_of: image/ is what the registry has
image_of() {
	tar -C image -cf "$FAKE_ENGINE/copied" cache
	forget_calls
	contents >before
	run_make pull-cache-linux-x64
}

# layer NAME PATH...: its archive has these, from made/
layer() {
	(cd made && tar -cPf - "${@:2}") >"image/cache/$1.tar"
}

# refused [WHAT]: the image is, as it contains that, and nothing changes
refused() {
	image_of
	fails
	if [ -n "${1-}" ]; then
		complains "$exact is not an archive of a cache, because it contains $1; nothing was changed."
	else
		[[ $stderr = *"$exact is not a complete archive of a cache, or could not be unpacked; nothing was changed."* ]] ||
			{ show_run && return 1; }
	fi
	nothing_changed
	[ -z "$(find "$FAKE_ENGINE/content" -name '.cachemk-*')" ]
	calls | grep -q '^rm --force --volumes '
}

# an_image: of files in made/
an_image() {
	rm -rf made image
	mkdir -p made/registry made/git made/sccache image/cache
	printf 'theirs\n' >made/registry/file
	layer registry registry
	layer git git
	pullable "$exact"
}

@test "an image that is none of a cache is refused, and nothing changes" {
	each_image refuses_images
}

refuses_images() {
	local other='something other than an archive for each directory'
	has_cache
	an_image
	rm image/cache/git.tar
	refused
	an_image
	printf 'no archive\n' >image/cache/git.tar
	refused
	an_image
	mv image/cache/git.tar image/
	ln -s ../git.tar image/cache/git.tar
	refused "$other"
	an_image
	rm image/cache/git.tar
	mkdir image/cache/git.tar
	refused "$other"
	an_image
	rm image/cache/git.tar
	mkfifo image/cache/git.tar
	refused "$other"
	an_image
	mv image/cache image/else
	ln -s else image/cache
	refused
	an_image
	when cp 'tar -cf - -C image cache | head -c 12000; fail "Error response from daemon: broken"'
	refused
	rm "$FAKE_ENGINE/on-cp"
}

@test "an archive in an image with what a cache never has is refused, and nothing changes" {
	each_image refuses_layers
}

refuses_layers() {
	has_cache
	an_image
	ln -s /etc made/registry/link
	layer registry registry
	refused 'a link that leads out of it, or a device, pipe or socket'
	an_image
	layer git git --transform 's,^git,/git,'
	refused 'a path that leads out of it'
	an_image
	: >made/outside
	layer git git "$PWD/made/outside"
	refused 'something other than the directories registry, git and sccache'
	an_image
	layer git git registry
	refused 'something other than the directories registry, git and sccache'
	an_image
	layer git registry
	refused
	an_image
	mkdir made/sccache/.cachemk-old
	layer sccache sccache
	refused 'a name reserved for cachemk'
	an_image
	rmdir made/git
	ln -s registry made/git
	layer git git
	refused
}

@test "no link of one archive leads another one anywhere" {
	local outside=$BATS_TEST_TMPDIR/outside
	has_cache
	an_image
	mkdir "$outside"
	ln -s "$outside" made/link
	(cd made && tar -cPf - registry --transform 's,^link$,git,' link) >image/cache/registry.tar
	: >made/git/file
	layer git git/file
	refused 'something other than the directories registry, git and sccache'
	[ -z "$(ls "$outside")" ]
}

@test "no program in it runs as somebody else, and all of it is the caller's" {
	each_image_of_root takes_rights_away
}

takes_rights_away() {
	local registry=$FAKE_ENGINE/content/cargo-cache-x64
	has_cache
	an_image
	chmod 7755 made/registry/file
	layer registry registry --owner=0
	image_of
	succeeds
	[ -z "$(find "$FAKE_ENGINE/content" -perm /7000)" ]
	[ "$(id_of "$registry/file")" = "$caller" ]
	[ "$(cat "$registry/file")" = theirs ]
}

@test "an image that is larger than what is free is refused" {
	has_cache
	an_image
	head -c 3000000 /dev/zero >made/registry/bomb
	layer registry registry
	printf '%s\n' '#!/bin/sh' 'echo F; echo / 9999999 99999 1000' >"$FAKE_ENGINE/bin/df"
	chmod +x "$FAKE_ENGINE/bin/df"
	image_of
	fails
	[[ $stderr = *"$exact needs more than nine tenths of the free space for the cache; free some space, and try again; nothing was changed."* ]]
	nothing_changed
}

# ---- Signals

@test "TERM while it is pulled, or unpacked, leaves the cache as it was" {
	local pid
	has_cache
	an_image
	tar -C image -cf "$FAKE_ENGINE/copied" cache
	contents >before
	when pull ': >pulling; exec sleep 20'
	"$make" pull-cache-linux-x64 </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for pulling
	kill -TERM "$pid"
	if wait "$pid"; then return 1; fi
	nothing_changed
	no_call_is '^create'
	rm "$FAKE_ENGINE/on-pull"
	forget_calls
	when run 'name=${*#* --name }; n=0; until [ -e "$FAKE_ENGINE/removed-${name%% *}" ]; do
			: >running; sleep 0.05; n=$((n + 1)); [ $n -lt 200 ] || exit 0
		done; exit 137'
	"$make" pull-cache-linux-x64 </dev/null >/dev/null 2>&1 3>&- &
	pid=$!
	wait_for running
	kill -TERM "$pid"
	if wait "$pid"; then return 1; fi
	nothing_changed
	calls | grep -q '^rm --force --volumes cachemk-linux-x64-.*-pulled '
}
