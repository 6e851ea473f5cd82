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
# the directory does not exist, --mount fails, where -v would create it.
compare_disks() {
	make_private ".cachemk-$moment" || return
	mark=$PWD/.cachemk-$moment
	words=$as_nobody
	add_words ${platform:+--platform "$platform"} \
		--mount "type=bind,\"source=$PWD\",target=/workspace,readonly" "$prepared"
	add_inside test -e "/workspace/${mark##*/}"
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

# Runs in a container: unpacks the project, and gives it to $1, who compiles in $2.
receive_script='
tar -xf - &&
  chmod 777 "$2" &&
  find . -path "./$3" -prune -o -exec chown -h "$1" {} +
'

# send_workspace: sends the project without its target directory.  COPYFILE_DISABLE is for macOS,
# whose tar would add files.
send_workspace() {
	printf 'Sending the project to the engine...\n'
	workspace=cargo-workspace-${container#cachemk-}
	make_volumes "$workspace"
	words=$as_root
	add_words ${platform:+--platform "$platform"} \
		-v "$workspace:/workspace" -v "$objects:$inside/$target_dir" -w /workspace "$prepared"
	add_limited sh -c "$receive_script" send "$user" "$inside/$target_dir" \
		"${within#/}${within:+/}target"
	make_temp
	{ pack_workspace || : >"$temp/failed"; } | exec_container -i &
	wait_run
	[ ! -e "$temp/failed" ] || {
		finish
		refuse 'The project could not be read: see above.'
	}
}

# pack_workspace: prints the project as an archive, with what is around it in its repository, and
# without the target directories on the way to it
pack_workspace() (
	cd -P -- "${outer:-.}" || return
	set --
	way=.
	rest=${within#/}/
	while :; do
		step=${rest%%/*}
		for entry in "$way"/.[!.]* "$way"/..?* "$way"/*; do
			case $entry in "$way/target" | "$way/${step:-target}") continue ;; esac
			if [ -e "$entry" ] || [ -h "$entry" ]; then set -- "$@" "$entry"; fi
		done
		[ -n "$step" ] || break
		way=$way/$step
		rest=${rest#*/}
	done
	COPYFILE_DISABLE=1 tar -cf - "$@"
)

# fetch_products FILE...: copies what was built from a volume, and from another machine also
# Cargo.lock.  It is unpacked out of reach of builds, and only regular files are moved into the
# project.
fetch_products() {
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
