# ---- dist: archives of what a build has produced, with the same bytes for the same commit
#
# The makers of archives differ: busybox's tar knows neither owners nor times, the others write more
# than they are told.  So the few bytes of a header are written here, and gzip adds no name and no
# time.  All of it happens in a container of the target's image, since the host may have neither
# gzip nor sha256sum, and because links in the project lead nowhere from there.

# The directory of such a build within the target directory
dist=

# What runs for a build: it begins with an empty directory, because what build scripts have left may
# come from other sources or another day; and without sccache, whose objects other builds may have
# written.  A wrapper of rustc leaves the place of the project and of cargo's home out of what is
# compiled: it adds to the flags of the project, where RUSTFLAGS or cargo's --config would replace
# some of them.  $0 is the project's directory, $1 the name of this run: see hold_build.
dist_cargo='
export CACHEMK_PLACE="$0"
mkdir -p "$CARGO_TARGET_DIR" && exec 9>"$CARGO_TARGET_DIR.lock" || exit
! command -v flock >/dev/null || flock 9
rm -rf "$CARGO_TARGET_DIR" && mkdir "$CARGO_TARGET_DIR" &&
  printf "%s\n" "$1" >"$CARGO_TARGET_DIR.run" && shift || exit
export RUSTC_WRAPPER="$CARGO_TARGET_DIR/rustc"
printf "%s\n" "#!/bin/sh" "exec \"\$@\" \
  \"--remap-path-prefix=\$CACHEMK_PLACE=/src\" \"--remap-path-prefix=\$CARGO_HOME=/cargo\"" \
  >"$RUSTC_WRAPPER" && chmod 755 "$RUSTC_WRAPPER" && exec "$@"
'

# prepare_dist: before the build.  Sets $epoch to the time that archives and build scripts get.
prepare_dist() {
	dist=/cachemk-dist
	epoch=${SOURCE_DATE_EPOCH:-$(print_commit_time)}
	if [ -z "$epoch" ] && [ -e .git ]; then
		warn "git does not tell the commit's time, so the archive says 1980: set SOURCE_DATE_EPOCH."
	fi
	case ${epoch:=315532800} in *[!0-9]* | ???????????*)
		refuse "SOURCE_DATE_EPOCH is '$epoch': set it to a number of seconds since 1970." ;;
	esac
	if is_file Cargo.lock; then
		LOCKED=1
	else
		warn "${place}Cargo.lock is missing, so another build may use other crates: commit it."
	fi
}

# print_commit_time: of the project's commit; nothing if git knows none.  One object is read, for
# which git needs neither an index nor what shows a log.
print_commit_time() {
	is_directory .git || [ -n "$outer$linked" ] || return 0
	ask_git cat-file commit HEAD |
		LC_ALL=C sed -n '/^$/q; s/^committer .* \([0-9]\{1,11\}\) [+-][0-9]*$/\1/p'
}

# report_dist: checks and packs what the build has produced: an archive for each name and version
report_dist() {
	set --
	while IFS= read -r file; do set -- "$@" "$file"; done <&9
	[ -z "$expect$glibc_max" ] || [ $# -eq 0 ] || start_check "$@"
	LC_ALL=C cut -f 1,2 <"$temp/packages" | LC_ALL=C sort -u >"$temp/archives"
	[ -s "$temp/archives" ] || refuse \
		"There is nothing to pack for $target: cargo says that it has built no program, and no" \
		'library for other languages.'
	while IFS='	' read -r name version; do
		pack_files
		place_archive
	done <"$temp/archives"
	[ -z "$remote" ] || fetch_products
	finish
}

# pack_files: packs the files of $name and $version in a container.  Sets $archive to the archive's
# name, and $sum to its checksum.
pack_files() {
	archive=$name-$version-${target_dir##*/}
	sealed=yes
	words="$as_nobody --user $user $capabilities"
	add_workspace
	add_words ${platform:+--platform "$platform"} -w "$inside" "$prepared"
	set --
	while IFS='	' read -r one other way file; do
		[ "$one-$other" != "$name-$version" ] || set -- "$@" "$way" "$file"
	done <"$temp/packages"
	add_inside hold_build "$target_dir$dist" "$moment" print_package "$archive" "$epoch" "$@"
	run_inside >"$temp/archive" 2>"$temp/said" || { cat <"$temp/said" >&2 && end_run; }
	sed '/^sha256 /d' <"$temp/said" >&2
	sum=$(sed -n 's/^sha256 \([0-9a-f]\{64\}\)$/\1/p' <"$temp/said")
	[ -n "$sum" ] || refuse "$archive.tar.gz could not be packed: see above."
}

# place_archive: moves it into the project, and its checksum.  Both are written in a new directory
# beside, and without following links.
place_archive() {
	unfinished=$PWD/dist/.cachemk-$moment
	(
		enter_directory "dist/.cachemk-$moment" && set -C &&
			rm -f "../$archive.tar.gz.sha256" && cat <"$temp/archive" >"$archive.tar.gz" &&
			printf '%s  %s\n' "$sum" "$archive.tar.gz" >"$archive.tar.gz.sha256" &&
			mv -f "$archive.tar.gz" ../ && mv -f "$archive.tar.gz.sha256" ../ &&
			rmdir "../.cachemk-$moment"
	) || refuse "${place}dist/$archive.tar.gz cannot be written: something else has this name, or" \
		'the disk is full; see above.'
	unfinished=
	printf 'Packed %sdist/%s.tar.gz\n' "$place" "$archive"
}

# ---- In the container

# hold_build DIRECTORY RUN FUNCTION ARGUMENT...: makes other builds for an archive wait until the
# function ends, or exits with a message if one has begun since this run's
hold_build() {
	is_file "$1.lock" && is_file "$1.run" && exec 9<"$1.lock" || exit
	! command -v flock >/dev/null || flock 9
	[ "$(cat "$1.run")" = "$2" ] || refuse \
		'Another run has built for an archive of this target meanwhile: try again.'
	shift 2
	"$@"
}

# print_package NAME EPOCH [PLACE FILE]...: prints the archive, and its checksum on standard error.
# Each FILE is of the package at PLACE.  All are copied first, out of reach of builds.
print_package() {
	archive=$1 epoch=$2
	shift 2
	for program in awk gzip sha256sum; do
		command -v "$program" >/dev/null ||
			refuse "dist needs $program in the image: add it to setup in targets.ini."
	done
	umask 022
	temp=${TMPDIR:-/tmp}/cachemk-dist-$$
	mkdir "$temp" "$temp/$archive" || exit
	way=${1-.}
	while [ $# -gt 0 ]; do
		case $2 in *.so | *.a) stage_file "$2" 644 ;; *) stage_file "$2" 755 ;; esac
		shift 2
	done
	stage_documents "$way"
	cd "$temp" || exit
	print_entries | gzip -n >packed || rm -f whole
	[ -e whole ] || refuse "$archive could not be written: is the container's disk full?"
	printf 'sha256 %s\n' "$(sha256sum <packed | cut -d ' ' -f 1)" >&2
	exec cat packed
}

# stage_file FILE MODE: copies it, if it is one and no link leads to it
stage_file() {
	is_reached "$1" || refuse "$1 is not a file, or a link leads to it: build it again."
	name=${1##*/}
	case "${#archive} ${#name}" in *[1-9][0-9][0-9]*)
		refuse "The name of $1 or $archive is too long for an archive: at most 99 bytes." ;;
	esac
	cat <"$1" >"$temp/$archive/$name" && chmod "$2" "$temp/$archive/$name" || exit
}

# stage_documents PLACE: copies licences and readme of the package, or else of the project
stage_documents() {
	licence='' readme=''
	for place in "$1" .; do
		licensed=$licence described=$readme
		for file in "$place"/*; do
			if [ -e "$temp/$archive/${file##*/}" ] || ! is_reached "$file"; then continue; fi
			case ${file##*/}:$licensed:$described in
			*[[:cntrl:]]*) continue ;;
			[Ll][Ii][Cc][Ee][Nn][CcSs][Ee]*::* | COPYING*::* | UNLICENSE*::* | NOTICE*::*) licence=yes ;;
			[Rr][Ee][Aa][Dd][Mm][Ee]*:) readme=yes ;;
			*) continue ;;
			esac
			stage_file "$file" 644
		done
	done
}

# For awk with LC_ALL=C: the header of an entry, as POSIX describes it for pax and its format ustar;
# the byte 1 stands for 0, which not every awk can print.
header_awk='
function octal(n, width,   text) {
  for (text = ""; length(text) < width; n = int(n / 8)) text = (n % 8) text
  return text
}
function field(text, width) {
  while (length(text) < width) text = text "\001"
  return text
}
BEGIN {
  for (i = 2; i < 256; i++) code[sprintf("%c", i)] = i
  type = ENVIRON["type"]
  head = field(ENVIRON["name"], 100) octal(ENVIRON["mode"] == "x" ? 493 : 420, 7) "\001"
  head = head octal(0, 7) "\001" octal(0, 7) "\001" octal(ENVIRON["size"], 11) "\001"
  head = head octal(ENVIRON["epoch"], 11) "\001"
  tail = type field("", 100) "ustar\00100" field("", 64) octal(0, 7) "\001" octal(0, 7) "\001"
  tail = tail field(ENVIRON["prefix"], 155) field("", 12)
  sum = 8 * 32
  for (i = 1; i <= length(head tail); i++) sum += code[substr(head tail, i, 1)]
  printf "%s%s\001 %s", head, octal(sum, 6), tail
}
'

# print_header NAME PREFIX TYPE SIZE MODE
print_header() {
	name=$1 prefix=$2 type=$3 size=$4 mode=$5 epoch=$epoch LC_ALL=C awk "$header_awk" |
		LC_ALL=C tr '\001' '\000'
}

# print_zeros COUNT
print_zeros() {
	dd if=/dev/zero bs="$1" count=1 2>/dev/null
}

# print_entries: the directory, its files in the order of their bytes, and the end; then leaves the
# file `whole`
print_entries() {
	print_header "$archive/" '' 5 0 x &&
		(cd "$temp/$archive" && printf '%s\n' *) | LC_ALL=C sort | {
		while IFS= read -r name; do print_entry "$name" || exit; done
	} && print_zeros 1024 && : >"$temp/whole"
}

# print_entry NAME: a file
print_entry() {
	file=$temp/$archive/$1
	size=$(($(wc -c <"$file")))
	if [ -x "$file" ]; then mode=x; else mode=; fi
	print_header "$1" "$archive" 0 "$size" "$mode" || return
	cat <"$file" || return
	[ $((size % 512)) -eq 0 ] || print_zeros $((512 - size % 512))
}
