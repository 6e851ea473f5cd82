# ---- project: what tells this project from others, so that what it made is known as its own

# find_identity: sets $identity to a number that no other project has, and that moves with the
# project; to nothing if it has none yet
find_identity() {
	[ -z "$identity" ] || return 0
	if is_directory "$project/.git"; then
		identity_file=$project/.git/cachemk-identity # which no clone gets
	else
		identity_file=${script%/*}/cache.id
	fi
	read_identity || :
}

# read_identity: from the file, which may be anything
read_identity() {
	is_file "$identity_file" || return
	IFS= read -r identity <"$identity_file" 2>/dev/null || :
	case $identity in
	'' | *[!0-9a-f]*) identity= ;;
	esac
}

# make_identity: the same as find_identity, but makes one.  Of builds side by side, the first does;
# where nothing can be written, there is none, and nothing is known as this project's own.
make_identity() {
	find_identity
	[ -z "$identity" ] || return 0
	identity=$(od -An -N8 -tx1 /dev/urandom | tr -d ' \n')
	(set -C && printf '%s\n' "$identity" >"$identity_file") 2>/dev/null || {
		identity=
		read_identity || :
	}
}
