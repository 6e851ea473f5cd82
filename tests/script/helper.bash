# Shared by the suites here: cache.sh without its last line, so that its functions can be called one
# by one, in every sh there is.
# shellcheck shell=bash disable=SC2015,SC2016,SC2034,SC2154 # the suites and bats use and set what is unused here

bats_require_minimum_version 1.5.0

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
unset CARGO_HTTP_CAINFO SSH_AUTH_SOCK DOCKER_HOST CONTAINER_HOST DOCKER_CONTEXT MAKEFLAGS
unset http_proxy https_proxy no_proxy HTTP_PROXY HTTPS_PROXY NO_PROXY

# make_library: $library has all functions, and calls none
make_library() {
	library=$BATS_FILE_TMPDIR/library.sh
	export library
	(cd "$repo" && gen/cachemk -o "$BATS_FILE_TMPDIR/cache.mk" targets.ini)
	sed '$d' "$BATS_FILE_TMPDIR/cache.sh" >"$library"
	[ "$(sed -n '$p' "$BATS_FILE_TMPDIR/cache.sh")" = 'main "$@"' ]
}

# each_sh CODE [WORD...]: runs sh's CODE after the library, in each sh, which must all say the same;
# sets $output, $stderr, $status
each_sh() {
	local code=$1 name first=yes was
	shift
	for name in dash bash 'busybox sh'; do
		command -v "${name%% *}" >/dev/null || continue
		# shellcheck disable=SC2086 # words
		run --separate-stderr $name -c ". \"\$library\"; rule=rule project=\$PWD V=; $code" sh "$@"
		[ -n "$first" ] || [ "$was" = "$status $output" ] || {
			printf '%s: %s\nothers: %s\n' "$name" "$status $output" "$was"
			return 1
		}
		first='' was="$status $output"
	done
	[ -z "$first" ]
}

# prints LINE...: exactly these, and nothing went wrong
prints() {
	[ "$status" -eq 0 ] && [ "$output" = "$(printf '%s\n' "$@")" ] || {
		printf 'status %s\n%s\n%s\n' "$status" "$output" "$stderr"
		return 1
	}
}

# refuses LINE: ends with status 1 and that on stderr
refuses() {
	[ "$status" -eq 1 ] && [ "$stderr" = "$1" ] || {
		printf 'status %s\n%s\n%s\n' "$status" "$output" "$stderr"
		return 1
	}
}
