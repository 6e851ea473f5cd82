#!/usr/bin/env bats
# list-cache, cache-stats and clean-cache, under every sh there is.
# shellcheck disable=SC2016,SC2154 # `when` takes code for sh; helper.bash sets $shell

load helper

setup_file() { generate_fragment; }
setup() { start_in_a_project; }

# Volumes of others, with names that hold ours or are held by them.
foreign=(cargo-cache cargo-cache-x cargo-cache-x64-old my-cargo-cache-x64 cargo-cache-musl
	old-cargo-git-cache-x64)

has_foreign_volumes() {
	local name
	for name in "${foreign[@]}"; do has_volume "$name" 7GB; done
}

# volumes_left NAME...: these and all the foreign ones
volumes_left() {
	# shellcheck disable=SC2046 # names without blanks
	volumes_are $(printf '%s\n' "${foreign[@]}" "$@" | sort)
}

# ---- list-cache

@test "list-cache lists the caches that exist, by their exact names" {
	each_shell lists_exact_names
}

lists_exact_names() {
	has_foreign_volumes
	has_volume cargo-cache-musl-arm64
	has_volume cargo-git-cache-x64
	has_volume cargo-cache-x64
	run_make list-cache "$shell"
	succeeds
	says_nothing_wrong
	prints 'Docker volume caches for Cargo builds:' cargo-cache-x64 cargo-git-cache-x64 \
		cargo-cache-musl-arm64
	calls_are version volume-ls
}

@test "list-cache says when there are none" {
	each_shell lists_nothing
}

lists_nothing() {
	run_make list-cache "$shell"
	succeeds
	prints 'Docker volume caches for Cargo builds:' 'No caches found'
	has_foreign_volumes
	run_make list-cache "$shell"
	prints 'Docker volume caches for Cargo builds:' 'No caches found'
}

@test "an engine that cannot list its volumes is an error" {
	when volume 'fail "Error response from daemon: broken"'
	run_make list-cache
	fails
	complains 'Error response from daemon: broken'
	prints ''
	run_make clean-cache YES=1
	fails
	has_no 'No caches found'
}

# ---- cache-stats

@test "cache-stats shows sizes and their total" {
	each_shell shows_sizes
}

shows_sizes() {
	has_foreign_volumes
	has_volume cargo-cache-x64 12.3MB
	has_volume cargo-git-cache-x64 800kB
	has_volume cargo-cache-musl-arm64 1.5GB
	run_make cache-stats "$shell"
	succeeds
	says_nothing_wrong
	prints 'Sizes of the Docker volume caches for Cargo builds:' \
		'linux-x64' \
		'  cargo-cache-x64                    12.3MB' \
		'  cargo-git-cache-x64                800kB' \
		'linux-arm64' \
		'  cargo-cache-arm64                  not created yet' \
		'  cargo-git-cache-arm64              not created yet' \
		'linux-musl-x64' \
		'  cargo-cache-musl-x64               not created yet' \
		'  cargo-git-cache-musl-x64           not created yet' \
		'linux-musl-arm64' \
		'  cargo-cache-musl-arm64             1.5GB' \
		'  cargo-git-cache-musl-arm64         not created yet' \
		'Total: 1.513GB'
}

@test "cache-stats with no caches at all" {
	run_make cache-stats
	succeeds
	[ "$(grep -c 'not created yet' <<<"$output")" -eq 8 ]
	last_line_is 'Total: 0B'
}

# total_of SIZE SIZE TOTAL
total_of() {
	has_volume cargo-cache-x64 "$1"
	has_volume cargo-git-cache-x64 "$2"
	run_make cache-stats
	last_line_is "Total: $3"
}

@test "totals are for people" {
	total_of 0B 0B 0B
	total_of 999B 0B 999B
	total_of 999B 1B 1kB
	total_of 1.5kB 12.36MB 12.36MB
	total_of 999.9MB 0.1MB 1GB
	total_of 1.2TB 300GB 1.5TB
}

@test "a cache that targets share is counted once" {
	cat >targets.ini <<-'END'
		[defaults]
		triple = x86_64-unknown-linux-gnu
		image = rust:latest
		cache = common
		[one]
		description = One
		[two]
		description = Two
	END
	generate "$PWD/cache.mk" "$PWD/targets.ini"
	has_volume cargo-cache-common 2MB
	has_volume cargo-git-cache-common 1MB
	run_make -f cache.mk cache-stats
	succeeds
	[ "$(grep -c 'cargo-cache-common .*2MB' <<<"$output")" -eq 2 ]
	last_line_is 'Total: 3MB'
	run_make -f cache.mk list-cache
	prints 'Docker volume caches for Cargo builds:' cargo-cache-common cargo-git-cache-common
	run_make -f cache.mk clean-cache YES=1
	succeeds
	volumes_are ''
}

# mawk reads and writes numbers as the locale has them.
@test "a locale with a decimal comma changes nothing" {
	localedef -i de_DE -f UTF-8 "$BATS_TEST_TMPDIR/de_DE.UTF-8" ||
		skip "localedef cannot make a locale"
	has_volume cargo-cache-x64 12.3MB
	has_volume cargo-git-cache-x64 1.4MB
	LOCPATH=$BATS_TEST_TMPDIR LC_ALL=de_DE.UTF-8 run_make cache-stats
	last_line_is 'Total: 13.7MB'
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
	calls_are version volume-ls volume-rm volume-rm
	volumes_left
}

@test "clean-cache without a terminal removes nothing, and names YES=1" {
	each_shell needs_a_terminal
}

needs_a_terminal() {
	has_volume cargo-cache-x64
	run_make clean-cache "$shell"
	fails
	complains 'Nothing was removed: without a terminal to ask on, say YES=1.'
	volumes_are cargo-cache-x64
	YES=1 run_make clean-cache "$shell"
	succeeds
	volumes_are ''
}

@test "clean-cache takes nothing but 1 for YES" {
	local yes
	has_volume cargo-cache-x64
	for yes in 0 yes '1 1' '(' '!' "'" ''; do
		run_make clean-cache YES="$yes"
		fails
		complains 'Nothing was removed: without a terminal to ask on, say YES=1.'
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
	complains 'cargo-git-cache-x64 was not removed: in use by a container: stop it, then try again'
	has_line 'Removed cargo-cache-x64'
	has_line 'Removed cargo-cache-musl-x64'
	volumes_are cargo-git-cache-x64
}

@test "clean-cache passes on any other reason of the engine's" {
	has_volume cargo-cache-x64
	when volume 'if [ "$2" = rm ]; then fail "Error response from daemon: permission denied"; fi'
	run_make clean-cache YES=1
	fails
	complains 'cargo-cache-x64 was not removed: Error response from daemon: permission denied'
}

@test "clean-cache removes each volume by its name alone" {
	has_volume cargo-cache-x64
	run_make clean-cache YES=1
	called volume rm cargo-cache-x64
	called volume ls --quiet
}
