# make run: Spaces at http://127.0.0.1:8000 (HOST, PORT, SPACES_DATA_DIR). make test: its tests. The rest is for developers.

PY ?= python3
V  := .venv
BIN := $(V)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --no-compile

# Two pips at once, each with every other package of the lock, as unpacking keeps one core busy. What is imported is
# compiled then, and kept, whatever the machine's environment says: the rest never needs it.
unexport PYTHONDONTWRITEBYTECODE
define INSTALL
@echo "Installing …" >&2
@awk '/^[^ #]/ { n++ } { print > ("$(V)/lock-" n % 2) }' $(1)
@$(PIP) -r $(V)/lock-0 & other=$$!; $(PIP) -r $(V)/lock-1; mine=$$?; wait $$other && exit $$mine
endef

.PHONY: run setup test lint format bench lock gate gate-full

ifeq ($(or $(MAKECMDGOALS),run),run)
MAKEFLAGS += $(shell test -x $(BIN)/python && $(BIN)/python -m spaces_project.running)
endif
run: $(V)/.run
	@exec $(BIN)/python manage.py up

# What is needed to run, without running it (for services that start manage.py up themselves).
setup: $(V)/.run

test: $(V)/.dev
	@$(BIN)/python -m pytest -q -n auto

lint: $(V)/.dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djangofmt --quiet --check templates
	$(BIN)/mypy

format: $(V)/.dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .
	$(BIN)/djangofmt templates

bench: $(V)/.dev
	@$(BIN)/python -m benchmarks

# More cases of what `make test` proves: some seven minutes.
gate: $(V)/.dev
	$(BIN)/python -m pytest -q -n auto -m "not slow"

# Every proof there is, the long ones too.
gate-full: $(V)/.dev lint
	$(BIN)/python -m pytest -q -n auto -m ""

# The locks hold hashes and no host. Needs uv, which only maintainers have.
LOCK = uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-emit-index-url \
	--no-emit-find-links pyproject.toml
lock:
	$(LOCK) --output-file requirements.lock
	$(LOCK) --extra dev --output-file requirements-dev.lock

# Stamps say which lock the environment was made from. A half-made environment has none and is made again.
$(V)/.made:
	@$(PY) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Python 3.11 or newer is needed; name one: make PY=… run")'
	@echo "Making $(V) …" >&2
	@rm -rf $(V)
	@$(PY) -m venv $(V)
	@touch $@

$(V)/.run: $(V)/.made requirements.lock
	$(call INSTALL,requirements.lock)
	@touch $@

$(V)/.dev: $(V)/.made requirements.lock requirements-dev.lock
	$(call INSTALL,requirements-dev.lock)
	@touch $@ $(V)/.run
