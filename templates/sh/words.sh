set -eu

# ---- words: helpers for text, paths and settings, which everything below uses

newline='
'

# refuse TEXT...: prints TEXT on standard error, and exits with status 1
refuse() {
	printf '%s\n' "$*" >&2
	exit 1
}

# quote_word TEXT: sets $quoted to TEXT quoted as one word for sh
quote_word() {
	quoted=
	unquoted=$1
	while case $unquoted in *\'*) ;; *) false ;; esac do
		quoted=$quoted${unquoted%%\'*}\'\\\'\'
		unquoted=${unquoted#*\'}
	done
	quoted=\'$quoted$unquoted\'
}

# add_words WORD...: appends them to the list $words.  POSIX sh has one list, "$@"; any other list
# is a string of quoted words, which eval reads.
add_words() {
	for word; do
		quote_word "$word"
		words="$words $quoted"
	done
}

# expand_home PATH: sets $expanded to PATH with a leading ~/ replaced, as sh would do
expand_home() {
	case $1 in
	\~/*) expanded=$HOME/${1#??} ;;
	*) expanded=$1 ;;
	esac
}

# is_file PATH: whether it is a regular file, and not a link to one or anything else that a build
# may have put there
is_file() {
	[ -f "$1" ] && [ ! -h "$1" ]
}

# is_directory PATH: the same for a directory
is_directory() {
	[ -d "$1" ] && [ ! -h "$1" ]
}

# enter_directory PATH: changes to it one step at a time, and creates what is missing.  Fails at a
# link, even at one that replaces a directory at that moment.
enter_directory() {
	steps=$1/
	while [ -n "$steps" ]; do
		step=${steps%%/*}
		steps=${steps#*/}
		here=$PWD
		[ -e "$step" ] || [ -h "$step" ] || mkdir "$step" || return
		CDPATH='' cd -P -- "./$step" 2>/dev/null && [ "$PWD" = "${here%/}/$step" ] || return
	done
}

# read_switch NAME VALUE: sets $switch to 1 if a setting is on, or to nothing if it is off;
# refuses any other value
read_switch() {
	switch=${2#"${2%%[![:space:]]*}"}
	switch=${switch%"${switch##*[![:space:]]}"}
	case $switch in
	1 | [Yy][Ee][Ss] | [Tt][Rr][Uu][Ee] | [Oo][Nn]) switch=1 ;;
	'' | 0 | [Nn][Oo] | [Ff][Aa][Ll][Ss][Ee] | [Oo][Ff][Ff]) switch= ;;
	*) refuse "$1 is '$2': set it to 1 or yes, or to 0 or no." ;;
	esac
}

# is_on SWITCH: whether a setting is on
is_on() {
	[ "$1" = 1 ]
}

# Names that others have chosen are printed through this, so that they cannot control the terminal
# or look like a line of ours.  For awk with LC_ALL=C: TEXT with "?" for each control character,
# including C1 in UTF-8.
safe_awk='
function safe(text) {
  gsub(/[\001-\037\177]|\302[\200-\237]/, "?", text)
  return text
}
'

# print_safely TEXT...: prints TEXT as one line, without control characters
print_safely() {
	LC_ALL=C awk "$safe_awk"'BEGIN { print safe(ARGV[1]) }' "$*"
}

# All sizes that users see are printed through this, in powers of 1000 as docker and cargo print
# theirs.  For awk with LC_ALL=C: BYTES as 512B, 98.3kB, 22.5MB.
bytes_awk='
function bytes(n) {
  return n < 1e3 ? n "B" : n < 1e6 ? short(n / 1e3) "kB" : n < 1e9 ? short(n / 1e6) "MB" : \
    n < 1e12 ? short(n / 1e9) "GB" : short(n / 1e12) "TB"
}
function short(n) {
  return sprintf(n < 9.995 ? "%.2f" : n < 99.95 ? "%.1f" : "%.0f", n)
}
'

# print_size BYTES: the same for sh
print_size() {
	LC_ALL=C awk "$bytes_awk"'BEGIN { print bytes(ARGV[1]) }' "$1"
}
