#!/usr/bin/env bats
# What is said after cargo has failed, and by doctor before: what cargo cannot know in a container.
# shellcheck disable=SC2016,SC2154 # code for sh in single quotes; helper.bash and bats set the rest

load helper

setup_file() { generate_fragment; }
setup() {
	start_in_a_project
	all_is_there linux-x64 x64
	# The image has what is in `has`, and a build fails with the status in `code`.
	when run 'case $* in
		*" df -Pk /") printf "Filesystem\nx 100 100 9000000 1%% /\n" && exit ;;
		*" inside print_missing "*)
			words=$*
			for name in ${words#*print_missing }; do grep -qx -e "$name" -e "${name#ld.}" has || echo "${name#ld.}"; done
			exit ;;
		esac
		exit "$(cat code)"'
	when events 'cat out-of-memory; exit'
	: >has
	: >out-of-memory
	echo 101 >code
	mkdir .cargo
}

# advises LINE...: the build fails, and this is said
advises() {
	run_make build-linux-x64
	fails
	complains "$(printf '%s\n' "$@")"
}

# warns LINE, and doctor says it, too
warns() {
	run_make doctor-linux-x64
	has_line "warn  $1"
}

says_no_warning() {
	run_make doctor-linux-x64
	has_no 'warn  '
}

@test "nothing is said of a project without such things, and no container is asked" {
	advises ''
	calls_are inspect run events
	says_no_warning
	rmdir .cargo
	advises ''
}

@test "a registry that only the user's own configuration has" {
	local remedy="add it to .cargo/config.toml, or set env = CARGO_REGISTRIES_MY_CORP_INDEX=URL in targets.ini"
	mkdir -p crates/a
	printf '%s\n' '[dependencies.x]' 'registry = "my-corp"' '# registry = "other"' >crates/a/Cargo.toml
	printf 'a = { version = "1", registry = "crates-io" }\n' >Cargo.toml
	advises "Nothing in the project defines the registry 'my-corp': $remedy."
	warns "Nothing in the project defines the registry 'my-corp': $remedy"
	printf '[registries.my-corp]\nindex = "x"\n' >.cargo/config.toml
	advises ''
	says_no_warning
	printf '[registries]\nmy-corp = { index = "x" }\n' >.cargo/config.toml
	advises ''
}

@test "a registry that a variable defines" {
	only_target linux-x64 'description = D' 'cache = x64' 'env = A=b CARGO_REGISTRIES_CORP_INDEX=sparse+http://x/'
	all_is_there linux-x64 x64
	printf 'a = { version = "1", registry = "corp" }\n' >Cargo.toml
	advises ''
	says_no_warning
}

@test "programs of the project's configuration that the image lacks" {
	local remedy='install it in setup in targets.ini, or remove it there'
	printf '%s\n' '[build]' 'rustc-wrapper = "sccache"' '# linker = "none"' '[target.x86_64-unknown-linux-gnu]' \
		'linker = "clang"' 'rustflags = ["-C", "link-arg=-fuse-ld=mold"]' \
		'[target.aarch64-unknown-linux-gnu]' 'linker = "another"' "[target.'cfg(unix)']" \
		"linker = 'cc; touch canary'" >.cargo/config.toml
	printf '%s\n' clang mold >has
	advises "The image has no 'sccache', which .cargo/config.toml sets: $remedy."
	warns "linux-x64: its image has no 'sccache', which .cargo/config.toml sets: $remedy"
	has_no mold
	printf 'sccache\n' >has
	run_make build-linux-x64
	[[ $stderr = *"The image has no 'clang', "* && $stderr = *"The image has no 'mold', "* ]]
	# Not through a link.
	mv .cargo elsewhere
	ln -s elsewhere .cargo
	advises ''
	[ ! -e canary ]
}

@test "what a container is asked, by its own sh" {
	each_image finds_programs
}

@test "what starts programs counts where they are run, and what is for other systems does not" {
	local remedy='install it in setup in targets.ini, or remove it there'
	printf '%s\n' "[target.'cfg(target_os = \"linux\")']" 'runner = "unshare -rn"' '[target.x86_64-pc-windows-msvc]' \
		'linker = "link"' 'runner = ["wine"]' "[target.'cfg(windows)']" 'rustflags = "-Clink-arg=-fuse-ld=lld"' \
		"[target.'cfg(all())']" 'runner = ["sudo", "-E"]' '[target.x86_64-unknown-linux-gnu]' \
		'runner = "scripts/run.sh"' >.cargo/config.toml
	advises ''
	printf 'unshare\n' >has
	run_make test-linux-x64
	complains "The image has no 'sudo', which .cargo/config.toml sets: $remedy."
	printf 'sudo\n' >has
	run_make run-linux-x64
	[[ $stderr = *"The image has no 'unshare', which .cargo/config.toml sets: $remedy."* ]]
}

@test "nothing is read through a link to another directory" {
	mkdir -p "$BATS_TEST_TMPDIR/elsewhere/a"
	printf 'a = { registry = "corp" }\n[dependencies]\nx = { path = "/etc" }\n' >"$BATS_TEST_TMPDIR/elsewhere/Cargo.toml"
	cp "$BATS_TEST_TMPDIR/elsewhere/Cargo.toml" "$BATS_TEST_TMPDIR/elsewhere/a"
	ln -s "$BATS_TEST_TMPDIR/elsewhere" crates
	advises ''
	mkdir real
	cp crates/Cargo.toml real/
	run_make build-linux-x64
	[[ $stderr = *"defines the registry 'corp'"* && $stderr = *"The path '/etc' in real/Cargo.toml"* ]]
}

finds_programs() {
	ln -s "$(type -P true)" "$FAKE_ENGINE/bin/mold"
	run env PATH="$FAKE_ENGINE/bin:/usr/bin:/bin" sh -s inside print_missing ld.mold ld.no-lld sh no-wrapper \
		<"${fragment%.mk}.sh"
	prints no-lld no-wrapper
}

@test "members that match our directories" {
	local remedy='add exclude = ["mk", "target"] to it'
	printf '%s\n' '[workspace]' 'members = [' '  "*"' ']' >Cargo.toml
	advises "The workspace members \"*\" in Cargo.toml include mk/ and target/: $remedy."
	printf '%s\n' '[workspace]' 'exclude = ["target"]' 'members = ["*"]' >Cargo.toml
	advises "The workspace members \"*\" in Cargo.toml include mk/: $remedy."
	cp Cargo.toml one.toml
	printf '%s\n' '[workspace]' 'members = ["a", "[!x-z]?"]' >Cargo.toml
	advises "The workspace members \"[!x-z]?\" in Cargo.toml include mk/: $remedy."
	printf '%s\n' 'workspace.members = ["./*/*"]' >Cargo.toml
	warns "The workspace members \"*/*\" in Cargo.toml include target/: $remedy"
	mv one.toml Cargo.toml
	warns "The workspace members \"*\" in Cargo.toml include mk/: $remedy"
	for line in 'members = ["*"]'$'\n''exclude = ["mk", "target/"]' 'members = ["crates/*"]'; do
		printf '[workspace]\n%s\n[other]\nmembers = ["*"]\n' "$line" >Cargo.toml
		advises ''
		says_no_warning
	done
}

@test "memory: a compiler was killed, cargo was, or neither" {
	local remedy="set CARGO_FLAGS='--jobs 1', or give the engine's machine more memory."
	local rule
	printf 'x\n' >out-of-memory
	for rule in build test check clippy run; do
		run_make "$rule-linux-x64"
		fails
		grep -Fqx "Memory ran out: $remedy" <<<"$stderr"
	done
	: >out-of-memory
	echo 137 >code
	advises "The container was killed, perhaps because memory ran out: $remedy"
	echo 1 >code
	advises ''
	echo 137 >code
	run_make shell-linux-x64
	fails
	[[ $stderr != *emory* ]]
}

@test "every sh gives the same advice" {
	printf '[registries.a]\n' >.cargo/config.toml
	printf 'a = { registry = "corp" }\n[workspace]\nmembers = ["*"]\n' >Cargo.toml
	advises_all
	printf '%s\n' "$stderr" | grep -v '^make' >expected
	cp "$FAKE_ENGINE"/on-* .
	each_shell advises_all
}

advises_all() {
	cp on-* "$FAKE_ENGINE" 2>/dev/null || :
	all_is_there linux-x64 x64
	run_make build-linux-x64 LOCKED=1 ${shell:+"$shell"}
	fails
	[ "$(grep -c . <<<"$stderr")" -eq 4 ]
	[ ! -e expected ] || diff expected <(grep -v '^make' <<<"$stderr")
}
