#!/bin/sh
# Runs shellcheck over every script of the project, and over the recipes of the generated
# fragment, as sh gets them.  Prints what is wrong; says so when nothing is.
set -eu
cd "$(dirname "$0")/.."

scripts() {
	git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
		case $file in
		*.sh | *.bats | *.bash) printf '%s\n' "$file" ;;
		*.*) ;;
		*) if head -n 1 "$file" | grep -Eq '^#!.*[/ ](ba)?sh$'; then printf '%s\n' "$file"; fi ;;
		esac
	done
}

# As make has them: the fragment's own text computes some of the names.
rules() {
	make -npqrR -f "$fragment" help-cache | sed -n 's/^\.PHONY: //p' | tr ' ' '\n' | sort -u
}

# Each rule in a file of its own, as `make -n` prints what sh gets.
recipes() {
	for rule in $(rules); do
		{
			printf '#!/bin/sh\n'
			make -n -f "$fragment" "$rule"
		} >"$work/$rule.sh"
	done
}

# Called by make, we are not to speak as one that it calls.
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fragment=$work/cache.mk
gen/cachemk -o "$fragment" targets.ini
recipes
# shellcheck disable=SC2046 # names without blanks
shellcheck -x $(scripts)
# SC2016: the Go templates in single quotes are meant to stay as they are.  SC2050, SC2157, SC2194:
# make has put constants where other projects have variables.  SC2086: DOCKER_RUN_FLAGS and its
# like are words for sh.  SC2088: the quoted ~ is what is looked for.  SC2034: not every
# rule has a use for all that is known of its target.  SC2317: traps call functions.
# SC2218: each line of a recipe is a shell's of its own.
# SC2046 and SC2086, which are notes on style here: volumes and images have names without blanks.
shellcheck -f gcc -e SC2016,SC2034,SC2046,SC2050,SC2086,SC2088,SC2157,SC2194,SC2218,SC2317 "$work"/*.sh
printf 'lint: nothing to say\n'
