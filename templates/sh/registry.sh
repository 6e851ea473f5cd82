# ---- registry: prepared images, and caches, that travel through a registry of images
#
# $hub is the repository there, from the key registry or REGISTRY.  An image cachemk:TAG is HUB:TAG
# there.  The tag stands for all that the image is made from, but for the user who runs make, so
# whoever pulls it adds that as a layer of its own, with the same checks as after `setup`.

# find_hub: sets $hub to the repository with its host, or to nothing; fails if REGISTRY is none
find_hub() {
	hub=${REGISTRY:-$hub}
	case $hub in
	'') return ;;
	[!][A-Za-z0-9]* | *[!][A-Za-z0-9._:/-]* | */ | *//* | */*:*) return 1 ;;
	localhost/* | *.*/* | *:*/*) ;;
	*/*) hub=docker.io/$hub ;;
	*) return 1 ;;
	esac
}

# need_hub: the same, or exits with a message if there is none
need_hub() {
	if ! find_hub || [ -z "$hub" ]; then
		refuse "There is no registry for $rule: set registry in targets.ini, or REGISTRY, to an image" \
			'without a tag, such as ghcr.io/me/project.'
	fi
}

# name_passing NAME: sets $passed to the image NAME in the registry.  The engine has it under this
# name for a moment only.
name_passing() {
	passed=$hub:$1
	passing="$passing $passed"
}

# drop_passing: removes these names, but not the images that have another one
drop_passing() {
	for name in $passing; do
		run_engine image rm "$name" >/dev/null 2>&1 || :
	done
	passing=
}

# name_shared: the same for the prepared image; what is prepared on the engine's own platform has
# that in its name
name_shared() {
	native=
	[ -n "$platform" ] || native=$(print_native_platform)
	name_passing "${prepared#*:}${native:+-${native#*/}}"
}

# pull_passed [PLATFORM]: pulls it, in the background, so that a signal ends it.  Sets $why on
# failure.
pull_passed() {
	make_temp
	words=
	[ -z "${1-}" ] || add_words --platform "$1"
	add_words --quiet "$passed"
	eval "exec_trusting pull $words" >/dev/null 2>"$temp/why" &
	wait "$!" && return
	why=$(cat <"$temp/why")
	why=$(print_reason "$why")
	return 1
}

# is_absent: whether $why says that the registry does not have it
is_absent() {
	case $why in
	*'executable file not found'*) return 1 ;;
	*'manifest unknown'* | *'not found'* | *'name unknown'*) ;;
	*) return 1 ;;
	esac
}

# keep_pulled: sets $pulled to a name of this process's own for what was pulled, which nobody else
# gives to another image; or sets $why, and fails
keep_pulled() {
	pulled=cachemk-pulled:$moment
	passing="$passing $pulled"
	why='it was removed again'
	run_engine image tag "$passed" "$pulled"
}

# refuse_offline: exits with a message if OFFLINE is on
refuse_offline() {
	! is_on "$OFFLINE" || refuse 'A registry cannot be reached with OFFLINE=1.'
}

# ---- Prepared images

# reuse_image: makes the prepared image from the one in the registry; fails, after a line that says
# why, if that cannot be used
reuse_image() {
	[ -z "$refresh" ] && ! is_on "$OFFLINE" || return
	find_hub || {
		printf "warning: REGISTRY is '%s', not the name of an image such as ghcr.io/me/project\n" \
			"$REGISTRY" >&2
		return 1
	}
	[ -n "$hub" ] || return
	printf 'Pulling the image %s from %s...\n' "$prepared" "$hub"
	name_shared
	if pull_passed "$platform" && fits_target && adopt_image; then
		drop_passing
		return
	fi
	drop_passing
	if is_absent; then
		printf 'It is not there yet; make push-images puts it there.\n'
	else
		printf 'warning: %s cannot be used: %s\n' "$passed" "$why" >&2
	fi
	return 1
}

# fits_target: whether what was pulled is an image of ours for the target; sets $why if not, and
# $pulled
fits_target() {
	keep_pulled || return
	facts=$(print_reason "$(run_engine image inspect --format \
		'{{.Os}}/{{.Architecture}} {{index .Config.Labels "cachemk.target"}}' "$pulled")") || facts=
	why="it is for ${facts%% *}, not for $platform"
	is_platform "${facts%% *}" || return
	why="it was not prepared for $target by cachemk"
	[ "${facts#* }" = "$target" ]
}

# adopt_image: makes the prepared image from it, for this engine and this user, or fails
adopt_image() {
	words=
	[ -z "$platform" ] || add_words --platform "$platform"
	add_labels --label "cachemk.groups=$kept" --label "cachemk.registry=$hub" --quiet \
		--build-arg "user=$user" --build-arg "name=$name_user" --build-arg "triple=$triple" \
		--build-arg "cross=$cross" --build-arg "check=$image_check"
	why='see above'
	{
		printf 'FROM %s\nUSER root\nENTRYPOINT []\nARG triple\n' "$pulled"
		print_user_part
	} | eval "content_trust= && exec_build $words" >/dev/null &
	wait "$!"
}

# push_image: the rule.  What came from there is not pushed again: each time, it would have a layer
# more.
push_image() {
	need_hub
	if is_on "$DRY_RUN"; then
		printf 'This pushes the image %s to %s.\nNothing was changed (DRY_RUN=1).\n' "$prepared" "$hub"
		return
	fi
	refuse_offline
	need_engine
	guard
	find_source || {
		make_image
		find_source
	}
	if [ "$source" = "$hub" ]; then
		printf '%s is from %s: nothing to push\n' "$prepared" "$hub"
		return
	fi
	name_shared
	run_engine image tag "$prepared" "$passed"
	push_passed
	drop_passing
}

# find_source: sets $source to the repository that the prepared image was pulled from, or to
# nothing; fails if there is no image
find_source() {
	source=$(run_engine image inspect --format '{{index .Config.Labels "cachemk.registry"}}' \
		"$prepared" 2>/dev/null)
}

# push_passed: pushes it, with progress on a terminal, or exits with a message.  Who may do so is
# between the user and the engine: see docker-login(1).
push_passed() {
	printf 'Pushing %s...\n' "$passed"
	words=
	if [ -t 1 ]; then
		exec 8>&1
	else
		exec 8>/dev/null
		add_words --quiet
	fi
	add_words "$passed"
	trap 'kill "$!"; wait; exit 130' HUP INT TERM
	eval "exec_trusting push $words" >&8 &
	wait "$!" || refuse \
		"$passed was not pushed: see above; if access was denied, run $engine_shown login ${hub%%/*}."
	trap stop HUP INT TERM
	exec 8>&-
}
