# Two commands do everything on a fresh machine: make run, make test.
SHELL := /bin/bash
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9
BIN := .venv/bin

.PHONY: help setup run browser test check bench format docs lock clean

help:            ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

$(UV):
	@echo "Fetching uv $(UV_VERSION)"
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .cache/uv \
		"uv==$(UV_VERSION)" || { echo "uv could not be fetched with pip: is python3-pip there, and the registry?"; exit 1; }

.venv/.ready: requirements.txt pyproject.toml | $(UV)
	@echo "Setting up .venv"
	@$(UV) venv --quiet --clear --python "$$(command -v python3)" .venv
	@$(UV) pip sync --quiet --require-hashes --python $(BIN)/python requirements.txt
	@$(UV) pip install --quiet --no-deps --no-build-isolation --python $(BIN)/python -e .
	@touch $@

setup: .venv/.ready  ## the virtual environment, from locked versions

run: setup       ## the bus company's nine steps, from files to report
	@$(BIN)/python examples/bus/make.py
	@$(BIN)/nonagon run examples/bus

browser:
	@command -v chromium chromium-browser google-chrome >/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium for the browser tests" \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			chromium fonts-dejavu-core >/dev/null 2>&1; } \
		|| echo "No Chromium here: the browser tests will be skipped"

test: setup browser  ## every test
	@$(BIN)/python -m pytest

check: setup     ## lint, types, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache | tail -n 20

format: setup    ## put the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

docs: setup      ## examples, pictures and generated parts of the pages, from the code
	@$(BIN)/python docs/build.py

.cache/bench/.ready: requirements-bench.txt | $(UV)
	@echo "Setting up .cache/bench"
	@$(UV) venv --quiet --clear --python "$$(command -v python3)" .cache/bench
	@$(UV) pip sync --quiet --require-hashes --python .cache/bench/bin/python requirements-bench.txt \
		&& touch $@ || echo "The peers could not be installed: bench/methods.py will name those that it leaves out"

bench: setup .cache/bench/.ready  ## measure, side by side with peers
	@for f in bench/[a-z]*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done
	@echo "== coverage of intervals, errors of tests: simulations"; $(BIN)/python -m pytest -m slow

lock: $(UV)      ## newest versions that pyproject.toml allows, with hashes and without addresses
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group dev --group bench --upgrade -o requirements.txt pyproject.toml
	@$(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate \
		--group pyproject.toml:peers --upgrade -o requirements-bench.txt

clean:           ## what make made
	rm -rf .venv .cache .mypy_cache .ruff_cache .hypothesis examples/*/data examples/*/out
