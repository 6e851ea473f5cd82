# ---- help: rules, targets and settings, and names that no target has

# print_help NAMES DESCRIPTION...: help-cache, on one screen; NAMES are a target's, with its aliases
print_help() {
	cat <<'END'
Build a Cargo project in containers, with caches for its downloads:
  make build-TARGET    compile it, list the binaries; build-all: every target
  make test-TARGET     run its tests; also check-, clippy- and run-TARGET
  make shell-TARGET    open a shell in the build environment
  make list-cache      list the caches; V=1 adds their size and last use
  make cache-stats     show their sizes
  make prune-cache     remove old downloads, such as those unused for AGE=30d
  make clean-cache     remove the caches, after confirmation
  make doctor          check engine, images, caches and project

TARGET is one of:
END
	print_first_targets "$@"
	cat <<'END'

Add WORKSPACE=DIR to build another project, OFFLINE=1 to use no network,
V=1 to see the engine's commands, DRY_RUN=1 to change nothing.
All rules and settings: make help-cache-all, or man cachemk-rules
END
}

# print_first_targets NAMES DESCRIPTION...: as many as help-cache has room for
print_first_targets() {
	if [ $# -gt 14 ]; then
		left=$(($# / 2 - 6))
		print_targets "$1" "$2" "$3" "$4" "$5" "$6" "$7" "$8" "$9" "${10}" "${11}" "${12}"
		printf '  ... and %s more: make help-cache-all\n' "$left"
	else
		print_targets "$@"
	fi
}

# print_targets NAMES DESCRIPTION...: the description in a line of its own, after many names
print_targets() {
	while [ $# -gt 0 ]; do
		if [ ${#1} -gt 30 ]; then
			printf '  %s\n' "$1"
			printf '  %-30s  %s\n' '' "$2"
		else
			printf '  %-30s  %s\n' "$1" "$2"
		fi
		shift 2
	done
}

# print_all_help NAMES DESCRIPTION...: help-cache-all
print_all_help() {
	print_rules
	printf '\nTARGET is one of:\n'
	print_targets "$@"
	print_settings
}

print_rules() {
	cat <<'END'
Rules for builds. TARGET is a target or an alias; -all stands for every target.
With -j4, make builds four targets at a time.
  build-TARGET, build-all      cargo build --release, then list the binaries
  test-TARGET, test-all        cargo test
  check-TARGET, check-all      cargo check
  clippy-TARGET, clippy-all    cargo clippy
  cargo-TARGET, cargo-all      any cargo command: CARGO='doc --no-deps'
  dist-TARGET, dist-all        pack what is built in dist/, reproducibly
  run-TARGET                   cargo run --release
  fetch-TARGET, fetch-all      download dependencies; compile nothing
  shell-TARGET                 open a shell in the build environment
  prepare-TARGET, prepare-all  create the image and the volumes if missing

Rules for caches apply to all targets; append -TARGET for one.
  list-cache                   list the volumes; V=1 adds size and last use
  cache-stats                  show their sizes, crates and last use as a table
  inspect-cache                show all that is known about each volume
  verify-cache                 check downloads against their checksums
  prune-cache                  remove downloads by AGE, or until below SIZE
  clean-cache                  remove the volumes, after confirmation
  backup-cache-TARGET          write its volumes to the archive FILE
  restore-cache-TARGET         replace its volumes with those in FILE
  push-cache-TARGET            push its volumes to the REGISTRY
  pull-cache-TARGET            replace its volumes with those from there

Rules for images, also with -TARGET:
  pull-images                  pull newer base images and prepare them again
  push-images                  push the prepared images to the REGISTRY
  clean-images                 remove those of this project, after confirmation
Other rules:
  doctor, doctor-TARGET        check engine, disk, images, caches and project
  help-cache, help-cache-all   print a summary, or this
END
}

print_settings() {
	cat <<'END'

Settings, after the rule: make build-TARGET WORKSPACE=~/project
  WORKSPACE=DIR                the project's directory; default: this one
  PROFILE=NAME                 cargo's profile; default: release, or dev
  ARGS='...'                   arguments of the program, or of the tests
  CARGO='...'                  cargo-TARGET: the command
  CARGO_FLAGS='...'            more arguments for cargo
  OFFLINE=1                    use no network
  LOCKED=1                     fail instead of changing Cargo.lock
  CACHE_DIR=DIR                keep caches in this directory, not in volumes
  DOCKER=podman                the engine's command; default: docker
  DOCKER_RUN_FLAGS='...'       more arguments for docker run
  DOCKER_BUILD_FLAGS='...'     more arguments for docker build
  REGISTRY=ghcr.io/me/project  where prepared images and caches are shared
  DRY_RUN=1                    print what would be done; change nothing
  YES=1                        confirm without asking; command line only
  V=1                          show the engine's commands
For some rules only:
  KIND=registry                list-, inspect-, clean-cache, cache-stats: one
                               kind; registry, git, sccache or target
  FORMAT=json                  cache-stats: print JSON
  AGE=30d, SIZE=2G             prune-cache: what to keep
  REPAIR=1                     verify-cache: remove what is damaged
  ALL=1                        clean-images: all projects; command line only
  FILE=NAME                    backup-cache, restore-cache: the archive, or -
The manual page cachemk-rules(7) has the details.
END
}

# The rules that a target has; the first eight are there for all targets, too, and those of the
# second list without a target, too.
build_rules='prepare fetch build test check clippy cargo dist run shell backup-cache'
build_rules="$build_rules restore-cache push-cache pull-cache pull-images push-images"
cache_rules='list-cache cache-stats clean-cache prune-cache inspect-cache verify-cache'
cache_rules="$cache_rules clean-images doctor"
other_rules="$cache_rules pull-images push-images help-cache help-cache-all"

# Prints the one of names that the typed one is most likely meant to be: at most a third of its
# letters is wrong, missing, too many or swapped.
nearest_awk='
function least(a, b, c) { return a < b ? (a < c ? a : c) : (b < c ? b : c) }
function distance(a, b,    i, j, d) {
  for (i = 0; i <= length(a); i++) d[i, 0] = i
  for (j = 0; j <= length(b); j++) d[0, j] = j
  for (i = 1; i <= length(a); i++)
    for (j = 1; j <= length(b); j++) {
      d[i, j] = least(d[i - 1, j] + 1, d[i, j - 1] + 1, \
        d[i - 1, j - 1] + (substr(a, i, 1) != substr(b, j, 1)))
      if (i > 1 && j > 1 && substr(a, i - 1, 2) == substr(b, j, 1) substr(b, j - 1, 1))
        d[i, j] = least(d[i, j], d[i - 2, j - 2] + 1, d[i, j])
    }
  return d[length(a), length(b)]
}
{
  best = length($0) / 3
  count = split(names, name, " ")
  for (k = 1; k <= count; k++)
    if (distance($0, name[k]) <= best) { best = distance($0, name[k]); near = name[k] }
  if (near != "") print ": did you mean " near "?"
}
'

# print_nearest TYPED NAME...: ": did you mean NAME?", or nothing
print_nearest() {
	typed=$1
	shift
	printf '%s\n' "$typed" | awk -v names="$*" "$nearest_awk"
}

# find_hint GOAL NAME...: sets $hint to what may be meant by GOAL, which has no rule; NAMEs are
# targets and aliases.  Fails if it is like none of ours.
find_hint() {
	goal=$1
	shift
	for prefix in $build_rules $cache_rules; do
		case $goal in
		"$prefix") find_bare "$@" && return ;;
		"$prefix"-*) typed=${goal#"$prefix"-} && find_target "$@" && return ;;
		esac
	done
	near=
	for name in all "$@"; do
		case $goal:$name in
		*?-all:all)
			near=$(print_nearest "${goal%-all}" prepare fetch build test check clippy cargo dist)
			;;
		*?-"$name:$name") near=$(print_nearest "${goal%-"$name"}" "$build_rules $cache_rules") ;;
		esac
		[ -z "$near" ] || { hint="There is no rule '$goal'${near%\?}-$name?" && return; }
	done
	near=$(print_nearest "$goal" "$other_rules")
	hint="There is no rule '$goal'$near"
	[ -n "$near" ]
}

# find_bare NAME...: if GOAL is a rule that only targets have
find_bare() {
	case " $other_rules " in *" $goal "*) return 1 ;; esac
	case $goal in
	run | shell | *-cache) all= ;;
	*) all=", or make $goal-all for all targets" ;;
	esac
	hint="There is no rule '$goal': run make $goal-$1$all."
}

# find_target NAME...: if GOAL is a rule of a target that there is not
find_target() {
	case $goal in cache-stats | help-cache-all | *-cache) return 1 ;; esac
	near=$(print_nearest "$typed" "$@")
	hint="There is no target '$typed'${near:-: make help-cache lists them.}"
}

# near_goals GOALS NAME...: prints those that are like ours, and neither our rules nor files
near_goals() {
	goals=$1
	shift
	set -f
	for goal in $goals; do
		case " $other_rules " in *" $goal "*) continue ;; esac
		[ -e "$goal" ] || ! find_hint "$goal" "$@" || printf '%s\n' "$goal"
	done
}

# refuse_goal GOAL NAME...: ends with what may be meant
refuse_goal() {
	find_hint "$@" || :
	refuse "$hint"
}
