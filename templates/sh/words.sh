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

# with_parts SEPARATOR FUNCTION TEXT: calls it with the parts of TEXT between separators as words.
# To cut them off one by one would take sh a time that is the square of their length.
with_parts() {
	set -f
	IFS=$1
	call=$2
	# shellcheck disable=SC2086 # to be split
	set -- $3
	unset IFS
	set +f
	"$call" "$@"
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

# name_used: sets $used to the settings, of those for some rules only, that $rule knows
name_used() {
	case $rule in
	list-cache* | inspect-cache*) used=' KIND ' ;;
	cache-stats*) used=' KIND FORMAT ' ;;
	clean-cache*) used=' KIND DRY_RUN ' ;;
	prune-cache*) used=' AGE SIZE DRY_RUN ' ;;
	verify-cache*) used=' REPAIR DRY_RUN ' ;;
	backup-cache* | restore-cache*) used=' FILE DRY_RUN ' ;;
	clean-images*) used=' ALL DRY_RUN ' ;;
	pull-images* | push-images* | pull-cache* | push-cache*) used=' DRY_RUN ' ;;
	*) used= ;;
	esac
}

# find_given: sets $given to those that the user has set, on the command line or in the environment
# (a makefile's default for another rule is in neither), and $typed to those on the command line
find_given() {
	given=" ${KIND:+KIND }${AGE:+AGE }${SIZE:+SIZE }"
	typed=
	for name in KIND FORMAT AGE SIZE FILE REPAIR ALL DRY_RUN; do
		case " ${MAKEFLAGS-}" in *" $name="?*) typed="$typed $name" ;; esac
	done
}

# check_settings: nothing that was set is ignored in silence: a limit that would not keep a rule
# from removing more is refused, and a line names what else has no effect
check_settings() {
	name_used
	case $rule:$given in
	clean-cache*' AGE '* | clean-cache*' SIZE '*)
		refuse "AGE and SIZE do not apply to $rule, which removes whole caches:" \
			'run make prune-cache, or leave them out.' ;;
	prune-cache*' KIND '* | restore-cache*' KIND '* | pull-cache*' KIND '*)
		refuse "KIND does not apply to $rule, which is for all kinds together: leave it out." ;;
	esac
	for name in $typed; do
		case $rule:$name:$used in
		*" $name "*) ;;
		*cache*:* | *images*:* | doctor*:*) warn_unused "$name" ;;
		*:DRY_RUN:*) ! is_on "$DRY_RUN" || warn_unused DRY_RUN ": make -n $rule prints its command" ;;
		esac
	done
	for name in $own; do
		case $used in *" $name "*) eval "value=\$$name" ;; *) continue ;; esac
		[ -n "$value" ] || printf '%s\n' "warning: the makefile's own $name has no effect on $rule: \
set CACHEMK_$name in it, or $name on the command line" >&2
	done
}

# warn_unused NAME [REMEDY]: a setting that the rule does not know
warn_unused() {
	printf 'warning: %s does not apply to %s%s\n' "$1" "$rule" "${2-}" >&2
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
