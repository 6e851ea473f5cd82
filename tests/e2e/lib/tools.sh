# shellcheck shell=sh disable=SC2154
# Programs that single tests put into images of their own.  They take some seconds to unpack, so `up` leaves them out.
tools_packages=openssh-server,rustup
cross_packages=gcc-aarch64-linux-gnu,libc6-dev-arm64-cross
triples_packages=cargo-web,rustc-web,gcc,libc6-dev,ca-certificates
for triples_gnu in arm-linux-gnueabihf=armhf i686-linux-gnu=i386 riscv64-linux-gnu=riscv64 s390x-linux-gnu=s390x \
	powerpc64le-linux-gnu=ppc64el; do
	triples_packages=$triples_packages,gcc-${triples_gnu%=*},libc6-dev-${triples_gnu#*=}-cross
done
sccache_packages=sccache
buildx_packages=docker-buildx
musl_packages=rust-web-src

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

# triples_unpack: a Debian whose apt works; without the compiler for arm64, which a test installs
triples_unpack() {
	extras_unpack triples "$triples_packages" trixie amd64 --variant=apt \
		--customize-hook="$here/lib/triples-packages"
}

# musl_unpack: the sources of Rust's standard library, and for each architecture musl and an unwinder; without what
# these depend on, a compiler of that architecture
musl_unpack() {
	extras_unpack musl "$musl_packages" trixie amd64,arm64 --extract-hook="$here/lib/musl-packages"
}

# extras_unpack NAME PACKAGES [SUITE [ARCHITECTURES [OPTION...]]]: into DIR/NAME
extras_unpack() {
	[ -e "$lab/env" ] || die "$lab: no lab is up there"
	[ ! -d "$lab/$1" ] || return 0
	say "unpacking $2"
	rm -rf "$lab/$1.new"
	extras=$1 packages=$2 suite=${3:-trixie} architectures=${4:-amd64}
	shift "$(($# < 4 ? $# : 4))"
	packages_unpack "$extras" "$suite" "$architectures" "$packages" "$lab/$extras.new" "$@"
	packages_unpacked "$extras"
	mv "$lab/$extras.new" "$lab/$extras"
}
