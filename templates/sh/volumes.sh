# ---- volumes: what a build mounts as cargo's registry/ and git/: volumes, or directories in
# CACHE_DIR

# name_mounts: replaces the volumes in the `docker run` by directories in CACHE_DIR, if set, and
# completes the name of the target directory's volume, of which every project has its own
name_mounts() {
	if [ -n "$directories" ]; then
		registry=$directories/$cache/registry
		git=$directories/$cache/git
		[ -z "$compiled" ] || compiled=$directories/$cache/sccache
		objects=
	elif [ -n "$objects" ]; then
		name_objects
	fi
}

# name_objects: sets $objects to the volume of this project's target directory
name_objects() {
	make_identity
	objects=$({ printf '%s ' "$identity"; pwd -P; } | cksum)
	objects=cargo-target-$target-${objects%% *}
}

# find_mounts: looks up the prepared image and the caches, with one call of the engine.  Fails
# unless all exist; sets $image_facts and $mount_facts to the engine's description, or to the tag
# in CACHE_DIR.  Only the image's facts decide about privileges.  While the engine answers, we
# find out who we are.  For a plain {{json .}}, podman prints several lines.
find_mounts() {
	set -- "$prepared"
	[ -n "$directories" ] ||
		set -- "$prepared" "$registry" "$git" ${compiled:+"$compiled"} ${objects:+"$objects"}
	with_parts "$newline" take_facts "$(
		{ run_engine inspect --format '{{- json .}}' "$@" 2>/dev/null || echo missing; } |
			{ print_moment; exec cat; }
	)" || return
	if [ -n "$directories" ]; then find_directories; fi
}

# take_facts LINE...: the lines of print_moment, the image's and the volumes'
take_facts() {
	read_moment "$@"
	shift 4
	for line; do :; done
	case $line in *missing) return 1 ;; esac
	image_facts=$1
	shift
	mount_facts="$*"
	[ -n "$directories" ] || check_volumes "$@"
}

# check_volumes LINE...: exits with a message unless each describes a volume.  The engine looks for
# containers and images of that name first.
check_volumes() {
	for name in "$registry" "$git" ${compiled:+"$compiled"} ${objects:+"$objects"}; do
		case ${1-} in *'"Mountpoint":'*) shift ;; *)
			refuse "A container or an image is called $name, which is the name of a cache" \
				'volume: rename it.' ;;
		esac
	done
}

# print_moment: who we are, where, and when, one per line
print_moment() {
	id -u
	id -G
	uname -sn
	date +%s
}

# read_moment LINE...: sets $caller to the user and group of print_moment, $further to the user's
# other groups, and $moment to a name that is unique across machines.  On macOS, containers run in a
# virtual machine that gives every user access to the files.
read_moment() {
	caller=$1:${2%% *}
	case $2 in *' '*) further=${2#* } ;; *) further= ;; esac
	case $3 in Darwin*) further= ;; esac
	line=${3#* }
	while case $line in *[!A-Za-z0-9]*) ;; *) false ;; esac do
		line=${line%%[!A-Za-z0-9]*}${line#*[!A-Za-z0-9]}
	done
	moment=$line-$$-$4
}

# make_missing: creates what find_mounts did not find
make_missing() {
	image_facts=$(run_engine image inspect --format '{{- json .}}' "$prepared" 2>/dev/null) || {
		make_image
		image_facts=$(run_engine image inspect --format '{{- json .}}' "$prepared")
	}
	set_user
	if [ -n "$directories" ]; then
		make_directories
	else
		make_volumes "$registry" "$git" ${compiled:+"$compiled"} ${objects:+"$objects"}
	fi
	find_mounts || refuse "The image or a cache of $target was removed by another process: try again."
	[ -z "$objects" ] || open_objects
	case $user$mount_facts in
	0:*) ;;
	*'"NeedsChown":true'*) open_mounts ;;
	esac
}

# make_volumes NAME...: creates volumes, labelled with the user and the project.  Podman fails if
# one exists already, and sets its mode to that of the directory it is first mounted on, which has
# to be cargo's.
make_volumes() {
	make_identity
	for name; do
		why=$(run_engine volume create --label "cachemk.cache=$cache" --label "cachemk.user=$user" \
			--label "cachemk.project=$project" --label "cachemk.identity=$identity" \
			"$name" 2>&1) ||
			run_engine volume inspect "$name" >/dev/null 2>&1 || refuse "$why"
	done
}

# ---- Who may write to them

# set_user: sets $user to the user that the container runs as, $capabilities to what it may do, and
# $groups to its groups: the user who runs make, or root with a rootless engine.  Which kind of
# engine it is was found out when the image was built.  Root needs no groups, except that of a
# rootless engine, which is root only for the user's own files: podman can keep the groups.  Only
# labels of the image count: whoever makes its base image decides about its annotations.
set_user() {
	with_parts '{' read_labels "$image_facts"
	if [ -n "$run_as" ]; then
		user=$run_as
	else
		case $labels in
		*'"cachemk.rootless":"yes"'*) user=0:0 ;;
		*) user=$caller ;;
		esac
	fi
	case $user in
	0:*) capabilities="$file_capabilities --cap-add SETGID --cap-add SETUID" further= ;;
	*) capabilities= ;;
	esac
	groups=
	for group in $further; do groups="$groups --group-add $group"; done
	case $labels in
	*'"cachemk.groups":"keep"'*) groups='--group-add keep-groups' ;;
	esac
}

# read_labels PART...: sets $labels to those of the image, from the parts between the braces of its
# facts
read_labels() {
	while [ $# -gt 0 ]; do
		part=$1
		shift
		case $part in *'"Labels":') break ;; esac
	done
	labels=
	for part; do
		labels=$labels$part\{
		case $part in *'"}'*) break ;; esac
	done
	labels=${labels%%'"}'*}\"
}

# read_owners: reads from $mount_facts which users the caches were made for.  Sets $mine to one
# letter for each made for $user, and $guest if one was made for another user who is not root.
read_owners() {
	mine=
	guest=
	rest=$mount_facts
	while case $rest in *'"cachemk.user":"'*) ;; *) false ;; esac do
		rest=${rest#*'"cachemk.user":"'}
		case ${rest%%'"'*} in
		"$user") mine=x$mine ;;
		0:*) ;;
		*) guest=yes ;;
		esac
	done
}

# open_mounts: makes everything in them writable for everybody.  A volume of an older Makefile, or
# one that another user's builds have filled, may have files that $user cannot write to; if all
# are writable, nothing changes.  Errors are ignored, because other builds may remove files at the
# same time; if something is still not writable, cargo reports it.
open_mounts() {
	words=$as_root
	add_words ${platform:+--platform "$platform"} \
		-v "$registry:/usr/local/cargo/registry" -v "$git:/usr/local/cargo/git"
	[ -z "$compiled" ] || add_words -v "$compiled:/usr/local/sccache"
	add_words "$prepared"
	add_inside open_directories
	run_inside 2>/dev/null || :
}

# open_directories: runs in the container
open_directories() {
	find /usr/local/cargo/registry /usr/local/cargo/git ! -type l ! -perm -2 -exec chmod a+rwX {} +
}

# open_objects: the same for a new volume of a target directory.  The image has no directory at
# this path from which the volume would get its mode.
open_objects() {
	words=$as_root
	add_words ${platform:+--platform "$platform"} -v "$objects:/objects" "$prepared"
	add_inside chmod 777 /objects
	run_inside
}

# prepare_run DOING: prints the banner, and makes sure that the prepared image and the caches
# exist and are writable.  One call of the engine if all is well.  If $guest is set, the caches
# are made writable again after the run, for the user they were made for.
prepare_run() {
	missing=
	read_directories
	name_mounts
	find_mounts || {
		missing=yes
		need_engine
	}
	guard
	printf '%s for %s (using %s)...\n' "$1" "$description" "$engine_title"
	[ -z "$missing" ] || make_missing
	set_user
	read_owners
	case $user-$mine in
	0:* | *-xx | *-xxx | *-xxxx) ;;
	*) open_mounts ;;
	esac
}
