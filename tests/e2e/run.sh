#!/bin/sh
# The end-to-end suite: brings a lab up (an engine, images, registries), runs the tests in it, and
# takes it down.  Prints TAP.
#
#   E2E_LAB=DIR      use the lab that is up in DIR, and leave it up (for working on a test)
#   E2E_ENGINE=HOST  test on the engine that runs at DOCKER_HOST=HOST; caches and images get
#                    names of their own there, and are removed
#   E2E_DOCKER=podman  docker is podman
#   E2E_FILES=...    run these files only
#   CI=true          a lab that cannot be brought up is a failure, not a skip
set -eu
cd "$(dirname "$0")/../.."

no_lab() {
	if [ -n "${CI-}" ]; then
		printf '1..1\nnot ok 1 - the lab came up\n'
		exit 1
	fi
	printf '1..1\nok 1 - end-to-end tests # skip no lab: see the lines above\n'
	exit 0
}

if [ -z "${E2E_LAB-}" ]; then
	# A short path, since sockets lie in it.
	E2E_LAB=$(mktemp -d /tmp/cachemk-e2e-XXXXXX)
	trap 'tests/e2e/engine down "$E2E_LAB"' EXIT
	trap 'exit 130' INT
	trap 'exit 143' TERM
	tests/e2e/engine up "$E2E_LAB" || no_lab
fi
# shellcheck disable=SC1091 # written by `engine up`
. "$E2E_LAB/env"
if [ -n "${E2E_IMAGES-}" ]; then E2E_SUFFIX=-e2e-$$; fi
export E2E_LAB E2E_SUFFIX="${E2E_SUFFIX-}"
# shellcheck disable=SC2086 # names without blanks
(cd tests/e2e && bats --tap --timing --print-output-on-failure \
	${E2E_FILES:-buildkit.bats caches.bats commands.bats cross.bats directories.bats fleet.bats hostile.bats main_job.bats mistakes.bats musl.bats options.bats podman.bats privileges.bats products.bats readme.bats remote.bats rootless.bats side_by_side.bats ssh.bats toolchain.bats triples.bats tutorial.bats workspace.bats cache_faults.bats archive_faults.bats})
