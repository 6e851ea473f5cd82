#!/bin/sh
# Measures how long cachemk takes to generate the rules for 4, 1,000 and 10,000 targets, and what it
# takes of memory, beside other programs that render the same template with the same values.
set -eu
cd "$(dirname "$0")/../.."
# shellcheck source=tests/bench/common.sh
. tests/bench/common.sh
unit='cpu ms'

# Once, since npm installs a package.
renderers() {
	[ ! -e "$work/renderers" ] || { cat "$work/renderers"; return; }
	find_renderers | tee "$work/renderers"
}

find_renderers() {
	printf 'cachemk\n'
	! python3 -c 'import jinja2' 2>/dev/null || printf 'jinja2\n'
	! ruby -e 'require "mustache"' 2>/dev/null || printf 'ruby-mustache\n'
	! (cd "$work" && npm install --silent mustache >/dev/null 2>&1) || printf 'mustache.js\n'
}

# command_of RENDERER NUMBER
command_of() {
	case $1 in
	cachemk) printf '%s -o %s/out.mk %s/%s.ini' "$PWD/gen/cachemk" "$work" "$work" "$2" ;;
	jinja2) printf 'python3 %s/tests/bench/render/jinja.py %s/%s.json %s/out.jinja' "$PWD" "$work" "$2" "$work" ;;
	ruby-mustache) printf 'ruby %s/tests/bench/render/mustache.rb %s/%s.json %s/out.ruby' "$PWD" "$work" "$2" "$work" ;;
	mustache.js) printf 'node %s/tests/bench/render/mustache.js %s/%s.json %s/out.js' "$PWD" "$work" "$2" "$work" ;;
	esac
}

export NODE_PATH="$work/node_modules"
for number in 4 1000 10000; do
	python3 tests/bench/render/targets.py "$number" "$work/$number"
	runs=${BENCH_RUNS:-10}
	[ "$number" -lt 10000 ] || runs=${BENCH_RUNS:-5}
	set --
	for renderer in $(renderers); do set -- "$@" "$renderer" "$(command_of "$renderer" "$number")"; done
	[ "$number" -ne 4 ] || set -- "$@" true true # what starting a program takes
	compare "generation of $number targets" "$runs" '' "$@"
	for renderer in $(renderers); do
		memory "generation of $number targets" "$renderer" "$(command_of "$renderer" "$number")"
	done
done
