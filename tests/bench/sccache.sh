#!/bin/sh
# Measures builds of an example in a fresh checkout, whose target directory is empty and whose caches
# are filled, without and with an edit: by the generated makefile alone, with `sccache = volume`, with
# `target_dir = volume`, and by a Dockerfile with cache mounts.  E2E_LAB as in common.sh.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
need_lab

base=cachemk-bench-sccache
tests/e2e/engine sccache "$E2E_LAB"
printf 'FROM %srust:latest\nCOPY usr /usr\n' "${E2E_IMAGES-}" >"$work/Dockerfile"
tar -c -C "$work" Dockerfile -C "$E2E_LAB/sccache" usr/bin/sccache |
	docker build --quiet --pull --platform linux/amd64 --tag "$base" - >/dev/null 2>&1
cat >"$work/targets.ini" <<END
[defaults]
triple     = x86_64-unknown-linux-gnu
image      = $base
[bench-plain]
description = nothing else
[bench-sccache]
description = sccache = volume
sccache     = volume
[bench-volume]
description = target_dir = volume
target_dir  = volume
END
gen/cachemk -o "$work/cache.mk" "$work/targets.ini"
cp -R examples/wordfreq "$work/wordfreq"
cd "$work/wordfreq"
rm -rf Cargo.lock target # the lab's crates have other checksums than those of crates.io
make -f "$work/cache.mk" fetch-bench-plain >/dev/null 2>&1

# A checkout gives all files the time at which it was made.
printf '%s\n' '#!/bin/sh' 'rm -rf target out' 'find . -type f -exec touch {} +' >"$work/checkout"
{ cat "$work/checkout" && echo 'echo // >>src/main.rs'; } >"$work/edit"
chmod +x "$work/checkout" "$work/edit"

set --
for target in plain sccache volume; do
	case $target in
	plain) name='generated makefile' ;;
	sccache) name='sccache = volume' ;;
	volume) name='target_dir = volume' ;;
	esac
	set -- "$@" "$name" "make -f $work/cache.mk build-bench-$target"
done
# A Dockerfile needs BuildKit; where it cannot be had, it is left out.
if "$top/tests/e2e/engine" buildx "$E2E_LAB"; then
	cat >"$work/Dockerfile" <<-END
		FROM $base
		WORKDIR /workspace
		COPY . .
		RUN --mount=type=cache,target=/usr/local/cargo/registry --mount=type=cache,target=target \
		    cargo build --release && mkdir /out && cp target/release/wordfreq /out
		FROM scratch
		COPY --from=0 /out /
	END
	printf 'target\nout\n' >.dockerignore
	printf '%s\n' '#!/bin/sh' "export DOCKER_CONFIG=$E2E_LAB/buildx.config" \
		"exec docker buildx build --network=host --file $work/Dockerfile --output type=local,dest=out ." \
		>"$work/dockerfile"
	chmod +x "$work/dockerfile"
	set -- "$@" 'Dockerfile with cache mounts' "$work/dockerfile"
fi
compare 'a fresh checkout of wordfreq' "${BENCH_RUNS:-3}" "$work/checkout" "$@"
compare 'a fresh checkout of wordfreq, after an edit' "${BENCH_RUNS:-3}" "$work/edit" "$@"
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
for target in plain sccache volume; do
	docker image ls --quiet --filter "label=cachemk.target=bench-$target" |
		xargs docker image rm --force >/dev/null 2>&1 || :
done
docker image rm --force "$base" >/dev/null
