# ---- exchange: what a container does to a cache for backup-cache and restore-cache
#
# The container of a restore reads an archive from its standard input, so it gets the functions of
# this part as an argument, and knows no others.
#
# A restore may be killed at any moment.  So the names of directories tell what has been done; who
# comes next finishes it, or undoes it:
#
#   DIRECTORY/.cachemk-staging/new/  what is to be there; rubbish before all of it is checked
#   registry/.cachemk-commit/        it is: from here on, it is put into its place, sooner or later
#   DIRECTORY/.cachemk-old/          what was there is on its way into it
#   DIRECTORY/.cachemk-gone/         all of that is in it, and is rubbish

# lock_archives [-n]: takes the lock that restores and backups of this cache have, as the descriptor
# 7, or fails with -n.  It is on the directory, so that no file has to be there for it.
lock_archives() {
	exec 7<registry
	command -v flock >/dev/null || return 0
	flock -n 7 && return
	[ -z "${1-}" ] || return
	printf 'Waiting for another restore or backup of this cache...\n' >&2
	flock 7
}

# lock_builds: takes cargo's locks, as the descriptors 8 and 9, unless a build has one.  They are
# made where they are not there, and stay what they are, since a build may be waiting for them; what
# else has their names is none.
lock_builds() {
	for lock in registry/.package-cache registry/.package-cache-mutate; do
		{ [ -f "$lock" ] && [ ! -h "$lock" ]; } || rm -rf "$lock"
	done
	(umask 0; : >>registry/.package-cache && : >>registry/.package-cache-mutate) &&
		chmod a+rw registry/.package-cache registry/.package-cache-mutate || return
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	! command -v flock >/dev/null || { flock -n 8 && flock -n 9; }
}

# recover: finishes, under the lock of archives, what was cut short, or undoes it.  Prints
# "finished" if it is finished then; fails with 75 if it is to be, and a build runs.
recover() {
	drop_links
	if [ -d registry/.cachemk-commit ]; then
		lock_builds || return 75
		finish_exchange || return
	fi
	[ ! -d registry/.cachemk-gone ] || printf 'finished\n'
	put_back registry && put_back git && sweep
}

# drop_links: removes what has a name of ours, and leads elsewhere
drop_links() {
	for entry in registry/.cachemk-* registry/.cachemk-staging/new git/.cachemk-* \
		git/.cachemk-staging/new; do
		[ ! -h "$entry" ] || rm -f "$entry"
	done
}

# put_back DIRECTORY: what a restore of an earlier cachemk has moved away, and no build has made
# since
put_back() {
	for entry in "$1"/.cachemk-old/* "$1"/.cachemk-old/.[!.]*; do
		[ ! -e "$entry" ] || [ -e "$1/${entry##*/}" ] || mv "$entry" "$1/" || return
	done
}

# sweep: removes all that is rubbish, once there is nothing to finish; what tells that it is
# finished goes last
sweep() {
	rm -rf git/.cachemk-* registry/.cachemk-[!g]* && rm -rf registry/.cachemk-*
}

# exchange: puts what was staged into the place of what was there, unless a build has begun.
# Prints "exchanging" once nothing but the end of it can follow.
exchange() {
	lock_builds || return 75
	mkdir registry/.cachemk-commit && printf 'exchanging\n' && finish_exchange && sweep
}

# finish_exchange: all that is still to be done of it, which may be all
finish_exchange() {
	finish_directory registry && finish_directory git && rmdir registry/.cachemk-commit
}

# finish_directory DIRECTORY: likewise; it is done when what was staged for it is gone
finish_directory() {
	new=$1/.cachemk-staging/new
	[ -d "$new" ] || return 0
	if [ ! -d "$1/.cachemk-gone" ]; then
		mkdir -p "$1/.cachemk-old" && move_entries "$1" "$1/.cachemk-old" &&
			mv "$1/.cachemk-old" "$1/.cachemk-gone" || return
	fi
	chmod "$(stat -c %a "$new")" "$1" && move_entries "$new" "$1" && rmdir "$new"
}

# move_entries FROM TO: in the place of what has their names there, but for cargo's locks and ours
move_entries() {
	for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		case ${entry##*/} in .cachemk-* | .package-cache*) continue ;; esac
		[ -e "$entry" ] || [ -L "$entry" ] || continue
		rm -rf "${2:?}/${entry##*/}" && mv "$entry" "$2/" || return
	done
}

# Of entries that are neither files nor directories prints those that no archive has, as patterns
# for tar: all but links that stay within registry/ or git/.  Only a leading .. is sure to mean
# the directory above.
strays_code='
for entry; do
	if [ -L "$entry" ]; then
		target=$(readlink "$entry") above=${entry%/*}
		while :; do
			case $target in
			./*) target=${target#./} ;;
			.. | ../*)
				case $above in */*) above=${above%/*} ;; *) break ;; esac
				target=${target#..}
				target=${target#/} ;;
			*) break ;;
			esac
		done
		case $target in .. | ../* | */.. | */../* | /*) ;; *) continue ;; esac
	fi
	printf "%s" "$entry" | LC_ALL=C tr "\n" "?" | sed "s/[][*\\\\]/\\\\&/g"
	echo
done'

# find_strays: those in registry/ and git/ here
find_strays() {
	find registry git ! -type f ! -type d -exec sh -c "$strays_code" sh {} +
}

# ---- To restore

# restore_archive USER: reads an archive, and then a line that says that it was whole, and puts what
# it holds into the place of the cache, as USER's.  Fails with 65 if it is none, having printed why,
# with 73 if it is too large, and 75 if a build runs; then nothing was changed.
restore_archive() {
	export LC_ALL=C
	unset TAR_OPTIONS
	umask 022
	cd /cachemk && lock_archives || return
	recover >/dev/null || return
	stage_archive "$1" && exchange && return
	status=$?
	cd /cachemk || return
	[ -d registry/.cachemk-commit ] || sweep
	return "$status"
}

# stage_archive USER: makes it what is to be there, if it may be
stage_archive() {
	mkdir -m 700 registry/.cachemk-staging git/.cachemk-staging &&
		mkdir registry/.cachemk-staging/all && cd registry/.cachemk-staging || return
	unpack_archive && check_staged && own_staged "$1" && move_git || return
	mv all/registry new && cd ../..
}

# print_room DIRECTORY: the bytes that may be used there, nine tenths of what is free
print_room() {
	df -Pk "$1" | awk 'NR == 2 { printf "%.0f\n", $4 * 1024 * 0.9 }'
}

# unpack_archive: into all/, unless it is too large.  What comes last is to say that all came.
unpack_archive() {
	room=$(print_room .)
	said=$({ read_room "$room" | tee /dev/fd/6 | unpack_tar; } 6>&1 >/dev/null |
		tail -c 15 | tr -d '\0')
	[ ! -e large ] || return 73
	grep -v 'emoving leading' errors >&2
	[ "$said" = 'cachemk: whole' ] && [ -e unpacked ] || return 65
}

# read_room BYTES: that much of it
read_room() {
	head -c "$1"
	[ "$(head -c 1 | wc -c)" -eq 0 ] || : >large
}

# unpack_tar: unpacks it, and reads it to its end.  A link leads nowhere before all is unpacked.
unpack_tar() {
	if tar -xopf - -C all 2>errors; then : >unpacked; fi
	cat >/dev/null
}

# check_staged: whether all/ has registry/ and git/, and nothing that could do harm in their places.
# Of names that lead elsewhere, tar has said that it cut them.
check_staged() {
	! grep 'emoving leading' errors >/dev/null || refuse_staged 'a path that leads out of it' || return
	for entry in all/* all/.[!.]* all/..?*; do
		case $entry in all/registry | all/git) [ ! -L "$entry" ] && [ -d "$entry" ] && continue ;; esac
		[ ! -e "$entry" ] && [ ! -L "$entry" ] ||
			refuse_staged 'something other than the directories registry and git' || return
	done
	[ -d all/registry ] && [ -d all/git ] || return 65
	for entry in all/registry/.cachemk-* all/git/.cachemk-*; do
		[ ! -e "$entry" ] && [ ! -L "$entry" ] || refuse_staged "a name reserved for cachemk" || return
	done
	strays=$(cd all && find_strays) || return
	[ -z "$strays" ] || refuse_staged \
		'a link that leads out of it, or a device, pipe or socket' || return
	check_links || refuse_staged 'a hard link to a file outside it'
}

# refuse_staged WHAT: prints what it holds, and fails
refuse_staged() {
	printf '%s\n' "$1"
	return 65
}

# check_links: whether all names of all files are here
check_links() {
	find all -type f -links +1 -exec stat -c '%h %i' {} + | awk '
		{ links[$2] = $1; names[$2]++ }
		END { for (i in links) if (links[i] != names[i]) exit 1 }'
}

# own_staged USER: makes all of it USER's, without a program that would run as anybody else, and
# without what belongs to volumes as they are there
own_staged() {
	rm -rf all/registry/.package-cache* && chown -hR "$1" all &&
		find all ! -type l \( -perm -4000 -o -perm -2000 -o -perm -1000 \) \
			-exec chmod ug-s,a-t {} + || return
	open_top all/registry .. "$1" && open_top all/git ../../git "$1"
}

# open_top STAGED DIRECTORY USER: lets everybody write to it if it stays somebody else's
open_top() {
	[ "${3%:*}" = 0 ] || [ "$(stat -c %u "$2")" = "${3%:*}" ] || chmod a+rwx "$1"
}

# move_git: to its volume, where it is to fit
move_git() {
	room=$(print_room ../../git)
	[ "$(($(du -sk all/git | cut -f 1) * 1024))" -le "$room" ] || return 73
	cp -a all/git ../../git/.cachemk-staging/new && rm -rf all/git
}

# ---- To back up

# recover_cache: finishes or undoes what a restore was killed in; one that runs now does that itself
recover_cache() {
	umask 022
	cd /cachemk && mkdir -p registry git || return
	! lock_archives -n || recover
}

# pack_cache: prints the archive.  Waits until no build is downloading or collecting, and keeps them
# from it: see cargo's locks in the Dockerfile.
pack_cache() {
	cd /cachemk && mkdir -p registry git && lock_archives || return
	for entry in registry/.cachemk-* git/.cachemk-*; do
		[ ! -e "$entry" ] || refuse 'A restore was interrupted in the meantime: try again.'
	done
	if is_file registry/.package-cache && command -v flock >/dev/null; then
		exec 8<registry/.package-cache
		flock 8
	fi
	find_numeric
	strays=$(find_strays) || return
	if [ -z "$strays" ]; then exec tar ${numeric:+"$numeric"} -cf - registry git; fi
	printf 'Left out (links that lead out of the cache, devices, pipes and sockets):\n%s\n' "$strays" |
		LC_ALL=C tr -c '[:print:]\n' '?' >&2
	printf '%s\n' "$strays" | tar ${numeric:+"$numeric"} -X /dev/stdin -cf - registry git
}

# find_numeric: sets $numeric to tar's flag that makes owners numbers: the names of one image mean
# nothing to another.  Some busybox knows nothing else.
find_numeric() {
	numeric=--numeric-owner
	tar "$numeric" -cf /dev/null /dev/null 2>/dev/null || numeric=
}
