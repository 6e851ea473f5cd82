# shellcheck shell=sh disable=SC2154
# Podman in the place of docker: with E2E_DOCKER=podman the lab has a command `docker` that is
# podman, run as root, with images and volumes in the lab, so that every test runs on it as it stands.

# podman_configure DIR REGISTRY: images and volumes in DIR.  The registry is the mirror of the public
# one, and no other is known.  Limits are what a machine may have that does not let us raise them.
podman_configure() {
	cat >"$1/containers.conf" <<-END
		[containers]
		cgroups = "disabled"
		default_ulimits = ["nofile=4096:4096", "nproc=4096:4096"]
		[engine]
		runtime = "crun"
		cgroup_manager = "cgroupfs"
		events_logger = "file"
		lock_type = "file"
		tmp_dir = "$1/tmp"
	END
	cat >"$1/storage.conf" <<-END
		[storage]
		driver = "overlay"
		graphroot = "$1/images"
		rootless_storage_path = "$1/images"
		runroot = "$1/run"
	END
	cat >"$1/registries.conf" <<-END
		unqualified-search-registries = ["docker.io"]
		[[registry]]
		location = "docker.io"
		[[registry.mirror]]
		location = "$2"
		insecure = true
		[[registry]]
		location = "$2"
		insecure = true
	END
}

# Its mounts are its own: where cgroups are of both versions, crun refuses.  Another DOCKER_HOST than
# the lab's is one that does not answer.
podman_up() {
	mkdir -p "$lab/podman" "$lab/bin"
	podman_configure "$lab/podman" "127.0.0.1:$(daemon_port registry)"
	# shellcheck disable=SC2016 # for the sh inside
	daemon_start podman unshare --mount sh -euc 'mount --make-rshared /
		mount -t cgroup2 cgroup2 /sys/fs/cgroup
		: >"$1/ready"
		while :; do sleep 3600; done' podman "$lab/podman"
	wait_for 10 test -e "$lab/podman/ready" || daemon_failed podman
	cat >"$lab/bin/docker" <<-END
		#!/bin/sh
		case \$DOCKER_HOST in
		'$(cat "$lab/run/host")') ;;
		*) printf 'Cannot connect to %s\n' "\$DOCKER_HOST" >&2 && exit 125 ;;
		esac
		exec nsenter --target '$(cat "$lab/run/podman.pid")' --mount env -C "\$PWD" -u DOCKER_HOST \\
			CONTAINERS_CONF='$lab/podman/containers.conf' \\
			CONTAINERS_STORAGE_CONF='$lab/podman/storage.conf' \\
			CONTAINERS_REGISTRIES_CONF='$lab/podman/registries.conf' BUILDAH_ISOLATION=chroot \\
			XDG_RUNTIME_DIR='$lab/podman' podman "\$@"
	END
	chmod +x "$lab/bin/docker"
	say "docker is $("$lab/bin/docker" --version)"
}
