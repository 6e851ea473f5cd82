# ---- verify: compares what is in a cache with its checksums

# verify_cache REPAIR: runs in a container.  Looks through /cachemk/registry and /cachemk/git while
# no build downloads, and removes what is broken, while no build runs at all, if REPAIR is set:
# the next build fetches it again.  Fails with 3 if something is broken and stays.
#   registry/index/REGISTRY/.cache/…   what cargo knows of a crate: VERSION NUL JSON NUL, …
#   registry/cache/REGISTRY/X.crate    the download, whose SHA-256 is the "cksum" in there
#   registry/src/REGISTRY/X/           unpacked; complete once .cargo-ok is not empty
#   git/db/X, git/checkouts/X/COMMIT/  likewise
verify_cache() {
	cd /cachemk && mkdir -p registry git || return
	repairing=$1
	lock_cache
	crates=0 unknown=0 sources=0 databases=0 checkouts=0 broken=0
	verify_crates
	verify_sources
	verify_databases
	verify_checkouts
	printf '  %s crates, %s sources, %s git databases, %s checkouts: %s broken%s\n' \
		"$crates" "$sources" "$databases" "$checkouts" "$broken" "${repairing:+ and removed}"
	[ "$unknown" -eq 0 ] || printf \
		'  %s crates were not compared: the index has no checksum of them\n' "$unknown"
	[ "$databases" -eq 0 ] || command -v git >/dev/null 2>&1 || printf \
		'  the git databases were not looked through: the image has no git\n'
	[ "$broken" -eq 0 ] || [ -n "$repairing" ] || return 3
}

# lock_cache: takes cargo's locks, which a new cache does not have
lock_cache() {
	[ -e registry/.package-cache ] && [ -e registry/.package-cache-mutate ] &&
		command -v flock >/dev/null || return 0
	exec 8<registry/.package-cache 9<registry/.package-cache-mutate
	[ -z "$repairing" ] || flock 9
	flock 8
}

# report_broken PATH WHAT...: and removes PATH and what belongs to it, with $repairing
report_broken() {
	broken=$((broken + 1))
	printf '  %s: %s\n' "$1" "$2"
	[ -n "$repairing" ] || return 0
	rm -rf "$1"
	[ $# -lt 3 ] || rm -rf "$3"
}

# print_index_path CRATE: where a registry's index has it; see "Index Format" in cargo's book
print_index_path() {
	name=$(printf '%s\n' "$1" | tr '[:upper:]' '[:lower:]')
	case $name in
	?) printf '1/%s\n' "$name" ;;
	??) printf '2/%s\n' "$name" ;;
	???) printf '3/%s/%s\n' "${name%??}" "$name" ;;
	*)
		rest=${name#??}
		printf '%s/%s/%s\n' "${name%"$rest"}" "${rest%"${rest#??}"}" "$name"
		;;
	esac
}

# print_checksum REGISTRY CRATE-VERSION: as the index has it
print_checksum() {
	crate=$(printf '%s\n' "$2" | sed 's/-[0-9]*\.[0-9]*\.[0-9].*//')
	tr '\000' '\n' <"registry/index/$1/.cache/$(print_index_path "$crate")" 2>/dev/null |
		awk -v version="${2#"$crate"-}" 'found { print; exit } $0 == version { found = 1 }' |
		sed -n 's/.*"cksum": *"\([0-9a-f]*\)".*/\1/p'
}

# verify_crates: the downloads
verify_crates() {
	for file in registry/cache/*/*.crate; do
		[ -e "$file" ] || continue
		crates=$((crates + 1))
		path=${file#registry/cache/}
		path=${path%.crate}
		wanted=$(print_checksum "${path%%/*}" "${path#*/}")
		[ -n "$wanted" ] || {
			unknown=$((unknown + 1))
			continue
		}
		case $(sha256sum "$file") in
		"$wanted "*) ;;
		*) report_broken "$file" 'not what the index says' "registry/src/$path" ;;
		esac
	done
}

# verify_sources: whether what was unpacked is complete
verify_sources() {
	for directory in registry/src/*/*/; do
		[ -e "$directory" ] || continue
		sources=$((sources + 1))
		[ -s "$directory.cargo-ok" ] || report_broken "${directory%/}" 'not wholly unpacked'
	done
}

# verify_databases: git's own check of each
verify_databases() {
	for directory in git/db/*/; do
		[ -e "$directory" ] || continue
		databases=$((databases + 1))
		command -v git >/dev/null 2>&1 || continue
		git --git-dir="$directory" fsck --no-progress --no-dangling >/dev/null 2>&1 ||
			report_broken "${directory%/}" 'git fsck finds errors' \
				"git/checkouts/$(basename "$directory")"
	done
}

# verify_checkouts: whether what was checked out is complete
verify_checkouts() {
	for directory in git/checkouts/*/*/; do
		[ -e "$directory" ] || continue
		checkouts=$((checkouts + 1))
		[ -e "$directory.cargo-ok" ] || report_broken "${directory%/}" 'not wholly checked out'
	done
}

# verify_caches: the rule
verify_caches() {
	select_caches verify-cache
	wanted_kind=
	need_found
	need_tools
	repairing=
	if is_on "$REPAIR" && ! is_on "$DRY_RUN"; then repairing=yes; fi
	failed=
	while IFS= read -r cache; do verify_one "$cache"; done <<-END
		$(print_cache_names)
	END
	[ -z "$failed" ] || refuse \
		'REPAIR=1 removes what is broken; the next build then fetches it again.'
}

# verify_one CACHE: sets $failed if something in it is broken and stays
verify_one() {
	readonly=:ro
	[ -z "$repairing" ] || readonly=
	words=$as_root
	mount_found "$1" /cachemk "$readonly"
	[ "$words" != "$as_root" ] || return 0
	printf 'Verifying the cache %s...\n' "$1"
	add_words "$tools"
	add_inside verify_cache "$repairing"
	run_inside || :
	case $status in
	0) ;;
	3) failed=yes ;;
	*) refuse "The cache $1 was not looked through to its end: try again." ;;
	esac
}
