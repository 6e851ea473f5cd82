# ---- containers: every container is begun here.  It has a name, by which a signal removes it; it
# can do no more than it must; and one that looks into what builds have left has a time limit.

# None can gain what it does not have, by a set-user-ID program for example; root can do no more
# than work with anybody's files: see capabilities(7).
unprivileged='--security-opt no-new-privileges --cap-drop ALL'
file_capabilities='--cap-add CHOWN --cap-add DAC_OVERRIDE --cap-add FOWNER --cap-add FSETID'
as_nobody="--network none $unprivileged"
as_root="$as_nobody --user 0:0 $file_capabilities"

# guard: from here on, a signal leaves no container, and ends the rule.  Docker loses one that
# comes while it starts a container, hands on none when it has a terminal, and may leave a
# container that it has not started yet.  So it runs in the background, with our standard input
# as descriptor 3, and we remove the container until docker has ended.
guard() {
	[ -z "$container" ] || return 0
	[ -n "$moment" ] || read_moment "$(print_moment)"
	container=cachemk-${target:-caches}-$moment
	exec 3<&0
	trap leave EXIT
	trap stop HUP INT TERM
}

# stop: what a signal does.  A busy engine makes the container even when docker has ended
# meanwhile, so it is removed once more a little later, unless it is a build's: docker waits for
# those.
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

# remove_container: if it is there
remove_container() {
	run_engine rm --force "$container" >/dev/null 2>&1 || :
}

# end_packer: ends a process of ours that waits for what a container prints, and would wait for ever
# if there is none
end_packer() {
	[ -z "$packer" ] || kill "$packer" 2>/dev/null || :
}

# leave: what the script does last, however it ends: it leaves the caches, and nothing else
leave() {
	trap '' HUP INT TERM
	end_packer
	[ -z "$staged" ] || unstage || :
	[ -z "$replaced" ] || run_engine image rm "$replaced" >/dev/null 2>&1 || :
	[ -z "$mark" ] || rmdir "$mark" 2>/dev/null || :
	rm -rf ${temp:+"$temp"} ${unfinished:+"$unfinished"}
}

# make_temp: makes the directory $temp, of our own, which goes when we do
make_temp() {
	[ -z "$temp" ] || return 0
	temp=${TMPDIR:-/tmp}/cachemk-$moment
	make_private "$temp" || {
		temp=
		refuse "'${TMPDIR:-/tmp}' cannot be written: set TMPDIR to a directory that you can write to."
	}
}

# make_private DIRECTORY: makes one that nobody has made before.  A signal to us and to what we run
# does not end it halfway: it would have made what we then do not know of.
make_private() {
	(trap '' HUP INT TERM && exec mkdir -m 700 "$1" 2>/dev/null)
}

# ---- A container's words are gathered in $words: first what it may do, as above, then what
# `docker run` needs, the image, and what runs in it

# add_limited WORD...: a command that runs in it, for an hour at most: what a build has left may be
# such that reading it never ends
add_limited() {
	add_words timeout -s KILL 3600 "$@"
}

# add_inside FUNCTION [ARGUMENT...]: a function of this script, which is its standard input
add_inside() {
	add_limited sh -s inside "$@"
}

# exec_container [FLAG...]: runs it in the place of this shell, which is to be in the background
exec_container() {
	eval "exec_engine run --rm --init --name \"\$container\" \"\$@\" $words"
}

# wait_container: waits for docker, the last one in the background, and returns its status
wait_container() {
	status=0
	wait "$!" || status=$?
	return "$status"
}

# run_container [FLAG...]: runs it with our standard input, and waits
run_container() {
	exec 4<&0
	exec_container "$@" <&4 4<&- &
	exec 4<&-
	wait_container
}

# run_inside: runs a function of this script in it, and waits
run_inside() {
	run_container -i <"$script"
}

# read_inside: the same, and sets $said to what it prints
read_inside() {
	make_temp
	run_inside >"$temp/said" || return
	said=$(cat <"$temp/said")
}

# print_remedy TEXT: what to do when a container has ended with $status; TEXT if it was not begun.
# It is killed when its time is over; to try again would take as long.
print_remedy() {
	case $status in
	125) printf '%s\n' "$1" ;;
	137) printf 'it took more than an hour, or was killed; make clean-cache removes the cache\n' ;;
	*) printf 'see above\n' ;;
	esac
}
