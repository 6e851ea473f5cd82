#!/bin/sh
# Runs shellcheck over every script of the project, and over the generated cache.sh, in parts and as a
# whole.  Prints what is wrong; says so when nothing is.
set -eu
cd "$(dirname "$0")/.."

scripts() {
	git ls-files --cached --others --exclude-standard | while IFS= read -r file; do
		case $file in
		templates/sh/*) ;;
		.ci/run | *.sh | *.bats | *.bash) printf '%s\n' "$file" ;;
		*.*) ;;
		*) if head -n 1 "$file" | grep -Eq '^#!.*[/ ](ba)?sh$'; then printf '%s\n' "$file"; fi ;;
		esac
	done
}

# Called by make, we are not to speak as one that it calls.
unset MAKEFLAGS MFLAGS MAKELEVEL
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
gen/cachemk -o "$work/cache.mk" targets.ini
# shellcheck disable=SC2046 # names without blanks
shellcheck -x $(scripts)
# SC2016: Go templates, and code that eval reads, are meant to stay as they are in single quotes.
# SC2034: what is read by another part, or by eval, is used.  SC2154: likewise what another part sets.
shellcheck -s sh -e SC2016,SC2034,SC2154 templates/sh/*.sh
shellcheck -e SC2016,SC2034 "$work/cache.sh"
awk 'length > 100 { printf "%s:%s: longer than 100 columns\n", FILENAME, FNR; long = 1 } END { exit long }' \
	"$work/cache.mk" "$work/cache.sh"
# A function that is longer does more than one thing.
awk '/^[a-z_]+\(\) [{(]$/ { begun = FNR; name = $1 }
	/^[})]$/ && begun {
		if (FNR - begun > 40) { printf "%s:%s: %s has over 40 lines\n", FILENAME, begun, name; long = 1 }
		begun = 0
	}
	END { exit long }' templates/sh/*.sh
printf 'lint: nothing to say\n'
