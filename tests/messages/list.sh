#!/bin/sh
# Prints every text that users can come to read, a line each, file by file: from the parts of cache.sh,
# from cache.mk and from the generator.  With --update, writes them to messages.txt instead, which a
# test in tests/docs compares: whoever changes a message sees it there among all others.
#
# A text is a string literal that has two words in a row, or one word where something is printed.
# Literals side by side, as the arguments of `refuse` or as C joins them, are one text.
set -eu
export LC_ALL=C
cd "$(dirname "$0")/../.."

# take(TEXT, LANGUAGE): prints the texts among the literals of a logical line, or of a whole C file
# shellcheck disable=SC2016 # awk's
literals='
function bare(s) {
  gsub(/\$\([^)]*\)|\$\{[^}]*\}|\$[A-Za-z_]*[0-9*@]?|%[-0-9.*]*[a-z]+|\\n/, "", s)
  return s
}
function is_text(s, line) {
  if (s ~ /^(s[\/|]|!|NR|--|\^|\$[0-9] [=!~]|[{]|(exec|run|restore)_|\[[^%]|found \{|\* )|\\":|[{] print /) return 0
  s = bare(s)
  if (s ~ /[A-Za-z]+[,.:;]? +[A-Za-z]+/) return 1
  return line ~ /(printf|refuse|complain|say_[a-z]+|print|fputs) / && s ~ /[A-Za-z][a-z][a-z][a-z]/
}
function flush(line) {
  if (is_text(text, line)) {
    gsub(/(\\n)+$/, "", text)
    gsub(/(\\n)+/, "\n" name ": ", text)
    print name ": " text
  }
  text = ""
}
function take(s, sh,    i, c, quote, depth, part, whole) {
  whole = s
  for (i = 1; i <= length(s); i++) {
    c = substr(s, i, 1)
    if (quote == "") {
      if (c == "\"" || (sh && c == "\047")) {
        quote = c
        part = ""
      } else if (!sh && c == "\047") {
        i += substr(s, i + 1, 1) == "\\" ? 3 : 2
      } else if (sh && c == "\\") {
        i++
      } else if (c !~ /[ \t\n]/) flush(sh ? whole : "")
    } else if (c == quote && depth == 0) {
      if (!sh || bare(part) ~ /[A-Za-z]/) text = text (text != "" && sh ? " " : "") part
      quote = ""
    } else {
      if (quote == "\"" && sh && substr(s, i, 2) == "$(") depth++
      if (depth > 0 && c == ")") depth--
      part = part c
      if (c == "\\" && quote == "\"") part = part substr(s, ++i, 1)
    }
  }
  flush(sh ? whole : "")
}
'

# Comments, and lines that are continued, are not what is wanted of sh; nor are those of Make.
print_sh() {
	for file in templates/sh/*.sh; do
		awk -v name="$file" "$literals"'
			/^[ \t]*#/ { next }
			/\\$/ { line = line substr($0, 1, length($0) - 1) " "; next }
			{ gsub(/[ \t]+/, " ", line); take(line $0, 1); line = "" }' "$file"
	done
}

print_make() {
	awk '/\$\(error/ { text = FILENAME ": "; on = 1 }
		on { line = $0; sub(/.*\$\(error /, "", line); sub(/^[ \t]+/, "", line); more = sub(/\\$/, "", line)
			text = text line }
		on && !more { sub(/\)+$/, "", text); print text; on = 0 }' templates/cache.mk.mustache
}

print_c() {
	for file in gen/*.c gen/init/*.c; do
		sed -e 's|/\*.*\*/||' -e '/\/\*/,/\*\//d' -e '/^#include/d' "$file" | tr '\n' ' ' |
			awk -v name="$file" "$literals"'{ take($0, 0) }'
	done
}

print_all() {
	print_make
	print_sh
	print_c
}

case ${1-} in
--update) print_all >tests/messages/messages.txt ;;
*) print_all ;;
esac
