# cachemk: builds and checks the generator, and includes what it generates.
# `make help` lists the commands.

# ---- Settings

CFLAGS ?= -O2 -g
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
modules := $(patsubst gen/%.c,%,$(filter-out gen/main.c,$(wildcard gen/*.c)))
objects := $(modules:%=$(BUILD)/gen/%.o)
templates := $(wildcard templates/*.mustache)
scripts := $(wildcard templates/sh/*.sh)

# `setup` installs the compiler, so what is compiled waits for it if both are among the goals.
setup_first := $(filter setup,$(MAKECMDGOALS))

.PHONY: all
all: gen/cachemk mk/cache.mk

# ---- The generator

gen/cachemk: $(BUILD)/gen/main.o $(objects)
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih

# The one file that knows where templates are installed, compiled again when that changes.
$(BUILD)/gen/template.o: defines = -DCACHEMK_TEMPLATES='"$(PREFIX)/share/cachemk/templates/"'
$(BUILD)/gen/template.o: $(BUILD)/prefix
$(BUILD)/prefix: $(if $(filter $(PREFIX),$(shell cat $(BUILD)/prefix 2>/dev/null)),,again)
	@mkdir -p $(BUILD)
	@printf '%s\n' '$(PREFIX)' >$@
.PHONY: again

$(BUILD)/%.o: %.c | $(setup_first)
	@mkdir -p $(@D)
	$(CC) $(cflags) $(CPPFLAGS) $(defines) -Igen -MMD -MP -c -o $@ $<

-include $(wildcard $(BUILD)/gen/*.d $(BUILD)/tests/*/*.d)

# ---- What it generates

# This also writes mk/cache.sh, before mk/cache.mk.
mk/cache.mk: gen/cachemk targets.ini $(templates) $(scripts)
	gen/cachemk -o $@ targets.ini

suites := unit spec golden templates docs faults property script make e2e

# Make brings an included file up to date first and then reads it.  These goals must work before
# the generator can be built, or do not need mk/cache.mk.
without_rules := setup demo docs terminal-picture install uninstall deb clean help check $(suites:%=check-%) \
  bench fuzz analyse lint $(BUILD)/% gen/%
ifneq ($(filter-out $(without_rules),$(or $(MAKECMDGOALS),all)),)
include mk/cache.mk
endif

# ---- Setting up and showing

.PHONY: setup
setup:
	@sh mk/setup.sh $(if $(filter-out setup demo,$(MAKECMDGOALS)),,$(filter demo,$(MAKECMDGOALS)))

.PHONY: demo
demo: gen/cachemk
	@sh mk/demo.sh

# ---- Checks: every suite prints TAP, and tests/run.sh counts

.PHONY: check $(suites:%=check-%)
check: $(suites:%=ready-%)
	@bash tests/run.sh $(suites)
$(suites:%=check-%): check-%: ready-%
	@bash tests/run.sh $*

# What must be built before a suite can run.
.PHONY: $(suites:%=ready-%)
ready-unit: $(BUILD)/unit
ready-spec: $(if $(MUSTACHE_SPEC),$(BUILD)/spec)
ready-golden ready-templates ready-docs ready-faults ready-property ready-script ready-make ready-e2e: gen/cachemk

export BUILD MUSTACHE_SPEC E2E_ENGINE

tests = $(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/$(1)/*.c)) $(objects)

$(BUILD)/unit: $(call tests,unit)
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih $$(pkg-config --libs check)

$(BUILD)/spec: $(call tests,spec)
	$(CC) $(cflags) $(LDFLAGS) -o $@ $^ -linih -ljansson

# libFuzzer comes with clang; gcc has none.
fuzz_flags := -g -O1 -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all \
  -DMUSTACHE_TOKENS_MAX=100000

$(BUILD)/fuzz/%: tests/fuzz/%_fuzz.c $(modules:%=gen/%.c) $(wildcard gen/*.h)
	@mkdir -p $(@D)
	clang $(cflags) $(fuzz_flags) -Igen -o $@ $< $(modules:%=gen/%.c) -linih

.PHONY: fuzz
fuzz: $(BUILD)/fuzz/targets $(BUILD)/fuzz/mustache
	@sh tests/fuzz/run.sh

# The page and the picture that docs/ has of targets.ini; Graphviz draws the picture.
.PHONY: docs
docs: gen/cachemk
	gen/cachemk -t cache-architecture -o docs/cache-architecture.md
	gen/cachemk -t targets.dot -o docs/targets.dot
	dot -Tsvg -o docs/targets.svg docs/targets.dot

# Runs builds on a real engine, and draws the terminal's output: docs/terminal.svg.
.PHONY: terminal-picture
terminal-picture: gen/cachemk
	@docs/terminal/record

# Compares generation and builds with other methods; see tests/bench/run.sh.
.PHONY: bench
bench: gen/cachemk
	@sh tests/bench/run.sh

# Runs static analysers on gen/, and counts the lines that no test reaches; see tests/analyse.sh.
.PHONY: analyse
analyse: gen/cachemk
	@sh tests/analyse.sh

.PHONY: lint
lint: gen/cachemk
	@sh tests/lint.sh

# ---- Installing

at = $(DESTDIR)$(PREFIX)
installed = bin/cachemk share/man/man1/cachemk.1 share/man/man5/cachemk.ini.5 \
  share/man/man7/cachemk-rules.7 share/bash-completion/completions/cachemk \
  share/zsh/site-functions/_cachemk
# Installed in the same layout as here, so that their links work.
documents = README.md CHANGELOG.md SECURITY.md
more_documents = $(wildcard docs/*.md docs/*.svg)

# These files contain the path of the installed templates.
install_text = sed 's|/usr/local/share/cachemk|$(PREFIX)/share/cachemk|g' $(1) >$(at)/$(2) && chmod 644 $(at)/$(2)

.PHONY: install
install: gen/cachemk
	install -d $(addprefix $(at)/,$(sort $(dir $(installed))) share/cachemk/templates/sh share/doc/cachemk/docs)
	install -m 755 gen/cachemk $(at)/bin
	install -m 644 $(templates) $(at)/share/cachemk/templates
	install -m 644 $(scripts) $(at)/share/cachemk/templates/sh
	$(call install_text,man/cachemk.1,share/man/man1/cachemk.1)
	$(call install_text,man/cachemk.ini.5,share/man/man5/cachemk.ini.5)
	$(call install_text,man/cachemk-rules.7,share/man/man7/cachemk-rules.7)
	$(call install_text,completions/cachemk.bash,share/bash-completion/completions/cachemk)
	$(call install_text,completions/_cachemk,share/zsh/site-functions/_cachemk)
	install -m 644 $(documents) $(at)/share/doc/cachemk
	install -m 644 $(more_documents) $(at)/share/doc/cachemk/docs

# Keeps directories that may contain files of other programs.
.PHONY: uninstall
uninstall:
	rm -f $(addprefix $(at)/,$(installed))
	rm -rf $(at)/share/cachemk $(at)/share/doc/cachemk

# A Debian package, in build/.
.PHONY: deb
deb:
	@sh debian/build

# ---- The rest

.PHONY: clean
clean:
	rm -rf $(BUILD) gen/cachemk mk/cache.mk mk/cache.sh

.PHONY: help
help:
	@sh mk/help.sh
