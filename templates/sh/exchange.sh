# ---- exchange: what a container does to a cache for backup-cache, restore-cache, push-cache and
# pull-cache
#
# The container of a restore reads an archive from its standard input, so it gets the functions of
# this part as an argument, and no others.  A cache has sccache/ only if that is mounted.
#
# A restore can be killed at any moment.  The names of directories record its progress; the next
# one finishes it, or undoes it:
#
#   DIRECTORY/.cachemk-staging/new/  the new contents; to be discarded until all of it is checked
#   registry/.cachemk-commit/        it is checked: from here on the exchange has to be finished
#   DIRECTORY/.cachemk-old/          the old contents are being moved into it
#   DIRECTORY/.cachemk-gone/         all old contents are in it, and are to be discarded

# lock_archives [-n]: takes the lock of restores and backups of this cache, as descriptor 7, or
# fails with -n if it is taken.  The lock is on the directory, so that it needs no file.
lock_archives() {
	exec 7<registry
	command -v flock >/dev/null || return 0
	flock -n 7 && return
	[ -z "${1-}" ] || return
	printf 'Waiting for another restore or backup of this cache...\n' >&2
	flock 7
}

# lock_builds: takes cargo's locks, as descriptors 8 and 9, or fails if a build has one.  Missing
# lock files are created; existing ones are kept, because a build may be waiting for them;
# anything else with these names is removed.
lock_builds() {
	for lock in registry/.package-cache registry/.package-cache-mutate; do
		{ [ -f "$lock" ] && [ ! -h "$lock" ]; } || rm -rf "$lock"
	done
	(umask 0; : >>registry/.package-cache && : >>registry/.package-cache-mutate) &&
		chmod a+rw registry/.package-cache registry/.package-cache-mutate || return
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	! command -v flock >/dev/null || { flock -n 8 && flock -n 9; }
}

# recover: finishes or undoes an interrupted restore, under the lock of archives.  Prints
# "finished" if it was finished; fails with 75 if it has to be finished, and a build is running.
recover() {
	drop_links
	if [ -d registry/.cachemk-commit ]; then
		lock_builds || return 75
		finish_exchange || return
	fi
	[ ! -d registry/.cachemk-gone ] || printf 'finished\n'
	put_back registry && put_back git && sweep
}

# drop_links: removes links that have one of our names
drop_links() {
	for entry in registry/.cachemk-* registry/.cachemk-staging/new git/.cachemk-* \
		git/.cachemk-staging/new sccache/.cachemk-* sccache/.cachemk-staging/new; do
		[ ! -h "$entry" ] || rm -f "$entry"
	done
}

# put_back DIRECTORY: moves back what a restore of an earlier cachemk has moved away, unless a
# build has created it again
put_back() {
	for entry in "$1"/.cachemk-old/* "$1"/.cachemk-old/.[!.]*; do
		[ ! -e "$entry" ] || [ -e "$1/${entry##*/}" ] || mv "$entry" "$1/" || return
	done
}

# sweep: removes all leftovers, once there is nothing to finish; last the one that says that it is
# finished
sweep() {
	rm -rf git/.cachemk-* sccache/.cachemk-* registry/.cachemk-[!g]* && rm -rf registry/.cachemk-*
}

# exchange: replaces what was there by what was staged, unless a build has started.  Prints
# "exchanging" at the point of no return.
exchange() {
	lock_builds || return 75
	mkdir registry/.cachemk-commit && printf 'exchanging\n' && finish_exchange && sweep
}

# finish_exchange: does all of it that is still to be done
finish_exchange() {
	finish_directory registry && finish_directory git && finish_directory sccache &&
		rmdir registry/.cachemk-commit
}

# finish_directory DIRECTORY: the same for a directory; it is done when nothing staged for it is
# left
finish_directory() {
	new=$1/.cachemk-staging/new
	[ -d "$new" ] || return 0
	if [ ! -d "$1/.cachemk-gone" ]; then
		mkdir -p "$1/.cachemk-old" && move_entries "$1" "$1/.cachemk-old" &&
			mv "$1/.cachemk-old" "$1/.cachemk-gone" || return
	fi
	chmod "$(stat -c %a "$new")" "$1" && move_entries "$new" "$1" && rmdir "$new"
}

# move_entries FROM TO: replaces entries of the same name, except cargo's locks and our own
# directories
move_entries() {
	for entry in "$1"/* "$1"/.[!.]* "$1"/..?*; do
		case ${entry##*/} in .cachemk-* | .package-cache*) continue ;; esac
		[ -e "$entry" ] || [ -L "$entry" ] || continue
		rm -rf "${2:?}/${entry##*/}" && mv "$entry" "$2/" || return
	done
}

# Of entries that are neither files nor directories, prints those that archives leave out, as
# patterns for tar: all except links that stay within registry/, git/ or sccache/.  Only a leading
# .. is sure to mean the directory above.
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

# find_strays DIRECTORY...: those in these, which are here
find_strays() {
	find "$@" ! -type f ! -type d -exec sh -c "$strays_code" sh {} +
}

# ---- To restore

# restore_archive USER KIND: reads an archive, and then a line that says that it was complete, and
# replaces the cache with its contents, owned by USER.  KIND is `cache`, or `image` if it has an
# archive for each directory.  On failure nothing was changed: 65 if it is not an archive of a
# cache, after printing why, 73 if it is too large, 75 if a build is running.
restore_archive() {
	export LC_ALL=C
	unset TAR_OPTIONS
	umask 022
	cd /cachemk && lock_archives || return
	recover >/dev/null || return
	stage_archive "$1" "$2" && exchange && return
	status=$?
	cd /cachemk || return
	[ -d registry/.cachemk-commit ] || sweep
	return "$status"
}

# stage_archive USER KIND: unpacks and checks what the cache is to become
stage_archive() {
	for part in registry git sccache; do
		[ ! -d "$part" ] || mkdir -m 700 "$part/.cachemk-staging" || return
	done
	cd registry/.cachemk-staging && mkdir all layers part || return
	case $2 in
	image) unpack_archive layers && unpack_layers ;;
	*) unpack_archive all ;;
	esac && check_staged && own_staged "$1" && move_parts || return
	mv all/registry new && cd ../..
}

# print_room DIRECTORY: how many bytes may be used there: nine tenths of what is free
print_room() {
	df -Pk "$1" | awk 'NR == 2 { printf "%.0f\n", $4 * 1024 * 0.9 }'
}

# unpack_archive DIRECTORY: unpacks it into that, unless it is too large.  Its last line has to say
# that it was complete.
unpack_archive() {
	room=$(print_room .)
	said=$({ read_room "$room" | tee /dev/fd/6 | unpack_tar "$1"; } 6>&1 >/dev/null |
		tail -c 15 | tr -d '\0')
	[ ! -e large ] || return 73
	grep -v 'emoving leading' errors >&2
	[ "$said" = 'cachemk: whole' ] && [ -e unpacked ] || return 65
}

# unpack_layers: unpacks the archives of an image into all/, each by itself, so that no link of one
# can redirect another
unpack_layers() {
	for name in registry git sccache; do
		layer=layers/cache/$name.tar
		[ -e "$layer" ] || [ -L "$layer" ] || continue
		[ ! -L layers/cache ] && [ ! -L "$layer" ] && [ -f "$layer" ] ||
			refuse_staged 'something other than an archive for each directory' || return
		[ "$(wc -c <"$layer")" -le "$(print_room .)" ] || return 73
		rm -f unpacked
		unpack_tar part <"$layer"
		[ -e unpacked ] && [ ! -L "part/$name" ] && [ -d "part/$name" ] || return 65
		mv "part/$name" all/ && rm -f "$layer" || return
		rmdir part 2>/dev/null && mkdir part ||
			refuse_staged 'something other than the directories registry, git and sccache' || return
	done
}

# read_room BYTES: reads at most that much of it
read_room() {
	head -c "$1"
	[ "$(head -c 1 | wc -c)" -eq 0 ] || : >large
}

# unpack_tar DIRECTORY: unpacks it, and reads it to its end.  tar creates links last, so they cannot
# redirect what it unpacks.
unpack_tar() {
	if tar -xopf - -C "$1" 2>>errors; then : >unpacked; fi
	cat >/dev/null
}

# check_staged: whether all/ has registry/ and git/, and nothing that could do harm once in
# place.  If names led outside, tar has reported that it stripped them.
check_staged() {
	! grep 'emoving leading' errors >/dev/null || refuse_staged 'a path that leads out of it' || return
	for entry in all/* all/.[!.]* all/..?*; do
		case $entry in all/registry | all/git | all/sccache)
			[ ! -L "$entry" ] && [ -d "$entry" ] && continue ;; esac
		[ ! -e "$entry" ] && [ ! -L "$entry" ] ||
			refuse_staged 'something other than the directories registry, git and sccache' || return
	done
	[ -d all/registry ] && [ -d all/git ] || return 65
	for entry in all/*/.cachemk-*; do
		[ ! -e "$entry" ] && [ ! -L "$entry" ] || refuse_staged "a name reserved for cachemk" || return
	done
	set -- registry git
	[ ! -d all/sccache ] || set -- "$@" sccache
	strays=$(cd all && find_strays "$@") || return
	[ -z "$strays" ] || refuse_staged \
		'a link that leads out of it, or a device, pipe or socket' || return
	check_links || refuse_staged 'a hard link to a file outside it'
}

# refuse_staged WHAT: prints what the archive contains, and fails
refuse_staged() {
	printf '%s\n' "$1"
	return 65
}

# check_links: whether all hard links to all files are here
check_links() {
	find all -type f -links +1 -exec stat -c '%h %i' {} + | awk '
		{ links[$2] = $1; names[$2]++ }
		END { for (i in links) if (links[i] != names[i]) exit 1 }'
}

# own_staged USER: gives all of it to USER, removes set-user-ID and similar bits, what belongs to
# the existing volumes, and what has no volume here
own_staged() {
	[ -d ../../sccache ] || rm -rf all/sccache
	rm -rf all/registry/.package-cache* && chown -hR "$1" all &&
		find all ! -type l \( -perm -4000 -o -perm -2000 -o -perm -1000 \) \
			-exec chmod ug-s,a-t {} + || return
	for part in all/*; do open_top "$part" "../../${part#all/}" "$1" || return; done
}

# open_top STAGED DIRECTORY USER: makes it writable for everybody if the volume belongs to another
# user
open_top() {
	[ "${3%:*}" = 0 ] || [ "$(stat -c %u "$2")" = "${3%:*}" ] || chmod a+rwx "$1"
}

# move_parts: moves git/ and sccache/ to their volumes, if they fit
move_parts() {
	for part in git sccache; do
		[ -d "all/$part" ] || continue
		room=$(print_room "../../$part")
		[ "$(($(du -sk "all/$part" | cut -f 1) * 1024))" -le "$room" ] || return 73
		cp -a "all/$part" "../../$part/.cachemk-staging/new" && rm -rf "all/$part" || return
	done
}

# ---- To back up

# recover_cache: finishes or undoes an interrupted restore; one that is still running does that
# itself
recover_cache() {
	umask 022
	cd /cachemk && mkdir -p registry git || return
	! lock_archives -n || recover
}

# pack_cache: prints the archive
pack_cache() {
	open_cache || return
	set -- registry git
	[ ! -d sccache ] || set -- "$@" sccache
	pack_directories "$@"
}

# pack_image: prints what an image is built from that has an archive of each directory in a layer of
# its own.  What builds have left is only in these archives, so that the engine unpacks none of it.
pack_image() {
	layers=/cachemk-layers
	open_cache && mkdir "$layers" && printf 'FROM scratch\n' >"$layers/Dockerfile" || return
	for name in registry git sccache; do
		[ -d "$name" ] || continue
		pack_directories "$name" >"$layers/$name.tar" || return
		printf 'COPY %s.tar /cache/\n' "$name" >>"$layers/Dockerfile"
	done
	cd "$layers" && tar -cf - -- *
}

# open_cache: enters it, waits for builds that are downloading or collecting, and makes them wait:
# see cargo's locks in the Dockerfile.  If sccache has a directory, this waits for all builds, which
# may be writing to it.
open_cache() {
	cd /cachemk && mkdir -p registry git && lock_archives || return
	for entry in registry/.cachemk-* git/.cachemk-* sccache/.cachemk-*; do
		[ ! -e "$entry" ] || refuse 'A restore was interrupted in the meantime: try again.'
	done
	command -v flock >/dev/null || return 0
	if [ -d sccache ] && is_file registry/.package-cache-mutate; then
		exec 9<registry/.package-cache-mutate
		flock -n 9 || {
			printf 'Waiting for the builds that use this cache...\n' >&2
			flock 9
		}
	fi
	! is_file registry/.package-cache || { exec 8<registry/.package-cache && flock 8; }
}

# pack_directories NAME...: prints an archive of these
pack_directories() {
	find_numeric
	strays=$(find_strays "$@") || return
	if [ -z "$strays" ]; then
		tar ${numeric:+"$numeric"} -cf - "$@"
		return
	fi
	printf 'Left out (links that lead out of the cache, devices, pipes and sockets):\n%s\n' "$strays" |
		LC_ALL=C tr -c '[:print:]\n' '?' >&2
	printf '%s\n' "$strays" | tar ${numeric:+"$numeric"} -X /dev/stdin -cf - "$@"
}

# find_numeric: sets $numeric to tar's flag for numeric owners, because another image may not have
# the same names.  Some versions of busybox always use numbers, and have no flag.
find_numeric() {
	numeric=--numeric-owner
	tar "$numeric" -cf /dev/null /dev/null 2>/dev/null || numeric=
}
