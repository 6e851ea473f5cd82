# ---- archive: backup-cache and restore-cache, a cache's volumes as one file

# announces_directory: whether make prints on standard output which directory it enters.  Since
# 4.4 its flags do not show that -C makes it do so, but its PWD is still the directory it was
# called in.
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

# read_file: reads FILE.  Sets $archive to it, $shown to what messages call it, and descriptor 5
# to where messages may go.
read_file() {
	expand_home "$FILE"
	archive=$expanded
	case $archive in -?*) archive=./$archive ;; esac
	shown=$archive
	exec 3<&0 5>&1
	case $archive in
	'') refuse "FILE is not set: run make $rule FILE=cache.tar.gz, or set FILE=- for a pipe." ;;
	-)
		shown='the pipe'
		exec 5>&2
		;;
	esac
}

# need_packer REMEDY: exits with a message unless $pack is installed
need_packer() {
	command -v "$pack" >/dev/null 2>&1 || refuse "$pack is not installed: $1."
}

# wait_archive: waits for docker.  Fails if docker failed, or the command that feeds it through a
# pipe.
wait_archive() {
	wait_container || : >"$temp/failed"
	[ ! -e "$temp/failed" ]
}

# with_volumes: for containers that pass whole caches through, too much for the engine's log
with_volumes="--log-driver none $as_root"

# add_cache: starts $words with the cache, for a container of $tools
add_cache() {
	words=$with_volumes
	add_words -v "$registry:/cachemk/registry" -v "$git:/cachemk/git" \
		${compiled:+-v "$compiled:/cachemk/sccache"} "$tools"
}

# ---- backup-cache

# open_unfinished: creates a directory next to $archive that only we can read, and opens a file in
# it for writing, as descriptor 6
open_unfinished() {
	unfinished=$archive.part-$moment
	if { [ -e "$archive" ] && [ ! -f "$archive" ]; } || ! make_private "$unfinished"; then
		unfinished=
		refuse "$archive cannot be written: set FILE to a file in a directory that you can write to."
	fi
	(umask 077 && : >"$unfinished/archive")
	exec 6>"$unfinished/archive"
}

# select_target: starts a command for the caches of one target, as select_caches does
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
		'make -C would print its directory into the archive: add --no-print-directory.'
	case $archive in *.zst) pack=zstd ;; *) pack=gzip ;; esac
	need_packer "install it, or give $archive another extension"
	find_caches
	[ -n "$found" ] || refuse \
		"There is no cache $cache to back up: run make fetch-$target first."
	if is_on "$DRY_RUN"; then
		printf 'This backs up the cache %s to %s.\n' "$cache" "$shown" >&5
		printf 'Nothing was written (DRY_RUN=1).\n' >&5
		return
	fi
	need_tools
	make_temp
	printf 'Backing up the cache %s to %s...\n' "$cache" "$shown" >&5
	exec 6>&1
	[ "$archive" = - ] || open_unfinished
	recover_found
	write_archive || refuse_backup
	[ "$archive" = - ] || finish_backup
}

# recover_found: finishes or undoes an interrupted restore in the caches that were found
recover_found() {
	words=$with_volumes
	mount_found "$cache" /cachemk
	add_words "$tools"
	add_inside recover_cache
	run_inside >"$temp/said" || case $status in
	75) refuse "Nothing was written: a restore of the cache $cache was interrupted, and a" \
		'build is using the cache; try again when the build has ended.' ;;
	*) refuse_backup ;;
	esac
}

# refuse_backup: exits with a message
refuse_backup() {
	refuse 'The backup failed (disk full, engine stopped, or the error above);' \
		"$shown was not written."
}

# write_archive: packs what $words mount, into descriptor 6
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

# finish_backup: reads the archive back, and moves it to its name
finish_backup() {
	words=$with_volumes
	add_words "$tools"
	add_limited tar -tf -
	{ "$pack" -dc "$unfinished/archive" || : >"$temp/failed"; } | exec_container -i >"$temp/list" &
	wait_archive || refuse "The archive could not be read back; $archive was not written."
	[ ! -d "$archive" ] || refuse \
		"$archive is now a directory, and was not written: set FILE to another name."
	chmod '=rw' "$unfinished/archive"
	mv -f "$unfinished/archive" "$archive"
	printf 'Wrote %s: %s files, %s\n' "$archive" "$(grep -c '[^/]$' "$temp/list")" \
		"$(print_size "$(wc -c <"$archive")")"
}

# ---- restore-cache

# refuse_archive: exits with a message
refuse_archive() {
	refuse "$shown is not a complete archive of a cache, or could not be unpacked;" \
		'nothing was changed.'
}

# open_archive: sets $pack, or exits with a message if $archive cannot be read
open_archive() {
	pack=gzip
	if [ "$archive" != - ]; then
		if [ ! -f "$archive" ] || [ ! -r "$archive" ]; then
			refuse "$archive cannot be read: set FILE to an archive that backup-cache has written."
		fi
		case $(od -An -tx1 -N4 "$archive" | tr -d ' ') in 28b52ffd) pack=zstd ;; esac
	fi
	need_packer "install it to read $archive"
	[ "$archive" = - ] || "$pack" -dc "$archive" >/dev/null 2>&1 || refuse_archive
}

# check_unused: exits with a message if a container uses one of the volumes
check_unused() {
	for name in "$registry" "$git" ${compiled:+"$compiled"}; do
		users=$(run_engine ps --filter "volume=$name" --format '{{.Names}}')
		users=$(printf '%s' "$users" | tr '\n' ' ')
		[ -z "$users" ] || refuse "$name is in use by $users:" \
			'nothing was changed; try again when it has ended.'
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
		printf 'This replaces the cache %s with what is in %s.\n' "$cache" "$shown"
		printf 'Nothing was changed (DRY_RUN=1).\n'
		return
	fi
	prepare_run 'Restoring the cache'
	need_tools
	make_temp
	exchange_cache
	[ -z "$guest" ] || open_mounts
	printf 'Restored the cache %s from %s\n' "$cache" "$shown"
}

# exchange_cache: restores the cache in a container, or exits with a message.  If that is
# interrupted, it is finished or undone.
exchange_cache() {
	staged=yes
	add_cache
	add_limited sh -c "$(print_functions)" sh "$user" "${created:+image}${archive:+cache}"
	print_archive | exec_container -i >"$temp/said" &
	wait_container || :
	said=$(cat "$temp/said")
	case $status in
	0 | 65 | 73 | 75) staged= ;;
	*) recover_exchange ;;
	esac
	[ "$status" -eq 0 ] || refuse_exchange
}

# refuse_exchange: exits with the reason why restore_archive failed
refuse_exchange() {
	case $status-$said in
	65-?*)
		refuse "$shown is not an archive of a cache, because it contains $said;" \
			'nothing was changed.'
		;;
	73-*)
		refuse "$shown needs more than nine tenths of the free space for the cache;" \
			'free some space, and try again; nothing was changed.'
		;;
	75-*)
		refuse 'A build has started in the meantime: nothing was changed;' \
			'try again when it has ended.'
		;;
	*-exchanging) refuse "The cache $cache could not be replaced; nothing is lost, try again." ;;
	*) refuse_archive ;;
	esac
}

# recover_exchange: removes the container if it still runs, and finishes or undoes what it
# started.  Sets $status to 0 if it could be finished.
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

# print_functions: the functions of the part above, for sh
print_functions() {
	sed -n '/^# ---- exchange/,/^# ---- archive/{/^#/d;/^$/d;p;}' "$script"
	printf 'restore_archive "$1" "$2"\n'
}

# print_archive: the archive, unpacked by $pack, or what the container $created has, and then a line
# that says that it is complete
print_archive() {
	case $archive in
	'') run_engine cp "$created:/cache" - ;;
	-) "$pack" -dc <&3 ;;
	*) "$pack" -dc "$archive" ;;
	esac && printf 'cachemk: whole\n'
}

# unstage: finishes or undoes what was started, and records which in $temp/said
unstage() {
	staged=
	add_cache
	add_inside recover_cache
	run_inside >"$temp/said" 2>/dev/null
}
