# shellcheck shell=sh disable=SC2154
# Programs that single tests put into images of their own.  They take some seconds to unpack, so `up` leaves them out.
tools_packages=openssh-server,rustup
cross_packages=gcc-aarch64-linux-gnu,libc6-dev-arm64-cross
sccache_packages=sccache
buildx_packages=docker-buildx

# tools_unpack: into DIR/tools, once
tools_unpack() {
	extras_unpack tools "$tools_packages"
}

cross_unpack() {
	extras_unpack cross "$cross_packages"
}

sccache_unpack() {
	extras_unpack sccache "$sccache_packages"
}

# Debian's next release builds it so that it can use redis.
sccache_redis_unpack() {
	extras_unpack sccache-redis "$sccache_packages" sid
}

# buildx_unpack: and DIR/buildx.config, a DOCKER_CONFIG with which `docker build` is BuildKit's
buildx_unpack() {
	extras_unpack buildx "$buildx_packages"
	mkdir -p "$lab/buildx.config/cli-plugins"
	ln -sf "$lab/buildx/usr/libexec/docker/cli-plugins/docker-buildx" "$lab/buildx.config/cli-plugins/"
}

# extras_unpack NAME PACKAGES [SUITE]: into DIR/NAME
extras_unpack() {
	[ -e "$lab/env" ] || die "$lab: no lab is up there"
	[ ! -d "$lab/$1" ] || return 0
	say "unpacking $2"
	rm -rf "$lab/$1.new"
	extras=$1
	packages_unpack "$extras" "${3:-trixie}" amd64 "$2" "$lab/$extras.new"
	packages_unpacked "$extras"
	mv "$lab/$extras.new" "$lab/$extras"
}
