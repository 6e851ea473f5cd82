# Goals: show build dev
# Variables that recipes get from make, one of them for a target alone.
export WORKSPACE ?= /srv/project
export CACHE_DIR = .cache
#include
build: export PROFILE ?= release
build: show
dev: export PROFILE = dev
dev: show
show: ; @echo "$$WORKSPACE $$CACHE_DIR $$PROFILE"
