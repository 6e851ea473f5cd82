#!/bin/sh
# Shows the main job: an example built twice in a container, and a foreign binary.
#
# Uses the running engine if it can pull the base image; otherwise starts a private one, whose images
# and crates are made from the distribution's packages, and removes it at the end.
set -eu
cd "$(dirname "$0")/.."

say() {
	printf '\n==> %s\n' "$*"
}

# The private engine's directory has a short path, because it contains sockets.
start_private() {
	say "$1: starting a private engine"
	printf '%s\n' 'Its images and its crates registry are replacements made from Debian packages, so its' \
		'rust:alpine builds for glibc, not for musl. This takes a few minutes; all of it is removed' \
		'at the end.'
	lab=$work/lab
	tests/e2e/engine up "$lab"
	# shellcheck disable=SC1091 # written by `engine up`
	. "$lab/env"
}

choose_engine() {
	if ! docker version >/dev/null 2>&1; then
		start_private 'No container engine answers here'
	elif ! docker image inspect rust:latest >/dev/null 2>&1 && ! docker pull rust:latest; then
		start_private 'The image rust:latest cannot be pulled'
	else
		say "Using the engine that runs here"
	fi
}

finish() {
	[ -z "$lab" ] || tests/e2e/engine down "$lab"
	rm -rf "$work"
}

# example NAME: makes a copy of the example to build in.  Its lock file has the checksums of crates.io;
# the private registry repacks its crates, so cargo has to resolve them again there.
example() {
	cp -R "examples/$1" "$work/$1"
	[ -z "$lab" ] || rm -f "$work/$1/Cargo.lock"
}

# build TARGET EXAMPLE: shows the command, runs it, and sets $seconds
build() {
	say "make build-$1 WORKSPACE=$work/$2"
	begin=$(date +%s)
	${MAKE:-make} --no-print-directory "build-$1" WORKSPACE="$work/$2"
	seconds=$(($(date +%s) - begin))
	printf '(%s seconds)\n' "$seconds"
}

unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d /tmp/cachemk-demo-XXXXXX)
lab=
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
choose_engine
example wordfreq
example hello

case $(uname -m) in
aarch64 | arm64) here=linux-arm64 foreign=alpine-x64 ;;
*) here=linux-x64 foreign=alpine-arm64 ;;
esac
build "$here" wordfreq
first=$seconds
build "$here" wordfreq
second=$seconds

# A foreign platform needs emulation, which the private engine has brought along.
if [ -n "$lab" ] || grep -qs '^enabled' /proc/sys/fs/binfmt_misc/qemu-*; then
	build "$foreign" hello
fi
for rule in list-cache cache-stats; do
	say "make $rule"
	${MAKE:-make} --no-print-directory "$rule"
done
say "First build: $first seconds. Second build: $second seconds."
