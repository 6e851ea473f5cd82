#!/bin/sh
# Measures builds of a project with twelve dependencies: the first, one of a fresh checkout, one after
# an edit; beside `docker run` by hand without and with volumes for cargo.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

gen/cachemk -o "$work/cache.mk" targets.ini
cp -R tests/e2e/fixtures/small "$work/small"
cd "$work/small"
rule="make -f $work/cache.mk build-linux-x64"
image=$(sed -n 's/^prepared=\(cachemk:linux-x64-.*\)/\1/p' "$work/cache.mk")
common="docker run --rm --init --network=host --user $(id -u):$(id -g) -v $PWD:/workspace -w /workspace"
common="$common -e CARGO_TARGET_DIR=/workspace/target/x86_64-unknown-linux-gnu"
volumes='-v cargo-cache-x64:/usr/local/cargo/registry -v cargo-git-cache-x64:/usr/local/cargo/git'
$rule >/dev/null 2>&1
cat >"$work/forget" <<'END'
#!/bin/sh
rm -rf target
docker volume rm --force cargo-cache-x64 cargo-git-cache-x64 >/dev/null
END
chmod +x "$work/forget"

# three GROUP PREPARE: the same, in three ways
three() {
	measure "$1" 'docker run, no volumes' "${BENCH_RUNS:-5}" "$common $image cargo build --release" "$2"
	measure "$1" 'docker run, volumes' "${BENCH_RUNS:-5}" "$common $volumes $image cargo build --release" "$2"
	measure "$1" 'make build-linux-x64' "${BENCH_RUNS:-5}" "$rule" "$2"
}

three 'the first build' "$work/forget"
three 'a fresh checkout' 'rm -rf target'
three 'after an edit' 'touch src/main.rs'
