#!/usr/bin/env bats
# make install, make uninstall and make deb: what is installed works by itself.
# shellcheck disable=SC2154,SC2016,SC2030,SC2031 # bats sets the rest; code for another sh

setup_file() {
	bats_require_minimum_version 1.5.0
	unset MAKEFLAGS MFLAGS MAKELEVEL BUILD
	top=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
	export top
	# A tree of its own, since another PREFIX makes another program.
	tree=$BATS_FILE_TMPDIR/tree
	mkdir "$tree"
	(cd "$top" && git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$tree")
	export tree
	cd "$tree" || return
	git init -q .
	# With flags, as one needs whose libraries lie elsewhere (README, macOS).
	make -s install PREFIX="$BATS_FILE_TMPDIR/usr" CPPFLAGS=-I/usr/local/include LDFLAGS=-L/usr/local/lib
}

setup() {
	unset MAKEFLAGS MFLAGS MAKELEVEL BUILD
	cd "$BATS_TEST_TMPDIR" || return
	PATH=$BATS_FILE_TMPDIR/usr/bin:$PATH
}

crate() {
	mkdir -p src
	printf '[package]\nname = "x"\nversion = "0.1.0"\n' >Cargo.toml
	: >src/main.rs
}

@test "the installed program finds its templates, and a project has its rules at once" {
	crate
	run cachemk init
	[ "$status" -eq 0 ]
	[ "${lines[-1]}" = 'Then: make build-linux-x64' ] || [ "${lines[-1]}" = 'Then: make build-linux-arm64' ]
	run make -n build-alpine-arm64
	[ "$status" -eq 0 ]
	# All but the rule that names targets.ini, which is elsewhere for this one.
	cmp <(sed '/^# Regenerated/,/cachemk -o/d' mk/cache.mk) <(cd "$top" &&
		gen/cachemk -o - "$BATS_TEST_TMPDIR/targets.ini" | sed '/^# Regenerated/,/cachemk -o/d')
	(cd "$top" && gen/cachemk -o "$BATS_TEST_TMPDIR/again.mk")
	cmp mk/cache.sh cache.sh
	sed -i 's/^\[linux-x64\]/[renamed]/' targets.ini
	touch -d '1 minute' targets.ini
	run make -n build-renamed
	[ "$status" -eq 0 ]
}

@test "a project's own templates win, and need not be all of them" {
	crate
	cachemk init
	mkdir templates
	printf '# MINE\n' >templates/cache.sh
	cachemk
	grep -qx '# MINE' mk/cache.sh
	printf '{{#targets}}{{name}};{{/targets}}' >templates/list.txt.mustache
	[ "$(cachemk list)" = 'linux-x64;linux-arm64;linux-musl-x64;linux-musl-arm64;' ]
}

@test "what is installed has its man pages, completions and documents" {
	cd "$BATS_FILE_TMPDIR/usr"
	diff <(find . -type f ! -path './share/cachemk/*' ! -path './share/doc/*' | sort) <(
		printf '%s\n' ./bin/cachemk ./share/bash-completion/completions/cachemk \
			./share/man/man1/cachemk.1 ./share/man/man5/cachemk.ini.5 ./share/man/man7/cachemk-rules.7 \
			./share/zsh/site-functions/_cachemk
	)
	diff <(cd share/doc/cachemk && find . -type f | sort) <(cd "$top" &&
		printf '%s\n' ./{README,CHANGELOG,SECURITY}.md ./docs/*.{md,svg} | sort)
	cmp share/doc/cachemk/README.md "$top/README.md"
	diff <(cd share/cachemk/templates && find . -type f | sort) <(cd "$top/templates" &&
		printf '%s\n' ./*.mustache ./cache.sh ./sh/{dockerfile,engine,lock,words}.sh | sort)
	[ -z "$(find . -perm -2 ! -type l)" ]
}

@test "DESTDIR is in no file; uninstall leaves what is others'" {
	cd "$tree"
	make -s install PREFIX=/opt/x DESTDIR="$BATS_TEST_TMPDIR/root"
	[ "$(grep -rl "$BATS_TEST_TMPDIR" "$BATS_TEST_TMPDIR/root" | wc -l)" -eq 0 ]
	grep -q 'Os cachemk' "$BATS_TEST_TMPDIR/root/opt/x/share/man/man7/cachemk-rules.7"
	[ -e "$BATS_TEST_TMPDIR/root/opt/x/share/doc/cachemk/docs/targets.svg" ]
	: >"$BATS_TEST_TMPDIR/root/opt/x/bin/other"
	make -s uninstall PREFIX=/opt/x DESTDIR="$BATS_TEST_TMPDIR/root"
	[ "$(find "$BATS_TEST_TMPDIR/root" -type f)" = "$BATS_TEST_TMPDIR/root/opt/x/bin/other" ]
}

@test "make deb: a package without lintian's errors" {
	command -v dh >/dev/null || skip 'needs debhelper'
	command -v lintian >/dev/null || skip 'needs lintian'
	cd "$tree"
	make -s deb
	run lintian --allow-root --fail-on error,warning build/cachemk_*.deb
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
	dpkg-deb -c build/cachemk_*.deb | awk '{ print $6 }' >"$BATS_TEST_TMPDIR/files"
	for file in man/man7/cachemk-rules.7.gz doc/cachemk/README.md doc/cachemk/changelog.gz \
		doc/cachemk/docs/targets.svg doc/cachemk/docs/troubleshooting.md; do
		grep -qx -e "./usr/share/$file" "$BATS_TEST_TMPDIR/files"
	done
}

@test "it installs and works on a clean Debian" {
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	command -v mmdebstrap >/dev/null || skip 'needs mmdebstrap'
	local package
	cd "$tree"
	package=$(ls build/cachemk_*.deb) || skip 'there is no package'
	run mmdebstrap --quiet --variant=apt --include=make \
		--customize-hook='copy-in '"$tree/$package"' /tmp' \
		--customize-hook='chroot "$1" apt-get install -y -qq --no-install-recommends ./tmp/'"${package##*/}" \
		--customize-hook='chroot "$1" sh -ec "mkdir -p /p/src && cd /p && echo >Cargo.toml && echo >src/main.rs &&
			cachemk init && make -n build-alpine-arm64 && cachemk list && apt-get remove -y -qq cachemk && [ ! -e /usr/bin/cachemk ]"' \
		bookworm /dev/null
	printf '%s\n' "$output"
	[ "$status" -eq 0 ]
	[[ $output = *'Then: make build-'*'cargo build --release'*'linux-musl-arm64 aarch64'* ]]
}

# wanted PURPOSE DOCKER: what setup.sh would install where nothing is there and docker returns DOCKER
wanted() {
	rm -rf bin wanted
	mkdir bin
	printf '#!/bin/sh\nexit 1\n' >bin/dpkg-query
	printf '#!/bin/sh\nexit %s\n' "$2" >bin/docker
	printf '#!/bin/sh\nexec "$@"\n' >bin/sudo
	printf '#!/bin/sh\n[ "$1" != install ] || printf "%%s\\n" "$@" >%s/wanted\n' "$PWD" >bin/apt-get
	chmod +x bin/*
	PATH=$PWD/bin:$PATH sh "$top/scripts/setup.sh" "$1" >/dev/null
	sort -o wanted wanted
}

@test "make setup demo installs nothing that only the tests need" {
	command -v apt-get >/dev/null || skip 'needs apt-get'
	wanted '' 1
	for package in libinih-dev docker-registry bats check podman; do grep -qx "$package" wanted; done
	wanted demo 1
	for package in libinih-dev gcc docker-registry mmdebstrap; do grep -qx "$package" wanted; done
	[ "$(grep -cx -e bats -e check -e podman -e shellcheck -e hyperfine wanted)" -eq 0 ]
	# Where an engine answers, the compiler's packages alone.
	wanted demo 0
	grep -qx libinih-dev wanted
	[ "$(grep -cx -e docker-registry -e mmdebstrap -e bats wanted)" -eq 0 ]
	(cd "$tree" && make -n setup demo) | grep -qx 'sh scripts/setup.sh demo'
	(cd "$tree" && make -n setup check) | grep -q '^sh scripts/setup.sh *$'
}
