# ---- remote: an engine on another machine cannot mount our directories, so the project is sent
# to it

# find_machine: sets $workspace to what is mounted: our directory, or, for an engine that does not
# see it, a volume that send_workspace fills; sets $remote in that case.  Any engine may be on
# another machine, or in a virtual machine: whether it sees the directory is tested with a file,
# each time for an engine on the network, and once for one whose own directory is not here.
find_machine() {
	workspace=$PWD
	find_address
	case $host in
	ssh://* | tcp://*)
		compare_disks ||
			refuse "'$PWD' cannot be written: set WORKSPACE to a directory that you can write to."
		;;
	*) is_here || was_seen || ! compare_disks || [ -n "$remote" ] || remember_seen ;;
	esac
	[ -z "$remote" ] || prepare_sending
}

# is_here: whether the engine's own directory, below which it has its volumes and images, is on
# this machine.  Root can look into it, others may only see that it is there.
is_here() {
	facts=$mount_facts$image_facts
	case $facts in
	*'"Mountpoint":"/'*) place_of_engine=/${facts#*'"Mountpoint":"/'} ;;
	*'"UpperDir":"/'*) place_of_engine=/${facts#*'"UpperDir":"/'} ;;
	*) return 0 ;;
	esac
	place_of_engine=${place_of_engine%%'"'*}
	engine_root=${place_of_engine%/volumes/*}
	engine_root=${engine_root%/overlay*/*}
	if [ -x "$engine_root" ]; then
		[ -d "$engine_root/volumes" ] || [ -d "$place_of_engine" ]
	else
		[ -d "$engine_root" ]
	fi
}

# was_seen: whether this engine saw the directory in an earlier build: an engine is known by the
# image that it has prepared.  Sets $seen_note to a file out of reach of builds, or to nothing.
was_seen() {
	seen_note=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
	case $seen_note in /*) seen_note=$seen_note/cachemk/seen ;; *) seen_note= ;; esac
	seen=${image_facts#*'"Id":"'}
	seen="${seen%%'"'*} $PWD"
	[ -f "$seen_note" ] || return
	while IFS= read -r line; do
		[ "$line" != "$seen" ] || return 0
	done <"$seen_note"
	return 1
}

# remember_seen: for the next builds, among the last hundred
remember_seen() {
	[ -n "$seen_note" ] || return 0
	{
		mkdir -p "${seen_note%/*}"
		{ tail -n 99 "$seen_note" || :; } >"$seen_note-$moment"
		printf '%s\n' "$seen" >>"$seen_note-$moment"
		mv -f "$seen_note-$moment" "$seen_note"
	} 2>/dev/null || :
}

# compare_disks: sets $remote unless the engine has our disk; fails if this cannot be tested.  If
# a directory does not exist, --mount fails, where -v would create it.
compare_disks() {
	make_private ".cachemk-$moment" || return
	mark=$PWD/.cachemk-$moment
	words=$as_nobody
	add_words ${platform:+--platform "$platform"} \
		--mount "type=bind,\"source=${outer:-$PWD}\",target=/workspace,readonly"
	[ -z "$common" ] || add_words --mount "type=bind,\"source=$common\",target=/repository,readonly"
	add_words "$prepared"
	add_inside test -e "$inside/${mark##*/}"
	run_inside >/dev/null 2>&1 || remote=yes
	rmdir "$mark"
	mark=
}

# prepare_sending: creates the volume for what is compiled, which is kept.  The volume for the
# sources is only this build's, so that it has no deleted files, and parallel builds do not share
# one.
prepare_sending() {
	[ -z "$ssh${CARGO_HTTP_CAINFO-}$directories" ] || refuse \
		'An engine on another machine cannot use ssh = agent, CARGO_HTTP_CAINFO or CACHE_DIR:' \
		'unset them.'
	[ -n "$objects" ] || {
		name_objects
		make_volumes "$objects"
	}
}

# Runs in a container: unpacks an archive, and gives it to $1, who compiles in $2.
receive_script='
tar -xf - &&
  { [ -z "$2" ] || chmod 777 "$2"; } &&
  find . -path "./$3" -prune -o -exec chown -h "$1" {} +
'

# send_workspace: sends the project, and the repository of a worktree
send_workspace() {
	printf 'Sending the project to the engine...\n'
	workspace=cargo-workspace-${container#cachemk-}
	words=$as_root
	add_words -v "$objects:$inside/$target_dir"
	send pack_workspace "$workspace" /workspace "$inside/$target_dir" "${within#/}${within:+/}target"
	words=$as_root
	[ -z "$common" ] || send pack_repository "$workspace-git" "$common_place" '' ''
}

# send FUNCTION VOLUME PLACE WORD WORD: creates the volume, mounted at this place, from the archive
# that the function prints, in a subshell; the words are for the script
send() {
	make_volumes "$2"
	add_words ${platform:+--platform "$platform"} -v "$2:$3" -w "$3" "$prepared"
	add_limited sh -c "$receive_script" send "$user" "$4" "$5"
	make_temp
	{ "$1" || : >"$temp/failed"; } | exec_container -i &
	wait_run
	[ ! -e "$temp/failed" ] || {
		finish
		refuse 'The project could not be read: see above.'
	}
}

# pack_workspace: prints the project as an archive, with what is around it in its repository, but
# without its target directory and all that cargo has tagged as one.  COPYFILE_DISABLE is for
# macOS, whose tar would add files.
pack_workspace() {
	cd -P -- "${outer:-.}" || return
	skipped=$(find . -name .git -prune -o -type f -name CACHEDIR.TAG \
		-exec grep -l 'created by cargo' {} + 2>/dev/null | sed 's|/CACHEDIR.TAG$||')
	skipped=$newline.$within/target$newline$skipped$newline
	words=
	add_entries .
	eval "COPYFILE_DISABLE=1 tar -cf - $words"
}

# add_entries DIRECTORY: adds what is in it, but for what is skipped
add_entries() {
	for entry in "$1"/.[!.]* "$1"/..?* "$1"/*; do
		[ -e "$entry" ] || [ -h "$entry" ] || continue
		case $skipped in
		*"$newline$entry$newline"*) ;;
		*"$newline$entry/"*) add_entries "$entry" ;;
		*) add_words "$entry" ;;
		esac
	done
}

# pack_repository: prints the repository of a worktree as an archive
pack_repository() {
	cd -P -- "$common" && COPYFILE_DISABLE=1 tar -cf - .
}

# fetch_products FILE...: copies what was built from a volume, and from another machine also
# Cargo.lock.  It is unpacked out of reach of builds, and only regular files are moved into the
# project.
fetch_products() {
	make_temp
	mkdir "$temp/products"
	words="$as_nobody --user $user $capabilities $groups"
	[ -z "$remote" ] || add_words -v "$workspace:/workspace:ro"
	add_words -v "$objects:$inside/$target_dir" -w "$inside" "$prepared"
	add_inside print_products "$target_dir" "$triple" "$cross" "$@"
	run_inside >"$temp/products.tar" || end_run
	(cd "$temp/products" && tar -xof ../products.tar) || refuse \
		'What was built could not be copied from the container: see above.'
	[ -z "$remote" ] || place_file "$temp/products/Cargo.lock" .
	for file; do place_file "$temp/products/$file" "${file%/*}"; done
}

# place_file FILE DIRECTORY: moves it there, without set-user-ID bits, and without following links
place_file() {
	is_file "$1" || return 0
	chmod a-s "$1"
	(
		case $2 in .) ;; *) enter_directory "$2" ;; esac && mv -f "$1" ./
	) || refuse "$place$2/${1##*/} cannot be written: something else has this name; remove it."
}

# print_products DIRECTORY TRIPLE CROSS FILE...: runs in the container, and prints an archive of the
# files.  Two empty blocks are an archive without files.
print_products() {
	directory=$1 triple=$2 cross=$3
	shift 3
	[ -z "$cross" ] || link_binaries "$directory" "$triple" "$@"
	set -- Cargo.lock "$@"
	for file; do
		shift
		if is_file "$file"; then set -- "$@" "$file"; fi
	done
	[ $# -gt 0 ] || exec dd if=/dev/zero bs=1024 count=1 2>/dev/null
	exec tar -cf - "$@"
}
