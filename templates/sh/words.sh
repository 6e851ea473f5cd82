set -eu

# ---- words: what everything below is written with

newline='
'

# refuse TEXT...: ends with one line on standard error
refuse() {
	printf '%s\n' "$*" >&2
	exit 1
}

# quote_word TEXT: sets $quoted to TEXT as one word of sh, whatever it holds
quote_word() {
	quoted=
	unquoted=$1
	while case $unquoted in *\'*) ;; *) false ;; esac do
		quoted=$quoted${unquoted%%\'*}\'\\\'\'
		unquoted=${unquoted#*\'}
	done
	quoted=\'$quoted$unquoted\'
}

# add_words WORD...: appends them to the list $words.  POSIX has one list, "$@"; any other is a
# string of quoted words here, and is read back by eval.
add_words() {
	for word; do
		quote_word "$word"
		words="$words $quoted"
	done
}

# expand_home PATH: sets $expanded to PATH with a leading ~/ replaced, as sh does for what it
# reads
expand_home() {
	case $1 in
	\~/*) expanded=$HOME/${1#??} ;;
	*) expanded=$1 ;;
	esac
}

# is_file PATH: whether it is one, and neither a link to one nor anything else that a build may
# have put there
is_file() {
	[ -f "$1" ] && [ ! -h "$1" ]
}

# is_directory PATH: likewise
is_directory() {
	[ -d "$1" ] && [ ! -h "$1" ]
}

# enter_directory PATH: goes there, a step at a time, and makes what is missing.  Fails at a link,
# even one that takes the place of a directory meanwhile.
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

# read_switch NAME VALUE: sets $switch to 1 if a setting is on, to nothing if it is off, or ends
# with one line
read_switch() {
	switch=${2#"${2%%[![:space:]]*}"}
	switch=${switch%"${switch##*[![:space:]]}"}
	case $switch in
	1 | [Yy][Ee][Ss] | [Tt][Rr][Uu][Ee] | [Oo][Nn]) switch=1 ;;
	'' | 0 | [Nn][Oo] | [Ff][Aa][Ll][Ss][Ee] | [Oo][Ff][Ff]) switch= ;;
	*) refuse "$1 is '$2': set it to 1 or yes, or to 0 or no." ;;
	esac
}

# is_on SWITCH: whether it is
is_on() {
	[ "$1" = 1 ]
}

# What others have named is printed by this: it must not act on the terminal, or pass for a line of
# ours.  For awk with LC_ALL=C: TEXT with "?" for each control character, C1 in UTF-8 among them.
safe_awk='
function safe(text) {
  gsub(/[\001-\037\177]|\302[\200-\237]/, "?", text)
  return text
}
'

# print_safely TEXT...: prints it as one line, whatever it holds
print_safely() {
	LC_ALL=C awk "$safe_awk"'BEGIN { print safe(ARGV[1]) }' "$*"
}

# Every size that users see is written by this, in powers of 1000 as docker and cargo write theirs.
# For awk with LC_ALL=C: BYTES as 512B, 98.3kB, 22.5MB.
bytes_awk='
function bytes(n) {
  return n < 1e3 ? n "B" : n < 1e6 ? short(n / 1e3) "kB" : n < 1e9 ? short(n / 1e6) "MB" : \
    n < 1e12 ? short(n / 1e9) "GB" : short(n / 1e12) "TB"
}
function short(n) {
  return sprintf(n < 9.995 ? "%.2f" : n < 99.95 ? "%.1f" : "%.0f", n)
}
'

# print_size BYTES: likewise, for sh
print_size() {
	LC_ALL=C awk "$bytes_awk"'BEGIN { print bytes(ARGV[1]) }' "$1"
}
