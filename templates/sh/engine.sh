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

# leave_out: unsets what the user has set for other commands, and would change ours in silence: a
# platform that targets.ini does not have, options for the utilities we call.  Prepared images that
# are made here are not signed, so only what is pulled for one may need a signature.
leave_out() {
	content_trust=${DOCKER_CONTENT_TRUST-}
	unset DOCKER_CONTENT_TRUST DOCKER_DEFAULT_PLATFORM GREP_OPTIONS TAR_OPTIONS
}

# exec_trusting WORD...: calls the engine in place of this shell; what comes from a registry, or
# goes there, has to be signed if the user says so
exec_trusting() {
	[ -z "$content_trust" ] || export DOCKER_CONTENT_TRUST="$content_trust"
	exec_engine "$@"
}

# exec_build WORD...: builds from the Dockerfile on standard input, in place of this shell.
# Another builder than the engine's own would keep what it builds to itself.
exec_build() {
	export BUILDX_BUILDER=default
	eval "exec_trusting build \"\$@\" $build_flags -"
}

# print_reason TEXT: what the engine has complained of, as one line, without what it says each
# time: warnings, and that docker is really podman.
print_reason() {
	printf '%s\n' "$1" | LC_ALL=C awk "$safe_awk"'
		/^(Emulate Docker CLI|WARNING: )/ || !NF { next }
		{ text = text (text == "" ? "" : " ") safe($0) }
		END { print text }'
}

# find_address: sets $host to the engine's address, as its command, the environment or docker's
# context has it; to nothing for the default one
find_address() {
	host=${DOCKER_HOST:-${CONTAINER_HOST-}}
	in_context=
	eval "read_address $engine"
	if [ -n "$in_context" ] || { [ -z "$host" ] && uses_context; }; then
		host=$(run_engine context inspect --format '{{.Endpoints.docker.Host}}' 2>/dev/null) || host=
	fi
}

# read_address WORD...: sets $host or $in_context, if the engine's command has an address or the
# name of a context
read_address() {
	while [ $# -gt 0 ]; do
		case $1 in
		DOCKER_HOST=* | CONTAINER_HOST=*) host=${1#*=} ;;
		docker | podman | */docker | */podman) break ;;
		esac
		shift
	done
	while [ $# -gt 0 ]; do
		case $1 in
		-H | --host | --url) host=${2-} ;;
		-H?* | --host=* | --url=*) host=${1#-H} host=${host#*=} ;;
		-c | --context | --context=* | --connection | --connection=*) in_context=yes ;;
		esac
		shift
	done
}

# uses_context: whether the engine's address may come from one of docker's contexts
uses_context() {
	[ -z "${DOCKER_CONTEXT-}" ] || return 0
	settings=${DOCKER_CONFIG:-${HOME-}/.docker}/config.json
	[ -f "$settings" ] && grep currentContext "$settings" >/dev/null 2>&1
}

# engine_answers: whether it does; if not, sets $remedy to what to do, and the engine's own reason
engine_answers() {
	why=$(run_engine version 2>&1 >/dev/null) && return
	case $engine_title:$why in
	Podman:*) remedy='run podman info to see why, or check CONTAINER_HOST' ;;
	*[Pp]ermission*denied*)
		remedy='permission denied; join the group docker, or use a rootless engine' ;;
	*) remedy='start it, or check DOCKER_HOST and the docker context' ;;
	esac
	find_address
	why=$(print_reason "$why")
	why=${why%.}
	case $why in
	'') why=$host ;;
	*"$host"*) ;;
	*) why="$host: $why" ;;
	esac
	remedy=$remedy${why:+ ($why)}
	return 1
}

# need_engine: exits with a message unless the engine is installed and answers
need_engine() {
	command -v "$engine_name" >/dev/null 2>&1 || refuse \
		"$engine_name is not installed: install it, or set DOCKER to the command of another engine."
	engine_answers || refuse "$engine_shown does not answer: $remedy."
}

# ask_engine: sets $info to the output of the engine's info command, $rootless to yes or no, and
# $kept to keep if a container can keep the groups of its user: with podman and crun
ask_engine() {
	info=$(run_engine info 2>/dev/null) || :
	rootless=no
	if printf '%s\n' "$info" | grep -E '^ *rootless(: true)?$' >/dev/null; then rootless=yes; fi
	kept=
	case $rootless$info in
	*'serviceIsRemote: true'*) ;;
	yes*' name: crun'*) kept=keep ;;
	esac
}

# print_native_platform: the engine's own platform.  Of client and server, the engine lists the
# server last; some list only one.
print_native_platform() {
	run_engine version 2>/dev/null | awk '$1 == "OS/Arch:" { said = $2 } END { print said }'
}

# add_names FLAG NAME...: appends those variables that are set to $words, by name
add_names() {
	flag=$1
	shift
	for name; do
		eval "[ -z \"\${$name+set}\" ]" || add_words "$flag" "$name"
	done
}

# add_proxies FLAG: appends the proxy variables that are set.  Passing an unset one would hide the
# proxies in the engine's own configuration.
add_proxies() {
	add_names "$1" http_proxy HTTP_PROXY https_proxy HTTPS_PROXY no_proxy NO_PROXY
}

# warn_of_loss WORD...: warns if the first word of DOCKER is a command that empties the
# environment, and a `docker run` with these words names variables of it
warn_of_loss() {
	case ${engine_name##*/}:$engine_shown in
	*' -E '* | *' --preserve-env'*) return 0 ;;
	sudo:* | doas:* | flatpak-spawn:* | distrobox-host-exec:* | ssh:*) ;;
	*) return 0 ;;
	esac
	lost=
	eval "set -- $words \"\$@\""
	while [ "$1" != "$prepared" ]; do
		case "$1 ${2-}" in
		'-e '*[!A-Za-z0-9_]* | '--env '*[!A-Za-z0-9_]*) ;;
		'-e '* | '--env '*) eval "[ -z \"\${$2+set}\" ]" || lost=$lost${lost:+,}$2 ;;
		esac
		shift
	done
	[ -z "$lost" ] || printf '%s\n' "warning: '$engine_shown' may not pass on $lost: set DOCKER to a \
command that does, such as 'sudo --preserve-env=$lost docker'" >&2
}
