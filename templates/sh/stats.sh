# ---- stats: the sizes of the caches, and when they were last used

# print_time SECONDS: with a date, or two dashes
print_time() {
	if [ -n "$1" ]; then
		date -u -d "@$1" '+%s %Y-%m-%dT%H:%M:%SZ'
	else
		printf '%s\n' '- -'
	fi
}

# print_entry_times: when the downloads and databases of this cache were created, in order
print_entry_times() {
	{
		find cache -name '*.crate' -type f -exec stat -c %Y {} + || :
		find db -path 'db/*' -prune -exec stat -c %Y {} + || :
	} 2>/dev/null | sort -n
}

# print_faults: what is wrong with cargo's own files in this cache, without which cargo cannot
# work: a line for each, its name and the problem.  Nothing is opened that could be endless.
print_faults() {
	for file in .package-cache .package-cache-mutate .global-cache; do
		[ -e "$file" ] || [ -h "$file" ] || continue
		if ! is_file "$file"; then
			printf '%s is a %s\n' "$file" "$(stat -c %F "$file")"
		elif [ "$file" = .global-cache ] && ! is_database "$file"; then
			printf '%s is not an SQLite database\n' "$file"
		fi
	done
}

# is_database FILE: whether it begins as SQLite's do, or is empty
is_database() {
	[ -s "$1" ] || return 0
	[ "$(head -c 16 "$1" | od -An -tx1 | tr -d ' \n')" = 53514c69746520666f726d6174203300 ]
}

# print_survey NAME...: runs in a container.  For each cache: its faults, its mode, and its name,
# KiB, number of crates and git databases, and the times of its last use, oldest and newest entry:
# seconds since 1970 and a date, or two dashes.  Cargo records in .global-cache what it uses, and
# touches .package-cache when it downloads.
print_survey() {
	for name; do
		cd "/cachemk/$name" || return
		print_faults | while IFS= read -r fault; do printf 'fault %s %s\n' "$name" "$fault"; done
		times=$(print_entry_times)
		used=$({
			printf '%s\n' "$times"
			stat -c %Y .global-cache .package-cache
		} 2>/dev/null | sort -n | tail -n 1)
		printf 'mode %s %s\n' "$name" "$(stat -c '%u:%g %a' .)"
		printf 'volume %s %s %s %s' "$name" "$(du -sk . | cut -f 1)" \
			"$(($(find cache -name '*.crate' -type f 2>/dev/null | wc -l)))" \
			"$(($(find db -path 'db/*' -prune 2>/dev/null | wc -l)))"
		printf ' %s' "$(print_time "$used")" "$(print_time "${times%%"$newline"*}")" \
			"$(print_time "${times##*"$newline"}")"
		printf '\n'
	done
	df -Pk . | awk 'NR == 2 { print "disk", $4, $2 }'
}

# survey_caches NAMES: sets $survey to the output of print_survey for them, from a container that
# can only read them; to nothing without $tools
survey_caches() {
	survey=
	[ -n "$tools" ] && [ -n "$1" ] || return 0
	words=$as_root
	set -- "$1"
	while IFS= read -r name; do
		add_words -v "$directories${directories:+/}$name:/cachemk/$name:ro"
		set -- "$@" "$name"
	done <<-END
		$1
	END
	shift
	add_words "$tools"
	add_inside print_survey "$@"
	read_inside || refuse \
		"The caches could not be read: $(print_remedy 'see above, and try again')."
	survey=$said
}

# ---- cache-stats

stats_awk=$naming_awk$bytes_awk'
function add_row(target, of, tag) {
  name[++rows] = target
  cache[rows] = of
  image[rows] = tag
  shared[rows] = of in seen
  seen[of]
}
$1 == "row" { add_row($2, $3, $4) }
$1 == "found" || $1 == "orphan" { there[$2] }
$1 == "orphan" && kind_of($2) ~ /registry|git/ && !(cache_of($2) in seen) {
  add_row("", cache_of($2), "")
}
$1 == "volume" {
  size[$2] = $3 * 1024
  crates[$2] = $4
  epoch[$2] = $6
  used[$2] = $7
  if (kind_of($2) == "sccache") compiled += $3 * 1024
  if (kind_of($2) == "target") built += $3 * 1024
}
$1 == "image" {
  for (i = 2; i < NF; i++) {
    sub(/^localhost\//, "", $i)
    image_size[$i] = $NF
  }
}
$1 == "disk" { free = $2 * 1024; disk = $3 * 1024 }
function registry(row) { return name_of("registry", cache[row]) }
function git(row) { return name_of("git", cache[row]) }
function size_of(volume) { return volume in size ? size[volume] : 0 }
function both(row) { return shared[row] ? 0 : size_of(registry(row)) + size_of(git(row)) }
function total(    row, sum) {
  for (row = 1; row <= rows; row++) sum += both(row)
  return sum + compiled + built
}
function last_used(row,    r, g) {
  r = registry(row)
  g = git(row)
  return epoch[r] + 0 >= epoch[g] + 0 ? used[r] : used[g]
}
'

stats_table_awk=$stats_awk'
function is_unknown(volume) { return volume in there && !(volume in size) }
function cell(volume) {
  return !(volume in there) ? "-" : volume in size ? bytes(size[volume]) : "?"
}
function title(row) { return name[row] != "" ? name[row] : cache[row] " (orphan)" }
function bar(part,    cells, text) {
  cells = most ? part / most * room : 0
  if (!utf8) {
    for (; cells > 0; cells--) text = text "#"
    return text
  }
  for (; cells >= 1; cells--) text = text "\342\226\210"
  return cells > 0 ? text substr("\342\226\217\342\226\216\342\226\215\342\226\214" \
    "\342\226\213\342\226\212\342\226\211\342\226\210", 1 + 3 * int(cells * 8), 3) : text
}
function line(a, b, c, d, e, f, g) {
  if (length(a) > wide) { print a; a = "" }
  a = sprintf("%-" wide "s %8s %8s %8s %6s %-10s %s", a, b, c, d, e, f, g)
  sub(/ +$/, "", a)
  print a
}
END {
  wide = 6
  for (row = 1; row <= rows; row++) {
    if (length(title(row)) > wide) wide = length(title(row))
    if (both(row) > most) most = both(row)
    if (is_unknown(registry(row)) || is_unknown(git(row))) unknown = 1
  }
  if (wide > 24) wide = 24
  room = 80 - wide - 47
  line("TARGET", "REGISTRY", "GIT", "IMAGE", "CRATES", "LAST USED", "")
  for (row = 1; row <= rows; row++) {
    r = registry(row)
    prepared = image[row] in image_size ? bytes(image_size[image[row]]) : "-"
    if (shared[row]) line(title(row), "shared", "shared", prepared, "", "", "")
    else line(title(row), cell(r), cell(git(row)), prepared, r in crates ? crates[r] : "-",
      last_used(row) != "" ? substr(last_used(row), 1, 10) : "-", bar(both(row)))
  }
  if (compiled) print "Compiled crates, kept by sccache: " bytes(compiled)
  if (built) print "Target directories, kept in volumes: " bytes(built)
  print "Total: " (unknown ? "?, known once an image is prepared" : bytes(total()))
  if (disk) print "Free on the engine\047s disk: " bytes(free) " of " bytes(disk)
}
'

stats_json_awk=$stats_awk'
function number(key, array) { return key in array ? sprintf("%.0f", array[key]) : "null" }
function date(text) { return text ~ /^[0-9]/ ? "\"" text "\"" : "null" }
function object(volume) {
  return !(volume in there) ? "null" : \
    sprintf("{\"volume\":\"%s\",\"bytes\":%s}", volume, number(volume, size))
}
END {
  printf "{\"targets\":["
  for (row = 1; row <= rows; row++) {
    printf "%s{\"target\":%s,", (row > 1 ? "," : ""), \
      (name[row] != "" ? "\"" name[row] "\"" : "null")
    printf "\"cache\":\"%s\",\"registry\":%s,", cache[row], object(registry(row))
    printf "\"git\":%s,\"crates\":%s,", object(git(row)), number(registry(row), crates)
    printf "\"image\":%s,", image[row] in image_size ? \
      sprintf("{\"name\":\"%s\",\"bytes\":%s}", image[row], image_size[image[row]]) : "null"
    printf "\"last_used\":%s}", date(last_used(row))
  }
  printf "],\"compiled_bytes\":%.0f,\"target_bytes\":%.0f,", compiled, built
  printf "\"total_bytes\":%.0f,", total()
  printf "\"disk\":"
  print (disk ? sprintf("{\"free_bytes\":%.0f,\"bytes\":%.0f}", free, disk) : "null") "}"
}
'

# print_image_sizes: of the rows' images
print_image_sizes() {
	set --
	while read -r _ _ image; do set -- "$@" "$image"; done <<-END
		$rows
	END
	run_engine image inspect --format 'image {{range .RepoTags}}{{.}} {{end}}{{.Size}}' "$@" \
		2>/dev/null || :
}

# print_stats: the command.  A UTF-8 locale gets finer bars.
print_stats() {
	select_caches cache-stats
	case $FORMAT in
	json) program=$stats_json_awk ;;
	'')
		program=$stats_table_awk
		printf 'Sizes of the %s:\n' "$where"
		;;
	*) refuse "FORMAT is '$FORMAT': set it to json, or leave it out for a table." ;;
	esac
	find_caches
	find_tools
	survey_caches "$names"
	case ${LC_ALL:-${LC_CTYPE:-${LANG-}}} in *[Uu][Tt][Ff]*8*) utf8=1 ;; *) utf8=0 ;; esac
	{
		print_rows
		printf '%s\n' "$caches" "$survey"
		print_image_sizes
	} | LC_ALL=C awk -v utf8="$utf8" -v directories="${directories:+1}" "$program"
}
