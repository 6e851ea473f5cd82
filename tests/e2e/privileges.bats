#!/usr/bin/env bats
# What a build may reach, and what it may not: each statement of docs/security.md, seen
# from a build script, which is code of somebody else's.

# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the helper and `run` set variables; code for a shell in a container
load helper
load projects

setup_file() {
	setup_family trust
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	target one app 'env = NAMED' \
		'setup = cp "$(command -v id)" /usr/bin/whoever && chmod 4755 /usr/bin/whoever' |
		project app probe
	# It tells what it sees as a build script can.
	cat >app/build.rs <<-'END'
		use std::{env, fs, process::Command};

		fn main() {
		    let mut seen = fs::read_to_string("/proc/self/status").unwrap();
		    seen += &fs::read_to_string("/proc/self/mountinfo").unwrap();
		    for (name, value) in env::vars() {
		        seen += &format!("env {name}={value}\n");
		    }
		    for program in ["id", "whoever"] {
		        let id = Command::new(program).arg("-u").output().unwrap();
		        seen += &format!("{program} says {}", String::from_utf8(id.stdout).unwrap());
		    }
		    fs::write("seen", seen).unwrap();
		}
	END
	ordinary_user app
	mkdir home/private
	NAMED=given UNNAMED=secret as_user make --no-print-directory -C app build-trust-one </dev/null
}

@test "it runs as the caller, and no program makes it root" {
	needs_docker 'is root here'
	[ "$(grep -c "^id says $(as_user id -u)$" app/seen)" -eq 1 ]
	[ "$(grep -c "^whoever says $(as_user id -u)$" app/seen)" -eq 1 ]
}

@test "it has no capability, and cannot gain one" {
	needs_docker 'is root here'
	[ "$(grep -Ec '^Cap(Eff|Prm|Inh|Bnd|Amb):.0000000000000000$' app/seen)" -eq 5 ]
	grep -q '^NoNewPrivs:.1$' app/seen
}

@test "it sees the project and its caches, and no other directory of the machine's" {
	awk '$5 ~ /^\/(workspace|usr\/local\/cargo)/ { print $5 }' app/seen | sort >mounted
	diff mounted <(printf '%s\n' /usr/local/cargo/git /usr/local/cargo/registry /workspace)
	[ "$(grep -c "$BATS_FILE_TMPDIR/home\|docker\.sock" app/seen)" -eq 0 ]
}

@test "of the caller's environment it has what env names" {
	grep -q '^env NAMED=given$' app/seen
	[ "$(grep -c 'UNNAMED\|secret' app/seen)" -eq 0 ]
}

@test "what it leaves outside of them is gone with its container" {
	run as_user make --no-print-directory -C app shell-trust-one <<<'touch /tmp/left && ls /tmp/left'
	[ "${lines[-1]}" = /tmp/left ]
	run as_user make --no-print-directory -C app shell-trust-one <<<'ls /tmp/left'
	[ "$status" -ne 0 ]
}

@test "what it writes into a cache, other builds of that cache read" {
	as_user make --no-print-directory -C app shell-trust-one <<<'echo mine >/usr/local/cargo/registry/left'
	target other app | project other probe
	run type_in other shell-trust-other </dev/null
	run make --no-print-directory -C other shell-trust-other <<<'cat /usr/local/cargo/registry/left'
	[ "${lines[-1]}" = mine ]
}

@test "it has the groups of the caller, so it can write where he can" {
	needs_docker 'is root here'
	[ "$(id -u)" -eq 0 ] || skip 'root alone can be somebody else'
	cp -R app shared
	rm -rf shared/target shared/seen
	chown -R 4321:5000 shared
	chmod -R u=rwX,g=rwX,o= shared
	find shared -type d -exec chmod g+s {} +
	run setpriv --reuid=1234 --regid=1234 --groups "$(stat -c %g "${DOCKER_HOST#unix://}"),5000" \
		env HOME="$BATS_FILE_TMPDIR/home" make --no-print-directory -C shared build-trust-one
	[ "$status" -eq 0 ]
	grep -q '^Groups:.*5000' shared/seen
	[ "$(stat -c %u:%g shared/seen)" = 1234:5000 ]
}

# odd_image: cargo is root's alone, CARGO_HOME has what cargo reads, and it runs something else
odd_image() {
	cat >Dockerfile.odd <<-END
		FROM ${E2E_IMAGES-}rust:latest
		RUN mkdir -p /opt/cargo/bin /root/.cargo/bin /root/private && chmod 700 /root /root/private && \
		    mv /usr/local/cargo/config.toml /opt/cargo/ && chmod 600 /opt/cargo/config.toml && \
		    mv /usr/bin/cargo /root/.cargo/bin/ && \
		    printf '#!/bin/sh\necho greeted\n' >/opt/cargo/bin/cargo-greet && chmod 755 /opt/cargo/bin/cargo-greet && \
		    printf secret >/opt/cargo/credentials.toml && chmod 600 /opt/cargo/credentials.toml
		ENV CARGO_HOME=/opt/cargo PATH=/root/.cargo/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
		WORKDIR /root/private
		ENTRYPOINT ["/bin/false"]
		USER 65534
	END
	# shellcheck disable=SC2086 # words of the lab's
	docker build --quiet --platform linux/amd64 $DOCKER_BUILD_FLAGS --tag "odd$own" - <Dockerfile.odd >/dev/null
}

@test "an image that is made for its own user works for another" {
	needs_docker 'is root here'
	odd_image
	target odd app "image = odd$own" | project odd small
	chmod a+x odd
	ordinary_user odd
	run as_user make --no-print-directory -C odd build-trust-odd
	[ "$status" -eq 0 ]
	[ "$(count '(registry `lab`)')" -gt 0 ]
	run as_user make --no-print-directory -C odd shell-trust-odd \
		<<<'cargo greet; whoami; cat /opt/cargo/credentials.toml 2>/dev/null || echo hidden; ssh -V 2>/dev/null; pwd'
	[[ $output = *$'greeted\ncachemk\n'*$'hidden\n/workspace' ]]
	docker image rm "$(images_of odd/mk/cache.mk trust-odd)" "odd$own" >/dev/null
}

@test "an image whose cargo this user cannot run is refused at once" {
	needs_docker 'is root here'
	target closed app 'setup = chmod 700 "$(command -v cargo)"' | project closed small
	ordinary_user closed
	run as_user make --no-print-directory -C closed build-trust-closed
	[ "$status" -ne 0 ]
	# The classic builder puts a colour before it.
	[ "$(count "The image has no cargo that user $(as_user id -u) can run: fix image or setup in targets.ini.$")" -eq 1 ]
}

@test "git works in a project of somebody else's" {
	needs_docker 'is root here'
	target git app 'user = root' | project git small
	git -C git init --quiet
	git -C git -c user.name=a -c user.email=a@b commit --quiet --allow-empty --message first
	[ "$(id -u)" -ne 0 ] || chown -R 4321:4321 git
	run make --no-print-directory -C git shell-trust-git <<<'git log --format=%s'
	[ "${lines[-1]}" = first ]
}

@test "user = root may change any file there, and nothing beyond" {
	target root app 'user = root' | project root probe
	run make --no-print-directory -C root shell-trust-root <<<'grep "^CapEff\|^NoNew" /proc/self/status; id -u'
	[ "${lines[*]: -3}" = $'CapEff:\t00000000000000db NoNewPrivs:\t1 0' ]
}
