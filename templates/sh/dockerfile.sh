# ---- dockerfile: what a prepared image is built from
#
# Any change here changes the tags of all prepared images.

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
	printf 'FROM %s\n' "$base"
	cat <<'END'
USER root
ENTRYPOINT []
ARG setup
RUN [ -z "${setup}" ] || sh -ec "${setup}"
ARG carry
RUN sh -ec 'eval "${carry}"'
RUN ! command -v rustup >/dev/null || rustup component add clippy || \
    echo "No clippy for this toolchain; everything else works." >&2
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
ARG triple
ARG cross=
ARG check
USER ${user}
RUN sh -ec 'eval "${check}"'
USER root
END
}
