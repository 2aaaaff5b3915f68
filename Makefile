# make demo · make test · make check · make bench · make pictures: each does its own set-up in .venv

PYTHON ?= python3
BIN := .venv/bin
DEV := .venv/dev.stamp
RUN := .venv/run.stamp
PIP_INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.PHONY: demo test lint check bench pictures lock clean

demo: $(RUN)
	$(BIN)/npsbot demo

test: $(DEV)
	$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(DEV)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

check: lint
	$(BIN)/coverage run -m pytest
	$(BIN)/coverage report

bench: $(DEV)
	$(BIN)/python -m tests.bench

pictures: $(DEV)
	$(BIN)/python tests/pictures.py

.venv/bin/python:
	$(PYTHON) -m venv .venv

$(RUN): .venv/bin/python requirements.txt pyproject.toml
	$(PIP_INSTALL) --require-hashes -r requirements.txt
	PYTHONWARNINGS=ignore $(PIP_INSTALL) --no-deps --no-build-isolation -e .
	touch $@

$(DEV): $(RUN) requirements-dev.txt
	$(PIP_INSTALL) --require-hashes -r requirements-dev.txt
	touch $@

# New versions of what we depend on; needs uv.
COMPILE := uv pip compile --quiet --upgrade --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate pyproject.toml --group build
lock:
	$(COMPILE) -o requirements.txt
	$(COMPILE) --group dev -o requirements-dev.txt

clean:
	rm -rf .venv build *.egg-info
