# ---- engine: the command in DOCKER, which may be several words

# show_command WORD...: with V=1, prints the command that is about to run, ready to paste
show_command() {
	is_on "$V" || return 0
	line=+
	for word; do
		case $word in
		'' | *[!A-Za-z0-9_./:=@%+,-]*) quote_word "$word" ;;
		*) quoted=$word ;;
		esac
		line="$line $quoted"
	done
	printf '%s\n' "$line" >&7
}

# run_engine WORD...: calls the engine
run_engine() {
	eval "show_command $engine \"\$@\""
	eval "$engine \"\$@\""
}

# exec_engine WORD...: the same, but replaces this shell, so that $! of `exec_engine ... &` is the
# engine's process
exec_engine() {
	eval "show_command $engine \"\$@\""
	eval "exec $engine \"\$@\""
}

# engine_answers: whether it does; if not, sets $remedy to what to do
engine_answers() {
	why=$(run_engine version 2>&1 >/dev/null) && return
	case $engine_title:$why in
	Podman:*) remedy='run podman info to see why, or check CONTAINER_HOST' ;;
	*[Pp]ermission*denied*)
		remedy='permission denied; join the group docker, or use a rootless engine' ;;
	*) remedy='start it, or check DOCKER_HOST and the docker context' ;;
	esac
	return 1
}

# need_engine: exits with a message unless the engine is installed and answers
need_engine() {
	command -v "$engine_name" >/dev/null 2>&1 || refuse \
		"$engine_name is not installed: install it, or set DOCKER to the command of another engine."
	engine_answers || refuse "$engine_name does not answer: $remedy."
}

# ask_engine: sets $info to the output of the engine's info command, and $rootless to yes or no
ask_engine() {
	info=$(run_engine info 2>/dev/null) || :
	rootless=no
	if printf '%s\n' "$info" | grep -E '^ *rootless(: true)?$' >/dev/null; then rootless=yes; fi
}

# print_native_platform: the engine's own platform.  Of client and server, the engine lists the
# server last; some list only one.
print_native_platform() {
	run_engine version 2>/dev/null | awk '$1 == "OS/Arch:" { said = $2 } END { print said }'
}

# add_proxies FLAG: appends the proxy variables that are set to $words, by name.  Passing an unset
# one would hide the proxies in the engine's own configuration.
add_proxies() {
	[ -z "${http_proxy+set}" ] || add_words "$1" http_proxy
	[ -z "${HTTP_PROXY+set}" ] || add_words "$1" HTTP_PROXY
	[ -z "${https_proxy+set}" ] || add_words "$1" https_proxy
	[ -z "${HTTPS_PROXY+set}" ] || add_words "$1" HTTPS_PROXY
	[ -z "${no_proxy+set}" ] || add_words "$1" no_proxy
	[ -z "${NO_PROXY+set}" ] || add_words "$1" NO_PROXY
}
