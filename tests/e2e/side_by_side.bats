#!/usr/bin/env bats
# Builds that share caches, on a real engine: side by side, over years, for several users,
# interrupted and killed.
#
#   E2E_ROUNDS=N  rounds of four first builds at once (3)
#   E2E_TRIES=N   tries of each signal (3)
#   E2E_KILLS=N   tries of kill -9 (6)

# shellcheck disable=SC2154,SC2030,SC2031 # the helper and `run` set variables, for one test each
load helper
load projects

crates=12 # of fixtures/small

setup_file() {
	setup_family side
	# The ordinary user of the tests must get to the projects in it.
	chmod a+x "$BATS_RUN_TMPDIR"
}

# without_link PROJECT LINK...: its images get a name of their own and lack these links
without_links() {
	local mk=$1/mk link
	shift
	for link; do sed -i "/^ *ln -sf/s| registry/$link\( \)|\1|" "$mk/cache.sh"; done
	sed -i -e '/^ *ln -sf *\.$/s/.*/true/' \
		-e 's/^\[ -h .*package-cache" \] ||$/true ||/' "$mk/cache.sh"
	sed -i 's/\(cachemk:[a-z0-9._-]*\)-[0-9a-f]*/\1-linkless/' "$mk/cache.mk"
}

# in_volume CACHE COMMAND: run by root in the directory of its registry volume
in_volume() {
	docker run --rm --network=none -v "cargo-cache-$1$own":/v -w /v "${E2E_IMAGES-}rust:latest" sh -c "$2"
}

# ---- Four first builds at once

# race: from four checkouts on fresh volumes; sets $failed and $downloaded (crates, each as often
# as it was)
race() {
	local checkout pid pids=() before
	failed=0
	remove_volumes race
	before=$(wc -l <"$E2E_CRATES_LOG")
	for checkout in checkout-{1,2,3,4}; do
		rm -rf "$checkout"
		cp -R race "$checkout"
		type_in "$checkout" build-side-one >"$checkout.log" 2>&1 3>&- &
		pids+=($!)
	done
	for pid in "${pids[@]}"; do wait "$pid" || failed=$((failed + 1)); done
	downloaded=$(tail -n +$((before + 1)) "$E2E_CRATES_LOG" | grep '\.crate 200' | sort) || :
}

@test "four first builds at once share the caches: none fails, each crate comes once" {
	target one race | project race small
	for _ in $(seq "${E2E_ROUNDS:-3}"); do
		race
		[ "$failed" -eq 0 ] || { cat checkout-?.log; return 1; }
		[ "$(wc -l <<<"$downloaded")" -eq "$crates" ]
		[ -z "$(uniq -d <<<"$downloaded")" ]
	done
	report "${E2E_ROUNDS:-3} rounds of four builds, $crates downloads each, no failure"
}

@test "they would fail without the links to the lock" {
	local failures=0 more=0 rounds=0
	without_links race .package-cache .package-cache-mutate .global-cache
	# They need not meet in every round.
	until [ $((failures + more)) -gt 0 ] || [ "$rounds" -eq 8 ]; do
		rounds=$((rounds + 1))
		race
		failures=$((failures + failed))
		more=$((more + $(wc -l <<<"$downloaded") - crates))
	done
	report "without the links $failures of $((4 * rounds)) builds failed, with $more downloads too many"
	[ $((failures + more)) -gt 0 ]
}

# ---- Other users, and volumes of before

# not_of USER DIRECTORY: all that is in it and does not belong to him
not_of() {
	find "$2" ! \( -uid "${1%:*}" -gid "${1#*:}" \)
}

# filled_by_hand PROJECT CACHE: volumes as an older Makefile has made them
filled_by_hand() {
	volumes "$2" | xargs -n 1 docker volume create >/dev/null
	docker run --rm --network=host --user 0:0 -v "$PWD/$1":/workspace -w /workspace \
		-v "cargo-cache-$2$own":/usr/local/cargo/registry -v "cargo-git-cache-$2$own":/usr/local/cargo/git \
		"${E2E_IMAGES-}rust:latest" cargo fetch
}

# contents CACHE: the crates in it, packed and unpacked
contents() {
	in_volume "$1" 'find cache src -type f -exec md5sum {} +' | sort
}

@test "volumes that root has filled by hand serve an ordinary user, with all that is in them" {
	local before
	target one old | project old small
	filled_by_hand old old
	contents old >before
	ordinary_user old
	before=$(registry_requests)
	for _ in first second; do
		rm -rf old/target
		run as_user make --no-print-directory -C old build-side-one
		[ "$status" -eq 0 ]
		[ "$(count 'Compiling ')" -eq $((crates + 1)) ]
	done
	[ "$(registry_requests)" -eq "$before" ]
	[ "$(count 'Preparing ')" -eq 0 ]
	contents old >after
	[ "$(grep -c '\.crate$' before)" -eq "$crates" ]
	cmp before after
}

@test "what he builds belongs to him" {
	ordinary_user old
	[ -z "$(not_of "$user" old)" ]
	old/target/x86_64-unknown-linux-gnu/release/small
}

@test "a target directory of an older Makefile's root stops him with a line that tells the remedy" {
	needs_docker 'nobody but root uses it here'
	[ "$(id -u)" -eq 0 ] || skip 'needs root'
	ordinary_user old
	chown 0:0 old/target
	run as_user make --no-print-directory -C old build-side-one
	[ "$status" -eq 2 ]
	[ "${lines[-2]}" = "You cannot write to target: run 'sudo chown -R $user target'." ]
	run as_user make --no-print-directory -C old check-side-one PROFILE=dev
	[ "$status" -eq 2 ]
	chown -R "$user" old/target
	as_user make --no-print-directory -C old build-side-one
}

# turns CACHE USER: fresh volumes that this user has made; then root and the other build in turn
turns() {
	local who
	rm -rf root one
	target root "$1" 'user = root' | project root probe
	target one "$1" | project one small
	ordinary_user one
	ordinary_user root
	as_user make --no-print-directory -C "$2" "prepare-side-$2"
	for who in root one root one; do
		rm -rf "$who/target"
		as_user make --no-print-directory -C "$who" "build-side-$who"
	done
}

@test "root and an ordinary user take turns on root's volumes" {
	turns of-root root
}

@test "they take turns on the ordinary user's volumes" {
	turns of-user one
}

@test "with user = root the output is root's" {
	[ -z "$(not_of 0:0 root/target)" ]
	[ -z "$(not_of "$user" one)" ]
}

@test "HOME can be written to, in the very environment of the build" {
	run as_user make --no-print-directory -C one shell-side-one <<-'END'
		echo kept >"$HOME/file" && cat "$HOME/file"
		id -u
		pwd
	END
	[ "$status" -eq 0 ]
	[ "${lines[*]: -3}" = "kept $(as_user id -u) /workspace" ]
}

# ---- The cache bounds itself

# build_later PROJECT DAYS: a build whose clock is ahead
build_later() {
	local library
	library=$(dpkg -L libfaketime | grep '/libfaketimeMT\.so')
	type_in "$1" build-side-one DOCKER_RUN_FLAGS="$DOCKER_RUN_FLAGS -v $library:/faketime.so:ro \
		-e LD_PRELOAD=/faketime.so -e FAKETIME=+$2d -e DONT_FAKE_MONOTONIC=1"
}

# kept_after DAYS: how many crates of an older build are there after one of another project, both
# packed and unpacked; the project's own does not count
kept_after() {
	remove_volumes years
	rm -rf years/target recent/target
	type_in years build-side-one
	[ "$(crates_in years)" -eq $((2 * crates)) ]
	build_later recent "$1"
	left=$(($(crates_in years) - 2))
}

crates_in() {
	in_volume "$1" 'ls -d cache/*/*.crate src/*/*/ | wc -l'
}

@test "cargo's own collector removes what no build has used for long" {
	target one years | project years small
	target one years | project recent probe
	kept_after 200
	report "200 days later $left of $((2 * crates - 2)) packed and unpacked crates were left"
	[ "$left" -eq 0 ]
}

@test "it leaves what a build has used recently" {
	kept_after 20
	[ "$left" -eq $((2 * crates - 2)) ]
}

@test "it would not work without the link to its database" {
	without_links years .global-cache
	without_links recent .global-cache
	kept_after 200
	[ "$left" -eq $((2 * crates - 2)) ]
}

# ---- All targets at once

# Four builds that wait for each other, two pairs of them with one triple, two with one cache.
at_once() {
	local name
	rm -rf all/target all/meeting
	run type_in all "$@" build-all
	[ "$status" -eq 0 ]
	for name in x86_64-unknown-linux-{gnu,gnu@side-two,musl,musl@side-four}; do
		[[ $output = *"Built target/$name/release/probe"* ]]
	done
	[ "$(all/target/x86_64-unknown-linux-gnu/release/probe)" = one ]
	[ "$(all/target/x86_64-unknown-linux-gnu@side-two/release/probe)" = two ]
	[ "$(all/target/x86_64-unknown-linux-musl/release/probe)" = three ]
	[ "$(all/target/x86_64-unknown-linux-musl@side-four/release/probe)" = four ]
}

@test "make -j4 build-all builds four targets at once, and each keeps its binary" {
	local musl=(triple=x86_64-unknown-linux-musl "image=${E2E_IMAGES-}rust:alpine")
	{
		target one all-1 'env = MEETING=4 FLAVOUR=one'
		target two all-1 'env = MEETING=4 FLAVOUR=two'
		target three all-2 "${musl[@]}" 'env = MEETING=4 FLAVOUR=three'
		target four all-3 "${musl[@]}" 'env = MEETING=4 FLAVOUR=four'
	} | project all probe
	at_once -j4
}

@test "so does make -j4 -O build-all, with the lines of each target together" {
	at_once -j4 -O
	[ "$(grep -c '^Building for' <<<"$output")" -eq 4 ]
	# One line of each kind in turn.
	[ -z "$(grep -Eo '^(Building for|Built)' <<<"$output" | uniq -d)" ]
}

# ---- Signals

# containers CACHE [OPTION...]: those that have its volume and run
containers() {
	local cache=$1
	shift
	docker ps --quiet --filter volume="cargo-cache-$cache$own" "$@"
}

nothing_left() {
	is_over "$pid" && [ -z "$(containers "$1")" ]
}

# some_time MILLISECONDS: waits for up to that long, more often for a short time than for a long
some_time() {
	moment=$((RANDOM * RANDOM * $1 / 32768 / 32768))
	sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
}

# end_all CACHE: what should have ended by itself
end_all() {
	pgrep --session "$pid" | xargs --no-run-if-empty kill -9 || :
	containers "$1" --all | xargs --no-run-if-empty docker rm --force >/dev/null
}

# try_signal SIGNAL MINUS: in the middle of a build; - for MINUS means the process group
try_signal() {
	rm -rf busy/target
	start busy build-side-one
	some_time 5000
	kill -s "$1" -- "$2$pid"
	await 15 nothing_left busy || {
		report "$moment ms after the start $1 left $(docker ps --filter volume="cargo-cache-busy$own" | tail -n 1)"
		end_all busy
		left=$((left + 1))
	}
	if wait "$pid"; then succeeded=$((succeeded + 1)); fi
}

try_signals() {
	local left=0 succeeded=0
	for _ in $(seq "${E2E_TRIES:-3}"); do try_signal "$@"; done
	report "$1 to ${2:+the group of }make: ${E2E_TRIES:-3} tries, $left left something, $succeeded succeeded"
	[ $((left + succeeded)) -eq 0 ]
}

@test "Ctrl-C at any moment of a build leaves no container" {
	workspace busy wordfreq
	mkdir busy/mk
	printf 'include mk/cache.mk\n' >busy/Makefile
	target one busy | use_targets busy
	type_in busy fetch-side-one
	try_signals INT -
}

@test "so does SIGTERM to the process group" {
	try_signals TERM -
}

@test "so does SIGTERM to make alone" {
	try_signals TERM ''
}

@test "clean-cache removes what they have left that never ran" {
	report "$(containers busy --all | wc -l) containers were made and never started"
	docker create --name "cachemk-side-one-vm-1-$(($(date +%s) - 100))" \
		-v "cargo-cache-busy$own:/v" "${E2E_IMAGES-}rust:latest" true >/dev/null
	run type_in busy clean-cache YES=1
	[ "$status" -eq 0 ]
	[ -z "$(containers busy --all)" ]
}

# shown TEXT: on the terminal
shown() {
	grep -q "$1" screen
}

# on_screen PROJECT KEYS ARGUMENTS: a user who types `make ARGUMENTS` into a terminal, and then
# what the function KEYS prints; sets $status.  Under nohup, nothing would hear that a terminal is
# closed.
on_screen() {
	local project=$1 keys=$2
	shift 2
	: >screen
	status=0
	{
		"$keys" || printf 'came too late: %s\n' "$keys" >>too-late
		await 15 ended
	} | env --default-signal=HUP script -qefc "echo \$PPID >script.pid; make --no-print-directory -C $project $*; exit \$?" \
		screen >/dev/null || status=$?
	[ ! -e too-late ]
}

ended() {
	[ -z "$(containers busy --all)" ]
}

keys_build() {
	await 60 shown 'Compiling' || return
	printf '\003'
}

keys_run() {
	await 60 shown '^waiting' || return
	printf '\003'
}

# shellcheck disable=SC2016 # what is typed, for the shell in the container
keys_shell() {
	printf 'echo in-$((40 + 2)); sleep 600\n'
	await 60 shown 'in-42' || return
	printf '\003'
	printf 'echo after-$((40 + 2))\n'
	await 60 shown 'after-42' || return
	printf 'exit\n'
}

keys_close() {
	await 60 shown '^waiting' || return
	kill -9 "$(cat script.pid)"
}

@test "Ctrl-C on a terminal ends a build" {
	rm -rf busy/target
	on_screen busy keys_build build-side-one
	[ "$status" -ne 0 ]
	ended
}

@test "Ctrl-C on a terminal ends the program in run" {
	target one busy | project waiting probe
	on_screen waiting keys_run run-side-one ARGS=wait
	[ "$status" -ne 0 ]
	ended
}

@test "Ctrl-C in a shell ends what runs in it, and exit leaves it" {
	on_screen waiting keys_shell shell-side-one
	ended
	[ "$status" -eq 0 ]
}

@test "a program in run ends when its terminal is closed" {
	on_screen waiting keys_close run-side-one ARGS=wait
	[ "$status" -ne 0 ]
	ended
}

# ---- Killed

# kill_in_download: a first build on fresh volumes, slow, killed when some of its crates have come;
# sets $unpacked
kill_in_download() {
	local before some
	remove_volumes killed
	rm -rf killed/target killed/Cargo.lock
	before=$(downloads)
	some=$((RANDOM % (crates + 1)))
	start killed build-side-one DOCKER_RUN_FLAGS="$DOCKER_RUN_FLAGS --cpus=0.2"
	await 60 started_and_downloaded "$before" "$some"
	containers killed | xargs docker kill >/dev/null
	kill -9 "$pid" || : # it may have ended by now, as its container has
	await 15 nothing_left killed
	unpacked=$(in_volume killed 'ls src/*/*/.cargo-ok 2>/dev/null | wc -l')
}

started_and_downloaded() {
	[ -n "$(containers killed)" ] && [ $(($(downloads) - $1)) -ge "$2" ]
}

@test "after kill -9 in the middle of a download the next build succeeds" {
	local partly=0
	target one killed | project killed small
	for _ in $(seq "${E2E_KILLS:-6}"); do
		kill_in_download
		[ "$unpacked" -eq "$crates" ] || partly=$((partly + 1))
		type_in killed build-side-one
		[ "$(in_volume killed 'ls src/*/*/.cargo-ok | wc -l')" -eq "$crates" ]
	done
	report "${E2E_KILLS:-6} builds killed, $partly of them before all was unpacked; all next ones succeeded"
	[ "$partly" -gt 0 ]
}

# ---- A target's setup

# numbers: the random numbers that builds have printed
numbers() {
	sed -n 's/^warning: probe@[0-9.]*: number //p' <<<"$output"
}

with_setup() {
	target setup setup "setup = $1; cat /proc/sys/kernel/random/uuid >/number"
}

@test "setup runs once for many builds, and once more when it is edited" {
	local first
	with_setup true | project setup probe
	run type_in setup prepare-side-setup
	[ "$(count 'Preparing the image')" -eq 1 ]
	run type_in setup prepare-side-setup
	[ "$output" = 'Preparing for setup (using Docker)...' ]
	run type_in setup build-side-setup
	first=$(numbers)
	[ -n "$first" ]
	for _ in second third; do
		run type_in setup build-side-setup
		[ "$(numbers)" = "$first" ]
	done
	with_setup 'echo edited' | use_targets setup
	run type_in setup build-side-setup
	[ "$(count 'Preparing the image')" -eq 1 ]
	[ -n "$(numbers)" ]
	[ "$(numbers)" != "$first" ]
}
