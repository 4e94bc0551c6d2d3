# Everything a contributor or an operator calls. `make help` lists it.

SHELL := bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

PY ?= python3
VENV := .venv
# The environment's Node and Python go before the system's: Hardhat refuses an old Node.
export PATH := $(CURDIR)/$(VENV)/bin:$(CURDIR)/node_modules/.bin:$(PATH)
export HARDHAT_DISABLE_TELEMETRY := true
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PIP := $(VENV)/bin/python -m pip install --quiet
RUN_STAMP := $(VENV)/.installed-run
DEV_STAMP := $(VENV)/.installed-dev
NODE_STAMP := node_modules/.installed

# How many processes share the tests.
JOBS ?= auto
# The share of each contract's lines that the Solidity tests must run, in percent.
SOLIDITY_COVERAGE ?= 100

.PHONY: help install install-run run test test-python test-solidity chaos chaos-mutations check lint house bench \
	lock fmt contracts page-verifier coverage coverage-solidity clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sort | awk -F ':.*## ' '{printf "  make %-20s %s\n", $$1, $$2}'

# --- installing -----------------------------------------------------------------------------------

$(VENV)/bin/python:
	@$(PY) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "Python 3.11 or newer is needed: make PY=python3.11")'
	$(PY) -m venv $(VENV)

# The environment that an operator needs: no Node, no compiler.
$(RUN_STAMP): requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $@

$(DEV_STAMP): requirements-dev.lock requirements.lock pyproject.toml | $(VENV)/bin/python
	$(PIP) --require-hashes -r requirements-dev.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	@touch $(RUN_STAMP) $@

# No package's install script is needed, so none may run.
$(NODE_STAMP): package.json package-lock.json .npmrc | $(DEV_STAMP)
	npm ci --ignore-scripts --loglevel=error
	@touch $@

install: $(DEV_STAMP) $(NODE_STAMP) ## install all that building and testing need

install-run: $(RUN_STAMP) ## install only what running needs

# --- using ----------------------------------------------------------------------------------------

run: install-run ## start the wallet with demonstration data
	@exec $(VENV)/bin/wallet-chain run --demo

# --- testing --------------------------------------------------------------------------------------

test: install test-solidity test-python coverage-solidity ## run every test and the coverage gates

test-python: install ## run the Python tests with their coverage gate; FUZZ_EXAMPLES lengthens the fuzzing of the API
	@mkdir -p build .cache
	python -m pytest -n $(JOBS) --dist loadfile \
		--cov --cov-report=term --cov-report=xml:build/coverage.xml --junitxml=build/pytest.xml

test-solidity: install ## run the Solidity tests; FUZZ_RUNS, INVARIANT_RUNS and INVARIANT_DEPTH lengthen them
	@mkdir -p build
	@if [ -n "$$(find contracts tests/solidity -name '*.t.sol' 2>/dev/null)" ]; then \
		hardhat test solidity --gas-stats-json build/gas.json | tee build/solidity.txt; \
	else echo 'there are no Solidity tests' | tee build/solidity.txt; fi

coverage: install coverage-solidity ## measure both languages, with HTML reports in build/
	@mkdir -p build .cache
	python -m pytest -n $(JOBS) --dist loadfile --cov --cov-report=term --cov-report=html:build/coverage

# Instrumented code is slower, and more runs of the same test cover no more lines.
coverage-solidity: install
	@mkdir -p build
	@rm -rf coverage
	@if [ -n "$$(find contracts tests/solidity -name '*.t.sol' 2>/dev/null)" ]; then \
		FUZZ_RUNS=32 INVARIANT_RUNS=4 hardhat test solidity --coverage > build/solidity-coverage.txt \
			|| { cat build/solidity-coverage.txt; exit 1; }; \
		python scripts/coverage_gate.py coverage/lcov.info $(SOLIDITY_COVERAGE); \
	fi

# What a long run is made of; `python -m tests.chaos --help` says more.
CHAOS ?= --kills 5100 --lost 1000 --jobs 2

chaos: install ## kill, cut and mislead the pipeline for long; CHAOS="--kills N --lost N --minutes N --seed S" changes it
	python -m tests.chaos --database sqlite $(CHAOS)
	python -m tests.chaos --database postgresql $(CHAOS)

chaos-mutations: install ## plant bugs in the pipeline, each of which the chaos has to find
	python -m tests.chaos --mutations all

check: install lint house ## check form, types, layers, house rules and that artifacts are fresh

lint:
	ruff format --check .
	ruff check .
	mypy
	lint-imports --no-logo
	prettier --check 'contracts/**/*.sol' 'tests/**/*.sol' '*.js' 'scripts/*.mjs' 'wallet_chain/verifier/js/*.mjs' 'api/web/*.css' 'api/web/docs.js' 'api/web/audit/*.js' --no-error-on-unmatched-pattern
	solhint --noPoster --disc --max-warnings 0 'contracts/**/*.sol'
	python scripts/compile.py --check
	node scripts/page_verifier.mjs --check

house:
	python -m pytest tests/house -q

bench: install ## measure what the figures in the docs name
	python scripts/bench.py payments --chain eth-tester --json

# --- maintaining ----------------------------------------------------------------------------------

fmt: install ## format all code
	ruff format .
	ruff check --fix-only --quiet .
	prettier --write --log-level=warn 'contracts/**/*.sol' 'tests/**/*.sol' '*.js' 'scripts/*.mjs' 'wallet_chain/verifier/js/*.mjs' 'api/web/*.css' 'api/web/docs.js' 'api/web/audit/*.js' --no-error-on-unmatched-pattern

contracts: install ## compile the contracts into the artifacts that the package ships
	python scripts/compile.py

page-verifier: install ## bundle the verifier in JavaScript for the page /audit
	node scripts/page_verifier.mjs

# Hashes only, no host: the files install from any mirror.
COMPILE := uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
	--no-emit-index-url --no-emit-find-links --custom-compile-command 'make lock' \
	$(if $(UPGRADE),--upgrade,) pyproject.toml --extra install

lock: install ## resolve the dependencies anew; UPGRADE=1 also raises their versions
	$(COMPILE) --output-file requirements.lock
	$(COMPILE) --extra dev --constraints requirements.lock --output-file requirements-dev.lock
	npm install --package-lock-only --ignore-scripts --loglevel=error
	node scripts/complete_lock.mjs

clean: ## remove all that can be made again
	rm -rf $(VENV) node_modules .cache build coverage dist *.egg-info .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
