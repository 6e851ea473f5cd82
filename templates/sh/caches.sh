# ---- caches: every command for caches applies to all targets, or to one with -TARGET appended
#
# They act on volumes with the exact name of a target's cache, and on orphans: volumes that this
# project has made for targets that it no longer has, recognized by their label.  The same applies
# to CACHE_DIR, where a cache is a directory with our tag.

# read_rows RULE: $targets has a line of name, platform, cache, image and prepared image for each
# target; RULE applies to all, RULE-TARGET to one.  Sets $rows to name, cache and prepared image
# of those it applies to, $others to those of the rest, and $all if there is no rest.
read_rows() {
	all=yes
	target=
	case $rule in "$1"-*)
		all=
		target=${rule#"$1"-}
		;;
	esac
	rows=
	others=
	while read -r name _ cache _ prepared; do
		row="$name $cache $prepared"
		case $target in
		'' | "$name") rows="$rows${rows:+$newline}$row" ;;
		*) others="$others${others:+$newline}$row" ;;
		esac
	done <<-END
		$targets
	END
}

# read_kind: sets $wanted_kind to the one KIND of cache that a rule applies to; empty for all
read_kind() {
	wanted_kind=$KIND
	case $wanted_kind in
	'' | registry | git | sccache | target) ;;
	*)
		refuse "KIND is '$wanted_kind':" \
			'set it to registry, git, sccache or target, or leave it out for all.'
		;;
	esac
}

# select_caches RULE: starts a command for caches.  Sets $where to where they are.
select_caches() {
	read_rows "$1"
	read_kind
	read_directories
	where="$engine_title volume caches for Cargo builds"
	[ -z "$directories" ] || where="Cargo caches in $directories"
	guard
	need_engine
}

# What the parts of a cache are called, for awk: volumes, or directories in CACHE_DIR. The volume
# with what a project has compiled has the name of its target, and ends in digits of that
# project's own.
naming_awk='
function name_of(kind, cache) {
  if (directories) return cache "/" kind
  return (kind == "registry" ? "cargo-cache-" : kind == "git" ? "cargo-git-cache-" : \
    "cargo-" kind "-") cache
}
function kind_of(name) {
  if (directories) return substr(name, index(name, "/") + 1)
  return name ~ /^cargo-cache-/ ? "registry" : name ~ /^cargo-git-cache-/ ? "git" : \
    name ~ /^cargo-sccache-/ ? "sccache" : name ~ /^cargo-target-/ ? "target" : "workspace"
}
function cache_of(name) {
  if (directories) return substr(name, 1, index(name, "/") - 1)
  sub(/^cargo-[a-z]+-(cache-)?/, "", name)
  return name
}
function target_of(name) {
  sub(/^cargo-target-/, "", name)
  sub(/-[0-9]+$/, "", name)
  return name
}
'

# print_volumes: all volumes, each after the word "there", and those of this project, after "ours"
print_volumes() {
	find_identity
	there=$(run_engine volume ls --quiet) || return
	ours=
	[ -z "$identity" ] || ours=$(run_engine volume ls --quiet \
		--filter "label=cachemk.identity=$identity") || return
	printf '%s\n' "$there" | sed 's/^/there /'
	printf '%s\n' "$ours" | sed 's/^/ours /'
}

# Prints "found" and each existing cache of the rows and the kind, and "orphan" and each of this
# project without a target, if all targets are selected.
find_awk=$naming_awk'
function is_wanted(name) { return kind == "" || kind == kind_of(name) }
$1 == "row" {
  targets[$2]
  split("registry git sccache", kinds)
  for (i = 1; i <= 3; i++)
    if (!((name = name_of(kinds[i], $3)) in rank)) rank[order[++count] = name] = count
}
$1 == "there" { there[$2] }
$1 == "ours" && !($2 in rank) {
  if (kind_of($2) == "target" && target_of($2) in targets) rank[order[++count] = $2] = there[$2]
  else orphans[++others] = $2
}
END {
  for (i = 1; i <= count; i++) if (order[i] in there && is_wanted(order[i])) print "found", order[i]
  for (i = 1; all && i <= others; i++) if (is_wanted(orphans[i])) print "orphan", orphans[i]
}
'

# print_rows: the rows, for awk
print_rows() {
	printf '%s\n' "$rows" | sed 's/^/row /'
}

# find_caches: sets $found to the existing caches of $rows and $wanted_kind, one per line,
# $orphans to orphans, and $names to both: names of volumes, or of directories in $directories
find_caches() {
	if [ -n "$directories" ]; then
		caches=$(print_directories)
	else
		caches=$(print_volumes)
	fi
	caches=$({ print_rows; printf '%s\n' "$caches"; } |
		awk -v kind="$wanted_kind" -v all="$all" -v directories="${directories:+1}" "$find_awk")
	found=$(printf '%s\n' "$caches" | sed -n 's/^found //p')
	orphans=$(printf '%s\n' "$caches" | sed -n 's/^orphan //p')
	names=$found${found:+${orphans:+$newline}}$orphans
}

# need_caches: exits, with success, if there are none
need_caches() {
	find_caches
	[ -n "$names" ] || {
		printf 'No caches found\n'
		exit 0
	}
}

# need_found: the same, for the commands that ignore orphans
need_found() {
	find_caches
	[ -n "$found" ] || {
		printf 'No caches found\n'
		exit 0
	}
}

# mount_found CACHE PLACE [:ro]: appends mounts of the parts of the cache that were found to
# $words, below PLACE
mount_found() {
	while IFS= read -r name; do
		mounted=$directories${directories:+/}$name
		case $name in
		"cargo-cache-$1" | "$1/registry") add_words -v "$mounted:$2/registry${3-}" ;;
		"cargo-git-cache-$1" | "$1/git") add_words -v "$mounted:$2/git${3-}" ;;
		"cargo-sccache-$1" | "$1/sccache") add_words -v "$mounted:$2/sccache${3-}" ;;
		esac
	done <<-END
		$found
	END
}

# print_cache_names: the caches of the rows, each once
print_cache_names() {
	printf '%s\n' "$rows" | awk '!seen[$2]++ { print $2 }'
}

# find_tools: sets $tools to an image for reading caches, or to nothing: a prepared image, because
# each has a shell and its utilities.  Prefers one of the rows, and the engine's own platform.
find_tools() {
	arch=$(print_native_platform)
	arch=${arch#*/}
	images=$(print_own_images)
	case $newline$images in
	*"$newline$arch "*) ;;
	*) images=$images$newline$(print_other_images) ;;
	esac
	tools=$(printf '%s\n' "$images" | awk -v arch="$arch" '
		!id || $1 == arch { id = $2 }
		$1 == arch { exit }
		END { print id }')
}

# print_own_images: architecture and ID of each prepared image of the rows, one per line
print_own_images() {
	set --
	while read -r _ _ image; do set -- "$@" "$image"; done <<-END
		$rows
	END
	describe_images "$@"
}

# print_other_images: the same for all others, which another project may have prepared, but not for
# those that it has pulled from a registry: we need not trust that one.  What was only pulled may
# have our label, too, but not the name.
print_other_images() {
	set --
	while read -r image; do
		case $image in cachemk:* | localhost/cachemk:*) set -- "$@" "$image" ;; esac
	done <<-END
		$(run_engine image ls --filter label=cachemk.target --format '{{.Repository}}:{{.Tag}}')
	END
	[ $# -eq 0 ] || describe_images "$@" | awk 'NF == 2'
}

# describe_images NAME...: architecture, ID and registry of those that exist
describe_images() {
	run_engine image inspect \
		--format '{{.Architecture}} {{.Id}} {{index .Config.Labels "cachemk.registry"}}' "$@" \
		2>/dev/null || :
}

# need_tools: the same, or exits with a message
need_tools() {
	find_tools
	[ -n "$tools" ] || refuse \
		"This needs a prepared image, and there is none: run make prepare-${target:-${rows%% *}}."
}

# ---- list-cache

list_awk=$naming_awk$bytes_awk'
$1 == "row" { users[$3] = users[$3] " " $2 }
$1 == "volume" { size[$2] = bytes($3 * 1024); used[$2] = substr($7, 1, 10) }
$1 == "name" {
  cache = cache_of($2)
  if (kind_of($2) == "target") users[cache] = " " target_of($2)
  printf "%-40s %8s  %-10s %s\n", $2, $2 in size ? size[$2] : "?", $2 in used ? used[$2] : "?",
    cache in users ? users[cache] : " (orphan)"
}
'

# list_caches: the rule
list_caches() {
	select_caches list-cache
	find_caches
	printf '%s:\n' "$where"
	if [ -z "$names" ]; then
		printf 'No caches found\n'
	elif is_on "$V"; then
		list_in_detail
	else
		[ -z "$found" ] || printf '%s\n' "$found"
		[ -z "$orphans" ] || printf '%s\n' "$orphans" | sed 's/$/ (orphan)/'
	fi
}

# list_in_detail: with size, last use and targets
list_in_detail() {
	find_tools
	survey_caches "$names"
	{
		print_rows
		printf '%s\n' "$survey"
		printf '%s\n' "$names" | sed 's/^/name /'
	} | LC_ALL=C awk -v directories="${directories:+1}" "$list_awk"
}

# ---- clean-cache

# confirm: asks for confirmation; exits unless the answer is yes
confirm() {
	if is_on "$DRY_RUN"; then
		printf 'Nothing was removed (DRY_RUN=1).\n'
		exit 0
	fi
	! is_on "$YES" || return 0
	[ -t 0 ] || refuse \
		'Nothing was removed: cannot ask without a terminal; to confirm,' \
		"run make $rule${ALL:+ ALL=1} YES=1"
	printf 'Are you sure? [y/N] '
	IFS= read -r reply || {
		reply=
		printf '\n'
	}
	case $reply in
	[Yy] | [Yy][Ee][Ss]) ;;
	*)
		printf 'Cancelled\n'
		exit 0
		;;
	esac
}

# remove NAME COMMAND...: removes the cache or image NAME by COMMAND, or prints the reason why not
# and sets $failed
remove() {
	thing=$1
	shift
	if why=$("$@" 2>&1 </dev/null); then
		printf 'Removed %s\n' "$thing"
		return
	fi
	failed=yes
	case $why in *'in use'* | *'being used'* | *'is using'*)
		why='a container is using it; stop the container, and try again' ;;
	esac
	printf '%s was not removed: %s\n' "$thing" "$why" >&2
}

# remove_volume NAME: removes it, even if an interrupted run has left a container that would use it
remove_volume() {
	run_engine volume rm "$1" && return
	remove_unstarted "$1" && run_engine volume rm "$1"
}

# remove_unstarted VOLUME: removes our containers that would use it, but that were created a minute
# ago or earlier and never started: a busy engine may create one after docker was interrupted.  A
# name ends in the time.  Fails if there are none.
remove_unstarted() {
	removed=
	for unstarted in $(run_engine ps --all --filter status=created --filter "volume=$1" \
		--format '{{.Names}}'); do
		made=${unstarted##*-}
		case "$unstarted $made" in
		*' '*[!0-9]*) continue ;;
		cachemk-*' '?*) [ $((${moment##*-} - made)) -ge 60 ] || continue ;;
		*) continue ;;
		esac
		! run_engine rm "$unstarted" >/dev/null 2>&1 || removed=yes
	done
	[ -n "$removed" ]
}

# clean_caches: the rule
clean_caches() {
	select_caches clean-cache
	need_caches
	printf 'This removes these %s:\n' \
		"${directories:+directories in }${directories:-$engine_title volumes}"
	[ -z "$found" ] || printf '%s\n' "$found" | sed 's/^/  /'
	[ -z "$orphans" ] || printf '%s\n' "$orphans" | sed 's/.*/  & (orphan)/'
	[ -n "$all" ] || printf '%s\n' "$others" | awk -v of="$(print_cache_names)" '
		$2 == of { print "The target " $1 " uses this cache, too." }'
	confirm
	failed=
	while IFS= read -r name; do
		if [ -n "$directories" ]; then
			remove "$name" remove_directory "$name"
		else
			remove "$name" remove_volume "$name"
		fi
	done <<-END
		$names
	END
	[ -z "$failed" ]
}
