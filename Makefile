# Everything a developer or CI asks for. `make` alone prints the targets.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory
.DELETE_ON_ERROR:

# What a caller's shell may hold and what must not leak into this project's own environments.
unexport VIRTUAL_ENV CONDA_PREFIX PYTHONPATH PYTHONHOME PIP_USER PIP_TARGET PIP_PREFIX
unexport UV_PYTHON UV_PROJECT_ENVIRONMENT UV_SYSTEM_PYTHON CARGO_TARGET_DIR CARGO_BUILD_TARGET
export UV_PYTHON_DOWNLOADS := never
# Behind a company's own certificate authority, trust what the machine trusts.
ifneq ($(wildcard /etc/ssl/certs/ca-certificates.crt),)
export UV_SYSTEM_CERTS := true
endif

BIN := .venv/bin
UV := .tools/bin/uv
STAMPS := .venv/stamps
JOBS ?= 2

CORE_SOURCES := $(shell find core -name target -prune -o \( -name '*.rs' -o -type d \) -print) \
	core/Cargo.toml Cargo.toml Cargo.lock pyproject.toml
CATALOGUES := $(wildcard src/tongbao/locale/*/LC_MESSAGES/*.po)
CONSOLE := src/tongbao/gateway/console/index.html
CONSOLE_SOURCES := $(shell find console -name node_modules -prune -o -type f ! -path '*/words/*.json' -print)
CORE_BUILT := $(wildcard src/tongbao/_core*.so src/tongbao/_core*.pyd)
# pyo3 asks this interpreter what to build for.
CARGO_ENVIRONMENT := PYO3_PYTHON="$(CURDIR)/$(BIN)/python"

.PHONY: help
help: ## Print this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-16s %s\n", $$1, $$2 }' Makefile

.PHONY: setup
setup: $(STAMPS)/core $(CATALOGUES:.po=.mo) $(CONSOLE) ## Everything that is needed: tools, packages by hash, the Rust core (release)
	@:

.PHONY: run
run: setup ## Start the embedded node with the demonstration consortium; Ctrl-C stops it
	@exec $(BIN)/tongbao dev

.PHONY: test
test: check test-core test-console engine-if-possible services-if-possible ## All checks, Rust and Python tests; the last line is the test runner's
	@$(BIN)/python -m pytest -n $(JOBS) --dist loadgroup

.PHONY: engine-if-possible
engine-if-possible: setup
	@$(MAKE) setup-engine || echo "the engine could not be built; the network's tests will be skipped"

.PHONY: services-if-possible
services-if-possible: # As root on Debian: what the read model and monitoring are tested with
	@[ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null || exit 0; \
		$(MAKE) setup-postgres || echo "PostgreSQL could not be installed; its tests will be skipped"; \
		$(MAKE) setup-prometheus || echo "Prometheus could not be unpacked; its tests will be skipped"

.PHONY: test-core
test-core: setup ## Rust tests of the core
	@tools/cargo.sh test

.PHONY: test-console
test-console: setup ## Tests of the console
	@$(BIN)/python tools/console.py test --silent

.PHONY: check
check: setup ## Lint, formats, types, import contract, determinism, sizes, stubs
	@$(BIN)/python tools/check.py

.PHONY: format
format: setup ## Format Python and Rust
	@$(BIN)/ruff check --quiet --fix-only . && $(BIN)/ruff format --quiet . && cargo fmt

.PHONY: bench
bench: setup ## Measure settlement on this machine (one JSON object)
	@exec $(BIN)/tongbao bench settle --json

.PHONY: sdk
sdk: setup ## Write the blocking client from the one that is awaited
	@$(BIN)/python tools/sdk.py

.PHONY: reference
reference: setup ## Write docs/reference from the code
	@$(BIN)/python tools/reference.py

.PHONY: golden
golden: setup ## Record the receipts of the scenarios anew, after an intended change
	@$(BIN)/python -m tests.scenarios.golden

.PHONY: pictures
pictures: setup ## Draw the README's picture anew from what the commands print
	@$(BIN)/python tools/pictures.py

.PHONY: translations
translations: setup ## Add what commands say to the catalogues of other languages; name what to translate
	@$(BIN)/python tools/translations.py

.PHONY: lock
lock: $(STAMPS)/tools ## Resolve requirements.lock afresh from pyproject.toml (UPGRADE=1: newest)
	@tools/lock.sh

.PHONY: setup-postgres
setup-postgres: ## Install Debian's PostgreSQL server for the tests, where absent (root)
	@ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || { \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
		apt-get install -y -qq --no-install-recommends postgresql-15 >/dev/null; }

.PHONY: setup-prometheus
setup-prometheus: ## Unpack Debian's Prometheus into .tools for the tests of monitoring; starts nothing
	@mkdir -p .tools; [ -x .tools/prometheus/usr/bin/prometheus ] || { \
		folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
		apt-get update -qq; (cd "$$folder" && apt-get -o APT::Sandbox::User=root download -qq prometheus); \
		dpkg -x "$$folder"/prometheus_*.deb .tools/prometheus; }

.PHONY: setup-engine
setup-engine: setup ## Build the pinned CometBFT with Go for this user, where it is not there yet
	@$(BIN)/tongbao engine which >/dev/null 2>&1 || $(BIN)/tongbao engine install

.PHONY: test-network
test-network: setup ## Networks of real processes on this machine (part of `make test`)
	@$(BIN)/python -m pytest -m network tests/network

SEED ?= 1
MINUTES ?= 10
.PHONY: soak
soak: setup setup-engine mutations kills-and-restores ## Random faults on a network of four for MINUTES=10 from SEED=1; figures as JSON
	@$(BIN)/python -m tests.network.faults.soak --seed $(SEED) --minutes $(MINUTES)

.PHONY: mutations
mutations: setup ## Take rules out of the ledger, one by one: does the simulator find each? (part of `make soak`)
	@$(BIN)/python -m tests.scenarios.mutations >&2

.PHONY: kills-and-restores
kills-and-restores: setup ## 200 kills of a first start, 50 restores, every file damaged (part of `make soak`)
	@$(BIN)/python -m benchmarks.first_start --kills 200 --seed $(SEED) >&2
	@$(BIN)/python -m benchmarks.restores --backups 50 --seed $(SEED) >&2
	@$(BIN)/python -m benchmarks.damaged >&2

.PHONY: image-check
image-check: setup ## Build the container file and run a node in it (root, Debian, buildah, mmdebstrap)
	@$(BIN)/python tools/image_check.py

.PHONY: clean
clean: ## Remove everything that was built or installed here
	@rm -rf .tools .venv target dist .mypy_cache .ruff_cache .import_linter_cache .hypothesis \
		.pytest_cache src/tongbao/_core*.so $(CATALOGUES:.po=.mo)
	@find src tests tools benchmarks -name __pycache__ -type d -prune -exec rm -rf {} +

.PHONY: FORCE
FORCE:

$(STAMPS)/tools: tools/bootstrap.sh tools/uv.lock.txt
	@tools/bootstrap.sh
	@mkdir -p $(STAMPS) && touch $@

$(STAMPS)/packages: $(STAMPS)/tools requirements.lock
	@echo "installing packages from requirements.lock"
	@$(UV) pip sync --quiet --compile-bytecode --python $(BIN)/python --require-hashes \
		requirements.lock
	@touch $@

%.mo: %.po $(STAMPS)/packages tools/catalogues.py
	@$(BIN)/python tools/catalogues.py

$(CONSOLE): $(STAMPS)/packages $(CONSOLE_SOURCES) $(CATALOGUES)
	@echo "building the console"
	@$(BIN)/python tools/console.py build

$(STAMPS)/core: $(STAMPS)/packages $(CORE_SOURCES) $(if $(CORE_BUILT),,FORCE)
	@echo "building the Rust core"
	@PATH="$(CURDIR)/$(BIN):$$PATH" MATURIN_PEP517_ARGS=--locked $(CARGO_ENVIRONMENT) \
		$(UV) pip install --quiet --no-cache --python $(BIN)/python \
		--no-build-isolation --no-deps --reinstall-package tongbao --editable .
	@$(UV) pip check --quiet --python $(BIN)/python
	@$(BIN)/python -m compileall -q src/tongbao
	@touch $@
