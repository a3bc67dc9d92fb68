# Everything a newcomer or a maintainer does is one word here; `make help` lists itself.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ARGS ?=

.DEFAULT_GOAL := help
# each of the many processes of a demo or a test run would compile the same sources again
export PYTHONDONTWRITEBYTECODE :=

.PHONY: help demo test cluster lint screenshots bench docs lock messages browser clean

help: ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

$(VENV)/run.stamp: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit("Amends needs Python 3.11 or newer; this is " + sys.version.split()[0] + ". Try: make PYTHON=python3.12") if sys.version_info < (3, 11) else None'
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps -e .
	@$(BIN)/python -m compileall -q src  # once, and not in each of the first processes beside each other
	@touch $@

$(VENV)/dev.stamp: requirements-dev.lock $(VENV)/run.stamp
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

demo: $(VENV)/run.stamp ## install, turn the ring on real flights and open the console (ARGS="--no-serve --json")
	@$(BIN)/amends demo $(ARGS)

browser: ## make sure that a Chromium and a Chinese font are here for the browser tests
	@sh .ci/browser

test: $(VENV)/dev.stamp browser ## run all tests (ARGS="-k name" passes arguments on)
	@$(BIN)/python -m pytest $(ARGS)

$(VENV)/spark.stamp: $(VENV)/dev.stamp requirements-spark.lock
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-spark.lock
	@touch $@

cluster: $(VENV)/spark.stamp ## run the tests of the Spark engine, on two worker processes of this machine
	@sh .ci/spark
	@AMENDS_CLUSTER=1 $(BIN)/python -m pytest -n0 tests/monitor/engines/spark $(ARGS)

lint: $(VENV)/dev.stamp ## style, import contracts and strict types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/lint-imports
	@$(BIN)/mypy

screenshots: $(VENV)/dev.stamp browser ## take the docs' pictures anew, by the browser tests
	@AMENDS_SCREENSHOTS=build/screenshots $(BIN)/python -m pytest -n0 tests/web/console/test_browser.py
	@for kept in docs/screenshots/*.png; do cp build/screenshots/$${kept##*/} $$kept; done

bench: $(VENV)/dev.stamp ## print every figure that the README quotes
	@$(BIN)/python -m benchmarks $(ARGS)

docs: $(VENV)/dev.stamp ## build the documentation into docs/_build/html
	@$(BIN)/python -m sphinx -q -W -b html docs docs/_build/html
	@echo "docs/_build/html/index.html"

messages: $(VENV)/dev.stamp ## compile the Chinese texts of the screens
	@$(BIN)/python -m amends.site.messages

lock: ## pin all dependencies again (needs uv)
	@uv pip compile pyproject.toml --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements.lock
	@uv pip compile pyproject.toml --extra spark -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-spark.lock
	@uv pip compile pyproject.toml --extra dev -c requirements.lock --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --quiet -o requirements-dev.lock

clean: ## remove the virtual environment and what was built
	@rm -rf $(VENV) docs/_build build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache
