# ---- verify: checks the contents of a cache against checksums

# verify_cache REPAIR: runs in a container.  Checks /cachemk/registry and /cachemk/git while no
# build downloads.  If REPAIR is set, it waits until no build runs, and removes what is broken:
# the next build downloads it again.  Fails with 3 if something broken was left, and with 4 if it
# could not be removed.
#
# A build can leave anything there.  So a path is opened only once we know that it is a file,
# links are not followed, entries are removed only by name from within their directory, and git
# reads none of the settings stored next to its data.
verify_cache() {
	cd -P /cachemk && mkdir -p registry git && scratch=$(mktemp -d) || return
	trap 'rm -rf "$scratch"' EXIT
	ulimit -f 2097152 || :
	root=$PWD repairing=$1
	crates=0 unknown=0 sources=0 databases=0 checkouts=0 broken=0 stuck=0
	uncompared=0 unfounded=0 submodules=0 spoiled=
	verify_own_files
	lock_cache
	verify_types
	verify_crates
	verify_sources
	verify_databases
	verify_checkouts
	print_verdict
	[ "$stuck" -eq 0 ] || return 4
	[ "$broken" -eq 0 ] || [ -n "$repairing" ] || return 3
}

# print_verdict: the summary, and what was not checked
print_verdict() {
	removed=${repairing:+ and removed}
	[ "$stuck" -eq 0 ] || removed=", $stuck of them could not be removed"
	printf '  %s crates, %s sources, %s git databases, %s checkouts: %s broken%s\n' \
		"$crates" "$sources" "$databases" "$checkouts" "$broken" "$removed"
	say_uncompared "$unknown" crates 'the index has no checksum for them'
	say_uncompared "$uncompared" sources 'their crates are missing, or could not be unpacked'
	if has git; then
		say_uncompared "$unfounded" checkouts 'no database has their commits'
		say_uncompared "$submodules" submodules 'no database has them'
	elif [ "$databases$checkouts" != 00 ]; then
		printf '  the git databases and checkouts were not compared: the image has no git\n'
	fi
}

# say_uncompared NUMBER THINGS WHY: unless there are none
say_uncompared() {
	[ "$1" -eq 0 ] || printf '  %s %s were not compared: %s\n' "$@"
}

# has COMMAND: whether the image has it
has() {
	command -v "$1" >/dev/null 2>&1
}

# ---- What is there, and what is to go

# is_real PATH: whether it is there, and neither it nor a directory above it is a link
is_real() {
	left=$1
	walked=
	while :; do
		walked=$walked${walked:+/}${left%%/*}
		[ ! -h "$walked" ] || return
		case $left in */*) left=${left#*/} ;; *) break ;; esac
	done
	[ -e "$1" ]
}

# is_real_file PATH, is_real_directory PATH: whether it is one, and may be opened
is_real_file() {
	[ -f "$1" ] && is_real "$1"
}

is_real_directory() {
	[ -d "$1" ] && is_real "$1"
}

# report_broken PATH WHAT [PATH]...: reports PATH, and with $repairing removes all these paths
report_broken() {
	broken=$((broken + 1))
	print_safely "  $1: $2"
	[ -n "$repairing" ] || return 0
	what=$1 kept=0
	shift 2
	for part in "$what" "$@"; do
		remove_inside "$part" || {
			kept=1
			print_safely "  $part: could not be removed"
		}
	done
	stuck=$((stuck + kept))
}

# remove_inside PATH: removes it, and fails if it still exists, or its parent is not a directory.
# We change to the parent first, so that replacing it has no effect.
remove_inside() (
	cd -P "$root/${1%/*}" 2>/dev/null || {
		[ ! -e "$root/${1%/*}" ]
		return
	}
	[ "$PWD" = "$root/${1%/*}" ] || return
	rm -rf "./${1##*/}" 2>/dev/null || :
	[ ! -e "./${1##*/}" ] && [ ! -h "./${1##*/}" ]
)

# verify_own_files: cargo's locks, and its record of what it has used
verify_own_files() {
	(cd registry && print_faults) >"$scratch/faults"
	while IFS= read -r fault; do
		name=registry/${fault%% *}
		case $name in
		*/.global-cache) report_broken "$name" "${fault#* }" "$name-journal" "$name-wal" "$name-shm" ;;
		*) report_broken "$name" "${fault#* }" ;;
		esac
	done <"$scratch/faults"
}

# lock_cache: takes cargo's locks, if they exist
lock_cache() {
	for lock in registry/.package-cache registry/.package-cache-mutate; do
		is_real_file "$lock" || return 0
	done
	has flock || return 0
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	[ -z "$repairing" ] || flock 9
	flock 8
}

# find_special ACTION...: finds what is neither a file nor a directory, except in what is checked
# as a whole later
find_special() {
	find registry git \( -path registry/.package-cache -o -path registry/.package-cache-mutate \
		-o -path registry/.global-cache -o -name '.cachemk-*' \) -prune \
		-o -type d \( -path 'registry/src/*/*' -o -path 'git/db/*' -o -path 'git/checkouts/*/*' \) \
		-prune -o ! -type f ! -type d "$@"
}

# verify_types: cargo only stores files and directories
verify_types() {
	find_special -print0 | tr '\n\000' '?\n' >"$scratch/special"
	broken=$((broken + $(wc -l <"$scratch/special")))
	LC_ALL=C awk "$safe_awk"'{ print "  " safe($0) ": neither a file nor a directory" }' \
		"$scratch/special"
	[ -n "$repairing" ] && [ -s "$scratch/special" ] || return 0
	find_special -exec rm -f {} + 2>/dev/null || :
	find_special -print0 | tr '\n\000' '?\n' >"$scratch/special"
	stuck=$((stuck + $(wc -l <"$scratch/special")))
	LC_ALL=C awk "$safe_awk"'{ print "  " safe($0) ": could not be removed" }' "$scratch/special"
}

# has_special DIRECTORY [TEST...]: whether it contains something that is neither a file nor a
# directory, and passes TEST
has_special() {
	special=$1
	shift
	[ -n "$(find "./$special" ! -type f ! -type d "$@" | head -c 1)" ]
}

# ---- The registry

# print_index_path CRATE: where a registry's index has it; see "Index Format" in cargo's book
print_index_path() {
	name=$(printf '%s\n' "$1" | tr '[:upper:]' '[:lower:]')
	case $name in
	?) printf '1/%s\n' "$name" ;;
	??) printf '2/%s\n' "$name" ;;
	???) printf '3/%s/%s\n' "${name%??}" "$name" ;;
	*)
		rest=${name#??}
		printf '%s/%s/%s\n' "${name%"$rest"}" "${rest%"${rest#??}"}" "$name"
		;;
	esac
}

# print_checksum REGISTRY CRATE-VERSION: as the index has it
print_checksum() {
	crate=$(printf '%s\n' "$2" | sed 's/-[0-9]*\.[0-9]*\.[0-9].*//')
	index=registry/index/$1/.cache/$(print_index_path "$crate")
	is_real_file "$index" || return 0
	tr '\000' '\n' <"$index" |
		awk -v version="${2#"$crate"-}" 'found { print; exit } $0 == version { found = 1 }' |
		sed -n 's/.*"cksum": *"\([0-9a-f]*\)".*/\1/p'
}

# verify_crates: the downloads
verify_crates() {
	for file in registry/cache/*/*.crate; do
		path=${file#registry/cache/}
		path=${path%.crate}
		if is_real_file "$file"; then
			verify_crate
		elif is_real_directory "$file"; then
			report_broken "$file" 'a directory, where cargo has a file'
		fi
	done
}

# verify_crate: $file, of the source $path
verify_crate() {
	crates=$((crates + 1))
	wanted=$(print_checksum "${path%%/*}" "${path#*/}")
	[ -n "$wanted" ] || {
		unknown=$((unknown + 1))
		return 0
	}
	case $(sha256sum <"$file") in
	"$wanted "*) ;;
	*)
		report_broken "$file" 'its checksum differs from the index' "registry/src/$path"
		spoiled="$spoiled//$path//"
		;;
	esac
}

# verify_sources: whether unpacked sources are complete and unchanged
verify_sources() {
	for directory in registry/src/*/*/; do
		directory=${directory%/}
		is_real_directory "$directory" || continue
		sources=$((sources + 1))
		path=${directory#registry/src/}
		if has_special "$directory"; then
			report_broken "$directory" 'contains a link, a pipe or a device'
		elif [ ! -f "$directory/.cargo-ok" ] || [ ! -s "$directory/.cargo-ok" ]; then
			report_broken "$directory" 'not completely unpacked'
		else
			case $spoiled in *"//$path//"*) ;; *) compare_source ;; esac
		fi
	done
}

# compare_source: $directory with the crate of $path
compare_source() {
	rm -rf "$scratch/crate"
	mkdir "$scratch/crate"
	unpack_crate || {
		uncompared=$((uncompared + 1))
		return 0
	}
	find "$scratch/crate" -name .cargo-ok -exec rm -rf {} +
	[ "$(print_tree "$directory")" = "$(print_tree "$scratch/crate/${path#*/}")" ] ||
		report_broken "$directory" 'differs from its crate'
}

# print_tree DIRECTORY: its directories, and its files with their checksums, in order
print_tree() {
	(cd "$1" && find . -type d && find . -type f ! -path ./.cargo-ok -exec sha256sum {} +) \
		2>/dev/null | LC_ALL=C sort
}

# unpack_crate: unpacks the crate of $path, up to the size that cargo allows: see max_unpack_size
# in its source
unpack_crate() {
	has gzip && has tar && is_real_file "registry/cache/$path.crate" || return
	most=$(($(wc -c <"registry/cache/$path.crate") * 20))
	[ "$most" -gt 536870912 ] || most=536870912
	gzip -dc <"registry/cache/$path.crate" 2>/dev/null | head -c "$most" |
		tar -C "$scratch/crate" -xomf - 2>/dev/null || return
	[ -z "$(find "$scratch/crate" ! -type f ! -type d | head -c 1)" ]
}

# ---- Git.  Each database is read with settings of our own, and with its objects and references
# alone: those beside them may name programs, or files without an end.

# run_git WORD...: git, with the database of open_database
run_git() {
	GIT_DIR=$scratch/git GIT_OBJECT_DIRECTORY=$objects GIT_WORK_TREE=$tree GIT_NO_REPLACE_OBJECTS=1 \
		GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null GIT_ATTR_NOSYSTEM=1 \
		HOME=$scratch XDG_CONFIG_HOME=$scratch GIT_INDEX_FILE=$scratch/git/index \
		git "$@" 2>/dev/null </dev/null
}

# open_database DIRECTORY: for run_git.  Fails if it is none that cargo has made.
open_database() {
	objects=$root/$1/objects tree=$scratch
	[ -d "$1/objects" ] && [ -d "$1/refs" ] && [ -f "$1/HEAD" ] || return
	[ ! -e "$1/objects/info/alternates" ] || return
	rm -rf "$scratch/git"
	mkdir -p "$scratch/git/objects" "$scratch/git/info"
	printf 'ref: refs/heads/master\n' >"$scratch/git/HEAD"
	printf '[core]\n\trepositoryformatversion = 0\n\tfilemode = false\n' >"$scratch/git/config"
	cp -R "$1/refs" "$scratch/git/refs" || return
	for part in packed-refs shallow; do
		[ ! -e "$1/$part" ] || cp "$1/$part" "$scratch/git/$part" || return
	done
	run_git config --no-includes --file "$root/$1/config" --list >/dev/null
}

# verify_databases: git's own check of each
verify_databases() {
	for directory in git/db/*/; do
		directory=${directory%/}
		is_real_directory "$directory" || continue
		databases=$((databases + 1))
		if has_special "$directory"; then
			report_database 'contains a link, a pipe or a device'
		elif has git; then
			is_sound "$directory" || report_database 'git fsck finds errors'
		fi
	done
}

# is_sound DIRECTORY: whether git finds no errors in the database
is_sound() {
	open_database "$1" && run_git fsck --no-progress --no-dangling >/dev/null
}

# report_database WHAT: reports $directory, and what was checked out of it
report_database() {
	spoiled="$spoiled//$directory//"
	report_broken "$directory" "$1" "git/checkouts/${directory##*/}"
}

# verify_checkouts: whether checkouts are complete and unchanged.  Git stores links, but none of
# its own files is one.
verify_checkouts() {
	for directory in git/checkouts/*/*/; do
		directory=${directory%/}
		is_real_directory "$directory" || continue
		checkouts=$((checkouts + 1))
		if has_special "$directory" \( ! -type l -o -name .git -o -path '*/.git/*' \
			-o -name .gitattributes -o -name .gitmodules \); then
			report_broken "$directory" 'contains a pipe, a device or a link that git does not create'
		elif ! is_file "$directory/.cargo-ok"; then
			report_broken "$directory" 'not completely checked out'
		elif has git; then
			compare_checkout
		fi
	done
}

# compare_checkout: $directory with what its database has of its commit
compare_checkout() {
	database=${directory%/*}
	database=git/db/${database##*/}
	case $spoiled in *"//$database//"*) return 0 ;; esac
	find_commit || {
		unfounded=$((unfounded + 1))
		return 0
	}
	submodules=$((submodules + $(run_git ls-tree -r "$commit" | grep -c '^160000 ' || :)))
	is_unaltered || report_broken "$directory" 'differs from its database'
}

# find_commit: sets $commit to that of $directory, in $database
find_commit() {
	case ${directory##*/} in *[!0-9a-f]* | ? | ?? | ???) return 1 ;; esac
	is_real_directory "$database" && open_database "$database" || return
	commit=$(run_git rev-parse --verify --quiet "${directory##*/}^{commit}")
}

# is_unaltered: whether $directory has exactly the files of $commit.  A file may be as it is in
# the database, or with the line ends that the repository's attributes ask for.
is_unaltered() {
	tree=$root/$directory
	run_git read-tree "$commit" || return
	for attributes in '-text -ident' ''; do
		printf '* -filter -working-tree-encoding %s\n' "$attributes" >"$scratch/git/info/attributes"
		differs=
		run_git update-index --ignore-submodules --refresh >/dev/null || differs=yes
	done
	[ -z "$differs" ] && [ "$(run_git ls-files --others)" = .cargo-ok ]
}

# ---- The rule

# verify_caches: the rule
verify_caches() {
	select_caches verify-cache
	wanted_kind=
	need_found
	need_tools
	repairing=
	if is_on "$REPAIR" && ! is_on "$DRY_RUN"; then repairing=yes; fi
	failed=
	stuck=
	while IFS= read -r cache; do verify_one "$cache"; done <<-END
		$(print_cache_names)
	END
	[ -z "$stuck" ] || refuse \
		'Some of it could not be removed: make clean-cache removes the whole cache.'
	[ -z "$failed" ] || refuse \
		'Set REPAIR=1 to remove what is broken; the next build downloads it again.'
}

# verify_one CACHE: sets $failed if something broken was left, and $stuck if it could not be
# removed
verify_one() {
	readonly=:ro
	[ -z "$repairing" ] || readonly=
	words=$as_root
	mount_found "$1" /cachemk "$readonly"
	[ "$words" != "$as_root" ] || return 0
	printf 'Verifying the cache %s...\n' "$1"
	add_words "$tools"
	add_inside verify_cache "$repairing"
	run_inside || :
	case $status in
	0) ;;
	3) failed=yes ;;
	4) stuck=yes ;;
	*) refuse "Verifying the cache $1 failed: $(print_remedy 'try again')." ;;
	esac
}
