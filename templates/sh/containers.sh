# ---- containers: every container is started here.  It has a name, so that a signal handler can
# remove it, and no more rights than it needs; one that reads what builds have left behind has a
# time limit.

# No container can gain rights, for example through a set-user-ID program; root can only access
# files of any owner: see capabilities(7).
unprivileged='--security-opt no-new-privileges --cap-drop ALL'
file_capabilities='--cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add FSETID'
as_nobody="--network none $unprivileged"
as_root="$as_nobody --user 0:0 $file_capabilities"

# guard: from here on, a signal ends the command and leaves no container behind.  Docker ignores a
# signal that arrives while it starts a container, passes none on when it has a terminal, and may
# leave a container behind that it has created but not started.  So docker runs in the background,
# with our standard input as descriptor 3, and we remove the container until docker has ended.
guard() {
	[ -z "$container" ] || return 0
	[ -n "$moment" ] || with_parts "$newline" read_moment "$(print_moment)"
	container=cachemk-${target:-caches}-$moment
	exec 3<&0
	trap leave EXIT
	trap stop HUP INT TERM
}

# stop: the signal handler.  A busy engine may create the container after docker has ended, so the
# container is removed again a little later, except a build's: docker waits for those.
stop() {
	trap '' HUP INT TERM
	set +u
	end_packer
	while
		remove_container
		[ -n "$!" ] && kill -0 "$!" 2>/dev/null
	do sleep 1; done
	remove_container
	[ -z "$temp" ] || for try in first last; do
		sleep 1
		remove_container
	done
	finish
	exit 130
}

# remove_container: removes it if it exists
remove_container() {
	run_engine rm --force "$container" >/dev/null 2>&1 || :
}

# end_packer: ends our process that reads what a container prints; without a container it would
# wait forever
end_packer() {
	[ -z "$packer" ] || kill "$packer" 2>/dev/null || :
}

# leave: the exit handler: removes everything but the caches
leave() {
	trap '' HUP INT TERM
	end_packer
	finish || :
	[ -z "$staged" ] || unstage || :
	[ -z "$created" ] || drop_created
	[ -z "$replaced" ] || run_engine image rm "$replaced" >/dev/null 2>&1 || :
	[ -z "$passing" ] || drop_passing
	[ -z "$mark" ] || rmdir "$mark" 2>/dev/null || :
	[ -z "$temp$unfinished" ] || rm -rf ${temp:+"$temp"} ${unfinished:+"$unfinished"}
}

# make_temp: creates the temporary directory $temp, which is removed when we exit
make_temp() {
	[ -z "$temp" ] || return 0
	temp=${TMPDIR:-/tmp}/cachemk-$moment
	case $temp in /*) ;; *) temp=$project/$temp ;; esac
	make_private "$temp" || {
		temp=
		refuse "'${TMPDIR:-/tmp}' cannot be written: set TMPDIR to a directory that you can write to."
	}
}

# make_private DIRECTORY: creates it, and fails if it exists.  Signals are ignored meanwhile: an
# interrupted mkdir could leave a directory that we do not know of.
make_private() {
	(trap '' HUP INT TERM && exec mkdir -m 700 "$1" 2>/dev/null)
}

# ---- The words of a `docker run` are collected in $words: first the container's rights, as
# above, then its options, the image, and the command

# add_limited WORD...: the command, with a time limit of an hour: a build may have left files that
# are endless to read
add_limited() {
	add_words timeout -s KILL 3600 "$@"
}

# add_inside FUNCTION [ARGUMENT...]: runs a function of this script, which the container gets on
# its standard input
add_inside() {
	add_limited sh -s inside "$@"
}

# exec_container [FLAG...]: runs the container in place of this shell, which has to be in the
# background
exec_container() {
	eval "exec_engine run --rm --init --name \"\$container\" \"\$@\" $words"
}

# wait_container: waits for the last docker started in the background, and returns its status
wait_container() {
	status=0
	wait "$!" || status=$?
	return "$status"
}

# run_container [FLAG...]: runs the container with our standard input, and waits for it
run_container() {
	exec 4<&0
	exec_container "$@" <&4 4<&- &
	exec 4<&-
	wait_container
}

# run_inside: runs a function of this script in the container, and waits for it
run_inside() {
	run_container -i <"$script"
}

# read_inside: the same, and sets $said to its output
read_inside() {
	make_temp
	run_inside >"$temp/said" || return
	said=$(cat <"$temp/said")
}

# print_remedy TEXT: what to do after a container has ended with $status; TEXT if it could not be
# started.  A container that reached the time limit was killed, and would be again.
print_remedy() {
	case $status in
	125) printf '%s\n' "$1" ;;
	137) printf 'it took more than an hour, or was killed; make clean-cache removes the cache\n' ;;
	*) printf 'see above\n' ;;
	esac
}
