# ---- workspace: what of the directories above the project belongs to it, for cargo and for git
#
# A build can write to the project, so nothing in there decides what the next one sees of the
# directories above: what is found above has to name the project, where builds cannot write.

# For awk: normal(PATH) without `.`, `..` and slashes too many; strings of TOML; whether a section
# has dependencies, also of one platform
toml_awk='
function normal(path,   i, n, m, part, kept, all) {
  n = split(path, part, "/")
  for (i = 1; i <= n; i++) {
    if (part[i] == "" || part[i] == ".") continue
    if (part[i] == ".." && m > 0 && kept[m] != "..") m--
    else kept[++m] = part[i]
  }
  for (i = 1; i <= m; i++) all = all (i > 1 ? "/" : "") kept[i]
  return all
}
function unquoted(text) {
  return match(text, /"[^"]*"|\047[^\047]*\047/) ? substr(text, RSTART + 1, RLENGTH - 2) : ""
}
function depends(section) {
  return section ~ /^(target\..*\.)?(dev-|build-)?dependencies(\.|$)/
}
{ sub(/\r$/, ""); sub(/^[ \t]*#.*/, ""); sub(/[ \t]#[^"\047]*$/, "") }
'

# For awk, too: the patterns of members
pattern_awk=$toml_awk'
# Usage: names(PATTERN, PATH): whether this is a path that the pattern matches
function names(pattern, path,   i, j, c, regex, class) {
  for (i = 1; i <= length(pattern); i++) {
    c = substr(pattern, i, 1)
    if (substr(pattern, i, 3) == "**/") { regex = regex "(.*/)?"; i += 2 }
    else if (substr(pattern, i, 2) == "**") { regex = regex ".*"; i++ }
    else if (c == "*") regex = regex "[^/]*"
    else if (c == "?") regex = regex "[^/]"
    else if (c == "[" && (j = index(substr(pattern, i + 2), "]"))) {
      class = substr(pattern, i + 1, j)
      sub(/^!/, "^", class)
      regex = regex "[" class "]"
      i += j + 1
    } else regex = regex (c ~ /[A-Za-z0-9_\/-]/ || c > "~" ? c : "[" c "]")
  }
  return path ~ ("^" regex "$")
}
'

# Says what the second Cargo.toml is to the first, whose directory is `below` it, as cargo does:
# "root" if it lists it as a member, "other" if it has a workspace that does not, "above" if it has
# none, or excludes it.  The first may be the root of its own workspace: "own".
root_awk=$pattern_awk'
# Usage: starts(PATH, START): whether this is below or at START
function starts(path, start) { return index(path "/", start "/") == 1 }
function read_list(text,   path) {
  while (match(text, /"[^"]*"|\047[^\047]*\047/)) {
    path = normal(substr(text, RSTART + 1, RLENGTH - 2))
    text = substr(text, RSTART + RLENGTH)
    if (key == "members" && names(path, below)) listed = 1
    if (key == "members" && starts(below, path)) explicit = 1
    if (key == "exclude" && starts(below, path)) excluded = 1
  }
}
BEGIN { below = ENVIRON["below"] }
FNR == 1 { file = FILENAME == ARGV[1] ? 1 : 2; section = key = "" }
key == "" && /^[ \t]*\[/ {
  section = $0
  gsub(/[][ \t"\047]/, "", section)
  if (section ~ /^workspace(\.|$)/) root[file] = 1
  next
}
section == "" && /^[ \t]*workspace[ \t]*[.=]/ { root[file] = 1 }
file < 2 { next }
section == "" && /^[ \t]*workspace[ \t]*=/ {
  for (key = "members"; key != ""; key = key == "members" ? "exclude" : "")
    if (match($0, key "[ \t]*=[ \t]*\\[[^]]*\\]")) read_list(substr($0, RSTART, RLENGTH))
}
key == "" && /^[ \t]*(workspace[ \t]*\.[ \t]*)?(members|exclude)[ \t]*=/ {
  if (section == "workspace" || section == "" && /workspace/)
    key = /members[ \t]*=/ ? "members" : "exclude"
}
key != "" { read_list($0) }
key == "" && depends(section) && match($0, /(^|[{, \t])path[ \t]*=.*/) &&
  normal(unquoted(substr($0, RSTART))) == below { listed = 1 }
/\]/ { key = "" }
END {
  if (root[1]) print "own"
  else if (!root[2] || excluded && !explicit) print "above"
  else print listed ? "root" : "other"
}
'

# Prints the patterns of members in a Cargo.toml
members_of_awk=$toml_awk'
key == "" && /^[ \t]*\[/ { section = $0; gsub(/[][ \t]/, "", section); next }
section == "workspace" && /^[ \t]*members[ \t]*=/ { key = 1 }
key != "" {
  text = $0
  while (match(text, /"[^"]*"|\047[^\047]*\047/)) {
    print normal(substr(text, RSTART + 1, RLENGTH - 2))
    text = substr(text, RSTART + RLENGTH)
  }
}
/\]/ { key = "" }
'

# Prints the directories that path dependencies lead to from each Cargo.toml but the first, which
# is the root of the workspace, and may have their paths
paths_awk=$toml_awk'
FNR == 1 { file++; section = ""; at = FILENAME; sub(/[^\/]*$/, "", at) }
/^[ \t]*\[/ { section = $0; gsub(/[][ \t"\047]/, "", section); next }
{
  name = section ~ /dependencies\./ ? section : $0
  sub(/.*dependencies\./, "", name)
  gsub(/[ \t"\047]/, "", name)
  sub(/[.=].*/, "", name)
  path = match($0, /(^|[{, \t])path[ \t]*=.*/) ? unquoted(substr($0, RSTART)) : ""
}
file < 2 && section ~ /^workspace\.dependencies/ { if (path != "") shared[name] = path; next }
file < 2 || !depends(section) { next }
path != "" { print normal(at path) }
/workspace[ \t]*=[ \t]*true/ && name in shared { print normal(shared[name]) }
'

# check_way: exits with a message if a link in a project has led from $typed to this directory: a
# build of that project may have made it
check_way() {
	way=$typed
	while [ -n "$way" ] && [ "$typed" != "$PWD" ]; do
		above=${way%/*}
		if [ -h "$way" ]; then
			while [ -n "$above" ]; do
				[ ! -f "$above/Cargo.toml" ] || refuse \
					"'$way' is a symbolic link in a project, which a build may have made:" \
					"set WORKSPACE to '$PWD'."
				above=${above%/*}
			done
		fi
		way=${way%/*}
	done
}

# compare_manifests: prints what the Cargo.toml in $above is to ours
compare_manifests() {
	below=$below LC_ALL=C awk "$root_awk" ./Cargo.toml "$above/Cargo.toml"
}

# print_members: the members of the workspace in this directory, and the directory itself
print_members() (
	patterns=$(LC_ALL=C awk "$members_of_awk" Cargo.toml)
	IFS=$newline
	# shellcheck disable=SC2086 # these are patterns
	printf '%s\n' . $patterns
)

# is_linked: whether path dependencies lead from the members of the workspace in $above to the
# package in $below: cargo takes those for members, too.  What is in $below, its builds may have
# written.
is_linked() (
	cd -P -- "$above" || return
	level=$(print_members)
	seen=$newline
	IFS=$newline
	set -f
	while [ -n "$level" ]; do
		set -- ./Cargo.toml
		for each in $level; do
			case $seen in *"$newline$each$newline"*) continue ;; esac
			case $each in "$below"/*) continue ;; esac
			seen=$seen$each$newline
			! is_file "$each/Cargo.toml" || set -- "$@" "./$each/Cargo.toml"
		done
		[ $# -gt 1 ] || return
		level=$(LC_ALL=C awk "$paths_awk" "$@")
		case $newline$level$newline in *"$newline$below$newline"*) return 0 ;; esac
	done
	return 1
)

# find_root: changes to the root of the package's workspace, where cargo has its lock file and its
# target directory.  Sets $member to the way from there to the package, after a slash; to nothing
# if the package is its own root.  Sets $alone if cargo must not see the workspace above, as it
# refuses a package that this does not list.
find_root() {
	member='' alone=''
	above=${PWD%/*}
	while [ -n "$above" ]; do
		if is_file Cargo.toml && is_file "$above/Cargo.toml"; then
			below=${PWD#"$above/"}
			relation=$(compare_manifests)
			[ "$relation" != other ] || ! is_linked || relation=root
			case $relation in
			own) return ;;
			root)
				! is_home "$above" || break
				member=/$below
				CDPATH='' cd -P -- "$above" || exit
				return
				;;
			other)
				warn "'$above/Cargo.toml' does not list $below, which is built without it:" \
					'add it to members or to exclude there.'
				alone=yes
				return
				;;
			esac
		fi
		above=${above%/*}
	done
}

# warn TEXT...
warn() {
	printf 'warning: %s\n' "$*" >&2
}

# is_home DIRECTORY: whether it is or holds the user's home, which no build may see; says so
is_home() {
	[ -n "${HOME-}" ] || return
	case $(CDPATH='' cd -P -- "$HOME" 2>/dev/null && pwd -P)/ in "$1"/*) ;; *) return 1 ;; esac
	warn "'$1' holds the project, but a home directory is never mounted:" \
		'move the project into a directory with the files that it needs.'
}

# name_place: sets $place to what to put before a path in this directory to show it to the user,
# who is in $project
name_place() {
	case $project/ in
	"$PWD/") place= ;;
	"$PWD"/*)
		place=
		rest=${project#"$PWD"}
		while [ -n "$rest" ]; do
			rest=${rest%/*}
			place=../$place
		done
		;;
	*)
		place=$PWD/
		case $place in "$project"/*) place=${place#"$project/"} ;; esac
		;;
	esac
}

# find_repository: sets $outer to the top of the git repository that the project is in, if this is
# a directory above, and $within to the way from there to the project, after a slash; $common to the
# directory of a worktree's repository, and $common_place to where git looks for it in a container.
find_repository() {
	outer='' within='' common='' linked='' top='' nested=''
	if is_directory .git; then return; fi
	top=$PWD
	until [ -z "$top" ] || [ -e "$top/.git" ]; do top=${top%/*}; done
	[ -n "$top" ] || return 0
	git_directory=$top/.git
	if [ ! -d "$git_directory" ]; then read_link || return 0; fi
	[ "$top" != "$PWD" ] && [ -z "$alone" ] || return 0
	if [ -z "$linked" ] && ! is_tracked; then
		common=
		return 0
	fi
	if is_home "$top"; then
		common='' top=''
		return 0
	fi
	outer=$top
	within=${PWD#"$top"}
}

# ask_git WORD...: what git knows of a repository.  A build may have changed its configuration, or
# one of another project in it, so git starts no program, and asks no other machine.
ask_git() (
	unset GIT_DIR GIT_WORK_TREE GIT_INDEX_FILE
	export GIT_ALLOW_PROTOCOL=none GIT_NO_LAZY_FETCH=1
	exec git --no-pager --literal-pathspecs -c core.fsmonitor=false "$@" 2>/dev/null
)

# is_tracked: whether the repository, whose index is out of reach of our builds, tracks our
# Cargo.toml
is_tracked() {
	[ -n "$(ask_git -C "$top" ls-files -- "${PWD#"$top/"}/Cargo.toml")" ]
}

# read_link: reads the file .git in $top, and sets $git_directory to what it names.  A build may
# have written it: fails unless that is a worktree or a submodule that names $top in turn.  For a
# submodule, sets $top to that of the repository that it is in, and $linked.
read_link() {
	is_file "$git_directory" && IFS= read -r link <"$git_directory" || return
	case $link in 'gitdir: '*) link=${link#gitdir: } ;; *) return 1 ;; esac
	git_directory=$(CDPATH='' cd -P -- "$top" && cd -P -- "$link" 2>/dev/null && pwd -P) || return
	case $git_directory in
	"$top"/*) return 1 ;;
	*/.git/worktrees/*/modules/*)
		nested=yes
		return 1
		;;
	*/.git/modules/*/worktrees/*) enter_worktree ;;
	*/.git/modules/*) enter_modules ;;
	*/worktrees/*) enter_worktree ;;
	*) return 1 ;;
	esac
}

# names_top PATH: whether this path, relative to $git_directory, is $top
names_top() {
	[ "$top" = "$(CDPATH='' cd -P -- "$git_directory" && cd -P -- "$1" 2>/dev/null && pwd -P)" ]
}

# enter_modules: for a submodule
enter_modules() {
	is_file "$git_directory/config" || return
	back=$(sed -n 's/^[[:space:]]*worktree = //p' "$git_directory/config")
	names_top "$back" || return
	[ "$top" = "$PWD" ] || is_tracked || return
	linked=${git_directory%%/.git/modules/*}
	case $top/ in "$linked"/*) top=$linked ;; *) return 1 ;; esac
}

# enter_worktree: for a worktree.  Sets $common to its repository, which git finds by the path in
# the file .git: the same in a container, or relative to /workspace.
enter_worktree() {
	is_file "$git_directory/gitdir" && IFS= read -r back <"$git_directory/gitdir" || return
	names_top "${back%/.git}" || return
	common=${git_directory%/worktrees/*}
	common_place=${link%/worktrees/*}
	case $common_place in
	/workspace | /workspace/* | *:*) common= ;;
	"$common") ;;
	../*)
		while [ "$common_place" != "${common_place#../}" ]; do common_place=${common_place#../}; done
		common_place=/$common_place
		;;
	*) common= ;;
	esac
	[ -n "$common" ]
}

# find_above NAME...: sets $found_above to the first of these that the directory has that cargo runs
# in, or the nearest one above it that builds see; fails if there is none
find_above() {
	level=$PWD$member
	while :; do
		for name; do
			found_above=$level/$name
			! is_file "$found_above" || return 0
		done
		[ "$level" != "${outer:-$PWD}" ] || return
		level=${level%/*}
	done
}

# add_outer: what is mounted beside the project, read-only
add_outer() {
	[ -z "$outer" ] || add_words -v "$outer:/workspace:ro"
	[ -z "$common" ] || add_words -v "$common:$common_place:ro"
}
