#!/usr/bin/env bats
# targets.lock: what `cachemk lock` asks an engine, writes and refuses, and what is generated with it.
# shellcheck disable=SC2016,SC2154 # code for sh in single quotes; bats and helper.bash set the rest

load helper

old=sha256:$(printf '%064d' 1)
new=sha256:$(printf '%064d' 2)

setup() {
	new_engine
	mkdir -p "$BATS_TEST_TMPDIR/project/mk" "$BATS_TEST_TMPDIR/bin"
	cd "$BATS_TEST_TMPDIR/project" || return
	ln -s "$repo/templates" templates
	cp "$repo/targets.ini" .
	PATH=$BATS_TEST_TMPDIR/bin:$PATH
	cachemk=$repo/gen/cachemk
	answers "$new"
}

# answers DIGEST: to docker, which has buildx
answers() {
	printf '#!/bin/sh\necho "$*" >>"%s/calls"\ncase $1 in version) ;; buildx) printf "%%s\\n" "%s" ;; *) exit 64 ;; esac\n' \
		"$PWD" "$1" >"$BATS_TEST_TMPDIR/bin/docker"
	chmod +x "$BATS_TEST_TMPDIR/bin/docker"
}

# lock WORD...
lock() {
	run --separate-stderr "$cachemk" lock "$@"
}

# has LINE...: the file's lines that are no comments
lines_are() {
	diff <(grep -v '^#' targets.lock) <(printf '%s\n' "$@")
}

@test "lock writes each image once, by name, and asks only for those that it does not have" {
	lock
	[ "$status" -eq 0 ]
	lines_are "rust:alpine@$new" "rust:latest@$new"
	[ "$(grep -c '^buildx imagetools inspect --format {{.Manifest.Digest}} rust:' calls)" -eq 2 ]
	answers "$old"
	printf '[more]\ndescription = D\ntriple = a-b\nimage = rust:1.90\n' >>targets.ini
	lock
	lines_are "rust:1.90@$old" "rust:alpine@$new" "rust:latest@$new"
	lock --update
	lines_are "rust:1.90@$old" "rust:alpine@$old" "rust:latest@$old"
}

@test "lock drops the images that no target has, and leaves out those with a digest" {
	printf 'rust:gone@%s\n' "$old" >targets.lock
	sed -i "s/^image .*alpine/image = rust@$old/" targets.ini
	lock targets.ini
	[ "$status" -eq 0 ]
	lines_are "rust:latest@$new"
}

@test "without buildx, the digest is what docker says of a pull, or what podman has of the index" {
	printf '%s\n' '#!/bin/sh' 'case "$1 $2" in version*) ;; buildx*) exit 1 ;;' \
		"pull*) echo 'Digest: $new' ;; esac" >"$BATS_TEST_TMPDIR/bin/docker"
	lock
	lines_are "rust:alpine@$new" "rust:latest@$new"
	rm targets.lock
	printf '%s\n' '#!/bin/sh' 'case "$*" in version*) ;; buildx*) exit 1 ;; pull*) echo 1a2b ;;' \
		"image*) printf 'docker.io/library/rust@%s\\n' $old $new $old ;;" \
		"'manifest inspect docker.io/library/rust@$new') echo '{\"manifests\": [' ;; manifest*) echo '{\"layers\": [' ;; esac" \
		>"$BATS_TEST_TMPDIR/bin/podman"
	chmod +x "$BATS_TEST_TMPDIR/bin/podman"
	DOCKER=podman lock
	[ "$status" -eq 0 ]
	lines_are "rust:alpine@$new" "rust:latest@$new"
}

@test "with DOCKER_CONTENT_TRUST, docker pulls, and so checks the signature" {
	printf '%s\n' '#!/bin/sh' 'echo "$DOCKER_CONTENT_TRUST $1 $2" >>calls' \
		"case \"\$1\" in buildx) echo $old ;; pull) [ ! -e unsigned ] || { echo no trust data >&2; exit 1; }; echo 'Digest: $new' ;; esac" \
		>"$BATS_TEST_TMPDIR/bin/docker"
	for value in 0 false; do
		DOCKER_CONTENT_TRUST=$value lock --update
		lines_are "rust:alpine@$old" "rust:latest@$old"
	done
	: >calls
	DOCKER_CONTENT_TRUST=1 lock --update
	lines_are "rust:alpine@$new" "rust:latest@$new"
	grep -q '^1 pull' calls
	[ "$(grep -c buildx calls)" -eq 0 ]
	: >unsigned
	DOCKER_CONTENT_TRUST=1 lock --update
	[ "$status" -eq 1 ]
	[[ $stderr == *'no trust data'*'targets.lock: error: not written: see above' ]]
}

@test "an engine that fails or answers nonsense leaves the file as it was" {
	printf 'rust:latest@%s\n' "$old" >targets.lock
	cp targets.lock before
	answers nonsense
	lock --update
	[ "$status" -eq 1 ]
	answers 'sha256:12'
	lock --update
	[ "$status" -eq 1 ]
	[[ $stderr == *"targets.lock: error: not written: the engine's answer for rust:latest is no digest" ]]
	DOCKER=none lock --update
	[ "$status" -eq 1 ]
	[[ $stderr == *'none is not installed'*'targets.lock: error: not written: see above' ]]
	run --separate-stderr env PATH="$PWD" "$cachemk" lock --update
	[ "$status" -eq 1 ]
	[ "$stderr" = 'targets.lock: error: not written: No such file or directory' ]
	cmp targets.lock before
}

# So that the engine's answers come by a descriptor that a program may take for its standard output.
@test "lock without a standard output, or an input" {
	"$cachemk" lock >&-
	lines_are "rust:alpine@$new" "rust:latest@$new"
	rm targets.lock
	"$cachemk" lock <&- >&-
	lines_are "rust:alpine@$new" "rust:latest@$new"
}

@test "what is generated has the digests, and the makefile follows the file" {
	printf '# a comment\r\n\nrust:latest@%s\r\nrust:alpine@%s\n' "$old" "$new" >targets.lock
	lock --check
	[ "$status" -eq 0 ]
	"$cachemk"
	[ "$(grep -c -- "--image rust:latest@$old" mk/cache.mk)" -eq 2 ]
	[ "$(grep -c -- "--image rust:alpine@$new" mk/cache.mk)" -eq 2 ]
	grep -q "^\$(basename .*: targets.ini \$(or \$(wildcard targets.lock),cachemk_unlocked)$" mk/cache.mk
	"$cachemk" --check
	cp mk/cache.mk before
	sed -i "s/$old/$new/" targets.lock
	run ! "$cachemk" --check
	"$cachemk"
	# Another image has another prepared image.
	[ "$(grep -o 'cachemk:linux-x64-[0-9a-f]*' before | head -n 1)" != \
		"$(grep -o 'cachemk:linux-x64-[0-9a-f]*' mk/cache.mk | head -n 1)" ]
}

@test "without targets.lock, the next make generates from the tags again, where cachemk is installed" {
	printf 'rust:latest@%s\nrust:alpine@%s\n' "$old" "$old" >targets.lock
	"$cachemk"
	printf 'include mk/cache.mk\n' >Makefile
	: >Cargo.toml
	rm targets.lock
	run env PATH=/usr/bin:/bin "$make" -n build-linux-x64
	[[ $status -eq 0 && $output == *"--image rust:latest@$old"* ]]
	ln -s "$cachemk" "$BATS_TEST_TMPDIR/bin/cachemk"
	run "$make" -n build-linux-x64
	[[ $status -eq 0 && $output == *'--image rust:latest '* ]]
	"$cachemk" --check
	cp -p mk/cache.mk before
	"$make" -n build-linux-x64
	[ ! mk/cache.mk -nt before ]
}

@test "bad, stale and missing lines are errors with their place" {
	printf '%s\n' "rust:latest@$old" 'rust:alpine' "rust:latest@$new" "rust:gone@$old" "rust:alpine@sha256:ABC" >targets.lock
	for command in '' 'lock --check'; do
		# shellcheck disable=SC2086 # words
		run --separate-stderr "$cachemk" $command
		[ "$status" -eq 1 ]
		diff <(printf '%s\n' "$stderr") - <<-'END'
			targets.lock:2: error: 'rust:alpine' is not an image with its digest, such as rust:latest@sha256:...; run cachemk lock --update
			targets.lock:3: error: 'rust:latest' is already in line 1; remove one of the lines
			targets.lock:4: error: no target has the image 'rust:gone'; run cachemk lock
			targets.lock:5: error: 'rust:alpine@sha256:ABC' is not an image with its digest, such as rust:latest@sha256:...; run cachemk lock --update
			targets.ini:21: error: the image 'rust:alpine' is not in targets.lock; run cachemk lock
		END
	done
	[ ! -e mk/cache.mk ]
	rm targets.lock
	lock --check
	[ "$status" -eq 1 ]
	[ "$stderr" = 'targets.lock: error: there is no such file; run cachemk lock' ]
	lock --chekc
	[ "$status" -eq 2 ]
	lock --update --check
	[ "$status" -eq 2 ]
}

@test "the expression for Renovate in the documents reads what lock writes" {
	command -v python3 >/dev/null || skip 'needs python3'
	sed -i 's|^image .*alpine|image = host.example:5000/a/b/rust:1.90-alpine|' targets.ini
	lock
	python3 - "$repo/docs/targets-ini.md" <<-'END' >found
		import json, re, sys
		text = open(sys.argv[1]).read()
		block = text[text.index('"customManagers"'):]
		rules = json.loads('{' + block[:block.index('```')])
		expression = rules["customManagers"][0]["matchStrings"][0].replace("(?<", "(?P<")
		for match in re.finditer(expression, open("targets.lock").read()):
		    print(match["depName"], match["currentValue"], match["currentDigest"])
	END
	diff found - <<-END
		host.example:5000/a/b/rust 1.90-alpine $new
		rust latest $new
	END
}
