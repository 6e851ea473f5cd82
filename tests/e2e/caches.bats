#!/usr/bin/env bats
# What people do with their caches, on a real engine: look at them, prune, move and repair them.
#
#   E2E_FOREIGN=N  volumes of others that are on the engine while cache-stats is measured (200)

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

crates=12 # of fixtures/small

setup_file() {
	setup_family kept
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
	empty app
	type_in app fetch-kept-one
}

# empty NAME [LINE...]: a project of twelve crates and a git dependency, with a cache of its own
empty() {
	target one "$@" | project "$1" small
	with_git "$1"
	remove_volumes "$1"
}

# stocked NAME: the same with all that it needs in its cache, as root's build has put it there
stocked() {
	empty "$1"
	cp app/Cargo.lock "$1"
	type_in "$1" prepare-kept-one
	docker run --rm --network=none \
		-v "cargo-cache-app$own":/from/registry:ro -v "cargo-git-cache-app$own":/from/git:ro \
		-v "cargo-cache-$1$own":/to/registry -v "cargo-git-cache-$1$own":/to/git \
		"${E2E_IMAGES-}rust:latest" cp -a /from/. /to
}

# rebuilds PROJECT: a build from nothing but the cache makes its program
rebuilds() {
	rm -rf "$1/target"
	type_in "$1" build-kept-one OFFLINE=1
	"$1/target/x86_64-unknown-linux-gnu/release/small"
}

# checks PROJECT: so does what needs less time
checks() {
	rm -rf "$1/target"
	type_in "$1" check-kept-one OFFLINE=1
}

# expect_state PROJECT: its cache is what it was when $project.state was written
expect_state() {
	state "$1" >now.state
	diff "$1.state" now.state >difference || {
		head -n 20 difference
		return 1
	}
}

# ---- list-cache and clean-cache

exist() {
	docker volume inspect "$@" >/dev/null
}

# list NAME...: what list-cache says when there are these
list() {
	printf 'Docker volume caches for Cargo builds:'
	printf '\n%s' "$@"
}

# listed: a project with two targets, neither of which has built anything
listed() {
	{
		target one listed-1
		target two listed-2 'aliases = kept-alias'
	} | project listed probe
	type_in listed prepare-kept-one prepare-kept-alias
}

@test "list-cache names the caches of all targets, of one or of an alias, or of one kind" {
	listed
	run type_in listed list-cache
	[ "$output" = "$(list cargo-{,git-}cache-listed-1"$own" cargo-{,git-}cache-listed-2"$own")" ]
	run type_in listed list-cache-kept-alias
	[ "$output" = "$(list cargo-{,git-}cache-listed-2"$own")" ]
	run type_in listed list-cache KIND=git
	[ "$output" = "$(list cargo-git-cache-listed-{1,2}"$own")" ]
}

@test "what a removed target has left is shown as an orphan" {
	target one listed-1 | use_targets listed
	run type_in listed list-cache
	[ "$output" = "$(list cargo-{,git-}cache-listed-1"$own" cargo-{,git-}cache-listed-2"$own (orphan)")" ]
	run type_in listed list-cache KIND=git
	[ "$output" = "$(list "cargo-git-cache-listed-1$own" "cargo-git-cache-listed-2$own (orphan)")" ]
	run type_in listed list-cache-kept-one
	[ "$output" = "$(list cargo-{,git-}cache-listed-1"$own")" ]
}

@test "V=1 adds size, last use and whose it is" {
	run --separate-stderr type_in app list-cache V=1
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[1]} =~ ^cargo-cache-app$own\ +[0-9.]+MB\ +$(date -u +%Y)-[0-9-]+\ +kept-one$ ]]
	[[ ${lines[2]} =~ ^cargo-git-cache-app$own\ +[0-9.]+kB\ +$(date -u +%Y)-[0-9-]+\ +kept-one$ ]]
	run --separate-stderr type_in listed list-cache V=1
	[ "${#lines[@]}" -eq 5 ]
	[[ ${lines[4]} =~ ^cargo-git-cache-listed-2$own\ +[0-9.]+kB\ +-\ +\(orphan\)$ ]]
}

@test "what a project in another directory has made is its own" {
	target other others | project others probe
	type_in others prepare-kept-other
	run type_in listed list-cache
	[ "$(count others)" -eq 0 ]
	run type_in listed clean-cache DRY_RUN=1
	[ "$(count others)" -eq 0 ]
}

@test "DRY_RUN=1 removes nothing" {
	run type_in listed clean-cache DRY_RUN=1 YES=1
	[ "$status" -eq 0 ]
	[ "$(count '^  cargo-')" -eq 4 ]
	[ "${lines[-1]}" = 'Nothing was removed (DRY_RUN=1).' ]
	mapfile -t names < <(volumes listed-1; volumes listed-2)
	exist "${names[@]}"
}

@test "clean-cache-TARGET leaves orphans and the other kind" {
	type_in listed clean-cache-kept-one KIND=git YES=1
	run type_in listed list-cache
	[ "$output" = "$(list "cargo-cache-listed-1$own" cargo-{,git-}cache-listed-2"$own (orphan)")" ]
}

@test "clean-cache removes orphans, too, and nothing of others" {
	run type_in listed clean-cache YES=1
	[ "$status" -eq 0 ]
	[ "$(count '^  .* (orphan)$')" -eq 2 ]
	[ "$(count '^Removed ')" -eq 3 ]
	run type_in listed list-cache
	[ "$output" = "$(list 'No caches found')" ]
	mapfile -t names < <(volumes others)
	exist "${names[@]}"
}

# ---- cache-stats

# json EXPRESSION: of what cache-stats has said, as python has it in `stats`
json() {
	python3 -c 'import json, sys; stats = json.load(sys.stdin); one = stats["targets"][0]; print(eval(sys.argv[1]))' \
		"$1" <<<"$output"
}

# on_disk CACHE DIRECTORY...: bytes
on_disk() {
	in_volumes "$1" "du -skc ${*:2}" | awk 'END { print $1 * 1024 }'
}

@test "cache-stats FORMAT=json tells sizes, crates and disk as they are" {
	local registry git disk
	read -r registry git disk < <(in_volumes app '{ du -sk registry git; df -Pk git | tail -n 1 | cut -d " " -f 2-; }' |
		awk '{ printf "%.0f ", $1 * 1024 } END { print "" }')
	run type_in app cache-stats FORMAT=json
	[ "$(json 'one["target"], one["crates"]')" = "('kept-one', $crates)" ]
	[ "$(json 'one["registry"]["bytes"], one["git"]["bytes"]')" = "($registry, $git)" ]
	[ "$(json 'stats["total_bytes"]')" -eq $((registry + git)) ]
	[ "$(json 'one["image"]["bytes"]')" = \
		"$(docker image inspect --format '{{.Size}}' "$(json 'one["image"]["name"]')")" ]
	[ "$(json 'stats["disk"]["bytes"]')" = "$disk" ]
}

@test "it is valid for what is missing or orphaned, too" {
	listed
	target three listed-3 | use_targets listed
	run type_in listed cache-stats FORMAT=json
	[ "$(json '[one["target"], one["registry"], one["crates"], one["image"], one["last_used"]]')" = \
		"['kept-three', None, None, None, None]" ]
	[ "$(json '[(row["target"], row["cache"]) for row in stats["targets"][1:]]')" = \
		"[(None, 'listed-1$own'), (None, 'listed-2$own')]" ]
	type_in listed clean-cache YES=1
	run type_in listed cache-stats FORMAT=json
	[ "$(json 'stats["total_bytes"]')" -eq 0 ]
}

@test "in the table a cache of two targets counts once, and a missing one not at all" {
	{
		target one app
		target two app
		target three missing
	} | use_targets app
	run env LC_ALL=C.UTF-8 make --no-print-directory -C app cache-stats
	target one app | use_targets app
	[ "$status" -eq 0 ]
	[[ ${lines[2]} =~ ^kept-one\ +([0-9.]+)MB\ +([0-9.]+)kB\ +[0-9]+MB\ +$crates\ [0-9-]{10}\ (█)+$ ]]
	[[ ${lines[3]} =~ ^kept-two\ +shared\ +shared ]]
	[[ ${lines[4]} =~ ^kept-three\ +-\ +-\ +-\ +-\ +-$ ]]
	[[ ${lines[5]} =~ ^Total:\ ([0-9.]+)MB$ ]]
	[ "${BASH_REMATCH[1]}" = "$(on_disk app registry git | awk '{ printf "%.2f\n", $1 / 1e6 }')" ]
}

@test "without UTF-8 the table is plain ASCII, and always fits 80 columns" {
	run env LC_ALL=C.UTF-8 make --no-print-directory -C app cache-stats
	[ "$(LC_ALL=C.UTF-8 wc -L <<<"$output")" -le 80 ]
	run env LC_ALL=C make --no-print-directory -C app cache-stats
	[ "$(wc -L <<<"$output")" -le 80 ]
	[ "$(LC_ALL=C tr -d '\n -~' <<<"$output" | wc -c)" -eq 0 ]
	[ "$(count '##$')" -eq 1 ]
}

@test "cache-stats of a new cache leaves it open to the ordinary user who made it" {
	empty looked-at
	ordinary_user looked-at
	as_user make --no-print-directory -C looked-at prepare-kept-one
	type_in looked-at cache-stats
	as_user make --no-print-directory -C looked-at fetch-kept-one
}

# foreign NUMBER COMMAND: run in a directory of so many foreign volumes; makes them first
foreign() {
	local options
	mapfile -t options < <(seq "$1" | sed "s|.*|-vforeign-&$own:/v/&|")
	docker run --rm --network=none -w /v "${options[@]}" "${E2E_IMAGES-}rust:latest" sh -c "$2"
}

# walked NUMBER: how many of so many somebody has looked through since they were filled: the time
# of the last use of a directory tells
walked() {
	foreign "$1" 'stat -c %X */walked' | grep -cvx 0 || :
}

# milliseconds COMMAND
milliseconds() {
	local start
	start=$(date +%s%N)
	"$@" >/dev/null
	printf '%s\n' $((($(date +%s%N) - start) / 1000000))
}

# now: as the engine has it
now() {
	docker info --format '{{.SystemTime}}'
}

# mounted SINCE: the volumes that were, since then
mounted() {
	docker events --since "$1" --until "$(now)" --filter type=volume --filter event=mount --format '{{.Actor.ID}}'
}

@test "cache-stats neither mounts nor walks what belongs to others" {
	local since ours all number=${E2E_FOREIGN:-200}
	needs_docker 'tells nothing of mounts'
	# shellcheck disable=SC2016 # for the shell in the container
	foreign "$number" 'for volume in *; do
			mkdir "$volume/walked"
			(cd "$volume/walked" && touch $(seq 300))
			touch -a -d @0 "$volume/walked"
		done'
	since=$(now)
	ours=$(milliseconds type_in app cache-stats)
	[ "$(mounted "$since" | sort)" = "$(volumes app)" ]
	[ "$(walked "$number")" -eq 0 ]
	all=$(milliseconds docker system df -v)
	report "beside $number foreign volumes: cache-stats $ours ms, docker system df -v $all ms"
	# It would be noticed if it did.
	[ "$(walked 1)" -eq 1 ]
	docker volume ls --quiet --filter name="^foreign-.*$own" | xargs docker volume rm >/dev/null
}

# ---- prune-cache

# fetch_before PROJECT DAYS: as if it had been so long ago, before cargo collected by itself
fetch_before() {
	local library
	library=$(dpkg -L libfaketime | grep '/libfaketimeMT\.so')
	type_in "$1" fetch-kept-one DOCKER_RUN_FLAGS="$DOCKER_RUN_FLAGS -v $library:/faketime.so:ro \
		-e LD_PRELOAD=/faketime.so -e FAKETIME=-$2d -e DONT_FAKE_MONOTONIC=1"
}

# recent: a project of one crate, which has just been fetched into the cache of `old`
recent() {
	target one old 'env = CARGO_CACHE_AUTO_CLEAN_FREQUENCY=never' | project recent probe
	type_in recent fetch-kept-one
}

# entries CACHE: crates, packed and unpacked, and git databases
entries() {
	in_volumes "$1" 'ls -d registry/cache/*/* registry/src/*/* git/db/* 2>/dev/null || :'
}

# downloaded CACHE: bytes in what prune-cache may free
downloaded() {
	in_volumes "$1" 'find registry/cache registry/src git/db git/checkouts -type f -printf "%s\n"' |
		awk '{ n += $1 } END { printf "%d\n", n }'
}

@test "prune-cache DRY_RUN=1 frees nothing, and says how much it would" {
	empty old
	fetch_before old 100
	recent
	state old >old.state
	run type_in old prune-cache AGE=30d DRY_RUN=1
	[ "$status" -eq 0 ]
	[[ $output =~ Summary\ [0-9]{2,}\ files,\ [0-9.]+[KM]iB ]]
	# Cargo opens its database meanwhile.
	diff <(grep -v global-cache old.state) <(state old | grep -v global-cache)
}

@test "AGE frees what no build has used for so long, and nothing else" {
	run type_in old prune-cache AGE=30d
	[ "$status" -eq 0 ]
	[[ $output =~ Removed\ [0-9]{2,}\ files,\ [0-9.]+[KM]iB ]]
	[ "$(entries old | sed 's|.*/||')" = "$(printf '%s\n' cfg-if-1.0.0.crate cfg-if-1.0.0)" ]
}

@test "without AGE and SIZE cargo's own limits hold" {
	empty old
	fetch_before old 50
	recent
	type_in old prune-cache-kept-one
	[ "$(entries old | grep -c '\.crate$')" -eq "$crates" ]
	[ "$(entries old | grep -c '/src/')" -eq 1 ]
}

@test "SIZE is honoured" {
	type_in old fetch-kept-one
	[ "$(downloaded old)" -gt 300000 ]
	run type_in old prune-cache SIZE=200K
	[ "$status" -eq 0 ]
	[ "$(downloaded old)" -le 200000 ]
	[ -n "$(entries old)" ]
}

@test "an ordinary user can go on with what is left of his cache" {
	target one his | project his probe
	ordinary_user his
	as_user make --no-print-directory -C his prepare-kept-one
	# There are no files of cargo's yet.
	type_in his prune-cache
	[ -z "$(in_volumes his 'find registry git ! -type l ! -perm -2')" ]
	as_user make --no-print-directory -C his fetch-kept-one
	type_in his prune-cache SIZE=0K
	[ -z "$(entries his)" ]
	as_user make --no-print-directory -C his fetch-kept-one
	checks_as_user his
}

checks_as_user() {
	rm -rf "$1/target"
	as_user make --no-print-directory -C "$1" check-kept-one OFFLINE=1
}

# at_work: a project whose build waits in its build script; `beside` is another one with its cache
at_work() {
	[ ! -d beside ] || return 0
	target one busy 'env = MEETING=2 FLAVOUR=first' | project busy probe
	cp -R busy beside
	type_in busy fetch-kept-one
}

busy_begins() {
	rm -rf busy/target busy/meeting
	start busy build-kept-one
	await 60 test -e busy/meeting/first
}

# busy_ends: and it has succeeded
busy_ends() {
	touch busy/meeting/second
	wait "$pid"
}

# said FILE TEXT
said() {
	grep -q "$2" "$1"
}

@test "prune-cache waits while a build runs, and both succeed" {
	local build prune
	at_work
	busy_begins
	build=$pid
	start beside prune-cache SIZE=0K
	prune=$pid
	await 60 said beside.log 'Blocking waiting for file lock'
	[ "$(entries busy | grep -c /src/)" -eq 1 ]
	kill -0 "$build"
	kill -0 "$prune"
	pid=$build
	busy_ends
	wait "$prune"
	[ -z "$(entries busy)" ]
}

# ---- backup-cache and restore-cache

# odd PROJECT: what a cache may hold besides what cargo writes today
odd() {
	in_volumes "$1" '
		cd registry/src/*/itoa-*/
		touch -d 2001-02-03 "a name with  blanks" && chmod 640 "a name with  blanks"
		chown 4321:99 "a name with  blanks" Cargo.toml
		ln -s nowhere dangling
		ln Cargo.toml linked
		mkdir .empty && chmod 1750 .empty && touch -d 2001-02-03 .empty'
}

# round_trip PROJECT FILE: backup, clean-cache, restore; the cache is what it was, but all of it is
# the caller's, and nothing has bits like the sticky one
round_trip() {
	state "$1" | sed "s/ 1750 / 750 /; s/ 4321:99 / $(id -u):$(id -g) /" >"$1.state"
	type_in "$1" backup-cache-kept-one FILE="$2"
	type_in "$1" clean-cache YES=1
	type_in "$1" restore-cache-kept-one FILE="$2"
	expect_state "$1"
}

@test "backup, clean, restore: every file is as before, and an offline build succeeds" {
	stocked packed
	odd packed
	round_trip packed "$PWD/packed.tar.gz"
	gzip -t packed.tar.gz
	rebuilds packed
}

@test "so it is with zstd, for a FILE that ends in .zst" {
	round_trip packed "$PWD/packed.tar.zst"
	zstd --quiet --test packed.tar.zst
	checks packed
}

@test "what was in the cache before a restore is not in it after" {
	target one packed | project stranger probe
	type_in packed clean-cache YES=1
	type_in stranger fetch-kept-one
	in_volumes packed 'echo stale >registry/stale; echo stale >git/.stale'
	type_in packed restore-cache-kept-one FILE="$PWD/packed.tar.gz"
	expect_state packed
}

# piped FROM TO: through a pipe, as to another machine
piped() {
	make --no-print-directory -C "$1" backup-cache-kept-one FILE=- </dev/null 2>backup.log |
		make --no-print-directory -C "$2" restore-cache-kept-one FILE=-
}

@test "a pipe carries a cache to another target's" {
	empty piped
	piped packed piped
	[ "$(cat backup.log)" = "Backing up the cache packed$own to the pipe..." ]
	state piped | diff packed.state -
	checks piped
}

# goes_on PROJECT: its cache serves an ordinary user, also for what is not in it yet
goes_on() {
	ordinary_user "$1"
	checks_as_user "$1"
	printf 'memchr = "2"\n' >dependency
	sed -i '/^\[dependencies\]/r dependency' "$1/Cargo.toml"
	as_user make --no-print-directory -C "$1" fetch-kept-one
}

@test "an ordinary user restores what root has backed up, and goes on" {
	empty mine
	ordinary_user mine
	chmod a+r packed.tar.gz
	as_user make --no-print-directory -C mine restore-cache-kept-one FILE="$PWD/packed.tar.gz"
	goes_on mine
}

@test "root restores into an ordinary user's cache, and he goes on" {
	empty given
	ordinary_user given
	as_user make --no-print-directory -C given prepare-kept-one
	type_in given restore-cache-kept-one FILE="$PWD/packed.tar.gz"
	goes_on given
}

@test "he backs up what is his, and what comes back is still his" {
	local file=$PWD/home/mine.tar.gz
	as_user make --no-print-directory -C mine backup-cache-kept-one FILE="$file"
	[ "$(stat -c %U "$file")" = "$(stat -c %U mine/Cargo.toml)" ]
	state mine >mine.state
	as_user make --no-print-directory -C mine clean-cache YES=1
	as_user make --no-print-directory -C mine restore-cache-kept-one FILE="$file"
	expect_state mine
}

# refused PROJECT ARGUMENTS: restore-cache ends with one line that says that nothing was changed,
# and nothing was
refused() {
	run make --no-print-directory -C "$1" restore-cache-kept-one "${@:2}"
	printf '%s: %s\n' "${*:2}" "$output"
	[ "$status" -eq 2 ]
	[[ ${lines[-2]} = *'nothing was changed'* ]]
	expect_state "$1"
}

# flipped FILE: with another byte in its middle
flipped() {
	local middle=$(($(stat -c %s "$1") / 2)) byte
	head -c "$middle" "$1"
	byte=$(tail -c +$((middle + 1)) "$1" | head -c 1 | od -An -tu1)
	# shellcheck disable=SC2059 # a byte by its number
	printf "\\$(printf '%o' $((byte ^ 255)))"
	tail -c +$((middle + 2)) "$1"
}

# damaged: archives that are none
damaged() {
	mkdir damaged
	head -c 20000 packed.tar.gz >damaged/truncated.tar.gz
	flipped packed.tar.gz >damaged/flipped.tar.gz
	flipped packed.tar.zst >damaged/flipped.tar.zst
	tar -C app -czf damaged/foreign.tar.gz Cargo.toml src
	# One that holds a cache, and something else.
	gzip -dc packed.tar.gz | tar -rf - -C app Cargo.toml 2>/dev/null | gzip >damaged/more.tar.gz || :
	: >damaged/empty
	gzip -dc packed.tar.gz | tar --delete -f - git | gzip >damaged/half.tar.gz
	gzip -dc packed.tar.gz | head -c 300000 | gzip >damaged/cut-inside.tar.gz
}

@test "what is no whole archive of a cache is refused, and the cache stays as it was" {
	local file
	damaged
	stocked whole
	state whole >whole.state
	for file in damaged/*; do refused whole FILE="$PWD/$file"; done
}

@test "so is what comes from a pipe" {
	local file
	state whole >whole.state
	for file in truncated.tar.gz flipped.tar.gz foreign.tar.gz empty; do
		refused whole FILE=- <"damaged/$file"
	done
}

@test "a restore into a cache in use is refused, and the build succeeds" {
	at_work
	busy_begins
	state busy >busy.state
	refused busy FILE="$PWD/packed.tar.gz"
	[[ $output = *"cargo-cache-busy$own is in use by "* ]]
	busy_ends
}

@test "so it is when the build begins in the middle of the restore" {
	local restore status=0
	at_work
	mkfifo fifo
	state busy >busy.state
	make --no-print-directory -C beside restore-cache-kept-one FILE=- <fifo >late.log 2>&1 3>&- &
	restore=$!
	exec 9>fifo
	await 20 staging busy
	busy_begins
	cat packed.tar.gz >&9
	exec 9>&-
	wait "$restore" || status=$?
	[ "$status" -eq 2 ]
	grep -q 'A build has started in the meantime: nothing was changed' late.log
	busy_ends
	expect_state busy
}

staging() {
	in_volumes "$1" '[ -e registry/.cachemk-staging ]'
}

@test "a backup that fails leaves FILE as it was" {
	printf 'the last one\n' >last.tar.gz
	run bash -c 'ulimit -f 100; make --no-print-directory -C "$1" backup-cache-kept-one FILE="$2"' - packed "$PWD/last.tar.gz"
	[ "$status" -eq 2 ]
	[[ ${lines[-2]} = *' was not written.' ]]
	[ "$(cat last.tar.gz)" = 'the last one' ]
	[ "$(ls -d last*)" = last.tar.gz ]
}

@test "a FILE that cannot be written gets one line" {
	for file in nowhere/cache.tar.gz app; do
		run type_in packed backup-cache-kept-one FILE="$PWD/$file"
		[ "$status" -eq 2 ]
		[ "${lines[-2]}" = "$PWD/$file cannot be written: set FILE to a file in a directory that you can write to." ]
	done
}

# containers_are NUMBER CACHE
containers_are() {
	[ "$(containers "$2" | wc -l)" -eq "$1" ]
}

@test "a backup while a build downloads waits, and holds all of what it downloads" {
	local fetch container backup
	needs_docker 'pauses nothing without cgroups'
	empty hot
	cp app/Cargo.lock hot
	type_in hot prepare-kept-one
	start hot fetch-kept-one DOCKER_RUN_FLAGS="$DOCKER_RUN_FLAGS --cpus=0.1"
	fetch=$pid
	await 20 containers_are 1 hot
	container=$(containers hot)
	await 60 said hot.log 'Downloading crates'
	docker pause "$container" >/dev/null
	[ "$(entries hot | grep -c /src/)" -lt "$crates" ]
	cp -R hot/. cold
	start cold backup-cache-kept-one FILE="$PWD/hot.tar.gz"
	backup=$pid
	await 20 containers_are 2 hot
	# Time enough for one that does not wait.
	sleep 1
	docker unpause "$container" >/dev/null
	wait "$fetch"
	wait "$backup"
	target one cold | use_targets cold
	type_in cold restore-cache-kept-one FILE="$PWD/hot.tar.gz"
	type_in cold verify-cache
	checks cold
}

# ---- inspect-cache

# told VOLUME: what inspect-cache says of it
told() {
	sed -n "/^$1\$/,/^[^ ]/s/^  //p" <<<"$output"
}

@test "inspect-cache tells what is known of each volume" {
	local git=cargo-git-cache-whole$own
	in_volumes whole 'touch -d 2024-01-02T03:04:05Z registry/cache/*/ryu-*.crate; touch -d 2038-01-01T00:00:00Z registry/cache/*/adler-*.crate'
	run type_in whole inspect-cache-kept-one
	[ "$status" -eq 0 ]
	[ "$(told "cargo-cache-whole$own" | grep -v '^size\|^label.*\.user')" = "driver       local
mount point  $(docker volume inspect --format '{{.Mountpoint}}' "cargo-cache-whole$own")
label        cachemk.cache = whole$own
label        cachemk.identity = $(head -n 1 whole/.cachemk-identity)
label        cachemk.project = $PWD/whole
owner        0:0, mode 777
crates       $crates
last used    2038-01-01T00:00:00Z
oldest entry 2024-01-02T03:04:05Z
newest entry 2038-01-01T00:00:00Z" ]
	[ "$(told "cargo-cache-whole$own" | sed -n 's/^size *//p')" = "$(on_disk whole registry | awk '{ printf "%.2fMB\n", $1 / 1e6 }')" ]
	[ "$(told "$git" | sed -n 's/^databases *//p')" -eq 1 ]
	[ "$(told "$git" | sed -n 's/^label *cachemk.user = //p')" = "$(id -u):$(id -g)" ]
}

# ---- verify-cache

# gone CACHE: what its volumes lack of what they had when $1.files was written
gone() {
	in_volumes "$1" 'find registry git' | sort | comm -13 - "$1.files"
}

# fetched: the crates that a build says it has downloaded, and `git` if it has asked for that.  The
# servers' logs would tell of other tests, too.
fetched() {
	sed -n 's/^ *Downloaded \([a-z_-]*\) .*/\1/p; s/^ *Updating git .*/git/p' <<<"$output" | sort | xargs
}

@test "verify-cache finds nothing in what is intact, whoever has made it" {
	# What `odd` has added is in no crate.
	local odd=0
	for project in packed mine piped; do
		run type_in "$project" verify-cache
		if [[ $output = *': 1 broken'* ]]; then
			[[ $output =~ "  registry/src/"[^/]*/itoa-[0-9.]*": contains a link, a pipe or a device" ]]
			type_in "$project" verify-cache REPAIR=1
			run type_in "$project" check-kept-one
			[ "$status" -eq 0 ]
			[ -z "$(fetched)" ]
			odd=$((odd + 1))
			run type_in "$project" verify-cache
		fi
		[ "$status" -eq 0 ]
		[[ $output = *' 1 git databases, 1 checkouts: 0 broken'* ]]
	done
	[ "$odd" -gt 0 ]
}

# shellcheck disable=SC2016 # for the shell in the container
damage() {
	in_volumes "$1" '
		printf x >>"$(ls registry/cache/*/itoa-*.crate)"
		truncate -s 0 registry/cache/*/either-*.crate
		truncate -s 0 registry/src/*/ryu-*/.cargo-ok
		rm registry/src/*/adler-*/.cargo-ok
		rm git/checkouts/*/*/.cargo-ok'
}

@test "it finds and names each thing that is broken, and changes nothing" {
	stocked broken
	damage broken
	state broken >broken.state
	for argument in '' 'REPAIR=1 DRY_RUN=1'; do
		# shellcheck disable=SC2086 # two words
		run type_in broken verify-cache-kept-one $argument
		[ "$status" -eq 2 ]
		for crate in itoa either; do
			[[ $output =~ "  registry/cache/"[^/]*/$crate-[0-9.]*\.crate:\ its\ checksum\ differs\ from\ the\ index ]]
		done
		for crate in ryu adler; do
			[[ $output =~ "  registry/src/"[^/]*/$crate-[0-9.]*:\ not\ completely\ unpacked ]]
		done
		[[ $output =~ "  git/checkouts/"[^/]*/[0-9a-f]*:\ not\ completely\ checked\ out ]]
		[[ $output = *": 5 broken"$'\n'* ]]
	done
	expect_state broken
}

@test "REPAIR=1 removes just that, and the next build fetches just that again" {
	in_volumes broken 'find registry git' | sort >broken.files
	run type_in broken verify-cache REPAIR=1
	[ "$status" -eq 0 ]
	[ "$(gone broken | sed -E 's,^(registry/(cache|src)/)[^/]*/([a-z]*)-.*,\1\3,; s,^(git/checkouts/).*,\1,' | sort -u)" = \
		"$(printf '%s\n' git/checkouts/ registry/{cache,src}/{either,itoa} registry/src/{adler,ryu} | sort)" ]
	run type_in broken verify-cache
	[ "$status" -eq 0 ]
	run type_in broken check-kept-one
	[ "$status" -eq 0 ]
	[ "$(fetched)" = 'either itoa' ]
	[ -z "$(gone broken)" ]
}

@test "a broken git database is found, removed and fetched again, and nothing else" {
	# shellcheck disable=SC2016 # likewise
	in_volumes broken 'for pack in git/db/*/objects/pack/*.pack; do chmod u+w "$pack"; truncate -s 20 "$pack"; done'
	run type_in broken verify-cache
	[ "$status" -eq 2 ]
	[[ $output =~ "  git/db/greeting-"[0-9a-f]*": git fsck finds errors" ]]
	type_in broken verify-cache REPAIR=1
	[ "$(gone broken | cut -d / -f 1-3 | sort -u)" = "$(gone broken | cut -d / -f 1-3 | grep '^git/\(db\|checkouts\)/greeting-' | sort -u)" ]
	run type_in broken check-kept-one
	[ "$status" -eq 0 ]
	[ "$(fetched)" = git ]
	type_in broken verify-cache
}
