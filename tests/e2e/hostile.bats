#!/usr/bin/env bats
# What code of a build tries on the host, and does not get: each test is an attack that once worked.

# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the helper and `run` set variables; code for a shell in a container
load helper
load projects

setup_file() {
	setup_family hostile
	mkdir outside
	target one app | project app probe
}

triple=x86_64-unknown-linux-gnu

# attack PROJECT SHELL-CODE: a build script that runs it
attack() {
	printf '%s\n' "$2" >"$1/attack.sh"
	cat >"$1/build.rs" <<-'END'
		fn main() {
		    println!("cargo:rerun-if-changed=attack.sh");
		    std::process::Command::new("sh").arg("/workspace/attack.sh").status().unwrap();
		}
	END
}

# nothing_outside: no file has come to the directory that links lead to
nothing_outside() {
	[ -z "$(ls -A outside)" ]
}

@test "cross = yes: a profile's directory that is a link gets no binary" {
	target cross cross 'platform =' 'cross = yes' | sed '/^platform = linux/d' | project cross probe
	attack cross "rm -rf /workspace/target/$triple/release && ln -s $PWD/outside /workspace/target/$triple/release"
	run type_in cross build-hostile-cross
	nothing_outside
	[ "$(count "^Built target/$triple/release/")" -eq 0 ]
}

@test "target_dir = volume: a target directory that is a link gets no binary" {
	target volume volume 'target_dir = volume' | project volume probe
	attack volume "mv /workspace/target /workspace/was; ln -s $PWD/outside /workspace/target"
	run type_in volume build-hostile-volume
	[ "$status" -ne 0 ]
	nothing_outside
	run type_in volume build-hostile-volume
	[ "$status" -ne 0 ]
	[ "$(count '^target is a symbolic link: remove it\. ')" -eq 1 ]
	nothing_outside
}

@test "a note on the toolchain file goes to no place that a build names" {
	printf '[toolchain]\nchannel = "stable"\n' >app/rust-toolchain.toml
	mkdir -p "app/target/$triple"
	ln -s "$PWD/outside/note" "app/target/$triple/.cachemk-toolchain"
	HOME=$PWD/home XDG_CACHE_HOME='' run type_in app check-hostile-one
	[ "$status" -eq 0 ]
	nothing_outside
	[ "$(find home/.cache/cachemk -name "*.toolchain" | wc -l)" -eq 1 ]
	mv app/rust-toolchain.toml wanted
	ln -s "$PWD/wanted" app/rust-toolchain
	run type_in app check-hostile-one V=1
	rm app/rust-toolchain
	[ "$(count ' run ')" -eq 1 ] # and none to see whether the image has what the link leads to
}

@test "CACHE_DIR and the project within one another: refused before anything is made" {
	run type_in app build-hostile-one CACHE_DIR=caches
	[ "$status" -ne 0 ]
	[ "$(count "overlap: set CACHE_DIR to a directory outside the project.$")" -eq 1 ]
	[ ! -e app/caches ]
	run type_in app build-hostile-one CACHE_DIR=/
	[ "$status" -ne 0 ]
	[ "$(count "^CACHE_DIR is '/': set it to another directory.$")" -eq 1 ]
}

@test "CACHE_DIR: a cache whose git/ is a link is not mounted" {
	mkdir -p caches
	run type_in app build-hostile-one CACHE_DIR=../caches
	[ "$status" -eq 0 ]
	rm -rf "caches/app$own/git"
	ln -s "$PWD/outside" "caches/app$own/git"
	run type_in app build-hostile-one CACHE_DIR=../caches
	[ "$status" -ne 0 ]
	[ "$(count "/git' is not a directory: set CACHE_DIR to another directory.$")" -eq 1 ]
	run type_in app clean-cache CACHE_DIR=../caches YES=1
	[ -h "caches/app$own/git" ]
}

@test "CACHE_DIR: no tag, mention of us, or name with a blank makes somebody's data ours" {
	mkdir -p "theirs/app$own/registry" 'theirs/a b/registry' theirs/a/registry
	printf 'Signature: 8a477f597d28d172789f06886806bc55\n# not cachemk\n' | tee "theirs/app$own/CACHEDIR.TAG" \
		>theirs/a/CACHEDIR.TAG
	cp "caches/app$own/CACHEDIR.TAG" 'theirs/a b/'
	run type_in app clean-cache CACHE_DIR=../theirs YES=1
	[ "$output" = 'No caches found' ]
	run type_in app build-hostile-one CACHE_DIR=../theirs
	[ "$status" -ne 0 ]
	[ "$(count 'has files that cachemk did not create: set CACHE_DIR to another directory.$')" -eq 1 ]
	[ "$(find theirs -type d | wc -l)" -eq 7 ]
}

@test "CACHE_DIR: a cache in use is so by any spelling of its path" {
	rm -rf caches
	run type_in app build-hostile-one CACHE_DIR=../caches
	docker run -d --rm --init --network=none --name "holder$own" -v "$PWD/caches/app$own/registry":/v \
		"${E2E_IMAGES-}rust:latest" sleep 600 >/dev/null
	ln -s caches spelling
	run type_in app clean-cache CACHE_DIR=../app/..//spelling/. YES=1
	docker rm --force "holder$own"
	[ "$status" -ne 0 ]
	[ "$(count "^app$own/registry was not removed: a container is using it")" -eq 1 ]
}

@test "hermetic = yes: a build cannot write what the next fetch, with a secret, would run" {
	target sealed sealed 'hermetic = yes' 'env = TOKEN' | project sealed probe
	attack sealed 'mkdir -p /workspace/.cargo
		printf "#!/bin/sh\nenv >/workspace/target/stolen\nexec \"\$@\"\n" >/workspace/target/steal
		chmod +x /workspace/target/steal
		printf "[build]\nrustc-wrapper = \"/workspace/target/steal\"\n" >/workspace/.cargo/config.toml
		printf "[toolchain]\npath = \"/workspace/target\"\n" >/workspace/rust-toolchain.toml
		touch /workspace/target/'$triple'/was-here'
	TOKEN=secret run type_in sealed build-hostile-sealed
	[ "$status" -eq 0 ]
	[ -e "sealed/target/$triple/was-here" ]
	TOKEN=secret run type_in sealed build-hostile-sealed
	[ "$status" -eq 0 ]
	[ ! -e sealed/.cargo ] && [ ! -e sealed/rust-toolchain.toml ] && [ ! -e sealed/target/stolen ]
}

# crates_of CACHE: how many downloads it has
crates_of() {
	make --no-print-directory -C many cache-stats FORMAT=json |
		python3 -c 'import json, sys
print(next(t["crates"] for t in json.load(sys.stdin)["targets"] if t["cache"] == sys.argv[1]))' "$1$own"
}

@test "prune-cache that is stopped removes no more, and leaves no container" {
	local crates
	{ target first first; target second second; } | project many small
	run type_in many fetch-all
	crates=$(crates_of second)
	[ "$crates" -gt 0 ]
	start many prune-cache SIZE=1K
	await 20 eval 'docker ps --format "{{.Names}}" | grep -q "^cachemk-caches-"'
	kill -TERM "-$pid"
	await 20 is_over "$pid"
	[ -z "$(docker ps --all --quiet --filter name=cachemk-caches-)" ]
	[ "$(crates_of second)" -eq "$crates" ]
}

@test "a volume's name that a container has is told, and nothing is built with it" {
	docker create --name "cargo-cache-named$own" "${E2E_IMAGES-}rust:latest" true >/dev/null
	target named named | project named probe
	run type_in named build-hostile-named
	run type_in named build-hostile-named
	docker rm "cargo-cache-named$own"
	[ "$status" -ne 0 ]
	[ "$(count "^A container or an image is called cargo-cache-named$own, which is the name of a cache volume: rename it.$")" -eq 1 ]
}

@test "clean-images leaves what somebody has built from ours, or named, and other projects' images" {
	local ours
	run type_in app prepare-hostile-one
	ours=$(images_of app/mk/cache.mk hostile-one)
	printf 'FROM %s\n' "$ours" | docker build --quiet --tag "theirs$own" -
	docker tag "$ours" "named$own"
	cp -R app copy
	run type_in copy clean-images YES=1
	[ "${lines[0]}" = 'No prepared images found' ]
	[ "${lines[1]}" = "$ours is kept: another project has prepared it, and this one shares it." ]
	run type_in app clean-images YES=1
	[ "$(count "^Removed $ours$")" -eq 1 ]
	docker image inspect "theirs$own" "named$own" >/dev/null
	docker image rm "theirs$own" "named$own"
}

@test "an orphan belongs to the project that has moved, and not to who is at its old path" {
	target old old | project moving probe
	run type_in moving prepare-hostile-old
	target new new | use_targets moving
	run type_in moving list-cache
	[ "$(count "^cargo-cache-old$own (orphan)$")" -eq 1 ]
	mv moving moved
	target new new | project moving probe
	run type_in moving list-cache
	[ "$(count orphan)" -eq 0 ]
	run type_in moved list-cache
	[ "$(count "^cargo-cache-old$own (orphan)$")" -eq 1 ]
	run type_in moved prepare-hostile-new # which notes where it is now
	cp -R moved copied
	run type_in copied list-cache
	[ "$(count orphan)" -eq 0 ]
}
