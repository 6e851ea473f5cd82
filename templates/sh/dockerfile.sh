# ---- dockerfile: what a prepared image is built from
#
# Any change here changes the tags of all prepared images.

# Run by root before the setup: installs packages, and what $compiler stands for, the compiler and
# the tools of the target, as far as the image lacks them.  By what the image has: Debian has a
# compiler for each processor, which can use musl, too, and libraries of all of them side by side;
# Alpine has one compiler for all processors, and the target's libraries go to a directory.
install_tools='
refuse() { echo "$*" >&2; exit 1; }
has() { command -v "$1" >/dev/null; }
write() { cat >"/usr/local/bin/$1" && chmod 755 "/usr/local/bin/$1"; }
tools=${compiler#zig-}
gnu=$(echo "$tools" | sed "s/musl/gnu/")
libraries=$(echo "$tools" | sed "s/^i686/i386/")
root=/usr/$tools
set -- $processor
debian=${1-} alpine=${2-} qemu=${3-}
missing=
case $compiler in "" | zig-*) ;; *) has "$compiler-gcc" || missing=$compiler ;; esac

install_apt() {
  foreign=
  [ "${debian:-$(dpkg --print-architecture)}" = "$(dpkg --print-architecture)" ] ||
    foreign=:$debian
  suffix=${foreign:+-$(echo "$gnu" | tr _ -)}
  case $missing in
  *-gnu*) packages="$packages g++$suffix" ;;
  *-musl*) packages="$packages gcc$suffix musl-dev$foreign" ;;
  esac
  case $compiler:$target_packages in *-musl*:?*)
    refuse "target_packages: Debian has no libraries for musl: set image to an Alpine one." ;;
  esac
  [ -z "$target_packages" ] || has pkg-config || packages="$packages pkg-config"
  for name in $target_packages; do
    case ${name%%=*}=$name in
    *:*=*) ;;
    *=*=*) name=${name%%=*}$foreign=${name#*=} ;;
    *) name=$name$foreign ;;
    esac
    packages="$packages $name"
  done
  [ -n "$packages" ] || return 0
  [ -z "$foreign" ] || dpkg --add-architecture "$debian"
  apt-get update
  DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends $packages
  rm -rf /var/lib/apt/lists/*
}

install_apk() {
  case $compiler in
  *-musl*)
    [ -z "$missing" ] || packages="$packages clang lld llvm"
    [ -z "$missing$target_packages" ] ||
      apk add --no-cache --no-scripts --initdb --root "$root" --arch "$alpine" \
        --keys-dir "/usr/share/apk/keys/$alpine" --repositories-file /etc/apk/repositories \
        musl-dev $target_packages ;;
  *-gnu*) [ -z "$target_packages" ] ||
    refuse "target_packages: Alpine has no libraries for glibc: set image to a Debian one." ;;
  *) packages="$packages $target_packages" ;;
  esac
  case $packages in *[!\ ]*) apk add --no-cache $packages ;; esac
}

install_dnf() {
  [ -z "$compiler" ] || [ -z "$target_packages" ] ||
    refuse "target_packages works with apt-get and apk; with dnf, use setup in targets.ini."
  case $packages$target_packages in *?*) dnf install -y $packages $target_packages ;; esac
}

if has apt-get; then
  install_apt
elif has apk; then
  install_apk
elif has dnf; then
  install_dnf
elif [ -n "$packages$target_packages" ]; then
  refuse "The image has no apt-get, apk or dnf for packages: use setup in targets.ini instead."
fi
[ -n "$compiler" ] || exit 0
mkdir -p /usr/local/bin

if [ -d "$root/lib/apk" ]; then
  ln -sf "$(command -v llvm-ar)" "/usr/local/bin/$compiler-ar"
  write "$compiler-gcc" <<END
#!/bin/sh
exec clang --target=$(echo "$triple" | sed s/^riscv64gc/riscv64/) --sysroot=$root -fuse-ld=lld \
  -Wno-unused-command-line-argument "\$@"
END
  libraries=$root/usr/lib/pkgconfig:$root/usr/share/pkgconfig
else
  root=/usr/$gnu
  if [ -n "$missing" ] && [ "$gnu" != "$compiler" ] && has "$gnu-gcc"; then
    ln -sf "$(command -v "$gnu-ar")" "/usr/local/bin/$compiler-ar"
    write "$compiler-gcc" <<END
#!/bin/sh
# rustc links with a musl of its own.
case " \$* " in *" -nostartfiles "*) exec $gnu-gcc "\$@" ;; esac
exec $gnu-gcc "\$@" -specs /usr/lib/$libraries/musl-gcc.specs
END
  fi
  libraries=/usr/lib/$libraries/pkgconfig:/usr/share/pkgconfig
fi
has "$compiler-pkg-config" || write "$compiler-pkg-config" <<END
#!/bin/sh
export PKG_CONFIG_LIBDIR="\${PKG_CONFIG_LIBDIR-$libraries}"
case $libraries in $root/*) export PKG_CONFIG_SYSROOT_DIR=$root ;; esac
exec pkg-config "\$@"
END
has "$compiler-run" || write "$compiler-run" <<END
#!/bin/sh
export QEMU_LD_PREFIX=$root
if [ "\$(uname -m)" != $qemu ]; then
  ! command -v qemu-$qemu >/dev/null || exec qemu-$qemu "\$@"
  ! command -v qemu-$qemu-static >/dev/null || exec qemu-$qemu-static "\$@"
fi
"\$@"
status=\$?
case \$status in 126 | 127)
  echo "Nothing here runs programs for $triple: add qemu-user (Alpine: qemu-$qemu)" \
    "to packages in targets.ini." >&2 ;;
esac
exit \$status
END
'

# Run by root after the setup: makes zig $linker, the compiler that links with the stubs of a glibc
# of any version, and leaves out arguments that zig does not take.  What zig compiles once for each
# target, its C library, stays in the image; it depends on the flags of the link.
write_zig='
command -v zig >/dev/null || {
  echo "glibc = $glibc links with zig, which the image has not:" \
    "install zig in setup in targets.ini; see https://ziglang.org/download" >&2
  exit 1
}
target=$(echo "${linker#zig-}" | sed "s/^i686/x86/").$glibc
export ZIG_GLOBAL_CACHE_DIR=/usr/local/zig
mkdir -p "$ZIG_GLOBAL_CACHE_DIR" /usr/local/bin
for names in gcc=cc g++=c++; do
  cat >"/usr/local/bin/$linker-${names%=*}" <<END
#!/bin/sh
export ZIG_GLOBAL_CACHE_DIR=$ZIG_GLOBAL_CACHE_DIR
for word; do
  shift
  case \$word in --target=* | -fuse-ld=* | -B* | -march=arm*) continue ;; esac
  set -- "\$@" "\$word"
done
exec zig ${names#*=} -target $target "\$@"
END
done
printf "#!/bin/sh\nexec zig ar \"\$@\"\n" >"/usr/local/bin/$linker-ar"
chmod 755 "/usr/local/bin/$linker"-*
cd /tmp
echo "int main(void) { return 0; }" >zig.c
"$linker-gcc" zig.c -o zig.out
echo "fn main() {}" >zig.rs
for flags in "-C opt-level=3 -C strip=debuginfo" "-C debuginfo=2"; do
  rustc --target "$triple" -C "linker=$linker-gcc" $flags -o zig.out zig.rs || true
done
rm -f zig.*
chmod -R a+rwX "$ZIG_GLOBAL_CACHE_DIR"
'

# Run by root after the setup, since the image is used by other users, with the home /tmp: carries
# over what the base image has for its own user, even below /root, which is cargo's configuration
# and programs, and rustup's toolchains.  For ssh and git: the known hosts of the user who runs make
# are those of the system, and a project may belong to another user, because a build may run
# anything that is in it anyway.
carry_over='
home=${HOME:-/root}
cargo=$(command -v cargo) || :
case $cargo in */.cargo/bin/cargo) home=${cargo%/.cargo/bin/cargo} ;; esac
own=${CARGO_HOME:-$home/.cargo}
rustup=${RUSTUP_HOME:-$home/.rustup}
used=/usr/local/cargo
mkdir -p "$used" /usr/local/bin /etc/ssh /tmp
chmod 1777 /tmp

for directory in "$own" "$home/.cargo" "$rustup"; do
  [ -d "$directory" ] || continue
  find "$directory" ! -type l ! -name "credentials*" ! -perm -4 -exec chmod a+rX {} +
  while [ -n "$directory" ]; do
    find "$directory" -prune ! -perm -1 -exec chmod a+x {} +
    directory=${directory%/*}
  done
done
if [ "$own" != "$used" ]; then
  for name in config config.toml; do
    [ ! -f "$own/$name" ] || cp "$own/$name" "$used/"
  done
  mkdir -p "$used/bin"
  for file in "$own"/bin/*; do
    [ ! -e "$file" ] || [ -e "$used/bin/${file##*/}" ] || ln -s "$file" "$used/bin/"
  done
fi
if [ -z "${RUSTUP_HOME:-}" ] && [ -d "$rustup" ]; then
  for file in "$rustup" "$rustup"/*; do
    [ ! -e "$file" ] || chmod a+w "$file"
  done
  ln -sfn "$rustup" /tmp/.rustup
fi
[ -n "$cargo" ] || [ ! -e "$own/bin/cargo" ] || ln -sf "$own"/bin/* /usr/local/bin/

[ -e /etc/ssh/ssh_known_hosts ] || ln -sf /tmp/.ssh/known_hosts /etc/ssh/ssh_known_hosts
if command -v git >/dev/null; then
  git config --system --add safe.directory "*"
else
  printf "[safe]\n\tdirectory = *\n" >>/etc/gitconfig
fi
'

# Run by root: gives the user who runs make a name, without which ssh does not run
name_user='
grep "^[^:]*:[^:]*:${user%%:*}:" /etc/passwd >/dev/null ||
  printf "cachemk:x:%s:cachemk:/tmp:/bin/sh\n" "$user" >>/etc/passwd
'

# print_dockerfile: the base image after its setup, without its entry point, and cargo's home with
# the directories that the volumes are mounted on.  The classic builder looks up the signature of
# an image that FROM names as it is, and of no other.
#
# Cargo keeps its lock files and its garbage collector's database beside registry/ and git/, not
# in them.  As links into registry/ they are shared by all who share the volume: builds can then
# run side by side, and what nothing uses any longer is collected.  A new volume takes the mode of
# the directory it is mounted on, so that the user who runs make can write to it.
print_dockerfile() {
	printf 'FROM %s\nUSER root\nENTRYPOINT []\nARG triple\n' "$base"
	[ -z "$packages$target_packages${cross:+$compiler}" ] || print_install
	cat <<'END'
ARG setup
RUN [ -z "${setup}" ] || sh -ec "${setup}"
ARG carry
RUN sh -ec 'eval "${carry}"'
RUN ! command -v rustup >/dev/null || rustup component add clippy || \
    echo "No clippy for this toolchain; everything else works." >&2
END
	[ -z "$cross" ] || print_library
	[ -z "$glibc" ] || printf '%s\n' 'ARG glibc' 'ARG linker' 'ARG zig' \
		"RUN sh -ec 'eval \"\${zig}\"'"
	cat <<'END'
ARG mirror=
RUN [ -z "${mirror}" ] || { mkdir -p /.cargo && \
    printf '[source.%s]\n%s = "%s"\n' crates-io replace-with mirror \
      mirror registry "${mirror}" >/.cargo/config.toml; }
ENV CARGO_HOME=/usr/local/cargo HOME=/tmp
WORKDIR /
RUN mkdir -p "${CARGO_HOME}/registry" "${CARGO_HOME}/git" /usr/local/sccache && \
    cd "${CARGO_HOME}" && chmod 0777 . registry git /usr/local/sccache && \
    ln -sf registry/.package-cache registry/.package-cache-mutate registry/.global-cache .
END
	print_user_part
}

# print_user_part: what depends on the user who runs make, and what checks the image
print_user_part() {
	cat <<'END'
ARG user=0:0
ARG name
RUN sh -ec 'eval "${name}"'
ARG cross=
ARG check
USER ${user}
RUN sh -ec 'eval "${check}"'
USER root
END
}

# print_install: the packages and the compiler
print_install() {
	cat <<'END'
ARG packages=
ARG target_packages=
ARG compiler=
ARG processor=
ARG install
RUN sh -ec 'eval "${install}"'
END
}

# print_library: Rust's standard library for the triple, unless there is one
print_library() {
	cat <<'END'
RUN [ -d "$(rustc --print sysroot)/lib/rustlib/${triple}/lib" ] || \
    ! command -v rustup >/dev/null || rustup target add "${triple}" || true
END
}
