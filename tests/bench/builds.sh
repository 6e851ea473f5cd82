#!/bin/sh
# Measures builds of a project with twelve dependencies, whose image needs one package that its base
# lacks: the first build, a fresh checkout, a build after an edit, and one with nothing to do; by
# `docker run` typed by hand, by one that keeps nothing, by one that installs the package in each run, by
# a Dockerfile with cache mounts, and by the generated makefile.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

base=cachemk-bench-apt
install='apt-get update -qq && apt-get install -y -qq pkg-config >/dev/null'
tests/bench/apt-image "$base"
cat >"$work/targets.ini" <<END
[bench]
description = benchmarks
triple      = x86_64-unknown-linux-gnu
image       = $base:latest
setup       = $install
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"
cp -R tests/e2e/fixtures/small "$work/small"
cd "$work/small"
rule="make -f $work/cache.mk build-bench"
$rule >/dev/null 2>&1
image=$(sed -n 's/.* \(cachemk:bench-[0-9a-f]*\)$/\1/p' "$work/cache.mk" | head -n 1)

# way NAME TEXT...: a script $work/NAME of these lines
way() {
	name=$1
	shift
	printf '%s\n' '#!/bin/sh' 'set -e' "$@" >"$work/$name"
	chmod +x "$work/$name"
}

# What our rule runs in the end, and nothing of what it checks before.
common="docker run --rm --init --network=host -v $PWD:/workspace -w /workspace"
common="$common -e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu"
volumes='-v cargo-cache-bench:/usr/local/cargo/registry -v cargo-git-cache-bench:/usr/local/cargo/git'
way raw "exec $common --user $(id -u):$(id -g) $volumes $image cargo build --release"
way bare "exec $common --user $(id -u):$(id -g) $image cargo build --release"
way nothing "exec $common -e CARGO_TARGET_DIR=/tmp/target $image cargo build --release"
way installs "exec $common $volumes $base sh -c '$install && cargo build --release'"
way forget 'rm -rf target out' 'echo // >>src/main.rs' 'docker volume rm --force cargo-cache-bench cargo-git-cache-bench >/dev/null' \
	'docker builder prune --force --filter type=exec.cachemount >/dev/null 2>&1 || :'
way checkout 'rm -rf target out'
way edit 'echo // >>src/main.rs'

# A Dockerfile needs BuildKit; where it cannot be had, it is left out.
dockerfile=
if "$top/tests/e2e/engine" buildx "$E2E_LAB"; then
	dockerfile=yes
	cat >"$work/Dockerfile" <<-END
		FROM $base AS build
		RUN $install
		WORKDIR /workspace
		COPY . .
		RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=target \
		    cargo build --release && mkdir /out && cp target/release/small /out
		FROM scratch
		COPY --from=build /out /
	END
	printf 'target\nout\n' >.dockerignore
	way dockerfile "export DOCKER_CONFIG=$E2E_LAB/buildx.config" \
		"exec docker buildx build --network=host --file $work/Dockerfile --output type=local,dest=out ."
	"$work/dockerfile" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
fi

# ways GROUP RUNS PREPARE
ways() {
	group=$1 runs=$2 prepare=$3
	set -- 'docker run, volumes' "$work/raw" 'generated makefile' "$rule" \
		'docker run, no volumes' "$work/bare" 'docker run, nothing kept' "$work/nothing" \
		'docker run that installs' "$work/installs"
	[ -z "$dockerfile" ] || set -- "$@" 'Dockerfile with cache mounts' "$work/dockerfile"
	compare "$group" "$runs" "$prepare" "$@"
}

ways 'the first build' "${BENCH_RUNS:-3}" "$work/forget"
ways 'a fresh checkout' "${BENCH_RUNS:-5}" "$work/checkout"
ways 'after an edit' "${BENCH_RUNS:-5}" "$work/edit"
ways 'nothing to do' "${BENCH_RUNS:-10}" ''

# An engine gives a container a network of its own unless it is told otherwise: a bridge.  The lab's
# engine has none by default.
bridge=cachemk-bench
if docker network create "$bridge" >/dev/null; then
	way raw-bridge "exec ${common%--network=host*}--network=$bridge${common##*--network=host}\
 --user $(id -u):$(id -g) $volumes $image cargo build --release"
	compare 'nothing to do, with a network of its own' "${BENCH_RUNS:-25}" '' \
		'docker run, volumes' "$work/raw-bridge" \
		'generated makefile' "env DOCKER_RUN_FLAGS=--network=$bridge $rule"
	docker network rm "$bridge" >/dev/null
fi
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
docker image rm --force "$image" "$base" >/dev/null
