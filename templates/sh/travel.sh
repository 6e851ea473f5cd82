# ---- travel: push-cache and pull-cache, a cache's volumes as one image in a registry
#
# The image has a layer for each volume, with an archive in it, and nothing that could run.  Its tag
# is the cache's name with a checksum of Cargo.lock; the one without a checksum is the newest.  What
# was pulled is read as a backup is, which anybody may have written.

# The platform that these images say they are for.  They are for any, but an engine refuses one
# without, or for another than its own.
travel_platform=linux/amd64

# find_lock: sets $lock to a checksum of the project's Cargo.lock, after a dash; to nothing if there
# is none
find_lock() {
	expand_home "$WORKSPACE"
	case $expanded in -*) expanded=./$expanded ;; esac
	lock=$({
		CDPATH='' cd -P -- "${expanded:-.}" && find_root && is_file Cargo.lock && cksum <Cargo.lock
	} 2>/dev/null) || lock=
	lock=$(printf '%s\n' "$lock" | awk 'NF { print "-" $1 "-" $2 }')
}

# ---- push-cache

# push_cache: the rule
push_cache() {
	need_hub
	find_lock
	if is_on "$DRY_RUN"; then
		printf 'This pushes the cache %s to %s:cache-%s%s.\nNothing was changed (DRY_RUN=1).\n' \
			"$cache" "$hub" "$cache" "$lock"
		return
	fi
	refuse_offline
	select_target
	find_caches
	[ -n "$found" ] || refuse "There is no cache $cache to push: run make fetch-$target first."
	need_tools
	make_temp
	shown="an image of the cache $cache"
	recover_found
	printf 'Packing the cache %s...\n' "$cache"
	build_cache || {
		cat <"$temp/why" >&2
		refuse_backup
	}
	[ -z "$lock" ] || push_cache_as "cache-$cache$lock"
	push_cache_as "cache-$cache"
	drop_passing
}

# build_cache: makes the image $made from the volumes that were found
build_cache() {
	made=cachemk-pushed:$moment
	passing="$passing $made"
	words=$with_volumes
	mount_found "$cache" /cachemk :ro
	add_words "$tools"
	add_inside pack_image
	{ (exec_container -i <"$script") || : >"$temp/failed"; } |
		exec_cache_build >/dev/null 2>"$temp/why" &
	wait_archive
}

# exec_cache_build: builds it from what pack_image prints
exec_cache_build() {
	content_trust=
	exec_build --quiet --tag "$made" --platform "$travel_platform" --label "cachemk.cache=$cache"
}

# push_cache_as NAME
push_cache_as() {
	name_passing "$1"
	run_engine image tag "$made" "$passed"
	push_passed
}

# ---- pull-cache

# pull_cache: the rule
pull_cache() {
	need_hub
	find_lock
	select_target
	name_mounts
	check_unused
	if is_on "$DRY_RUN"; then
		printf 'This replaces the cache %s with what is in %s:cache-%s%s.\n' \
			"$cache" "$hub" "$cache" "$lock"
		printf 'Nothing was changed (DRY_RUN=1).\n'
		return
	fi
	refuse_offline
	prepare_run 'Pulling the cache'
	need_tools
	make_temp
	trap 'kill "$!"; wait; exit 130' HUP INT TERM
	pull_newest
	trap stop HUP INT TERM
	create_pulled
	archive='' shown=$passed
	exchange_cache
	drop_created
	drop_passing
	[ -z "$guest" ] || open_mounts
	printf 'Pulled the cache %s from %s\n' "$cache" "$shown"
}

# pull_newest: pulls the image for this Cargo.lock, or the newest one, or exits with a message.  It
# says which.
pull_newest() {
	name_passing "cache-$cache$lock"
	until pull_passed "$travel_platform" && keep_pulled; do
		is_absent || refuse "$passed was not pulled: ${why%.}; check REGISTRY and the network, or run" \
			"$engine_shown login ${hub%%/*}."
		[ "$passed" != "$hub:cache-$cache" ] || refuse \
			"There is no cache $cache in $hub: run make push-cache-$target on a machine that has it."
		printf 'There is no %s, which is for this Cargo.lock: pulling the newest...\n' "$passed"
		name_passing "cache-$cache"
	done
}

# create_pulled: makes the container $created of what was pulled, which never runs: the engine reads
# it, and we read that.  Its command is only there because an engine wants one.
create_pulled() {
	created=$container-pulled
	why=$(run_engine create --name "$created" --platform "$travel_platform" --network none "$pulled" \
		none 2>&1 >/dev/null) || refuse "$passed cannot be read: $(print_reason "$why")"
}

# drop_created: removes it, and the volumes that such an image may ask for
drop_created() {
	run_engine rm --force --volumes "$created" >/dev/null 2>&1 || :
	created=
}
