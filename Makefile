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

.PHONY: help run test check fmt bench torture soak audit lock install

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
	@$(BIN)/python -m tests.audit lock bandit secrets
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

torture: .venv/.development ## All of what docs/trust.md promises, measured: some 45 minutes, best on an idle machine
	@status=0; \
	$(BIN)/python -m tests.torture others || status=1; \
	$(BIN)/python -m tests.torture soak --minutes 10 --run 5 || status=1; \
	$(BIN)/python -m tests.torture evening --database postgresql || status=1; \
	$(BIN)/python -m tests.torture evening --database sqlite --people 60 --minutes 4 || status=1; \
	$(BIN)/python -m tests.torture report; exit $$status

soak: .venv/.development ## An hour of people at work while any two faults happen; MINUTES=60
	@$(BIN)/python -m tests.torture soak --minutes $(or $(MINUTES),60)

audit: .venv/.development .venv/audit/.done ## Deploy check, known holes, dangerous code, secrets, licences, bill of materials, a scan per role
	@nice -n 19 $(BIN)/python -m tests.audit

lock: .venv/audit/.done ## Write requirements.lock again, after a change of requirements.txt
	@$(BIN)/python -m tests.audit relock

install: .venv/.development ## Only install what production, tests and checks need

.venv/.python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	    || { echo "Python 3.11 or newer is needed; $(PYTHON) is older. Say which with: make PYTHON=python3.12 …" >&2; exit 1; }
	@$(PYTHON) -m venv .venv \
	    || { echo "python3 cannot make a virtual environment; on Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@touch $@

# The lock holds the same pins with the hash of every file: what was altered on its way is refused.
.venv/.production: requirements.lock .venv/.python
	@echo "Installing what the application needs (once) …"
	@$(BIN)/pip install --quiet --require-hashes -r requirements.lock
	@touch $@

.venv/.development: requirements-dev.txt requirements.txt .venv/.python
	@echo "Installing what the tests need (once) …"
	@$(BIN)/pip install --quiet -r requirements-dev.txt
	@touch $@ .venv/.production

.venv/audit/.done: requirements-audit.txt .venv/.python
	@echo "Installing what the audit needs (once) …"
	@$(PYTHON) -m venv .venv/audit
	@.venv/audit/bin/pip install --quiet -r requirements-audit.txt
	@touch $@
