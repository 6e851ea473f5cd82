# shellcheck shell=sh disable=SC2154
# The Debian packages of the lab's host, and the package sources for what the lab unpacks.

# packages_of FILE: its names, without comments
packages_of() {
	sed -e 's/[[:space:]]*#.*//' -e '/^$/d' "$1"
}

# packages_check: the tools are looked for, not the packages, as some machines have docker from elsewhere
packages_check() {
	missing=
	while read -r tool package; do
		PATH=$PATH:/usr/sbin:/sbin command -v "$tool" >/dev/null 2>&1 || missing="$missing $package"
	done <<-END
		dockerd docker.io
		docker docker.io
		containerd containerd
		runc runc
		mmdebstrap mmdebstrap
		$(emulation_tool) qemu-user-static
		docker-registry docker-registry
		curl curl
		git git
		python3 python3
		ssh-agent openssh-client
	END
	[ -z "$missing" ] || die "missing Debian packages:$missing; run 'make setup'"
}

# packages_sources SUITE: this machine's own Debian sources as a sources.list, but of SUITE; nothing where it has none,
# and then mmdebstrap uses its own
packages_sources() {
	keyring=/usr/share/keyrings/debian-archive-keyring.gpg
	codename=$(sed -n 's/^VERSION_CODENAME=//p' /etc/os-release)
	apt-get indextargets --format "deb [signed-by=$keyring] \$(REPO_URI) \$(RELEASE) \$(COMPONENT)" \
		'Created-By: Packages' 'Origin: Debian' 2>/dev/null |
		sed -n "s/ $codename\([ -]\)/ $1\1/p" | sort -u | unreleased_has_no_updates
}

unreleased_has_no_updates() {
	sed '/ sid-/d'
}

# packages_unpack NAME SUITE ARCHITECTURE PACKAGES OUTPUT [OPTION...]: in the background; packages_unpacked waits for it.
# The variant `extract` runs no maintainer script, so a foreign architecture takes no longer than our own.
packages_unpack() {
	name=$1 suite=$2 architecture=$3 packages=$4 output=$5
	shift 5
	packages_sources "$suite" >"$lab/$name.list"
	set -- "$@" "$suite" "$output"
	[ ! -s "$lab/$name.list" ] || set -- "$@" "$lab/$name.list"
	daemon_start "$name" mmdebstrap --mode=root --variant=extract --architectures="$architecture" \
		--aptopt='Acquire::Check-Valid-Until "false"' \
		--aptopt='APT::Install-Recommends "false"' --include="$packages" "$@"
}

packages_unpacked() {
	wait "$(cat "$lab/run/$1.pid")" || daemon_failed "$1"
	rm "$lab/run/$1.pid" "$lab/$1.list"
}
