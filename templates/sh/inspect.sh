# ---- inspect: all that is known of a cache

# Sizes and times come from the survey, the rest from the engine or a tag.
inspect_awk=$naming_awk$bytes_awk'
function say(what, value) { printf "  %-12s %s\n", what, (value == "" ? "?" : value) }
# Text quoted by Go, with "?" for each character that cannot be printed
function unquote(text) {
  gsub(/\\\\/, "\001", text)
  gsub(/\\"/, "\002", text)
  gsub(/\\(x..|u....|U........|[abfnrtv])/, "?", text)
  gsub(/"/, "", text)
  gsub(/\001/, "\\", text)
  gsub(/\002/, "\"", text)
  return text
}
function day(text) { return text == "-" ? "none" : text }
$1 == "volume" { size[$2] = bytes($3 * 1024); crates[$2] = $4; databases[$2] = $5
                  used[$2] = $7; oldest[$2] = $9; newest[$2] = $11 }
$1 == "mode" { owner[$2] = $3; mode[$2] = $4 }
$1 == "name" { name = $2; print name }
$1 == "driver" { sub(/^driver /, ""); say("driver", $0) }
$1 == "mountpoint" { sub(/^mountpoint /, ""); say("mount point", $0) }
$1 == "label" { sub(/^label /, ""); say("label", unquote($0)) }
$1 == "end" {
  say("owner", name in owner ? owner[name] ", mode " mode[name] : "")
  say("size", size[name])
  if (kind_of(name) == "registry") say("crates", crates[name])
  if (kind_of(name) == "git") say("databases", databases[name])
  say("last used", day(used[name]))
  say("oldest entry", day(oldest[name]))
  say("newest entry", day(newest[name]))
}
'

# inspect_volumes: what the engine knows about $names
inspect_volumes() {
	set --
	while IFS= read -r name; do set -- "$@" "$name"; done <<-END
		$names
	END
	format='{{println "name" .Name}}{{println "driver" .Driver}}{{println "mountpoint" .Mountpoint}}'
	format=$format'{{range $key, $value := .Labels}}{{printf "label %q = %q\n" $key $value}}{{end}}'
	run_engine volume inspect --format "${format}end" "$@"
}

# inspect_directories: what the tags say about $names
inspect_directories() {
	while IFS= read -r name; do
		read_tag "$directories/${name%/*}" || continue
		printf 'name %s\ndriver none, a directory\nmountpoint %s\n' "$name" "$directories/$name"
		for label in "user = $tag_user" "project = $tag_project" "identity = $tag_identity"; do
			print_safely "label cachemk.$label"
		done
		printf 'end\n'
	done <<-END
		$names
	END
}

# inspect_caches: the rule
inspect_caches() {
	select_caches inspect-cache
	need_caches
	find_tools
	survey_caches "$names"
	if [ -n "$directories" ]; then known=$(inspect_directories); else known=$(inspect_volumes); fi
	printf '%s\n' "$survey" "$known" |
		LC_ALL=C awk -v directories="${directories:+1}" "$inspect_awk"
}
