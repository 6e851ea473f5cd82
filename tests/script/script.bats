#!/usr/bin/env bats
# cache.sh's functions one by one: what a command line is read as, volume names, sizes, owners.
# shellcheck disable=SC2015,SC2016,SC2030,SC2031,SC2034,SC2088,SC2154 # code for another sh; helper.bash and bats set the rest

load helper

setup_file() { make_library; }
setup() { cd "$BATS_TEST_TMPDIR" || return; }

# Every character that sh, make, printf or awk has a use for.
nasty='a  "b" '\''c'\'' $d $$ $(touch canary) `touch canary` \ \\ \n %s # | & ( ) { } [ * ? ! ~ < > = : , @'

# ---- Words

@test "a list of words comes back as it was, whatever they hold" {
	each_sh 'words=; add_words "$@"; eval "set -- $words"; printf "<%s>\n" "$#" "$@"' "$nasty" '' "'" "''" -n '
two lines'
	prints '<6>' "<$nasty>" '<>' "<'>" "<''>" '<-n>' '<
two lines>'
	[ ! -e canary ]
}

@test "a leading ~/ is the home, and no other ~" {
	HOME=/home/me each_sh 'for path; do expand_home "$path"; printf "%s\n" "$expanded"; done' \
		'~/a b' '~' '~me/x' 'a/~/b' ''
	prints '/home/me/a b' '~' '~me/x' 'a/~/b' ''
}

@test "what V=1 shows can be pasted" {
	each_sh 'V=1; exec 7>&1; show_command docker run "$@"' "it's" '' -e A=b '$(x)'
	prints "+ docker run 'it'\\''s' '' -e A=b '\$(x)'"
	each_sh 'V=0; exec 7>&1; show_command docker run'
	prints ''
}

@test "what others have named is printed as one line, and does nothing to the terminal" {
	each_sh 'print_safely "$@"' $'a\e[2Jb\n  c\td\r\x7f\xc2\x9b' -n '%s \033' 'é 中 ~?'
	prints 'a?[2Jb?  c?d??? -n %s \033 é 中 ~?'
	each_sh 'print_safely ""; print_safely -v x=y'
	prints '' '-v x=y'
}

# ---- The command line

@test "settings are read by name, in any number, and end at the first other word" {
	each_sh 'read_build_flags() { printf "%s\n" "$WORKSPACE" "$V" "$FILE" "$YES" -- "$@"; }; read_settings "$@"' \
		'WORKSPACE=a b' V=1 'FILE==$x' A=b YES=1
	prints 'a b' 1 '=$x' '' -- A=b YES=1
	each_sh 'read_build_flags() { printf "%s\n" "$WORKSPACE" "$V" "$#"; }; read_settings "$@"'
	prints . '' 0
}

@test "settings of the environment are not those of cache.mk" {
	V=1 YES=1 FILE=x KIND=git each_sh 'read_build_flags() { printf "<%s>\n" "$V" "$YES" "$FILE" "$KIND"; }; read_settings'
	prints '<>' '<>' '<>' '<>'
}

# read_line WORD...: what a command line is read as, up to the rule
read_line() {
	each_sh 'run_rule() {
			printf "%s=%s\n" engine "$engine" image "$prepared" target "$target" command "$command" cache "$cache" \
				registry "$registry" git "$git" compiled "$compiled" objects "$objects" platform "$platform" \
				dir "$target_dir" as "$run_as"
		}
		rule=$1; shift; read_settings "$@"' "$@"
}

mounts=(-v .:/workspace -v cargo-cache-c:/usr/local/cargo/registry -v cargo-git-cache-c:/usr/local/cargo/git)

@test "a docker run is read: image, target, mounts, platform, directory" {
	read_line build-my-x64 V=1 --description 'run --rm' --setup '-v cargo-cache-no:/usr/local/cargo/registry' \
		docker run --rm --init --platform linux/arm64 "${mounts[@]}" -w /workspace \
		-e CARGO_TARGET_DIR=/workspace/target/a-b cachemk:my-x64-0123456789abcdef cargo build
	prints "engine= 'docker'" image=cachemk:my-x64-0123456789abcdef target=my-x64 command=build cache=c \
		registry=cargo-cache-c git=cargo-git-cache-c compiled= objects= platform=linux/arm64 dir=target/a-b as=
}

@test "what only some targets have is read: root, sccache, a volume for what is compiled" {
	read_line restore-cache-x docker run --rm --init --user 0:0 "${mounts[@]}" \
		-v cargo-target-x:/workspace/target/a-b -v cargo-sccache-c:/usr/local/sccache \
		-e CARGO_TARGET_DIR=/workspace/target/a-b cachemk:x-0123456789abcdef
	prints "engine= 'docker'" image=cachemk:x-0123456789abcdef target=x command=restore-cache cache=c \
		registry=cargo-cache-c git=cargo-git-cache-c compiled=cargo-sccache-c objects=cargo-target-x \
		platform= dir=target/a-b as=0:0
}

@test "values that look like what is read are not taken for it" {
	read_line build-x docker run --rm --init "${mounts[@]}" -e CARGO_TARGET_DIR=/workspace/target/a-b \
		-e A=b:cachemk:no -e 'B=-v cargo-cache-no:/usr/local/cargo/registry' -e C=--platform -e D=-v \
		cachemk:x-0123456789abcdef cargo build -v cargo-cache-no:/usr/local/cargo/registry
	prints "engine= 'docker'" image=cachemk:x-0123456789abcdef target=x command=build cache=c \
		registry=cargo-cache-c git=cargo-git-cache-c compiled= objects= platform= dir=target/a-b as=
}

@test "the engine may be several words, with anything in them, even run" {
	read_line build-x A=b 'my docker' --context "it's" -c run run --rm --init "${mounts[@]}" cachemk:x-0
	[ "${lines[0]}" = "engine=env  'A=b' 'my docker' '--context' 'it'\\''s' '-c' 'run'" ]
}

@test "a command line that is not cache.mk's is refused with one line" {
	read_line build-x docker build .
	refuses "build-x: its command in cache.mk has no 'docker run --rm --init': run cachemk again."
	read_line list-cache a b c
	refuses 'list-cache: the table of targets in cache.mk is incomplete: run cachemk again.'
	read_line build-x docker run --rm rust run --rm --init cachemk:x-0
	refuses "DOCKER is 'docker run --rm rust' (): set it to an engine's command alone, such as docker or podman."
	read_line build-x run --rm --init
	refuses 'DOCKER is empty: set it to the command of an engine, such as docker or podman.'
}

@test "DOCKER_BUILD_FLAGS are read as words, up to their end" {
	each_sh 'read_options() { printf "%s|%s\n" "$build_flags" "$*"; }; read_build_flags "$@"' \
		--build-flags --label 'x=y z' --end --triple t
	prints " '--label' 'x=y z'|--triple t"
}

@test "the table's rows are those of the rule's target, or all" {
	local table=(a linux/amd64 c rust cachemk:a-0 b - d rust cachemk:b-0 -- docker)
	each_sh 'run_rule() { read_rows list-cache; printf "%s\n" "$rows" "all=$all" "$others"; }; read_settings "$@"' "${table[@]}"
	[ "$status" -eq 1 ]
	each_sh 'run_rule() { read_rows list-cache; printf "%s\n" "$rows" "all=$all" "$others"; }
		rule=list-cache; read_settings "$@"' "${table[@]}"
	prints 'a c cachemk:a-0' 'b d cachemk:b-0' all=yes ''
	each_sh 'run_rule() { read_rows list-cache; printf "%s\n" "$rows" "all=$all" "$others"; }
		rule=list-cache-b; read_settings "$@"' "${table[@]}"
	prints 'b d cachemk:b-0' all= 'a c cachemk:a-0'
}

@test "another version's makefile is refused with the remedy" {
	run --separate-stderr sh "$BATS_FILE_TMPDIR/cache.sh" 1.2.3 build-x docker
	[ "$status" -eq 1 ]
	[[ $stderr = *'/cache.sh is from cachemk '*', but cache.mk is from 1.2.3: run cachemk again, and commit both files.' ]]
}

# ---- What a run becomes

# run_words NETWORK WORD...: the words after `docker run`, a line each
run_words() {
	each_sh 'start_container() { eval "printf \"%s\\n\" $words \"\$@\""; }; add_outer() { :; }
		words= prepared=cachemk:x-0 workspace="/w s" registry=R git=G compiled=S target_dir=t command=check
		inside=/workspace member= remote= fetching= sealed= cross= triple=a-b OFFLINE= LOCKED= objects=$O
		network=$1; shift; start_run "$@"' "$@"
}

@test "mounts get the path and the names that only the script knows" {
	O='' run_words '' --rm "${mounts[@]}" -v cargo-sccache-c:/usr/local/sccache -v /c:/c cachemk:x-0 cargo check
	prints --rm -v '/w s:/workspace' -v R:/usr/local/cargo/registry -v G:/usr/local/cargo/git \
		-v S:/usr/local/sccache -v /c:/c cachemk:x-0 cargo check
	O=T run_words '' --rm "${mounts[@]}" -v cargo-target-x:/workspace/t cachemk:x-0 cargo check
	prints --rm -v '/w s:/workspace' -v T:/workspace/t -v R:/usr/local/cargo/registry \
		-v G:/usr/local/cargo/git cachemk:x-0 cargo check
}

@test "without a network no flag names one, in either form; words that end like flags stay" {
	O='' run_words none --network=host --net x -e N=--network -e M=-v --network y -e A=b cachemk:x-0 cargo check --network
	prints -e N=--network -e M=-v -e A=b cachemk:x-0 cargo check --network
	O='' run_words '' --network=host cachemk:x-0 cargo check
	prints --network=host cachemk:x-0 cargo check
}

@test "fetch is for the triple, unless build scripts run on another platform" {
	each_sh 'start_container() { printf "%s " "$@"; }; prepared=i triple=a-b words= network= fetching= command=fetch
		cross= OFFLINE= LOCKED=1; start_run i cargo fetch -q; cross=yes; start_run i cargo fetch -q
		OFFLINE=1 LOCKED= command=check; start_run i cargo check --release'
	prints 'i cargo fetch --locked --target a-b -q i cargo fetch --locked -q i cargo check --offline --release '
}

# ---- Owners

# owners USER FOUND: $mine and $guest
owners() {
	each_sh 'user=$1; mount_facts=$2; read_owners; printf "%s|%s\n" "$mine" "$guest"' "$@"
}

@test "whom the volumes were made for is read from their labels" {
	owners 1:2 '{"cachemk.user":"1:2"} {"cachemk.user":"1:2"}'
	prints 'xx|'
	owners 1:2 '{"cachemk.user":"1:2"} {"cachemk.user":"3:4"}'
	prints 'x|yes'
	owners 1:2 '{"cachemk.user":"0:0"} {"Labels":null}'
	prints '|'
	owners 1:2 '{"cachemk.user":"11:2"} {"cachemk.user":"1:22"}'
	prints '|yes'
}

@test "root builds with what package managers need, and a user with the groups he has" {
	user_of() {
		each_sh "file_capabilities=F; further=; $1; set_user; printf '%s|%s|%s\n' \"\$user\" \"\$capabilities\" \"\$groups\""
	}
	user_of 'run_as=; image_facts="{\"Labels\":{\"a\":\"b\",\"cachemk.rootless\":\"yes\"},\"Architecture\":\"x\"}"'
	prints '0:0|F --cap-add SETGID --cap-add SETUID|'
	user_of 'run_as=; image_facts="{\"A\":{},\"Labels\":{\"a\":\"{*}\",\"cachemk.rootless\":\"yes\"},\"B\":{}}"'
	prints '0:0|F --cap-add SETGID --cap-add SETUID|'
	user_of 'run_as=; image_facts="{\"Labels\":{\"cachemk.groups\":\"keep\",\"cachemk.rootless\":\"yes\"}}"; further="5 6"'
	prints '0:0|F --cap-add SETGID --cap-add SETUID|--group-add keep-groups'
	user_of 'caller=7:7; run_as=; image_facts="{}"; mount_facts="{\"cachemk.rootless\":\"yes\"}"'
	prints '7:7||'
	user_of 'caller=7:7; run_as=; image_facts="{}"; further="5 6"'
	prints '7:7|| --group-add 5 --group-add 6'
	user_of 'caller=7:7; run_as=; image_facts="{\"Labels\":{\"a\":\"b\"},\"Annotations\":{\"cachemk.rootless\":\"yes\",\"cachemk.groups\":\"keep\"}}"'
	prints '7:7||'
	user_of 'caller=7:7; run_as=0:0; image_facts="{}"; further="5 6"'
	prints '0:0|F --cap-add SETGID --cap-add SETUID|'
}

@test "what we make is named after us, the host and the time" {
	moment_of() {
		each_sh "id() { echo \"7\$1\$others\"; }; uname() { echo \"$1\"; }; date() { echo 99; }; $2 with_parts \"\$newline\" read_moment \"\$(print_moment)\"
			printf '%s|%s|%s\n' \"\$caller\" \"\$further\" \"\${moment%%-*}-\${moment##*-}\""
	}
	moment_of 'Linux a.b-c' 'others=;'
	prints '7-u:7-G||abc-99'
	moment_of 'Linux a.b-c' 'others=; id() { echo "1 20 3"; };'
	prints '1 20 3:1|20 3|abc-99'
	moment_of 'Darwin a.b-c' 'others=; id() { echo "1 20 3"; };'
	prints '1 20 3:1||abc-99'
}

# ---- Sizes, ages, names

@test "sizes are written as the engine writes them" {
	each_sh 'for n; do printf "%s\n" "$n"; done | awk "$bytes_awk { print bytes(\$1) }"' 0 999 1000 9994 9996 99940 \
		1000000 1234567890 2147483648 5000000000000
	prints 0B 999B 1.00kB 9.99kB 10.0kB 99.9kB 1.00MB 1.23GB 2.15GB 5.00TB
	each_sh 'for n; do print_size "$n"; done' 0 4096 '  25800000' 2000000000
	prints 0B 4.10kB 25.8MB 2.00GB
}

@test "SIZE is in the units that sizes are printed in" {
	each_sh 'for SIZE in 900K 500M 2G; do
			read_size
			case $max_size in *kB) bytes=${SIZE%?}000 ;; *MB) bytes=${SIZE%?}000000 ;; *GB) bytes=${SIZE%?}000000000 ;; esac
			printf "%s %s\n" "$max_size" "$(print_size "$bytes")"
		done'
	prints '900kB 900kB' '500MB 500MB' '2GB 2.00GB'
}

@test "AGE and SIZE are as cargo wants them, or refused" {
	each_sh 'for AGE in 12h 30d 4w 6m ""; do read_age; printf "<%s>" "$max_age"; done
		for SIZE in 900K 900k 500M 2G ""; do read_size; printf "<%s>" "$max_size"; done'
	prints '<12 hours><30 days><4 weeks><6 months><><900kB><900kB><500MB><2GB><>'
	each_sh 'AGE="1d; x"; read_age'
	refuses "AGE is '1d; x': set it in hours, days, weeks or months, such as 12h, 30d, 4w or 6m."
	each_sh 'SIZE=G2; read_size'
	refuses "SIZE is 'G2': set it in kB, MB or GB, such as 900K, 500M or 2G."
}

@test "volumes and directories are told apart by kind and cache" {
	each_sh 'awk -v directories= "$naming_awk BEGIN {
		print name_of(\"registry\", \"x\"), name_of(\"git\", \"x\"), name_of(\"sccache\", \"x\")
		print kind_of(\"cargo-cache-x\"), cache_of(\"cargo-cache-x-y\"), kind_of(\"cargo-git-cache-x\"), cache_of(\"cargo-git-cache-x\")
		print kind_of(\"cargo-target-t-12\"), target_of(\"cargo-target-t-1-12\"), kind_of(\"cargo-workspace-x\") }"'
	prints 'cargo-cache-x cargo-git-cache-x cargo-sccache-x' 'registry x-y git x' 'target t-1 workspace'
	each_sh 'awk -v directories=1 "$naming_awk BEGIN { print name_of(\"git\", \"x\"), kind_of(\"x/git\"), cache_of(\"x/git\") }"'
	prints 'x/git git x'
}

@test "found caches are the rows' by exact name, orphans this project's" {
	each_sh 'rows="a c i"; { print_rows; printf "%s\n" "$@"; } | awk -v kind= -v all=yes -v directories= "$find_awk"' \
		'there cargo-cache-c' 'there cargo-cache-cc' 'there x-cargo-cache-c' 'there cargo-git-cache-gone' \
		'there cargo-target-a-12' 'ours cargo-cache-c' 'ours cargo-git-cache-gone' 'ours cargo-target-a-12'
	prints 'found cargo-cache-c' 'found cargo-target-a-12' 'orphan cargo-git-cache-gone'
}

@test "CACHE_DIR is relative to where make runs, and holds no colon" {
	each_sh 'WORKSPACE=/proc project=/p; for CACHE_DIR in a /b/ ""; do read_directories; printf "%s\n" "$directories"; done'
	prints /p/a /b ''
	each_sh 'WORKSPACE=/proc project=/p; CACHE_DIR=a:b; read_directories'
	refuses "The engine cannot mount '/p/a:b', because of the colon: set CACHE_DIR to another directory."
}

@test "CACHE_DIR has one spelling, with no link, dot or slash too many in it" {
	mkdir -p "$BATS_TEST_TMPDIR/real/one" "$BATS_TEST_TMPDIR/work"
	ln -s real "$BATS_TEST_TMPDIR/link"
	cd "$BATS_TEST_TMPDIR" || return
	each_sh 'WORKSPACE=work; for CACHE_DIR in real/one ./real//one/ link/one work/../link/one/. link/one/new/deep/; do
		read_directories; printf "%s\n" "${directories#"$PWD/"}"; done'
	prints real/one real/one real/one real/one real/one/new/deep
	each_sh 'WORKSPACE=work CACHE_DIR=new/../other; read_directories'
	refuses "There is no directory '$PWD/new/../other': set CACHE_DIR to a path without '..'."
	each_sh 'WORKSPACE=work CACHE_DIR=//; read_directories'
	refuses "CACHE_DIR is '//': set it to another directory."
}

@test "CACHE_DIR and the project may not lie within one another" {
	mkdir -p "$BATS_TEST_TMPDIR/a/project/caches" "$BATS_TEST_TMPDIR/a/projects"
	cd "$BATS_TEST_TMPDIR" || return
	each_sh 'for CACHE_DIR in a/project/caches a/project a /; do
		(WORKSPACE=a/project; read_directories) >/dev/null 2>&1 && printf "%s\n" "$CACHE_DIR"; done; CACHE_DIR=a/projects WORKSPACE=a/project
		read_directories; printf "%s\n" "${directories#"$PWD/"}"'
	prints a/projects
	each_sh 'CACHE_DIR=a/project/caches WORKSPACE=a/project; read_directories'
	refuses "CACHE_DIR '$PWD/a/project/caches' and the project '$PWD/a/project' overlap: set CACHE_DIR to a directory outside the project."
}

adopts() {
	each_sh 'check_adoption "$1"; echo yes' "$1"
	prints yes
}

does_not_adopt() {
	each_sh 'check_adoption "$1"' "$1"
	refuses "$2"
}

@test "a directory with anything of somebody else's in it is no cache" {
	local ours=$BATS_TEST_TMPDIR/ours
	cd "$BATS_TEST_TMPDIR" || return
	mkdir empty ours mine tagged linked looks
	adopts empty
	adopts none
	each_sh 'user=1:2 identity=7 moment=$$ directories=$PWD; write_tag "$1"; read_tag "$1"; printf "%s %s\n" "$tag_user" "$tag_identity"' "$ours"
	prints '1:2 7'
	mkdir ours/registry
	adopts ours
	touch mine/.hidden
	does_not_adopt mine "'mine' has files that cachemk did not create: set CACHE_DIR to another directory."
	printf '%s\n' 'Signature: 8a477f597d28d172789f06886806bc55' '# This mentions cachemk, by another program.' >tagged/CACHEDIR.TAG
	does_not_adopt tagged "'tagged' has files that cachemk did not create: set CACHE_DIR to another directory."
	sed 3d ours/CACHEDIR.TAG >looks/CACHEDIR.TAG
	does_not_adopt looks "'looks' has files that cachemk did not create: set CACHE_DIR to another directory."
	ln -s / linked/registry
	cp ours/CACHEDIR.TAG linked
	does_not_adopt linked "'linked/registry' is not a directory: set CACHE_DIR to another directory."
	ln -s ours link
	does_not_adopt link "'link' is not a directory: set CACHE_DIR to another directory."
}

@test "caches in CACHE_DIR are directories with our tag and a name that a cache may have" {
	local name
	cd "$BATS_TEST_TMPDIR" || return
	mkdir c
	for name in ours other 'a b' '*' '$(x)'; do mkdir -p "c/$name/registry" "c/$name/git"; done
	each_sh 'user=1:2 identity=c0ffee moment=$$
		for name in ours "a b" "*" "\$(x)"; do write_tag "c/$name"; done
		identity=beef; write_tag c/other; directories=c
		find_identity() { identity=c0ffee; }; print_directories'
	prints 'there other/registry' 'there other/git' 'there ours/registry' 'ours ours/registry' \
		'there ours/git' 'ours ours/git'
}

@test "a disk that is full at the tag leaves nothing behind, and says so" {
	cd "$BATS_TEST_TMPDIR" || return
	each_sh 'print_tag() { printf half; return 1; }; make_identity() { :; }; user=1:2 identity=7 moment=1 directories=$PWD/c cache=x
		registry=$directories/x/registry git=$directories/x/git compiled=; make_directories'
	refuses "'$PWD/c/x' cannot be written: set CACHE_DIR to a directory that you can write to, on a disk with free space."
	[ -z "$(ls -A c)" ]
}

@test "a label is shown on one line, with a ? for what is no character to print" {
	each_sh 'printf "%s\n" "name v" "label \"a\" = \"it'"'"'s \\\"q\\\" \\\\ \\x1b[31m \\n end ü\"" end | awk "$inspect_awk" | sed -n 2p'
	prints '  label        a = it'"'"'s "q" \ ?[31m ? end ü'
}

# ---- The project's identity

# identity_of PROJECT [make]: in $sh; what find_identity, or make_identity, says
identity_of() {
	# shellcheck disable=SC2086 # words
	$sh -c '. "$library"; identity= project=$1; "$2_identity"; printf "%s\n" "$identity"' sh "$PWD/$1" "${2:-find}"
}

@test "a project's identity is made once, stays when it moves, and is not that of a copy" {
	local first second
	cd "$BATS_TEST_TMPDIR" || return
	for sh in dash bash 'busybox sh'; do
		for git in .git .; do
			rm -rf a b c && mkdir -p "a/$git"
			[ -z "$(identity_of a)" ]
			first=$(identity_of a make)
			[[ $first =~ ^[0-9a-f]{16}$ ]]
			[ "$(identity_of a make)" = "$first" ]
			cp -R a c
			[ -z "$(identity_of c)" ]
			second=$(identity_of c make)
			[[ $second =~ ^[0-9a-f]{16}$ ]] && [ "$second" != "$first" ] && [ "$(identity_of c)" = "$second" ]
			mv a b
			[ "$(identity_of b)" = "$first" ]
			mkdir -p "a/$git"
			[ "$(identity_of a make)" != "$first" ]
			[ "$(identity_of b make)" = "$first" ]
			cp -R b d
			[ -z "$(identity_of d)" ]
			rm -rf d
		done
	done
}

@test "a project's identity is read from a file with a number, and not through a link" {
	cd "$BATS_TEST_TMPDIR" || return
	mkdir a b
	sh=dash
	[ -n "$(identity_of b make)" ]
	ln -s "$PWD/b/.cachemk-identity" a/.cachemk-identity
	[ -z "$(identity_of a make)" ]
	rm a/.cachemk-identity
	printf '../x\n' >a/.cachemk-identity
	[ -z "$(identity_of a)" ]
	[[ $(identity_of a make) =~ ^[0-9a-f]{16}$ ]]
}

# ---- Settings that are on or off

@test "a setting is on or off, in any case and with whitespace around it, or refused" {
	each_sh 'for value in 1 yes YES tRuE on " 1 " 0 no False OFF "" "	"; do
		read_switch X "$value"; printf "%s," "$switch"; done'
	prints '1,1,1,1,1,1,,,,,,,'
	each_sh 'read_switch OFFLINE "1 1"'
	refuses "OFFLINE is '1 1': set it to 1 or yes, or to 0 or no."
}

@test "an index has a crate where cargo's book says" {
	each_sh 'for crate in a ab abc Serde Inflector; do print_index_path "$crate"; done'
	prints 1/a 2/ab 3/a/abc se/rd/serde in/fl/inflector
}

@test "what is looked into is there, and no link leads to it" {
	mkdir -p here/real && : >here/real/file && ln -s real here/link && ln -s file here/real/link
	each_sh 'for path; do if is_real "$path"; then echo yes; else echo no; fi; done' \
		here/real/file here/real here/link/file here/link here/real/link here/gone here/gone/file
	prints yes yes no no no no no
}

@test "what is removed is gone, and is in no directory that a link leads to" {
	local shell
	for shell in dash bash 'busybox sh'; do
		mkdir -p here/real outside && : >here/real/file && : >outside/file && ln -sfn "$PWD/outside" here/link && ln -sf / here/real/link
		# shellcheck disable=SC2086 # words
		run $shell -c '. "$library"; cd -P here; root=$PWD
			for path; do if remove_inside "$path"; then echo yes; else echo no; fi; done' sh \
			real/file real/gone gone/file link/file real/link
		prints yes yes yes no yes
		[ ! -e here/real/file ] && [ -e outside/file ] && [ ! -h here/real/link ]
	done
}

@test "cargo's own files are files, and its notes a database" {
	each_sh 'rm -rf here; mkdir here; cd here; print_faults; : >.package-cache; : >.global-cache; print_faults
		printf "SQLite format 3\0more" >.global-cache; print_faults; printf "SQLite format 3" >.global-cache; print_faults'
	prints '.global-cache is not an SQLite database'
	each_sh 'rm -rf here; mkdir here; cd here; mkdir .package-cache; mkfifo .package-cache-mutate
		ln -s gone .global-cache; print_faults'
	prints '.package-cache is a directory' '.package-cache-mutate is a fifo' '.global-cache is a symbolic link'
}

@test "what to do after a container depends on how it has ended" {
	each_sh 'for status in 125 137 1; do print_remedy "try again"; done'
	prints 'try again' 'it took more than an hour, or was killed; make clean-cache removes the cache' 'see above'
}

@test "the nearest name is at most a third away" {
	each_sh '(refuse_goal build-linux-x46 linux-x64 linux-arm64) 2>&1 || :; (refuse_goal run-windows linux-x64) 2>&1 || :
		(refuse_goal list-cache-alpine linux-x64) 2>&1 || :'
	prints "There is no target 'linux-x46': did you mean linux-x64?" \
		"There is no target 'windows': make help-cache lists them." "There is no target 'alpine': make help-cache lists them."
}

# ---- Signals

@test "a signal that comes while a directory of ours is made leaves none that we do not know of" {
	mkdir "$BATS_TEST_TMPDIR/bin"
	printf '%s\n' '#!/bin/sh' "$(command -v mkdir) \"\$@\" && kill -INT \$\$ && sleep 0.1" >"$BATS_TEST_TMPDIR/bin/mkdir"
	chmod +x "$BATS_TEST_TMPDIR/bin/mkdir"
	PATH=$BATS_TEST_TMPDIR/bin:$PATH TMPDIR=$BATS_TEST_TMPDIR each_sh \
		'temp= moment=m packer= begun= staged= created= replaced= passing= mark= unfinished=; make_temp; printf "%s\n" "${temp##*/}"; leave'
	prints cachemk-m
	[ ! -e "$BATS_TEST_TMPDIR/cachemk-m" ]
}

@test "a signal that comes before the container of a backup is there ends what waits for it" {
	cd "$BATS_TEST_TMPDIR" || return
	mkfifo pipe
	for sh in dash bash 'busybox sh'; do
		# shellcheck disable=SC2086 # words
		run timeout 20 $sh -c '. "$library"; run_engine() { :; }; finish() { :; }
			container=c moment=m staged= replaced= passing= mark= unfinished= temp= guest= remote=
			cat <pipe & packer=$!; stop'
		[ "$status" -eq 130 ]
	done
}

# ---- Archives

# announces MAKEFLAGS VERSION PWD: whether make would say its directory where the archive goes
announces() {
	MAKEFLAGS=$1 each_sh 'make_version=$1 make_pwd=$2; if announces_directory; then echo yes; else echo no; fi' "${@:2}"
}

@test "what make would say on standard output is told by its flags, and since 4.4 by where it was called" {
	announces w 4.3 "$PWD" && prints yes
	announces '' 4.3 / && prints no
	announces '' 4.4.1 / && prints yes
	announces '' 4.4.1 "$PWD" && prints no
	announces s 4.4.1 / && prints no
	announces ' --no-print-directory' 4.4 / && prints no
	announces '' '' / && prints no
}

# new_cache: an old cache in here/, and what a restore has unpacked and checked
new_cache() {
	rm -rf here
	mkdir -p here/{registry,git}/.cachemk-staging/new here/registry/{both,old} here/git/{both,old}
	for directory in registry git; do
		: >"here/$directory/.package-cache"
		mkdir "here/$directory/.cachemk-staging/new/both" "here/$directory/.cachemk-staging/new/..new"
		echo old >"here/$directory/both/file"
		echo old >"here/$directory/.old"
		echo new >"here/$directory/.cachemk-staging/new/both/file"
		ln -s nowhere "here/$directory/.cachemk-staging/new/dangling"
	done
}

# entries: of the cache, with what is in them, but for cargo's locks
entries() {
	(cd here && find registry git ! -name '.package-cache*' \( -type f -print -exec cat {} + -o -print \) | sort)
}

# in_here SHELL CODE: after the library, whose container is here/
in_here() {
	sed "s|/cachemk\\b|$PWD/here|g" "$library" >local.sh
	# shellcheck disable=SC2086 # words
	$1 -c ". ./local.sh; cd here; $2"
}

@test "an exchange moves the old out and the new in, and keeps cargo's locks" {
	for shell in dash bash 'busybox sh'; do
		new_cache
		run in_here "$shell" exchange
		prints exchanging
		[ "$(entries)" = "$(printf '%s\n' git git/..new git/both git/both/file git/dangling new new \
			registry registry/..new registry/both registry/both/file registry/dangling | sort)" ]
		[ -e here/registry/.package-cache ]
	done
}

# die_at STEP: sh's code, by which the shell is killed before its STEPth change of a file; rm has
# removed some of what it is to
die_at() {
	printf 'step=0
		die() { step=$((step + 1)); [ $step -ne %s ] || kill -9 $$; }
		mkdir() { die; command mkdir "$@"; }
		rmdir() { die; command rmdir "$@"; }
		chmod() { die; command chmod "$@"; }
		mv() { die; command mv "$@"; }
		rm() {
			die
			find "$@" -type f 2>/dev/null | head -n 1 | while read -r one; do command rm -f "$one"; done
			die
			command rm "$@"
		}
	' "$1"
}

# is_old_or_new: the cache is wholly the one or the other, and it was said which
is_old_or_new() {
	case $(entries) in
	"$old")
		[ -z "$output" ] && [ ! -s out ]
		undone=$((undone + 1))
		;;
	"$new")
		[ "$again" -ne 0 ] || [ -s out ] || [ "$output" = finished ]
		finished=$((finished + 1))
		;;
	*)
		printf 'step %s of %s:\n' "$step" "$shell" && entries
		return 1
		;;
	esac
}

# SCRIPT_KILLS='0 1 2 3 5 8 13 21' kills more: the numbers are the steps at which the recovery is
# killed, too, and 0 is never.
@test "an exchange that is killed at any step is finished or undone, even if that is killed, too" {
	local step again old new finished=0 undone=0 killed
	new_cache && in_here dash 'sweep' && old=$(entries)
	new_cache && in_here dash 'exchange >/dev/null' && new=$(entries)
	for shell in dash bash; do
		for step in $(seq 60); do
			for again in ${SCRIPT_KILLS:-0 $((step % 14 + 1))}; do
				new_cache
				in_here "$shell" "$(die_at "$step") exchange" >out 2>/dev/null && killed= || killed=yes
				[ "$again" = 0 ] || in_here "$shell" "$(die_at "$again") recover_cache" >/dev/null 2>&1 || :
				run in_here "$shell" recover_cache
				[ "$status" -eq 0 ]
				is_old_or_new
			done
			[ -n "$killed" ] || break
		done
		[ -z "$killed" ]
	done
	printf '# %s steps: %s finished, %s undone\n' "$step" "$finished" "$undone" >&3
	[ "$finished" -gt 50 ] && [ "$undone" -gt 3 ]
}

@test "what a build has made between an exchange that was killed and its end does not get in its way" {
	local new
	new_cache && in_here dash 'exchange >/dev/null' && new=$(entries)
	for step in $(seq 12 30); do
		new_cache
		in_here dash "$(die_at "$step") exchange" >out 2>/dev/null || :
		[ -d here/registry/.cachemk-commit ] || continue
		mkdir -p here/registry/both here/git/both
		echo built >here/registry/both/more
		run in_here dash recover_cache
		prints finished
		[ "$(entries)" = "$new" ] || [ "$(entries | grep -v built)" = "$(printf '%s\n' "$new" registry/both/more | sort)" ]
	done
}

@test "nothing is finished while a build runs, and no one else's exchange is touched" {
	command -v flock >/dev/null || skip 'needs flock'
	new_cache
	mkdir here/registry/.cachemk-commit
	: >here/registry/.package-cache-mutate
	exec 9<here/registry/.package-cache-mutate
	flock -s 9
	entries >before
	run in_here dash recover_cache
	[ "$status" -eq 75 ]
	exec 9<&-
	exec 9<here/registry
	flock 9
	run in_here dash recover_cache
	prints ''
	exec 9<&-
	diff before <(entries)
	run in_here dash recover_cache
	prints finished
}

@test "an exchange does nothing while a build holds cargo's lock" {
	command -v flock >/dev/null || skip 'needs flock'
	new_cache
	entries >before
	exec 9<here/registry/.package-cache
	flock -s 9
	run in_here dash exchange
	exec 9<&-
	[ "$status" -eq 75 ] && [ -z "$output" ]
	diff before <(entries)
}

@test "what a build has put where a lock or a directory of ours is to be is neither opened nor followed" {
	new_cache
	rm here/registry/.package-cache
	mkfifo here/registry/.package-cache
	ln -s ../../kept here/registry/.package-cache-mutate
	mkdir kept && : >kept/file
	run timeout 20 "$BASH" -c "$(declare -f in_here); library=$library; in_here dash exchange"
	prints exchanging
	[ -f here/registry/.package-cache ] && [ ! -h here/registry/.package-cache-mutate ] && [ -e kept/file ]

	new_cache
	mkdir here/registry/.cachemk-commit
	for name in .cachemk-staging .cachemk-old .cachemk-gone; do
		rm -rf "here/git/$name"
		ln -s ../../kept "here/git/$name"
	done
	mv here/registry/.cachemk-staging/new moved && ln -s ../../../kept here/registry/.cachemk-staging/new
	run in_here dash recover_cache
	[ "$status" -eq 0 ]
	[ "$(ls -A kept)" = file ]
	[ "$(cat here/registry/both/file here/git/both/file)" = $'old\nold' ]
	[ -z "$(ls -d here/*/.cachemk* 2>/dev/null)" ]
}

# strays: of what is in registry/ and git/ here
@test "links that stay inside are told from those that lead out, whatever they are called" {
	mkdir -p registry/a/b git
	for target in ../x ../../x ./../x ../.. x x/y . ./. ../a; do ln -s "$target" "registry/a/b/in-${target//\//_}"; done
	each_sh 'find_strays registry git'
	prints ''
	for target in ../../.. ../../../git x/../y x/.. / /etc; do ln -s "$target" "registry/a/b/out-${target//\//_}"; done
	ln -s .. $'git/two\nlines [x]*'
	each_sh 'find_strays registry git | sort'
	prints 'git/two?lines \[x\]\*' registry/a/b/out-.._.._.. registry/a/b/out-.._.._.._git registry/a/b/out-_ \
		registry/a/b/out-_etc registry/a/b/out-x_.. registry/a/b/out-x_.._y
}

# restore SHELL: what is on its standard input, in here/
restore() {
	in_here "$1" 'restore_archive "$(id -u):$(id -g)" cache'
}

@test "an archive is only restored if what comes last says that all of it came" {
	for shell in dash bash 'busybox sh'; do
		new_cache && in_here dash sweep
		mkdir -p made/registry/new made/git
		entries >before
		# As it is when it ends between two of its files: tar itself would not notice.
		run restore "$shell" < <(tar -C made -cf - registry git)
		[ "$status" -eq 65 ]
		diff before <(entries)
		run restore "$shell" < <(tar -C made -cf - registry git; echo 'cachemk: whole')
		prints exchanging
		[ "$(entries)" = "$(printf '%s\n' git registry registry/new)" ]
	done
}

# ---- Registries

@test "a registry is a name of images, with its host, in each sh" {
	each_sh 'for hub in ghcr.io/a/b team/x localhost/x h:5/x "[::1]:5000/x" "a b/c" a\$b/c -a.b/c a.b/ a.b//c a.b/c:d x "a.b/c
RUN evil"; do
			REGISTRY=
			if find_hub; then echo "$hub"; else echo no; fi
		done'
	prints ghcr.io/a/b docker.io/team/x localhost/x h:5/x '[::1]:5000/x' no no no no no no no no
}

# ---- Packages

@test "target packages get the target's architecture, unless they name one, and keep their version" {
	each_sh 'mkdir -p "$0.d" && cd "$0.d" && PATH=$PWD:$PATH
		printf "#!/bin/sh\ncase \$1 in --print*) echo amd64 ;; esac\n" >dpkg
		printf "#!/bin/sh\ncase \$1 in install) shift 3; echo \"\$@\" ;; esac\n" >apt-get
		: >pkg-config
		chmod +x dpkg apt-get pkg-config
		rm() { :; }
		compiler="" processor="arm64 x y" packages="a b=1:2" target_packages="c d=1:2 e:i386 f:i386=3"
		eval "$install_tools"' "$BATS_TEST_TMPDIR/tools"
	prints 'a b=1:2 c:arm64 d:arm64=1:2 e:i386 f:i386=3'
}

# ---- awk

@test "each awk reads every program of the script" {
	local awk name names
	mapfile -t names < <(sed -n 's/^\([a-z_]*_awk\)=.*/\1/p' "$library")
	[ "${#names[@]}" -gt 20 ]
	for awk in mawk gawk 'busybox awk' original-awk; do
		command -v "${awk%% *}" >/dev/null || continue
		for name in "${names[@]}"; do
			run dash -c ". \"\$library\"; LC_ALL=C $awk \"\$$name\" </dev/null"
			[[ $output != *[Ss]yntax* ]] || { printf '%s, %s:\n%s\n' "$awk" "$name" "$output" && return 1; }
		done
	done
}

# ---- What cargo says it has built

# built_of LINE...: what is taken of these lines as built, and what is printed of them, with each awk
built_of() {
	local awk
	for awk in mawk gawk 'busybox awk' original-awk; do
		command -v "${awk%% *}" >/dev/null || continue
		mkdir -p "$BATS_TEST_TMPDIR/bin"
		printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$BATS_TEST_TMPDIR/bin/awk"
		chmod +x "$BATS_TEST_TMPDIR/bin/awk"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH each_sh 'temp=$BATS_TEST_TMPDIR inside=/workspace target_dir=target/x cross= triple=t
			printf "%s\n" "$@" "{\"reason\":\"build-finished\",\"success\":true}" | read_messages' "$@"
		[ "$status" -eq 0 ] || return
	done
}

# artifact CRATE-TYPE EXECUTABLE FILE...: cargo's message
artifact() {
	printf '{"reason":"compiler-artifact","package_id":"p","target":{"kind":["%s"],"crate_types":["%s"]},"filenames":[%s],"executable":%s,"fresh":false}' \
		"$1" "$1" "$(printf '"%s"\n' "${@:3}" | paste -sd,)" "$2"
}

@test "built: programs and libraries for other languages, in order, each once" {
	local at=/workspace/target/x/release
	built_of "$(artifact bin "\"$at/b\"" "$at/b")" "$(artifact bin "\"$at/a\"" "$at/a")" \
		"$(artifact bin "\"$at/a\"" "$at/a")" "$(artifact cdylib null "$at/libc.so" "$at/libc.rlib")" \
		"$(artifact staticlib null "$at/libd.a")" "$(artifact lib null "$at/libe.rlib")" \
		"$(artifact lib null "$at/deps/libf.rlib" "$at/deps/libf.rmeta")" \
		"$(artifact custom-build null "$at/build/g/build-script-build")"
	prints target/x/release/{a,b,libc.so,libd.a}
}

@test "built: Rust libraries, if there is nothing else" {
	local at=/workspace/target/x/release
	built_of "$(artifact lib null "$at/deps/libf.rlib")" "$(artifact lib null "$at/libe.rlib" "$at/deps/libe.rmeta")"
	prints target/x/release/libe.rlib
}

@test "built: a name may hold what JSON escapes" {
	built_of "$(artifact bin '"/workspace/target/x/release/it'\''s \"a\" \\ ü"' x)"
	prints 'target/x/release/it'\''s "a" \ ü'
}

@test "built: output without its end is refused" {
	each_sh 'temp=$BATS_TEST_TMPDIR inside=/workspace target_dir=target/x cross= triple=t
		echo "{\"reason\":\"compiler-artifact\"}" | read_messages'
	[ "$status" -eq 1 ]
}

@test "built: other lines are printed on standard error" {
	built_of '[p 0.1.0] text' '' '{"a":1}'
	prints ''
	[ "$stderr" = '[p 0.1.0] text'$'\n\n''{"a":1}' ]
}

@test "built: a path that leads elsewhere, or is no line, is not taken" {
	local path
	for path in /etc/passwd /workspace/src/x /workspace/target/xy/z /workspace/target/x/../../.git/config \
		/workspace/target/x/./.. 'a\nb' '/workspace/target/x/a\nb' '/workspace/target/x/\u001b[31m' \
		'/workspace/target/x/a'$'\t' /workspace/target/x/deps/test-1; do
		built_of "$(artifact bin "\"$path\"" x)"
		prints ''
	done
	built_of '{"reason":"compiler-artifact","executable":"/workspace/target/x/open' \
		'{"reason":"compiler-artifact","crate_types":["cdylib"],"filenames":["/workspace/target/x/a.so","/work' \
		'{"reason":"build-script-executed","env":[["A","\"executable\":\"/workspace/target/x/in-a-text\""]]}'
	prints target/x/a.so
	local one
	one=$(artifact bin '"/workspace/target/x/@"' x)
	# shellcheck disable=SC2046 # no spaces in it
	built_of $(for path in $(seq 1500); do printf '%s\n' "${one/@/$path}"; done)
	[ "$(wc -l <<<"$output")" -eq 1000 ]
}

# ---- Archives

@test "dist: what was built has its package, whichever cargo says so, and no other name" {
	local id awk
	for awk in mawk gawk 'busybox awk' original-awk; do
		command -v "${awk%% *}" >/dev/null || continue
		mkdir -p "$BATS_TEST_TMPDIR/bin"
		printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$BATS_TEST_TMPDIR/bin/awk"
		chmod +x "$BATS_TEST_TMPDIR/bin/awk"
		for id in path+file:///workspace/m#n@1.2.3 path+file:///workspace/n#1.2.3 'n 1.2.3 (path+file:///workspace)'; do
			PATH=$BATS_TEST_TMPDIR/bin:$PATH each_sh 'temp=$BATS_TEST_TMPDIR inside=/workspace target_dir=target/x cross= triple=t
				dist=/d
				{
					message() { printf "{\"reason\":\"compiler-artifact\",\"package_id\":\"%s\",\"manifest_path\":\"/workspace%s/Cargo.toml\",\"target\":{\"kind\":[\"%s\"],\"crate_types\":[\"%s\"],\"name\":\"%s\",\"src_path\":\"x\"},%s}\n" "$@"; }
					message "$1" /m bin bin n "\"executable\":\"/workspace/target/x/d/release/n\""
					message "$1" "" lib cdylib n "\"filenames\":[\"/workspace/target/x/d/release/libn.so\",\"/workspace/target/x/d/release/libn.a\"],\"executable\":null"
					message "$1" /m example bin e "\"executable\":\"/workspace/target/x/d/release/examples/e\""
					message "$1" /../m bin bin o "\"executable\":\"/workspace/target/x/d/release/o\""
					message "$1" /m bin bin ../p "\"executable\":\"/workspace/target/x/d/release/p\""
					message "x#../../1.0" /m bin bin q "\"executable\":\"/workspace/target/x/d/release/q\""
					printf "%s\n" "{\"reason\":\"build-finished\",\"success\":true}"
				} | read_messages >/dev/null
				cat <"$temp/packages"' "$id"
			prints "n	1.2.3	.	target/x/d/release/libn.a" "n	1.2.3	.	target/x/d/release/libn.so" \
				"n	1.2.3	./m	target/x/d/release/n"
		done
	done
}

@test "dist: what another run has built is not packed" {
	mkdir -p project/out
	cd project
	: >out/dist.lock
	printf 'run-2\n' >out/dist.run
	printf 'x' >out/program
	each_sh 'hold_build out/dist run-1 print_package n-1-t 1700000000 . out/program'
	refuses 'Another run has built for an archive of this target meanwhile: try again.'
}

@test "dist: an archive has the same bytes with each sh and awk, and every tar reads it" {
	local awk sum=''
	export TMPDIR=$BATS_TEST_TMPDIR
	mkdir -p project/m project/out/dist "$BATS_TEST_TMPDIR/bin"
	cd project
	head -c 700 /dev/zero >out/program
	printf 'x' >out/libx.so
	: >out/dist.lock
	printf 'run-1\n' >out/dist.run
	printf 'R\n' >README
	printf 'other\n' >m/readme.md
	printf 'L\n' >'LICENCE with space'
	ln -s /etc/passwd COPYING
	ln -s /etc/passwd m/LICENSE
	for awk in mawk gawk 'busybox awk' original-awk; do
		command -v "${awk%% *}" >/dev/null || continue
		printf '#!/bin/sh\nexec %s "$@"\n' "$awk" >"$BATS_TEST_TMPDIR/bin/awk"
		chmod +x "$BATS_TEST_TMPDIR/bin/awk"
		PATH=$BATS_TEST_TMPDIR/bin:$PATH each_sh 'touch -d @$$ out/program; chmod 700 README
			hold_build out/dist run-1 print_package n-1-t 1700000000 ./m out/program ./m out/libx.so 2>"$TMPDIR/said" | gzip -dc >"$TMPDIR/a.tar"
			cat "$TMPDIR/said"; cksum <"$TMPDIR/a.tar"'
		[ "$status" -eq 0 ]
		[ -z "$sum" ] || [ "$sum" = "$output" ]
		sum=$output
	done
	[[ $sum =~ ^'sha256 '[0-9a-f]{64}$'\n' ]]
	TZ=UTC tar --full-time --numeric-owner -tvf "$TMPDIR/a.tar" >listed
	diff <(tr -s ' ' <listed) - <<-'END'
		drwxr-xr-x 0/0 0 2023-11-14 22:13:20 n-1-t/
		-rw-r--r-- 0/0 2 2023-11-14 22:13:20 n-1-t/LICENCE with space
		-rw-r--r-- 0/0 1 2023-11-14 22:13:20 n-1-t/libx.so
		-rwxr-xr-x 0/0 700 2023-11-14 22:13:20 n-1-t/program
		-rw-r--r-- 0/0 6 2023-11-14 22:13:20 n-1-t/readme.md
	END
	! command -v busybox >/dev/null || [ "$(busybox tar -tf "$TMPDIR/a.tar" | wc -l)" -eq 5 ]
	! command -v bsdtar >/dev/null || [ "$(bsdtar -tf "$TMPDIR/a.tar" | wc -l)" -eq 5 ]
	mkdir read
	tar -C read -xf "$TMPDIR/a.tar"
	cmp read/n-1-t/program out/program
}

@test "a cache's image is named after Cargo.lock, which is no link, at the root of the workspace" {
	local code='WORKSPACE=$1; find_lock; printf "<%s>\n" "$lock"'
	mkdir -p "$BATS_TEST_TMPDIR/-p/member"
	cd "$BATS_TEST_TMPDIR"
	printf '[workspace]\nmembers = ["member"]\n' >-p/Cargo.toml
	printf '[package]\nname = "m"\n' >-p/member/Cargo.toml
	each_sh "$code" -p
	prints '<>'
	printf 'version = 4\n' >-p/Cargo.lock
	each_sh "$code" -p
	prints '<-1252578744-12>'
	each_sh "$code" -p/member
	prints '<-1252578744-12>'
	each_sh "$code" "$BATS_TEST_TMPDIR/nowhere"
	prints '<>'
	mv -- -p/Cargo.lock elsewhere
	ln -s -- ../elsewhere -p/Cargo.lock
	each_sh "$code" -p
	prints '<>'
}

@test "what a registry says that it does not have is told from what fails" {
	local why code='why=$1; if is_absent; then echo absent; else echo failed; fi'
	for why in 'manifest unknown: manifest unknown' 'manifest for x:y not found' 'name unknown: x'; do
		each_sh "$code" "$why"
		prints absent
	done
	for why in denied 'exec: "docker-credential-x": executable file not found in $PATH' 'connection refused' ''; do
		each_sh "$code" "$why"
		prints failed
	done
}
