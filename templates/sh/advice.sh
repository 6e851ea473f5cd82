# ---- advice: what cargo's errors do not say, because cargo does not know that it runs in a
# container, or what was set for it; doctor says the same before a build

# Prints the programs that a .cargo/config.toml has cargo run for the triple, and with `runs` what
# starts its programs; ld.NAME for the linker that a compiler starts
programs_awk=$toml_awk'
function chosen(text) {
  sub(/^[^=]*=[ \t]*["\047]/, "", text)
  sub(/["\047].*/, "", text)
  return text
}
/^[ \t]*#/ { next }
/^[ \t]*\[/ { section = $0; gsub(/[][ \t"\047]/, "", section) }
section ~ /^target\./ && section !~ /^target\.cfg/ && section != "target." triple { next }
section ~ /^target\.cfg.*(windows|msvc|macos|apple|ios|wasm|bsd|android)/ &&
  section !~ /not\(/ { next }
runs && /^[ \t]*runner[ \t]*=/ {
  text = unquoted(substr($0, index($0, "=")))
  sub(/[ \t].*/, "", text)
  if (text !~ /^[^\/]+\//) name[text]
}
/^[ \t]*(rustc-wrapper|rustc-workspace-wrapper|linker)[ \t]*=[ \t]*["\047]/ { name[chosen($0)] }
match($0, /-fuse-ld=[A-Za-z0-9._+-]+/) { name["ld." substr($0, RSTART + 9, RLENGTH - 9)] }
END { for (n in name) if (n ~ /^(\/[A-Za-z0-9._+\/-]+|[A-Za-z0-9._+-]+)$/) print n }
'

# print_configuration: that of the directory that cargo runs in, and above it as far as builds see
print_configuration() {
	level=$PWD$member
	while :; do
		for file in "$level/.cargo/config.toml" "$level/.cargo/config"; do
			if is_directory "$level/.cargo" && is_file "$file"; then cat <"$file"; fi
		done
		[ "$level" != "${outer:-$PWD}" ] || break
		level=${level%/*}
	done
}

# print_missing PROGRAM...: runs in the container
print_missing() {
	for name; do
		command -v "$name" >/dev/null 2>&1 || case $name in
		ld.*) command -v "${name#ld.}" >/dev/null 2>&1 || printf '%s\n' "${name#ld.}" ;;
		*) printf '%s\n' "$name" ;;
		esac
	done
}

# print_lacking IMAGE TRIPLE [PLATFORM]: a problem and its remedy for each program that the
# project's configuration wants and the image lacks
print_lacking() {
	case ${command-}${cross-} in run | test) runs=yes ;; *) runs= ;; esac
	programs=$(print_configuration |
		LC_ALL=C awk -v triple="$2" -v runs="$runs" "$programs_awk")
	[ -n "$programs" ] || return 0
	words=$as_nobody
	add_words ${3:+--platform "$3"} "$1"
	# shellcheck disable=SC2086 # names without whitespace
	add_inside print_missing $programs
	missing=$(run_inside 2>/dev/null) || return 0
	for name in $missing; do
		printf "The image has no '%s', which .cargo/config.toml sets: %s\n" "$name" \
			'install it in setup in targets.ini, or remove it there'
	done
}

# print_manifests: the Cargo.toml files of the project, and of members in one directory or two
print_manifests() {
	for file in Cargo.toml */Cargo.toml */*/Cargo.toml; do
		if is_reached "$file"; then printf '%s\n' "$file"; fi
	done
}

# print_unknown_registries WORD...: a problem and its remedy for each registry that a dependency
# names and nothing defines: neither the project nor a variable among WORDs.  A container does not
# have the user's ~/.cargo/config.toml.
print_unknown_registries() {
	known=" $* "
	names=$(print_manifests | while IFS= read -r file; do
		sed -n '/^[[:space:]]*#/!s/.*registry[[:space:]]*=[[:space:]]*"\([A-Za-z0-9_-]*\)".*/\1/p' "$file"
	done | sort -u)
	for name in $names; do
		variable=CARGO_REGISTRIES_$(printf '%s\n' "$name" | tr 'a-z-' 'A-Z_')_INDEX
		case $name$known in crates-io* | *"$variable"*) continue ;; esac
		! print_configuration | grep -e "registries.*$name" -e "^[[:space:]]*${name}[[:space:]]*=" \
			>/dev/null || continue
		printf "Nothing in the project defines the registry '%s': add it to .cargo/config.toml, %s\n" \
			"$name" "or set env = $variable=URL in targets.ini"
	done
}

# Prints the first pattern of members that matches directories of ours that are not excluded, and
# those
members_awk=$pattern_awk'
function read_list(text,   path) {
  while (match(text, /"[^"]*"|\047[^\047]*\047/)) {
    path = normal(substr(text, RSTART + 1, RLENGTH - 2))
    text = substr(text, RSTART + RLENGTH)
    if (key == "exclude") excluded[path]
    else if (!(path in order)) { order[path] = ++count; pattern[count] = path }
  }
}
/^[ \t]*\[/ && key == "" { section = $0; gsub(/[][ \t]/, "", section) }
/^[ \t]*(workspace[ \t]*\.[ \t]*)?(members|exclude)[ \t]*=/ {
  if (section == "workspace" || section == "" && /workspace/)
    key = /members[ \t]*=/ ? "members" : "exclude"
}
key != "" { read_list($0) }
/\]/ { key = "" }
END {
  for (i = 1; i <= count; i++) {
    mk = names(pattern[i], "mk") && !("mk" in excluded)
    target = !("target" in excluded) &&
      (names(pattern[i], "target") || names(pattern[i], "target/x86_64-unknown-linux-gnu"))
    if (!mk && !target || pattern[i] ~ /[\001-\037\177]/) continue
    print pattern[i]
    print mk && target ? "mk/ and target/" : mk ? "mk/" : "target/"
    exit
  }
}
'

# print_taken_members: a problem and its remedy if cargo takes our directories for packages
print_taken_members() {
	! is_file Cargo.toml || LC_ALL=C awk "$members_awk" Cargo.toml |
		while IFS= read -r pattern && IFS= read -r ours; do
			printf 'The workspace members "%s" in Cargo.toml include %s: %s\n' "$pattern" "$ours" \
				'add exclude = ["mk", "target"] to it'
		done
}

# Prints for each path in a Cargo.toml that leads out of what builds see: the file, what the path is
# as it stands there, on the host, and in a container; and "workspace" if it is that of a workspace.
# `here` is this directory, `top` the one that is mounted at /workspace.
outside_awk=$toml_awk'
function absolute(path,   all) {
  all = normal(path)
  while (sub(/^\.\.(\/|$)/, "", all)) continue
  return "/" all
}
BEGIN { here = ENVIRON["here"]; top = ENVIRON["top"] }
FNR == 1 { section = ""; at = FILENAME; sub(/[^\/]*$/, "", at) }
/^[ \t]*\[/ { section = $0; gsub(/[][ \t"\047]/, "", section); next }
section == "package" && /^[ \t]*workspace[ \t]*=[ \t]*["\047]/ {
  path = unquoted($0)
  kind = "workspace"
}
(depends(section) || section ~ /^(workspace\.dependencies|patch)/) &&
  match($0, /(^|[{, \t])path[ \t]*=.*/) {
  path = unquoted(substr($0, RSTART))
  kind = "path"
}
path != "" {
  rooted = path ~ /^\//
  full = rooted ? absolute(path) : absolute(here "/" at path)
  inner = rooted ? full : absolute("/workspace" substr(here, length(top) + 1) "/" at path)
  if (kind == "workspace") found = index(absolute(here "/" at) "/", full "/") != 1
  else found = index(full "/", top "/") != 1 || rooted
  if (found && (path full) !~ /[\001-\037\177]/) {
    print kind
    print substr(FILENAME, 3)
    print path
    print full
    print inner
  }
  path = ""
}
'

# print_outside FLAGS: a problem and its remedy for each path in the Cargo.toml files here that is
# not mounted, also not by FLAGS
print_outside() {
	flags=" $1 "
	set --
	for file in Cargo.toml */Cargo.toml */*/Cargo.toml; do
		! is_reached "$file" || set -- "$@" "./$file"
	done
	[ $# -gt 0 ] || return 0
	here=$PWD top=${outer:-$PWD} LC_ALL=C awk "$outside_awk" "$@" |
		while IFS= read -r kind && IFS= read -r file && IFS= read -r path &&
			IFS= read -r full && IFS= read -r inner; do
			case $flags in *":$inner:"* | *":$inner "* | *":$inner'"*) continue ;; esac
			[ ! -d "$full" ] || say_outside "$kind" "$file" "$path" "$full" "$inner"
		done
}

# say_outside KIND FILE PATH FULL INNER: says so
say_outside() {
	case $1 in
	workspace)
		printf "%s names the workspace '%s', which is not above it: %s\n" "$2" "$3" \
			"set WORKSPACE to its directory, and CARGO_FLAGS='-p NAME'"
		;;
	*)
		printf "The path '%s' in %s is outside of what builds see: " "$3" "$2"
		say_mount "$4" "$5"
		;;
	esac
}

# say_mount FULL INNER: how to mount this path of the host at that one in a container
say_mount() {
	case ${outer:+x}$1/$2 in
	"${top:-/ }"/*) printf 'run git add Cargo.toml, so that its repository is mounted\n' ;;
	*[!A-Za-z0-9_./-]*) printf "mount it at '%s' with -v in DOCKER_RUN_FLAGS\n" "$2" ;;
	*) printf "set DOCKER_RUN_FLAGS='-v %s:%s:ro', or move it\n" "$1" "$2" ;;
	esac
}

# was_short: whether memory ran out in the container, as the engine remembers.  Cargo does not
# end with a status of its own when a compiler was killed.  The engine would cut a plain `now` to
# seconds, before what has just happened; where date knows no fraction, it waits for the next one.
was_short() {
	now=$(date +%s.%N)
	case $now in *[!0-9.]* | *.) now=$(date +%s).999999999 ;; esac
	[ -n "$(run_engine events --since "${moment##*-}" --until "$now" --filter event=oom \
		--filter "container=$container" --format x 2>/dev/null)" ]
}

# advise_memory: after a build that was killed, or had a compiler that was
advise_memory() {
	if was_short; then
		short='Memory ran out'
	elif [ "$ended" -eq 137 ]; then
		short='The container was killed, perhaps because memory ran out'
	else
		return 0
	fi
	printf "%s: set CARGO_FLAGS='--jobs 1', or give the engine's machine more memory.\n" "$short" >&2
}

# advise_cargo: after an error of cargo's
advise_cargo() {
	! is_on "$LOCKED" ||
		printf 'If %sCargo.lock is out of date: build without LOCKED=1, and commit it.\n' \
			"${member:+$place}"
	! is_on "$OFFLINE" || printf 'If a crate is missing: run make fetch-%s.\n' "$target"
	{
		print_taken_members
		print_outside "$run_words"
		print_unknown_registries "$run_words"
		print_lacking "$prepared" "$triple" ${platform:+"$platform"}
	} | sed 's/$/./'
}

# advise: says what can be known about the failure with the status $ended
advise() {
	[ "$ended" -ne 101 ] || advise_cargo >&2
	case $command:$ended in
	shell:* | fetch:*) ;;
	*:101 | *:137) advise_memory ;;
	esac
	free=$({ df -Pk target 2>/dev/null || df -Pk .; } | awk 'NR == 2 { print $4 }')
	[ "${free:-8192}" -ge 8192 ] || printf \
		'Only %s are free on the disk of %starget: free some space there, and try again.\n' \
		"$(print_size $((free * 1024)))" "$place" >&2
}
