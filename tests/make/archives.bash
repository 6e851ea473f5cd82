# What the suites share whose rules put caches into something and take them out of it: x64's volumes,
# which are directories of the stand-in's, and what is in them.
# shellcheck shell=bash disable=SC2016,SC2034,SC2154 # bats and the suites set and use what is unused here

# file VOLUME PATH TEXT
file() {
	local path=$FAKE_ENGINE/content/$1/$2
	mkdir -p "${path%/*}"
	printf '%s\n' "$3" >"$path"
	touch -d @1500000000 "$path"
}

# has_cache [TEXT]: x64's two volumes, with files that all have that text
has_cache() {
	local registry=$FAKE_ENGINE/content/cargo-cache-x64
	new_engine_for_archives
	file cargo-cache-x64 cache/crates.io-1/a-1.0.0.crate "${1-one}"
	file cargo-cache-x64 'src/crates.io-1/a-1.0.0/a b $HOME' "${1-one}"
	file cargo-cache-x64 .global-cache "${1-one}"
	file cargo-cache-x64 .package-cache ''
	file cargo-git-cache-x64 db/one-1/HEAD "${1-one}"
	file cargo-git-cache-x64 .hidden "${1-one}"
	ln -s a-1.0.0 "$registry/src/crates.io-1/link"
	chmod 640 "$registry/.global-cache"
	chmod 1777 "$registry" "$FAKE_ENGINE/content/cargo-git-cache-x64"
	chmod 2750 "$registry/src"
}

# has_compiled TEXT: the volume of sccache, too, for a target that has one
has_compiled() {
	has_volume cargo-sccache-x64 "$caller"
	file cargo-sccache-x64 a/b/abc "$1"
	chmod 1777 "$FAKE_ENGINE/content/cargo-sccache-x64"
}

new_engine_for_archives() {
	rm -rf "$FAKE_ENGINE"/{content,volumes}/*
	: >"$FAKE_ENGINE/images"
	forget_calls
	all_is_there linux-x64 x64
	tools=sha256:of-$(prepared linux-x64)
	owner=$caller
	is_root || keep_owners
}

is_root() {
	[ -w / ]
}

# keep_owners: in containers that are not root's, either, nothing can be given away
keep_owners() {
	owner=$(id_of "$PWD")
	printf '#!/bin/sh\n' >"$FAKE_ENGINE/bin/chown"
	chmod +x "$FAKE_ENGINE/bin/chown"
}

# each_image_of_root FUNCTION: busybox has a chown of its own
each_image_of_root() {
	is_root || skip 'only root can give files away'
	each_image "$1"
}

# contents: of the volumes, but for cargo's locks and the times of directories
contents() {
	(
		cd "$FAKE_ENGINE/content" || exit
		set -- cargo-cache-x64 cargo-git-cache-x64
		[ ! -d cargo-sccache-x64 ] || set -- "$@" cargo-sccache-x64
		find "$@" ! -name '.package-cache*' \
			\( -type f -printf '%p %m %U:%G %T@ ' -exec cksum {} \; -o -printf '%p %m %U:%G %l\n' \) | sort
	)
}

# nothing_changed: since `contents >before`
nothing_changed() {
	diff before <(contents)
}

# called_inside WORD...: one run, and only one, of root's has these words
limited=(timeout -s KILL 3600)
called_inside() {
	called run --rm --init --name "$(named linux-x64)" -i --log-driver none "${as_root[@]}" "$@"
}

# cmp_restored FILE: contents are those, but all of it is the caller's, and without bits like
# set-user-ID.  The two directories stay whose they are, open to him.
cmp_restored() {
	diff <(sed -E "s/ [0-7]?([0-7]{3}) [0-9]+:[0-9]+ / \\1 $owner /" "$1" | tops_as_they_are) <(contents)
}

tops_as_they_are() {
	sed -E "s/^(cargo-[a-z-]*cache-x64 [0-7]+) [0-9:]+ /\\1 $(id_of "$PWD") /"
}

id_of() {
	stat -c %u:%g "$1"
}

new_volumes() {
	rm -rf "$FAKE_ENGINE"/content/cargo-*
	chmod 755 .
}
