# Draws a session as a terminal of 80 columns, in SVG: LC_ALL=C awk -f draw.awk session >terminal.svg
#
# A session is the text of a terminal in UTF-8, with colours as escape sequences.  A longer line goes
# on in the next, as it does in a terminal.  Commands and times are drawn brighter than what is printed.

BEGIN {
	columns = 80
	cell = 8.4 # the width of a character of 14 pixels
	leading = 19
	margin = 18
	bar = 36
	split("31 32 33 34 35 36 91 92 93 94 95 96", codes, " ")
	for (i in codes) colour[codes[i]] = "c" (codes[i] % 10)
}

# escaped(TEXT): what it is in XML; a control character becomes "?"
function escaped(text) {
	gsub(/[\001-\037\177]/, "?", text)
	gsub(/&/, "\\&amp;", text)
	gsub(/</, "\\&lt;", text)
	gsub(/>/, "\\&gt;", text)
	return text
}

# put(): what was gathered in one style goes to the line
function put(  class) {
	if (piece == "") return
	class = base (bold ? " b" : "") (hue == "" ? "" : " " hue)
	sub(/^ /, "", class)
	line = line (class == "" ? escaped(piece) : "<tspan class=\"" class "\">" escaped(piece) "</tspan>")
	piece = ""
}

# end_line(): a line of the terminal is full, or over
function end_line() {
	put()
	rows++
	if (line != "") text[rows] = line
	width[rows] = column
	line = ""
	column = 0
}

# select_style(CODES): as in ESC [ CODES m
function select_style(codes,  list, count, i) {
	put()
	count = split(codes == "" ? "0" : codes, list, ";")
	for (i = 1; i <= count; i++) {
		if (list[i] + 0 == 0) { bold = 0; hue = "" }
		else if (list[i] == 1) bold = 1
		else if (list[i] in colour) hue = colour[list[i]]
	}
}

{
	base = /^\$ / ? "y" : /^real / ? "t" : /^…$/ ? "d" : ""
	rest = $0
	sub(/\r$/, "", rest)
	while (rest != "") {
		if (match(rest, /^\033\[[0-9;]*m/)) {
			select_style(substr(rest, 3, RLENGTH - 3))
			rest = substr(rest, RLENGTH + 1)
			continue
		}
		# A character: one byte, and the continuation bytes of UTF-8 behind it.
		match(rest, /^.[\200-\277]*/)
		if (column == columns) end_line()
		piece = piece substr(rest, 1, RLENGTH)
		column++
		rest = substr(rest, RLENGTH + 1)
	}
	end_line()
}

END {
	wide = columns * cell + 2 * margin
	high = bar + rows * leading + margin
	printf "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" viewBox=\"0 0 %d %d\" role=\"img\">\n",
		wide, high, wide, high
	print "<title>A first build, a second build and cache-stats in a terminal</title>"
	print "<style>"
	print "text { font: 14px ui-monospace, SFMono-Regular, Menlo, Consolas, \"DejaVu Sans Mono\", monospace;"
	print "  fill: #c9d1d9; white-space: pre }"
	print ".b { font-weight: bold } .d { fill: #8b949e } .y { fill: #ffffff; font-weight: bold }"
	print ".t { fill: #f2cc60; font-weight: bold } .c1 { fill: #ff7b72 } .c2 { fill: #56d364 }"
	print ".c3 { fill: #e3b341 } .c4 { fill: #79c0ff } .c5 { fill: #d2a8ff } .c6 { fill: #56d4dd }"
	print "</style>"
	printf "<rect x=\"0.5\" y=\"0.5\" width=\"%d\" height=\"%d\" rx=\"9\" fill=\"#161b22\" stroke=\"#57606a\"/>\n", wide - 1, high - 1
	printf "<circle cx=\"20\" cy=\"19\" r=\"6\" fill=\"#ff5f57\"/><circle cx=\"40\" cy=\"19\" r=\"6\" fill=\"#febc2e\"/>"
	print "<circle cx=\"60\" cy=\"19\" r=\"6\" fill=\"#28c840\"/>"
	for (row = 1; row <= rows; row++) {
		if (!(row in text)) continue
		printf "<text x=\"%d\" y=\"%d\" textLength=\"%.1f\" xml:space=\"preserve\">%s</text>\n",
			margin, bar + row * leading, width[row] * cell, text[row]
	}
	print "</svg>"
}
