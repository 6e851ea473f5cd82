# shellcheck shell=bash disable=SC2034 # variables are for the tests
# What the end-to-end tests share.  They run in one file, in order, and build on each other: a
# second build needs a first.

# setup_project: the project as a clone would have it, in $repo, with targets of the lab
setup_project() {
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	repo=$BATS_FILE_TMPDIR/repo
	mkdir -p "$repo"
	(cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$repo")
	# On an engine that is somebody's, images come from the lab and caches have names of our own.
	sed -e "s|^\(image *= *\)|\1${E2E_IMAGES-}|" -e "/^cache /s/$/${E2E_SUFFIX-}/" \
		-i "$repo/targets.ini"
	make -s -C "$repo" all
	export top repo
}

# remove_ours: all that the tests have left on an engine that goes on without them
remove_ours() {
	make -s -C "$repo" clean-cache YES=1 >/dev/null
	[ -z "$suffix" ] || prepared_image '' | xargs docker image rm --force >/dev/null
}

# images_of MAKEFILE [TARGET]: the names of the prepared images that it has, or of the target's
images_of() {
	sed -n "s/^  .* \(cachemk:${2-}[^ ]*\)\$/\1/p" "$1"
}

# prepared_image TARGET: its name; those of all targets for ''
prepared_image() {
	images_of "$repo/mk/cache.mk" "$1"
}

# lab_env: the engine and the registries; with a foreign engine, names of our own
lab_env() {
	# shellcheck disable=SC1091 # written by `engine up`
	. "$E2E_LAB/env"
	suffix=${E2E_SUFFIX-}
	unset MAKEFLAGS MFLAGS MAKELEVEL
}

# workspace NAME EXAMPLE: a copy of an example as a project of its own.  Its lock file holds the
# checksums of crates.io, and the lab packs its crates anew, so cargo resolves afresh.
workspace() {
	cp -R "$top/examples/$2" "$BATS_FILE_TMPDIR/$1"
	rm -rf "$BATS_FILE_TMPDIR/$1/Cargo.lock" "$BATS_FILE_TMPDIR/$1/target"
	# That it is compiled matters here, and not how fast it runs.
	[ "$2" != wordfreq ] || sed -i 's/^\[profile\.release\]$/&\nopt-level = 0/' "$BATS_FILE_TMPDIR/$1/Cargo.toml"
	printf '%s\n' "$BATS_FILE_TMPDIR/$1"
}

# type ARGUMENTS: what a user types, `make ARGUMENTS` in the project; standard input is no
# terminal
type_make() {
	run make --no-print-directory -C "$repo" "$@" </dev/null
}

# on_terminal ANSWER ARGUMENTS: the same on a terminal, with ANSWER typed into it
on_terminal() {
	local answer=$1
	shift
	run script -qec "make --no-print-directory -C '$repo' $*" /dev/null <<<"$answer"
	output=${output//$'\r'/}
	mapfile -t lines <<<"$output"
}

# registry_requests: how many crates were downloaded, and indexes asked for, so far
registry_requests() {
	grep -c '^GET ' "$E2E_CRATES_LOG" || :
}

downloads() {
	grep -c '\.crate ' "$E2E_CRATES_LOG" || :
}

count() {
	grep -c "$1" <<<"$output" || :
}

# machine FILE: the machine of an ELF file
machine() {
	readelf -h "$1" | sed -n 's/^ *Machine: *//p'
}

# needs_docker WHY: skips a test whose means podman does not have here
needs_docker() {
	[ "${E2E_DOCKER-}" != podman ] || skip "podman: $1"
}
