#!/usr/bin/env bats
# verify-cache, whose script is really run, on volumes that are directories.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # helper.bash and bats set and use the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

registry=index.crates.io-1949cf8c6b5b557f

# crate NAME VERSION: a download, unpacked, of which the index has the checksum
crate() {
	local volume=$FAKE_ENGINE/content/cargo-cache-x64 name index
	name=${1,,}
	case ${#name} in
	1 | 2) index=${#name}/$name ;;
	3) index=3/${name:0:1}/$name ;;
	*) index=${name:0:2}/${name:2:2}/$name ;;
	esac
	has_volume cargo-cache-x64
	mkdir -p "$volume"/{cache/$registry,src/$registry/"$1-$2",index/$registry/.cache/"${index%/*}"}
	printf '// the crate %s\n' "$1 $2" >"$volume/src/$registry/$1-$2/lib.rs"
	pack "$1-$2"
	index=$volume/index/$registry/.cache/$index
	[ -e "$index" ] || printf '\003\002\000\000\000etag: "x"\000' >"$index"
	printf '%s\0{"name":"%s","vers":"%s","deps":[],"cksum":"%s","features":{}}\0' "$2" "$1" "$2" \
		"$(sha256sum <"$volume/cache/$registry/$1-$2.crate" | cut -d ' ' -f 1)" >>"$index"
	printf '{"v":1}' >"$volume/src/$registry/$1-$2/.cargo-ok"
}

# pack NAME-VERSION: the download, of what is unpacked
pack() {
	tar -C "$(registry_volume)/src/$registry" -czf "$(registry_volume)/cache/$registry/$1.crate" "$1"
}

# The name of the checkout, whose commit is always the same.
rev=9d2c4dd

# database NAME: a bare repository with a checkout
database() {
	local volume=$FAKE_ENGINE/content/cargo-git-cache-x64 git=(git -c user.name=me -c user.email=me@x)
	has_volume cargo-git-cache-x64
	rm -rf work
	git init --quiet work
	mkdir work/sub
	printf 'text\n' >work/sub/text
	printf '*.bat text eol=crlf\n' >work/.gitattributes
	printf 'one\ntwo\n' >work/run.bat
	ln -s sub/text work/link
	git -C work -c core.safecrlf=false add .
	export GIT_AUTHOR_DATE='@1000000000 +0000' GIT_COMMITTER_DATE='@1000000000 +0000'
	"${git[@]}" -C work commit --quiet -m x
	git clone --quiet --bare --no-hardlinks work "$volume/db/$1"
	git -C "$volume/db/$1" config --remove-section remote.origin
	git clone --quiet "$volume/db/$1" "$volume/checkouts/$1/$rev"
	: >"$volume/checkouts/$1/$rev/.cargo-ok"
}

healthy_cache() {
	has_tools
	crate a 1.0.0
	crate ab 0.1.0
	crate abc 0.1.0-alpha.1+build.5
	crate Inflector 0.11.4
	crate sha-1 0.10.0
	crate serde 1.0.1
	crate serde 1.0.10
	database one-1
}

# The directories of x64's volumes.
registry_volume() {
	printf '%s\n' "$FAKE_ENGINE/content/cargo-cache-x64"
}

git_volume() {
	printf '%s\n' "$FAKE_ENGINE/content/cargo-git-cache-x64"
}

files() {
	(cd "$FAKE_ENGINE/content" && find . -type f -o -type d | sort)
}

@test "verify-cache finds nothing wrong with a healthy cache" {
	each_image finds_nothing_wrong
}

finds_nothing_wrong() {
	local rule
	healthy_cache
	files >before
	for rule in verify-cache verify-cache-linux-x64 'verify-cache REPAIR=1'; do
		# shellcheck disable=SC2086 # words
		run_make $rule
		succeeds
		says_nothing_wrong
		case $rule in *=1) and=' and removed' ;; *) and= ;; esac
		prints 'Verifying the cache x64...' \
			"  7 crates, 7 sources, 1 git databases, 1 checkouts: 0 broken$and"
	done
	diff before <(files)
}

damage() {
	local src
	src=$(registry_volume)/src/$registry
	printf 'x' >>"$(registry_volume)/cache/$registry/serde-1.0.1.crate"
	: >"$(registry_volume)/cache/$registry/Inflector-0.11.4.crate"
	: >"$src/a-1.0.0/.cargo-ok"
	rm "$src/sha-1-0.10.0/.cargo-ok" "$(git_volume)/checkouts/one-1/$rev/.cargo-ok"
	find "$(git_volume)/db/one-1/objects" -type f -exec chmod +w {} \; -exec sh -c ': >"$1"' sh {} \;
}

# tells_what_is_broken SUMMARY
tells_what_is_broken() {
	prints 'Verifying the cache x64...' \
		"  registry/cache/$registry/Inflector-0.11.4.crate: its checksum differs from the index" \
		"  registry/cache/$registry/serde-1.0.1.crate: its checksum differs from the index" \
		"  registry/src/$registry/a-1.0.0: not completely unpacked" \
		"  registry/src/$registry/sha-1-0.10.0: not completely unpacked" \
		'  git/db/one-1: git fsck finds errors' \
		"  git/checkouts/one-1/$rev: not completely checked out" "$1"
}

@test "verify-cache names what is broken, and changes nothing" {
	each_image names_what_is_broken
}

names_what_is_broken() {
	local word
	healthy_cache
	damage
	files >before
	for word in REPAIR= REPAIR=0 REPAIR=no 'REPAIR=1 DRY_RUN=1'; do
		# shellcheck disable=SC2086 # words
		LC_ALL=C run_make verify-cache-linux-x64 $word
		fails
		complains 'Set REPAIR=1 to remove what is broken; the next build downloads it again.'
		tells_what_is_broken '  7 crates, 7 sources, 1 git databases, 1 checkouts: 6 broken'
		diff before <(files)
		[[ $(calls) == *':/cachemk/registry:ro '*':/cachemk/git:ro '* ]]
	done
}

@test "verify-cache REPAIR=1 removes just that" {
	each_image removes_just_that
}

removes_just_that() {
	healthy_cache
	damage
	files >before
	run_make verify-cache REPAIR=1
	succeeds
	says_nothing_wrong
	has_line "  registry/cache/$registry/serde-1.0.1.crate: its checksum differs from the index"
	has 'broken and removed'
	diff before <(files) | sed -n 's/^[<>] //p' | grep -v -e '/one-1' >removed || :
	diff - removed <<-END
		./cargo-cache-x64/cache/$registry/Inflector-0.11.4.crate
		./cargo-cache-x64/cache/$registry/serde-1.0.1.crate
		./cargo-cache-x64/src/$registry/Inflector-0.11.4
		./cargo-cache-x64/src/$registry/Inflector-0.11.4/.cargo-ok
		./cargo-cache-x64/src/$registry/Inflector-0.11.4/lib.rs
		./cargo-cache-x64/src/$registry/a-1.0.0
		./cargo-cache-x64/src/$registry/a-1.0.0/.cargo-ok
		./cargo-cache-x64/src/$registry/a-1.0.0/lib.rs
		./cargo-cache-x64/src/$registry/serde-1.0.1
		./cargo-cache-x64/src/$registry/serde-1.0.1/.cargo-ok
		./cargo-cache-x64/src/$registry/serde-1.0.1/lib.rs
		./cargo-cache-x64/src/$registry/sha-1-0.10.0
		./cargo-cache-x64/src/$registry/sha-1-0.10.0/lib.rs
	END
	[ ! -e "$(git_volume)/db/one-1" ] && [ ! -e "$(git_volume)/checkouts/one-1/$rev" ]
	run_make verify-cache
	succeeds
	prints 'Verifying the cache x64...' \
		'  5 crates, 3 sources, 0 git databases, 0 checkouts: 0 broken'
}

@test "verify-cache says what it could not compare" {
	each_image says_what_is_unknown
}

says_what_is_unknown() {
	crate serde 1.0.1
	crate other 1.0.1
	has_tools
	sed -i 's/1\.0\.1/1.0.2/' "$(registry_volume)/index/$registry/.cache/se/rd/serde"
	rm "$(registry_volume)/index/$registry/.cache/ot/he/other"
	run_make verify-cache
	succeeds
	prints 'Verifying the cache x64...' \
		'  2 crates, 2 sources, 0 git databases, 0 checkouts: 0 broken' \
		'  2 crates were not compared: the index has no checksum for them'
}

# ---- What builds may have left.  Each inspection uses the tools of Debian's images, and busybox's own.

# each_kit FUNCTION
each_kit() {
	kit=$1
	each_image with_own_tools
}

with_own_tools() {
	local tool
	[ "$name" != busybox ] ||
		for tool in awk cp find gzip head mktemp od rm sed sha256sum sort stat tar tr wc; do
			ln -s "$(command -v busybox)" "$FAKE_ENGINE/bin/$tool"
		done
	healthy_cache
	source=$(registry_volume)/src/$registry
	checkout=$(git_volume)/checkouts/one-1/$rev
	"$kit"
}

# finds LINE...: these and the summary, within half a minute; REPAIR=1 removes as much, and then there
# is nothing
finds() {
	local number=$# line
	run --separate-stderr timeout 30 "$make" --no-print-directory verify-cache </dev/null
	fails
	complains 'Set REPAIR=1 to remove what is broken; the next build downloads it again.'
	for line; do has_line "  $line"; done
	[ "$(grep -c '^  [^0-9]' <<<"$output")" -eq "$number" ] || { show_run && return 1; }
	has ": $number broken"
	run --separate-stderr timeout 30 "$make" --no-print-directory verify-cache REPAIR=1 </dev/null
	succeeds
	has ": $number broken and removed"
	run_make verify-cache
	succeeds
	has ': 0 broken'
}

@test "an altered source is found: changed, with a file too many or too few" {
	each_kit finds_altered_sources
}

finds_altered_sources() {
	printf 'evil\n' >>"$source/serde-1.0.1/lib.rs"
	mkdir "$source/a-1.0.0/more"
	: >"$source/a-1.0.0/more/build.rs"
	rm "$source/ab-0.1.0/lib.rs"
	: >"$source/sha-1-0.10.0/.cargo-ok~"
	mkdir "$source/Inflector-0.11.4/sub"
	printf 'ok' >"$source/Inflector-0.11.4/sub/.cargo-ok"
	rm "$source/serde-1.0.10/lib.rs"
	mkdir "$source/serde-1.0.10/lib.rs"
	finds "registry/src/$registry/"{serde-1.0.1{,0},a-1.0.0,ab-0.1.0,sha-1-0.10.0,Inflector-0.11.4}': differs from its crate'
	[ ! -e "$source/serde-1.0.1" ] && [ -e "$source/abc-0.1.0-alpha.1+build.5" ]
}

@test "a source may be compared with nothing: its crate is gone, or no archive" {
	each_kit compares_with_nothing
}

compares_with_nothing() {
	rm "$(registry_volume)/cache/$registry/a-1.0.0.crate"
	rm -r "$(registry_volume)/index"
	printf 'no archive\n' >"$(registry_volume)/cache/$registry/ab-0.1.0.crate"
	printf 'changed\n' >>"$source/a-1.0.0/lib.rs"
	run_make verify-cache
	succeeds
	prints 'Verifying the cache x64...' \
		'  6 crates, 7 sources, 1 git databases, 1 checkouts: 0 broken' \
		'  6 crates were not compared: the index has no checksum for them' \
		'  2 sources were not compared: their crates are missing, or could not be unpacked'
}

@test "a source with a link, a pipe or a device is broken, and none of them is opened" {
	each_kit finds_special_sources
}

finds_special_sources() {
	ln -sf /dev/zero "$source/serde-1.0.1/lib.rs"
	mkfifo "$source/a-1.0.0/pipe"
	rm "$source/ab-0.1.0/.cargo-ok"
	mkfifo "$source/ab-0.1.0/.cargo-ok"
	finds "registry/src/$registry/"{serde-1.0.1,a-1.0.0,ab-0.1.0}': contains a link, a pipe or a device'
}

@test "an altered checkout is found: a file, a link, a file too many or too few, a pipe" {
	each_kit finds_altered_checkouts
}

finds_altered_checkouts() {
	local name
	for name in changed longer fewer link pipe ends; do
		database "$name-1"
		checkout=$(git_volume)/checkouts/$name-1/$rev
		case $name in
		changed) printf 'Text\n' >"$checkout/sub/text" ;;
		longer) mkdir "$checkout/.hidden" && : >"$checkout/.hidden/file" ;;
		fewer) rm "$checkout/sub/text" ;;
		link) ln -sfn / "$checkout/link" ;;
		pipe) rm "$checkout/.gitattributes" && mkfifo "$checkout/.gitattributes" ;;
		ends) printf 'one\ntwo\n' >"$checkout/run.bat" ;; # as in the database, and so may it be
		esac
	done
	finds git/checkouts/{changed,longer,fewer,link}-1/"$rev: differs from its database" \
		"git/checkouts/pipe-1/$rev: contains a pipe, a device or a link that git does not create"
	[ -e "$(git_volume)/db/changed-1" ] && [ ! -e "$(git_volume)/checkouts/changed-1/$rev" ]
}

@test "a checkout whose commit no database has is not compared" {
	each_kit compares_no_checkout
}

compares_no_checkout() {
	mv "$checkout" "${checkout%/*}/0123456"
	run_make verify-cache
	succeeds
	has_line '  1 checkouts were not compared: no database has their commits'
	mv "${checkout%/*}/0123456" "${checkout%/*}/no-commit"
	run_make verify-cache
	has_line '  1 checkouts were not compared: no database has their commits'
	rm -r "$(git_volume)/db"
	run_make verify-cache
	has_line '  7 crates, 7 sources, 0 git databases, 1 checkouts: 0 broken'
	has_line '  1 checkouts were not compared: no database has their commits'
}

@test "a submodule is not compared, and what is beside it is" {
	each_kit compares_no_submodule
}

compares_no_submodule() {
	local git=(git -C work -c user.name=me -c user.email=me@x)
	git -C work update-index --add --cacheinfo "160000,$(git -C work rev-parse HEAD),mod"
	"${git[@]}" commit --quiet -m mod
	git clone --quiet --bare work "$(git_volume)/db/mod-1"
	checkout=$(git_volume)/checkouts/mod-1/$(git -C work rev-parse --short HEAD)
	git clone --quiet work "$checkout"
	: >"$checkout/.cargo-ok"
	git init --quiet "$checkout/mod"
	printf '[core]\n\tfsmonitor = "touch %s/canary"\n' "$PWD" >>"$checkout/mod/.git/config"
	: >"$checkout/mod/file"
	run_make verify-cache
	succeeds
	prints 'Verifying the cache x64...' \
		'  7 crates, 7 sources, 2 git databases, 2 checkouts: 0 broken' \
		'  1 submodules were not compared: no database has them'
	[ ! -e canary ]
	: >>"$checkout/more"
	finds "git/checkouts/mod-1/${checkout##*/}: differs from its database"
}

@test "no settings that lie in a cache are git's: neither programs nor other objects" {
	each_kit runs_nothing_of_the_cache
}

runs_nothing_of_the_cache() {
	local of
	printf '#!/bin/sh\n: >%q\ncat\n' "$PWD/canary" >evil
	chmod +x evil
	rm -f canary
	for of in "$(git_volume)/db/one-1" "$checkout/.git"; do
		git config --file "$of/config" core.fsmonitor "$PWD/evil"
		git config --file "$of/config" core.sshCommand "$PWD/evil"
		git config --file "$of/config" core.hooksPath "$PWD"
		git config --file "$of/config" filter.evil.clean "$PWD/evil"
		git config --file "$of/config" include.path /dev/tty
		git config --file "$of/config" extensions.partialClone origin
		git config --file "$of/config" remote.origin.url "file://$PWD"
		git config --file "$of/config" remote.origin.uploadpack "$PWD/evil"
		git config --file "$of/config" remote.origin.promisor true
		mkdir -p "$of/info"
		printf '* filter=evil\n' >"$of/info/attributes"
	done
	run_make verify-cache
	succeeds
	has ' 1 git databases, 1 checkouts: 0 broken'
	[ ! -e canary ]
	printf '%s\n' "$PWD/work/.git/objects" >"$(git_volume)/db/one-1/objects/info/alternates"
	finds 'git/db/one-1: git fsck finds errors'
	[ ! -e canary ]
}

@test "a link is never followed, and goes alone" {
	each_kit follows_no_link
}

follows_no_link() {
	local volume
	rm -rf outside
	mkdir -p outside/{bin,one/two}
	: >outside/bin/sh
	: >outside/x-1.0.0.crate
	volume=$(registry_volume)
	ln -s "$PWD/outside" "$source/x-1.0.0"
	ln -s "$PWD/outside" "$volume/src/other"
	ln -s "$PWD/outside" "$volume/cache/other"
	ln -s "$PWD/outside" "$volume/index/other"
	ln -s "$PWD/outside" "$(git_volume)/db/x"
	ln -s "$PWD/outside" "$(git_volume)/checkouts/x"
	ln -s /proc/kmsg "$volume/cache/$registry/x-1.0.0.crate"
	(cd outside && find . | sort) >before
	finds "registry/src/$registry/x-1.0.0: neither a file nor a directory" \
		"registry/cache/$registry/x-1.0.0.crate: neither a file nor a directory" \
		{registry/{src,cache,index}/other,git/{db,checkouts}/x}': neither a file nor a directory'
	(cd outside && find . | sort) | diff before -
	mv "$volume/src" "$volume/moved"
	ln -s moved "$volume/src"
	mv "$(git_volume)/checkouts" outside/checkouts
	ln -s "$PWD/outside/checkouts" "$(git_volume)/checkouts"
	finds {registry/src,git/checkouts}': neither a file nor a directory'
	[ -e "$volume/moved/$registry/a-1.0.0/lib.rs" ] && [ -e "outside/checkouts/one-1/$rev/link" ]
}

@test "a pipe holds nothing up, wherever it is" {
	each_kit opens_no_pipe
}

opens_no_pipe() {
	local volume pipe
	volume=$(registry_volume)
	for pipe in "$volume/"{.package-cache,.package-cache-mutate,.global-cache,CACHEDIR.TAG} \
		"$volume/"{cache/$registry/x-1.0.0.crate,index/$registry/.cache/se/rd/serde}; do
		rm -f "$pipe"
		mkfifo "$pipe"
	done
	mkfifo "$(git_volume)/db/one-1/packed-refs-x"
	finds registry/{.package-cache,.package-cache-mutate,.global-cache}': is a fifo' \
		"registry/CACHEDIR.TAG: neither a file nor a directory" \
		"registry/"{cache/$registry/x-1.0.0.crate,index/$registry/.cache/se/rd/serde}': neither a file nor a directory' \
		'git/db/one-1: contains a link, a pipe or a device'
}

@test "locks that are none and notes that are no database are found and removed" {
	each_kit finds_own_files
}

finds_own_files() {
	local volume
	volume=$(registry_volume)
	mkdir -p "$volume/.package-cache/x"
	ln -s /dev/null "$volume/.package-cache-mutate"
	printf 'garbage\n' >"$volume/.global-cache"
	: >"$volume/.global-cache-journal"
	finds 'registry/.package-cache: is a directory' 'registry/.package-cache-mutate: is a symbolic link' \
		'registry/.global-cache: is not an SQLite database'
	[ ! -e "$volume/.global-cache-journal" ]
	for _ in empty whole; do
		: >>"$volume/.package-cache"
		: >>"$volume/.package-cache-mutate"
		: >>"$volume/.global-cache"
		run_make verify-cache
		succeeds
		printf 'SQLite format 3\0and more' >"$volume/.global-cache"
	done
}

@test "a name does nothing to the terminal, and forges no line" {
	each_kit prints_safely
}

prints_safely() {
	local name=$'x\e[2J\r\n  9 crates, 9 sources: 0 broken-1.0.0'
	mkdir "$source/$name"
	ln -s / "$(git_volume)/db/$name"
	finds "registry/src/$registry/x?[2J??  9 crates, 9 sources: 0 broken-1.0.0: not completely unpacked" \
		'git/db/x?[2J??  9 crates, 9 sources: 0 broken-1.0.0: neither a file nor a directory'
}

@test "REPAIR=1 fails if something stays" {
	each_kit tells_what_stays
}

tells_what_stays() {
	rm -f "$FAKE_ENGINE/bin/rm"
	printf '%s\n' '#!/bin/sh' 'case $* in *a-1.0.0*) exit 1 ;; esac' 'exec /bin/rm "$@"' >"$FAKE_ENGINE/bin/rm"
	chmod +x "$FAKE_ENGINE/bin/rm"
	printf 'x' >>"$source/a-1.0.0/lib.rs"
	printf 'x' >>"$source/ab-0.1.0/lib.rs"
	run_make verify-cache REPAIR=1
	fails
	complains 'Some of it could not be removed: make clean-cache removes the whole cache.'
	prints 'Verifying the cache x64...' \
		"  registry/src/$registry/a-1.0.0: differs from its crate" \
		"  registry/src/$registry/a-1.0.0: could not be removed" \
		"  registry/src/$registry/ab-0.1.0: differs from its crate" \
		'  7 crates, 7 sources, 1 git databases, 1 checkouts: 2 broken, 1 of them could not be removed'
	[ -e "$source/a-1.0.0" ] && [ ! -e "$source/ab-0.1.0" ]
}

@test "an image without git, or without tar, says what was not compared" {
	local tool
	healthy_cache
	for tool in awk cat cp find flock gzip head mkdir mktemp rm sed sh sha256sum sort stat timeout tr wc; do
		ln -s "$(command -v $tool)" "$FAKE_ENGINE/bin/"
	done
	when run 'in_image() { env PATH="$FAKE_ENGINE/bin" "$@"; }'
	run_make verify-cache
	succeeds
	prints 'Verifying the cache x64...' \
		'  7 crates, 7 sources, 1 git databases, 1 checkouts: 0 broken' \
		'  7 sources were not compared: their crates are missing, or could not be unpacked' \
		'  the git databases and checkouts were not compared: the image has no git'
}

@test "an inspection that took too long says so" {
	has_tools
	has_volume cargo-cache-x64
	when run 'exit 137'
	run_make verify-cache
	fails
	complains 'Verifying the cache x64 failed: it took more than an hour, or was killed; make clean-cache removes the cache.'
}

# ---- Locks, caches, failures

@test "verify-cache waits for cargo's locks, and takes none of a new cache" {
	healthy_cache
	: >"$(registry_volume)/.package-cache"
	: >"$(registry_volume)/.package-cache-mutate"
	exec 9<"$(registry_volume)/.package-cache-mutate"
	flock --exclusive 9
	(sleep 0.5 && : >ended && flock --unlock 9) &
	run_make verify-cache REPAIR=1
	succeeds
	[ -e ended ]
	rm "$(registry_volume)/.package-cache"
	run_make verify-cache
	succeeds
}

@test "verify-cache looks at each cache with its own volumes, and at no other" {
	each_shell verifies_each
}

verifies_each() {
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-git-cache-musl-x64
	has_volume cargo-cache-gone 1:1 "$PWD"
	has_volume cargo-cache-x
	run_make verify-cache "$shell"
	succeeds
	says_nothing_wrong
	prints 'Verifying the cache x64...' \
		'  0 crates, 0 sources, 0 git databases, 0 checkouts: 0 broken' \
		'Verifying the cache musl-x64...' \
		'  0 crates, 0 sources, 0 git databases, 0 checkouts: 0 broken'
	verified '' -v cargo-cache-x64:/cachemk/registry:ro -v cargo-git-cache-x64:/cachemk/git:ro
	verified '' -v cargo-git-cache-musl-x64:/cachemk/git:ro
	forget_calls
	run_make verify-cache-alpine-x64 REPAIR=1 "$shell"
	succeeds
	inspector=linux-musl-x64 verified yes -v cargo-git-cache-musl-x64:/cachemk/git
	calls_are version volume-ls volume-ls version image-inspect image-ls image-inspect run
	volumes_are cargo-cache-gone cargo-cache-x cargo-cache-x64 cargo-git-cache-musl-x64 \
		cargo-git-cache-x64
}

# verified REPAIR FLAG...
verified() {
	called run --rm --init --name "$(named "${inspector:-caches}")" -i "${as_root[@]}" "${@:2}" \
		sha256:tools timeout -s KILL 3600 sh -s inside verify_cache "$1"
}

@test "verify-cache goes on after a broken cache, and fails" {
	has_tools
	crate serde 1.0.1
	printf 'x' >>"$(registry_volume)/cache/$registry/serde-1.0.1.crate"
	has_volume cargo-cache-arm64
	run_make verify-cache
	fails
	has_line '  1 crates, 1 sources, 0 git databases, 0 checkouts: 1 broken'
	has_line 'Verifying the cache arm64...'
	last_line_is '  0 crates, 0 sources, 0 git databases, 0 checkouts: 0 broken'
}

@test "an inspection that failed is not called a broken cache" {
	has_tools
	has_volume cargo-cache-x64
	when run 'fail "Error response from daemon: broken" 125'
	run_make verify-cache
	fails
	complains 'Error response from daemon: broken
Verifying the cache x64 failed: try again.'
}
