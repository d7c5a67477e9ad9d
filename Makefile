# make run    start the demo            make test   everything that is checked
# make check  the checks without tests  make fix    format, and mend what ruff can mend
# make messages  bring the catalogues of translations, and the written pages of the reference, up to date
# make lock   resolve the pins again (make lock UPGRADE=--upgrade for newer versions)
# make clean  remove what make made     PYTHON=python3.13 make …  another interpreter
# make test JOBS=1   one test after the other; by default as many files at once as there are cores

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
ARGS   ?=
JOBS   ?= logical
UV     := $(shell command -v uv 2>/dev/null)
# compat: a path entry, so that modules added later are found without installing again
SELF   := --no-deps --no-build-isolation --config-settings editable_mode=compat -e .
PIP    := $(if $(UV),$(UV) pip install -q --python $(BIN)/python,$(BIN)/python -m pip install -qq --disable-pip-version-check)

.PHONY: run test check fix messages lock dev clean
.DELETE_ON_ERROR:

run: $(VENV)/.installed
	@exec $(BIN)/vigie demo

test: check
	@echo "make: pytest"
	@$(BIN)/python -m pytest -n $(JOBS) --maxprocesses 8 --dist loadfile $(ARGS)

check: $(VENV)/.installed-dev
	@echo "make: ruff"
	@$(BIN)/ruff check -q
	@$(BIN)/ruff format --check -q || { echo "make: the files above are not formatted; 'make fix' does it"; exit 1; }
	@echo "make: pyright (about half a minute)"
	@$(BIN)/pyright --warnings
	@echo "make: import-linter"
	@$(BIN)/lint-imports --no-logo

fix: $(VENV)/.installed-dev
	@$(BIN)/ruff check -q --fix --exit-zero
	@$(BIN)/ruff format
	@$(BIN)/ruff check

# What people are told is collected from the source; what is still to be translated is listed.
messages: $(VENV)/.installed-dev
	@$(BIN)/python -m adapters.speech.extract
	@$(BIN)/python -m adapters.minds.builtin.guide
	@$(BIN)/python -m tests.docs.reference
	@$(BIN)/python -m adapters.speech.extract --check

dev: $(VENV)/.installed-dev
	@:

# Both stamps are of one environment: the development pins contain the others, version for version.
$(VENV)/.installed: requirements.txt pyproject.toml | $(BIN)/python
	@echo "make: installing the pinned packages of requirements.txt into $(VENV) (under a minute, once)"
	@$(PIP) --require-hashes -r requirements.txt
	@$(PIP) $(SELF)
	@touch $@

$(VENV)/.installed-dev: requirements-dev.txt pyproject.toml | $(BIN)/python
	@echo "make: installing the pinned packages of requirements-dev.txt into $(VENV) (about a minute, once)"
	@$(PIP) --require-hashes -r requirements-dev.txt
	@$(PIP) $(SELF)
	@touch $@ $(VENV)/.installed

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || \
		{ echo "make: Vigie needs Python 3.11 or newer; $(PYTHON) is not. Try: make PYTHON=python3.13"; exit 1; }
	@echo "make: creating $(VENV) with $$($(PYTHON) --version)"
	@$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); echo "make: no virtual environment; on Debian: apt install python3-venv"; exit 1; }

# The development pins are resolved against the others, so that what is tested is what is shipped.
COMPILE = $(or $(UV),$(BIN)/uv) pip compile -q --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-header --no-annotate $(UPGRADE) pyproject.toml --group build

lock: | $(BIN)/python
	@test -n "$(UV)" -o -x $(BIN)/uv || $(BIN)/python -m pip install -q uv
	@echo "make: resolving requirements.txt"
	@$(COMPILE) --extra mcp --extra postgres -o requirements.txt >/dev/null
	@echo "make: resolving requirements-dev.txt"
	@$(COMPILE) --extra postgres --extra mcp --extra traces --group dev -c requirements.txt -o requirements-dev.txt >/dev/null

clean:
	rm -rf $(VENV) build dist *.egg-info .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
