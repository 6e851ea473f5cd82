# shellcheck shell=bash disable=SC2154 # variables are the tests'
# Projects of a test's own, each with the fragment alone, as somebody else's would have it.  The
# names of their targets begin with $family, those of their caches end in $own, so that other tests
# may use the engine meanwhile.

# setup_family NAME: what each setup_file here begins with; sets $family, $own and $suffix, and goes
# to the file's directory
setup_family() {
	bats_require_minimum_version 1.5.0
	lab_env
	setup_project
	family=$1
	own=-$1$$$suffix
	export family own suffix
	cd "$BATS_FILE_TMPDIR" || return
}

# What bats calls at a file's end, and before each test; a file that needs more has its own.
teardown_file() {
	lab_env
	remove_family
}

setup() {
	lab_env
	cd "$BATS_FILE_TMPDIR" || return
}

# with_temp: in the setup of a file whose tests see what the rules leave in TMPDIR
with_temp() {
	mkdir -p temp
	export TMPDIR=$PWD/temp
}

# target NAME CACHE [LINE...]: a section of targets.ini
target() {
	printf '[%s-%s]\ndescription = %s\ncache = %s%s\n' "$family" "$1" "$1" "$2" "$own"
	printf 'platform = linux/amd64\n'
	shift 2
	printf '%s\n' "$@" | grep -q '^triple' || printf 'triple = x86_64-unknown-linux-gnu\n'
	printf '%s\n' "$@" | grep -q '^image' || printf 'image = %srust:latest\n' "${E2E_IMAGES-}"
	printf '%s\n' "$@"
}

# use_targets PROJECT: the sections on standard input
use_targets() {
	cat >"$1/targets.ini"
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/$1/mk/cache.mk" "$BATS_FILE_TMPDIR/$1/targets.ini")
}

# project NAME PROGRAM: a project with the targets on standard input
project() {
	rm -rf "$1"
	cp -R "$BATS_TEST_DIRNAME/fixtures/$2" "$1"
	mkdir "$1/mk"
	printf 'include mk/cache.mk\n' >"$1/Makefile"
	use_targets "$1"
}

# with_git PROJECT: it depends on the lab's git repository, too
with_git() {
	printf 'greeting = { git = "%s" }\n' "$E2E_GIT_URL" >dependency
	sed -i '/^\[dependencies\]/r dependency' "$1/Cargo.toml"
}

# type_in PROJECT ARGUMENTS: what a user types there; standard input is no terminal
type_in() {
	make --no-print-directory -C "$@" </dev/null
}

# start PROJECT ARGUMENTS: the same in a session of its own, behind which the test goes on; sets
# $pid.  The shell starts what runs in the background with SIGINT ignored, so it is make's only when
# make is there.
start() {
	setsid env --default-signal make --no-print-directory -C "$@" </dev/null >"$1.log" 2>&1 \
		3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	pid=$!
	await 10 is_make
}

is_make() {
	[ "$(ps -o comm= -p "$pid")" = make ]
}

# is_over PID: nothing of its session runs any longer
is_over() {
	! pgrep --session "$1" --runstates D,I,R,S,T >/dev/null
}

# await SECONDS COMMAND: until it succeeds
await() {
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		[ "$SECONDS" -lt "$end" ] || return 1
		sleep 0.02
	done
}

# as_user COMMAND: as an ordinary user, who may use the engine; by one who is not root, and with a
# podman that is root's alone, as oneself
as_user() {
	if [ "$(id -u)" -ne 0 ] || [ "${E2E_DOCKER-}" = podman ]; then
		"$@"
		return
	fi
	setpriv --reuid=1234 --regid=1234 --groups "$(stat -c %g "${DOCKER_HOST#unix://}")" \
		env HOME="$BATS_FILE_TMPDIR/home" "$@"
}

# ordinary_user PROJECT: gives it to him; sets $user
ordinary_user() {
	mkdir -p home
	user=$(as_user id -u):$(as_user id -g)
	[ "$(id -u)" -ne 0 ] || chown -R "$user" home "$1"
}

# foreign_image TAG: has a program for a machine that nothing here emulates
foreign_image() {
	mkdir -p foreign/root/bin
	printf '\177ELF\2\2\1%9s\0\2\0\26\0\0\0\1%40s' '' '' | tr ' ' '\0' >foreign/root/bin/sh
	chmod +x foreign/root/bin/sh
	mkdir foreign/root/etc
	printf 'root:x:0:0:root:/:/bin/sh\n' >foreign/root/etc/passwd
	cp foreign/root/bin/sh foreign/root/bin/true
	tar -C foreign/root -cf foreign/layer.tar .
	printf '{"architecture":"s390x","os":"linux","config":{},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}\n' \
		"$(sha256sum foreign/layer.tar | cut -d ' ' -f 1)" >foreign/config.json
	printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]\n' "$1" >foreign/manifest.json
	tar -C foreign -c manifest.json config.json layer.tar | docker load --quiet
}

# ---- Volumes

volumes() {
	printf '%s\n' "cargo-cache-$1$own" "cargo-git-cache-$1$own"
}

# remove_volumes CACHE: they need not be there
remove_volumes() {
	volumes "$1" | xargs docker volume rm --force >/dev/null
}

# in_volumes CACHE COMMAND: run by root in a directory that has both, as registry and git
in_volumes() {
	docker run --rm --network=none -v "cargo-cache-$1$own":/v/registry -v "cargo-git-cache-$1$own":/v/git \
		-w /v "${E2E_IMAGES-}rust:latest" sh -c "$2"
}

# containers CACHE [OPTION...]: those that have its volume and run
containers() {
	local cache=$1
	shift
	docker ps --quiet --filter volume="cargo-cache-$cache$own" "$@"
}

# state CACHE: every file of its volumes, with mode, owner, time, links and contents.  Cargo's locks
# hold nothing, and may be used and made meanwhile; the volumes' own times tell nobody anything.
state() {
	in_volumes "$1" '
		stat -c "%n %a %u:%g" registry git
		find registry git -mindepth 1 ! -path "registry/.package-cache*" -exec stat -c "%N %F %a %u:%g %Y %h" {} + | sort
		find registry git -type f ! -path "registry/.package-cache*" -exec sha256sum {} + | sort'
}

# remove_family: all that the tests have made
remove_family() {
	docker volume ls --quiet --filter name="$own" | while IFS= read -r volume; do
		docker ps --all --quiet --filter volume="$volume" | xargs --no-run-if-empty docker rm --force
	done >/dev/null
	docker volume ls --quiet --filter name="$own" | xargs --no-run-if-empty docker volume rm >/dev/null
	docker image ls --format '{{.Repository}}:{{.Tag}}' | grep "^cachemk:$family-" |
		xargs --no-run-if-empty docker image rm --force >/dev/null
}

# report TEXT: a line in the output of the suite
report() {
	printf '# %s\n' "$*" >&3
}
