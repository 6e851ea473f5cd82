# ---- running: runs cargo or another command in a container that is removed when we end

# enter_workspace: changes to the root of the workspace, or exits with a message.  Sets $place: what
# to put before a path in there to show it; and $inside: where it is mounted.
enter_workspace() {
	expand_home "$WORKSPACE"
	place=$expanded
	case $place in
	'' | .) place=$project ;;
	-*) place=./$place ;;
	esac
	{
		CDPATH='' cd -- "$place" && typed=$PWD && cd -P . && [ -f Cargo.toml ]
	} >/dev/null 2>&1 || refuse \
		"There is no Cargo.toml in '$place': set WORKSPACE to a Cargo project's directory."
	case $PWD in *:*)
		refuse "The engine cannot mount '$PWD', because of the colon: rename the directory." ;;
	esac
	check_way
	find_root
	if [ -n "$member" ]; then
		name_place
	elif [ "$PWD" = "$project" ]; then place=; else place=${place%/}/; fi
	find_repository
	inside=/workspace$within
}

# check_caller: exits with a message if what the user has set in the environment cannot be passed
# on
check_caller() {
	case ${CARGO_HTTP_CAINFO-} in
	*:* | [!/]*) certificate=/ ;;
	*) certificate=${CARGO_HTTP_CAINFO-} ;;
	esac
	[ -z "$certificate" ] || [ -f "$certificate" ] || refuse \
		"CARGO_HTTP_CAINFO is '$CARGO_HTTP_CAINFO':" \
		'set it to the absolute path of a file, without a colon.'
	[ -z "$ssh" ] || [ -n "${SSH_AUTH_SOCK-}" ] || refuse \
		"SSH_AUTH_SOCK is not set: start ssh-agent, because $target has ssh = agent."
}

# check_target_directory: exits with a message if its path contains a link, which leads elsewhere
# in a container, or if $user cannot write to it: an older Makefile has created it as root
check_target_directory() {
	for directory in target "$target_dir"; do
		[ ! -h "$directory" ] || refuse "$place$directory is a symbolic link: remove it." \
			'To compile outside the project, set target_dir = volume in targets.ini.'
		case $user in 0:*) continue ;; esac
		[ ! -e "$directory" ] || [ -w "$directory" ] || refuse "You cannot write to" \
			"$place$directory: run 'sudo chown -R $user ${place}target'."
	done
}

# make_target_directory: creates it before the engine would, as root
make_target_directory() {
	(enter_directory "$target_dir") || refuse \
		"$place$target_dir cannot be created: something else has this name; remove it."
}

# name_note SUBJECT: sets $note to a file in the user's cache directory, out of reach of builds,
# which remembers something of this project and target; to nothing if the user has no home
name_note() {
	note=${XDG_CACHE_HOME:-${HOME:+$HOME/.cache}}
	case $note in
	/*) note=$note/cachemk/projects$PWD/$target.$1 ;;
	*) note= ;;
	esac
}

# write_note TEXT: remembers it; if that fails, the same is found out again
write_note() {
	[ -z "$note" ] || { mkdir -p "${note%/*}" && printf '%s\n' "$1" >"$note"; } 2>/dev/null || :
}

# read_note: sets $noted to what is remembered, or to nothing
read_note() {
	noted=
	[ ! -f "$note" ] || IFS= read -r noted <"$note" || :
}

# name_image: sets $image_id to the prepared image's ID
name_image() {
	image_id=${image_facts#*'"Id":"'}
	image_id=${image_id%%'"'*}
}

# check_toolchain: warns, once per image, if the project's toolchain file asks for more than the
# image has.  Of the two names, rustup reads the first that exists.
check_toolchain() {
	find_above rust-toolchain rust-toolchain.toml || return 0
	file=$found_above
	name_note toolchain
	read_note
	seen="$image_id $(cksum <"$file")"
	[ "$noted" != "$seen" ] || return 0
	has_toolchain "$prepared" "$file" ${platform:+--platform "$platform"} --user "$user" ||
		printf '%s%s%s\n' \
			"warning: the image lacks the toolchain in ${file#"$PWD/"}, " \
			'so rustup downloads it in every build; add "rustup toolchain install CHANNEL ' \
			'[-c COMPONENT] [-t TARGET]" to setup in targets.ini' >&2
	write_note "$seen"
}

# check_image: empties the target directory if another image has filled it.  Cargo notices another
# compiler, but not another linker, C library or system library.  Volumes are an engine's own.
check_image() {
	case $command in fetch) return ;; esac
	name_note "image${objects:+@${host:-here}}"
	read_note
	[ "$noted" != "$image_id" ] || return 0
	if [ -n "$noted" ] && { [ -n "$objects" ] || [ -d "$target_dir" ]; }; then
		printf 'The image for %s has changed, so everything is compiled again.\n' "$target" >&2
		start_emptying
	fi
	write_note "$image_id"
}

# start_emptying: empties the target directory from within a container, so that links made by a
# build cannot lead outside it
start_emptying() {
	words="$as_nobody --user $user $capabilities"
	add_workspace
	add_words ${platform:+--platform "$platform"} -w "$inside" "$prepared"
	add_inside empty_directory "$target_dir"
	run_inside || refuse "$place$target_dir could not be emptied: remove it, and try again."
}

# empty_directory DIRECTORY: runs in the container.  Waits for builds that still use it.
empty_directory() {
	is_directory "$1" && cd "$1" || exit
	for file in */.cargo-lock */*/.cargo-lock; do
		if is_file "$file" && command -v flock >/dev/null; then flock "$file" true; fi
	done
	rm -rf -- ./* ./.[!.]* ./..?*
}

# ---- The words that are only known when it runs

# add_container WORD...: what every container of a build gets.  If the `docker run` of cache.mk
# with these words has a user, ours is left out, and so are our groups if it has some: podman
# refuses groups beside those that are kept.
add_container() {
	add_words --name "$container"
	[ -n "$run_as" ] || add_words --user "$user"
	case " $* " in *' --group-add'*) groups= ;; esac
	words="$words $unprivileged $capabilities $groups"
}

# add_progress: makes cargo draw its progress, in colours, although docker has no terminal: if
# docker had one, a signal to it would not reach the container.  What the user has set wins.
add_progress() {
	colour=${CARGO_TERM_COLOR:-auto}
	drawn=${CARGO_TERM_PROGRESS_WHEN:-auto}
	if [ -t 2 ] && [ "${TERM-}" != dumb ]; then
		[ "$colour" != auto ] || [ -n "${NO_COLOR-}" ] || [ "${CLICOLOR-}" = 0 ] || colour=always
		[ "$drawn" != auto ] || [ -n "${CI+set}${TF_BUILD+set}" ] || drawn=always
	fi
	case ${COLUMNS-} in '' | *[!0-9]*) width=80 ;; *) width=$COLUMNS ;; esac
	[ "$colour" = auto ] || add_words -e "CARGO_TERM_COLOR=$colour"
	[ "$drawn" = auto ] || add_words -e "CARGO_TERM_PROGRESS_WHEN=$drawn"
	[ "$drawn" != always ] || add_words \
		-e "CARGO_TERM_PROGRESS_WIDTH=${CARGO_TERM_PROGRESS_WIDTH:-$width}"
	add_names -e CARGO_TERM_QUIET CARGO_TERM_VERBOSE CARGO_TERM_HYPERLINKS CARGO_TERM_UNICODE \
		NO_COLOR CLICOLOR CLICOLOR_FORCE
}

# add_environment: what a container gets from the environment.  Secrets are passed by name, so
# their values never appear in a command line.
add_environment() {
	add_progress
	add_proxies -e
	[ -z "$certificate" ] || add_words -v "$certificate:/tmp/ca.pem:ro" \
		-e CARGO_HTTP_CAINFO=/tmp/ca.pem
	[ -z "$ssh" ] || add_ssh
	add_sccache
}

# add_sccache: what sccache gets from the environment: the limit of its volume, or GitHub's cache,
# which only GitHub has.  Without that, or if the command compiles nothing or a release, sets $gha
# to none, and sccache is left out.  A variable that a workflow does not set may be there, empty.
add_sccache() {
	[ -z "$compiled" ] || add_names -e SCCACHE_CACHE_SIZE
	[ -n "$gha" ] || return 0
	case $command:${ACTIONS_RUNTIME_TOKEN:-none} in
	fetch:* | dist:* | *:none) gha=none && return ;;
	esac
	set -- ACTIONS_RUNTIME_TOKEN ACTIONS_RESULTS_URL ACTIONS_CACHE_URL ACTIONS_CACHE_SERVICE_V2
	for name; do
		eval "[ -z \"\${$name-}\" ]" || add_words -e "$name"
	done
}

# add_ssh: the user's ssh-agent, and the known hosts.  If the socket does not exist, --mount
# fails, where -v would create a directory.
add_ssh() {
	add_words --mount "type=bind,source=$SSH_AUTH_SOCK,target=/tmp/ssh-agent" \
		-e SSH_AUTH_SOCK=/tmp/ssh-agent
	known_hosts=${HOME-}/.ssh/known_hosts
	[ ! -f "$known_hosts" ] || add_words -v "$known_hosts:/tmp/.ssh/known_hosts:ro"
}

# add_input: connects standard input, and a terminal if there is one, to commands that read what
# is typed
add_input() {
	case $command in run | shell | cargo) ;; *) return 0 ;; esac
	add_words -i
	if [ -t 0 ] && [ -t 6 ]; then
		add_words -t
		[ "${TERM-}" != dumb ] || add_words -e TERM=dumb
	fi
}

# add_mount MOUNT: one mount of the `docker run` in cache.mk, with the path or name that is only
# known here
add_mount() {
	case $1 in
	.:/workspace) add_workspace ;;
	cargo-target-*:/workspace/*) ;;
	cargo-cache-*:/usr/local/cargo/registry) add_words -v "$registry:/usr/local/cargo/registry" ;;
	cargo-git-cache-*:/usr/local/cargo/git) add_words -v "$git:/usr/local/cargo/git" ;;
	cargo-sccache-*:/usr/local/sccache) add_words -v "$compiled:/usr/local/sccache" ;;
	*) add_words -v "$1" ;;
	esac
}

# add_workspace: the workspace; if it is read-only, also a writable target directory.  The volume
# for another machine has what is above the workspace, too.
add_workspace() {
	if [ -n "$remote" ]; then
		add_words -v "$workspace:/workspace${sealed:+:ro}"
		[ -z "$common" ] || add_words -v "$workspace-git:$common_place:ro"
	else
		add_outer
		add_words -v "$workspace:$inside${sealed:+:ro}"
	fi
	if [ -n "$objects" ]; then
		add_words -v "$objects:$inside/$target_dir"
	elif [ -n "$sealed" ]; then
		add_words -v "$workspace/$target_dir:$inside/$target_dir"
	fi
}

# add_place OPTION WORD: one that may name a place in the workspace
add_place() {
	case "$1 $2" in
	'-w /workspace') add_words -w "$inside$member" ;;
	'-e CARGO_TARGET_DIR=/workspace/'*) add_words -e "CARGO_TARGET_DIR=$inside/$target_dir$dist" ;;
	'-e RUSTC_WRAPPER=sccache' | '-e SCCACHE_GHA_ENABLED=true')
		[ "$gha" = none ] || add_words "$1" "$2" ;;
	*) add_words "$1" "$2" ;;
	esac
}

# start_run WORD...: runs $words and the `docker run` of cache.mk, whose last words run in the
# container.  If $network is none, its own --network is left out: the engine refuses a second one.
start_run() {
	while [ "$1" != "$prepared" ]; do
		case "$network $1" in
		'none --network='* | 'none --net='*) shift ;;
		'none --network' | 'none --net') shift 2 ;;
		*' -v') add_mount "$2" && shift 2 ;;
		*' -w' | *' -e') add_place "$1" "$2" && shift 2 ;;
		*) add_words "$1" && shift ;;
		esac
	done
	[ -z "$dist" ] || add_words -e "SOURCE_DATE_EPOCH=$epoch"
	case $flags_name$cross in CARGOyes) add_words -e "CARGO_BUILD_TARGET=$triple" ;; esac
	case $fetching$command in
	yes*) start_cargo fetch ;;
	shell) start_container "$@" ;;
	cargo) shift 2 && start_any "$@" ;;
	*) shift 2 && start_cargo "$@" ;;
	esac
}

# Where the arguments come from that messages are about
flags_name='CARGO_FLAGS and cargo_args'

# names_profile ARGUMENT...: whether cargo's arguments choose a profile
names_profile() {
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in --profile | --profile=*) return 0 ;; esac
		shift
	done
	return 1
}

# fits ARGUMENT: whether $cargo_command knows it.  cargo_args and CARGO_FLAGS are for several
# commands: `cargo fetch` downloads for all features and packages, and `cargo run` runs one program.
# What both of them or we set is passed on once, as cargo refuses a second one.
fits() {
	case $cargo_command:${1%%=*} in
	build:--message-format)
		refuse "$flags_name cannot set --message-format for a build," \
			'which reads these messages itself: use it with check- or clippy-.' ;;
	*:--target-dir) refuse_directory ;;
	fetch:-[Fpjr]* | fetch:--*features | fetch:--package | fetch:--workspace | fetch:--all | \
		fetch:--exclude | fetch:--lib | fetch:--bin | fetch:--bins | fetch:--example | \
		fetch:--examples | fetch:--test | fetch:--tests | fetch:--bench | fetch:--benches | \
		fetch:--all-targets | fetch:--release | fetch:--profile | fetch:--jobs | \
		fetch:--keep-going | fetch:--timings | fetch:--ignore-rust-version | \
		fetch:--message-format | fetch:--future-incompat-report) return 1 ;;
	run:--workspace | run:--all | run:--exclude | run:--lib | run:--bins | run:--examples | \
		run:--test | run:--tests | run:--bench | run:--benches | run:--all-targets | \
		run:--future-incompat-report | test:--keep-going) return 1 ;;
	test:--no-fail-fast) ;;
	*:--no-fail-fast) return 1 ;;
	*:-r | *:--release | *:--locked | *:--offline | *:--workspace | *:--all-features | \
		*:--no-default-features | *:--all-targets | *:--bins | *:--lib)
		case $known in *" $1 "*) return 1 ;; esac
		known="$known$1 "
		;;
	esac
}

# fit_arguments [ARGUMENT...]: sets $arguments to the words that fit, and those after `--`
fit_arguments() {
	arguments='' known=' ' fit=yes
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		case $1 in -*) if fits "$1"; then fit=yes; else fit=; fi ;; esac
		[ -z "$fit" ] || { quote_word "$1" && arguments="$arguments $quoted"; }
		shift
	done
	for word; do
		quote_word "$word"
		arguments="$arguments $quoted"
	done
}

# refuse_directory: exits with a message about --target-dir
refuse_directory() {
	refuse "$flags_name cannot set --target-dir: each target has its own directory;" \
		'to compile outside the project, set target_dir = volume in targets.ini.'
}

# start_cargo COMMAND [ARGUMENT...]: cargo with the arguments that follow from settings.  `cargo
# fetch` is limited to the target, unless build scripts and macros run on another platform.
start_cargo() {
	toolchain=
	case $1 in +*) toolchain=$1 && shift ;; esac
	case $1 in b) cargo_command=build ;; *) cargo_command=$1 ;; esac
	shift
	[ "${1-}" != --release ] || ! names_profile "$@" || shift
	case $cargo_command$cross in fetch) set -- --target "$triple" "$@" ;; esac
	! is_on "$OFFLINE" || set -- --offline "$@"
	! is_on "$LOCKED" || set -- --locked "$@"
	fit_arguments "$@"
	eval "set -- $arguments"
	case $cargo_command in
	build)
		set -- cargo ${toolchain:+"$toolchain"} build --message-format json-render-diagnostics "$@"
		[ -z "$dist" ] || set -- sh -c "$dist_cargo" "$inside" "$moment" "$@"
		start_build "$prepared" "$@"
		;;
	*) start_container "$prepared" cargo "$cargo_command" "$@" ;;
	esac
}

# What runs with LOCKED=1: a command that is a program of its own, such as `cargo nextest`, does not
# get --locked, so cargo checks the lock file first.  $0 are options of `cargo fetch`.
locked_cargo='
case $1 in +*) toolchain=$1 && shift ;; *) toolchain= ;; esac
cargo $toolchain fetch --locked $0 >&2 && exec cargo $toolchain --locked "$@"
'

# start_any WORD...: the command in CARGO, as it is.  Only in the environment do settings reach each
# command.
start_any() {
	! is_on "$OFFLINE" || add_words -e CARGO_NET_OFFLINE=true
	if is_on "$LOCKED" && [ -z "$sealed" ]; then
		case $cross in '') options="--target $triple" ;; *) options= ;; esac
		set -- sh -c "$locked_cargo" "$options" "$@"
	else
		set -- cargo "$@"
	fi
	start_container "$prepared" "$@"
}

# start_container WORD...: runs $words and WORD... in the background, with our standard input and
# output, and waits
start_container() {
	run_words=$words
	eval "exec_engine run $words \"\$@\"" <&3 >&6 &
	wait_run
}

# ---- The end

# finish: removes everything but the caches after the last container, once
finish() {
	[ -n "$begun" ] || return 0
	[ -z "$guest" ] || open_mounts
	[ -z "$remote" ] ||
		run_engine volume rm "$workspace" ${common:+"$workspace-git"} >/dev/null 2>&1 || :
	begun=
}

# wait_run: waits for docker; if it failed, exits with its status
wait_run() {
	wait_container || end_run
}

# end_run: exits with docker's status, after advice
end_run() {
	ended=$status
	finish
	advise
	exit "$ended"
}

# ---- The commands

# run_command WORD...: completes the `docker run` with these words, and runs it
run_command() {
	enter_workspace
	check_caller
	case $command in
	cargo) read_cargo "$@" ;;
	dist) prepare_dist ;;
	esac
	name_doing
	part_output
	prepare_run "$doing"
	check_target_directory
	[ -z "$objects$hermetic" ] || make_target_directory
	name_image
	check_toolchain
	begun=yes
	find_machine
	[ -z "$remote" ] || send_workspace
	check_image
	if [ -n "$hermetic" ]; then run_hermetic "$@"; else run_open "$@"; fi
	case $command in
	build) report_build ;;
	dist) report_dist ;;
	cargo) finish_cargo ;;
	*) finish ;;
	esac
}

# read_cargo WORD...: checks the words of CARGO, which come last in the `docker run`.  One that
# builds is like build-TARGET.
read_cargo() {
	while [ "$1" != "$prepared" ]; do shift; done
	shift 2
	flags_name=CARGO
	case ${1-} in
	'') refuse "CARGO is not set: run, for example, make $rule CARGO='doc --no-deps'." ;;
	cargo | */*) refuse "CARGO is '$*': set it to what comes after the word cargo, as in" \
		"make $rule CARGO='doc --no-deps'." ;;
	esac
	for name in CARGO_FLAGS PROFILE ARGS; do
		case " ${MAKEFLAGS-}" in *" $name="?*) warn_unused "$name" ': put it into CARGO' ;; esac
	done
	for word; do
		case $word in --) break ;; --target-dir | --target-dir=*) refuse_directory ;; esac
	done
	case $1 in +*) shift ;; esac
	case ${1-} in b | build) command=build ;; esac
}

# finish_cargo: keeps what it has done to Cargo.lock on another machine
finish_cargo() {
	[ -z "$remote" ] || fetch_products
	finish
}

# name_doing: sets $doing to the first word of the banner for $command
name_doing() {
	case $command in
	fetch) doing=Fetching ;;
	build) doing=Building ;;
	test) doing=Testing ;;
	check | clippy) doing=Checking ;;
	run) doing=Running ;;
	shell) doing='Opening a shell' ;;
	cargo) doing='Running cargo' ;;
	dist) doing=Packing ;;
	esac
}

# part_output: makes descriptor 6 the container's standard output.  What `run` and the like print
# may be read by a program, so all that we print goes to standard error.  What we say of a build may
# be read by a program, too, which must not take the lines of a macro or a build script for ours.
part_output() {
	case $command in
	run | shell | cargo) exec 6>&1 >&2 ;;
	build | dist) exec 6>&2 ;;
	*) exec 6>&1 ;;
	esac
}

# run_open WORD...: with the user's network and credentials
run_open() {
	network=
	! is_on "$OFFLINE" || network=none
	words=
	add_container "$@"
	[ -z "$network" ] || add_words --network none
	add_environment
	[ -n "$fetching" ] || add_input
	eval "add_words $fetch_env"
	warn_of_loss "$@"
	start_run "$@"
}

# run_hermetic WORD...: fetches with the user's network and credentials, and then runs without
# both.  What runs then can only write to the target directory: elsewhere it could write what the
# next fetch trusts, such as .cargo/config.toml, which sets programs to run and hosts that get
# tokens.
run_hermetic() {
	fetching=yes
	run_open "$@"
	[ "$command" != fetch ] || return 0
	fetching=
	sealed=yes
	network=none
	words=
	add_container "$@"
	add_words --network none -e CARGO_NET_OFFLINE=true
	# Podman passes on the user's proxies by itself, docker those in its configuration.
	for name in http_proxy https_proxy ftp_proxy all_proxy \
		HTTP_PROXY HTTPS_PROXY FTP_PROXY ALL_PROXY; do
		add_words -e "$name="
	done
	add_progress
	add_sccache
	add_input
	start_run "$@"
}
