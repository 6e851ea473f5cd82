# cachemk: builds, checks and installs the generator, and includes what it generates.
# `make help` lists the commands.

# ---- Settings

CFLAGS ?= -O2 -g
CPPFLAGS ?=
LDFLAGS ?=
BUILD ?= build
# The directory of the Mustache specification's *.json, for `make check`; without it, that suite is
# skipped, with a message.
MUSTACHE_SPEC ?=
# Where `make install` puts the files, below DESTDIR.
PREFIX ?= /usr/local
DESTDIR ?=
# The DOCKER_HOST of a running engine to test on; without it, the tests start a private one.
E2E_ENGINE ?=

# ---- You should not need to change anything below.

.DELETE_ON_ERROR:
.SUFFIXES:

cflags := -std=c11 -D_XOPEN_SOURCE=700 -Wall -Wextra -Wpedantic -Wshadow -Wmissing-prototypes \
  -Wconversion $(CFLAGS)
modules := $(filter-out gen/main.c,$(wildcard gen/*.c gen/*/*.c))
objects := $(modules:%.c=$(BUILD)/%.o)
templates := $(wildcard templates/*.mustache)
suites := unit spec golden cli templates docs faults property script make e2e

# The rules of this makefile; `all` is the first.
own := all setup demo check $(suites:%=check-%) lint analyse fuzz bench docs terminal-picture \
  install uninstall deb clean help
.PHONY: $(own) $(suites:%=ready-%)

all: gen/cachemk mk/cache.mk

# ---- What it generates

# This also writes mk/cache.sh, before mk/cache.mk; once in a run, as a file from the future stays newer.
mk/cache.mk: gen/cachemk targets.ini $(templates) templates/cache.sh
	@mkdir -p $(@D)
	$(if $(value MAKE_RESTARTS),,gen/cachemk -o $@ targets.ini)

# Any other goal is a rule for a target.  Make first brings an included file up to date.
ifneq ($(filter-out $(own) $(BUILD)/% gen/% mk/cache.mk,$(MAKECMDGOALS)),)
include mk/cache.mk
taken := $(firstword $(filter $(suites),$(cachemk_names)))
ifneq ($(taken),)
$(error targets.ini: choose another name than '$(taken)': here, check-$(taken) is a suite of tests)
endif
endif

# ---- The generator

gen/cachemk: $(BUILD)/gen/main.o $(objects) | templates/cache.sh
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih
templates/cache.sh: scripts/assemble.sh gen/version.h $(wildcard templates/sh/*.sh)
	@sh scripts/assemble.sh >$@

# All is compiled again when a setting has changed.
settings := $(strip $(cflags) $(CPPFLAGS) $(PREFIX))
ifneq ($(settings),$(strip $(shell cat $(BUILD)/settings 2>/dev/null)))
.PHONY: $(BUILD)/settings
endif
$(BUILD)/settings:
	@mkdir -p $(@D)
	@printf '%s\n' '$(subst ','\'',$(settings))' >$@

# `setup` installs the compiler, so this waits for it if both are among the goals.
$(BUILD)/%.o: %.c $(BUILD)/settings | $(filter setup,$(MAKECMDGOALS))
	@mkdir -p $(@D)
	$(CC) $(cflags) $(CPPFLAGS) -DCACHEMK_TEMPLATES='"$(PREFIX)/share/cachemk/templates/"' \
	  -Igen -MMD -MP -c -o $@ $<

-include $(wildcard $(BUILD)/*/*.d $(BUILD)/*/*/*.d)

# ---- Checks: every suite prints TAP, and tests/run.sh counts

check: $(suites:%=ready-%)
	@bash tests/run.sh $(suites)
$(suites:%=check-%): check-%: ready-%
	@bash tests/run.sh $*

# What must be built before a suite can run.
$(suites:%=ready-%): gen/cachemk
ready-unit: $(BUILD)/unit
ready-spec: $(if $(MUSTACHE_SPEC),$(BUILD)/spec)

export BUILD MUSTACHE_SPEC E2E_ENGINE

tests = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$(1)/*.c)) $(objects)

$(BUILD)/unit: $(call tests,unit)
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih $$(pkg-config --libs check)

$(BUILD)/spec: $(call tests,spec)
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih -ljansson

# libFuzzer comes with clang; gcc has none.
fuzzers := $(patsubst tests/fuzz/%_fuzz.c,$(BUILD)/fuzz/%,$(wildcard tests/fuzz/*_fuzz.c))
FUZZ_CFLAGS ?= -g -O2 -fno-omit-frame-pointer -fsanitize=fuzzer,address,undefined \
  -fno-sanitize-recover=all

$(BUILD)/fuzz/%: tests/fuzz/%_fuzz.c $(modules) $(wildcard gen/*.h gen/*/*.h)
	@mkdir -p $(@D)
	clang $(cflags) $(FUZZ_CFLAGS) -DMUSTACHE_TOKENS_MAX=10000 -Igen -o $@ $< $(modules) -linih

fuzz: $(fuzzers)
	@sh tests/fuzz/run.sh

# tests/analyse.sh runs static analysers on gen/, and counts the lines that no test reaches;
# tests/bench/run.sh compares generation and builds with other methods.
analyse lint: gen/cachemk
	@sh tests/$@.sh
bench: gen/cachemk
	@sh tests/bench/run.sh

# ---- Documents: a page and a picture of targets.ini, and a session on an engine as a picture

docs: gen/cachemk
	gen/cachemk -t cache-architecture -o docs/cache-architecture.md
	gen/cachemk -t targets.dot -o docs/targets.dot
	dot -Tsvg -o docs/targets.svg docs/targets.dot

terminal-picture: gen/cachemk
	@docs/terminal/record

# ---- Setting up, installing, and the rest

setup:
	@sh scripts/setup.sh $(if $(filter-out setup demo,$(MAKECMDGOALS)),,$(filter demo,$(MAKECMDGOALS)))

demo: gen/cachemk
	@sh scripts/demo.sh

install: gen/cachemk
	@sh scripts/install.sh '$(DESTDIR)' '$(PREFIX)'
uninstall:
	@sh scripts/install.sh --remove '$(DESTDIR)' '$(PREFIX)'

# A Debian package, in build/.
deb:
	@sh debian/build

clean:
	rm -rf $(BUILD) gen/cachemk templates/cache.sh mk/cache.mk mk/cache.sh

help:
	@sh scripts/help.sh
