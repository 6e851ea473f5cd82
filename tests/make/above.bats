#!/usr/bin/env bats
# What of the directories above the project is mounted, and that a build, which can write to the
# project, does not decide about it.
# shellcheck disable=SC2016,SC2030,SC2031,SC2089,SC2090,SC2154 # TOML holds quotes; helper.bash sets $fragment

load helper

setup_file() { generate_fragment; }

setup() {
	start_in_a_project
	all_is_there linux-x64 x64
	here=$PWD
	cd .. || return
	base=$PWD
	export HOME=$base/home
	mkdir home
}

# repository DIRECTORY FILE...: one that tracks these files
repository() {
	git init -q "$1"
	for file in "${@:2}"; do
		mkdir -p "$(dirname "$1/$file")"
		: >"$1/$file"
	done
	(cd "$1" && git add . && git -c user.name=me -c user.email=me@example.org commit -qm x)
}

# builds DIRECTORY [WORD...]: make in there, as a user who includes the same fragment
builds() {
	cp "$here/Makefile" "$1/"
	forget_calls
	run --separate-stderr "$make" -s -C "$1" build-linux-x64 "${@:2}"
	succeeds
}

# mounts MOUNT...: these beside the caches, in this order, and the directory that cargo runs in
mounts() {
	local words word last=''
	mapfile -d '' -t words <"$FAKE_ENGINE/calls/$(call_number run)/argv"
	diff <(printf '%s\n' "$@") <(for word in "${words[@]}"; do
		case $last:$word in -v:cargo-*) ;; -v:* | -w:*) printf '%s\n' "${word#"$base/"}" ;; esac
		case $word in CARGO_TARGET_DIR=*) printf '%s\n' "${word#CARGO_TARGET_DIR=}" ;; esac
		last=$word
	done)
}

target=target/x86_64-unknown-linux-gnu

# alone DIRECTORY: nothing but this directory is mounted
alone() {
	mounts "$1:/workspace" /workspace "/workspace/$target"
}

@test "a tracked project below a repository's top: the top is read-only" {
	repository "a 'b'" 'c d/Cargo.toml'
	builds "a 'b'/c d"
	says_nothing_wrong
	mounts "a 'b':/workspace:ro" "a 'b'/c d:/workspace/c d" '/workspace/c d' "/workspace/c d/$target"
	last_line_is "Built $target/release/hello"
}

@test "a project that the repository above does not track is alone" {
	repository a b/Cargo.toml
	mkdir a/new a/b/.git
	: >a/new/Cargo.toml
	builds a/new
	says_nothing_wrong
	alone a/new
	builds a/b
	alone a/b
}

@test "whatever form the index has, and nothing that has a part of the path, is tracked" {
	repository a sub/Cargo.toml sub/Cargo.lock vendor/u/Cargo.toml
	git -C a update-index --index-version 4
	builds a/sub
	mounts a:/workspace:ro a/sub:/workspace/sub /workspace/sub "/workspace/sub/$target"
	git -C a update-index --split-index
	builds a/sub
	mounts a:/workspace:ro a/sub:/workspace/sub /workspace/sub "/workspace/sub/$target"
	mkdir a/u
	: >a/u/Cargo.toml
	builds a/u
	alone a/u
}

@test "no program is run that the configuration of the repository above names" {
	repository a b/Cargo.toml
	printf '#!/bin/sh\ntouch %s/canary\n' "$base" >evil
	chmod +x evil
	git -C a config core.fsmonitor "$base/evil"
	git -C a update-index --fsmonitor 2>/dev/null
	git -C a ls-files >/dev/null 2>&1
	rm canary # it would be run
	builds a/b
	mounts a:/workspace:ro a/b:/workspace/b /workspace/b "/workspace/b/$target"
	[ ! -e canary ]
}

@test "a package that the workspace above does not list does not see it" {
	repository a p/Cargo.toml
	printf '[workspace]\nmembers = ["q"]\n' >a/Cargo.toml
	builds a/p
	alone a/p
	complains_of "a/Cargo.toml' does not list p, which is built without it: add it to members or"
}

@test "a worktree and a project in it: its repository at the same place, read-only" {
	repository a b/Cargo.toml Cargo.toml
	git -C a worktree add -q ../tree
	builds tree
	mounts "a/.git:$base/a/.git:ro" tree:/workspace /workspace "/workspace/$target"
	builds tree/b
	mounts tree:/workspace:ro "a/.git:$base/a/.git:ro" tree/b:/workspace/b /workspace/b "/workspace/b/$target"
	echo 'gitdir: ../a/.git/worktrees/tree' >tree/.git
	builds tree
	mounts a/.git:/a/.git:ro tree:/workspace /workspace "/workspace/$target"
}

@test "a submodule: the repository that it is in, read-only" {
	repository a Cargo.toml
	repository b x
	git -C b -c protocol.file.allow=always submodule --quiet add ../a in/a 2>/dev/null
	builds b/in/a
	mounts b:/workspace:ro b/in/a:/workspace/in/a /workspace/in/a "/workspace/in/a/$target"
}

@test "a file .git that a build has written gets nothing mounted" {
	repository a Cargo.toml
	git -C a worktree add -q ../tree
	mkdir -p home/.ssh p/own/worktrees/x p/modules
	: >p/Cargo.toml
	echo "$base/p/.git" >p/own/worktrees/x/gitdir
	for link in /etc "$HOME/.ssh" ../home/.ssh . .. .git "$base/a/.git/worktrees/tree" ../a/.git \
		"$base/a/.git" "$base/p/own/worktrees/x" own/worktrees/x /nowhere / ''; do
		printf 'gitdir: %s\n' "$link" >p/.git
		builds p
		alone p
	done
	repository b x
	git -C b -c protocol.file.allow=always submodule --quiet add ../a in/a 2>/dev/null
	mkdir b/p
	: >b/p/Cargo.toml
	echo 'gitdir: ../.git/modules/in/a' >b/p/.git
	builds b/p
	alone b/p
	printf 'nonsense' >p/.git
	builds p
	alone p
	rm p/.git
	ln -s ../tree/.git p/.git
	builds p
	alone p
	ln -sfn ../a/.git p/.git
	builds p
	alone p
}

@test "a home directory that is a repository or a workspace is not mounted, and it is said" {
	repository home p/Cargo.toml q/Cargo.toml
	builds home/p
	alone home/p
	complains_of "'$HOME' holds the project, but a home directory is never mounted"
	printf '[workspace]\nmembers = ["q"]\n' >home/Cargo.toml
	builds home/q
	alone home/q
	complains_of "'$HOME' holds the project, but a home directory is never mounted"
	repository outer p/Cargo.toml
	mkdir outer/me
	HOME=$base/outer/me builds outer/p
	alone outer/p
	complains_of "'$base/outer' holds the project, but a home directory is never mounted"
}

complains_of() {
	[[ $stderr = *"$1"* ]]
}

# workspace LINE...: the workspace w with a package m/a
workspace() {
	mkdir -p w/.git w/m/a
	printf '%s\n' '[workspace]' "$@" >w/Cargo.toml
	printf '[package]\nname = "a"\nversion.workspace = true\n' >w/m/a/Cargo.toml
}

@test "a member: its workspace is mounted, and cargo runs in the member" {
	for lines in 'members = ["m/a"]' 'members = ["m/*"]' "members = ['./m/a/']" 'members = ["**/a"]' \
		$'members = [ # all\n  "x", # "y"\n  "m/a"\n]' $'exclude = ["m/ab"]\nmembers = ["m/?"]' \
		$'exclude = ["m"]\nmembers = ["m/a"]' $'[dependencies]\na = { version = "1", path = "m/a" }'; do
		workspace "$lines"
		builds w/m/a
		says_nothing_wrong
		mounts w:/workspace /workspace/m/a "/workspace/$target"
		last_line_is "Built ../../$target/release/hello"
	done
	cp "$here/Makefile" w/
	run --separate-stderr "$make" -s -C w build-linux-x64 WORKSPACE=m/a
	last_line_is "Built $target/release/hello"
}

@test "a package that is no member is alone; one that the workspace does not know is named" {
	workspace 'members = ["m/*"]' 'exclude = ["m/a"]'
	printf '[workspace]\n' >>w/m/a/Cargo.toml
	builds w/m/a
	says_nothing_wrong
	alone w/m/a
	workspace 'exclude = ["m"]'
	builds w/m/a
	says_nothing_wrong
	alone w/m/a
	workspace 'members = ["m/b", "m"]' '# "m/a"' '[x]' 'y = ["m/a"]'
	builds w/m/a
	alone w/m/a
	complains_of "warning: '$base/w/Cargo.toml' does not list m/a, which is built without it"
}

@test "a package does not choose its workspace, and a link in a project leads nowhere" {
	workspace 'members = ["m/a"]'
	mkdir -p other/p/.git
	printf '[package]\nworkspace = "../../w"\n' >other/p/Cargo.toml
	builds other/p
	alone other/p
	rm -r w/m/a
	ln -s ../../other/p w/m/a
	run --separate-stderr "$make" -s -C "$here" build-linux-x64 WORKSPACE=../../w/m/a
	[ "$status" -ne 0 ]
	run --separate-stderr "$make" -s -C "$here" build-linux-x64 WORKSPACE="$base/w/m/a"
	[ "$status" -ne 0 ]
	complains_of "'$base/w/m/a' is a symbolic link in a project, which a build may have made: set WORKSPACE to '$base/other/p'."
}

@test "what a build may have written in its package does not make it a member" {
	workspace 'members = ["m/*/*"]'
	mkdir w/m/a/x w/m/b w/m/b/y
	printf '[dependencies]\na = { path = ".." }\n' >w/m/a/x/Cargo.toml
	builds w/m/a
	alone w/m/a
	ln -s ../b/y w/m/a/z
	cp w/m/a/x/Cargo.toml w/m/b/y/
	builds w/m/a
	alone w/m/a
	# But another package does.
	printf '[dependencies]\na = { path = "../../a" }\n' >w/m/b/y/Cargo.toml
	builds w/m/a
	mounts w:/workspace /workspace/m/a "/workspace/$target"
}

# sent DIRECTORY: what make in there sends to an engine on another machine, but for .git and our note
sent() {
	rm -f "$FAKE_ENGINE"/sent*
	when run 'case $* in
		*" send "*) while [ "$1" != -w ]; do shift; done; tar -tf - >"$FAKE_ENGINE/sent$(echo "$2" | tr / %)" && exit ;;
		*" test -e "*) exit 125 ;;
		*" print_products "*) cd "$FAKE_ENGINE" && exec tar -cf - binaries ;;
		esac'
	DOCKER_HOST=tcp://there:2375 builds "$1"
	grep -v -e '^\./\.git\(/\|$\)' -e /.cachemk-identity "$FAKE_ENGINE/sent%workspace" | sort
}

@test "an engine on another machine gets what is around the project, without what was compiled in it" {
	repository a 'c d/Cargo.toml' 'c d/src/main.rs' "x'y/[a]/Cargo.toml" top
	for directory in 'c d/target/t' "x'y/[a]/target/t" $'new\nline/out' cache; do
		mkdir -p "a/$directory"
		touch "a/$directory/f"
	done
	tag='# This file is a cache directory tag created by cargo.'
	echo "$tag" | tee "a/x'y/[a]/target/t/CACHEDIR.TAG" $'a/new\nline/out/CACHEDIR.TAG' >a/top
	echo 'created by another' >a/cache/CACHEDIR.TAG
	diff <(sent 'a/c d') - <<-END
		./c d/Cargo.toml
		./c d/Makefile
		./c d/src/
		./c d/src/main.rs
		./cache/
		./cache/CACHEDIR.TAG
		./cache/f
		./top
		./x'y/[a]/Cargo.toml
	END
	[ "$(cd "$FAKE_ENGINE" && echo sent*)" = sent%workspace ]
}

@test "an engine on another machine gets a worktree's repository, too" {
	repository a Cargo.toml b/Cargo.toml
	git -C a worktree add -q ../tree
	diff <(sent tree/b) <(printf './%s\n' Cargo.toml b/Cargo.toml b/Makefile)
	grep -qx ./HEAD "$FAKE_ENGINE/sent$(echo "$base/a/.git" | tr / %)"
	local volume
	volume=$(calls | grep -o 'cargo-workspace-[^: ]*-git:.*a/.git:ro')
	[ "$(calls | grep -c "^volume rm ${volume%-git:*} ${volume%%:*} \$")" -eq 1 ]
}

# doctor DIRECTORY [WORD...]: what it says of the project there, which has an image
doctor() {
	cp "$here/Makefile" "$1/"
	has_tools
	run --separate-stderr "$make" -s -C "$1" doctor "${@:2}"
	[ -n "$output" ]
}

@test "doctor says of each path and link that builds do not see, and what to do" {
	mkdir -p w/m/a/.git 'w/o ther' x
	printf '%s\n' '[dependencies]' 'x = { path = "../../../x" }' 'y = { path = "../../o ther" }' \
		"z = { version = \"1\", path = '$base/x' } # \"../no\"" 'n = { path = "../../nowhere" }' \
		'o = { path = "inner" }' '[dev-dependencies.x]' "path = '../../../x'" >w/m/a/Cargo.toml
	mkdir -p w/m/a/inner
	ln -s ../../../x w/m/a/to
	ln -s inner w/m/a/fine
	ln -s "$base/w/m/a/inner" w/m/a/inner/absolute
	doctor w/m/a
	has_line "warn  The path '../../../x' in Cargo.toml is outside of what builds see: set DOCKER_RUN_FLAGS='-v $base/x:/x:ro', or move it"
	has_line "warn  The path '../../o ther' in Cargo.toml is outside of what builds see: mount it at '/o ther' with -v in DOCKER_RUN_FLAGS"
	has_line "warn  The path '$base/x' in Cargo.toml is outside of what builds see: set DOCKER_RUN_FLAGS='-v $base/x:$base/x:ro', or move it"
	has_line "warn  builds cannot follow the link to to $base/x: set DOCKER_RUN_FLAGS='-v $base/x:/x:ro', or move it"
	has_line "warn  builds cannot follow the link inner/absolute to $base/w/m/a/inner: set DOCKER_RUN_FLAGS='-v $base/w/m/a/inner:$base/w/m/a/inner:ro', or move it"
	[ "$(grep -c 'outside of what\|cannot follow' <<<"$output")" -eq 6 ]
	doctor w/m/a DOCKER_RUN_FLAGS="-v $base/x:/x:ro"
	has_no /../x
	has_no 'link to'
	# A build that has failed says it, too.
	when run 'case $* in *" cargo build"*) exit 101 ;; esac'
	run --separate-stderr "$make" -s -C w/m/a build-linux-x64
	complains_of "The path '../../../x' in Cargo.toml is outside of what builds see: set DOCKER_RUN_FLAGS='-v $base/x:/x:ro', or move it."
	run --separate-stderr "$make" -s -C w/m/a build-linux-x64 DOCKER_RUN_FLAGS="-v $base/x:/x:ro"
	[[ $stderr != *"'../../../x'"* ]]
}

@test "doctor: paths within the repository, and a workspace that is not above" {
	repository a p/Cargo.toml 'q/x'
	printf '[package]\nname = "p"\nworkspace = "../q"\n[dependencies]\nq = { path = "../q" }\n' >a/p/Cargo.toml
	doctor a/p
	has_no 'outside of what'
	has_line "warn  Cargo.toml names the workspace '../q', which is not above it: set WORKSPACE to its directory, and CARGO_FLAGS='-p NAME'"
	printf '[package]\nname = "p"\nworkspace = ".."\n' >a/p/Cargo.toml
	doctor a/p
	has_no 'names the workspace'
	rm -r a/.git && git -C a init -q
	printf '[dependencies]\nq = { path = "../q" }\n' >a/p/Cargo.toml
	doctor a/p
	has_line "warn  The path '../q' in Cargo.toml is outside of what builds see: run git add Cargo.toml, so that its repository is mounted"
}

@test "doctor: configuration above the repository, but not that of the home directory" {
	repository home/a/b p/Cargo.toml
	mkdir .cargo home/.cargo home/a/.cargo home/a/b/.cargo
	touch .cargo/config home/.cargo/config.toml home/a/.cargo/config.toml home/a/b/.cargo/config.toml
	doctor home/a/b/p
	has_line "warn  $base/home/a/.cargo/config.toml is above what builds see, so they do not read it: copy what they need to .cargo/config.toml in the project"
	has_line "warn  $base/.cargo/config is above what builds see, so they do not read it: copy what they need to .cargo/config.toml in the project"
	[ "$(grep -c 'is above what builds see' <<<"$output")" -eq 2 ]
}

@test "toolchain and configuration count where cargo runs, and above as far as it sees" {
	repository a w/Cargo.toml w/m/a/Cargo.toml
	printf '[workspace]\nmembers = ["m/a"]\n' >a/w/Cargo.toml
	mkdir -p a/w/m/a/.cargo a/.cargo
	printf '[build]\nrustc-wrapper = "one-of-mine"\n' >a/w/m/a/.cargo/config.toml
	printf '[build]\nrustc-wrapper = "one-of-all"\n' >a/.cargo/config.toml
	when run 'case $* in
		*try_toolchain*) exit 1 ;;
		*print_missing*) printf "%s\n" ${*##*print_missing} && exit ;;
		*" cargo build"*) exit ;;
		esac'
	for place in . w w/m/a; do
		touch "a/$place/rust-toolchain.toml"
		doctor a/w/m/a
		case $place in
		.) file=$base/a/rust-toolchain.toml ;;
		w) file=rust-toolchain.toml ;;
		*) file=m/a/rust-toolchain.toml ;;
		esac
		has_line "warn  linux-x64: its image lacks the toolchain in $file: add \"rustup toolchain install ...\" to setup in targets.ini"
	done
	has "its image has no 'one-of-mine', which .cargo/config.toml sets"
	has "its image has no 'one-of-all', which .cargo/config.toml sets"
	cp "$here/Makefile" a/w/m/a/
	run --separate-stderr "$make" -s -C a/w/m/a check-linux-x64
	complains_of 'warning: the image lacks the toolchain in m/a/rust-toolchain.toml, so rustup downloads it in every build; add "rustup toolchain install CHANNEL'
}

@test "a submodule in a worktree: doctor says that git does not work, and a worktree of a submodule does" {
	repository a Cargo.toml
	repository b x
	git -C b -c protocol.file.allow=always submodule --quiet add ../a in/a 2>/dev/null
	git -C b -c user.name=me -c user.email=me@example.org commit -qm y
	git -C b worktree add -q ../tree
	git -C tree -c protocol.file.allow=always submodule --quiet update --init 2>/dev/null
	builds tree/in/a
	alone tree/in/a
	doctor tree/in/a
	has_line "warn  git does not work in builds of a submodule in a worktree: build it in the repository's main directory, or in a clone"
	git -C b/in/a worktree add -q ../../../of-sub
	builds of-sub
	mounts "b/.git/modules/in/a:$base/b/.git/modules/in/a:ro" of-sub:/workspace /workspace "/workspace/$target"
}
