#!/bin/sh
# What happens when the machine fails cachemk: each allocation and each call that writes fails in
# turn, and it is killed at KILLS (200) random moments.  The fragment must be a whole old or a whole
# new one, with a message and no temporary file.  Prints TAP.
set -u
cd "$(dirname "$0")/../.." || exit 1
top=$PWD
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT
trap 'exit 1' HUP INT TERM
count=0 failed=0

# result TITLE STATUS: one test
result() {
	count=$((count + 1))
	if [ "$2" -eq 0 ]; then
		printf 'ok %s - %s\n' "$count" "$1"
	else
		failed=$((failed + 1))
		printf 'not ok %s - %s\n' "$count" "$1"
		sed 's/^/# /' "$tmp/why"
	fi
}

# prepare: an old fragment, a new one to expect, targets for it
prepare() {
	printf '# old\n' >"$tmp/old.mk"
	cp "$top/targets.ini" "$tmp/targets.ini"
	# More than fits into a first allocation of anything.
	for i in $(seq 12); do
		printf '[t%s]\ndescription = d\ntriple = a-b\nimage = i\nx-n%s = y\nenv = A B=c\n' "$i" "$i"
	done >>"$tmp/targets.ini"
	ln -s "$top/templates" "$tmp/templates"
	mkdir "$tmp/out"
	(cd "$tmp" && "$top/gen/cachemk" -o new.mk targets.ini)
	printf '# old\n' >"$tmp/old.sh"
}

# restore_old: the pair that is there before a run
restore_old() {
	cp "$tmp/old.mk" "$tmp/out/cache.mk"
	cp "$tmp/old.sh" "$tmp/out/cache.sh"
}

# is_whole: each file is the old one or the new one, the script new if the makefile is, and there are
# no others
is_whole() {
	cmp -s "$tmp/cache.sh" "$tmp/out/cache.sh" || { cmp -s "$tmp/old.sh" "$tmp/out/cache.sh" &&
		cmp -s "$tmp/old.mk" "$tmp/out/cache.mk"; }
}

# why TEXT: it failed
why() {
	printf '%s\n' "$1" >"$tmp/why"
	cat "$tmp/err" >>"$tmp/why"
	return 1
}

# fail_at CALL N: one run whose Nth CALL fails; 2 when there are not so many
fail_at() {
	restore_old
	rm -f "$tmp/mark"
	LD_PRELOAD=$tmp/fail.so FAIL_CALL=$1 FAIL_AT=$2 FAIL_MARK=$tmp/mark \
		"$top/gen/cachemk" -o out/cache.mk targets.ini 2>"$tmp/err"
	status=$?
	[ -e "$tmp/mark" ] || return 2
	[ "$(cd "$tmp/out" && echo *)" = 'cache.mk cache.sh' ] || why "$1 $2: left $(ls "$tmp/out")" || return 1
	is_whole || why "$1 $2: the script is neither whole nor the makefile's" || return 1
	case $status in
	# What libraries do without, such as a buffer for a file, is no failure.
	0) cmp -s "$tmp/new.mk" "$tmp/out/cache.mk" || why "$1 $2: status 0, but not the new fragment" ;;
	1)
		cmp -s "$tmp/old.mk" "$tmp/out/cache.mk" || why "$1 $2: the old fragment has changed" || return 1
		[ -s "$tmp/err" ] || why "$1 $2: no message"
		;;
	*) why "$1 $2: status $status" ;;
	esac
}

# each_fails CALL: each of its calls, one after the other
each_fails() {
	n=1 fatal=0
	while :; do
		fail_at "$1" "$n"
		case $? in
		2) break ;;
		1) result "$1 number $n fails" 1 && return ;;
		esac
		[ "$status" -eq 0 ] || fatal=$((fatal + 1))
		n=$((n + 1))
	done
	[ "$fatal" -gt 0 ] || why "no $1 of $((n - 1)) mattered"
	result "each $1 fails, $((n - 1)) in all, $fatal of them fatal" $?
}

# ended CALL: by SIGINT, before each CALL in turn; it leaves no temporary file, and dies of the signal
ended() {
	n=1
	while restore_old && rm -f "$tmp/mark" &&
		LD_PRELOAD=$tmp/fail.so FAIL_CALL=$1 FAIL_AT=$n FAIL_MARK=$tmp/mark FAIL_SIGNAL=2 \
			env --default-signal=INT "$top/gen/cachemk" -o out/cache.mk targets.ini 2>"$tmp/err"
		[ $? -eq 130 ]; do
		[ "$(cd "$tmp/out" && echo *)" = 'cache.mk cache.sh' ] || why "left $(ls "$tmp/out")" || break
		is_whole || why 'the script is neither whole nor the makefile'"'"'s' || break
		n=$((n + 1))
	done
	[ "$n" -gt 1 ] && [ ! -e "$tmp/mark" ]
	result "SIGINT at each of $((n - 1)) $1" $?
}

# prepare_init: a project in which init finds something of each kind, and what it writes there
prepare_init() {
	mkdir -p "$tmp/init/src/bin" "$tmp/init/a/src" "$tmp/init/.cargo"
	ln -s "$top/templates" "$tmp/init/templates"
	printf '[package]\nname = "x"\n[workspace]\nmembers = ["a*"]\n' >"$tmp/init/Cargo.toml"
	printf '[package]\nname = "a"\n' >"$tmp/init/a/Cargo.toml"
	printf '[[package]]\nname = "alsa-sys"\n' >"$tmp/init/Cargo.lock"
	printf '[toolchain]\nchannel = "1.70"\ncomponents = ["clippy"]\n' >"$tmp/init/rust-toolchain.toml"
	printf '[build]\nrustc-wrapper = "x"\n' >"$tmp/init/.cargo/config.toml"
	printf '[build.env]\npassthrough = ["A"]\n' >"$tmp/init/Cross.toml"
	printf 'doctor:\n\tdocker run -v cargo-cache-x:/r rust cargo\n' >"$tmp/init/Makefile"
	touch "$tmp/init/src/main.rs" "$tmp/init/src/bin/b.rs"
	(cd "$tmp/init" && "$top/gen/cachemk" init >/dev/null && mv targets.ini ../init.ini && rm -r mk)
}

# init_fails CALL: init, with each CALL failing in turn, writes all, or nothing and says why; where it
# could not read a file, it says that
init_fails() {
	n=1 fatal=0
	while
		rm -rf "$tmp/mark" targets.ini mk
		LD_PRELOAD=$tmp/fail.so FAIL_CALL=$1 FAIL_AT=$n FAIL_MARK=$tmp/mark \
			"$top/gen/cachemk" init >"$tmp/out/said" 2>"$tmp/err"
		status=$?
		[ -e "$tmp/mark" ]
	do
		if [ "$status" -eq 0 ]; then
			cmp -s targets.ini "$tmp/init.ini" || grep -q 'cannot be read' targets.ini
		else
			fatal=$((fatal + 1))
			[ "$status" -eq 1 ] && [ -s "$tmp/err" ] && [ ! -e targets.ini ] && [ ! -e mk ]
		fi || why "$1 $n: status $status, $(echo *)" || break
		n=$((n + 1))
	done
	[ "$fatal" -gt 0 ] && [ ! -e "$tmp/mark" ]
	result "init: each $1 fails, $((n - 1)) in all, $fatal of them fatal" $?
}

# killed: at random moments; too early and too late are moments, too.  Enough targets to take longer
# than the sleep is begun.
killed() {
	old=0 new=0
	for i in $(seq 3000); do
		printf '[u%s]\ndescription = d\ntriple = a-b\nimage = i\n' "$i"
	done >>"$tmp/targets.ini"
	(cd "$tmp" && "$top/gen/cachemk" -o new.mk targets.ini)
	for _ in $(seq "${KILLS:-200}"); do
		restore_old
		"$top/gen/cachemk" -o out/cache.mk targets.ini 2>/dev/null &
		sleep "$(awk -v seed="$(od -An -N4 -tu4 /dev/urandom)" 'BEGIN { srand(seed); printf "%.4f", rand() * 0.05 }')"
		kill -9 $! 2>/dev/null
		wait $! 2>/dev/null
		is_whole || {
			why 'the script is neither whole nor the makefile'"'"'s'
			break
		}
		if cmp -s "$tmp/old.mk" "$tmp/out/cache.mk"; then
			old=$((old + 1))
		elif cmp -s "$tmp/new.mk" "$tmp/out/cache.mk"; then
			new=$((new + 1))
		else
			why 'neither the old nor the new fragment'
			break
		fi
	done
	[ $((old + new)) -eq "${KILLS:-200}" ]
	result "killed ${KILLS:-200} times: $old old fragments, $new new ones" $?
}

prepare
cd "$tmp" || exit 1
if ${CC:-cc} -shared -fPIC -o fail.so "$top/tests/faults/fail.c" -ldl 2>err; then
	for call in malloc calloc realloc write fsync close rename fopen mkstemp fchmod; do each_fails "$call"; done
	for call in write fsync close rename; do ended "$call"; done
	prepare_init
	cd "$tmp/init" || exit 1
	for call in malloc realloc write; do init_fails "$call"; done
	cd "$tmp" || exit 1
else
	result 'a library that makes calls fail is built' 1
fi
killed 2>/dev/null
printf '1..%s\n' "$count"
[ "$failed" -eq 0 ]
