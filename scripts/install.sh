#!/bin/sh
# Installs cachemk in PREFIX, below DESTDIR, or removes what it installed.
# Usage: install.sh [--remove] DESTDIR PREFIX
set -eu
cd "$(dirname "$0")/.."
remove=
if [ "$1" = --remove ]; then
	remove=yes
	shift
fi
prefix=$2
at=$1$2

# Where each of these goes; they contain the path of the installed templates.
texts='man/cachemk.1 share/man/man1/cachemk.1
man/cachemk.ini.5 share/man/man5/cachemk.ini.5
man/cachemk-rules.7 share/man/man7/cachemk-rules.7
completions/cachemk.bash share/bash-completion/completions/cachemk
completions/_cachemk share/zsh/site-functions/_cachemk'

# install_text FILE PLACE
install_text() {
	install -d "$at/${2%/*}"
	sed "s|/usr/local/share/cachemk|$prefix/share/cachemk|g" "$1" >"$at/$2"
	chmod 644 "$at/$2"
}

# The documents keep the layout that they have here, so that their links work.
install_all() {
	install -d "$at/bin" "$at/share/cachemk/templates/sh" "$at/share/doc/cachemk/docs"
	install -m 755 gen/cachemk "$at/bin"
	install -m 644 templates/*.mustache "$at/share/cachemk/templates"
	install -m 755 templates/cache.sh "$at/share/cachemk/templates" # as Debian wants of scripts
	# The parts that the generator itself reads.
	for part in dockerfile engine lock words; do
		install -m 644 "templates/sh/$part.sh" "$at/share/cachemk/templates/sh"
	done
	install -m 644 README.md CHANGELOG.md SECURITY.md "$at/share/doc/cachemk"
	install -m 644 docs/*.md docs/*.svg "$at/share/doc/cachemk/docs"
	printf '%s\n' "$texts" | while read -r file place; do
		install_text "$file" "$place"
	done
}

# Directories stay: they may contain files of other programs.
remove_all() {
	printf '%s\n' "$texts" | while read -r file place; do
		rm -f "$at/$place"
	done
	rm -f "$at/bin/cachemk"
	rm -rf "$at/share/cachemk" "$at/share/doc/cachemk"
}

if [ "$remove" ]; then
	remove_all
else
	install_all
fi
