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

# find_numeric: sets $numeric to tar's flag that makes owners numbers: the names of one image mean
# nothing to another.  Busybox knows nothing else.
find_numeric() {
	numeric=--numeric-owner
	tar "$numeric" -cf /dev/null /dev/null 2>/dev/null || numeric=
}

# ---- backup-cache

# pack_cache: runs in a container, and prints the archive.  Waits until no build is downloading or
# collecting, and keeps them from it: see cargo's locks in the Dockerfile.
pack_cache() {
	cd /cachemk && mkdir -p registry git || return
	if [ -e registry/.package-cache ] && command -v flock >/dev/null; then
		exec 8<registry/.package-cache
		flock 8
	fi
	find_numeric
	exec tar ${numeric:+"$numeric"} -cf - registry git
}

# open_unfinished: makes a directory beside $archive, which nobody else has made or can look into,
# and opens a file in it for writing, as the descriptor 6
open_unfinished() {
	unfinished=$archive.part-$moment
	if { [ -e "$archive" ] && [ ! -f "$archive" ]; } || ! make_private "$unfinished"; then
		unfinished=
		refuse "$archive cannot be written: name a file in a folder that is yours."
	fi
	exec 6>"$unfinished/archive"
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
	[ "$archive" = - ] || open_unfinished
	write_archive || refuse "The backup failed, for want of disk or engine or what is said above;" \
		"$shown was not written."
	[ "$archive" = - ] || finish_backup
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

# finish_backup: reads it back, and puts it in its place
finish_backup() {
	words=$with_volumes
	add_words "$tools"
	add_limited tar -tf -
	{ "$pack" -dc "$unfinished/archive" || : >"$temp/failed"; } | exec_container -i >"$temp/list" &
	wait_archive || refuse "The archive could not be read back; $archive was not written."
	mv -f "$unfinished/archive" "$archive"
	printf 'Wrote %s: %s files, %s KiB\n' "$archive" "$(grep -c '[^/]$' "$temp/list")" \
		"$(($(wc -c <"$archive") / 1024))"
}

# ---- restore-cache

# Runs in a container: reads an archive into directories of its own in the volumes.  All of it must
# be there, and nothing else.
stage_script='
set -e
cd /cachemk
for folder in registry git; do
  old=$folder/.cachemk-old
  [ ! -d $old ] || for entry in $old/* $old/.[!.]*; do
    [ ! -e "$entry" ] || [ -e "$folder/${entry##*/}" ] || mv "$entry" $folder/
  done
  rm -rf $old $folder/.cachemk-restore
  mkdir $folder/.cachemk-restore
done
cd registry/.cachemk-restore
numeric=--numeric-owner
tar $numeric -cf /dev/null /dev/null 2>/dev/null || numeric=
tar $numeric -xpf -
cat >/dev/null
for entry in * .[!.]*; do
  case $entry in registry | git) [ -d "$entry" ] ;; *) [ ! -e "$entry" ] ;; esac
done
[ -d registry ] && [ -d git ] && [ ! -h registry ] && [ ! -h git ] || exit 1
find registry git -type f \( -perm -4000 -o -perm -2000 \) -exec chmod ug-s {} +
cp -a git/. ../../git/.cachemk-restore/
rm -rf git
'

# swap_cache USER: runs in a container, and puts what was staged into the place of what was there,
# unless a build has begun meanwhile.  Cargo's locks stay what they are, since one may be waiting
# for them.  Once .cachemk-old lies among what was staged, all of that is rubbish.
swap_cache() {
	trap '' HUP INT TERM
	umask 0
	cd /cachemk || return
	: >>registry/.package-cache && : >>registry/.package-cache-mutate
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	if command -v flock >/dev/null; then
		flock -n 8 && flock -n 9 || return 75
	fi
	swap_directory registry registry/.cachemk-restore/registry
	swap_directory git git/.cachemk-restore
	for directory in registry git; do
		mv "$directory/.cachemk-old" "$directory/.cachemk-restore/"
	done
	chmod a+rw registry/.package-cache*
	rm -rf registry/.cachemk-restore git/.cachemk-restore
	open_restored "$1"
}

# swap_directory OLD NEW: exchanges what is in them
swap_directory() {
	mkdir "$1/.cachemk-old"
	for entry in "$1"/* "$1"/.[!.]*; do
		case ${entry##*/} in
		.cachemk-* | .package-cache*) ;;
		*) [ ! -e "$entry" ] || mv "$entry" "$1/.cachemk-old/" ;;
		esac
	done
	for entry in "$2"/* "$2"/.[!.]*; do
		case ${entry##*/} in
		.package-cache*) ;;
		*) [ ! -e "$entry" ] || mv "$entry" "$1/" ;;
		esac
	done
	chown "$(stat -c %u:%g "$2")" "$1" && chmod "$(stat -c %a "$2")" "$1"
}

# open_restored USER: lets everybody write to all of it, unless it is all USER's or open
open_restored() {
	[ "$1" != 0 ] || return 0
	[ -n "$(find registry git ! -user "$1" ! -type l ! -perm -2)" ] || return 0
	find registry git ! -type l ! -perm -2 -exec chmod a+rwX {} +
}

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
	stage_archive || refuse_archive
	swap_staged
	[ -z "$guest" ] || open_mounts
	printf 'Restored the cache %s from %s\n' "$cache" "$shown"
}

# stage_archive: unpacks it beside what is there
stage_archive() {
	staged=yes
	add_cache
	add_limited sh -c "$stage_script"
	{ print_archive || : >"$temp/failed"; } | exec_container -i &
	wait_archive
}

# add_cache: begins $words with the cache, for a container of $tools
add_cache() {
	words=$with_volumes
	add_words -v "$registry:/cachemk/registry" -v "$git:/cachemk/git" "$tools"
}

# print_archive: unpacked by $pack
print_archive() {
	if [ "$archive" = - ]; then "$pack" -dc <&3; else "$pack" -dc "$archive"; fi
}

# swap_staged: puts what was staged into its place, or ends with one line.  No signal stops it.
swap_staged() {
	trap '' HUP INT TERM
	add_cache
	add_inside swap_cache "${user%:*}"
	run_inside || :
	case $status in
	0) staged= ;;
	75) refuse 'A build has begun meanwhile: nothing was changed; try again when it has ended.' ;;
	*) refuse "The cache $cache could not be exchanged: try again." ;;
	esac
}

# unstage: removes what was staged
unstage() {
	staged=
	add_cache
	add_inside rm -rf /cachemk/registry/.cachemk-restore /cachemk/git/.cachemk-restore
	run_inside >/dev/null 2>&1 || :
}
