# ---- binaries: finding, checking and listing what a build has produced

# find_built WORD...: sets $built to the directory of the profile in cargo's arguments
find_built() {
	profile=debug
	while [ $# -gt 0 ]; do
		case $1 in
		--release | -r) profile=release ;;
		--profile=*) profile=${1#*=} ;;
		--profile)
			profile=${2-}
			shift
			;;
		esac
		shift
	done
	case $profile in
	bench) profile=release ;;
	dev | test) profile=debug ;;
	esac
	built=$target_dir/$profile
}

# report_build WORD...: copies and lists the binaries that `docker run` with these words has built
report_build() {
	while [ "$1" != "$prepared" ]; do shift; done
	find_built "$@"
	if [ -n "$objects" ]; then
		fetch_products
	elif [ -n "$cross" ] && needs_linking; then
		start_linking
	fi
	finish
	print_binaries
}

# is_binary FILE
is_binary() {
	case $1 in *.d | *.so) return 1 ;; esac
	is_file "$1" && [ -x "$1" ]
}

# needs_linking: whether a binary that cargo put one directory deeper is not in $built yet
needs_linking() {
	for file in "$target_dir/$triple/$profile"/*; do
		is_binary "$file" || continue
		deep=$(ls -di "$file") there=$(ls -di "$built/${file##*/}" 2>/dev/null) || return 0
		[ "${deep%% *}" = "${there%% *}" ] || return 0
	done
	return 1
}

# start_linking: links binaries from within a container, so that links made by a build cannot lead
# outside the project
start_linking() {
	words="$as_nobody --user $user $capabilities $groups"
	add_words -v "$workspace:/workspace" -w /workspace "$prepared"
	add_inside link_binaries "$target_dir" "$profile" "$triple"
	run_inside || end_run
}

# link_binaries DIRECTORY PROFILE TRIPLE: runs in the container.  With --target, cargo puts
# binaries one directory deeper than our documentation says.
link_binaries() {
	mkdir -p "$1/$2"
	for file in "$1/$3/$2"/*; do
		is_binary "$file" || continue
		ln -f "$file" "$1/$2/" 2>/dev/null || cp -p "$file" "$1/$2/"
	done
}

# print_binaries: lists the binaries in $built, or one directory deeper, where cargo puts them if
# the project's configuration or cargo_args set a target.  Checks them first, if the target has
# expect or glibc_max.
print_binaries() {
	set --
	for file in "$built"/* "$target_dir"/*/"$profile"/*; do
		case $cross$file in yes"$target_dir/$triple/"*) continue ;; esac
		if is_binary "$file"; then set -- "$@" "$file"; fi
	done
	[ -z "$expect$glibc_max" ] || start_check "$@"
	for file; do printf 'Built %s%s\n' "$place" "$file"; done
	[ $# -gt 0 ] || printf 'Built %s%s, without a binary\n' "$place" "$built"
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
	add_inside check_binaries "$triple" "$expect" "$glibc_max" "$@"
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
