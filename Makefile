# Two commands set up everything: make run, make test.
PYTHON ?= $(shell for v in 3.11 3.12 3.13 3.14 3; do \
	python$$v -c '' 2>/dev/null && command -v python$$v && break; done)
BIN := .venv/bin
PORT ?= 8501

.PHONY: run test test-slow test-backends test-servers test-pythons test-latest check format docs measure lock \
	wheel chromium java clean

run: .venv/run  ## open the app on http://localhost:8501
	$(BIN)/python -m components.app.server --server.port $(PORT) --server.headless false

# Two workers with a thread each: more threads than cores spend their time waiting for each other.
test: .venv/dev chromium java  ## everything but the slow statistical tests
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -n 2 --dist loadscope

test-slow: .venv/dev  ## long statistical tests
	$(BIN)/python -m pytest -m slow

test-pythons: .venv/dev  ## the lock and the tests of core under each Python that is here
	.ci/pythons.sh

test-latest: .venv-latest/ready  ## the tests of core under the newest versions that pyproject.toml takes
	OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 .venv-latest/bin/python -m pytest -n 2 --dist loadscope \
	  tests/core tests/equipoise

# Without the lock: what somebody gets who installs Equipoise beside other packages.
.venv-latest/ready: pyproject.toml
	rm -rf .venv-latest
	$(PYTHON) -m venv .venv-latest
	.venv-latest/bin/pip install -q -e ".[dev]"
	@touch $@

test-backends: .venv-backends/ready  ## fairness counted in PostgreSQL and Spark; Java 17 is needed
	.venv-backends/bin/python -m pytest -m backends tests/core/fairness/test_backends.py

test-servers: .venv/dev .venv-servers/ready  ## models that real servers answer for, and runs that MLflow keeps
	EQUIPOISE_TEST_SERVERS=.venv-servers $(BIN)/python -m pytest -m servers \
	  tests/core/external_models/test_real_servers.py tests/core/reporting/test_real_mlflow.py

.venv-servers/ready: Makefile
	$(PYTHON) -m venv .venv-servers/mlflow
	.venv-servers/mlflow/bin/pip install -q "mlflow==3.17.2" scikit-learn
	$(PYTHON) -m venv .venv-servers/mlserver
	.venv-servers/mlserver/bin/pip install -q "mlserver==1.7.1" "mlserver-sklearn==1.7.1"
	@touch $@

# A place of its own, so that Spark does not weigh on the default one.
.venv-backends/ready: requirements.txt pyproject.toml
	$(PYTHON) -m venv .venv-backends
	.venv-backends/bin/pip install -q -r requirements.txt \
	  "ibis-framework[postgres,pyspark]==12.0.0" pytest pytest-timeout hypothesis
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null \
	  || { apt-get update -qq && apt-get install -y -qq postgresql; }
	@touch $@

check: .venv/dev  ## lint, format, types, architecture
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: .venv-docs/ready  ## out/docs/index.html: every module, from its docstrings
	rm -rf out/docs
	.venv-docs/bin/python docs/api.py

# A place of its own for what writes the pages; what it reads is found in .venv.
.venv-docs/ready: .venv/run pyproject.toml
	$(BIN)/python -m venv .venv-docs
	.venv-docs/bin/pip install -q "pdoc==16.0.0"
	$(BIN)/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))' \
	  > "$$(.venv-docs/bin/python -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/app.pth"
	@touch $@

measure: .venv/bin/python  ## circles, lines, complexity, long functions
	$(BIN)/python benchmarks/structure.py

wheel: .venv/dev  ## dist/equipoise-….whl: everything in one package
	$(BIN)/python -m build --wheel --no-isolation

lock: .venv/dev  ## compile the pinned requirements from pyproject.toml
	$(BIN)/pip-compile $(LOCK) -o requirements.txt pyproject.toml
	$(BIN)/pip-compile $(LOCK) --extra dev -c requirements.txt -o requirements-dev.txt pyproject.toml

LOCK := -q --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --no-emit-options \
	--strip-extras --no-header --no-annotate

.venv/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14) \
	  and "Python 3.11, 3.12, 3.13 or 3.14 is needed")'
	$(PYTHON) -m venv .venv

.venv/run: .venv/bin/python requirements.txt
	$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/dev: .venv/bin/python requirements-dev.txt
	$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@ .venv/run

# Browser tests need a Chromium; without one they are skipped and say so.
chromium:
	@command -v chromium >/dev/null || command -v chromium-browser >/dev/null \
	  || { apt-get update -qq && apt-get install -y -qq chromium; } >/dev/null 2>&1 \
	  || echo "no Chromium, and it can't be installed here: browser tests will be skipped"

# Tests of PMML need Java; without it they are skipped and say so.
java:
	@command -v java >/dev/null \
	  || { apt-get update -qq && apt-get install -y -qq default-jre-headless; } >/dev/null 2>&1 \
	  || echo "no Java, and it can't be installed here: tests of PMML will be skipped"

clean:
	rm -rf dist out/docs .venv .venv-* .mypy_cache .ruff_cache .pytest_cache .hypothesis
