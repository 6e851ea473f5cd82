# ---- doctor: checks what can keep builds from working

# say_ok TEXT
say_ok() {
	printf 'ok    %s\n' "$1"
}

# say_warn TEXT REMEDY
say_warn() {
	printf 'warn  %s: %s\n' "$1" "$2"
}

# say_fail TEXT REMEDY
say_fail() {
	printf 'fail  %s: %s\n' "$1" "$2"
	failed=yes
}

# check_host: make and the shell that run this
check_host() {
	case $make_version in
	[0-2].* | 3.[0-7]* | 3.80*) say_fail "GNU make $make_version" 'install 3.81 or later' ;;
	*) say_ok "GNU make $make_version" ;;
	esac
	if [ -n "${ZSH_VERSION-}" ]; then
		say_warn "sh is zsh $ZSH_VERSION" 'put a POSIX sh first in PATH'
	else
		say_ok "sh is ${BASH_VERSION:+bash $BASH_VERSION, as }a POSIX shell"
	fi
	for tool in awk cksum cut grep gzip id od sed sort tr uname wc; do
		command -v "$tool" >/dev/null 2>&1 || say_fail "$tool is missing" 'install it'
	done
}

# check_engine: the engine.  Exits if it does not answer, because all other checks need it.
check_engine() {
	path=$(command -v "$engine_name" 2>/dev/null) || {
		say_fail "$engine_name is not installed" \
			'install it, or set DOCKER to the command of another engine'
		exit 1
	}
	say_ok "$path: $(run_engine --version 2>/dev/null | head -n 1)"
	engine_answers || {
		say_fail 'the engine does not answer' "$remedy"
		exit 1
	}
	ask_engine
	server=$(run_engine version --format '{{.Server.Version}}' 2>/dev/null) || :
	say_ok "the engine answers: $server, rootless: $rootless"
	check_engine_options
}

# check_engine_options: options of the engine that can break builds
check_engine_options() {
	if printf '%s\n' "$info" | grep '^ *userns$' >/dev/null; then
		say_warn 'the engine maps users (userns-remap)' "set DOCKER_RUN_FLAGS='--userns=host'"
	fi
	find_address
	case $host in ssh://* | tcp://*)
		remote=yes
		say_ok 'the engine is on the network: a project that it cannot mount is sent to it'
		;;
	esac
	selinux=$(printf '%s\n' "$info" | grep -E '^ *selinux(Enabled: true)?$') || :
	case $selinux:$run_flags in
	:* | *label=disable*) ;;
	*) say_warn 'SELinux may keep containers from the project' \
		"set DOCKER_RUN_FLAGS='--security-opt label=disable'" ;;
	esac
}

# check_disk: the engine's disk; with less than 1 GiB it can hold hardly any images and builds,
# with less than 5 GiB few
check_disk() {
	[ -n "$tools" ] || {
		say_ok 'disk space: known once an image is prepared'
		return
	}
	words=$as_nobody
	add_words "$tools"
	add_inside df -Pk /
	read_inside || refuse 'The container that checks the disk has failed: see above.'
	free=$(printf '%s\n' "$said" | awk 'NR == 2 { print $4 }')
	space="$(print_size $((free * 1024))) free on the engine's disk"
	remedy='make cache-stats shows what uses it; make prune-cache and'
	remedy="$remedy $engine_shown system prune free some"
	if [ "$free" -lt 1048576 ]; then
		say_fail "$space" "$remedy"
	elif [ "$free" -lt 5242880 ]; then
		say_warn "$space" "$remedy"
	else
		say_ok "$space"
	fi
}

# Prints the rules of a makefile that have the names of generated ones: those in builds and caches
# for each of targets, and what has none.
own_rules_awk='
BEGIN {
  split(targets, names)
  n = split(builds " " caches, words)
  for (i = 1; i <= n; i++) for (j in names) ours[words[i] "-" names[j]]
  for (i = 1; i <= 8; i++) ours[words[i] "-all"]
  n = split(caches " pull-images push-images help-cache help-cache-all", words)
  for (i = 1; i <= n; i++) ours[words[i]]
}
/^[^:=#\t]*:([^=]|$)/ {
  sub(/:.*/, "")
  n = split($0, words)
  for (i = 1; i <= n; i++) if (words[i] in ours && !seen[words[i]]++) print words[i]
}
'

# check_makefile: looks for rules that the project has under the names of generated ones
check_makefile() {
	for makefile in GNUmakefile makefile Makefile; do
		if is_file "$makefile"; then break; fi
	done
	names=$(printf '%s\n' "$targets" | cut -d ' ' -f 1)
	names=$(awk -v targets="$(printf '%s' "$names" | tr '\n' ' ')" -v builds="$build_rules" \
		-v caches="$cache_rules" "$own_rules_awk" "$makefile" 2>/dev/null | tr '\n' ' ') || :
	[ -z "$names" ] || say_warn "$makefile has rules with the names of generated ones: ${names% }" \
		"rename them, or see cachemk's docs/migration.md"
}

# check_own: variables of the project's makefile that have the names of settings; they may well be
# meant for something else, so nothing is wrong with them
check_own() {
	[ -z "$own" ] || say_ok "the makefile's own$own: no settings here; those are CACHEMK_${own##* } \
and the like"
}

# check_repository: says what is mounted beside the project
check_repository() {
	find_repository
	[ -z "$nested" ] || {
		say_warn 'git does not work in builds of a submodule in a worktree' \
			"build it in the repository's main directory, or in a clone"
		return
	}
	[ -z "$outer" ] || say_ok "its git repository $outer is mounted, too, read-only"
	[ -z "$common" ] || say_ok "$common, where git keeps this worktree, is mounted, too, read-only"
	if [ -z "$outer$common" ] && [ -n "$top" ] && [ "$top" != "$PWD" ]; then
		say_ok "only the project is mounted, because the git repository $top does not track it"
	elif [ -z "$outer$common" ] && [ -f .git ]; then
		say_warn "git does not work in builds, as $PWD/.git names no worktree or submodule" \
			'run git worktree repair'
	fi
}

# check_above: cargo's configuration above what is mounted, but for that of the user's home, which
# is cargo's own
check_above() {
	home=$(CDPATH='' cd -P -- "${HOME:-/}" 2>/dev/null && pwd -P) || :
	level=${outer:-$PWD}
	while [ -n "$level" ]; do
		level=${level%/*}
		for file in "$level/.cargo/config.toml" "$level/.cargo/config"; do
			case $level in "$home") break ;; esac
			[ ! -f "$file" ] || say_warn "$file is above what builds see, so they do not read it" \
				'copy what they need to .cargo/config.toml in the project'
		done
	done
}

# Of lines of ls, prints the links that lead out of what builds see: as they are called, where to on
# the host, and in a container
links_awk=$toml_awk'
BEGIN {
  here = ENVIRON["here"]
  top = ENVIRON["top"]
  inside = "/workspace" substr(here, length(top) + 1)
}
/[\001-\037\177]/ { next }
(i = index($0, " ./")) && (j = index($0, " -> ")) > i {
  link = substr($0, i + 3, j - i - 3)
  goal = substr($0, j + 4)
  at = link
  sub(/[^\/]*$/, "", at)
  full = "/" normal(goal ~ /^\// ? goal : here "/" at goal)
  inner = "/" normal(goal ~ /^\// ? goal : inside "/" at goal)
  while (sub(/^\/\.\.(\/|$)/, "/", inner)) continue
  if (index(full "/", top "/") == 1 && goal !~ /^\//) next
  if (++n > 3) next
  print link
  print full
  print inner
}
'

# find_links: of the project, the first that builds cannot follow
find_links() {
	find . \( -name .git -o -name target -o -name node_modules \) -prune -o -type l \
		-exec ls -ldq {} + 2>/dev/null |
		here=$PWD top=${outer:-$PWD} LC_ALL=C awk "$links_awk" |
		while IFS= read -r link && IFS= read -r full && IFS= read -r inner; do
			case " $run_flags " in *":$inner:"* | *":$inner "*) continue ;; esac
			[ ! -e "$full" ] || say_warn "builds cannot follow the link $link to $full" \
				"$(say_mount "$full" "$inner")"
		done
}

# check_workspace: checks the project, and changes to it
check_workspace() {
	member='' outer='' top=''
	expand_home "$WORKSPACE"
	place=$expanded
	if CDPATH='' cd -P -- "${place:-.}" 2>/dev/null && [ -f Cargo.toml ]; then
		say_ok "$PWD has a Cargo.toml"
		find_root
		[ -z "$member" ] || say_ok "its workspace $PWD is mounted, and cargo runs in ${member#/}"
		check_repository
		check_above
		find_links
	else
		case $place in '' | .) place=$project ;; esac
		say_warn "there is no Cargo.toml in '$place'" "set WORKSPACE to a Cargo project's directory"
	fi
	if [ -e target ] && [ ! -w target ]; then
		say_fail "you cannot write to $PWD/target" \
			"run sudo chown -R $(id -u):$(id -g) '$PWD/target'"
	fi
}

# warn_each: prints each line on standard input, which has a problem and its remedy, as a warning
warn_each() {
	sed 's/^/warn  /'
}

# check_cargo: what a build in a container would find in the project's files
check_cargo() {
	print_taken_members | warn_each
	print_outside "$run_flags" | warn_each
	variables=$(cat "${script%/*}"/*.mk | tr -s '= ' '\n' | grep '^CARGO_REGISTRIES_') || :
	print_unknown_registries "$variables" | warn_each
}

# check_programs NAME PLATFORM _ _ PREPARED: those that the project wants cargo to run
check_programs() {
	triple=$(cat "${script%/*}"/*.mk | awk -v block="cachemk_in_$1" '
		$1 == "define" { in_block = $2 == block }
		in_block && $1 == "--triple" { print $2; exit }')
	platform=$2
	case $platform in -) platform= ;; esac
	print_lacking "$5" "$triple" ${platform:+"$platform"} | sed "s/^The/$1: its/" | warn_each
}

# check_target NAME PLATFORM CACHE IMAGE PREPARED: whether its platform runs here, its image is up
# to date, and fits the toolchain file
check_target() {
	if described=$(run_engine image inspect --format '{{- json .}}' "$5" 2>/dev/null); then
		is_native "$2" || check_platform "$@"
		check_prepared "$@"
		check_toolchain_file "$1" "$5"
		check_programs "$@"
	else
		say_ok "$1: no prepared image yet; the next build creates it"
		is_native "$2" || check_emulation "$1" "$2"
	fi
}

# is_native PLATFORM: whether it is the engine's own platform, or none
is_native() {
	case $1 in
	- | "$native" | "$native"/*) ;;
	*) return 1 ;;
	esac
}

# check_platform NAME PLATFORM _ _ PREPARED: by running a container
check_platform() {
	words=$as_nobody
	add_words --platform "$2" "$5"
	add_inside true
	if run_inside >/dev/null 2>&1; then
		say_ok "$1: containers for $2 run here"
	else
		say_fail "$1: $2 cannot run here" 'install qemu-user-static and binfmt-support'
	fi
}

# check_emulation NAME PLATFORM: by what is registered on this machine, without an image to run
check_emulation() {
	case $2 in
	*/amd64*) machine=x86_64 ;;
	*/arm64*) machine=aarch64 ;;
	*/arm*) machine=arm ;;
	*) machine=${2#*/} ;;
	esac
	formats=/proc/sys/fs/binfmt_misc
	[ -n "$remote" ] || [ ! -d "$formats" ] || [ -e "$formats/qemu-$machine" ] || say_fail \
		"$1: no emulator is registered for $2" 'install qemu-user-static and binfmt-support'
}

# check_prepared NAME _ _ IMAGE PREPARED: whether it was prepared with this engine, and from the
# current base image
check_prepared() {
	case $described in *'"cachemk.rootless":"'"$rootless"'"'*) ;; *)
		say_warn "$1: its image was prepared by another kind of engine" \
			"run $engine_shown image rm $5" ;;
	esac
	layers=$(run_engine image inspect --format '{{json .RootFS.Layers}}' "$4" 2>/dev/null) || layers=
	layers=${layers#"["}
	case $described in
	*"${layers%"]"}"*) say_ok "$1: prepared image $5" ;;
	*) say_warn "$1: its image was prepared from an older $4" 'run make pull-images' ;;
	esac
}

# check_toolchain_file NAME PREPARED: checks the first of the two names that rustup looks for
check_toolchain_file() {
	find_above rust-toolchain rust-toolchain.toml || return 0
	file=$found_above
	has_toolchain "$2" "$file" || say_warn "$1: its image lacks the toolchain in ${file#"$PWD/"}" \
		'add "rustup toolchain install ..." to setup in targets.ini'
}

# check_cache NAME: checks a cache, which the survey describes
check_cache() {
	if [ -z "$directories" ]; then
		driver=$(run_engine volume inspect --format '{{.Driver}}' "$1" </dev/null)
		[ "$driver" = local ] || say_warn "$1 uses the volume driver $driver" \
			'a volume that is not local may be slow, and locks on it may not work'
	fi
	printf '%s\n' "$survey" | LC_ALL=C awk -v name="$1" -v user="$user" \
		"$cache_verdict_awk" || failed=yes
}

# Fails if a build with the cache would fail
cache_verdict_awk=$bytes_awk'
$1 == "fault" && $2 == name {
  fault = substr($0, length($1 " " $2 " ") + 1)
  print "fail  " name ": " fault ": make verify-cache REPAIR=1 removes it"
}
$1 == "mode" && $2 == name { owner = $3; mode = $4 }
$1 == "volume" && $2 == name { crates = $4; databases = $5; size = $3 }
END {
  has = name ~ /^cargo-cache-|\/registry$/ ? crates " crates, " : \
    name ~ /^cargo-git-cache-|\/git$/ ? databases " databases, " : ""
  if (mode == "") print "ok    " name " exists"
  else if (owner != user && user != "0:0" && mode !~ /[2367]$/)
    print "warn  " name " belongs to " owner ", mode " mode ": the next build makes it writable"
  else if (has ~ /^0 /) print "ok    " name " is empty: nothing has been downloaded into it"
  else print "ok    " name " has " has bytes(size * 1024)
  exit (fault != "")
}
'

# check_caches: those of the rows
check_caches() {
	find_caches
	survey_caches "$found"
	[ -n "$found" ] || {
		say_ok 'no caches yet; the next build creates them'
		return
	}
	while IFS= read -r name; do check_cache "$name"; done <<-END
		$found
	END
}

# diagnose: the rule
diagnose() {
	failed=
	check_host
	check_engine
	read_rows doctor
	guard
	wanted_kind=
	native=$(print_native_platform)
	find_tools
	check_disk
	read_directories
	check_makefile
	check_own
	check_workspace
	check_cargo
	user=$(id -u):$(id -g)
	[ "$rootless" = no ] || user=0:0
	while read -r name platform cache image prepared; do
		case $target in '' | "$name")
			check_target "$name" "$platform" "$cache" "$image" "$prepared" </dev/null ;;
		esac
	done <<-END
		$targets
	END
	all=
	check_caches
	[ -z "$failed" ]
}
