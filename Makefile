# The two commands of the README, and what the gate calls.
PYTHON ?= python3
BIN := .venv/bin

.PHONY: demo test fast slow worlds gate bench clean

.venv/ready: requirements-dev.lock pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --require-hashes -r requirements-dev.lock
	$(BIN)/pip install --quiet --no-deps --no-build-isolation -e .
	touch $@

demo: .venv/ready ## a whole school's story over two simulated services on loopback
	$(BIN)/ejsync demo

test: .venv/ready ## every test: the slow lane beside the other two, told when all have ended
	@said=$$(mktemp); $(MAKE) --no-print-directory slow >"$$said" 2>&1 & slow=$$!; \
	$(MAKE) --no-print-directory fast; fast=$$?; $(MAKE) --no-print-directory worlds; worlds=$$?; \
	wait $$slow; status=$$?; cat "$$said"; rm "$$said"; exit $$((fast + worlds + status))

fast: .venv/ready ## the tests that start no long-running processes
	$(BIN)/python -m pytest -m "not slow"

slow: .venv/ready ## the tests that start processes, and the long proofs
	$(BIN)/python -m pytest -m slow --ignore tests/simulation

worlds: .venv/ready ## two thousand simulated fortnights, and the planted bugs
	$(BIN)/python -m pytest -m slow tests/simulation

gate: .venv/ready ## everything that must hold but the tests: format, lint, types, import rules, catalogues
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python tools/catalogues.py --check
	$(BIN)/ejsync contracts validate
	$(BIN)/python tools/contracts.py --check

bench: .venv/ready ## throughput, requests, extracts and recovery, as ratios of one run
	$(BIN)/python benchmarks/throughput.py
	$(BIN)/python benchmarks/requests_per_cycle.py
	$(BIN)/python benchmarks/extracts.py
	$(BIN)/python benchmarks/recovery.py

clean:
	rm -rf .venv build dist
