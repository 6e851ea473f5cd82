# ---- binaries: what a build has made

# find_built WORD...: sets $built to the directory of the profile that cargo's words name
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

# report_build WORD...: brings and names the binaries that `docker run` with these words has left
report_build() {
	while [ "$1" != "$prepared" ]; do shift; done
	find_built "$@"
	[ -z "$objects" ] || fetch_products
	finish
	[ -z "$cross" ] || link_binaries
	print_binaries
}

# is_binary FILE
is_binary() {
	case $1 in *.d | *.so) return 1 ;; esac
	[ -f "$1" ] && [ -x "$1" ]
}

# link_binaries: cargo, told --target, puts them a directory deeper than is documented here
link_binaries() {
	mkdir -p "$built"
	for file in "$target_dir/$triple/$profile"/*; do
		is_binary "$file" || continue
		ln -f "$file" "$built/" 2>/dev/null || cp -p "$file" "$built/"
	done
}

# print_binaries: names the binaries in $built, or a directory deeper, where cargo puts them if
# the project's configuration or the target's arguments name a triple; checks them first, if the
# target has something to expect of them
print_binaries() {
	set --
	for file in "$built"/* "$target_dir"/*/"$profile"/*; do
		case $cross$file in yes"$target_dir/$triple/"*) continue ;; esac
		if is_binary "$file"; then set -- "$@" "$file"; fi
	done
	[ -z "$expect$glibc_max" ] || check_binaries "$@"
	for file; do printf 'Built %s%s\n' "$place" "$file"; done
	[ $# -gt 0 ] || printf 'Built %s%s, without a binary\n' "$place" "$built"
}

# check_binaries FILE...: looks into them in a container.  They come as an archive, since an engine
# may not see our directory.
check_binaries() {
	words=$as_nobody
	add_words ${platform:+--platform "$platform"} -w /tmp "$prepared"
	add_limited sh -c "$check_script" check "$triple" "$expect" "$glibc_max" "$@"
	tar -cf - "$@" | exec_container -i &
	wait_container
}

# Runs in a container: looks into the binaries after the first three arguments, which are the
# triple, and what `expect` and `glibc_max` say.
check_script='
command -v readelf >/dev/null || {
  echo "expect and glibc_max need readelf in the image: add binutils to setup in targets.ini." >&2
  exit 1
}
triple=$1 expect=$2 glibc_max=$3
shift 3
tar -xof - || exit 1
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
status=0
refuse() {
  echo "$file $*" >&2
  status=1
}
for file; do
  readelf -hW "$file" | grep "Machine:.*$machine" >/dev/null || refuse "is not for $triple"
  needed=$(readelf -dW "$file" | sed -n "s/.*(NEEDED).*\[\(.*\)\]/\1/p")
  interpreter=$(readelf -lW "$file" | sed -n "s/.*interpreter: \(.*\)\]/\1/p")
  [ -z "$expect" ] || [ -z "$needed$interpreter" ] ||
    refuse "is not static: it needs" $interpreter $needed
  [ -z "$glibc_max" ] || {
    highest=$(readelf --dyn-syms -W "$file" | awk -v max="$glibc_max" "
      function newer(a, b,   x, y) {
        split(a, x, \".\")
        split(b, y, \".\")
        return x[1] + 0 != y[1] + 0 ? x[1] + 0 > y[1] + 0 : x[2] + 0 > y[2] + 0
      }
      \$8 ~ /@GLIBC_[0-9]/ {
        version = \$8
        sub(/.*@GLIBC_/, \"\", version)
        if (newer(version, max)) { max = version; symbol = \$8 }
      }
      END { print symbol }")
    [ -z "$highest" ] || refuse "needs $highest, and glibc_max is $glibc_max:" \
      "take an older image, or raise it"
  }
done
exit "$status"
'
