#!/bin/sh
# Installs what building and checking cachemk needs, with the system's own package manager.
# Does nothing where all of it is there already; asks for root only when there is work to do.
#
# Usage: setup.sh [demo]: with demo, only what `make demo` needs.
set -eu
cd "$(dirname "$0")/.."
purpose=${1-}

as_root() {
	if [ "$(id -u)" -eq 0 ]; then
		"$@"
	elif command -v sudo >/dev/null 2>&1; then
		sudo "$@"
	else
		printf 'This needs root. As root, run:\n  %s\n' "$*" >&2
		exit 1
	fi
}

# lines FILE: its lines without comments
lines() {
	sed 's/#.*//' "$1"
}

# What the tests need besides the lab.
debian_for_tests() {
	printf '%s\n' pkg-config check libjansson-dev bats shellcheck bsdutils hyperfine parallel dash graphviz
	command -v busybox >/dev/null 2>&1 || printf 'busybox\n'
}

# What a private engine with its registries needs; a demo needs none where an engine answers.
lab_packages() {
	if [ "$purpose" != demo ]; then
		lines tests/e2e/packages.txt
	elif ! docker version >/dev/null 2>&1; then
		sed '/^# ---- For the tests alone/,$d; s/#.*//' tests/e2e/packages.txt
	fi
}

# An engine that somebody installed stays: Debian's docker.io would replace Docker's own packages.
debian_wanted() {
	printf '%s\n' gcc libc6-dev make libinih-dev
	[ "$purpose" = demo ] || debian_for_tests
	if [ -x /usr/sbin/dockerd ] || command -v dockerd >/dev/null 2>&1; then
		lab_packages | grep -vxE 'docker\.io|containerd|runc' || :
	else
		lab_packages
	fi
	command -v docker >/dev/null 2>&1 || debian_client
}

# Newer releases have docker's command in a package of its own.
debian_client() {
	if apt-cache show docker-cli >/dev/null 2>&1; then printf 'docker-cli\n'; fi
}

debian_missing() {
	for package in $(debian_wanted); do
		case $(dpkg-query -W -f '${Status}' "$package" 2>/dev/null) in
		'install ok installed') ;;
		*) printf '%s\n' "$package" ;;
		esac
	done
}

debian() {
	missing=$(debian_missing)
	if [ -z "$missing" ]; then
		printf 'setup: all packages are installed\n'
		return
	fi
	printf 'setup: installing %s\n' "$(printf '%s' "$missing" | tr '\n' ' ')"
	export DEBIAN_FRONTEND=noninteractive
	as_root apt-get update -q
	# shellcheck disable=SC2086 # a list of names
	as_root apt-get install -q -y --no-install-recommends $missing
}

# other COMMAND...: not tried by us on every release, so said before it is run, and said again
# where it fails
other() {
	printf 'setup: %s\n' "$*"
	if [ "$1" = brew ]; then "$@"; else as_root "$@"; fi || {
		printf 'setup: that failed; install these, or what your system calls them, by hand\n' >&2
		exit 1
	}
	printf 'setup: the end-to-end tests need Debian or Ubuntu; everything else is ready\n'
}

if command -v apt-get >/dev/null 2>&1; then
	debian
elif command -v apk >/dev/null 2>&1; then
	other apk add gcc musl-dev make pkgconf inih-dev check-dev jansson-dev bats shellcheck docker-cli
elif command -v dnf >/dev/null 2>&1; then
	other dnf install -y gcc make pkgconf-pkg-config inih-devel check-devel jansson-devel bats ShellCheck
elif command -v brew >/dev/null 2>&1; then
	other brew install make pkgconf inih check jansson bats-core shellcheck
else
	printf '%s\n' 'setup: no package manager that this knows (apt-get, apk, dnf, brew).' \
		'Install a C compiler, GNU make, pkg-config, and the libraries inih, check and jansson' \
		'with their headers; for the tests bats and shellcheck; and Docker.' >&2
	exit 1
fi
