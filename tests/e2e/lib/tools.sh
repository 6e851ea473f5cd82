# shellcheck shell=sh disable=SC2154
# Programs that single tests put into images of their own: an ssh server, and rustup.  They take some seconds to unpack,
# so `up` leaves them out.

# tools_unpack: into DIR/tools, once
tools_unpack() {
	[ -e "$lab/env" ] || die "$lab: no lab is up there"
	[ ! -d "$lab/tools" ] || return 0
	say "unpacking an ssh server and rustup"
	rm -rf "$lab/tools.new"
	packages_unpack tools trixie amd64 openssh-server,rustup "$lab/tools.new"
	packages_unpacked tools
	mv "$lab/tools.new" "$lab/tools"
}
