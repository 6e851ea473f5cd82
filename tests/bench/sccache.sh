#!/bin/sh
# Measures builds of an example in a fresh checkout, whose target directory is empty and whose caches
# are filled, without and with an edit: by the generated makefile alone, with `sccache = volume`, with
# `target_dir = volume`, with both, and by a Dockerfile with cache mounts.  Then with an edit on a machine
# that has only what a registry gives it, such as one of a CI service; and with an edit of a project that
# has some of its libraries in its own repository.  What counts is the processor time in the container:
# other work on the machine changes little in it.  E2E_LAB as in common.sh.
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
[bench-both]
description = both
sccache     = volume
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

# A Dockerfile needs BuildKit; where it cannot be had, it is left out.
ways='plain sccache volume'
if "$top/tests/e2e/engine" buildx "$E2E_LAB"; then
	ways="$ways dockerfile"
	printf 'target\nout\n' >.dockerignore
fi

# write_dockerfile MACHINE: which has cache mounts of its own
write_dockerfile() {
	cat >"$work/Dockerfile" <<-END
		FROM $base
		WORKDIR /workspace
		COPY . .
		RUN --mount=type=cache,id=$1-registry,target=/usr/local/cargo/registry \
		    --mount=type=cache,id=$1-target,target=target \
		    cargo build --release && mkdir /out && cp target/release/wordfreq /out && printf used= && $used
		FROM scratch
		COPY --from=0 /out /
	END
}

# build_way WAY: prints the seconds that processors worked in its container, 0 if there was none
build_way() {
	[ "$1" = dockerfile ] || { processor_time "bench-$1"; return; }
	DOCKER_CONFIG=$E2E_LAB/buildx.config docker buildx build --network=host --progress=plain \
		--file "$work/Dockerfile" --output type=local,dest=out . >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
	sed -n 's/.* used=\([0-9]\)/\1/p' "$work/log" | awk '{ used = $1 } END { print used + 0 }'
}

# name_way WAY: what the table calls it
name_way() {
	case $1 in
	plain) echo 'generated makefile' ;;
	sccache) echo 'sccache = volume' ;;
	volume) echo 'target_dir = volume' ;;
	both) echo 'sccache and target_dir = volume' ;;
	dockerfile) echo 'Dockerfile with cache mounts' ;;
	esac
}

# compare_ways GROUP RUNS PREPARE: each of $ways, before which PREPARE WAY runs
compare_ways() {
	rm -f "$work"/used.*
	for _ in $(seq "$2"); do
		for way in $ways; do
			"$3" "$way"
			build_way "$way" >>"$work/used.$way"
		done
	done
	printf '%s||runs|%s\n' "$1" "$2" >>"$results"
	for way in $ways; do record "$1" "$(name_way "$way")" 'cpu ms' "$(median "$work/used.$way")"; done
}

# fill_caches: of each way
fill_caches() {
	for way in $ways; do
		"$work/checkout"
		build_way "$way" >/dev/null
	done
}

write_dockerfile "bench-$$"
fill_caches
compare_ways 'a fresh checkout of wordfreq' "${BENCH_RUNS:-3}" "$work/checkout"
compare_ways 'a fresh checkout of wordfreq, after an edit' "${BENCH_RUNS:-3}" "$work/edit"

hub=$E2E_REGISTRY/cachemk-bench-$$
machine=0

# move_cache RULE WAY
move_cache() {
	make -s -f "$work/cache.mk" "$1-bench-$2" REGISTRY="$hub" >"$work/log" 2>&1 || { cat "$work/log" >&2; exit 1; }
}

# move_on WAY: to a new machine, with an edited checkout
move_on() {
	case $1 in
	dockerfile)
		machine=$((machine + 1))
		write_dockerfile "bench-$$-$machine"
		;;
	*)
		make -s -f "$work/cache.mk" "clean-cache-bench-$1" YES=1 >/dev/null
		move_cache pull-cache "$1"
		;;
	esac
	"$work/edit"
}

move_cache push-cache plain
move_cache push-cache sccache
ways=$(printf '%s\n' "$ways" | sed 's/ volume//') # which stays on its machine
compare_ways 'an edit of wordfreq on a new machine' "${BENCH_RUNS:-3}" move_on

# take_in CRATE...: moves crates that the program depends on into its repository, as a larger project
# has its own libraries
take_in() {
	docker run --rm -v cargo-cache-bench-plain:/cache:ro -v "$PWD:/workspace" -w /workspace "$base" sh -c '
		mkdir crates && for name; do cp -R /cache/src/*/"$name"-[0-9]* "crates/$name" || exit; done' sh "$@"
	printf '[patch.crates-io]\n' >>Cargo.toml
	for name; do printf '%s = { path = "crates/%s" }\n' "$name" "$name" >>Cargo.toml; done
}

take_in aho-corasick clap regex regex-syntax
write_dockerfile "bench-$$"
ways=$(printf '%s\n' "$ways" | sed 's/ sccache/& volume both/')
fill_caches
compare_ways 'an edit of wordfreq with four libraries of its own' "${BENCH_RUNS:-3}" "$work/edit"
make -s -f "$work/cache.mk" clean-cache YES=1 >/dev/null
for target in plain sccache volume both; do
	docker image ls --quiet --filter "label=cachemk.target=bench-$target" |
		xargs docker image rm --force >/dev/null 2>&1 || :
done
docker image rm --force "$base" >/dev/null
