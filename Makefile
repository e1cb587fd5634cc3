# Everything from a fresh clone, with Python 3.11 to 3.14 and make. `make demo` shows the product, `make up` runs it.

BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
STAMP := .venv/installed

# The first interpreter that runs and is of a version that the pins resolve for.
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null && echo $$name && break; \
	done)
FINGERPRINT = $(shell cat requirements.txt pyproject.toml | cksum)

# Hundreds of processes are started here: each of them would compile the sources anew where nothing may be kept.
export PYTHONDONTWRITEBYTECODE :=

.PHONY: demo test up bench lint pins setup install clean

demo: setup
	@$(BIN)/retail-sync demo

up: setup
	@exec $(BIN)/retail-sync up

bench: setup
	@$(BIN)/retail-sync bench

# Workers share the files out, the longest first; each has a server and sandboxes of its own. Much of a test is waiting:
# four of them keep two cores busy.
WORKERS ?= 4

test: setup
	$(BIN)/pytest --numprocesses $(WORKERS) --no-loadscope-reorder

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	@long=$$(find include plugins dags tests -type f \( -name '*.py' -o -name '*.sql' \) -exec wc -l {} + \
		| awk '$$1 > 500 && $$2 != "total"'); \
	test -z "$$long" || { echo "Over 500 lines:"; echo "$$long"; exit 1; }

# Skipped while neither the pins nor pyproject.toml have changed since the last installation.
setup:
	@test "$$(cat $(STAMP) 2>/dev/null)" = "$(FINGERPRINT)" || $(MAKE) --no-print-directory install

install:
	@test -n "$(PYTHON)" || { echo "Python 3.11 to 3.14 is needed, and none was found." >&2; exit 1; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf .venv && $(PYTHON) -m venv .venv; } \
		|| { echo "$(PYTHON) can't make virtual environments; on Debian, install its package python3-venv." >&2; exit 1; }
	@echo "Installing the packages of requirements.txt; this is done once."
	@$(PIP) install -r requirements.txt
	@$(PIP) install --no-deps -e .
	@echo "$(FINGERPRINT)" > $(STAMP)

# Resolves the pins for every Python version at once; what can stay as it is stays.
pins: setup
	@$(PIP) install uv
	$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --extra dev pyproject.toml \
		-o requirements.txt --custom-compile-command "make pins"

clean:
	@if find var -name postmaster.pid 2>/dev/null | grep -q .; then \
		echo "A server still runs in var/; end make up first." >&2; exit 1; fi
	rm -rf .venv var .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache .coverage
	find include plugins dags tests -name __pycache__ -type d -prune -exec rm -rf {} +
