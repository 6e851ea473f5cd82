# ---- help: what one can type

# print_help NAME DESCRIPTION...: help-cache, for these targets and aliases
print_help() {
	cat <<'END'
Builds of a Cargo project in containers, with caches:
  build-TARGET     also test-, check-, clippy-, run-, shell-, fetch-, prepare-
  build-all        all targets, -j4 for four at a time; also test-all and so on
  list-cache       the cache volumes that exist; V=1: with size, use and targets
  cache-stats      their sizes, as a table; FORMAT=json for scripts
  inspect-cache    all that is known of them
  verify-cache     compares them with their checksums; REPAIR=1 repairs
  prune-cache      removes what is unused: AGE=30d, SIZE=2G
  clean-cache      removes them, after a question; KIND=registry, git...
  backup-cache-TARGET FILE=F, restore-cache-TARGET FILE=F
  pull-images      fetches newer base images and prepares anew
  clean-images     removes the prepared images, after a question
  doctor           checks engine, emulation, disk, images, caches, project
Those for caches, and doctor, are also for one target: list-cache-TARGET.
TARGET is one of
END
	printf '  %-16s %s\n' "$@"
	cat <<'END'
Settings, behind the rule: WORKSPACE=DIR (the project), PROFILE=dev, OFFLINE=1,
LOCKED=1, ARGS=... (of the program), CARGO_FLAGS=..., V=1 (shows the commands),
YES=1 (answers questions), DRY_RUN=1 (removes nothing),
CACHE_DIR=DIR (folders for caches, not volumes), DOCKER=podman,
DOCKER_RUN_FLAGS=..., DOCKER_BUILD_FLAGS=...
END
}

# Prints the one of names that the typed one is most likely meant to be: at most a third of its
# letters is wrong, missing or too many.
nearest_awk='
function least(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }
function distance(a, b,    i, j, row, left, above) {
  for (j = 0; j <= length(b); j++) row[j] = j
  for (i = 1; i <= length(a); i++) {
    above = row[0]
    row[0] = i
    for (j = 1; j <= length(b); j++) {
      left = row[j]
      row[j] = least(row[j] + 1, row[j - 1] + 1, above + (substr(a, i, 1) != substr(b, j, 1)))
      above = left
    }
  }
  return row[length(b)]
}
{
  best = length($0) / 3
  count = split(names, name, " ")
  for (k = 1; k <= count; k++)
    if (distance($0, name[k]) <= best) { best = distance($0, name[k]); near = name[k] }
  if (near != "") print ": did you mean " near "?"
}
'

# refuse_target RULE NAME...: ends, since RULE is a goal that begins like one of ours and no NAME
# is a target that it could have
refuse_target() {
	for prefix in prepare fetch build test check clippy run shell list-cache cache-stats clean-cache \
		prune-cache inspect-cache verify-cache backup-cache restore-cache doctor; do
		case $1 in "$prefix"-*) typed=${1#"$prefix"-} ;; esac
	done
	shift
	near=$(printf '%s\n' "$typed" | awk -v names="$*" "$nearest_awk")
	refuse "There is no target '$typed'${near:-: make help-cache lists them.}"
}
