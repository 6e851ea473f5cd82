# ---- lock: what `cachemk lock` runs: asks the engine for the digests of images
#
# Usage: sh lock.sh [IMAGE PLATFORM]...: prints IMAGE@DIGEST for each.  Not in cache.sh; needs words.sh
# and engine.sh beside it.

# ask_buildx IMAGE: the digest of what the registry has, for all platforms; downloads nothing
ask_buildx() {
	run_engine buildx imagetools inspect --format '{{.Manifest.Digest}}' "$1" </dev/null 2>/dev/null
}

# needs_signature: whether the user has docker take only signed images, which imagetools does not
# check
needs_signature() {
	case $engine_title:$content_trust in
	Podman:* | *: | *:0 | *:[Ff] | *:[Ff]alse | *:FALSE) return 1 ;;
	esac
}

# pull_digest IMAGE PLATFORM: the same, from what docker says of a pull
pull_digest() {
	said=$(exec_trusting pull ${2:+--platform "$2"} "$1" </dev/null) || return
	printf '%s\n' "$said" | sed -n 's/^Digest: //p'
}

# ask_podman IMAGE: the same after a pull with podman, which knows two digests: that for all platforms,
# and that for its own
ask_podman() {
	references=$(run_engine image inspect --format '{{range .RepoDigests}}{{println .}}{{end}}' "$1") ||
		return
	found=
	for reference in $references; do
		found=${reference#*@}
		case $(run_engine manifest inspect "$reference" </dev/null 2>/dev/null) in
		*'"manifests"'*) break ;;
		esac
	done
	printf '%s\n' "$found"
}

# lock_image IMAGE PLATFORM
lock_image() {
	printf 'Asking for the digest of %s...\n' "$1" >&2
	digest=
	needs_signature || digest=$(ask_buildx "$1") || digest=
	case $digest in sha256:*) ;; *)
		digest=$(pull_digest "$1" "$2") || refuse "$1 cannot be pulled: see above."
		;;
	esac
	[ -n "$digest" ] || digest=$(ask_podman "$1")
	[ -n "$digest" ] || refuse \
		"$1 has no digest, because no registry has it: leave targets.lock out, or push it."
	printf '%s@%s\n' "$1" "$digest"
}

# lock_images [IMAGE PLATFORM]...
lock_images() {
	exec 7>&2
	V='' engine=${DOCKER:-docker}
	engine_shown=$engine engine_title=Docker engine_name=
	for word in $engine; do
		case $word in *=*) ;; *) engine_name=${engine_name:-$word} ;; esac
	done
	case ${engine_name##*/} in podman*) engine_title=Podman ;; esac
	leave_out
	need_engine
	while [ $# -gt 0 ]; do
		lock_image "$1" "$2"
		shift 2
	done
}

for part in words engine; do
	# shellcheck source=/dev/null # checked as a part of cache.sh
	. "${0%/*}/$part.sh"
done
lock_images "$@"
