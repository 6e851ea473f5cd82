#!/usr/bin/env bats
# doctor: each verdict, provoked.
# shellcheck disable=SC2016,SC2030,SC2031,SC2154 # `when` takes code for sh; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() {
	start_in_a_project
	# What the engine's disk has free, in KiB; the platform that it is of.
	when run 'case $* in
		*" df -Pk /") printf "Filesystem\nx 100 100 %s 1%% /\n" "$(cat "$FAKE_ENGINE/free")" && exit ;;
		*" true") [ -e "$FAKE_ENGINE/emulates" ] && exit || exit 1 ;;
		*try_toolchain*) [ -e "$FAKE_ENGINE/lacks-toolchain" ] && exit 1 || exit 0 ;;
		esac'
	when version 'case $* in
		*Server.Version*) printf "20.10.24\n" && exit ;;
		esac'
	when --version 'printf "Docker version 28.2.2\n" && exit'
	when volume 'case $* in *"{{.Driver}}"*) cat "$FAKE_ENGINE/driver" && exit ;; esac'
	printf '10000000\n' >"$FAKE_ENGINE/free"
	printf 'local\n' >"$FAKE_ENGINE/driver"
}

# all_is_well: prepared images of both platforms' targets, and two caches of the caller's
all_is_well() {
	: >"$FAKE_ENGINE/emulates"
	all_is_there linux-x64 x64
	all_is_there linux-arm64 arm64
	mkdir -p "$FAKE_ENGINE/content/cargo-cache-x64/cache/index" \
		"$FAKE_ENGINE"/content/cargo-{cache-arm64,git-cache-x64,git-cache-arm64}
	: >"$FAKE_ENGINE/content/cargo-cache-x64/cache/index/a-1.0.0.crate"
	chmod -R a+w "$FAKE_ENGINE/content"
}

# verdict LINE: one of the lines, and a failure only for a `fail`
verdict() {
	run_make doctor "${@:2}"
	has_line "$1"
	case $1 in fail*) fails ;; *) grep -q '^fail' <<<"$output" || succeeds ;; esac
}

@test "all is well: nothing but ok, and status 0, under every sh" {
	each_shell is_well
}

is_well() {
	setup
	all_is_well
	run_make doctor-linux-x64 "$shell"
	succeeds
	says_nothing_wrong
	! grep -qv '^ok    ' <<<"$output" || { show_run && return 1; }
	has_line "ok    GNU make $("$make" --version | sed -n '1s/^GNU Make //p')"
	has_line 'ok    the engine answers: 20.10.24, rootless: no'
	has_line 'ok    10.2GB free on the engine'"'"'s disk'
	has_line "ok    $PWD has a Cargo.toml"
	has_line "ok    linux-x64: prepared image $(prepared linux-x64)"
	[[ $output =~ 'ok    cargo-cache-x64 has 1 crates, '[0-9.]+kB ]]
	has_line 'ok    cargo-git-cache-x64 is empty: nothing has been downloaded into it'
	has_no linux-arm64
}

@test "every line fits a terminal, or is one about a path or an image" {
	all_is_well
	run_make doctor
	[ -z "$(grep -v 'prepared image\|/' <<<"$output" | awk 'length > 80')" ] || { show_run && return 1; }
}

@test "sh: bash is named, zsh warned of" {
	PATH=$(dirname "$(shell_named_sh bash)"):$PATH \
		verdict 'ok    sh is bash '"$(bash -c 'echo "$BASH_VERSION"'), as a POSIX shell"
	ZSH_VERSION=5.9 verdict 'warn  sh is zsh 5.9: put a POSIX sh first in PATH'
}

@test "a missing tool" {
	local tool
	mkdir few
	for tool in sh awk cksum cut grep gzip id od sed sort tr uname head date mkdir mv cat; do
		ln -s "$(command -v $tool)" few/
	done
	ln -s "$BATS_TEST_DIRNAME/bin/docker" few/
	verdict 'fail  wc is missing: install it' PATH="$PWD/few"
}

@test "the engine's command is missing: that is the last line" {
	verdict 'fail  nowhere-docker is not installed: install it, or set DOCKER to the command of another engine' \
		DOCKER=nowhere-docker
	last_line_is 'fail  nowhere-docker is not installed: install it, or set DOCKER to the command of another engine'
}

@test "the engine is down, or not for this user" {
	touch "$FAKE_ENGINE/down"
	verdict 'fail  the engine does not answer: start it, or check DOCKER_HOST and the docker context (Cannot connect to the Docker daemon at unix:///var/run/docker.sock)'
	rm "$FAKE_ENGINE/down"
	when version 'fail "Got permission denied while trying to connect to the Docker daemon socket"'
	verdict 'fail  the engine does not answer: permission denied; join the group docker, or use a rootless engine (Got permission denied while trying to connect to the Docker daemon socket)'
}

@test "rootless, userns-remap, SELinux, an engine behind a network" {
	touch "$FAKE_ENGINE/rootless"
	verdict 'ok    the engine answers: 20.10.24, rootless: yes'
	when info 'printf " Security Options:\n  selinux\n  userns\n" && exit'
	verdict "warn  the engine maps users (userns-remap): set DOCKER_RUN_FLAGS='--userns=host'"
	verdict "warn  SELinux may keep containers from the project: set DOCKER_RUN_FLAGS='--security-opt label=disable'"
	run_make doctor DOCKER_RUN_FLAGS='--security-opt label=disable'
	has_no SELinux
	DOCKER_HOST=ssh://there verdict \
		'ok    the engine is on the network: a project that it cannot mount is sent to it'
}

@test "disk space: nearly none, little, not known" {
	has_tools
	local remedy='make cache-stats shows what uses it; make prune-cache and docker system prune free some'
	printf '900000\n' >"$FAKE_ENGINE/free"
	verdict "fail  922MB free on the engine's disk: $remedy"
	printf '3000000\n' >"$FAKE_ENGINE/free"
	verdict "warn  3.07GB free on the engine's disk: $remedy"
	: >"$FAKE_ENGINE/images"
	verdict 'ok    disk space: known once an image is prepared'
}

@test "the project: no Cargo.toml" {
	verdict "warn  there is no Cargo.toml in 'nowhere': set WORKSPACE to a Cargo project's directory" WORKSPACE=nowhere
}

@test "emulation: there, or not" {
	all_is_well
	verdict 'ok    linux-arm64: containers for linux/arm64 run here'
	# The engine's own platform needs no emulator, and no container to see that.
	has_no 'linux-x64: containers'
	rm "$FAKE_ENGINE/emulates"
	verdict 'fail  linux-arm64: linux/arm64 cannot run here: install qemu-user-static and binfmt-support'
}

@test "images: none yet, of another kind of engine, of an older base" {
	verdict 'ok    linux-x64: no prepared image yet; the next build creates it'
	has_no 'linux-x64: no emulator'
	has_image "$(prepared linux-x64)" linux/amd64 yes
	verdict "warn  linux-x64: its image was prepared by another kind of engine: run docker image rm $(prepared linux-x64)"
	when image 'case $* in *RootFS*) printf "[\"sha256:newer\"]\n" && exit ;; esac'
	verdict 'warn  linux-x64: its image was prepared from an older rust:latest: run make pull-images'
}

@test "a toolchain file that the image does not fit" {
	all_is_well
	: >rust-toolchain.toml
	touch "$FAKE_ENGINE/lacks-toolchain"
	verdict 'warn  linux-x64: its image lacks the toolchain in rust-toolchain.toml: add "rustup toolchain install ..." to setup in targets.ini'
}

@test "caches: a lock that is none, notes that are no database" {
	all_is_well
	mkdir "$FAKE_ENGINE/content/cargo-cache-x64/.package-cache"
	printf 'garbage\n' >"$FAKE_ENGINE/content/cargo-cache-arm64/.global-cache"
	verdict 'fail  cargo-cache-x64: .package-cache is a directory: make verify-cache REPAIR=1 removes it'
	verdict 'fail  cargo-cache-arm64: .global-cache is not an SQLite database: make verify-cache REPAIR=1 removes it'
	[[ $output = *'ok    cargo-cache-x64 has 1 crates, '* ]]
	run_make verify-cache REPAIR=1
	succeeds
	# The other targets' verdicts depend on what this machine emulates.
	for target in linux-x64 linux-arm64; do
		run_make "doctor-$target"
		succeeds
	done
}

@test "caches: none yet, another driver, somebody else's" {
	verdict 'ok    no caches yet; the next build creates them'
	all_is_well
	printf 'nfs\n' >"$FAKE_ENGINE/driver"
	verdict 'warn  cargo-cache-x64 uses the volume driver nfs: a volume that is not local may be slow, and locks on it may not work'
	chmod 755 "$FAKE_ENGINE/content/cargo-cache-x64"
	verdict "warn  cargo-cache-x64 belongs to $(stat -c %u:%g "$FAKE_ENGINE/content/cargo-cache-x64"), mode 755: the next build makes it writable"
}

@test "a project's rules with the names of generated ones are listed" {
	printf '%s\n' 'build-linux-x64 other: deps' '	docker run rust cargo build' 'check-all: check fmt' \
		'list-cache: ; docker volume ls' 'test-linux-x64 := no rule' 'x = check-linux-x64: no' \
		'# clean-cache: a comment' 'build-%: ; echo $*' "include $fragment" >Makefile
	run_make doctor
	has_line "warn  Makefile has rules with the names of generated ones: build-linux-x64 check-all list-cache: rename them, or see cachemk's docs/migration.md"
	mv Makefile GNUmakefile
	run_make doctor
	has 'warn  GNUmakefile has rules with the names of generated ones: build-linux-x64 check-all list-cache: '
}
