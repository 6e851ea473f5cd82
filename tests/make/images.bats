#!/usr/bin/env bats
# prepare-…, pull-images and clean-images.
# shellcheck disable=SC2016,SC2154 # `when` takes code for sh; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

targets=(linux-x64 linux-arm64 linux-musl-x64 linux-musl-arm64)

# ---- prepare-…

@test "prepare-linux-x64 asks once when all is there" {
	all_is_there linux-x64 x64
	run_make prepare-linux-x64
	succeeds
	says_nothing_wrong
	prints 'Preparing for Linux x86-64 (glibc) (using Docker)...'
	calls_are inspect
	called inspect --format '{{- json .}}' "$(prepared linux-x64)" cargo-cache-x64 cargo-git-cache-x64
}

@test "prepare-alpine-arm64 makes what is missing, and runs nothing" {
	each_shell prepares
}

prepares() {
	run_make prepare-alpine-arm64 "$shell"
	succeeds
	says_nothing_wrong
	prints 'Preparing for Linux ARM64 musl (Alpine Linux compatible) (using Docker)...' \
		"Preparing the image $(prepared linux-musl-arm64) from rust:alpine, once..."
	calls_are inspect version image-inspect info image-inspect build image-inspect volume-create \
		volume-create inspect
	volumes_are cargo-cache-musl-arm64 cargo-git-cache-musl-arm64

	forget_calls
	run_make prepare-linux-musl-arm64 build-alpine-arm64 "$shell"
	succeeds
	calls_are inspect inspect run
}

@test "prepare needs no project" {
	cd /
	run_make -f "$fragment" prepare-linux-x64 WORKSPACE=nowhere
	succeeds
}

@test "prepare-all -j prepares every target" {
	local target
	run_make -j4 prepare-all
	succeeds
	for target in "${targets[@]}"; do
		grep -q "^$(prepared "$target") " "$FAKE_ENGINE/images"
	done
	volumes_are cargo-{,git-}cache-{arm64,musl-arm64,musl-x64,x64}
	no_call_is '^run '
	forget_calls
	run_make prepare-all
	calls_are inspect inspect inspect inspect
}

@test "prepare without an engine: one line" {
	touch "$FAKE_ENGINE/down"
	run_make prepare-linux-x64
	fails
	complains "docker does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)."
	prints ''
	calls_are inspect version
}

@test "prepare fails when the image cannot be built" {
	when build 'cat >/dev/null; exit 1'
	run_make prepare-linux-x64
	fails
	complains 'The image for linux-x64 could not be prepared from rust:latest: see the lines above, and check image and setup of [linux-x64] in targets.ini.'
	volumes_are ''
}

# triples WORD...: the base image's rustc knows these triples, and our check refuses ours
triples() {
	printf '%s\n' "$@" >"$FAKE_ENGINE/triples"
	when build 'grep -q target-list && { echo "#5 [2/2] RUN rustc --print target-list; exit 1"
		sed "s/^/#5 0.123 /" "$FAKE_ENGINE/triples"; }; exit 1'
}

# means TRIPLE TEXT: the last line for a target of that triple
means() {
	printf '%s\n' '[t]' 'description = T' "triple = $1" 'image = rust:latest' >targets.ini
	fragment=$PWD/cache.mk
	printf 'include cache.mk\n' >Makefile
	generate "$PWD/cache.mk" "$PWD/targets.ini"
	run_make prepare-t
	fails
	complains "The image for t could not be prepared from rust:latest: $2"
}

@test "an unknown triple: the last line has the nearest one" {
	triples aarch64-apple-darwin aarch64-unknown-linux-gnu sparc64-unknown-linux-gnu x86_64-unknown-linux-gnu \
		x86_64-unknown-linux-musl
	means x86_64-unkown-linux-gnu 'unknown target triple x86_64-unkown-linux-gnu in targets.ini: did you mean x86_64-unknown-linux-gnu?'
	means arm64-unknown-linux-gnu 'unknown target triple arm64-unknown-linux-gnu in targets.ini: did you mean aarch64-unknown-linux-gnu?'
	means amd64-unknown-linux-musl 'unknown target triple amd64-unknown-linux-musl in targets.ini: did you mean x86_64-unknown-linux-musl?'
	means mips-elf-none 'unknown target triple mips-elf-none in targets.ini: see the lines above.'
	local otherwise='see the lines above, and check image and setup of [t] in targets.ini.'
	means x86_64-unknown-linux-gnu "$otherwise"
	# An image whose setup installs rustc
	triples 'rustc: not found'
	means x86_64-unkown-linux-gnu "$otherwise"
}

# ---- pull-images

# has_all_images ID: each target's, and a base image
has_all_images() {
	local target
	: >"$FAKE_ENGINE/images"
	for target in "${targets[@]}"; do
		has_image "$(prepared "$target")" linux/amd64 no "$1-$target"
	done
}

# pulled TARGET BASE PLATFORM SETUP TRIPLE
pulled() {
	called build --pull --platform "$3" --tag "$(prepared "$1")" --label "cachemk.target=$1" \
		--label cachemk.rootless=no --label cachemk.identity=c0ffee --build-arg "user=$caller" --build-arg "setup=$4" \
		--build-arg "triple=$5" "${check[@]}" -
}

pulled_all() {
	pulled linux-x64 rust:latest linux/amd64 '' x86_64-unknown-linux-gnu
	pulled linux-arm64 rust:latest linux/arm64 '' aarch64-unknown-linux-gnu
	pulled linux-musl-x64 rust:alpine linux/amd64 'apk add --no-cache musl-dev' \
		x86_64-unknown-linux-musl
	pulled linux-musl-arm64 rust:alpine linux/arm64 'apk add --no-cache musl-dev' \
		aarch64-unknown-linux-musl
}

# says_of_each WORDS: the two lines for each target, the second of which ends in WORDS
says_of_each() {
	local target lines=()
	for target in "${targets[@]}"; do
		case $target in *musl*) base=rust:alpine ;; *) base=rust:latest ;; esac
		lines+=("Preparing the image $(prepared "$target") from $base, once..."
			"$(prepared "$target") $1")
	done
	prints "${lines[@]}"
}

pull=(version image-inspect info image-inspect build image-inspect)
replace=(version image-inspect image-tag info image-inspect build image-inspect image-rm)

@test "pull-images prepares all that was not there, from base images pulled anew" {
	each_shell pulls_what_is_not_there
}

pulls_what_is_not_there() {
	run_make pull-images "$shell"
	succeeds
	says_nothing_wrong
	says_of_each 'was prepared'
	pulled_all
	calls_are "${pull[@]}" "${pull[@]}" "${pull[@]}" "${pull[@]}"
	volumes_are ''
}

@test "pull-images says what is up to date, and removes nothing" {
	each_shell pulls_nothing_new
}

pulls_nothing_new() {
	has_all_images sha256:old
	cp "$FAKE_ENGINE/images" before
	run_make pull-images "$shell"
	succeeds
	says_nothing_wrong
	says_of_each 'is up to date'
	pulled_all
	calls_are "${replace[@]}" "${replace[@]}" "${replace[@]}" "${replace[@]}"
	diff <(sort before | cut -d ' ' -f 1,3,4) <(sort "$FAKE_ENGINE/images" | cut -d ' ' -f 1,3,4)
}

@test "pull-images removes each image that another one replaces" {
	each_shell pulls_new_ones
}

pulls_new_ones() {
	local target
	has_all_images sha256:old
	has_image rust:alpine linux/amd64
	has_image '<none>' linux/amd64 - sha256:somebody-elses
	printf 'sha256:new\n' >"$FAKE_ENGINE/next-id"
	run_make pull-images "$shell"
	succeeds
	says_nothing_wrong
	says_of_each 'was prepared'
	pulled_all
	calls_are "${replace[@]}" "${replace[@]}" "${replace[@]}" "${replace[@]}"
	for target in "${targets[@]}"; do
		called image tag "$(prepared "$target")" "$(prepared "$target")-replaced"
		called image rm "$(prepared "$target")-replaced"
		grep -q "^$(prepared "$target") .* sha256:new\$" "$FAKE_ENGINE/images"
	done
	[ "$(grep -c . "$FAKE_ENGINE/images")" -eq 6 ]
}

# A build of both at once would pull one tag for two platforms.
@test "pull-images is one after the other under -j, too" {
	when build 'mkdir "$FAKE_ENGINE/busy"; sleep 0.1; rmdir "$FAKE_ENGINE/busy"'
	run_make -j4 pull-images
	succeeds
	calls_are "${pull[@]}" "${pull[@]}" "${pull[@]}" "${pull[@]}"
}

@test "an old image that a container has is left for clean-images" {
	has_all_images sha256:old
	printf 'sha256:new\n' >"$FAKE_ENGINE/next-id"
	printf '%s-replaced\n' "$(prepared linux-arm64)" >"$FAKE_ENGINE/in-use"
	run_make pull-images
	succeeds
	says_nothing_wrong
	says_of_each 'was prepared'
	grep -q "^$(prepared linux-arm64)-replaced .* sha256:old-linux-arm64$" "$FAKE_ENGINE/images"
	rm "$FAKE_ENGINE/in-use"
	run_make clean-images YES=1
	has_line "Removed $(prepared linux-arm64)-replaced"
}

@test "pull-images fails with the first image that cannot be prepared, and keeps the old ones" {
	has_all_images sha256:old
	cp "$FAKE_ENGINE/images" before
	when build 'cat >/dev/null; exit 1'
	run_make pull-images
	fails
	complains 'The image for linux-x64 could not be prepared from rust:latest: see the lines above, and check image and setup of [linux-x64] in targets.ini.'
	diff before "$FAKE_ENGINE/images"
	no_call_is linux-arm64
}

@test "pull-images on a rootless engine" {
	touch "$FAKE_ENGINE/rootless"
	run_make pull-images
	succeeds
	[ "$(grep -c '^build .*--label cachemk.rootless=yes ' <<<"$(calls)")" -eq 4 ]
}

@test "pull-images with DOCKER_BUILD_FLAGS" {
	run_make pull-images DOCKER_BUILD_FLAGS=--no-cache
	[ "$(grep -c '^build .* --no-cache - $' <<<"$(calls)")" -eq 4 ]
}

@test "pull-images of a target without a platform" {
	only_target any 'description = D'
	run_make pull-images
	succeeds
	called build --pull --tag "$(prepared any)" --label cachemk.target=any \
		--label cachemk.rootless=no --label cachemk.identity=c0ffee --build-arg "user=$caller" --build-arg setup= \
		--build-arg triple=x86_64-unknown-linux-gnu "${check[@]}" -
}

@test "make -n, into sh: pull-images is the same" {
	has_all_images sha256:old
	printf 'sha256:new\n' >"$FAKE_ENGINE/next-id"
	run_make pull-images
	calls >did
	forget_calls
	has_all_images sha256:old
	"$make" -n pull-images | sh
	diff did <(calls)
}

@test "a target's next build uses what pull-images has made" {
	run_make pull-images
	forget_calls
	run_make build-linux-x64
	succeeds
	calls_are inspect version image-inspect volume-create volume-create inspect run
}

# ---- clean-images

# has_images: two of ours, one of a setup long gone; one that another project has prepared and this
# one shares; and those of others: without our label, without a name, with a name of their own but
# built from ours
has_images() {
	: >"$FAKE_ENGINE/images"
	has_image "$(prepared linux-x64)" linux/amd64 no
	has_image rust:latest
	has_image cachemk:linux-old-0123456789abcdef linux/amd64 yes
	has_image cachemk:of-somebody-else
	has_image '<none>' linux/amd64 - sha256:somebody-elses
	has_image '<none>' linux/amd64 no sha256:from-ours
	has_image theirs:from-ours linux/amd64 no
	has_image "$(prepared linux-arm64)" linux/arm64 no
	has_image cachemk:theirs-0123456789abcdef linux/amd64 no
	printf '%s\n' "$(prepared linux-arm64)" cachemk:theirs-0123456789abcdef >"$FAKE_ENGINE/foreign"
}

images_of_others_are_left() {
	[ "$(cut -d ' ' -f 1,4 "$FAKE_ENGINE/images")" = "$(printf '%s\n' \
		'rust:latest sha256:of-rust:latest' \
		'cachemk:of-somebody-else sha256:of-cachemk:of-somebody-else' \
		'<none> sha256:somebody-elses' '<none> sha256:from-ours' \
		'theirs:from-ours sha256:of-theirs:from-ours' \
		"$(prepared linux-arm64) sha256:of-$(prepared linux-arm64)" \
		'cachemk:theirs-0123456789abcdef sha256:of-cachemk:theirs-0123456789abcdef')" ] || {
		show 'images left' "$(cat "$FAKE_ENGINE/images")"
		return 1
	}
}

@test "clean-images with YES=1 removes ours, whatever their targets, and no other" {
	each_shell removes_ours
}

removes_ours() {
	has_images
	run_make clean-images YES=1 "$shell"
	succeeds
	says_nothing_wrong
	prints "$(prepared linux-arm64) is kept: another project has prepared it, and this one shares it." \
		'This removes these prepared images:' \
		"  $(prepared linux-x64) 1.2GB" \
		'  cachemk:linux-old-0123456789abcdef 1.2GB' \
		"Removed $(prepared linux-x64)" \
		'Removed cachemk:linux-old-0123456789abcdef'
	calls_are version image-ls image-ls image-rm image-rm
	called image ls --filter label=cachemk.target --format '{{.Repository}}:{{.Tag}} {{.Size}}'
	called image ls --filter label=cachemk.target --filter label=cachemk.identity=c0ffee \
		--format '{{.Repository}}:{{.Tag}} {{.Size}}'
	called image rm "$(prepared linux-x64)"
	called image rm cachemk:linux-old-0123456789abcdef
	images_of_others_are_left
}

@test "clean-images-TARGET removes those of one target of ours" {
	each_shell removes_one_targets
}

removes_one_targets() {
	has_images
	has_image cachemk:linux-x64-0123456789abcdef linux/amd64 no
	has_image cachemk:linux-x64-fedcba9876543210 linux/amd64 no
	printf '%s\n' cachemk:linux-x64-fedcba9876543210 >>"$FAKE_ENGINE/foreign"
	run_make clean-images-linux-x64 YES=1 "$shell"
	succeeds
	says_nothing_wrong
	prints 'This removes these prepared images:' \
		"  $(prepared linux-x64) 1.2GB" '  cachemk:linux-x64-0123456789abcdef 1.2GB' \
		"Removed $(prepared linux-x64)" 'Removed cachemk:linux-x64-0123456789abcdef'
	called image ls --filter label=cachemk.target --filter label=cachemk.target=linux-x64 \
		--filter label=cachemk.identity=c0ffee --format '{{.Repository}}:{{.Tag}} {{.Size}}'
	run_make clean-images-alpine-arm64 YES=1 "$shell"
	prints 'No prepared images found'
	run_make clean-images-linux-arm64 YES=1 "$shell"
	prints 'No prepared images found' \
		"$(prepared linux-arm64) is kept: another project has prepared it, and this one shares it."
}

@test "clean-images ALL=1 removes those of all projects, and asks before" {
	each_shell removes_all
}

removes_all() {
	has_images
	run_make clean-images ALL=yes "$shell"
	fails
	complains 'Nothing was removed: cannot ask without a terminal; to confirm, run make clean-images ALL=1 YES=1'
	has_line 'This removes these prepared images of all projects:'
	has_line '  cachemk:theirs-0123456789abcdef 1.2GB'
	run_make clean-images ALL=1 YES=1 "$shell"
	succeeds
	has_no 'is kept'
	has_line "Removed $(prepared linux-arm64)"
	has_line 'Removed cachemk:theirs-0123456789abcdef'
	[ "$(cut -d ' ' -f 1 "$FAKE_ENGINE/images")" = "$(printf '%s\n' rust:latest cachemk:of-somebody-else '<none>' '<none>' theirs:from-ours)" ]
}

@test "ALL counts only on the command line, and only for images" {
	has_images
	printf 'ALL := everything\ninclude %s\n' "$fragment" >Makefile
	run_make clean-images YES=1
	images_of_others_are_left
	has_images
	ALL=1 run_make clean-images YES=1
	images_of_others_are_left
	run_make clean-cache ALL='my own' DRY_RUN=1
	succeeds
	run_make clean-images ALL='my own'
	fails
	complains "ALL is 'my own': set it to 1 or yes, or to 0 or no."
}

@test "pull-images-TARGET pulls one" {
	run_make pull-images-alpine-x64
	succeeds
	pulled linux-musl-x64 rust:alpine linux/amd64 'apk add --no-cache musl-dev' x86_64-unknown-linux-musl
	calls_are "${pull[@]}"
	last_line_is "$(prepared linux-musl-x64) was prepared"
}

@test "clean-images asks, and removes at yes" {
	each_shell removes_images_at_yes
}

removes_images_at_yes() {
	local answer
	for answer in y YES; do
		has_images
		run_make_typing "$answer\\n" clean-images "$shell"
		succeeds
		has_line 'This removes these prepared images:'
		has_line "  $(prepared linux-x64) 1.2GB"
		has 'Are you sure? [y/N] '
		has "Removed $(prepared linux-x64)"
		has_no Cancelled
		images_of_others_are_left
	done
}

@test "clean-images removes nothing at any other answer, nor at the end of input" {
	each_shell cancels_images
}

cancels_images() {
	local answer
	has_images
	for answer in 'n\n' '\n' 'yess\n' ' y\n' ''; do
		printf 'answer: <%s>\n' "$answer"
		forget_calls
		run_make_typing "$answer" clean-images "$shell"
		succeeds
		has Cancelled
		has_no Removed
		calls_are version image-ls image-ls
	done
}

@test "clean-images without a terminal removes nothing, and names YES=1" {
	local no
	has_images
	for no in '' 0 no; do
		forget_calls
		run_make clean-images YES="$no"
		fails
		complains 'Nothing was removed: cannot ask without a terminal; to confirm, run make clean-images YES=1'
		calls_are version image-ls image-ls
	done
}

@test "clean-images has nothing to ask when there are none" {
	each_shell finds_no_images
}

finds_no_images() {
	has_image rust:latest
	run_make clean-images "$shell"
	succeeds
	says_nothing_wrong
	prints 'No prepared images found'
	calls_are version image-ls image-ls
}

@test "clean-images names an image in use, and removes the others" {
	each_shell names_images_in_use
}

names_images_in_use() {
	has_images
	printf '%s\n' cachemk:linux-old-0123456789abcdef >"$FAKE_ENGINE/in-use"
	run_make clean-images YES=1 "$shell"
	fails
	[[ $stderr == *'clean-images] Error 1' ]]
	complains 'cachemk:linux-old-0123456789abcdef was not removed: a container is using it; stop the container, and try again'
	has_line "Removed $(prepared linux-x64)"
	calls_are version image-ls image-ls image-rm image-rm
}

@test "clean-images passes on any other reason of the engine's" {
	has_images
	when image 'if [ "$2" = rm ]; then fail "Error response from daemon: permission denied"; fi'
	run_make clean-images YES=1
	fails
	has_no Removed
	[[ $stderr == *"$(prepared linux-x64) was not removed: Error response from daemon: permission denied"* ]]
}

@test "an engine that cannot list its images is an error" {
	when image 'fail "Error response from daemon: broken"'
	run_make clean-images YES=1
	fails
	complains 'Error response from daemon: broken'
	prints ''
}

@test "make -n, into sh: clean-images is the same" {
	has_images
	"$make" -n clean-images YES=1 | sh
	images_of_others_are_left
}

@test "clean-images leaves the caches, and clean-cache the images" {
	all_is_there linux-x64 x64
	run_make clean-images YES=1
	volumes_are cargo-cache-x64 cargo-git-cache-x64
	new_engine
	all_is_there linux-x64 x64
	run_make clean-cache YES=1
	volumes_are ''
	grep -q "^$(prepared linux-x64) " "$FAKE_ENGINE/images"
}
