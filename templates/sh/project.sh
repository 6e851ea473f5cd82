# ---- project: an identity for this project, so that it recognizes the images and volumes it made
#
# The identity is a random number in a file, along with the path it was made for.  A project that
# was moved keeps it, and updates the path when it next creates something; a copy, whose original
# still exists at that path, gets a new one.

# find_identity: sets $identity to the number, or to nothing if the project has none yet
find_identity() {
	[ -z "$identity" ] || return 0
	identity_name=.cachemk-identity
	if is_directory "$project/.git"; then identity_name=.git/cachemk-identity; fi
	read_identity "$project" || return 0
	if [ "$origin" != "$project" ] && is_copy; then identity=; fi
}

# read_identity DIRECTORY: sets $identity to the number of the project there, and $origin to the
# path it was made for, or to ? if the file has none; to nothing if there is no file.  Fails if
# the file has no number.
read_identity() {
	identity=
	origin=
	is_file "$1/$identity_name" || return
	{ IFS= read -r identity && IFS= read -r origin; } <"$1/$identity_name" 2>/dev/null || :
	origin=${origin:-?}
	case $identity in
	'' | *[!0-9a-f]*)
		identity=
		return 1
		;;
	esac
}

# is_copy: whether the project that $identity was made for is still in $origin
is_copy() {
	(wanted=$identity && read_identity "$origin" && [ "$identity" = "$wanted" ])
}

# make_identity: the same as find_identity, but creates one.  Of parallel builds, the first one
# does; where nothing can be written there is none, and the project recognizes nothing as its own.
make_identity() {
	find_identity
	if [ -n "$identity" ] && [ "$origin" = "$project" ]; then return; fi
	[ -n "$identity" ] || identity=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	[ -z "$origin" ] || rm -f "$project/$identity_name"
	if (set -C && printf '%s\n' "$identity" "$project" >"$project/$identity_name") 2>/dev/null; then
		origin=$project
	else
		identity=
		find_identity
	fi
}
