# ---- prune: removes what is unused, with cargo's own garbage collector

# read_age: sets $max_age to AGE in the words that cargo expects
read_age() {
	case $AGE in
	*[!0-9]?* | [!0-9]*) unit=none ;;
	*h) unit=hours ;;
	*d | '') unit=days ;;
	*w) unit=weeks ;;
	*m) unit=months ;;
	*) unit=none ;;
	esac
	[ "$unit" != none ] || refuse \
		"AGE is '$AGE': set it in hours, days, weeks or months, such as 12h, 30d, 4w or 6m."
	max_age=${AGE:+${AGE%?} $unit}
}

# read_size: sets $max_size to SIZE in the same way; cargo counts kB, MB and GB in powers of 1000
read_size() {
	case $SIZE in
	*[!0-9]?* | [!0-9]*) unit=none ;;
	*[kK]) unit=kB ;;
	*M) unit=MB ;;
	*G | '') unit=GB ;;
	*) unit=none ;;
	esac
	[ "$unit" != none ] || refuse "SIZE is '$SIZE': set it in kB, MB or GB, such as 900K, 500M or 2G."
	max_size=${SIZE:+${SIZE%?}$unit}
}

# collect AGE SIZE [--dry-run]: runs in a container; without both, with cargo's default limits.
# Cargo waits until no build uses the cache.  Stable toolchains only collect automatically so far,
# hence RUSTC_BOOTSTRAP.  What it creates is writable for everybody, like everything in the
# volume; its database ignores the umask.
collect() {
	umask 0
	export RUSTC_BOOTSTRAP=1
	cargo clean gc --help >/dev/null 2>&1 || refuse \
		"prune-cache needs Rust 1.76 or later in the image: run make pull-images."
	home=${CARGO_HOME:-/usr/local/cargo}/registry
	faults=$(cd "$home" 2>/dev/null && print_faults) || :
	[ -z "$faults" ] || refuse "$faults: make verify-cache REPAIR=1 removes it."
	if [ -n "$1$2" ]; then
		set -- ${1:+--max-download-age "$1"} ${2:+--max-download-size "$2"} ${3:+"$3"}
	else
		set -- --max-src-age '1 month' --max-crate-age '3 months' --max-index-age '3 months' \
			--max-git-co-age '1 month' --max-git-db-age '3 months' ${3:+"$3"}
	fi
	cargo clean gc -Z gc "$@" || return
	[ ! -f "$home/.global-cache" ] || chmod a+rw "$home/.global-cache"
}

# prune_caches: the rule
prune_caches() {
	read_age
	read_size
	select_caches prune-cache
	wanted_kind=
	need_found
	need_tools
	failed=
	while IFS= read -r cache; do prune_cache "$cache"; done <<-END
		$(print_cache_names)
	END
	[ -z "$failed" ]
}

# prune_cache NAME: sets $failed if cargo fails
prune_cache() {
	words=$as_root
	mount_found "$1" /usr/local/cargo
	case $words in *:/usr/local/cargo/registry*) ;; *) return 0 ;; esac
	printf 'Pruning the cache %s...\n' "$1"
	mode=
	! is_on "$DRY_RUN" || mode=--dry-run
	add_words "$tools"
	add_inside collect "$max_age" "$max_size" ${mode:+"$mode"}
	run_inside || {
		failed=yes
		printf 'Pruning the cache %s failed: %s.\n' "$1" "$(print_remedy 'try again')" >&2
	}
}
