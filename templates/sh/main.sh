# ---- main
#
# Usage: cache.sh VERSION RULE [NAME=VALUE]... [--OPTION [VALUE]]... ENGINE... run WORD...
#        cache.sh VERSION RULE [NAME=VALUE]... TARGET... -- ENGINE...
#
# as cache.mk calls it.  A prefix command like env(1): what comes after `run` is a complete
# `docker run`.  The script creates the image and volumes in it, completes it, removes its
# container when interrupted, and reports the result.  A TARGET is five words: see read_rows.

# read_settings WORD...: the settings, empty if not set, and then the rest
read_settings() {
	find_given
	WORKSPACE=. CACHE_DIR='' OFFLINE='' LOCKED='' ALL='' YES='' DRY_RUN='' V=''
	KIND='' FORMAT='' AGE='' SIZE='' FILE='' REPAIR='' REGISTRY=''
	make_version='' make_pwd='' run_flags='' engine_from='' own=''
	while :; do
		case ${1-} in
		WORKSPACE=*) WORKSPACE=${1#*=} ;;
		CACHE_DIR=*) CACHE_DIR=${1#*=} ;;
		OFFLINE=*) OFFLINE=${1#*=} ;;
		LOCKED=*) LOCKED=${1#*=} ;;
		ALL=*) ALL=${1#*=} ;;
		YES=*) YES=${1#*=} ;;
		DRY_RUN=*) DRY_RUN=${1#*=} ;;
		V=*) V=${1#*=} ;;
		KIND=*) KIND=${1#*=} ;;
		FORMAT=*) FORMAT=${1#*=} ;;
		AGE=*) AGE=${1#*=} ;;
		SIZE=*) SIZE=${1#*=} ;;
		FILE=*) FILE=${1#*=} ;;
		REPAIR=*) REPAIR=${1#*=} ;;
		REGISTRY=*) REGISTRY=${1#*=} ;;
		MAKE_VERSION=*) make_version=${1#*=} ;;
		PWD=*) make_pwd=${1#*=} ;;
		DOCKER_RUN_FLAGS=*) run_flags=${1#*=} ;;
		OWN=*) own="$own ${1#*=}" ;;
		DOCKER_FROM=command) engine_from='command line' ;;
		DOCKER_FROM=*) engine_from=${1#*=} ;;
		*) break ;;
		esac
		shift
	done
	read_switches
	check_settings
	read_build_flags "$@"
}

# read_switches: sets each setting that is on or off to 1 or nothing
read_switches() {
	read_switch OFFLINE "$OFFLINE" && OFFLINE=$switch
	read_switch LOCKED "$LOCKED" && LOCKED=$switch
	read_switch ALL "$ALL" && ALL=$switch
	read_switch YES "$YES" && YES=$switch
	read_switch DRY_RUN "$DRY_RUN" && DRY_RUN=$switch
	read_switch V "$V" && V=$switch
	read_switch REPAIR "$REPAIR" && REPAIR=$switch
}

# read_build_flags WORD...: DOCKER_BUILD_FLAGS, between --build-flags and --end, and then the rest
read_build_flags() {
	words=
	if [ "${1-}" = --build-flags ]; then
		shift
		until [ "$1" = --end ]; do
			add_words "$1"
			shift
		done
		shift
	fi
	build_flags=$words
	read_options "$@"
}

# read_options WORD...: the target's keys from targets.ini, and then the rest
read_options() {
	description='' base='' triple='' packages='' target_packages='' setup='' mirror='' cross=''
	compiler='' processor='' ssh='' expect='' glibc='' glibc_max='' hermetic='' fetch_env='' hub=''
	while :; do
		case ${1-} in
		--description) description=$2 ;;
		--image) base=$2 ;;
		--triple) triple=$2 ;;
		--packages) packages=$2 ;;
		--target-packages) target_packages=$2 ;;
		--setup) setup=$2 ;;
		--mirror) mirror=$2 ;;
		--cross) cross=$2 ;;
		--compiler) compiler=$2 ;;
		--processor) processor=$2 ;;
		--ssh) ssh=$2 ;;
		--expect) expect=$2 ;;
		--glibc) glibc=$2 ;;
		--glibc-max) glibc_max=$2 ;;
		--registry) hub=$2 ;;
		--hermetic) hermetic=$2 ;;
		--fetch-env) fetch_env="$fetch_env -e $2" ;;
		*) break ;;
		esac
		shift 2
	done
	read_command "$@"
}

# read_command WORD...: the rest, which depends on the command: a table of targets, or a `docker
# run`
read_command() {
	words=
	engine_shown='' engine_title='' engine_runs=''
	case $rule in
	list-cache* | cache-stats* | clean-cache* | prune-cache* | inspect-cache* | verify-cache* | \
		clean-images* | doctor*) read_table "$@" ;;
	*) read_run_line "$@" ;;
	esac
}

# read_table WORD...: the table of targets, and the engine's command.  Sets $targets to a line for
# each target.
read_table() {
	targets=
	until [ "${1-}" = -- ]; do
		[ $# -gt 5 ] || refuse "$rule: the table of targets in cache.mk is incomplete: run cachemk again."
		targets="$targets${targets:+$newline}$1 $2 $3 $4 $5"
		shift 5
	done
	shift
	for word; do add_engine_word "$word"; done
	check_engine_words
	run_rule
}

# read_run_line WORD...: the engine's command, and a `docker run`
read_run_line() {
	until [ "${1-} ${2-} ${3-}" = 'run --rm --init' ]; do
		[ $# -gt 0 ] || refuse \
			"$rule: its command in cache.mk has no 'docker run --rm --init': run cachemk again."
		add_engine_word "$1"
		shift
	done
	check_engine_words
	shift
	read_run "$@"
	run_rule "$@"
}

# add_engine_word WORD: appends it to the engine's command.  Sets $engine_title to what messages
# call the engine, once a word names it.
add_engine_word() {
	case $engine_title:${1##*/} in
	:docker) engine_title=Docker ;;
	:podman | :podman-remote) engine_title=Podman ;;
	esac
	[ -n "$words" ] || engine_name=$1
	case ${engine_shown##* }/$1 in -*) ;; */run | */exec | */build) engine_runs=yes ;; esac
	add_words "$1"
	engine_shown="$engine_shown${engine_shown:+ }$1"
}

# check_engine_words: sets $engine to the command that was read, or ends with one line
check_engine_words() {
	[ -n "$words" ] || refuse \
		'DOCKER is empty: set it to the command of an engine, such as docker or podman.'
	engine=$words
	case $engine_name in *=*) engine="env $engine" ;; esac
	[ -z "$engine_runs" ] || refuse "DOCKER is '$engine_shown' ($engine_from):" \
		"set it to an engine's command alone, such as docker or podman."
	engine_title=${engine_title:-Docker}
}

# read_run WORD...: what we need to know of a `docker run`: its image, mounts, platform, user
read_run() {
	registry='' git='' compiled='' gha='' objects='' platform='' target_dir='' run_as='' prepared=''
	while [ $# -gt 0 ]; do
		case "$1 ${2-}" in
		'-v cargo-cache-'*:/usr/local/cargo/registry) registry=${2%%:*} ;;
		'-v cargo-git-cache-'*:/usr/local/cargo/git) git=${2%%:*} ;;
		'-v cargo-sccache-'*:/usr/local/sccache) compiled=${2%%:*} ;;
		'-e SCCACHE_GHA_ENABLED='*) gha=yes ;;
		'-v cargo-target-'*:/workspace/*) objects=${2%%:*} ;;
		'-e CARGO_TARGET_DIR=/workspace/'*) target_dir=${2#*=/workspace/} ;;
		'--platform '*) platform=$2 ;;
		'--user 0:0') run_as=$2 ;;
		cachemk:*)
			prepared=$1
			break
			;;
		esac
		shift
	done
	cache=${registry#cargo-cache-}
	target=${prepared#cachemk:}
	target=${target%-*}
	command=${rule%"-$target"}
}

# run_rule WORD...: runs the command that $rule stands for
run_rule() {
	case $rule in
	list-cache | list-cache-*) list_caches ;;
	cache-stats | cache-stats-*) print_stats ;;
	clean-cache | clean-cache-*) clean_caches ;;
	prune-cache | prune-cache-*) prune_caches ;;
	inspect-cache | inspect-cache-*) inspect_caches ;;
	verify-cache | verify-cache-*) verify_caches ;;
	doctor | doctor-*) diagnose ;;
	clean-images | clean-images-*) clean_images ;;
	pull-images | pull-images-*) pull_image ;;
	push-images | push-images-*) push_image ;;
	push-cache-*) push_cache ;;
	pull-cache-*) pull_cache ;;
	prepare-*) prepare_run Preparing ;;
	backup-cache-*) backup_cache ;;
	restore-cache-*) restore_cache ;;
	*) run_command "$@" ;;
	esac
}

# check_version VERSION: exits with a message unless cache.mk is of this script's version
check_version() {
	[ "$1" = "$version" ] || refuse "$0 is from cachemk $version, but cache.mk is from $1:" \
		'run cachemk again, and commit both files.'
}

# open_standard: opens standard input, output and error, if they are closed; otherwise the next
# file that we or the engine open would take their place.  Not `<&0`, which dash does not try.
open_standard() {
	{ true 9<&0; } 2>/dev/null || exec </dev/null
	{ true 9>&1; } 2>/dev/null || exec >/dev/null
	true 9>&2 || exec 2>/dev/null
}

main() {
	# In a container, which gets this script on its standard input.
	if [ "${1-}" = inside ]; then
		shift
		"$@"
		return
	fi
	open_standard
	check_version "${1-}"
	rule=${2-}
	shift 2
	identity='' origin=''
	refresh='' guest='' remote='' begun='' fetching='' sealed='' network='' moment='' container=''
	temp='' unfinished='' staged='' packer='' created='' replaced='' passing='' mark='' run_words=''
	exec 7>&2
	leave_out
	cd -P . || exit
	project=$PWD
	case $0 in /*) script=$0 ;; *) script=$project/$0 ;; esac
	case $rule in
	help-cache) print_help "$@" ;;
	help-cache-all) print_all_help "$@" ;;
	near-goal) near_goals "$@" ;;
	refuse-goal) refuse_goal "$@" ;;
	*) read_settings "$@" ;;
	esac
}

main "$@"
