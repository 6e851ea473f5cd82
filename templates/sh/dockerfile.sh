# ---- dockerfile: what a prepared image is built from

# print_dockerfile: the base image after its setup, and cargo's home with the directories that the
# volumes are mounted on.  The classic builder looks up the signature of an image that FROM names
# as it is, and of no other.
#
# Cargo keeps its lock files and its garbage collector's database beside registry/ and git/, not
# in them.  As links into registry/ they are shared by all who share the volume: builds can then
# run side by side, and what nothing uses any longer is collected.  A new volume takes the mode of
# the directory it is mounted on, so that the user who runs make can write to it.
print_dockerfile() {
	printf 'FROM %s\n' "$base"
	cat <<'END'
USER root
ARG setup
RUN [ -z "${setup}" ] || sh -ec "${setup}"
RUN ! command -v rustup >/dev/null || rustup component add clippy || \
    echo "No clippy for this toolchain; everything else works." >&2
ARG mirror=
RUN [ -z "${mirror}" ] || { mkdir -p /.cargo && \
    printf '[source.%s]\n%s = "%s"\n' crates-io replace-with mirror \
      mirror registry "${mirror}" >/.cargo/config.toml; }
ENV CARGO_HOME=/usr/local/cargo HOME=/tmp
RUN mkdir -p "${CARGO_HOME}/registry" "${CARGO_HOME}/git" /usr/local/sccache && \
    cd "${CARGO_HOME}" && chmod 0777 . registry git /usr/local/sccache && \
    ln -sf registry/.package-cache registry/.package-cache-mutate registry/.global-cache .
ARG triple
ARG cross=
ARG check
RUN sh -ec 'eval "${check}"'
END
}
