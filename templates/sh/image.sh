# ---- image: the prepared image of a target

# What an image needs to build for the triple, as the user who runs make.  If this fails, the
# engine prints the line it has run, so the code is passed as an argument, to keep that line short.
# BuildKit expands arguments in what it prints, except within single quotes: see the Dockerfile.
image_check='
refuse() { echo "$*" >&2; exit 1; }
host=$(rustc -vV 2>/dev/null | sed -n "s/^host: //p")
[ -n "$host" ] || refuse "The image has no rustc: fix image or setup in targets.ini."
cargo --version >/dev/null ||
  refuse "The image has no cargo that user $(id -u) can run: fix image or setup in targets.ini."
[ -h "$CARGO_HOME/.package-cache" ] ||
  refuse "The image has a VOLUME at $CARGO_HOME, which keeps nothing: fix image in targets.ini."
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
  [ -z "$compiler" ] || command -v "$compiler-gcc" >/dev/null ||
    echo "warning: the image has no $compiler-gcc: install a linker in setup, and set env" >&2
  exit
fi
case $triple in "${host%%-*}"-*linux*) ;; *)
  refuse "The image builds for $host, not for $triple:" \
    "fix image, platform or triple in targets.ini." ;;
esac
[ "${triple##*-}" = "${host##*-}" ] ||
  echo "warning: the image builds for $host, not for $triple" >&2
'

# has_other_platform: whether the engine has the base image, but only for another platform
has_other_platform() {
	have=$(run_engine image inspect --format '{{.Os}}/{{.Architecture}}' "$base" 2>/dev/null) || return
	! is_platform "$have"
}

# is_platform OS/ARCHITECTURE: whether it is that of the target, which may also name a variant
is_platform() {
	case ${platform:-$1}/ in "$1"/*) ;; *) return 1 ;; esac
}

# complete_base: adds the registry to $base, and takes a tag before a digest away, which not every
# podman knows.  For a name without one, podman may search anywhere
# or nowhere, so we look where docker does, or among local builds.
complete_base() {
	case $base in *@*)
		digest=${base#*@}
		base=${base%@*}
		case ${base##*/} in *:*) base=${base%:*} ;; esac
		base=$base@$digest
		;;
	esac
	run_engine image inspect "localhost/$base" >/dev/null 2>&1 && return
	case $base in
	localhost/* | *.*/* | *:*/*) ;;
	*/*) base=docker.io/$base ;;
	*) base=docker.io/library/$base ;;
	esac
}

# build_once: tries once to build the prepared image; pulls a newer base image first if $pull is
# set
build_once() {
	words=
	[ -z "$pull" ] || add_words --pull
	[ -z "$platform" ] || add_words --platform "$platform"
	add_labels ${kept:+--label "cachemk.groups=$kept"} \
		--build-arg "user=$user" --build-arg "setup=$setup" --build-arg "triple=$triple" \
		--build-arg "carry=$carry_over" --build-arg "name=$name_user" \
		--build-arg "check=$image_check"
	[ -z "$cross" ] || add_words --build-arg "cross=$cross"
	[ -z "$packages$target_packages${cross:+$compiler}" ] ||
		add_words --build-arg "packages=$packages" --build-arg "target_packages=$target_packages" \
			--build-arg "compiler=${cross:+$compiler}" --build-arg "processor=$processor" \
			--build-arg "install=$install_tools"
	[ -z "$glibc" ] ||
		add_words --build-arg "glibc=$glibc" --build-arg "linker=$compiler" \
			--build-arg "zig=$write_zig"
	[ -z "$mirror" ] || add_words --build-arg "mirror=$mirror"
	add_proxies --build-arg
	print_dockerfile | eval "exec_build $words" >&2 &
	wait $!
}

# add_labels WORD...: the name and the labels of the prepared image, and then these words
add_labels() {
	add_words --tag "$prepared" \
		--label "cachemk.target=$target" --label "cachemk.rootless=$rootless" \
		--label "cachemk.identity=$identity" "$@"
}

# make_image: pulls the prepared image from the registry or builds it, or exits with a message
make_image() {
	ask_engine
	make_identity
	guard
	case $rootless in yes) user=0:0 ;; *) user=${run_as:-$caller} ;; esac
	trap 'kill "$!"; wait; exit 130' HUP INT TERM
	reuse_image || build_image
	trap stop HUP INT TERM
}

# build_image: builds it.  An engine without BuildKit keeps one platform per tag, and builds with
# the wrong one rather than pull, so it is told to pull; and once more if a build for another
# platform has replaced the tag in the meantime.
build_image() {
	printf 'Preparing the image %s from %s, once...\n' "$prepared" "$base"
	case $info in *buildahVersion:*) complete_base ;; esac
	for try in first last; do
		pull=$refresh
		if has_other_platform; then pull=yes; fi
		if build_once; then break; fi
		if [ "$try" = last ] || ! has_other_platform; then refuse_image; fi
	done
}

# refuse_image: exits with the reason why the image could not be prepared.  If not even `exit`
# runs on its base, the machine cannot emulate the platform; if rustc does, it knows the triples.
refuse_image() {
	words=
	[ -z "$platform" ] || add_words --platform "$platform"
	said=$(printf 'FROM %s\nRUN rustc --print target-list; exit 1\n' "$base" |
		eval "exec_build $words" 2>&1) || :
	case $said in
	*[Ee]'xec format error'*)
		remedy="this machine cannot emulate $platform; install qemu-user-static and binfmt-support." ;;
	*'trust data'* | *'notary server'*)
		remedy="DOCKER_CONTENT_TRUST is set, but docker finds no signature of it; unset this variable, \
or set image to a digest in targets.ini, such as rust@sha256:...." ;;
	*)
		remedy="see the lines above, and check image and setup of [$target] in targets.ini."
		suggest_triple
		;;
	esac
	refuse "The image for $target could not be prepared from $base: $remedy"
}

# suggest_triple: sets $remedy if $said has a list of triples, but not ours
suggest_triple() {
	known=$(printf '%s\n' "$said" | tr -s '[:space:]' '\n' |
		grep '^[a-z][a-z0-9_.]*-[a-z0-9_.-]*$') || :
	case $newline$known$newline in
	*"$newline$triple$newline"*) return ;;
	*"${newline}x86_64-unknown-linux-gnu$newline"*) ;;
	*) return ;;
	esac
	case $triple in
	arm64-*) meant=aarch64-${triple#*-} ;;
	amd64-* | x64-*) meant=x86_64-${triple#*-} ;;
	x86-64-*) meant=x86_64-${triple#x86-64-} ;;
	*) meant=$triple ;;
	esac
	# shellcheck disable=SC2046 # triples are words
	near=$(print_nearest "$meant" $(printf '%s\n' "$known" | grep -e -linux-))
	remedy="unknown target triple $triple in targets.ini${near:-: see the lines above.}"
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
	make_image
	new=$(run_engine image inspect --format '{{.Id}}' "$prepared")
	if [ "$old" = "$new" ]; then
		printf '%s is up to date\n' "$prepared"
	else
		printf '%s was prepared\n' "$prepared"
	fi
}

# name_replaced: tags the image to be replaced with a second name of ours, which is removed when
# we exit.  Removing it by ID would also remove names that others have given it.  An image that a
# container uses is kept until clean-images.
name_replaced() {
	replaced=$prepared-replaced
	run_engine image tag "$prepared" "$replaced"
}

# print_images LABEL...: names and sizes of prepared images with these labels: those that have both
# our label and our name, unlike images built from them.  Podman adds a registry to the name.
print_images() {
	words=
	for label in cachemk.target "$@"; do add_words --filter "label=$label"; done
	images=$(eval "run_engine image ls $words --format '{{.Repository}}:{{.Tag}} {{.Size}}'") || return
	printf '%s\n' "$images" | sed -n 's|^localhost/||; /^cachemk:[a-z0-9]/p'
}

# find_images: sets $there to all prepared images of the target, or of all targets, and $found to
# those that a rule applies to: this project's, including those of former targets and setups
find_images() {
	set -- ${target:+"cachemk.target=$target"}
	find_identity
	there=$(print_images "$@")
	if is_on "$ALL"; then
		found=$there
	elif [ -n "$identity" ]; then
		found=$(print_images "$@" "cachemk.identity=$identity")
	else
		found=
	fi
}

# clean_images: the rule
clean_images() {
	need_engine
	read_rows clean-images
	find_images
	[ -n "$found" ] || printf 'No prepared images found\n'
	report_shared
	[ -n "$found" ] || return 0
	printf 'This removes these prepared images%s:\n' "${ALL:+ of all projects}"
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

# report_shared: lists images of this project's targets that another project has prepared
report_shared() {
	{
		printf '%s\n' "$found" | sed 's/^/ours /'
		printf '%s\n' "$rows" | awk '{ print "row", $3 }'
		printf '%s\n' "$there" | sed 's/^/there /'
	} | awk '
		$1 == "ours" { ours[$2] }
		$1 == "row" { used[$2] }
		$1 == "there" && $2 in used && !($2 in ours) {
			print $2 " is kept: another project has prepared it, and this one shares it." }'
}

# has_toolchain IMAGE FILE [FLAG...]: whether the image has the toolchain that FILE asks for;
# without rustup, an image's only toolchain always fits
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
