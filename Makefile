# The two commands of the README, and what the gate calls.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fast gate bench clean

.venv/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: .venv/ready ## a whole school's story over two simulated services on loopback
	$(BIN)/ejsync demo

test: .venv/ready ## every test
	$(BIN)/python -m pytest

fast: .venv/ready ## the tests that start no long-running processes
	$(BIN)/python -m pytest -m "not slow"

gate: .venv/ready ## everything that must hold but the tests: format, lint, types, import rules, catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/catalogues.py --check
	$(BIN)/ejsync contracts validate
	$(BIN)/python tools/contracts.py --check

bench: .venv/ready ## throughput, requests and extracts, as ratios of one run
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/requests_per_cycle.py
	$(BIN)/python benchmarks/extracts.py

clean:
	rm -rf .venv build dist
