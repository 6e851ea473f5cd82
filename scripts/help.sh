#!/bin/sh
# Prints the commands of this directory, and the rules for its targets.  Reads targets.ini and
# builds nothing, so that a fresh clone has the same help as any other.
set -eu
cd "$(dirname "$0")/.."

# shellcheck source=templates/sh/help.sh
. templates/sh/help.sh

print_own_commands() {
	cat <<'END'
Try cachemk:
  make setup           install what is needed, with the package manager
  make demo            build an example twice in a container

Build and install it:
  make                 build gen/cachemk and generate mk/cache.mk
  make install         install below PREFIX=/usr/local; uninstall removes it
  make deb             build a Debian package
  make clean           remove what was built here

Check it:
  make check           run all tests; check-unit and so on: some of them
  make lint            check every script with shellcheck
  make analyse         analyse the generator, count the lines that tests reach
  make fuzz            fuzz the generator, with each fuzzer for FUZZ_SECONDS=60
  make bench           measure builds and write docs/benchmarks.md
  make docs            regenerate docs/cache-architecture.md and its picture
  make terminal-picture  record a session on an engine, draw docs/terminal.svg

END
}

# print_sections: for each target in targets.ini a line with its names, and one with its
# description
print_sections() {
	awk '
		function print_section() {
			if (name != "" && name != "defaults") {
				print name aliases
				print description == "" ? "-" : description
			}
			name = aliases = description = ""
		}
		/^\[.*\]/ { print_section(); name = substr($0, 2, index($0, "]") - 2) }
		/^(aliases|description) *[=:]/ {
			value = $0
			sub(/^[a-z]+ *[=:] */, "", value)
			if (/^d/) { description = value; next }
			gsub(/ +/, ", ", value)
			if (value != "") aliases = ", " value
		}
		END { print_section() }' targets.ini
}

print_own_commands
IFS='
'
set -f
# shellcheck disable=SC2046 # the lines
print_help $(print_sections)
