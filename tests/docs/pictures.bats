#!/usr/bin/env bats
# docs/terminal.svg is what docs/terminal/draw.awk makes of a real session; docs/benchmarks.svg shows what
# docs/benchmarks.md says.
# shellcheck disable=SC2016,SC2154 # a prompt in single quotes; bats sets the rest

repo=$(cd "$BATS_TEST_DIRNAME/../.." && pwd)
unset MAKEFLAGS MFLAGS MAKELEVEL
export LC_ALL=C.UTF-8

setup() {
	cd "$repo" || return
}

draw() {
	LC_ALL=C awk -f docs/terminal/draw.awk
}

# well_formed: standard input is XML
well_formed() {
	python3 -c 'import sys, xml.dom.minidom; xml.dom.minidom.parse(sys.stdin.buffer)'
}

# texts: the text of each line of the terminal in standard input
texts() {
	python3 -c 'import sys, xml.etree.ElementTree as tree
for text in tree.parse(sys.stdin.buffer).iter("{http://www.w3.org/2000/svg}text"): print("".join(text.itertext()))'
}

@test "the picture of a terminal is drawn from the recorded session" {
	draw <docs/terminal/session | cmp - docs/terminal.svg
}

@test "it is well-formed, and no line is longer than 80 columns" {
	well_formed <docs/terminal.svg
	[ "$(texts <docs/terminal.svg | wc -l)" -ge 20 ]
	run grep -E '.{81}' <<<"$(texts <docs/terminal.svg)"
	[ "$status" -eq 1 ]
}

@test "what was typed are rules of ours, and both builds have a time" {
	local command commands=0
	while read -r command; do
		make -n "${command##* }" >/dev/null
		commands=$((commands + 1))
	done < <(sed -n 's/^\$ //p' docs/terminal/session)
	[ "$commands" -eq 3 ]
	[ "$(grep -c '^real ' docs/terminal/session)" -eq 2 ]
}

@test "markup, control characters, colours and long lines come out as a terminal shows them" {
	printf '<a href="x">&amp;\001\n\033[1m\033[92m  Bold\033[0m plain\n%s\n' \
		"$(printf 'ü%.0s' $(seq 100))" | draw >"$BATS_TEST_TMPDIR/svg"
	well_formed <"$BATS_TEST_TMPDIR/svg"
	texts <"$BATS_TEST_TMPDIR/svg" >"$BATS_TEST_TMPDIR/texts"
	printf '%s\n' '<a href="x">&amp;?' '  Bold plain' "$(printf 'ü%.0s' $(seq 80))" \
		"$(printf 'ü%.0s' $(seq 20))" | diff - "$BATS_TEST_TMPDIR/texts"
	grep -q '<tspan class="b c2">  Bold</tspan> plain' "$BATS_TEST_TMPDIR/svg"
}

@test "an abridged session says where something was left out" {
	printf '%s\n' 'Preparing the image x, once...' 'Step 1' 'Step 2' '  Downloaded a' '  Downloaded b' \
		'  Downloaded c' '   Compiling a' '   Compiling b' Built | awk -f docs/terminal/abridge.awk \
		>"$BATS_TEST_TMPDIR/out"
	printf '%s\n' 'Preparing the image x, once...' … '  Downloaded a' … '  Downloaded c' '   Compiling a' \
		'   Compiling b' Built | diff - "$BATS_TEST_TMPDIR/out"
}

@test "the picture of the benchmarks shows times that the tables have" {
	well_formed <docs/benchmarks.svg
	grep -oE '[0-9]+\.[0-9]+ s\b' docs/benchmarks.svg >"$BATS_TEST_TMPDIR/times"
	[ "$(wc -l <"$BATS_TEST_TMPDIR/times")" -ge 8 ]
	while IFS= read -r time; do grep -qF "| $time |" docs/benchmarks.md; done <"$BATS_TEST_TMPDIR/times"
}
