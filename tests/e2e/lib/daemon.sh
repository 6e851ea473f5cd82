# shellcheck shell=sh disable=SC2154
# Processes of the lab: each has a name, run/NAME.pid, log/NAME.log, and perhaps run/NAME.port.

# daemon_start NAME COMMAND...: in a session of its own, so that Ctrl-C at the caller's terminal does not reach it, and
# without the caller's further files: a test runner waits until nobody holds its pipes any longer.
# Some argument of COMMAND must be a path in the lab's directory: daemon_alive recognises it by that.
daemon_start() {
	name=$1
	shift
	TMPDIR=$lab/tmp setsid "$@" </dev/null >>"$lab/log/$name.log" 2>&1 3>&- 4>&- 5>&- 6>&- 7>&- 8>&- 9>&- &
	printf '%s\n' "$!" >"$lab/run/$name.pid"
}

daemon_port() {
	cat "$lab/run/$1.port"
}

# A recorded pid may belong to somebody else by now, after a reboot for example.
daemon_alive() {
	[ -s "$lab/run/$1.pid" ] || return 1
	is_ours "$(cat "$lab/run/$1.pid")"
}

is_ours() {
	tr '\0' ' ' 2>/dev/null <"/proc/$1/cmdline" | grep -qF "$lab/"
}

is_gone() {
	! is_ours "$1"
}

# daemon_stop NAME: with all that it started; as the leader of its session its id is that of the group too
daemon_stop() {
	if daemon_alive "$1"; then
		pid=$(cat "$lab/run/$1.pid")
		kill -- "-$pid" 2>/dev/null || :
		process_end "$pid"
		kill -9 -- "-$pid" 2>/dev/null || :
	fi
	rm -f "$lab/run/$1.pid"
}

# process_end ID: waits for a process that was asked to end, then insists
process_end() {
	wait_for 30 is_gone "$1" || kill -9 "$1" 2>/dev/null || :
	wait_for 5 is_gone "$1" || die "process $1 does not end"
}

# daemon_failed NAME: what it said last, then the end
daemon_failed() {
	tail -n 20 "$lab/log/$1.log" >&2
	die "$1 failed; its log is $lab/log/$1.log"
}
