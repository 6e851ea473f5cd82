# shellcheck shell=sh disable=SC2154
# What every part of the lab uses. Reads: here, lab.

started=$(date +%s)

# say TEXT...: one progress line, with the seconds since the start
say() {
	printf 'e2e: %3ss  %s\n' "$(($(date +%s) - started))" "$*" >&2
}

die() {
	printf 'e2e: error: %s\n' "$*" >&2
	exit 1
}

# become_root COMMAND DIR: mounts and an engine need root; go on as root, or say so
become_root() {
	[ "$(id -u)" -ne 0 ] || return 0
	if command -v sudo >/dev/null 2>&1 && sudo -n true 2>/dev/null; then
		exec sudo -n --preserve-env=E2E_ENGINE -- "$here/engine" "$@"
	fi
	die "the lab needs root: run this as root, or allow sudo without a password"
}

# absolute DIR: DIR without links, so that mount points and recorded command lines compare equal
absolute() {
	case $1 in
	*[!A-Za-z0-9_./+-]*) die "$1: use letters, digits and _ . / + - in the directory's name" ;;
	esac
	path=$(realpath -m -- "$1")
	[ "$path" != / ] || die "/: not a directory for a lab"
	# A unix socket's path may have 107 bytes, and containerd puts its own 40 bytes below.
	[ "${#path}" -le 60 ] || die "$path: too long for the sockets in it; at most 60 characters"
	printf '%s\n' "$path"
}

# wait_for SECONDS COMMAND...: until COMMAND succeeds
wait_for() {
	tries=$(($1 * 10))
	shift
	until "$@" >/dev/null 2>&1; do
		tries=$((tries - 1))
		[ "$tries" -gt 0 ] || return 1
		sleep 0.1
	done
}

# free_port: a port of 127.0.0.1 on which nothing listens
free_port() {
	while :; do
		port=$((20000 + $(od -An -N2 -tu2 /dev/urandom) % 12000))
		hex=$(printf '%04X' "$port")
		awk -v hex=":$hex" '$2 ~ hex "$" { found = 1 } END { exit found }' /proc/net/tcp /proc/net/tcp6 && break
	done
	printf '%s\n' "$port"
}

mounts_below() {
	awk -v dir="$1/" 'index($5 "/", dir) == 1 { print $5 }' /proc/self/mountinfo
}

# unmount_below DIR: everything, the innermost mount first
unmount_below() {
	mounts_below "$1" | sort -r | while IFS= read -r point; do
		umount "$point" || umount -l "$point"
	done
}
