# Goals: help hello
# A help that reads the makefile.
.DEFAULT_GOAL := help
#include
.PHONY: help
help: ## Show this help
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /: /'
	@echo $(words $(MAKEFILE_LIST)) $(lastword $(MAKEFILE_LIST))
hello: ## Say hello
	echo hello
