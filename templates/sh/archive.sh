# ---- archive: backup-cache and restore-cache, a target's two volumes as one file

# announces_directory: whether make says on standard output which directory it enters.  Since 4.4
# its flags do not tell that -C makes it do so; but its PWD is still the caller's directory then.
announces_directory() {
	flags=-${MAKEFLAGS-}
	case ${flags%% *} in
	*w*) return 0 ;;
	*s*) return 1 ;;
	esac
	case " ${MAKEFLAGS-} " in *' --no-print-directory '*) return 1 ;; esac
	case $make_version in '' | 3.* | 4.[0-3] | 4.[0-3].*) return 1 ;; esac
	[ "$(CDPATH='' cd -- "$make_pwd" 2>/dev/null && pwd -P)" != "$project" ]
}

# read_file: reads FILE.  Sets $archive to it, $shown to what messages call it, and the
# descriptor 5 to where they may go.
read_file() {
	expand_home "$FILE"
	archive=$expanded
	case $archive in -?*) archive=./$archive ;; esac
	shown=$archive
	exec 3<&0 5>&1
	case $archive in
	'') refuse "Say where: make $rule FILE=cache.tar.gz, or FILE=- for a pipe." ;;
	-)
		shown='the pipe'
		exec 5>&2
		;;
	esac
}

# need_packer REMEDY: ends with one line unless $pack is installed
need_packer() {
	command -v "$pack" >/dev/null 2>&1 || refuse "$pack is not installed: $1."
}

# wait_archive: waits for docker.  Fails if it has failed, or what comes to it through a pipe has.
wait_archive() {
	wait_container || : >"$temp/failed"
	[ ! -e "$temp/failed" ]
}

# with_volumes: what runs with the caches, too much for the engine's log of it
with_volumes="--log-driver none $as_root"

# add_cache: begins $words with the cache, for a container of $tools
add_cache() {
	words=$with_volumes
	add_words -v "$registry:/cachemk/registry" -v "$git:/cachemk/git" "$tools"
}

# ---- In a container, for both.  What is from here to "Outside" is all that a container knows whose
# standard input is an archive.
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
# made where they are not there, and stay what they are, since a build may be waiting for them.
lock_builds() {
	(umask 0; : >>registry/.package-cache && : >>registry/.package-cache-mutate) &&
		chmod a+rw registry/.package-cache registry/.package-cache-mutate || return
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	! command -v flock >/dev/null || { flock -n 8 && flock -n 9; }
}

# recover: finishes, under the lock of archives, what was cut short, or undoes it.  Prints
# "finished" if it is finished then; fails with 75 if it is to be, and a build runs.
recover() {
	if [ -d registry/.cachemk-commit ]; then
		lock_builds || return 75
		finish_exchange || return
	fi
	[ ! -d registry/.cachemk-gone ] || printf 'finished\n'
	put_back registry && put_back git && sweep
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

# ---- In a container, to restore

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
	! grep 'emoving leading' errors >/dev/null || refuse_staged 'a name that leads out of it' || return
	for entry in all/* all/.[!.]* all/..?*; do
		case $entry in all/registry | all/git) [ ! -L "$entry" ] && [ -d "$entry" ] && continue ;; esac
		[ ! -e "$entry" ] && [ ! -L "$entry" ] ||
			refuse_staged 'something besides the directories registry and git' || return
	done
	[ -d all/registry ] && [ -d all/git ] || return 65
	for entry in all/registry/.cachemk-* all/git/.cachemk-*; do
		[ ! -e "$entry" ] && [ ! -L "$entry" ] || refuse_staged "a name of cachemk's own" || return
	done
	strays=$(cd all && find_strays) || return
	[ -z "$strays" ] || refuse_staged \
		'a link that leads out of it, or what is neither file, directory nor link' || return
	check_links || refuse_staged 'a file that is also elsewhere'
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

# ---- Outside

# recover_cache: runs in a container.  Who has the lock now has done or will do the same.
recover_cache() {
	umask 022
	cd /cachemk && mkdir -p registry git || return
	! lock_archives -n || recover
}

# ---- backup-cache

# pack_cache: runs in a container, and prints the archive.  Waits until no build is downloading or
# collecting, and keeps them from it: see cargo's locks in the Dockerfile.
pack_cache() {
	cd /cachemk && mkdir -p registry git && lock_archives || return
	for entry in registry/.cachemk-* git/.cachemk-*; do
		[ ! -e "$entry" ] || refuse 'A restore has been cut short meanwhile: try again.'
	done
	if [ -e registry/.package-cache ] && command -v flock >/dev/null; then
		exec 8<registry/.package-cache
		flock 8
	fi
	find_numeric
	strays=$(find_strays) || return
	if [ -z "$strays" ]; then exec tar ${numeric:+"$numeric"} -cf - registry git; fi
	printf 'Left out, since it leads out of the cache or is no file:\n%s\n' "$strays" |
		LC_ALL=C tr -c '[:print:]\n' '?' >&2
	printf '%s\n' "$strays" | tar ${numeric:+"$numeric"} -X /dev/stdin -cf - registry git
}

# find_numeric: sets $numeric to tar's flag that makes owners numbers: the names of one image mean
# nothing to another.  Some busybox knows nothing else.
find_numeric() {
	numeric=--numeric-owner
	tar "$numeric" -cf /dev/null /dev/null 2>/dev/null || numeric=
}

# open_part: makes a directory beside $archive, which nothing and nobody else has made or can look
# into, and opens a file in it for writing, as the descriptor 6
open_part() {
	part=$archive.part-$moment
	if { [ -e "$archive" ] && [ ! -f "$archive" ]; } || ! mkdir -m 700 "$part" 2>/dev/null; then
		part=
		refuse "$archive cannot be written: name a file in a folder that is yours."
	fi
	(umask 077; : >"$part/archive")
	exec 6>"$part/archive"
}

# select_target: begins a rule for the caches of the one target, as select_caches does
select_target() {
	rows="$target $cache $prepared"
	all=
	read_kind
	wanted_kind=
	read_directories
	guard
	need_engine
}

# backup_cache: the rule
backup_cache() {
	select_target
	read_file
	[ "$archive" != - ] || ! announces_directory || refuse \
		'make -C says its folder where the archive would go: add --no-print-directory.'
	case $archive in *.zst) pack=zstd ;; *) pack=gzip ;; esac
	need_packer "install it, or choose another name than $archive"
	find_caches
	[ -n "$found" ] || refuse "There is no cache $cache to back up."
	if is_on "$DRY_RUN"; then
		printf 'This backs up the cache %s to %s.\n' "$cache" "$shown" >&5
		printf 'Nothing was written, as DRY_RUN=1 says.\n' >&5
		return
	fi
	need_tools
	make_temp
	printf 'Backing up the cache %s to %s...\n' "$cache" "$shown" >&5
	exec 6>&1
	[ "$archive" = - ] || open_part
	recover_found
	write_archive || refuse_backup
	[ "$archive" = - ] || finish_backup
}

# recover_found: finishes or undoes, in what was found, what a restore has left that was killed
recover_found() {
	words=$with_volumes
	mount_found "$cache" /cachemk
	add_words "$tools"
	add_inside recover_cache
	run_inside >"$temp/said" || case $status in
	75) refuse "A build has the cache $cache, which a restore has left half done: nothing was" \
		'written; try again when it has ended.' ;;
	*) refuse_backup ;;
	esac
}

# refuse_backup: ends with one line
refuse_backup() {
	refuse "The backup failed, for want of disk or engine or what is said above;" \
		"$shown was not written."
}

# write_archive: packs what $words mount to the descriptor 6
write_archive() {
	mkfifo "$temp/pipe"
	"$pack" -c <"$temp/pipe" >&6 &
	packer=$!
	words=$with_volumes
	mount_found "$cache" /cachemk :ro
	add_words "$tools"
	add_inside pack_cache
	exec_container -i <"$script" >"$temp/pipe" &
	wait "$packer" || : >"$temp/failed"
	packer=
	wait_archive
}

# finish_backup: reads the part back, and puts it in its place
finish_backup() {
	words=$with_volumes
	add_words "$tools"
	add_limited tar -tf -
	{ "$pack" -dc "$part/archive" || : >"$temp/failed"; } | exec_container -i >"$temp/list" &
	wait_archive || refuse "The archive could not be read back; $archive was not written."
	[ ! -d "$archive" ] || refuse "$archive has become a directory, and was not written."
	chmod '=rw' "$part/archive"
	mv -f "$part/archive" "$archive"
	printf 'Wrote %s: %s files, %s KiB\n' "$archive" "$(grep -c '[^/]$' "$temp/list")" \
		"$(($(wc -c <"$archive") / 1024))"
}

# ---- restore-cache

# refuse_archive: ends with one line
refuse_archive() {
	refuse "$shown is not a whole archive of a cache, or could not be unpacked; nothing was changed."
}

# open_archive: sets $pack, or ends with one line if $archive cannot be read
open_archive() {
	pack=gzip
	if [ "$archive" != - ]; then
		if [ ! -f "$archive" ] || [ ! -r "$archive" ]; then
			refuse "$archive cannot be read: name an archive that backup-cache has written."
		fi
		case $(od -An -tx1 -N4 "$archive" | tr -d ' ') in 28b52ffd) pack=zstd ;; esac
	fi
	need_packer "install it to read $archive"
	[ "$archive" = - ] || "$pack" -dc "$archive" >/dev/null 2>&1 || refuse_archive
}

# check_unused: ends with one line if a container has one of the volumes
check_unused() {
	for name in "$registry" "$git"; do
		users=$(run_engine ps --filter "volume=$name" --format '{{.Names}}')
		[ -z "$users" ] || refuse "$name is in use by $(printf '%s' "$users" | tr '\n' ' '):" \
			"nothing was changed; try again when it has ended."
	done
}

# restore_cache: the rule
restore_cache() {
	select_target
	read_file
	open_archive
	name_mounts
	check_unused
	if is_on "$DRY_RUN"; then
		printf 'This puts %s into the place of the cache %s.\n' "$shown" "$cache"
		printf 'Nothing was changed, as DRY_RUN=1 says.\n'
		return
	fi
	prepare_run 'Restoring the cache'
	need_tools
	make_temp
	exchange_cache
	[ -z "$guest" ] || open_mounts
	printf 'Restored the cache %s from %s\n' "$cache" "$shown"
}

# exchange_cache: restores it in a container, or ends with one line.  What is killed meanwhile is
# finished or undone.
exchange_cache() {
	staged=yes
	add_cache
	add_limited sh -c "$(print_functions)" sh "$user"
	print_archive | exec_container -i >"$temp/said" &
	wait_container || :
	said=$(cat "$temp/said")
	case $status in
	0 | 65 | 73 | 75) staged= ;;
	*) recover_exchange ;;
	esac
	case $status-$said in
	0-*) ;;
	65-?*) refuse "$shown is not an archive of a cache, for it has $said; nothing was changed." ;;
	73-*)
		refuse "$shown holds more than nine tenths of the space that is free for the cache;" \
			'free some, and try again; nothing was changed.'
		;;
	75-*) refuse 'A build has begun meanwhile: nothing was changed; try again when it has ended.' ;;
	*-exchanging) refuse "The cache $cache could not be exchanged: try again." ;;
	*) refuse_archive ;;
	esac
}

# recover_exchange: removes the container, if it still runs, and finishes or undoes what it has
# begun.  Sets $status to 0 if that is finished.
recover_exchange() {
	failure=$status
	remove_container
	unstage || {
		status=$failure
		return 0
	}
	case $said$(cat "$temp/said") in
	*exchanging | *finished) ;;
	*) status=$failure ;;
	esac
}

# print_functions: those that a container knows whose standard input is an archive, for sh
print_functions() {
	sed -n '/^# ---- In a container/,/^# ---- Outside/{/^#/d;/^$/d;p;}' "$script"
	printf 'restore_archive "$1"\n'
}

# print_archive: unpacked by $pack, and then a line that says that it is whole
print_archive() {
	if [ "$archive" = - ]; then "$pack" -dc <&3; else "$pack" -dc "$archive"; fi &&
		printf 'cachemk: whole\n'
}

# unstage: finishes or undoes what was begun, and notes which in $temp/said
unstage() {
	staged=
	add_cache
	add_inside recover_cache
	run_inside >"$temp/said" 2>/dev/null
}
