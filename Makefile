# Two commands matter: `make up` and `make test`. CONTRIBUTING.md tells about the others.

.DEFAULT_GOAL := help
.PHONY: help up test check format lock messages admin clean

# The first Python on this machine for which everything is pinned.
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11 python; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1 \
	&& { echo $$name; break; }; done)
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet

help:
	@echo "make up      start everything on http://127.0.0.1:8000/ (Ctrl-C stops it)"
	@echo "make test    every check and test; installs a browser, PostgreSQL and Redis where it can"
	@echo "make check   the fast part of it, about four minutes"
	@echo "make format  put the code in order      make messages  collect and compile translations"
	@echo "make lock    resolve requirements anew  make clean     remove the environment, keep the data in var/"

up: .venv/runtime
	@exec $(BIN)/python manage.py up

test: .venv/dev
	@sh .ci/install-browser
	@sh .ci/install-services
	@$(MAKE) --no-print-directory -j 2 first second || { \
		echo "make test failed: the lines with *** above name each part that did. Where lint or types failed, the round" \
			"that waits for it was not run."; exit 1; }

check: .venv/dev
	@$(MAKE) --no-print-directory -j 2 types quick

# mypy and the second round have one process, and what stands beside them leaves them time enough.
.PHONY: lint types first second quick
types:
	$(BIN)/mypy

# One process more than cores: tests wait for browsers, servers and clocks, and another works meanwhile.
LANES ?= 3
first: lint
	$(BIN)/python -m tests.two_rounds --only first -n $(LANES) --dist loadgroup --no-loadscope-reorder

# Told when it is over, not in between the lines of the first.
second: types
	@told=$$(mktemp); $(BIN)/python -m tests.two_rounds --only second -n 1 >$$told 2>&1; code=$$?; \
		cat $$told; rm -f $$told; exit $$code

quick: lint
	$(BIN)/python -m pytest -n 2 -q -m "not slow and not browser"

lint:
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	PYTHONPATH=platform:. $(BIN)/lint-imports
	$(BIN)/python manage.py messages --check

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

messages: .venv/dev
	$(BIN)/python manage.py messages

# The fewest forks: one version of a package for every Python, so that a run gives the same model on each.
lock: .venv/dev
	$(PIP) install uv
	for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --fork-strategy fewest --python-version 3.11 $$name.in -o $$name.txt \
		|| exit 1; done

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis

.venv/bin/python:
	@test -n "$(PYTHON)" || { echo "Xiaoyu needs Python 3.11, 3.12 or 3.13, and none is on this machine's path." \
		"Install one, or name it: make up PYTHON=/path/to/python3.11"; exit 1; }
	@$(PYTHON) -m venv .venv || { rm -rf .venv; echo "$(PYTHON) cannot make an environment." \
		"On Debian and Ubuntu: apt-get install python3-venv"; exit 1; }

.venv/runtime: requirements.txt | .venv/bin/python
	@echo "Installing what the product needs; the first time takes a few minutes …"
	@$(PIP) install -r requirements.txt
	@$(BIN)/python -c "from experiments.explanation.tree_paths import compile_ahead; compile_ahead()"
	@$(BIN)/python -c "import lightgbm" >/dev/null 2>&1 || { echo "LightGBM finds no OpenMP on this machine." \
		"On Debian and Ubuntu: apt-get install libgomp1; on macOS: brew install libomp"; exit 1; }
	@touch $@

.venv/dev: requirements-dev.txt .venv/runtime
	@echo "Installing what checks and tests need …"
	@$(PIP) install -r requirements-dev.txt
	@touch $@
