# The only commands to know: make help
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
PYTHON ?= python3
PORT ?= 8000
export PORT
export PIP_DISABLE_PIP_VERSION_CHECK := 1
BIN := .venv/bin
TEMPLATES = $$(find templates -name '*.html' | sort)

.PHONY: help run test check fmt bench install

help: ## Show these commands
	@awk -F ':.*## ' '/^[a-z]+:.*## /{printf "  make %-8s %s\n", $$1, $$2}' Makefile

run: .venv/.production ## Start the application with the example city on http://127.0.0.1:$PORT (8000)
	@exec deploy/run.sh

test: .venv/.development ## The whole suite on SQLite and PostgreSQL, then the browser journeys
	@$(BIN)/python -m tests.browser
	@$(BIN)/python -m tests.office
	@echo "== The suite on SQLite"
	@env -u DATABASE_URL $(BIN)/pytest -q -n 2 --ignore=tests/e2e
	@echo "== The suite on PostgreSQL"
	@$(BIN)/python -m tests.postgres $(BIN)/pytest -q -n 2 --ignore=tests/e2e
	@echo "== The journeys in the browser"
	@env -u DATABASE_URL $(BIN)/pytest -q -n 2 --dist worksteal tests/e2e

check: .venv/.development ## Lint, format, types, imports, migrations, templates
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py makemigrations --check --dry-run
	@DJANGO_SETTINGS_MODULE=tests.settings $(BIN)/python manage.py check --fail-level WARNING
	@$(BIN)/djlint --lint --quiet templates
	@$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	@$(BIN)/djhtml --tabwidth 2 --check $(TEMPLATES)
	@echo "make check: all is well"

fmt: .venv/.development ## Format Python and templates
	@$(BIN)/ruff check --fix --exit-zero .
	@$(BIN)/ruff format .
	@$(BIN)/djade --target-version 5.2 $(TEMPLATES) || true
	@$(BIN)/djhtml --tabwidth 2 $(TEMPLATES) || true

bench: .venv/.development ## Measure, every figure as a ratio to a floor of the same run
	@$(BIN)/python -m tests.bench

install: .venv/.development ## Only install what production, tests and checks need

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Say which with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	    || { echo "python3 cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

.venv/.production: requirements.txt .venv/.python
	@echo "Installing what the application needs (once) …"
	@$(BIN)/pip install --quiet -r requirements.txt
	@touch $@

.venv/.development: requirements-dev.txt requirements.txt .venv/.python
	@echo "Installing what the tests need (once) …"
	@$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@ .venv/.production
