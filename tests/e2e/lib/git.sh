# shellcheck shell=sh disable=SC2154
# The git server: serves tests/e2e/fixtures/greeting as a repository, for git dependencies.

git_up() {
	free_port >"$lab/run/git.port"
	say "starting the git server on port $(daemon_port git)"
	mkdir -p "$lab/git"
	git_repository greeting
	daemon_start git git daemon --listen=127.0.0.1 --port="$(daemon_port git)" --reuseaddr --verbose \
		--export-all --base-path="$lab/git" "$lab/git"
	wait_for 10 git ls-remote "git://127.0.0.1:$(daemon_port git)/greeting.git" || daemon_failed git
}

# git_repository NAME: a bare repository with one commit that is the same wherever and whenever it is made
git_repository() {
	work=$lab/tmp/$1
	cp -R "$here/fixtures/$1" "$work"
	lab_git -C "$work" init --quiet --initial-branch=main
	lab_git -C "$work" add .
	lab_git -C "$work" commit --quiet --message "$1: as the tests need it"
	lab_git clone --quiet --bare "$work" "$lab/git/$1.git"
	rm -r "$work"
}

lab_git() {
	GIT_AUTHOR_DATE='2024-01-01T00:00:00Z' GIT_COMMITTER_DATE='2024-01-01T00:00:00Z' \
		GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null \
		git -c user.name=lab -c user.email=lab@localhost "$@"
}
