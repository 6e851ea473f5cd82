#!/usr/bin/env bats
# list-cache, cache-stats, clean-cache, prune-cache and inspect-cache.
# shellcheck disable=SC2016,SC2030,SC2031,SC2034,SC2154 # `when` takes code for sh; helper.bash and bats set and use the rest

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# Volumes of others, with names that hold ours or are held by them, some of other projects' labels.
foreign=(cargo-cache cargo-cache-x cargo-cache-x64-old my-cargo-cache-x64 cargo-cache-musl
	old-cargo-git-cache-x64 cargo-git-cache-old)

has_foreign_volumes() {
	local name
	for name in "${foreign[@]}"; do has_volume "$name" 1:1 "$PWD/elsewhere"; done
	has_volume cargo-cache-x 1:1 "${PWD%?}"
	has_volume cargo-cache-musl
}

# Of targets that this project no longer has.
has_orphans() {
	has_volume cargo-cache-gone 1:1 "$PWD"
	has_volume cargo-git-cache-gone 1:1 "$PWD"
}

has_all_volumes() {
	local name
	for name in cargo-{,git-}cache-{x64,arm64,musl-x64,musl-arm64}; do
		has_volume "$name" "$caller" "$PWD"
	done
}

# volumes_left NAME...: these and all the foreign ones
volumes_left() {
	# shellcheck disable=SC2046 # names without blanks
	volumes_are $(printf '%s\n' "${foreign[@]}" "$@" | sort)
}

# surveyed LINE...: what an inspection of the volumes finds, made up
surveyed() {
	printf '%s\n' "$@" >"$FAKE_ENGINE/survey"
	when run 'cat "$FAKE_ENGINE/survey"; exit'
}

# inspected VOLUME...: one inspection, and only one, of these and nothing else, with $tools
inspected() {
	local name mounts=()
	for name; do mounts+=(-v "$name:/cachemk/$name:ro"); done
	called run --rm --init --name "$(named "${inspector:-caches}")" -i "${as_root[@]}" "${mounts[@]}" \
		"${tools:-sha256:tools}" timeout -s KILL 3600 sh -s inside print_survey "$@"
}

# The last use is the later one of both, of which the git volume's is seldom that.
x64=('volume cargo-cache-x64 21984 34 0 1763800000 2025-11-22T08:26:40Z 1760000000 2025-10-09T08:53:20Z 1763700000 2025-11-21T04:40:00Z'
	'volume cargo-git-cache-x64 96 0 2 1763900000 2025-11-23T12:13:20Z 1760000000 2025-10-09T08:53:20Z 1763800000 2025-11-22T08:26:40Z')
disk='disk 62300000 102400000'

# has_cargo: the images' cargo writes what it is called with into $PWD/cargo-calls
has_cargo() {
	printf '%s\n' '#!/bin/sh' 'printf "%s|" "$RUSTC_BOOTSTRAP" "$(umask)" "$@" >>"$FAKE_CARGO"' \
		'echo >>"$FAKE_CARGO"' 'echo "     Removed 3 files, 1.2MiB total"' >"$FAKE_ENGINE/bin/cargo"
	chmod +x "$FAKE_ENGINE/bin/cargo"
	export FAKE_CARGO=$PWD/cargo-calls
	rm -f "$FAKE_CARGO"
	has_tools
}

# ---- list-cache

@test "list-cache lists the caches that exist, by their exact names" {
	each_shell lists_exact_names
}

lists_exact_names() {
	has_foreign_volumes
	has_volume cargo-cache-musl-arm64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-x64 "$caller" "$PWD"
	run_make list-cache "$shell"
	succeeds
	says_nothing_wrong
	prints 'Docker volume caches for Cargo builds:' cargo-cache-x64 cargo-git-cache-x64 \
		cargo-cache-musl-arm64
	calls_are version volume-ls volume-ls
	called volume ls --quiet
	called volume ls --quiet --filter label=cachemk.identity=c0ffee
}

@test "list-cache says when there are none" {
	each_shell lists_nothing
}

lists_nothing() {
	local rule
	for rule in list-cache list-cache-alpine-x64; do
		new_engine
		run_make "$rule" "$shell"
		succeeds
		prints 'Docker volume caches for Cargo builds:' 'No caches found'
		has_foreign_volumes
		run_make "$rule" V=1 "$shell"
		prints 'Docker volume caches for Cargo builds:' 'No caches found'
	done
}

@test "list-cache shows as orphans what targets have left that the project no longer has" {
	each_shell lists_orphans
}

lists_orphans() {
	has_foreign_volumes
	has_orphans
	run_make list-cache "$shell"
	succeeds
	prints 'Docker volume caches for Cargo builds:' 'cargo-cache-gone (orphan)' \
		'cargo-git-cache-gone (orphan)'
	has_volume cargo-cache-x64 "$caller" "$PWD"
	run_make list-cache KIND=registry "$shell"
	prints 'Docker volume caches for Cargo builds:' cargo-cache-x64 'cargo-cache-gone (orphan)'
	run_make list-cache KIND=git "$shell"
	prints 'Docker volume caches for Cargo builds:' 'cargo-git-cache-gone (orphan)'
}

@test "list-cache-T lists that target's alone, without orphans; so does the alias" {
	each_shell lists_one
}

lists_one() {
	local name
	has_all_volumes
	has_orphans
	has_foreign_volumes
	for name in linux-musl-x64 alpine-x64; do
		forget_calls
		run_make "list-cache-$name" "$shell"
		succeeds
		says_nothing_wrong
		prints 'Docker volume caches for Cargo builds:' cargo-cache-musl-x64 cargo-git-cache-musl-x64
		calls_are version volume-ls volume-ls
	done
	run_make list-cache-linux-x64 KIND=git "$shell"
	prints 'Docker volume caches for Cargo builds:' cargo-git-cache-x64
}

@test "list-cache V=1 adds size, last use and targets, after one inspection" {
	each_shell lists_in_detail
}

lists_in_detail() {
	has_tools
	has_foreign_volumes
	has_orphans
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-arm64
	surveyed 'mode cargo-cache-x64 0:0 1777' "${x64[@]}" 'volume cargo-cache-gone 4 0 0 - - - - - -' \
		'volume cargo-git-cache-gone 1500000 0 7 1563900000 2019-07-23T16:40:00Z 1 x 1 x' "$disk"
	run_make list-cache V=1 "$shell"
	succeeds
	shows_commands
	prints 'Docker volume caches for Cargo builds:' \
		'cargo-cache-x64                            22.5MB  2025-11-22  linux-x64' \
		'cargo-git-cache-x64                        98.3kB  2025-11-23  linux-x64' \
		'cargo-cache-arm64                               ?  ?           linux-arm64' \
		'cargo-cache-gone                           4.10kB  -           (orphan)' \
		'cargo-git-cache-gone                       1.54GB  2019-07-23  (orphan)'
	calls_are version volume-ls volume-ls version image-inspect image-ls image-inspect run
	inspected cargo-cache-x64 cargo-git-cache-x64 cargo-cache-arm64 cargo-cache-gone \
		cargo-git-cache-gone
	forget_calls
	run_make list-cache-linux-x64 V=1 "$shell"
	prints 'Docker volume caches for Cargo builds:' \
		'cargo-cache-x64                            22.5MB  2025-11-22  linux-x64' \
		'cargo-git-cache-x64                        98.3kB  2025-11-23  linux-x64'
	inspector=linux-x64 inspected cargo-cache-x64 cargo-git-cache-x64
}

@test "list-cache V=1 without a prepared image shows what can be known" {
	has_volume cargo-cache-x64
	run_make list-cache V=1
	succeeds
	shows_commands
	prints 'Docker volume caches for Cargo builds:' \
		'cargo-cache-x64                                 ?  ?           linux-x64'
	calls_are version volume-ls volume-ls version image-inspect image-ls
}

@test "an engine that cannot list its volumes is an error" {
	local rule
	when volume 'fail "Error response from daemon: broken"'
	for rule in list-cache cache-stats clean-cache prune-cache inspect-cache verify-cache \
		list-cache-linux-x64 'backup-cache-linux-x64 FILE=f'; do
		# shellcheck disable=SC2086 # words
		run_make YES=1 $rule
		fails
		complains 'Error response from daemon: broken'
		has_no 'No caches found'
		no_call_is '^run '
	done
}

# ---- What is common to all

@test "KIND, FORMAT, AGE and SIZE that are none: one line, and nothing is done" {
	each_shell refuses_bad_words
}

refuses_bad_words() {
	local rule kind age size
	has_all_volumes
	has_tools
	for rule in {list-cache,cache-stats,clean-cache,inspect-cache}{,-alpine-x64}; do
		for kind in banana GIT 'git registry' "it's" '$HOME'; do
			refused "KIND is '$kind': set it to registry, git, sccache or target, or leave it out for all." \
				"$rule" KIND="$kind"
		done
	done
	for rule in prune-cache prune-cache-linux-x64 restore-cache-linux-x64; do
		refused "KIND does not apply to $rule, which is for all kinds together: leave it out." \
			"$rule" KIND=banana FILE=f
	done
	for rule in verify-cache backup-cache-linux-x64; do
		refused "warning: KIND does not apply to $rule"$'\n'"KIND is 'banana': set it to registry, git, sccache or target, or leave it out for all." \
			"$rule" KIND=banana
	done
	for rule in cache-stats cache-stats-linux-x64; do
		refused "FORMAT is 'xml': set it to json, or leave it out for a table." "$rule" FORMAT=xml
	done
	for age in banana 30 d -1d 1.5d '30 d' 30dd 30D 3y '30d ' '*' "'d" '$d'; do
		refused "AGE is '$age': set it in hours, days, weeks or months, such as 12h, 30d, 4w or 6m." \
			prune-cache AGE="$age"
	done
	for size in x 2 G -1G 1.5G '2 G' 2GB 2T "'G" '*'; do
		refused "SIZE is '$size': set it in kB, MB or GB, such as 900K, 500M or 2G." \
			prune-cache-linux-x64 SIZE="$size"
	done
}

# refused LINE WORD...
refused() {
	local line=$1
	shift
	printf '%s\n' "$*"
	forget_calls
	run_make "$@" YES=1 "$shell"
	fails
	prints ''
	complains "$line"
	calls_change_nothing
}

calls_change_nothing() {
	no_call_is '^\(run\|build\|rm\|volume rm\|volume create\|image rm\) '
}

# As a makefile may have them for its own ends.
@test "KIND, FORMAT, AGE, SIZE and REPAIR that a makefile sets are not meant for us" {
	has_cargo
	has_volume cargo-cache-x64
	printf '%s\n' 'KIND = release' 'FORMAT = elf' 'AGE := old' 'SIZE = $(shell touch canary)' \
		'REPAIR = 1' "include $fragment" >Makefile
	run_make list-cache
	prints 'Docker volume caches for Cargo builds:' cargo-cache-x64
	run_make cache-stats
	succeeds
	run_make verify-cache
	succeeds
	[[ $(calls) == *' -v cargo-cache-x64:/cachemk/registry:ro '* ]]
	run_make prune-cache
	succeeds
	run_make list-cache KIND=git
	last_line_is 'No caches found'
	KIND=git run_make list-cache -e
	last_line_is 'No caches found'
	[ ! -e canary ]
}

@test "every rule for one target touches its volumes alone; an alias does the same" {
	each_shell touches_one
}

touches_one() {
	local rule
	for rule in list-cache cache-stats clean-cache prune-cache inspect-cache verify-cache; do
		rule_calls "$rule-linux-musl-x64" >did
		grep -q '^volume ls' did
		! grep -e 'gone' -e '-x64-old' -e 'cache-x64' -e 'cache-arm64' did
		diff did <(rule_calls "$rule-alpine-x64")
	done
}

# rule_calls RULE: of an engine with everything
rule_calls() {
	has_everything
	run_make "$1" YES=1 V=0 "$shell" >&2
	succeeds >&2
	named_calls
}

@test "make -n, into sh: every rule for caches is the same" {
	local rule
	for rule in list-cache 'list-cache V=1' cache-stats 'cache-stats FORMAT=json' \
		cache-stats-alpine-arm64 clean-cache 'clean-cache KIND=git' 'clean-cache DRY_RUN=1' \
		clean-cache-linux-x64 prune-cache 'prune-cache-linux-x64 AGE=1d SIZE=2G DRY_RUN=1' \
		inspect-cache inspect-cache-linux-arm64 verify-cache 'verify-cache-linux-x64 REPAIR=1'; do
		printf '%s\n' "$rule"
		has_everything
		# shellcheck disable=SC2086 # words
		"$make" -s $rule YES=1 >out
		named_calls >did
		has_everything
		# shellcheck disable=SC2086 # words
		"$make" -n $rule YES=1 | sh >again
		diff did <(named_calls)
		diff out again
	done
}

# The disk is one on which nothing happens meanwhile.
has_everything() {
	new_engine
	has_cargo
	printf '%s\n' '#!/bin/sh' 'printf "%s\n" head "x 100 40 60 40% /"' >"$FAKE_ENGINE/bin/df"
	chmod +x "$FAKE_ENGINE/bin/df"
	has_all_volumes
	has_orphans
	has_foreign_volumes
}

# ---- The inspection of the volumes

# entry VOLUME PATH TIME: a file of 5 KiB of that time, with the directories above it
entry() {
	local path=$FAKE_ENGINE/content/$1/$2
	mkdir -p "${path%/*}"
	head -c 5000 /dev/zero >"$path"
	touch -d "@$3" "$path"
}

@test "the inspection counts crates and databases, and finds their times" {
	each_image surveys
}

surveys() {
	local volume
	has_tools
	for volume in cargo-cache-x64 cargo-git-cache-x64 cargo-cache-arm64; do has_volume "$volume"; done
	entry cargo-cache-x64 cache/crates.io-1/a-1.0.0.crate 1700000000
	entry cargo-cache-x64 cache/crates.io-1/b-1.0.0.crate 1600000000
	entry cargo-cache-x64 cache/other/b-1.0.0.crate 1650000000
	entry cargo-cache-x64 src/crates.io-1/a-1.0.0/Cargo.toml 1100000000
	entry cargo-cache-x64 .global-cache 1710000000
	entry cargo-cache-x64 .package-cache 1500000000
	entry cargo-git-cache-x64 db/one-1/HEAD 1400000000
	entry cargo-git-cache-x64 checkouts/one-1/abcdef/README 1400000000
	find "$FAKE_ENGINE"/content/*/{db,checkouts,cache} -type d -exec touch -d @1450000000 {} +
	chmod 1777 "$FAKE_ENGINE/content/cargo-cache-x64"
	run_make cache-stats-linux-x64 FORMAT=json
	succeeds
	says_nothing_wrong
	json_has 'd["targets"][0]["crates"] == 3'
	json_has 'd["targets"][0]["last_used"] == "2024-03-09T16:00:00Z"'
	json_has '15000 < d["targets"][0]["registry"]["bytes"] < 200000'
	json_has '0 < d["disk"]["free_bytes"] < d["disk"]["bytes"]'
	run_make inspect-cache
	succeeds
	says_nothing_wrong
	has_line "  owner        $(id_of_this_user), mode 1777"
	has_line '  crates       3'
	has_line '  databases    1'
	has_line '  last used    2024-03-09T16:00:00Z'
	has_line '  oldest entry 2020-09-13T12:26:40Z'
	has_line '  newest entry 2023-11-14T22:13:20Z'
	has_line '  newest entry 2015-12-13T09:46:40Z'
	has_line '  crates       0'
	has_line '  newest entry none'
}

# The stand-in for id is the caller's.
id_of_this_user() {
	stat -c %u:%g "$FAKE_ENGINE/content/cargo-cache-x64"
}

@test "the inspection changes nothing in the volumes" {
	each_image surveys_alone
}

surveys_alone() {
	has_tools
	has_volume cargo-cache-x64
	entry cargo-cache-x64 cache/crates.io-1/a-1.0.0.crate 1700000000
	find "$FAKE_ENGINE"/content/* -printf '%p %m %T@\n' >before
	run_make cache-stats
	run_make list-cache V=1
	run_make inspect-cache
	succeeds
	diff before <(find "$FAKE_ENGINE"/content/* -printf '%p %m %T@\n')
	volumes_are cargo-cache-x64
}

@test "the inspection uses an image of a target's, for the engine's own platform, or any other" {
	local target images=() describing='{{.Architecture}} {{.Id}} {{index .Config.Labels "cachemk.registry"}}'
	for target in linux-x64 linux-arm64 linux-musl-x64 linux-musl-arm64; do images+=("$(prepared "$target")"); done
	has_volume cargo-cache-x64
	has_image cachemk:b linux/arm64 no sha256:arm
	surveyed
	run_make cache-stats
	grep -q '^run .* sha256:arm timeout -s KILL 3600 sh -s ' <<<"$(calls)"
	has_tools
	has_image rust:latest linux/amd64 - sha256:base
	forget_calls
	run_make cache-stats
	grep -q '^run .* sha256:tools timeout -s KILL 3600 sh -s ' <<<"$(calls)"
	called image ls --filter label=cachemk.target --format '{{.Repository}}:{{.Tag}}'
	[ "$(calls | grep -c '^version')" -eq 2 ]
	called image inspect --format "$describing" "${images[@]}"
	called image inspect --format "$describing" cachemk:b cachemk:of-before
}

@test "no inspection uses an image that only has our label, or that another project has pulled" {
	has_volume cargo-cache-x64
	has_image evil:latest linux/amd64 no sha256:evil
	has_image cachemk:other-0123456789abcdef linux/amd64 no sha256:pulled
	printf 'cachemk:other-0123456789abcdef ghcr.io/you/other\n' >"$FAKE_ENGINE/from"
	run_make cache-stats
	no_call_is '^run'
	has_image "$(prepared linux-x64)" linux/amd64 no sha256:own
	printf '%s ghcr.io/me/project\n' "$(prepared linux-x64)" >>"$FAKE_ENGINE/from"
	surveyed
	run_make cache-stats
	grep -q '^run .* sha256:own timeout -s KILL 3600 sh -s ' <<<"$(calls)"
}

@test "an inspection that fails is an error" {
	local rule
	has_tools
	has_volume cargo-cache-x64
	when run 'fail "Error response from daemon: out of disk" 125'
	for rule in cache-stats 'list-cache V=1' inspect-cache; do
		# shellcheck disable=SC2086 # words
		run_make $rule
		fails
		complains $'Error response from daemon: out of disk\nThe caches could not be read: see above, and try again.'
		has_no Total
	done
}

@test "a cache of 30000 crates is counted" {
	has_tools
	has_volume cargo-cache-x64
	mkdir -p "$FAKE_ENGINE/content/cargo-cache-x64/cache/index.crates.io-1949cf8c6b5b557f"
	(cd "$FAKE_ENGINE/content/cargo-cache-x64/cache"/* &&
		seq -f 'a-crate-with-a-name-as-long-as-some-are-%06g-1.0.0.crate' 30000 | xargs touch)
	run_make cache-stats-linux-x64 FORMAT=json
	succeeds
	json_has 'd["targets"][0]["crates"] == 30000'
}

# ---- cache-stats

head='Sizes of the Docker volume caches for Cargo builds:'
# titles WIDTH
titles() {
	printf "%-$1s REGISTRY      GIT    IMAGE CRATES LAST USED\n" TARGET
}

@test "cache-stats shows a table with a bar for each target, after one inspection" {
	each_shell shows_a_table
}

shows_a_table() {
	has_foreign_volumes
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-musl-arm64
	has_volume cargo-git-cache-arm64
	has_image "$(prepared linux-x64)"
	surveyed "${x64[@]}" \
		'volume cargo-cache-musl-arm64 11000 5 0 1763800000 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-git-cache-arm64 4 0 1 1763800000 2025-11-22T08:26:40Z 1 x 1 x' "$disk"
	run_make cache-stats "$shell"
	succeeds
	says_nothing_wrong
	prints "$head" "$(titles 16)" \
		'linux-x64          22.5MB   98.3kB   1.20GB     34 2025-11-23 #################' \
		'linux-arm64             -   4.10kB        -      - 2025-11-22 #' \
		'linux-musl-x64          -        -        -      - -' \
		'linux-musl-arm64   11.3MB        -        -      5 2025-11-22 #########' \
		'Total: 33.9MB' \
		"Free on the engine's disk: 63.8GB of 105GB"
	fits_80_columns
	calls_are version volume-ls volume-ls version image-inspect run image-inspect
	tools=sha256:of-$(prepared linux-x64) \
		inspected cargo-cache-x64 cargo-git-cache-x64 cargo-git-cache-arm64 cargo-cache-musl-arm64
	called image inspect --format 'image {{range .RepoTags}}{{.}} {{end}}{{.Size}}' \
		"$(prepared linux-x64)" "$(prepared linux-arm64)" "$(prepared linux-musl-x64)" \
		"$(prepared linux-musl-arm64)"
}

fits_80_columns() {
	[ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le 80 ] || { show_run && return 1; }
	! grep -q ' $' <<<"$output" || { show_run && return 1; }
}

@test "cache-stats in a locale in UTF-8 has bars by eighths" {
	each_shell shows_fine_bars
}

shows_fine_bars() {
	local variable
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-cache-arm64
	has_volume cargo-cache-musl-x64
	has_volume cargo-cache-musl-arm64
	surveyed 'volume cargo-cache-x64 17000 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-cache-arm64 2400 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-cache-musl-x64 4 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-cache-musl-arm64 0 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' "$disk"
	for variable in LC_ALL=C.UTF-8 LC_ALL=C.utf8 LC_CTYPE=C.UTF-8 LANG=C.UTF-8; do
		LC_ALL='' LANG=C.UTF-8 run_make cache-stats "$shell" --eval "export $variable"
		succeeds
		says_nothing_wrong
		prints "$head" "$(titles 16)" \
			'linux-x64          17.4MB        -        -      1 2025-11-22 █████████████████' \
			'linux-arm64        2.46MB        -        -      1 2025-11-22 ██▌' \
			'linux-musl-x64     4.10kB        -        -      1 2025-11-22 ▏' \
			'linux-musl-arm64       0B        -        -      1 2025-11-22' \
			'Total: 19.9MB' \
			"Free on the engine's disk: 63.8GB of 105GB"
		fits_80_columns
	done
	LC_ALL=C LANG=C.UTF-8 run_make cache-stats "$shell"
	has_line 'linux-arm64        2.46MB        -        -      1 2025-11-22 ###'
}

@test "cache-stats: orphans have rows of their own" {
	each_shell shows_orphans
}

shows_orphans() {
	has_foreign_volumes
	has_orphans
	has_volume cargo-git-cache-a-very-long-name-that-a-target-had 1:1 "$PWD"
	surveyed 'volume cargo-cache-gone 1000 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-git-cache-gone 1000 0 1 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-git-cache-a-very-long-name-that-a-target-had 500 0 1 1 2025-11-22T08:26:40Z 1 x 1 x'
	has_tools
	run_make cache-stats "$shell"
	succeeds
	prints "$head" "$(titles 24)" \
		'linux-x64                       -        -        -      - -' \
		'linux-arm64                     -        -        -      - -' \
		'linux-musl-x64                  -        -        -      - -' \
		'linux-musl-arm64                -        -        -      - -' \
		'gone (orphan)              1.02MB   1.02MB        -      1 2025-11-22 #########' \
		'a-very-long-name-that-a-target-had (orphan)' \
		'                                -    512kB        -      - 2025-11-22 ###' \
		'Total: 2.56MB'
	fits_80_columns
	forget_calls
	run_make cache-stats-alpine-x64 "$shell"
	prints "$head" "$(titles 14)" 'linux-musl-x64        -        -        -      - -' 'Total: 0B'
	no_call_is '^run '
}

# with_targets NAME CACHE...: the fragment is for these
with_targets() {
	printf '%s\n' '[defaults]' 'triple = x86_64-unknown-linux-gnu' 'image = rust:latest' >targets.ini
	while [ $# -gt 0 ]; do
		printf '%s\n' "[$1]" 'description = D' "cache = $2" >>targets.ini
		shift 2
	done
	generate "$PWD/cache.mk" "$PWD/targets.ini"
	fragment=$PWD/cache.mk
	printf 'include cache.mk\n' >Makefile
}

@test "cache-stats keeps to 80 columns with the longest names, and with the shortest" {
	local name=a-target-whose-name-has-forty-characters
	with_targets $name $name x x
	has_tools
	has_image "$(prepared $name)"
	has_volume cargo-cache-$name
	has_volume cargo-git-cache-$name
	has_volume cargo-cache-x
	surveyed "volume cargo-cache-$name 999999999 123456 0 1 2025-11-22T08:26:40Z 1 x 1 x" \
		"volume cargo-git-cache-$name 999999999 0 1 1 2025-11-22T08:26:40Z 1 x 1 x" \
		'volume cargo-cache-x 999999999 1 0 1 2025-11-22T08:26:40Z 1 x 1 x' "$disk"
	run_make cache-stats
	prints "$head" "$(titles 24)" "$name" \
		'                           1.02TB   1.02TB   1.20GB 123456 2025-11-22 #########' \
		'x                          1.02TB        -        -      1 2025-11-22 #####' \
		'Total: 3.07TB' "Free on the engine's disk: 63.8GB of 105GB"
	fits_80_columns
	with_targets x x
	run_make cache-stats
	prints "$head" "$(titles 6)" \
		'x        1.02TB        -        -      1 2025-11-22 ###########################' \
		'Total: 1.02TB' "Free on the engine's disk: 63.8GB of 105GB"
	fits_80_columns
}

@test "cache-stats with no caches at all looks into nothing" {
	has_tools
	run_make cache-stats
	succeeds
	says_nothing_wrong
	[ "$(grep -c ' -        -        .*      - -$' <<<"$output")" -eq 4 ]
	last_line_is 'Total: 0B'
	no_call_is '^run '
}

# The caches are there, but nobody knows their sizes.
@test "cache-stats without a prepared image does not say that nothing is used" {
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	run_make cache-stats
	succeeds
	has_line 'linux-x64               ?        ?        -      - -'
	has_no 'Total: 0B'
}

# total_of KIB KIB TOTAL
total_of() {
	surveyed "volume cargo-cache-x64 $1 1 0 - - - - - -" "volume cargo-git-cache-x64 $2 1 0 - - - - - -"
	run_make cache-stats
	last_line_is "Total: $3"
	run_make cache-stats FORMAT=json
	json_has "d['total_bytes'] == ($1 + $2) * 1024"
	json_has "d['targets'][0]['registry']['bytes'] == $1 * 1024"
}

@test "sizes are for people, and to the byte for scripts" {
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	total_of 0 0 0B
	total_of 1 0 1.02kB
	total_of 9 0 9.22kB
	total_of 97 0 99.3kB
	total_of 976 0 999kB
	total_of 977 0 1.00MB
	total_of 2000000 3000000 5.12GB
	total_of 9999999999 1 10.2TB
}

@test "sizes are to the byte under every awk" {
	local name found=
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	for name in mawk gawk original-awk busybox; do
		command -v $name >/dev/null || continue
		found=yes
		printf '%s\n' "$name"
		mkdir -p "awk-$name"
		ln -sf "$(command -v $name)" "awk-$name/awk"
		PATH=$PWD/awk-$name:$PATH total_of 2000000 3000000 5.12GB
		PATH=$PWD/awk-$name:$PATH total_of 9999999999 1 10.2TB
	done
	[ -n "$found" ]
}

@test "a cache that targets share is counted once, and named" {
	each_shell counts_once
}

counts_once() {
	with_targets one common two common three own
	has_tools
	has_volume cargo-cache-common
	has_volume cargo-git-cache-common
	surveyed 'volume cargo-cache-common 2000 3 0 1 2025-11-22T08:26:40Z 1 x 1 x' \
		'volume cargo-git-cache-common 1000 0 1 1 2025-11-22T08:26:40Z 1 x 1 x' "$disk"
	run_make cache-stats "$shell"
	succeeds
	prints "$head" "$(titles 6)" \
		'one      2.05MB   1.02MB        -      3 2025-11-22 ###########################' \
		'two      shared   shared        -' \
		'three         -        -        -      - -' \
		'Total: 3.07MB' "Free on the engine's disk: 63.8GB of 105GB"
	run_make cache-stats FORMAT=json "$shell"
	json_has 'd["total_bytes"] == 3072000'
	json_has 'd["targets"][0]["registry"] == d["targets"][1]["registry"]'
	forget_calls
	run_make list-cache V=1 "$shell"
	prints 'Docker volume caches for Cargo builds:' \
		'cargo-cache-common                         2.05MB  2025-11-22  one two' \
		'cargo-git-cache-common                     1.02MB  2025-11-22  one two'
	inspected cargo-cache-common cargo-git-cache-common
	run_make clean-cache YES=1 "$shell"
	succeeds
	has_no too
	volumes_are ''
	forget_calls
	has_volume cargo-cache-common
	run_make clean-cache-two YES=1 "$shell"
	prints 'This removes these Docker volumes:' '  cargo-cache-common' \
		'The target one uses this cache, too.' 'Removed cargo-cache-common'
}

# ---- cache-stats FORMAT=json

# json_has EXPRESSION: Python's, true of what was printed, which is d
json_has() {
	python3 -c 'import json, sys; d = json.load(sys.stdin); sys.exit(not eval(f"({sys.argv[1]})"))' "$1" \
		<<<"$output" || { show expected "$1" && show_run && return 1; }
}

@test "FORMAT=json is for scripts" {
	each_shell prints_json
}

prints_json() {
	has_foreign_volumes
	has_tools
	has_orphans
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-arm64
	has_image "$(prepared linux-x64)"
	surveyed "${x64[@]}" 'volume cargo-cache-gone 4 0 0 - - - - - -' "$disk"
	run_make cache-stats FORMAT=json "$shell"
	succeeds
	says_nothing_wrong
	json_has 'list(d) == ["targets", "compiled_bytes", "target_bytes", "total_bytes", "disk"]'
	json_has '[t["target"] for t in d["targets"]] ==
		["linux-x64", "linux-arm64", "linux-musl-x64", "linux-musl-arm64", None]'
	json_has "d['targets'][0] == {'target': 'linux-x64', 'cache': 'x64',
		'registry': {'volume': 'cargo-cache-x64', 'bytes': 22511616},
		'git': {'volume': 'cargo-git-cache-x64', 'bytes': 98304}, 'crates': 34,
		'image': {'name': '$(prepared linux-x64)', 'bytes': 1200000000},
		'last_used': '2025-11-23T12:13:20Z'}"
	json_has 'd["targets"][1] == {"target": "linux-arm64", "cache": "arm64",
		"registry": {"volume": "cargo-cache-arm64", "bytes": None},
		"git": None, "crates": None, "image": None, "last_used": None}'
	json_has 'd["targets"][2] == {"target": "linux-musl-x64", "cache": "musl-x64",
		"registry": None, "git": None, "crates": None, "image": None, "last_used": None}'
	json_has 'd["targets"][4] == {"target": None, "cache": "gone",
		"registry": {"volume": "cargo-cache-gone", "bytes": 4096},
		"git": {"volume": "cargo-git-cache-gone", "bytes": None},
		"crates": 0, "image": None, "last_used": None}'
	json_has 'd["total_bytes"] == 22614016'
	json_has 'd["disk"] == {"free_bytes": 63795200000, "bytes": 104857600000}'
	run_make cache-stats-alpine-x64 FORMAT=json KIND=git "$shell"
	json_has '[t["target"] for t in d["targets"]] == ["linux-musl-x64"]'
	json_has 'd["total_bytes"] == 0 and d["disk"] is None'
}

@test "FORMAT=json without caches, and without a prepared image" {
	run_make cache-stats FORMAT=json
	json_has 'len(d["targets"]) == 4 and d["total_bytes"] == 0 and d["disk"] is None'
	has_volume cargo-cache-x64
	FORMAT=json run_make cache-stats
	json_has 'd["targets"][0]["registry"] == {"volume": "cargo-cache-x64", "bytes": None}'
	with_targets one common two common
	has_volume cargo-cache-common
	run_make cache-stats FORMAT=json
	json_has 'd["targets"][1]["registry"] == {"volume": "cargo-cache-common", "bytes": None}'
}

# mawk reads and writes numbers as the locale has them.
@test "a locale with a decimal comma changes nothing" {
	localedef -i de_DE -f UTF-8 "$BATS_TEST_TMPDIR/de_DE.UTF-8" ||
		skip "localedef cannot make a locale"
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	surveyed "${x64[@]}" "$disk"
	LOCPATH=$BATS_TEST_TMPDIR LC_ALL=de_DE.UTF-8 run_make cache-stats
	has_line 'Total: 22.6MB'
	LOCPATH=$BATS_TEST_TMPDIR LC_ALL=de_DE.UTF-8 run_make cache-stats FORMAT=json
	json_has 'd["total_bytes"] == 22609920'
}

# ---- clean-cache

@test "clean-cache asks, and removes at yes" {
	each_shell removes_at_yes
}

removes_at_yes() {
	local answer
	for answer in y Y yes YES YeS; do
		has_foreign_volumes
		has_volume cargo-cache-x64
		has_volume cargo-git-cache-x64
		run_make_typing "$answer\\n" clean-cache "$shell"
		succeeds
		has_line 'This removes these Docker volumes:'
		has_line '  cargo-cache-x64'
		has_line '  cargo-git-cache-x64'
		has 'Are you sure? [y/N] '
		has 'Removed cargo-cache-x64'
		has_line 'Removed cargo-git-cache-x64'
		has_no 'Cancelled'
		has_no my-cargo-cache
		volumes_left
	done
}

@test "clean-cache removes nothing at any other answer, nor at the end of input" {
	each_shell cancels
}

cancels() {
	local answer
	has_foreign_volumes
	has_volume cargo-cache-x64
	for answer in 'n\n' '\n' 'yess\n' ' y\n' 'y y\n' '\\\\y\n' '*\n' ''; do
		printf 'answer: <%s>\n' "$answer"
		run_make_typing "$answer" clean-cache "$shell"
		succeeds
		has Cancelled
		has_no Removed
		volumes_left cargo-cache-x64
	done
}

@test "clean-cache with YES=1 does not ask" {
	each_shell removes_unasked
}

removes_unasked() {
	has_foreign_volumes
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-musl-x64
	run_make clean-cache YES=1 "$shell"
	succeeds
	prints 'This removes these Docker volumes:' '  cargo-cache-x64' '  cargo-git-cache-musl-x64' \
		'Removed cargo-cache-x64' 'Removed cargo-git-cache-musl-x64'
	calls_are version volume-ls volume-ls volume-rm volume-rm
	called volume rm cargo-cache-x64
	called volume rm cargo-git-cache-musl-x64
	volumes_left
}

@test "clean-cache without a terminal removes nothing, and names YES=1" {
	each_shell needs_a_terminal
}

needs_a_terminal() {
	has_volume cargo-cache-x64
	run_make clean-cache "$shell"
	fails
	complains 'Nothing was removed: cannot ask without a terminal; to confirm, run make clean-cache YES=1'
	volumes_are cargo-cache-x64
	YES=1 run_make clean-cache "$shell"
	fails
	volumes_are cargo-cache-x64
	run_make clean-cache YES=1 "$shell"
	succeeds
	volumes_are ''
}

@test "clean-cache removes nothing when YES is off" {
	local no
	has_volume cargo-cache-x64
	for no in 0 no OFF ' False ' ''; do
		run_make clean-cache YES="$no"
		fails
		complains 'Nothing was removed: cannot ask without a terminal; to confirm, run make clean-cache YES=1'
	done
	volumes_are cargo-cache-x64
}

@test "clean-cache does not take an answer out of a pipe" {
	has_volume cargo-cache-x64
	run "$make" clean-cache <<<y
	fails
	volumes_are cargo-cache-x64
}

@test "clean-cache has nothing to ask when there are no caches" {
	each_shell finds_nothing
}

finds_nothing() {
	has_foreign_volumes
	run_make clean-cache "$shell"
	succeeds
	prints 'No caches found'
	volumes_left
}

@test "clean-cache names a volume in use, and removes the others" {
	each_shell names_what_is_in_use
}

names_what_is_in_use() {
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-musl-x64
	printf 'cargo-git-cache-x64\n' >"$FAKE_ENGINE/in-use"
	run_make clean-cache YES=1 "$shell"
	fails
	complains 'cargo-git-cache-x64 was not removed: a container is using it; stop the container, and try again'
	has_line 'Removed cargo-cache-x64'
	has_line 'Removed cargo-cache-musl-x64'
	volumes_are cargo-git-cache-x64
}

@test "clean-cache removes a container of an interrupted run that never started" {
	each_shell removes_what_never_started
}

removes_what_never_started() {
	local now
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	now=$(date +%s)
	printf '%s cargo-cache-x64\n' "cachemk-linux-x64-vm-22245-$((now - 100))" >"$FAKE_ENGINE/unstarted"
	run_make clean-cache YES=1 "$shell"
	succeeds
	[ -z "$(ls -A "$FAKE_ENGINE/volumes")" ]
	# One that may be about to start, and those of others
	has_volume cargo-cache-x64
	printf '%s cargo-cache-x64\n' "cachemk-linux-x64-vm-22245-$((now + 100))" cachemk-x "db-1000000000" \
		>"$FAKE_ENGINE/unstarted"
	run_make clean-cache YES=1 "$shell"
	fails
	complains 'cargo-cache-x64 was not removed: a container is using it; stop the container, and try again'
	[ "$(wc -l <"$FAKE_ENGINE/unstarted")" -eq 3 ]
}

@test "clean-cache passes on any other reason of the engine's" {
	has_volume cargo-cache-x64
	when volume 'if [ "$2" = rm ]; then fail "Error response from daemon: permission denied"; fi'
	run_make clean-cache YES=1
	fails
	complains 'cargo-cache-x64 was not removed: Error response from daemon: permission denied'
}

@test "clean-cache removes orphans and says so; clean-cache-T does not" {
	each_shell removes_orphans
}

removes_orphans() {
	has_foreign_volumes
	has_orphans
	has_volume cargo-cache-x64 "$caller" "$PWD"
	run_make clean-cache-linux-x64 YES=1 "$shell"
	succeeds
	says_nothing_wrong
	prints 'This removes these Docker volumes:' '  cargo-cache-x64' 'Removed cargo-cache-x64'
	volumes_left cargo-cache-gone cargo-git-cache-gone
	forget_calls
	run_make clean-cache YES=1 "$shell"
	succeeds
	says_nothing_wrong
	prints 'This removes these Docker volumes:' '  cargo-cache-gone (orphan)' \
		'  cargo-git-cache-gone (orphan)' 'Removed cargo-cache-gone' 'Removed cargo-git-cache-gone'
	calls_are version volume-ls volume-ls volume-rm volume-rm
	volumes_left
}

# The label is an argument, whatever the directory is called.
@test "orphans are found in a directory of any name" {
	local directory="it's \$HOME \"a\"  [*]"
	new_project "$directory"
	cd "$directory"
	has_foreign_volumes
	has_orphans
	run_make -f "$fragment" clean-cache YES=1
	succeeds
	called volume ls --quiet --filter label=cachemk.identity=c0ffee
	volumes_left
	run_make -f "$fragment" prepare-linux-x64
	made_volume cargo-cache-x64 x64 "$caller"
}

@test "what an edit of targets.ini leaves is an orphan of this project, and no orphan elsewhere" {
	with_targets one old two two
	run_make prepare-all
	succeeds
	with_targets one new two two
	run_make list-cache
	prints 'Docker volume caches for Cargo builds:' cargo-cache-two cargo-git-cache-two \
		'cargo-cache-old (orphan)' 'cargo-git-cache-old (orphan)'
	new_project "$BATS_TEST_TMPDIR/elsewhere"
	cd "$BATS_TEST_TMPDIR/elsewhere"
	printf '%s\n' beef "$PWD" >.git/cachemk-identity
	run_make -f "$fragment" clean-cache YES=1
	volumes_are cargo-cache-old cargo-git-cache-old
}

@test "clean-cache KIND" {
	each_shell removes_one_kind
}

removes_one_kind() {
	local rule
	has_foreign_volumes
	has_orphans
	has_all_volumes
	run_make clean-cache-alpine-x64 KIND=git YES=1 "$shell"
	succeeds
	prints 'This removes these Docker volumes:' '  cargo-git-cache-musl-x64' \
		'Removed cargo-git-cache-musl-x64'
	KIND=registry run_make clean-cache YES=1 "$shell"
	succeeds
	volumes_left cargo-git-cache-{x64,arm64,musl-arm64,gone}
	run_make clean-cache KIND=registry YES=1 "$shell"
	prints 'No caches found'
	run_make clean-cache KIND=git YES=1 "$shell"
	volumes_left
}

@test "clean-cache with DRY_RUN=1 removes nothing and asks nothing" {
	each_shell removes_nothing
}

removes_nothing() {
	has_orphans
	has_volume cargo-cache-x64
	run_make clean-cache DRY_RUN=1 YES=1 "$shell"
	succeeds
	says_nothing_wrong
	prints 'This removes these Docker volumes:' '  cargo-cache-x64' '  cargo-cache-gone (orphan)' \
		'  cargo-git-cache-gone (orphan)' 'Nothing was removed (DRY_RUN=1).'
	calls_are version volume-ls volume-ls
	DRY_RUN=1 run_make_typing 'y\n' clean-cache-linux-x64 "$shell"
	succeeds
	has_no 'sure?'
	volumes_are cargo-cache-gone cargo-cache-x64 cargo-git-cache-gone
}

@test "clean-cache removes when DRY_RUN is off, and nothing when it is neither on nor off" {
	local word
	for word in '1 1' '(' '!' "'"; do
		has_volume cargo-cache-x64
		run_make clean-cache DRY_RUN="$word" YES=1
		fails
		volumes_are cargo-cache-x64
	done
	for word in '' 0 no; do
		has_volume cargo-cache-x64
		run_make clean-cache DRY_RUN="$word" YES=1
		succeeds
		volumes_are ''
	done
}

@test "clean-images with DRY_RUN=1 removes nothing and asks nothing" {
	has_tools
	run_make clean-images DRY_RUN=1
	succeeds
	prints 'This removes these prepared images:' '  cachemk:of-before 1.2GB' \
		'Nothing was removed (DRY_RUN=1).'
	calls_are version image-ls image-ls
}

# ---- prune-cache

# prunes_with WORD...: cargo's one call but for that of help
prunes_with() {
	[ "$(sed '/--help/d' "$FAKE_CARGO")" = "1|$(umask_zero)|clean|gc|-Z|gc|$(printf '%s|' "$@")" ] || {
		show expected "$@" && show 'cargo was called with' "$(cat "$FAKE_CARGO")"
		return 1
	}
	rm "$FAKE_CARGO"
}

umask_zero() {
	sh -c 'umask 0; umask'
}

@test "prune-cache lets cargo collect in each cache, with both volumes" {
	each_shell prunes_each
}

prunes_each() {
	has_foreign_volumes
	has_orphans
	has_cargo
	has_volume cargo-cache-x64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-arm64
	has_volume cargo-git-cache-musl-x64
	run_make prune-cache AGE=30d SIZE=2G "$shell"
	succeeds
	says_nothing_wrong
	prints 'Pruning the cache x64...' '     Removed 3 files, 1.2MiB total' \
		'Pruning the cache arm64...' '     Removed 3 files, 1.2MiB total'
	pruned -v cargo-cache-x64:/usr/local/cargo/registry \
		-v cargo-git-cache-x64:/usr/local/cargo/git -- '30 days' 2GB
	pruned -v cargo-cache-arm64:/usr/local/cargo/registry -- '30 days' 2GB
	calls_are version volume-ls volume-ls version image-inspect image-ls image-inspect run run
	volumes_left cargo-cache-{gone,x64,arm64} cargo-git-cache-{gone,x64,musl-x64}
}

# pruned FLAG... -- WORD...
pruned() {
	local flags=()
	while [ "$1" != -- ]; do flags+=("$1") && shift; done
	called run --rm --init --name "$(named caches)" -i "${as_root[@]}" "${flags[@]}" sha256:tools \
		timeout -s KILL 3600 sh -s inside collect "${@:2}"
}

@test "prune-cache: AGE and SIZE as cargo wants them, and its own limits without them" {
	each_image limits
}

limits() {
	has_cargo
	has_volume cargo-cache-x64
	run_make prune-cache AGE=12h
	prunes_with --max-download-age '12 hours'
	run_make prune-cache AGE=30d
	prunes_with --max-download-age '30 days'
	run_make prune-cache AGE=4w SIZE=900k
	prunes_with --max-download-age '4 weeks' --max-download-size 900kB
	AGE=6m run_make prune-cache SIZE=500M
	prunes_with --max-download-age '6 months' --max-download-size 500MB
	run_make prune-cache-linux-x64 SIZE=2G
	prunes_with --max-download-size 2GB
	run_make prune-cache-linux-x64 SIZE=900K DRY_RUN=1
	prunes_with --max-download-size 900kB --dry-run
	run_make prune-cache
	prunes_with --max-src-age '1 month' --max-crate-age '3 months' --max-index-age '3 months' \
		--max-git-co-age '1 month' --max-git-db-age '3 months'
	run_make prune-cache DRY_RUN=1
	prunes_with --max-src-age '1 month' --max-crate-age '3 months' --max-index-age '3 months' \
		--max-git-co-age '1 month' --max-git-db-age '3 months' --dry-run
}

@test "prune-cache: a cargo that cannot do it is named, and the next cache has its turn" {
	has_cargo
	printf '%s\n' '#!/bin/sh' 'exit 101' >"$FAKE_ENGINE/bin/cargo"
	has_volume cargo-cache-x64
	has_volume cargo-cache-arm64
	run_make prune-cache
	fails
	[ "$(grep -c "^prune-cache needs Rust 1.76 or later in the image: run make pull-images." <<<"$stderr")" -eq 2 ]
}

@test "prune-cache: a failure is one, after all have had their turn" {
	has_tools
	has_volume cargo-cache-x64
	has_volume cargo-cache-arm64
	when run 'case $* in *cache-x64*) fail "Error response from daemon: broken" 125 ;; esac; exit 0'
	run_make prune-cache
	fails
	complains 'Error response from daemon: broken
Pruning the cache x64 failed: try again.'
	prints 'Pruning the cache x64...' 'Pruning the cache arm64...'
}

@test "prune-cache: what is wrong with the cache is told, and not cargo's to find" {
	has_cargo
	has_volume cargo-cache-x64
	mkdir -p home/registry/.package-cache
	printf '#!/bin/sh\nexport CARGO_HOME=%q\nexec /bin/sh "$@"\n' "$PWD/home" >"$FAKE_ENGINE/bin/sh"
	chmod +x "$FAKE_ENGINE/bin/sh"
	run_make prune-cache
	fails
	complains '.package-cache is a directory: make verify-cache REPAIR=1 removes it.
Pruning the cache x64 failed: see above.'
	rmdir home/registry/.package-cache
	run_make prune-cache
	succeeds
}

@test "an inspection of caches that took too long says so" {
	has_tools
	has_cargo
	has_volume cargo-cache-x64
	when run 'exit 137'
	for rule in 'list-cache V=1' cache-stats inspect-cache; do
		# shellcheck disable=SC2086 # words
		run_make $rule
		fails
		complains 'The caches could not be read: it took more than an hour, or was killed; make clean-cache removes the cache.'
	done
	run_make prune-cache
	complains 'Pruning the cache x64 failed: it took more than an hour, or was killed; make clean-cache removes the cache.'
}

@test "prune-cache prunes a cache that targets share once" {
	with_targets one common two common
	has_cargo
	has_volume cargo-cache-common
	run_make prune-cache
	prints 'Pruning the cache common...' '     Removed 3 files, 1.2MiB total'
}

@test "without a prepared image, what needs one says so" {
	each_shell needs_tools
}

needs_tools() {
	local rule
	has_volume cargo-cache-x64
	has_volume cargo-cache-musl-x64
	for rule in prune-cache verify-cache prune-cache-linux-x64 verify-cache-linux-x64 \
		'backup-cache-linux-x64 FILE=f'; do
		# shellcheck disable=SC2086 # words
		run_make $rule "$shell"
		fails
		complains 'This needs a prepared image, and there is none: run make prepare-linux-x64.'
	done
	run_make prune-cache-alpine-x64 "$shell"
	complains 'This needs a prepared image, and there is none: run make prepare-linux-musl-x64.'
	no_call_is '^run '
}

@test "without caches there is nothing to prune, to inspect or to verify" {
	each_shell finds_no_caches
}

finds_no_caches() {
	local rule
	has_foreign_volumes
	has_tools
	for rule in {prune,inspect,verify,clean}-cache{,-linux-x64,-alpine-arm64}; do
		run_make "$rule" "$shell"
		succeeds
		says_nothing_wrong
		prints 'No caches found'
	done
	calls_change_nothing
	volumes_left
}

# ---- inspect-cache

@test "inspect-cache tells all that is known" {
	each_shell inspects
}

inspects() {
	has_foreign_volumes
	has_tools
	has_volume cargo-cache-x64 1234:5678 "/home/a b/it's"
	has_volume cargo-git-cache-x64
	has_volume cargo-git-cache-gone 1:1 "$PWD"
	surveyed 'mode cargo-cache-x64 1234:5678 1777' 'mode cargo-git-cache-x64 0:0 755' "${x64[0]}" \
		'volume cargo-git-cache-x64 4 0 0 - - - - - -' "$disk"
	run_make inspect-cache "$shell"
	succeeds
	says_nothing_wrong
	prints cargo-cache-x64 \
		'  driver       local' \
		'  mount point  /engine/volumes/cargo-cache-x64/_data' \
		'  label        cachemk.user = 1234:5678' \
		"  label        cachemk.project = /home/a b/it's" \
		'  owner        1234:5678, mode 1777' \
		'  size         22.5MB' \
		'  crates       34' \
		'  last used    2025-11-22T08:26:40Z' \
		'  oldest entry 2025-10-09T08:53:20Z' \
		'  newest entry 2025-11-21T04:40:00Z' \
		cargo-git-cache-x64 \
		'  driver       local' \
		'  mount point  /engine/volumes/cargo-git-cache-x64/_data' \
		'  owner        0:0, mode 755' \
		'  size         4.10kB' \
		'  databases    0' \
		'  last used    none' \
		'  oldest entry none' \
		'  newest entry none' \
		cargo-git-cache-gone \
		'  driver       local' \
		'  mount point  /engine/volumes/cargo-git-cache-gone/_data' \
		'  label        cachemk.user = 1:1' \
		"  label        cachemk.project = $PWD" \
		'  owner        ?' \
		'  size         ?' \
		'  databases    ?' \
		'  last used    ?' \
		'  oldest entry ?' \
		'  newest entry ?'
	calls_are version volume-ls volume-ls version image-inspect image-ls image-inspect run volume-inspect
	inspected cargo-cache-x64 cargo-git-cache-x64 cargo-git-cache-gone
}

@test "inspect-cache-T, KIND, and without a prepared image" {
	each_shell inspects_one
}

inspects_one() {
	has_all_volumes
	has_orphans
	run_make inspect-cache-alpine-arm64 KIND=git "$shell"
	succeeds
	says_nothing_wrong
	first_line_is cargo-git-cache-musl-arm64
	has_line '  owner        ?'
	has_line '  size         ?'
	[ "$(grep -c '^[^ ]' <<<"$output")" -eq 1 ]
	run_make inspect-cache-linux-x64 "$shell"
	[ "$(grep '^[^ ]' <<<"$output")" = $'cargo-cache-x64\ncargo-git-cache-x64' ]
}

@test "inspect-cache fails when the engine does" {
	has_volume cargo-cache-x64
	when volume 'if [ "$2" = inspect ]; then fail "Error response from daemon: broken"; fi'
	run_make inspect-cache
	fails
	complains 'Error response from daemon: broken'
}
