# ---- binaries: reading, checking and listing what a build has produced

# Cargo says on its standard output what it has built, one JSON object a line: see "JSON messages"
# in the Cargo Book's chapter on external tools.  For awk with LC_ALL=C: prints the paths of
# programs and of libraries for other languages, or of Rust libraries if there is nothing else, each
# below $WITHIN, as paths in the workspace; and on standard error all other lines, which come from
# build scripts.  A build can write to that output, too, so only ordinary paths are taken.  With
# --target, cargo puts files into a directory of the triple, $DEEP, out of which they are linked.
messages_awk='
# string(TEXT): the JSON string that TEXT continues, or nothing if it has control characters.  Sets
# `rest` to what follows.
function string(text,   value, others) {
  match(text, /^([^"\\]|\\.)*"/)
  value = substr(text, 1, RLENGTH - 1)
  rest = substr(text, RLENGTH + 1)
  text = value
  gsub(/\\["\\]/, "", text)
  if (RLENGTH < 1 || text ~ /[\001-\037\177\\]/) return ""
  for (text = ""; match(value, /\\./); value = substr(value, RSTART + 2))
    text = text substr(value, 1, RSTART - 1) substr(value, RSTART + 1, 1)
  return text value
}
# member(KEY): the first string in the message with this key
function member(key,   start) {
  start = index($0, "\"" key "\":\"")
  return start ? string(substr($0, start + length(key) + 4)) : ""
}
# package(): the name of what was built, its version, and the directory of its package, or nothing.
# An identifier ends in #VERSION or #NAME@VERSION; before cargo 1.77, it began with "NAME VERSION".
function package(   id, way, name, version) {
  id = member("package_id")
  way = member("manifest_path")
  name = substr($0, index($0, "\"target\":{"))
  name = (start = index(name, "\"name\":\"")) ? string(substr(name, start + 8)) : ""
  if (id ~ /^[^ ]* [^ ]* \(/) split(id, words, " "); else { sub(/.*[#@]/, "", id); words[2] = id }
  version = words[2]
  if (sub(/\/Cargo\.toml$/, "", way) != 1 || index(way "/", ENVIRON["INSIDE"] "/") != 1) return ""
  way = "." substr(way, length(ENVIRON["INSIDE"]) + 1)
  if (name !~ /^[A-Za-z0-9_][A-Za-z0-9_+.-]*$/ || version !~ /^[0-9][0-9A-Za-z.+-]*$/) return ""
  if (way ~ /\/\.\.(\/|$)/) return ""
  return name "\t" version "\t" way
}
function add(path) {
  if (index(path, within) != 1 || path ~ /\/deps\/[^\/]*$/ || path ~ /\/\.\.?(\/|$)/) return
  if (deep != "" && index(path, deep) == 1) path = within substr(path, length(deep) + 1)
  path = substr(path, length(ENVIRON["INSIDE"] "/") + 1)
  if (count < 1000 && !(path in seen)) built[++count] = path
  if (!(path in seen)) origin[path] = package()
  seen[path]
}
function add_files(ending,   text, path, start, after) {
  start = index($0, "\"filenames\":[\"")
  text = start ? substr($0, start + 14) : ""
  while (text != "") {
    path = string(text)
    after = rest
    if (path ~ ending) add(path)
    text = after ~ /^,"/ ? substr(after, 3) : ""
  }
}
BEGIN {
  within = ENVIRON["WITHIN"]
  deep = ENVIRON["DEEP"]
}
index($0, "{\"reason\":\"") != 1 { print | "cat >&2"; fflush(); next }
index($0, "{\"reason\":\"build-finished\"") == 1 { finished = 1 }
index($0, "{\"reason\":\"compiler-artifact\"") != 1 { next }
(start = index($0, "\"executable\":\"")) { add(string(substr($0, start + 14))); next }
/"crate_types":\[[^]]*"(cdylib|dylib|staticlib)"/ { add_files("\\.(so|a)$"); next }
/"crate_types":\[[^]]*"(lib|rlib)"/ { libraries[++others] = $0 }
END {
  if (count == 0) for (i = 1; i <= others; i++) { $0 = libraries[i]; add_files("\\.rlib$") }
  for (i = 2; i <= count; i++) {
    path = built[i]
    for (j = i - 1; j && built[j] > path; j--) built[j + 1] = built[j]
    built[j + 1] = path
  }
  for (i = 1; i <= count; i++) print built[i]
  if (ENVIRON["PACKAGES"] == "") exit !finished
  printf "" >ENVIRON["PACKAGES"]
  for (i = 1; i <= count; i++) {
    path = built[i]
    if (origin[path] == "" || path ~ /\/examples\/[^\/]*$|\.rlib$/) continue
    print origin[path] "\t" path >ENVIRON["PACKAGES"]
  }
  exit !finished
}
'

# start_build WORD...: runs $words and WORD..., which is `cargo build`, in the background, and
# waits.  Descriptor 9 then has what cargo says it has built, a path a line.
start_build() {
	[ -z "$dist" ] || make_temp
	open_result
	run_words=$words
	run_build "$@" | { rm -f "$unfinished" && read_messages >&8; } &
	finished=yes
	wait "$!" || finished=
	unfinished=
	read_result || refuse_messages
	[ "$status" -eq 0 ] || end_run
	[ -n "$finished" ] || refuse_messages
}

# open_result: opens a file as descriptors 8, for writing, and 9, for reading, which gets docker's
# status and what was built.  It is in the user's cache directory, or else the temporary one: both
# are out of reach of others and of builds.  Once it is open, it needs no name.
open_result() {
	name_note "built-$moment"
	unfinished=$note
	{ [ -n "$note" ] && printf '' >"$note"; } 2>/dev/null || {
		make_temp
		unfinished=$temp/result
		printf '' >"$unfinished"
	}
	exec 8>"$unfinished"
	exec 9<"$unfinished"
}

# run_build WORD...: runs it, and then writes docker's status.  The pipe ends after that.
run_build() {
	ended=0
	(eval "exec_engine run $words \"\$@\"" <&3 8>&- 9<&-) || ended=$?
	printf '%s\n' "$ended" >&8
}

# read_result: sets $status to docker's, after which descriptor 9 has what was built, a path a line.
# Fails if there is none.
read_result() {
	exec 8>&-
	IFS= read -r status <&9 || status=
	case $status in '' | *[!0-9]*) return 1 ;; esac
}

# read_messages: the rest is awk's.  A build could print a line that fills our memory, so there is a
# limit, of 1 GB, where sh has this one.
read_messages() {
	# shellcheck disable=SC3045 # an sh without it goes on without a limit
	ulimit -v 1000000 2>/dev/null || :
	PACKAGES=${dist:+$temp/packages} INSIDE=$inside WITHIN=$inside/$target_dir/ \
		DEEP=${cross:+$inside/$target_dir/$triple/} LC_ALL=C exec awk "$messages_awk"
}

# refuse_messages: exits with a message, and leaves nothing behind that still prints
refuse_messages() {
	remove_container
	refuse "Not all of cargo's output has arrived, so what it has built is not known: check the" \
		"connection to the engine and whether the disk is full, and build again."
}

# report_build: copies, checks and lists what the build has produced
report_build() {
	set --
	while IFS= read -r file; do set -- "$@" "$file"; done <&9
	if [ -n "$objects" ]; then
		fetch_products "$@"
	elif [ -n "$cross" ] && needs_linking "$@"; then
		start_linking "$@"
	fi
	finish
	print_binaries "$@"
}

# is_reached PATH: whether it is a regular file, and no link leads to it
is_reached() {
	reached=
	remaining=$1
	while case $remaining in */*) ;; *) false ;; esac do
		reached=$reached${remaining%%/*}
		[ ! -h "$reached" ] || return
		reached=$reached/
		remaining=${remaining#*/}
	done
	is_file "$1"
}

# needs_linking FILE...: whether one that cargo has put one directory deeper is not linked yet
needs_linking() {
	for file; do
		deep=$target_dir/$triple/${file#"$target_dir/"}
		[ -e "$deep" ] || continue
		deep=$(ls -di "$deep") there=$(ls -di "$file" 2>/dev/null) || return 0
		[ "${deep%% *}" = "${there%% *}" ] || return 0
	done
	return 1
}

# start_linking FILE...: links them from within a container, so that links made by a build cannot
# lead outside the project
start_linking() {
	words="$as_nobody --user $user $capabilities $groups"
	add_words -v "$workspace:/workspace" -w /workspace "$prepared"
	add_inside link_binaries "$target_dir" "$triple" "$@"
	run_inside || end_run
}

# link_binaries DIRECTORY TRIPLE FILE...: runs in the container.  With --target, cargo puts files
# one directory deeper than our documentation says.
link_binaries() {
	directory=$1 deeper=$1/$2
	shift 2
	for file; do
		deep=$deeper/${file#"$directory/"}
		is_file "$deep" || continue
		mkdir -p "${file%/*}"
		ln -f "$deep" "$file" 2>/dev/null || cp -p "$deep" "$file"
	done
}

# print_binaries FILE...: lists what was built.  Checks it first, if the target has expect or
# glibc_max.
print_binaries() {
	for file; do
		shift
		if is_reached "$file"; then set -- "$@" "$file"; fi
	done
	[ -z "$expect$glibc_max" ] || [ $# -eq 0 ] || start_check "$@"
	for file; do printf 'Built %s%s\n' "$place" "$file"; done
	[ $# -gt 0 ] || printf 'Built %s%s, without a binary\n' "$place" "$target_dir"
}

# start_check FILE...: checks them in a container
start_check() {
	words=$as_nobody
	if [ -n "$objects" ]; then
		add_words -v "$objects:/workspace/$target_dir:ro"
	else
		add_words -v "$workspace:/workspace:ro"
	fi
	add_words ${platform:+--platform "$platform"} -w /workspace "$prepared"
	set -- check_binaries "$triple" "$expect" "$glibc_max" "$@"
	[ -z "$dist" ] || set -- hold_build "$target_dir$dist" "$moment" "$@"
	add_inside "$@"
	run_inside
}

# check_binaries TRIPLE EXPECT GLIBC_MAX FILE...: runs in the container.  Fails unless each was
# built for the triple, and is what `expect` and `glibc_max` say.
check_binaries() {
	command -v readelf >/dev/null || refuse \
		'expect and glibc_max need readelf in the image: add binutils to setup in targets.ini.'
	triple=$1 expect=$2 glibc_max=$3 failed=
	shift 3
	name_machine
	for file; do
		case $file in *.rlib) continue ;; esac
		[ ! -e "$file" ] || is_file "$file" || continue
		check_machine
		[ -z "$expect" ] || check_static
		[ -z "$glibc_max" ] || check_glibc
	done
	[ -z "$failed" ]
}

# complain TEXT...: reports a problem of $file
complain() {
	printf '%s %s\n' "$file" "$*" >&2
	failed=yes
}

# name_machine: sets $machine to readelf's name for the processor of $triple; to nothing if we do
# not know it
name_machine() {
	case $triple in
	x86_64-*) machine=X86-64 ;;
	i?86-*) machine=80386 ;;
	aarch64-*) machine=AArch64 ;;
	arm*) machine=ARM ;;
	riscv*) machine=RISC-V ;;
	powerpc*) machine=PowerPC ;;
	s390x-*) machine=S/390 ;;
	*) machine= ;;
	esac
}

check_machine() {
	readelf -hW "$file" | grep "Machine:.*$machine" >/dev/null || complain "was not built for $triple"
}

check_static() {
	needed=$(readelf -dW "$file" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/\1/p' | tr '\n' ' ')
	interpreter=$(readelf -lW "$file" | sed -n 's/.*interpreter: \(.*\)\]/\1 /p')
	needed=$interpreter$needed
	[ -z "$needed" ] || complain "is not statically linked: it needs ${needed% }"
}

# The symbol that needs the newest glibc version, if it is newer than `max`
glibc_awk='
function newer(a, b,   x, y) {
  split(a, x, ".")
  split(b, y, ".")
  return x[1] + 0 != y[1] + 0 ? x[1] + 0 > y[1] + 0 : x[2] + 0 > y[2] + 0
}
$8 ~ /@GLIBC_[0-9]/ {
  version = $8
  sub(/.*@GLIBC_/, "", version)
  if (newer(version, max)) { max = version; symbol = $8 }
}
END { print symbol }
'

check_glibc() {
	highest=$(readelf --dyn-syms -W "$file" | awk -v max="$glibc_max" "$glibc_awk")
	[ -z "$highest" ] || complain "needs $highest, but glibc_max is $glibc_max:" \
		'use an older image, or raise glibc_max'
}
