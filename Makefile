# Clientela. `make demo` tries it, `make test` checks it; each one installs what it needs into .venv.
SHELL := /bin/sh
PORT ?= 8000
SIZE ?= all
CALLS ?= 12000
BIN := .venv/bin
UV := VIRTUAL_ENV=.venv UV_NO_CONFIG=1 UV_LINK_MODE=copy $(BIN)/uv --quiet

.PHONY: help install install-dev demo test lint bench fuzz audit messages build lock clean

help:
	@echo "make demo [PORT=8000]   a demo company in the browser"
	@echo "make test               every check and test, on SQLite and on PostgreSQL"
	@echo "make lint               format, types and layers only"
	@echo "make bench [SIZE=50k]   the measurements"
	@echo "make fuzz [CALLS=12000] calls invented from the API's description, by several people"
	@echo "make audit ADVISORIES=F which locked versions have known weaknesses, by a file of advisories (OSV)"
	@echo "make messages           bring the message catalogues up to date with the code"
	@echo "make lock               resolve the requirements anew"

install: .venv/.installed build

install-dev: .venv/.installed-dev build

.venv/.created: requirements/tools.txt
	@test -x .venv/bin/python -a -f .venv/pyvenv.cfg || { python=$$(scripts/find-python.sh) && rm -rf .venv && "$$python" -m venv .venv; }
	@$(BIN)/python -m pip install --quiet --no-warn-script-location --disable-pip-version-check --require-hashes -r requirements/tools.txt
	@touch $@

.venv/.installed: .venv/.created requirements/base.txt pyproject.toml
	@echo "Installing Clientela into .venv"
	@$(UV) pip install --require-hashes -r requirements/base.txt
	@$(UV) pip install --no-deps --no-build-isolation --editable .
	@touch $@

.venv/.installed-dev: .venv/.installed requirements/dev.txt
	@echo "Installing what the tests need into .venv"
	@$(UV) pip install --require-hashes -r requirements/dev.txt
	@touch $@

# What is made from sources and not kept in the repository: message catalogues, stylesheet, modules, icons.
build: .venv/.installed
	@$(BIN)/python scripts/messages.py compile
	@$(BIN)/python -m clientela.ui.bundle >/dev/null

demo: install
	@$(BIN)/clientela demo --port $(PORT)

test: install-dev
	@scripts/test.sh

lint: install-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: install-dev
	$(BIN)/python bench/run.py --size $(SIZE)

fuzz: install-dev
	CLIENTELA_TEST_FUZZ_CALLS=$(CALLS) $(BIN)/pytest -q -s -n0 tests/api/test_fuzz.py

audit: install-dev
	$(BIN)/python scripts/advisories.py $(ADVISORIES)

messages: install-dev
	$(BIN)/python scripts/messages.py update

lock: .venv/.created
	cd requirements && for name in base dev tools; do \
		VIRTUAL_ENV=../.venv ../$(BIN)/uv pip compile --quiet --generate-hashes --no-emit-index-url \
		--no-emit-find-links --universal --python-version 3.11 \
		$$(test $$name = dev && echo "-c base.txt") $$name.in -o $$name.txt; done

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
