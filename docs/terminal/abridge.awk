# Leaves out of a session what is long and says little, with a line "…" in its place: what the engine
# prints while it prepares an image, and of Downloaded and Compiling all but the first and the last.

function show(line) {
	if (skipped) print "…"
	skipped = 0
	print line
}

# end(): the last of a run of lines of one kind
function end() {
	if (count > 2) skipped = 1
	if (count > 1) show(last)
	kind = ""
	count = 0
}

{
	plain = $0
	gsub(/\033\[[0-9;]*m/, "", plain)
	split(plain, word, " ")
	here = word[1] == "Downloaded" || word[1] == "Compiling" ? word[1] : ""
}

preparing && !here { skipped = 1; next }
{ preparing = 0 }

here && here == kind { count++; last = $0; next }
{ end() }
here { kind = here; count = 1 }
{ show($0) }
/^Preparing the image/ { preparing = 1 }

END { end() }
