#!/bin/sh
# Looks at the generator without its tests' help, and at its tests: compilers' and other programs'
# analyses, memory, and which lines of gen/ no test reaches.  Ends with 1 when one of them complains.
#
#   COVERAGE=N  the least percentage of lines (98)
set -eu
cd "$(dirname "$0")/.."
flags='-std=c11 -D_XOPEN_SOURCE=700'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# What make has for us is not meant for a make of the copy's.
unset MAKEFLAGS MFLAGS MAKELEVEL

say() {
	printf 'analyse: %s\n' "$*"
}

say "gcc -fanalyzer"
for file in gen/*.c gen/init/*.c; do
	# shellcheck disable=SC2086 # words
	gcc $flags -Wall -Wextra -O2 -fanalyzer -Werror -Igen -c -o "$work/object" "$file"
done

# What it takes for an integer is a pointer to a constant.
say cppcheck
cppcheck --quiet --std=c11 --enable=warning,style,performance,portability --error-exitcode=1 \
	--suppress=CastIntegerToAddressAtReturn gen

say clang-tidy
# shellcheck disable=SC2086 # words
clang-tidy --quiet gen/*.c gen/init/*.c -- $flags -Igen 2>"$work/log" || {
	cat "$work/log"
	exit 1
}

# musl has headers of its own, and inih's library needs nothing of glibc's.
say musl-gcc
cp /usr/include/ini.h "$work"
# shellcheck disable=SC2046,SC2086 # words
musl-gcc $flags -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes -Wconversion -Werror -O2 -static \
	-I"$work" -Igen -o "$work/cachemk" gen/*.c gen/init/*.c $(find /usr/lib -name libinih.a)
CACHEMK=$work/cachemk sh tests/golden/run.sh >"$work/log" || {
	grep -A20 '^not ok' "$work/log"
	exit 1
}
CACHEMK=$work/cachemk bats tests/cli >"$work/log" || {
	grep -A20 '^not ok' "$work/log"
	exit 1
}

say valgrind
cat >"$work/checked" <<END
#!/bin/sh
exec valgrind --quiet --leak-check=full --show-leak-kinds=all --error-exitcode=99 $PWD/gen/cachemk "\$@"
END
chmod +x "$work/checked"
for ini in tests/golden/*.ini; do
	status=0
	"$work/checked" -o - "$ini" >/dev/null 2>"$work/log" || status=$?
	[ "$status" -le 1 ] || {
		cat "$work/log"
		exit 1
	}
done

# A few tests limit what may be written, which the counting of lines does, too: they fail here.
say coverage
git ls-files -z --cached --others --exclude-standard | xargs -0 cp --parents -t "$work" 2>/dev/null || :
for suite in unit spec golden cli faults templates; do
	make -s -C "$work" CFLAGS='-O0 -g --coverage' LDFLAGS=--coverage "check-$suite" >/dev/null 2>&1 || :
done
(cd "$work" && bats tests/make/lock.bats >/dev/null 2>&1) || :
gcovr -r "$work" --filter "$work/gen/" --object-directory "$work" --fail-under-line "${COVERAGE:-98}"
