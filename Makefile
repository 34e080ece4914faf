# Every target does all of its own set-up; the first run downloads, later ones start at once.
# Needs: Python 3.11 or later with venv, and make.

PYTHON ?= python3
export UV_PYTHON_DOWNLOADS = never
# Python keeps what it compiled, whatever the machine says: the tests start it more than a hundred
# times.
export PYTHONDONTWRITEBYTECODE =

UV := .boot/bin/uv
BIN := .venv/bin
OPEN_DATA := $(or $(TRISERVICE_OPEN_DATA),../shared/data)

.PHONY: help demo test soak coverage check bench lock clean

help:  ## Say what each target does.
	@grep -E '^[a-z]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 10

demo: .venv/.base .venv/.front  ## Write the example county's picture, then serve an invented partnership.
	$(BIN)/triservice demo --out demo

test: .venv/.dev .venv/.front  ## Run every test that this machine can run; skips say why.
	$(BIN)/pytest $(EVERY_CORE)
	$(BIN)/python tests/postgres.py $(BIN)/pytest $(EVERY_CORE) -m 'not browser' --ignore tests/analysis

# Each core takes file after file, so what a file's tests share is made once; tests/conftest.py says
# in which order. What keeps data runs
# once more on PostgreSQL, which the tests start and stop themselves (tests/conftest.py chooses);
# what a browser shows was seen on SQLite.
EVERY_CORE := --numprocesses auto --dist loadfile --no-loadscope-reorder

# Seeded: a schedule that fails is the same one the next time.
SOAK ?= 1000

soak: .venv/.dev  ## Run a thousand random schedules of phones that are cut off and servers that die.
	TRISERVICE_SOAK=$(SOAK) $(BIN)/pytest tests/offline/test_offline_simulator.py

coverage: .venv/.dev .venv/.front  ## Say which lines the tests never reach; they take half as long again.
	$(BIN)/pytest $(EVERY_CORE) --cov --cov-report=term

check: .venv/.dev  ## Lint, format check, types, layers.
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: .venv/.dev  ## Run the benchmarks: ours and the peer's figures, and the ratio.
	@for file in benchmarks/bench_*.py; do $(BIN)/python $$file || exit 1; done

lock: $(UV)  ## Maintainers: pin every dependency anew, with hashes.
	$(UV) pip compile $(LOCK_FLAGS) pyproject.toml --group build --extra web -o requirements.lock
	$(UV) pip compile $(LOCK_FLAGS) pyproject.toml --group build --all-extras \
		--constraint requirements.lock -o requirements-dev.lock
	echo "$$(date -u +%F) $$(sha256sum requirements.lock | cut -c -64)" \
		> src/triservice/web/operations/pinned.txt

FRONT := src/triservice/web/front
FRONT_SOURCES := $(wildcard $(FRONT)/*.json $(FRONT)/*.mjs $(FRONT)/src/* $(FRONT)/src/lib/* $(FRONT)/src/lib/offline/*)

.venv/.front: tools/build_front.sh $(FRONT_SOURCES) | $(UV) .venv/bin/python
	tools/build_front.sh $(CURDIR)/$(UV) $(CURDIR)/.venv/bin/python
	@touch $@

LOCK_FLAGS := --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-annotate --no-header

clean:  ## Remove what these targets made.
	rm -rf .boot .venv build demo src/triservice/web/static $(FRONT)/node_modules .coverage .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(UV):
	$(PYTHON) -m venv .boot
	.boot/bin/pip install --quiet --disable-pip-version-check uv

.venv/bin/python: | $(UV)
	$(UV) venv --quiet --python $(PYTHON) .venv

INSTALL_SELF := $(UV) pip install --quiet --python .venv --no-deps --no-build-isolation --editable .

.venv/.base: requirements.lock pyproject.toml | .venv/bin/python
	$(UV) pip install --quiet --python .venv --require-hashes --requirement requirements.lock
	$(INSTALL_SELF)
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/bin/python
	$(UV) pip sync --quiet --python .venv --require-hashes requirements-dev.lock
	$(INSTALL_SELF)
	@touch .venv/.base $@
