# ---- project: what tells this project from others, so that what it made is known as its own
#
# It is a number, in a file with the directory that it was made for.  A project that was moved keeps
# it, and notes its place when it makes something; a copy, whose original still is in its place,
# gets one of its own.

# find_identity: sets $identity to the number, or to nothing if the project has none yet
find_identity() {
	[ -z "$identity" ] || return 0
	identity_name=.cachemk-identity
	if is_directory "$project/.git"; then identity_name=.git/cachemk-identity; fi
	read_identity "$project" || return 0
	if [ "$origin" != "$project" ] && is_copy; then identity=; fi
}

# read_identity DIRECTORY: sets $identity to that of the project there, and $origin to where it was
# made, or to ? if the file does not say; to nothing if there is no file.  Fails if there is
# no number in it.
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

# make_identity: the same as find_identity, but makes one.  Of builds side by side, the first does;
# where nothing can be written, there is none, and nothing is known as this project's own.
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
