# Every command of AlexNet Lab. `make` alone lists them.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:

HOST ?= 127.0.0.1
PORT ?= 8501
RUN_REQUIREMENTS := $(if $(GPU),requirements-gpu.txt,requirements.txt)

python := .venv/bin/python

.PHONY: help run test test-all bench clean

help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: .venv/$(RUN_REQUIREMENTS).done ## start the app; PORT=8501, HOST=127.0.0.1, GPU=1
	@exec $(python) scripts/serve.py '$(HOST)' '$(PORT)'

test: .venv/requirements-dev.txt.done ## lint, types and tests, in a browser too
	@$(python) -m tests.browser
	@$(python) -m tests.postgres
	$(python) -m ruff check
	$(python) -m ruff format --check
	$(python) -m mypy
	$(python) -m pytest

test-all: export ALEXNET_ALL_STATES := 1
test-all: test ## the same, the long tests and every state of every page

bench: .venv/requirements-dev.txt.done ## measure pictures, visitors, training, a class at work
	$(python) -m bench.start
	$(python) -m bench.picture
	$(python) -m bench.visitors
	$(python) -m bench.screen
	$(python) -m bench.explain
	$(python) -m bench.cover
	$(python) -m bench.neighbours
	$(python) -m bench.teach
	$(python) -m bench.class_teach
	$(python) -m bench.inventory
	$(python) -m bench.weights
	$(python) -m bench.lab
	$(python) -m bench.classroom

clean: ## remove .venv and everything else that these commands made
	rm -rf .venv .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find . -name __pycache__ -not -path './.git/*' -prune -exec rm -rf {} +

# What is installed, and since when. A changed list is installed at the next command.
.venv/%.done: % requirements.txt constraints.txt
	@scripts/install $<
	@touch $@
