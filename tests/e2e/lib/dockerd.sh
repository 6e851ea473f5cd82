# shellcheck shell=sh disable=SC2154
# The engine: a private dockerd with its own data, sockets and containerd.

# dockerd_up: no bridge and no iptables, so that it needs nothing of the host's network; containers use the host's.
dockerd_up() {
	if daemon_alive dockerd; then
		say "the engine runs already"
		return
	fi
	cgroups_mount
	say "starting dockerd"
	mkdir -p "$lab/docker" "$lab/exec"
	# A configuration of its own: the machine's engine may have one that is not for this.
	printf '{}\n' >"$lab/docker.json"
	set -- --config-file "$lab/docker.json" --iptables=false --ip6tables=false --bridge=none \
		--data-root "$lab/docker" --exec-root "$lab/exec" --pidfile "$lab/run/dockerd.self" \
		--host "unix://$lab/docker.sock" --group "${SUDO_GID:-0}" \
		--registry-mirror "http://127.0.0.1:$(daemon_port registry)"
	PATH=$PATH:/usr/sbin:/sbin daemon_start dockerd dockerd "$@"
	wait_for 60 lab_docker version || daemon_failed dockerd
}

lab_docker() {
	docker --host "$(cat "$lab/run/host")" "$@"
}

# engine_choose: E2E_ENGINE names an engine that is there; otherwise the lab starts one of its own
engine_choose() {
	printf '%s\n' "${E2E_ENGINE:-unix://$lab/docker.sock}" >"$lab/run/host"
}

engine_is_ours() {
	[ "$(cat "$lab/run/host")" = "unix://$lab/docker.sock" ]
}

# dockerd_down: asked to end, dockerd ends its containers and its containerd. After a crash it cannot, and they are
# found by the directory that they were started on.
dockerd_down() {
	[ ! -e "$lab/run/dockerd.pid" ] || say "stopping dockerd"
	daemon_stop dockerd
	for file in "$lab"/exec/containerd/daemon/io.containerd.runtime.v*/moby/*/init.pid; do
		[ ! -e "$file" ] || kill -9 "$(cat "$file")" 2>/dev/null || :
	done
	containerd_pids | while read -r pid; do
		# Shims ignore the polite signal.
		kill -9 "$pid" 2>/dev/null || :
	done
	unmount_below "$lab/exec"
	unmount_below "$lab/docker"
}

# containerd_pids: of containerd and its shims that serve this lab
containerd_pids() {
	for link in /proc/[0-9]*/exe; do
		case $(readlink "$link") in
		*/containerd*) ;;
		*) continue ;;
		esac
		pid=${link#/proc/}
		pid=${pid%/exe}
		! is_ours "$pid" || printf '%s\n' "$pid"
	done
}

# cgroups_mount: machines without an init system may come without
cgroups_mount() {
	! mountpoint -q /sys/fs/cgroup || return 0
	say "mounting cgroups"
	: >"$lab/run/cgroup.mounted"
	mount -t cgroup2 cgroup2 /sys/fs/cgroup
}

cgroups_unmount() {
	[ -e "$lab/run/cgroup.mounted" ] || return 0
	umount /sys/fs/cgroup 2>/dev/null || :
	rm "$lab/run/cgroup.mounted"
}
