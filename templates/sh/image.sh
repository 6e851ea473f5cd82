# ---- image: the prepared image of a target

# What an image must have to build for the triple.  When this fails the engine shows the line that
# it has run, so it is handed over as an argument; BuildKit expands them in what it shows, except
# within single quotes: see the Dockerfile's last line.
image_check='
refuse() { echo "$*" >&2; exit 1; }
host=$(rustc -vV 2>/dev/null | sed -n "s/^host: //p")
[ -n "$host" ] || refuse "The image has no rustc: fix image or setup in targets.ini."
[ "$triple" = "$host" ] || rustc --print target-list | grep -Fx "$triple" >/dev/null || {
  known=$(rustc --print target-list | grep "^${triple%%-*}-.*-linux-") ||
    known=$(rustc --print target-list | grep -e "-linux-${triple##*-}\$") || :
  refuse "Unknown target triple $triple: fix it in targets.ini${known:+; similar ones:}" $known
}
if [ -n "$cross" ]; then
  libraries=$(rustc --print sysroot)/lib/rustlib
  [ -d "$libraries/$triple/lib" ] || [ -d "$libraries/src/rust/library" ] ||
    refuse "The image has no standard library for $triple:" \
      "add '\''rustup target add $triple'\'' to setup in targets.ini."
  exit
fi
case $triple in "${host%%-*}"-*linux*) ;; *)
  refuse "The image builds for $host, not for $triple:" \
    "fix image, platform or triple in targets.ini." ;;
esac
[ "${triple##*-}" = "${host##*-}" ] ||
  echo "warning: the image builds for $host, not for $triple" >&2
'

# has_other_platform: whether the engine has the base image, but not for the target's platform
has_other_platform() {
	have=$(run_engine image inspect --format '{{.Os}}/{{.Architecture}}' "$base" 2>/dev/null) || return
	case ${platform:-$have}/ in "$have"/*) return 1 ;; esac
}

# complete_base: names the registry in $base.  Podman may look for a name without one anywhere, or
# nowhere: where docker does, or among what was built here.
complete_base() {
	run_engine image inspect "localhost/$base" >/dev/null 2>&1 && return
	case $base in
	localhost/* | *.*/* | *:*/*) ;;
	*/*) base=docker.io/$base ;;
	*) base=docker.io/library/$base ;;
	esac
}

# build_once: one try to build the prepared image, from a newer base image if $pull is set
build_once() {
	words=
	[ -z "$pull" ] || add_words --pull
	[ -z "$platform" ] || add_words --platform "$platform"
	add_words --tag "$prepared" \
		--label "cachemk.target=$target" --label "cachemk.rootless=$rootless" \
		--label "cachemk.identity=$identity" \
		--build-arg "base=$base" --build-arg "setup=$setup" --build-arg "triple=$triple" \
		--build-arg "check=$image_check"
	[ -z "$cross" ] || add_words --build-arg "cross=$cross"
	[ -z "$mirror" ] || add_words --build-arg "mirror=$mirror"
	add_proxies --build-arg
	print_dockerfile | eval "exec_engine build $words $build_flags -" &
	wait $!
}

# build_image: builds the prepared image, or ends with one line.  An engine without BuildKit keeps
# one platform a tag, and builds with the wrong one rather than pull, so it is told to; and again
# if meanwhile a build for another platform has pulled the tag away from this one.
build_image() {
	printf 'Preparing the image %s from %s, once...\n' "$prepared" "$base"
	ask_engine
	make_identity
	case $info in *buildahVersion:*) complete_base ;; esac
	guard
	trap 'kill "$!"; wait; exit 130' HUP INT TERM
	for try in first last; do
		pull=$refresh
		if has_other_platform; then pull=yes; fi
		if build_once; then break; fi
		if [ "$try" = last ] || ! has_other_platform; then refuse_image; fi
	done
	trap stop HUP INT TERM
}

# refuse_image: ends, and says why the image could not be prepared.  If not even `exit` runs on its
# base, the machine lacks an emulator.
refuse_image() {
	words=
	[ -z "$platform" ] || add_words --platform "$platform"
	case $(printf 'FROM %s\nRUN exit 1\n' "$base" |
		eval "run_engine build $words $build_flags -" 2>&1) in
	*[Ee]'xec format error'*)
		remedy="this machine cannot emulate $platform; install qemu-user-static and binfmt-support" ;;
	*) remedy="see the lines above, and check image and setup of [$target] in targets.ini" ;;
	esac
	refuse "The image for $target could not be prepared from $base: $remedy."
}

# pull_image: builds the prepared image from the newest base image, and removes the one it
# replaces
pull_image() {
	if is_on "$DRY_RUN"; then
		printf 'This prepares the image %s from the newest %s.\n' "$prepared" "$base"
		printf 'Nothing was changed (DRY_RUN=1).\n'
		return
	fi
	need_engine
	refresh=yes
	guard
	old=$(run_engine image inspect --format '{{.Id}}' "$prepared" 2>/dev/null) || :
	[ -z "$old" ] || name_replaced
	build_image
	new=$(run_engine image inspect --format '{{.Id}}' "$prepared")
	if [ "$old" = "$new" ]; then
		printf '%s is up to date\n' "$prepared"
	else
		printf '%s was prepared\n' "$prepared"
	fi
}

# name_replaced: gives the image that is to be replaced another name of ours, which is removed when
# we leave.  By its ID, the engine would remove names that somebody else has given it.  While a
# container has it, it stays until clean-images.
name_replaced() {
	replaced=$prepared-replaced
	run_engine image tag "$prepared" "$replaced"
}

# print_images [LABEL]: the names and sizes of prepared images: those with our label that bear our
# name, unlike what somebody has built from them.  Podman puts a registry before it.
print_images() {
	images=$(run_engine image ls --filter label=cachemk.target ${1:+--filter "label=$1"} \
		--format '{{.Repository}}:{{.Tag}} {{.Size}}') || return
	printf '%s\n' "$images" | sed -n 's|^localhost/||; /^cachemk:[a-z0-9]/p'
}

# clean_images: removes this project's prepared images, those of former targets and setups too
clean_images() {
	need_engine
	find_identity
	there=$(print_images)
	found=
	[ -z "$identity" ] || found=$(print_images "cachemk.identity=$identity")
	[ -n "$found" ] || printf 'No prepared images found\n'
	report_shared
	[ -n "$found" ] || return 0
	printf 'This removes these prepared images:\n'
	printf '%s\n' "$found" | sed 's/^/  /'
	confirm
	failed=
	while IFS=' ' read -r name _; do
		remove "$name" run_engine image rm "$name"
	done <<-END
		$found
	END
	[ -z "$failed" ]
}

# report_shared: names the images of this project's targets that another one has prepared
report_shared() {
	{
		printf '%s\n' "$found" | sed 's/^/ours /'
		printf '%s\n' "$targets" | awk '{ print "row", $5 }'
		printf '%s\n' "$there" | sed 's/^/there /'
	} | awk '
		$1 == "ours" { ours[$2] }
		$1 == "row" { used[$2] }
		$1 == "there" && $2 in used && !($2 in ours) {
			print $2 " is kept: another project has prepared it, and this one shares it." }'
}

# has_toolchain IMAGE FILE [FLAG...]: whether the image has the toolchain that FILE asks for;
# without rustup it has but one
has_toolchain() {
	words=$as_nobody
	image=$1
	wanted=$(cat <"$2")
	shift 2
	add_words "$@" -w /tmp "$image"
	add_inside try_toolchain "$wanted"
	run_inside >/dev/null 2>&1
}

# try_toolchain TEXT: runs in the container
try_toolchain() {
	printf '%s\n' "$1" >rust-toolchain
	! command -v rustup || rustc --version
}
