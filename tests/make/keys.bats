#!/usr/bin/env bats
# Keys that change how a build runs: cross, packages, hermetic, mirror, sccache, expect, glibc and glibc_max.
# shellcheck disable=SC2016,SC2034,SC2154 # `when` takes code for sh; helper.bash and bats set the rest

load helper

setup() { start_in_a_project; }
setup_file() { generate_fragment; }

triple=x86_64-unknown-linux-gnu

no_proxies=(-e http_proxy= -e https_proxy= -e ftp_proxy= -e all_proxy= -e HTTP_PROXY= -e HTTPS_PROXY= -e FTP_PROXY= -e ALL_PROXY=)

# with LINE...: the one target `t`, for which nothing is missing
with() {
	only_target t 'description = D' "$@"
	all_is_there t t
}

# ran_t NETWORK FLAG... [+ FLAG...] -- COMMAND...: one run is exactly this; NETWORK is none, or nothing
ran_t() {
	local network=()
	[ -z "$1" ] || network=(--network "$1")
	ran t t $triple '' "${@:2}"
}

upper=CARGO_TARGET_X86_64_UNKNOWN_LINUX_GNU lower=x86_64_unknown_linux_gnu tools=x86_64-linux-gnu
compiler=(-e "${upper}_LINKER=$tools-gcc" -e "CC_$lower=$tools-gcc"
	-e "CXX_$lower=$tools-g++" -e "AR_$lower=$tools-ar" -e "PKG_CONFIG_$lower=$tools-pkg-config"
	-e "${upper}_RUNNER=$tools-run")

@test "cross: cargo gets the triple, the compiler, and then env; the engine no platform" {
	with 'cross = yes' 'cargo_args = --bins' 'env = A=b'
	run_make build-t
	ran_t '' + "${compiler[@]}" -e A=b -- cargo build --release --target $triple --bins
	run_make test-t
	ran_t '' + "${compiler[@]}" -e A=b -- cargo test --target $triple --bins --
	run_make fetch-t
	ran_t '' + "${compiler[@]}" -e A=b -- cargo fetch
}

@test "cross: a triple that we know no compiler for gets none" {
	only_target t 'description = D' 'cross = yes'
	sed -i 's/^triple .*/triple = sparc64-unknown-linux-gnu/' targets.ini
	generate "$fragment" "$PWD/targets.ini"
	run_make prepare-t
	grep -qe '--build-arg cross=yes' <<<"$(calls)"
	no_call_is 'build-arg \(compiler\|install\)'
	no_call_has _LINKER=
}

@test "glibc: zig is the compiler, without cross, too; the build of the image gets the version" {
	with 'glibc = 2.17'
	run_make build-t
	ran_t '' + -e "${upper}_LINKER=zig-$tools-gcc" -e "CC_$lower=zig-$tools-gcc" -e "CXX_$lower=zig-$tools-g++" \
		-e "AR_$lower=zig-$tools-ar" -- cargo build --release
	new_engine
	run_make prepare-t
	grep -qFe "--build-arg glibc=2.17 --build-arg linker=zig-$tools --build-arg \$'zig=" <<<"$(calls)"
	no_call_is 'build-arg \(compiler\|install\)'
}

@test "packages and the compiler: the build of the image gets them, and only then" {
	only_target t 'description = D' 'cross = yes' 'packages = git' '  make' 'target_packages = zlib1g-dev'
	run_make prepare-t
	args='--build-arg packages=git\ make --build-arg target_packages=zlib1g-dev --build-arg compiler='
	grep -qFe " ${args}$tools --build-arg processor=amd64\\ x86_64\\ x86_64 --build-arg \$'install=" <<<"$(calls)"
	new_engine
	only_target t 'description = D'
	run_make prepare-t
	no_call_is 'build-arg \(packages\|target_packages\|compiler\|processor\|install\)'
}

@test "cross: the binaries are linked to the documented place, and named once" {
	local deeper=target/$triple/$triple/release
	with 'cross = yes'
	run_make build-t
	succeeds
	last_line_is "Built target/$triple/release/hello"
	[ "$(grep -c '^Built ' <<<"$output")" -eq 1 ]
	calls_are inspect run run
	forget_calls
	run_make build-t
	last_line_is "Built target/$triple/release/hello"
	calls_are inspect run
	[ "target/$triple/release/hello" -ef "$deeper/hello" ]
	[ ! -e "target/$triple/release/hello.d" ]
}

@test "cross and mirror: the build of the image gets them, and only then" {
	only_target t 'description = D' 'cross = yes' 'mirror = sparse+https://example.com/index/'
	run_make prepare-t
	grep -qe '^build .* --build-arg cross=yes .*--build-arg mirror=sparse+https://example.com/index/ ' <<<"$(calls)"
	new_engine
	only_target t 'description = D'
	run_make prepare-t
	no_call_is 'build-arg \(cross\|mirror\)'
}

@test "hermetic: a fetch with all that the caller has, and a build with nothing of it" {
	with 'hermetic = yes' 'env = TOKEN A=b' 'cargo_args = --bins'
	http_proxy=http://proxy TOKEN=secret run_make build-t DOCKER_RUN_FLAGS='--network host -v /c:/c' \
		CARGO_FLAGS=-q
	succeeds
	calls_are inspect run run
	ran_t '' -e http_proxy -e TOKEN + -e A=b --network host -v /c:/c -- cargo fetch --target $triple
	sealed=yes ran_t none -e CARGO_NET_OFFLINE=true "${no_proxies[@]}" + -e A=b -v /c:/c -- cargo build --release --bins -q
	no_call_has secret
}

@test "hermetic: a fetch that fails is not followed by a build" {
	with 'hermetic = yes'
	when run 'case $* in *" cargo fetch"*) exit 101 ;; esac'
	run_make build-t
	fails
	calls_are inspect run events
}

@test "hermetic: fetch alone runs once; the shell is the build's" {
	with 'hermetic = yes'
	run_make fetch-t
	calls_are inspect run
	forget_calls
	run_make shell-t
	calls_are inspect run run
	sealed=yes ran_t none -e CARGO_NET_OFFLINE=true "${no_proxies[@]}" -i -- sh
}

@test "sccache: a volume" {
	with 'sccache = volume'
	run_make build-t
	called volume create --label cachemk.cache=t --label "cachemk.user=$caller" \
		--label "cachemk.project=$PWD" --label cachemk.identity=c0ffee cargo-sccache-t
	forget_calls
	run_make build-t
	calls_are inspect run
	ran_t '' + -e RUSTC_WRAPPER=sccache -e CARGO_INCREMENTAL=0 \
		-v cargo-sccache-t:/usr/local/sccache -e SCCACHE_DIR=/usr/local/sccache -- cargo build --release
}

@test "sccache: the limit of the volume is the caller's, if it is set, and env's before that" {
	with 'sccache = volume' 'env = SCCACHE_CACHE_SIZE=3G'
	SCCACHE_CACHE_SIZE=2G run_make build-t
	calls | grep -q -- ' -e SCCACHE_CACHE_SIZE .* -e SCCACHE_CACHE_SIZE=3G '
	new_engine
	with 'sccache = volume' 'hermetic = yes'
	SCCACHE_CACHE_SIZE=2G run_make build-t
	[ "$(calls | grep -c '^run .* -e SCCACHE_CACHE_SIZE ')" -eq 2 ]
	new_engine
	with
	SCCACHE_CACHE_SIZE=2G run_make build-t
	no_call_has SCCACHE
}

# has_token: as a step has it that the workflow gives it to
has_token() {
	export ACTIONS_RUNTIME_TOKEN=secret-token ACTIONS_RESULTS_URL=https://results.example/
}

@test "sccache: GitHub's cache, whose token is passed by name" {
	with 'sccache = gha'
	has_token
	ACTIONS_CACHE_URL='' ACTIONS_CACHE_SERVICE_V2=on run_make build-t
	succeeds
	ran_t '' -e ACTIONS_RUNTIME_TOKEN -e ACTIONS_RESULTS_URL -e ACTIONS_CACHE_SERVICE_V2 \
		+ -e RUSTC_WRAPPER=sccache -e CARGO_INCREMENTAL=0 -e SCCACHE_GHA_ENABLED=true -- cargo build --release
	no_call_has secret-token
	no_call_has cargo-sccache
}

@test "sccache: what compiles nothing, a release, and other machines have no token, and no sccache" {
	with 'sccache = gha'
	run_make build-t
	succeeds
	ran_t '' + -e CARGO_INCREMENTAL=0 -- cargo build --release
	forget_calls
	has_token
	run_make fetch-t
	ran_t '' + -e CARGO_INCREMENTAL=0 -- cargo fetch --target x86_64-unknown-linux-gnu
	forget_calls
	run_make dist-t
	calls | grep -q '^run .* cargo build'
	no_call_has ACTIONS_
	no_call_has GHA
}

@test "sccache: redis, and s3 with and without a prefix" {
	with 'sccache = redis://cache:6379'
	run_make build-t
	ran_t '' + -e RUSTC_WRAPPER=sccache -e CARGO_INCREMENTAL=0 \
		-e SCCACHE_REDIS_ENDPOINT=redis://cache:6379 -- cargo build --release
	new_engine
	with 'sccache = s3://bucket/a/b'
	run_make build-t
	ran_t '' + -e RUSTC_WRAPPER=sccache -e CARGO_INCREMENTAL=0 \
		-e SCCACHE_BUCKET=bucket -e SCCACHE_S3_KEY_PREFIX=a/b -- cargo build --release
	new_engine
	with 'sccache = s3://bucket'
	run_make build-t
	ran_t '' + -e RUSTC_WRAPPER=sccache -e CARGO_INCREMENTAL=0 \
		-e SCCACHE_BUCKET=bucket -e SCCACHE_S3_KEY_PREFIX= -- cargo build --release
}

@test "expect and glibc_max: the binaries are looked into after a build, and only then" {
	with 'expect = static' 'glibc_max = 2.31'
	run_make test-t
	calls_are inspect run
	forget_calls
	run_make build-t
	succeeds
	calls_are inspect run run
	[[ $(calls) == *" sh -s inside check_binaries $triple static 2.31 target/$triple/release/hello "* ]]
}

@test "a binary that is refused fails the build, and is not named as built" {
	with 'expect = static'
	when run 'case $* in *" check_binaries "*) fail "it is not static" ;; esac'
	run_make build-t
	fails
	complains 'it is not static'
	has_no Built
}

# ---- target_dir

# objects: the volume's name for the project here
objects() {
	printf 'cargo-target-t-%s\n' "$(printf 'c0ffee %s\n' "$(pwd -P)" | cksum | cut -d ' ' -f 1)"
}

@test "target_dir = volume: one volume more, open to all, and the binaries are fetched" {
	with 'target_dir = volume'
	mkdir -p "$FAKE_ENGINE/target/$triple/release"
	: >"$FAKE_ENGINE/target/$triple/release/hello"
	chmod 4755 "$FAKE_ENGINE/target/$triple/release/hello"
	when run 'case $* in *" print_products "*) cd "$FAKE_ENGINE" && exec tar -cf - target ;; esac'
	run_make build-t
	succeeds
	called volume create --label cachemk.cache=t --label "cachemk.user=$caller" \
		--label "cachemk.project=$PWD" --label cachemk.identity=c0ffee "$(objects)"
	called run --rm --init --name "$(named t)" -i "${as_root[@]}" -v "$(objects):/objects" \
		"$(prepared t)" timeout -s KILL 3600 sh -s inside chmod 777 /objects
	called run --name "$(named t)" --user "$caller" "${unprivileged[@]}" --rm --init -v "$PWD:/workspace" \
		-v "$(objects):/workspace/target/$triple" -v cargo-cache-t:/usr/local/cargo/registry \
		-v cargo-git-cache-t:/usr/local/cargo/git -w /workspace \
		-e "CARGO_TARGET_DIR=/workspace/target/$triple" "$(prepared t)" cargo build --release
	called run --rm --init --name "$(named t)" -i "${as_nobody[@]}" --user "$caller" \
		-v "$(objects):/workspace/target/$triple" -w /workspace "$(prepared t)" \
		timeout -s KILL 3600 sh -s inside print_products "target/$triple" "$triple" '' "target/$triple/release/hello"
	[ "$(stat -c %a "target/$triple/release/hello")" = 755 ]
	forget_calls
	run_make test-t
	calls_are inspect run
}

@test "an engine that cannot be asked by network is not asked whether it has our disk" {
	with
	run_make build-t
	calls_are inspect run
	forget_calls
	DOCKER_HOST=unix:///run/docker.sock run_make build-t
	calls_are inspect run
}

@test "an engine with another disk: it is asked by a file of our own, which does not stay" {
	with
	when run 'case $* in
		*" test -e "*) [ -e "${*##* /workspace/}" ] && : >"$FAKE_ENGINE/asked"; exit 1 ;;
		*" send "*) tar -tf - >"$FAKE_ENGINE/sent" && exit ;;
		*" print_products "*) cd "$FAKE_ENGINE" && exec tar -cf - binaries ;;
		esac'
	mkdir -p .git "a b" target/debug
	touch .hidden 'a b/-c' target/debug/x
	DOCKER_HOST=tcp://there:2375 run_make build-t
	succeeds
	[ -e "$FAKE_ENGINE/asked" ]
	[ -z "$(find . -name '.cachemk-*')" ]
	[ "$(sort "$FAKE_ENGINE/sent")" = "$(printf '%s\n' ./{Cargo.toml,Makefile,cache.mk,cache.sh,targets.ini,.hidden,.git/,.git/cachemk-identity,a\ b/,a\ b/-c} | sort)" ]
	[ "$(calls | grep -c "^volume create .* cargo-workspace-t-")" -eq 1 ]
	[ "$(calls | grep -c "^volume rm cargo-workspace-t-")" -eq 1 ]
}

@test "an engine whose own directory is not here is asked once for each project and image" {
	each_shell is_asked_once
}

is_asked_once() {
	export XDG_CACHE_HOME=$FAKE_ENGINE/cache
	with
	printf '/nowhere\n' >"$FAKE_ENGINE/root"
	run_make build-t "$shell"
	succeeds
	says_nothing_wrong
	calls_are inspect run run
	called run --rm --init --name "$(named t)" -i "${as_nobody[@]}" \
		--mount "type=bind,\"source=$PWD\",target=/workspace,readonly" "$(prepared t)" \
		timeout -s KILL 3600 sh -s inside test -e "/workspace/$(basename "$(calls | sed -n 's|.*/workspace/\(.cachemk-[^ ]*\).*|\1|p')")"
	[ -z "$(find . -name '.cachemk-*')" ]
	forget_calls
	run_make build-t "$shell"
	calls_are inspect run
	forget_calls
	sed -i "s/sha256:of-[^ ]*/sha256:another/" "$FAKE_ENGINE/images"
	run_make build-t "$shell"
	calls_are inspect run run run # one empties the target directory
	[ "$(wc -l <"$FAKE_ENGINE/cache/cachemk/seen")" -eq 2 ]
	[ "$(ls "$FAKE_ENGINE/cache/cachemk")" = $'projects\nseen' ]
}

@test "without a place to remember it, or to try it, nothing fails" {
	with
	printf '/nowhere\n' >"$FAKE_ENGINE/root"
	env -u HOME -u XDG_CACHE_HOME "$make" --no-print-directory build-t >out 2>err
	calls_are inspect run run
	forget_calls
	XDG_CACHE_HOME=$PWD/out run_make build-t
	succeeds
	says_nothing_wrong
	calls_are inspect run run
}

@test "an engine at a socket that does not see the directory gets the project" {
	with
	export XDG_CACHE_HOME=$FAKE_ENGINE/cache
	printf '/nowhere\n' >"$FAKE_ENGINE/root"
	when run 'case $* in
		*" test -e "*) exit 125 ;;
		*" send "*) tar -tf - >"$FAKE_ENGINE/sent" && exit ;;
		*" print_products "*) cd "$FAKE_ENGINE" && exec tar -cf - binaries ;;
		esac'
	DOCKER_HOST=unix:///vm.sock run_make build-t
	succeeds
	has_line 'Sending the project to the engine...'
	grep -qx ./Cargo.toml "$FAKE_ENGINE/sent"
	[ ! -e "$FAKE_ENGINE/cache/cachemk/seen" ]
}

@test "the address in DOCKER counts, too" {
	with
	when -H 'shift 2; calls=$*; case $1 in inspect) shift; answer_inspect "$@"; exit ;; run) echo "$*" >>"$FAKE_ENGINE/ran"; exit ;; esac'
	run_make build-t DOCKER='docker -H tcp://there:2375'
	grep -q ' test -e /workspace/.cachemk-' "$FAKE_ENGINE/ran"
}

# ---- CACHE_DIR

# directories_are DIRECTORY WORD...: make with these words mounts the caches in DIRECTORY, and makes no volume
directories_are() {
	run_make build-t "${@:2}"
	succeeds
	no_call_is '^volume '
	registry=$1/t/registry git=$1/t/git ran_t '' -- cargo build --release
	grep -Fxq "# cachemk.project=$PWD" "$1/t/CACHEDIR.TAG"
	[ "$(stat -c %a "$1/t/registry" "$1/t/git")" = $'777\n777' ]
	forget_calls
}

@test "CACHE_DIR may be relative, absolute, begin with ~/, and hold any character" {
	local nasty="a b 'c' \"d\" \$e \$(f) # % \\ & ; * ? [x] ! \` , = <"
	with
	local beside=${PWD%/*}
	directories_are "$beside/caches" CACHE_DIR=../caches
	directories_are "$beside/caches" CACHE_DIR="$beside/caches/"
	HOME=$beside/home directories_are "$beside/home/x" CACHE_DIR='~/x'
	directories_are "$beside/$nasty" CACHE_DIR="../$nasty"
	CACHE_DIR=../$nasty directories_are "$beside/$nasty"
	printf 'CACHEMK_CACHE_DIR = ../in a makefile\ninclude cache.mk\n' >Makefile
	directories_are "$beside/in a makefile"
}

@test "with CACHE_DIR nothing is made anew when all is there" {
	with
	run_make build-t CACHE_DIR=../caches
	forget_calls
	run_make build-t CACHE_DIR=../caches
	calls_are inspect run
	called inspect --format '{{- json .}}' "$(prepared t)"
}

@test "with CACHE_DIR, what another user has made is opened" {
	with
	run_make build-t CACHE_DIR=../caches
	sed -i 's/"cachemk.user":"[0-9:]*"/"cachemk.user":"7:7"/g' ../caches/t/CACHEDIR.TAG
	forget_calls
	run_make build-t CACHE_DIR=../caches
	calls_are inspect run run run
}
