# ---- directories: CACHE_DIR, in which a cache is a directory CACHE with registry/, git/ and our
# tag
#
# Builds can write to registry/ and git/ only, not to the tag or to their parent directory.  For
# this reason the project and CACHE_DIR may not contain one another.

# read_directories: sets $directories to the absolute path of CACHE_DIR, without links; to nothing
# if caches are volumes.  Exits with a message if CACHE_DIR cannot be used.
read_directories() {
	directories=
	[ -n "$CACHE_DIR" ] || return 0
	expand_home "$CACHE_DIR"
	case $expanded in
	/*) find_real_path "$expanded" ;;
	*) find_real_path "$project/$expanded" ;;
	esac
	directories=$real
	case $directories in
	'') refuse "CACHE_DIR is '$CACHE_DIR': set it to another directory." ;;
	*:*)
		refuse "The engine cannot mount '$directories', because of the colon:" \
			'set CACHE_DIR to another directory.'
		;;
	esac
	check_overlap
}

# find_real_path PATH: sets $real to PATH without links, `.` and `..`; its last components need
# not exist yet
find_real_path() {
	real=$1
	missing=
	while [ ! -d "$real/." ]; do
		case $real in */) ;; *) missing=/${real##*/}$missing ;; esac
		real=${real%/*}
	done
	case $missing/ in */../* | */./*)
		refuse "There is no directory '$1': set CACHE_DIR to a path without '..'." ;;
	esac
	real=$(CDPATH='' cd -P -- "$real/" && pwd -P)
	case $real in //*) real=${real#/} ;; esac
	real=${real%/}$missing
}

# check_overlap: exits with a message if builds could reach the entries of CACHE_DIR itself
check_overlap() {
	expand_home "$WORKSPACE"
	case $expanded in -*) expanded=./$expanded ;; esac
	project_path=$({ CDPATH='' cd -P -- "${expanded:-.}" && find_root; } 2>/dev/null && pwd -P) ||
		return 0
	case $project_path/ in "$directories"/*) ;; *)
		case $directories/ in "$project_path"/*) ;; *) return 0 ;; esac ;;
	esac
	refuse "CACHE_DIR '$directories' and the project '$project_path' overlap:" \
		'set CACHE_DIR to a directory outside the project.'
}

# read_tag DIRECTORY: whether it is a directory with our complete tag.  Sets $tag_user,
# $tag_project and $tag_identity.
read_tag() {
	is_directory "$1" && is_file "$1/CACHEDIR.TAG" || return
	tag_identity=
	{
		IFS= read -r line && [ "$line" = "$tag_signature" ] &&
			IFS= read -r line && [ "$line" = "$tag_title" ] &&
			IFS= read -r line && read_tag_user "$line" &&
			IFS= read -r line && tag_project=${line#'# cachemk.project='} &&
			[ "$line" != "$tag_project" ] || return
		! IFS= read -r line || tag_identity=${line#'# cachemk.identity='}
	} <"$1/CACHEDIR.TAG"
}

tag_signature='Signature: 8a477f597d28d172789f06886806bc55'
tag_title='# A cache of Cargo downloads, made by cachemk.'

# read_tag_user LINE: whether LINE is the tag's third line, which has the user for either
# directory
read_tag_user() {
	tag_user=${1#'# {"cachemk.user":"'}
	tag_user=${tag_user%%'"'*}
	[ "$1" = "# {\"cachemk.user\":\"$tag_user\"} {\"cachemk.user\":\"$tag_user\"}" ]
}

# print_tag: the text of the tag.  It makes backup programs skip the cache (bford.info/cachedir),
# and holds the same labels as volumes have.
print_tag() {
	printf '%s\n' "$tag_signature" "$tag_title" \
		"# {\"cachemk.user\":\"$user\"} {\"cachemk.user\":\"$user\"}" \
		"# cachemk.project=$project" "# cachemk.identity=$identity"
}

# find_directories: looks for the cache, as find_mounts does
find_directories() {
	read_tag "$directories/$cache" && is_directory "$registry" && is_directory "$git" &&
		is_directory "${compiled:-/}" || return
	mount_facts="{\"cachemk.user\":\"$tag_user\"} {\"cachemk.user\":\"$tag_user\"}"
}

# make_directories: creates the missing directories of a cache, and first its tag.  Only registry/
# and git/ are writable for everybody.
make_directories() {
	check_adoption "$directories/$cache"
	make_identity
	{
		mkdir -p "$directories/$cache" && write_tag "$directories/$cache" &&
			(umask 0 && mkdir -p "$registry" "$git" ${compiled:+"$compiled"})
	} 2>/dev/null || refuse "'$directories/$cache' cannot be written:" \
		'set CACHE_DIR to a directory that you can write to, on a disk with free space.'
}

# check_adoption DIRECTORY: exits with a message unless it is empty or one of our caches, with
# nothing but directories where we have some
check_adoption() {
	for each in "$1" "$1/registry" "$1/git" "$1/sccache"; do
		if [ -h "$each" ] || { [ -e "$each" ] && [ ! -d "$each" ]; }; then
			refuse "'$each' is not a directory: set CACHE_DIR to another directory."
		fi
	done
	read_tag "$1" || is_empty "$1" || refuse \
		"'$1' has files that cachemk did not create: set CACHE_DIR to another directory."
}

# is_empty DIRECTORY: whether it is, apart from a tag that another build is writing
is_empty() {
	for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		case $entry in "$1"/CACHEDIR.TAG-*) continue ;; esac
		[ ! -e "$entry" ] && [ ! -h "$entry" ] || return
	done
}

# write_tag DIRECTORY: atomically
write_tag() {
	! read_tag "$1" || return 0
	tag=$1/CACHEDIR.TAG-$moment
	if (set -C && print_tag >"$tag") && mv -f "$tag" "$1/CACHEDIR.TAG"; then return; fi
	rm -f "$tag"
	rmdir "$1"
	return 1
}

# print_directories: the caches in CACHE_DIR that exist, and those of this project, as
# print_volumes does
print_directories() {
	find_identity
	for parent in "$directories"/*/; do
		parent=${parent%/}
		case ${parent##*/} in *[!A-Za-z0-9._-]*) continue ;; esac
		read_tag "$parent" || continue
		for each in registry git sccache; do
			is_directory "$parent/$each" || continue
			printf 'there %s\n' "${parent##*/}/$each"
			[ -z "$identity" ] || [ "$identity" != "$tag_identity" ] ||
				printf 'ours %s\n' "${parent##*/}/$each"
		done
	done
}

# remove_directory NAME: removes it unless a container uses it; the last directory of a cache
# takes our tag with it
remove_directory() {
	parent=$directories/${1%/*}
	if ! read_tag "$parent" || ! is_directory "$directories/$1"; then
		printf 'it is no longer a cache of cachemk\n'
		return 1
	fi
	users=$(run_engine ps --quiet --filter "volume=$directories/$1") || return
	[ -z "$users" ] || {
		printf 'in use\n'
		return 1
	}
	rm -rf "${directories:?}/$1" 2>/dev/null || {
		printf 'it has files that are not yours; try again as root\n'
		return 1
	}
	for each in registry git sccache; do
		[ ! -e "$parent/$each" ] || return 0
	done
	rm -f "$parent/CACHEDIR.TAG"
	rmdir "$parent" 2>/dev/null || :
}
