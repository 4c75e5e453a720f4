# The commands of this project; `make` alone explains them.
#
# Nothing needs to be installed first but Python 3.11 and make: the environment in .venv is built
# from the hashed locks in requirements/ and rebuilt when a lock changes.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
CATALOGUES := $(patsubst %.po,%.mo,$(wildcard src/serviceco/locale/*/LC_MESSAGES/*.po))
# Programs of Node.js stand beside ours in some tests and in the bench, where npm is installed.
NODE := $(if $(shell command -v npm),tests/node/node_modules/.package-lock.json)
COMPILE_LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header

# Trust what the machine trusts, as pip does: many networks have a certificate authority of their own.
export UV_SYSTEM_CERTS := true
# Let Python keep what it compiled, also where containers forbid it: a process then starts in a
# third of the time, and the tests start dozens.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help run test check bench soak lock schema

help: ## Explain the commands
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-6s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: $(VENV)/run.stamp $(CATALOGUES) ## Serve with an embedded PostgreSQL and a demo world (PORT, DATA_DIR, DATABASE_URL)
	@$(BIN)/serviceco run

test: $(VENV)/test.stamp $(NODE) $(CATALOGUES) ## Run all tests
	$(BIN)/python -m pytest -n auto --maxprocesses 8 --dist worksteal

check: $(VENV)/test.stamp $(CATALOGUES) ## Check format, lint, types, imports, tidiness, schema and translations
	$(BIN)/ruff format --check
	$(BIN)/ruff check
	$(BIN)/python -m mypy
	$(BIN)/lint-imports
	$(BIN)/python -m pytest --quiet tests/tidy

schema: $(VENV)/run.stamp ## Print the GraphQL schema and its codes of errors anew into graphql/
	@$(BIN)/python -c 'from serviceco.api.schema import service_schema; print(service_schema().printed(), end="")' > graphql/schema.graphql
	@$(BIN)/python -c 'from serviceco.api.error_codes import errors_page; print(errors_page(), end="")' > graphql/errors.md

bench: $(VENV)/test.stamp $(NODE) $(CATALOGUES) ## Measure against the limit; results in build/bench.json
	$(BIN)/python -m tests.bench

soak: $(VENV)/test.stamp $(CATALOGUES) ## Run the long tests in full: 100,000 transactions over 5 connections, 2,000 documents, 10 minutes of odd requests
	SOAK_TRANSACTIONS=100000 $(BIN)/python -m pytest tests/isolation/test_pool.py
	SOAK_DOCUMENTS=2000 $(BIN)/python -m pytest tests/api/plan/test_differential.py
	FUZZ_SECONDS=600 FUZZ_SEED=$$(date +%s) $(BIN)/python -m pytest tests/fronts/test_fuzz.py

lock: $(VENV)/uv.stamp ## Compile the locks anew, keeping what still fits
	$(COMPILE_LOCK) pyproject.toml --output-file requirements/run.txt
	$(COMPILE_LOCK) pyproject.toml --extra test --constraint requirements/run.txt --output-file requirements/test.txt
	echo uv | $(COMPILE_LOCK) - --output-file requirements/uv.txt
	$(if $(NODE),cd tests/node && npm install --ignore-scripts --package-lock-only)
	@$(BIN)/python -m tests.node.lock

$(VENV)/uv.stamp: requirements/uv.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
		|| { echo "Python 3.11 or newer is needed. Name one: make PYTHON=python3.12 run" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
		|| { echo "Python's venv module is missing. On Debian: apt-get install python3-venv" >&2; exit 1; }
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --require-hashes --requirement requirements/uv.txt
	@touch $@

# The checkout runs from where it is: a path file and a command, instead of an editable install,
# which would need a build backend and its dependencies.
$(VENV)/run.stamp: requirements/run.txt $(VENV)/uv.stamp
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --requirement requirements/run.txt
	@echo '$(CURDIR)/src' > "$$($(BIN)/python -c 'import site; print(site.getsitepackages()[0])')/serviceco.pth"
	@printf '#!/bin/sh\nexec "%s" -m serviceco "$$@"\n' '$(CURDIR)/$(BIN)/python' > $(BIN)/serviceco
	@chmod +x $(BIN)/serviceco
	@$(BIN)/python -m serviceco.web.chart_library
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/run.stamp
	$(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps --require-hashes --requirement requirements/test.txt
	@touch $@

tests/node/node_modules/.package-lock.json: tests/node/package-lock.json
	cd tests/node && npm ci --ignore-scripts --loglevel error
	@touch $@

%.mo: %.po | $(VENV)/run.stamp
	@$(BIN)/python -m babel.messages.frontend compile --input-file $< --output-file $@
