# shellcheck shell=sh disable=SC2154
# Containers of the other architecture: qemu, registered with the kernel as the interpreter of its binaries.

binfmt=/proc/sys/fs/binfmt_misc

emulation_cpu() {
	case $(uname -m) in
	aarch64) printf 'x86_64\n' ;;
	*) printf 'aarch64\n' ;;
	esac
}

emulation_tool() {
	printf 'qemu-%s-static\n' "$(emulation_cpu)"
}

# emulation_on: registers only what is missing, and notes what it did, for emulation_off. The entry's flag F lets the
# kernel open the interpreter now, so that it is found inside containers too.
emulation_on() {
	entry=qemu-$(emulation_cpu)
	if [ ! -e "$binfmt/register" ]; then
		: >"$lab/run/binfmt.mounted"
		mount -t binfmt_misc binfmt_misc "$binfmt"
	fi
	if grep -qs "^interpreter.*$(emulation_cpu)" "$binfmt"/*; then
		say "emulation of $(emulation_cpu) is registered already"
		return
	fi
	say "registering $entry with the kernel"
	printf '%s\n' "$entry" >"$lab/run/binfmt.registered"
	cat "/usr/lib/binfmt.d/$entry.conf" >"$binfmt/register"
}

# emulation_off: undoes what emulation_on noted. A second lab shares the entry of the first, so end the first one last.
emulation_off() {
	if [ -s "$lab/run/binfmt.registered" ]; then
		entry=$binfmt/$(cat "$lab/run/binfmt.registered")
		[ ! -e "$entry" ] || printf '%s\n' -1 >"$entry"
		rm "$lab/run/binfmt.registered"
	fi
	if [ -e "$lab/run/binfmt.mounted" ]; then
		umount "$binfmt" 2>/dev/null || :
		rm "$lab/run/binfmt.mounted"
	fi
}
