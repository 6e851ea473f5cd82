# shellcheck shell=sh disable=SC2034 # $work is for who reads this in
# What the benchmarks share: a lab (E2E_LAB=DIR: the one in DIR), a folder $work that is removed at
# the end, with a copy of the example hello, and the printing of medians.

top=$PWD
work=$(mktemp -d)
own_lab=

finish() {
	rm -rf "$work"
	[ -z "$own_lab" ] || "$top/tests/e2e/engine" down "$own_lab"
}

trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
if [ -z "${E2E_LAB-}" ]; then
	own_lab=$(mktemp -d /tmp/cachemk-bench-XXXXXX)
	E2E_LAB=$own_lab
	tests/e2e/engine up "$E2E_LAB"
fi
export E2E_LAB
# shellcheck disable=SC1091 # written by `engine up`
. "$E2E_LAB/env"
unset MAKEFLAGS MFLAGS MAKELEVEL

cp -R examples/hello "$work/hello"
rm -rf "$work/hello/target"

# medians FILE TITLE NAME NAME: of hyperfine's FILE, and how much longer the one takes than the other
medians() {
	python3 - "$@" <<'END'
import json, sys

file, title, *names = sys.argv[1:]
times = [result["median"] for result in json.load(open(file))["results"]]
print(title)
for name, time in zip(names, times):
    print(f"  {name:<28} {time * 1000:6.0f} ms")
print(f"  {'ratio':<28} {max(times) / min(times):6.2f}")
END
}
