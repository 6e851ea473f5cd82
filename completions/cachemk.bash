# Completion of cachemk's arguments in bash.  Source this file, or install it under the name cachemk
# where bash-completion looks.
#
# Names of files are never printed as lines or evaluated, so that any name is completed as it is.

# Where templates are that the current directory does not have, as in gen/template.c.
_cachemk_installed=/usr/local/share/cachemk/templates

# Sets $cur, the word as it was typed so far, to what the shell would make of it: without an opening
# quote and without backslashes.
_cachemk_unquote() {
	local rest=$cur
	case $cur in
	\'*)
		cur=${cur#\'}
		return
		;;
	\"*) rest=${cur#\"} ;;
	esac
	cur=
	while [[ $rest == *\\* ]]; do
		cur+=${rest%%\\*}
		rest=${rest#*\\}
		cur+=${rest:0:1}
		rest=${rest:1}
	done
	cur+=$rest
}

# _cachemk_add WORD...: offers those that begin with $cur, each once
_cachemk_add() {
	local word other
	for word; do
		[[ $word == "$cur"* ]] || continue
		for other in ${COMPREPLY[@]+"${COMPREPLY[@]}"}; do
			[[ $other != "$word" ]] || continue 2
		done
		COMPREPLY+=("$word")
	done
}

# _cachemk_option NAME: sets an option of this completion; `filenames` makes readline quote what is
# offered.  Bash before 4 has no compopt, and it fails where nobody is completing.
_cachemk_option() {
	compopt -o "$1" 2>/dev/null || :
}

# _cachemk_expand PREFIX SUFFIX: the paths between them, each followed by a NUL.  In a process of
# its own, since the caller's settings may be any, and must stay.
_cachemk_expand() {
	set +f
	shopt -u failglob
	shopt -s nullglob
	local path
	for path in "$1"*"$2"; do printf '%s\0' "$path"; done
}

# _cachemk_files SUFFIX: offers directories, and the files with this suffix.  A name that begins with
# a dash would be taken for an option.
_cachemk_files() {
	local path
	_cachemk_option filenames
	if [[ $cur == '~'* ]]; then _cachemk_option default; fi # readline knows whose home that is
	while IFS= read -r -d '' path; do
		if [[ $path != -* && ($path == *"$1" || -d $path) ]]; then _cachemk_add "$path"; fi
	done < <(_cachemk_expand "$cur" '')
}

# Offers what -t takes: a path, if there is a slash, or else a name with an extension that cachemk
# can escape for.
_cachemk_templates() {
	local path name
	if [[ $cur == */* ]]; then
		_cachemk_files .mustache
		return
	fi
	_cachemk_option filenames
	while IFS= read -r -d '' path; do
		name=${path##*/}
		name=${name%.mustache}
		case $name in
		*.dot | *.html | *.json | *.md | *.mk | *.txt | *.yml) _cachemk_add "$name" ;;
		esac
	done < <(
		_cachemk_expand templates/ .mustache
		_cachemk_expand "$_cachemk_installed/" .mustache
	)
}

# Offers what may follow `list`: --json, then a file.
_cachemk_list() {
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ $COMP_CWORD -eq 2 && $cur == -* ]]; then
		_cachemk_add --json
	elif [[ $COMP_CWORD -eq 2 || ($COMP_CWORD -eq 3 && $before == --json) ]]; then
		_cachemk_files .ini
	fi
}

# Offers what may follow `lock`: --update or --check, then a file.
_cachemk_lock() {
	local before=${COMP_WORDS[COMP_CWORD - 1]}
	if [[ $COMP_CWORD -eq 2 && $cur == -* ]]; then
		_cachemk_add --update --check
	elif [[ $COMP_CWORD -eq 2 || ($COMP_CWORD -eq 3 && $before == --[uc]*) ]]; then
		_cachemk_files .ini
	fi
}

# Offers what may follow the options and the file before the cursor.  Bash takes `--output=FILE` for
# three words.
_cachemk_generate() {
	local i word option='' ini=''
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if [[ -n $option && $word == = && ${COMP_WORDS[i - 1]} == "$option" ]]; then
			continue
		elif [[ -n $option ]]; then
			option=
		elif [[ $word == -[ot] || $word == --output || $word == --template ]]; then
			option=$word
		elif [[ $word != -* ]]; then
			ini=$word
		fi
	done
	[[ -z $option || $cur != = ]] || cur=
	case $option in
	-o | --output) _cachemk_option default ;; # any file: readline's own completion
	-t | --template) _cachemk_templates ;;
	*)
		if [[ $cur == -* ]]; then
			_cachemk_add -o --output -t --template --check -h --help -V --version
		elif [[ -z $ini ]]; then
			[[ $COMP_CWORD -ne 1 ]] || _cachemk_add init list lock triples
			_cachemk_files .ini
		fi
		;;
	esac
}

_cachemk() {
	local cur=${COMP_WORDS[COMP_CWORD]-}
	COMPREPLY=()
	_cachemk_unquote
	case $COMP_CWORD,${COMP_WORDS[1]-} in
	1,*) _cachemk_generate ;;
	2,init) _cachemk_add --dry-run ;;
	*,init | *,triples) ;; # takes nothing else
	*,list) _cachemk_list ;;
	*,lock) _cachemk_lock ;;
	*) _cachemk_generate ;;
	esac
	return 0
}

complete -F _cachemk cachemk
