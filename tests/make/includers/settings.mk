# Goals: show release
# Its own settings, by names that are common.
PROFILE ?= release
ARGS = -l --all
DOCKER := docker run --rm -v "$$PWD:/src" -w /src rust:1
V ?= 2
AGE = 30
FILE = notes.txt
CARGO_FLAGS += --locked
OFFLINE ?= maybe
#include
show:
	@echo '$(PROFILE) $(ARGS) $(V) $(AGE) $(FILE) $(OFFLINE) $(YES) $(SIZE)'
	$(DOCKER) cargo build --profile "$(PROFILE)" $(CARGO_FLAGS) $(ARGS)
release: PROFILE = dist
release: ; cargo build --profile $(PROFILE)
