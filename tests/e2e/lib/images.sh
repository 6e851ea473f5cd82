# shellcheck shell=sh disable=SC2154
# Replacements for the official rust images, made of Debian packages: rust:latest and rust:alpine, each for two
# platforms. Both have glibc; fixtures/musl/image makes one that builds for musl.
# An image is a stack of layers:
#   base-ARCH   Debian packages                                    (one for each platform)
#   rust        /usr/local/cargo, /usr/local/rustup as the official images have them; crates.io is the lab's registry
#   alpine      busybox for the shell and the utilities, an apk    (rust:alpine only)

# Debian 13, for a cargo that matches its libgit2: the one of Debian 12 cannot fetch git dependencies.
images_packages=base-files,base-passwd,bash,dash,coreutils,sed,grep,mawk,findutils,tar,gzip,libc-bin,busybox-static
images_packages=$images_packages,cargo-web,rustc-web,gcc,libc6-dev,git,make,pkgconf,util-linux
images_path=/usr/local/cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

# images_unpack_start: for both platforms at once; mmdebstrap writes a layer as it is
images_unpack_start() {
	say "unpacking Debian packages into two base images"
	mkdir -p "$lab/images"
	for arch in amd64 arm64; do
		packages_unpack "base_$arch" trixie "$arch" "$images_packages" "$lab/images/base-$arch.tar" \
			--hook-dir=/usr/share/mmdebstrap/hooks/merged-usr --extract-hook="$here/lib/base-layer"
	done
}

images_push() {
	packages_unpacked base_amd64
	packages_unpacked base_arm64
	say "pushing rust:latest and rust:alpine for linux/amd64 and linux/arm64; both are Debian, with glibc, not musl"
	images_layer_rust
	images_layer_alpine
	for name in base-amd64 base-arm64 rust alpine; do
		digest_of "$lab/images/$name.tar" >"$lab/images/$name.digest"
		wc -c <"$lab/images/$name.tar" >"$lab/images/$name.size"
		registry_blob library/rust "$lab/images/$name.tar" "$(cat "$lab/images/$name.digest")"
	done
	images_tag latest rust
	images_tag alpine rust alpine
	rm "$lab"/images/*.tar
}

# images_pull: the engine fetches each once, which proves the lab and saves the first build the wait
images_pull() {
	for tag in latest alpine; do
		for arch in arm64 amd64; do
			say "pulling and trying rust:$tag for linux/$arch"
			image=$(images_prefix)rust:$tag
			lab_docker pull -q --platform "linux/$arch" "$image" >>"$lab/log/images.log" 2>&1 ||
				daemon_failed images
			lab_docker run --rm --init --network=host --platform "linux/$arch" "$image" \
				sh -c 'rustc --version && cargo --version' >>"$lab/log/images.log" 2>&1 || daemon_failed images
		done
	done
}

# images_prefix: what stands before an image's name; another engine does not know the lab's registry as its mirror
images_prefix() {
	engine_is_ours || printf '127.0.0.1:%s/library/\n' "$(daemon_port registry)"
}

# images_remove: from an engine that goes on without the lab
images_remove() {
	for tag in latest alpine; do
		lab_docker image rm "$(images_prefix)rust:$tag" >/dev/null 2>&1 || :
	done
}

# images_layer_rust: cargo reads config.toml in CARGO_HOME, so every project builds unmodified
images_layer_rust() {
	root=$lab/images/rust
	mkdir -p "$root/usr/local/cargo/bin" "$root/usr/local/rustup"
	cat >"$root/usr/local/cargo/config.toml" <<END
[source.crates-io]
replace-with = "lab"

[source.lab]
registry = "sparse+http://127.0.0.1:$(daemon_port crates)/index/"
END
	chmod -R a+w "$root/usr/local/cargo" "$root/usr/local/rustup"
	images_tar rust
}

# images_layer_alpine: busybox comes first in PATH, but not for the binary utilities, which Alpine takes from binutils
images_layer_alpine() {
	root=$lab/images/alpine
	mkdir -p "$root/usr/local/bin" "$root/usr/bin"
	tar -xOf "$lab/images/base-$(dpkg --print-architecture).tar" ./usr/bin/busybox >"$lab/images/busybox"
	chmod +x "$lab/images/busybox"
	"$lab/images/busybox" --list | grep -vxE 'ar|strings|busybox' | while IFS= read -r applet; do
		ln -s /usr/bin/busybox "$root/usr/local/bin/$applet"
	done
	ln -s busybox "$root/usr/bin/sh"
	install -m 755 "$here/fixtures/alpine/apk" "$root/usr/local/bin/apk"
	images_tar alpine
}

images_tar() {
	tar -C "$lab/images/$1" --sort=name --owner=0 --group=0 --numeric-owner -cf "$lab/images/$1.tar" .
	rm -r "${lab:?}/images/$1"
}

# images_tag TAG LAYER...: an image for each platform on top of its base, and the list of both under one name
images_tag() {
	tag=$1
	shift
	for arch in amd64 arm64; do
		images_config "$arch" "base-$arch" "$@" >"$lab/images/$tag-$arch.config"
		registry_blob library/rust "$lab/images/$tag-$arch.config" "$(digest_of "$lab/images/$tag-$arch.config")"
		images_manifest "$tag-$arch.config" "base-$arch" "$@" >"$lab/images/$tag-$arch.manifest"
		registry_manifest library/rust "$(digest_of "$lab/images/$tag-$arch.manifest")" \
			"$lab/images/$tag-$arch.manifest"
	done
	images_list "$tag" >"$lab/images/$tag.list"
	registry_manifest library/rust "$tag" "$lab/images/$tag.list"
}

# joined: the lines of stdin, with commas between
joined() {
	paste -s -d , -
}

images_config() {
	arch=$1
	shift
	cat <<END
{"architecture": "$arch", "os": "linux",
 "config": {"Env": ["PATH=$images_path", "CARGO_HOME=/usr/local/cargo", "RUSTUP_HOME=/usr/local/rustup"],
            "Cmd": ["/bin/sh"]},
 "rootfs": {"type": "layers", "diff_ids": [$(for l; do printf '"%s"\n' "$(cat "$lab/images/$l.digest")"; done | joined)]},
 "history": [$(for l; do printf '{"created_by": "cachemk lab: %s"}\n' "$l"; done | joined)]}
END
}

# images_manifest CONFIG LAYER...: layers are not compressed, as nothing travels far
images_manifest() {
	config=$lab/images/$1
	shift
	cat <<END
{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json",
 "config": {"mediaType": "application/vnd.docker.container.image.v1+json",
            "size": $(wc -c <"$config"), "digest": "$(digest_of "$config")"},
 "layers": [$(for l; do images_manifest_layer "$l"; done | joined)]}
END
}

images_manifest_layer() {
	printf '{"mediaType": "application/vnd.docker.image.rootfs.diff.tar", "size": %s, "digest": "%s"}\n' \
		"$(cat "$lab/images/$1.size")" "$(cat "$lab/images/$1.digest")"
}

images_list() {
	cat <<END
{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
 "manifests": [$(for arch in amd64 arm64; do images_list_entry "$1-$arch" "$arch"; done | joined)]}
END
}

images_list_entry() {
	manifest=$lab/images/$1.manifest
	printf '{"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "size": %s, ' "$(wc -c <"$manifest")"
	printf '"digest": "%s", "platform": {"architecture": "%s", "os": "linux"}}\n' "$(digest_of "$manifest")" "$2"
}
