#!/usr/bin/env bats
# verify-cache, whose script is really run, on volumes that are folders.
# shellcheck disable=SC2016,SC2034,SC2154 # helper.bash and bats set and use the rest

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
	printf 'the crate %s\n' "$1 $2" >"$volume/cache/$registry/$1-$2.crate"
	index=$volume/index/$registry/.cache/$index
	[ -e "$index" ] || printf '\003\002\000\000\000etag: "x"\000' >"$index"
	printf '%s\0{"name":"%s","vers":"%s","deps":[],"cksum":"%s","features":{}}\0' "$2" "$1" "$2" \
		"$(sha256sum <"$volume/cache/$registry/$1-$2.crate" | cut -d ' ' -f 1)" >>"$index"
	printf '{"v":1}' >"$volume/src/$registry/$1-$2/.cargo-ok"
	printf 'fn main() {}\n' >"$volume/src/$registry/$1-$2/lib.rs"
}

# database NAME: a bare repository with a checkout
database() {
	local volume=$FAKE_ENGINE/content/cargo-git-cache-x64
	has_volume cargo-git-cache-x64
	git init --quiet --bare "$volume/db/$1"
	printf 'text\n' | git --git-dir="$volume/db/$1" hash-object -w --stdin >blob
	mkdir -p "$volume/checkouts/$1/0123456"
	: >"$volume/checkouts/$1/0123456/.cargo-ok"
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

# The folders of x64's volumes.
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
	rm "$src/sha-1-0.10.0/.cargo-ok" "$(git_volume)/checkouts/one-1/0123456/.cargo-ok"
	find "$(git_volume)/db/one-1/objects" -type f -exec chmod +w {} \; -exec sh -c ': >"$1"' sh {} \;
}

# tells_what_is_broken SUMMARY
tells_what_is_broken() {
	prints 'Verifying the cache x64...' \
		"  registry/cache/$registry/Inflector-0.11.4.crate: not what the index says" \
		"  registry/cache/$registry/serde-1.0.1.crate: not what the index says" \
		"  registry/src/$registry/a-1.0.0: not wholly unpacked" \
		"  registry/src/$registry/sha-1-0.10.0: not wholly unpacked" \
		'  git/db/one-1: git fsck finds errors' \
		'  git/checkouts/one-1/0123456: not wholly checked out' "$1"
}

@test "verify-cache names what is broken, and changes nothing" {
	each_image names_what_is_broken
}

names_what_is_broken() {
	local word
	healthy_cache
	damage
	files >before
	for word in REPAIR= REPAIR=0 REPAIR=yes 'REPAIR=1 DRY_RUN=1'; do
		# shellcheck disable=SC2086 # words
		LC_ALL=C run_make verify-cache-linux-x64 $word
		fails
		complains 'REPAIR=1 removes what is broken; the next build then fetches it again.'
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
	has_line "  registry/cache/$registry/serde-1.0.1.crate: not what the index says"
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
	[ ! -e "$(git_volume)/db/one-1" ] && [ ! -e "$(git_volume)/checkouts/one-1/0123456" ]
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
		'  2 crates were not compared: the index has no checksum of them'
}

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
	verified yes -v cargo-git-cache-musl-x64:/cachemk/git
	calls_are version volume-ls volume-ls image-ls version image-inspect run
	volumes_are cargo-cache-gone cargo-cache-x cargo-cache-x64 cargo-git-cache-musl-x64 \
		cargo-git-cache-x64
}

# verified REPAIR FLAG...
verified() {
	called run --rm "${as_root[@]}" -i --init "${@:2}" sha256:tools sh -s inside verify_cache "$1"
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

@test "a look that failed is not called a broken cache" {
	has_tools
	has_volume cargo-cache-x64
	when run 'fail "Error response from daemon: broken" 125'
	run_make verify-cache
	fails
	complains 'Error response from daemon: broken
The cache x64 was not looked through to its end: try again.'
}
