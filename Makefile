# Everything a newcomer needs is two commands: `make report` and `make test`. `make help` lists the rest.
# Needs Python 3.11, 3.12 or 3.13 with venv, make, and an index of Python packages. Nothing is installed outside .venv.

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:
SHELL := /bin/bash

# The first interpreter that has the right version and can make a virtual environment. PYTHON=/path/to/python3 overrides it.
FITS := import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))
PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	"$$p" -c '$(FITS)' >/dev/null 2>&1 && { command -v "$$p"; break; }; done)

VENV := .venv
PY := $(VENV)/bin/python
INSTALLED := $(VENV)/installed
PIP := $(PY) -m pip --disable-pip-version-check --no-input

# What `make report` shows. A run folder is made once, and again only when model, tables or scenarios have changed since.
SCENARIOS := baseline controls_2025 as_it_happened rules_return_2026_extension rules_return_2026 full_cutoff full_cutoff_allied \
	full_cutoff_stockpile sino_russian_alignment myanmar_closure mountain_pass_outage kuantan_outage standstill
REPLICATIONS := 20
SEED := 1
RUNS := $(SCENARIOS:%=outputs/report/%-$(REPLICATIONS)x-seed$(SEED))
INPUTS := $(shell find sim conf scenarios -type f -not -name '*.pyc' 2>/dev/null)

# Test processes: two, because the smallest machine this must pass on has two cores.
WORKERS := 2

.PHONY: help
help:  ## this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 14

.PHONY: install
install: $(INSTALLED)  ## a virtual environment in .venv with everything of the lock

# Build tools first and then no build isolation: so that the one source package among the dependencies, and this project
# itself, are built with tools whose hashes are locked too.
$(INSTALLED): requirements-build.lock requirements-dev.lock pyproject.toml
	@[ -n "$(PYTHON)" ] || { echo "make: no Python 3.11, 3.12 or 3.13 with venv found; name one with PYTHON=/path/to/python3" >&2; exit 1; }
	@"$(PYTHON)" -c '$(FITS)' 2>/dev/null || { echo "make: $(PYTHON) is not Python 3.11, 3.12 or 3.13 with venv" >&2; exit 1; }
	"$(PYTHON)" -m venv --clear $(VENV)
	$(PIP) install --quiet --require-hashes -r requirements-build.lock
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements-dev.lock
	$(PIP) install --quiet --no-deps --no-build-isolation -e .
	@touch $@

.PHONY: report
report: outputs/report.html  ## run the shipped scenarios, 20 replications each, and write outputs/report.html

outputs/report.html: $(RUNS:%=%/manifest.json)
	$(PY) -m sim.report $(RUNS) --out $@
	@echo "wrote $@"

# A folder is either whole or absent (it is renamed into place), so a manifest that is older than the model is the only
# reason to do it again; the folder is make's own, hence the rm.
outputs/report/%-$(REPLICATIONS)x-seed$(SEED)/manifest.json: $(INPUTS) | $(INSTALLED)
	@rm -rf "$(@D)"
	$(PY) -m sim scenario=$* replications=$(REPLICATIONS) seed=$(SEED) hydra.run.dir=$(@D)

.PHONY: lint
lint: $(INSTALLED)
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/mypy

.PHONY: format
format: $(INSTALLED)  ## put all Python files into the shape that `make test` asks for
	$(VENV)/bin/ruff check --fix-only --quiet .
	$(VENV)/bin/ruff format .

.PHONY: test
test: lint  ## what every change must pass: style, types, and all tests but the slow ones
	$(PY) -m pytest -n $(WORKERS) -m "not slow"

.PHONY: check-all
check-all: lint  ## all tests, the slow ones too, with every extra (Ray, Slurm's tools), and the built wheel
	$(PIP) install --quiet --require-hashes --no-build-isolation -r requirements-all.lock
	$(PIP) check
	$(PY) -m pytest -n $(WORKERS)

.PHONY: bench
bench: $(INSTALLED)  ## what a ten-year run costs in bare SimPy timeouts, and beside SupplyNetPy and BoARIO
	$(PY) benchmarks/ten_years.py
	$(PY) benchmarks/peers.py

.PHONY: bench-studies
bench-studies: $(INSTALLED)  ## what studies cost and survive: overhead, 100,000 runs, kills, backends (many minutes)
	for b in sweep_overhead many kills backends; do $(PY) benchmarks/$$b.py || exit 1; done

BUILD_TOOLS := 'hatchling>=1.26' 'setuptools>=70' 'wheel>=0.45'
# One resolution for Python 3.11-3.13, everything in it; the smaller lists are cut out of it by constraint.
COMPILE = $(PY) -m uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --fork-strategy fewest \
	--no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" $(UPGRADE)
.PHONY: lock
lock: $(INSTALLED)  ## the lock files again after a change of pyproject.toml; UPGRADE=--upgrade for newer versions
	$(PIP) install --quiet "uv>=0.9"
	$(COMPILE) pyproject.toml --all-extras -o requirements-all.lock
	printf '%s\n' $(BUILD_TOOLS) | $(COMPILE) - -c requirements-all.lock -o requirements-build.lock
	$(COMPILE) pyproject.toml --extra dev -c requirements-all.lock -o requirements-dev.lock
	$(COMPILE) pyproject.toml -c requirements-all.lock -o requirements.lock

.PHONY: clean
clean:  ## remove the virtual environment, caches and everything under outputs/ but its README
	rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist
	find . -path ./.git -prune -o -name __pycache__ -type d -exec rm -rf {} +
	find outputs -mindepth 1 -maxdepth 1 -not -name README.md -exec rm -rf {} +
