# One entry for everything. A machine needs Python 3.10 or newer and make; the rest is brought into .venv and .cache.

PYTHON ?= python3
ARGS ?=
SHELL := /bin/sh
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
MAKEFLAGS += --no-print-directory

BIN := .venv/bin
RUN := $(BIN)/python
LOCKED := .venv/.locked
READY := .venv/.ready
DISTRO := .cache/distro/.locked
SQLALCHEMY20 := .cache/sqlalchemy20/.locked
SERVERS := .cache/servers/.locked
SUITES := .cache/suites-packages/.locked
# A folder of copies of repositories, where they cannot be fetched.
SOURCES ?=
# What otelmon is measured beside, each in an environment of its own; the first two are those of the quick mode.
PEERS := opentelemetry otelmon ddtrace logfire newrelic sentry
PEER_ENVIRONMENTS := $(PEERS:%=.cache/peers/%/.ready)
QUICK_ENVIRONMENTS := $(wordlist 1,2,$(PEER_ENVIRONMENTS))
PIP := $(RUN) -m pip --disable-pip-version-check --quiet
# pip asks the index that the machine is set up for; hashes decide what is accepted.
# A lock is complete; pip, left to resolve it anew, would look for newer releases of what has extras.
PIP_LOCKED := $(PIP) install --require-hashes --no-deps
# Succeeds when a Go is there that every module can be built with.
GO_IS_THERE := $(RUN) -c 'import os, pathlib; from otelmon.operate.collector.toolchain import find, required_by; \
	find(os.environ, max(required_by(each.parent) for each in pathlib.Path("parts").glob("*/go.mod")))'

.PHONY: help
help: ## Shows this list
	@echo 'otelmon: performance monitoring for Python on PostgreSQL. Start with: make demo'
	@echo
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
	@echo
	@echo 'Another interpreter: make PYTHON=python3.12 test. More arguments: make test-unit ARGS="-k redaction".'

.PHONY: demo
demo: $(READY) go ## Starts all parts, plants faults, shows where each arrived; ends what it started
	@$(RUN) -m demo run $(ARGS)

.PHONY: stack
stack: $(READY) go ## Starts all parts, leaves them running and prints their addresses
	@$(RUN) -m demo stack $(ARGS)

.PHONY: stop
stop: $(READY) ## Ends what make stack started, and nothing else
	@$(RUN) -m demo stop $(ARGS)

.PHONY: parts
parts: $(READY) go ## Builds or fetches the programs that demo and tests start; some minutes, once
	@$(RUN) -m demo parts

.PHONY: test
test: parts $(DISTRO) $(SQLALCHEMY20) $(QUICK_ENVIRONMENTS) ## Runs every test, linter and type checker among them, with branch coverage
	@$(RUN) -m pytest --cov --cov-report=term $(ARGS); code=$$?; \
	if [ -n "$$EXIT_CODE_FILE" ]; then echo $$code > "$$EXIT_CODE_FILE"; else exit $$code; fi

.PHONY: test-unit
test-unit: $(READY) $(DISTRO) $(SQLALCHEMY20) ## Runs the tests that need no other program
	@$(RUN) -m pytest -m 'not parts and not suites and not fault' $(ARGS)

.PHONY: test-parts
test-parts: parts $(DISTRO) $(SQLALCHEMY20) $(QUICK_ENVIRONMENTS) ## Runs the tests against PostgreSQL, Collector, Jaeger, VictoriaMetrics
	@$(RUN) -m pytest -m 'parts and not suites and not fault' $(ARGS)

.PHONY: test-suites
test-suites: $(READY) $(DISTRO) $(SQLALCHEMY20) $(SUITES) ## Runs suites of observed libraries with and without otelmon; fetches them, or SOURCES=DIR
	@OTELMON_TEST_SOURCES=$(SOURCES) $(RUN) -m pytest -m suites tests/suites tests/integration/psycopg2 $(ARGS)

.PHONY: suites-page
suites-page: $(READY) $(SUITES) ## Runs the suites of observed libraries and writes docs/suites.md; SOURCES=DIR, minutes
	@$(RUN) -m tests.suites.table $(if $(SOURCES),--sources $(SOURCES)) $(ARGS)

.PHONY: test-matrix
test-matrix: $(READY) ## Tries the wheel on other Pythons, OpenTelemetry, psycopg2, PostgreSQL; writes docs/compatibility.md
	@$(RUN) -m tests.matrix $(ARGS)

.PHONY: test-fault
test-fault: parts $(DISTRO) $(SQLALCHEMY20) ## Runs every case of faults and writes docs/faults.md; ARGS="--minutes 10" for long outages
	@$(RUN) -m tests.fault.table $(ARGS)

.PHONY: test-guard
test-guard: $(READY) ## Makes every guarded site of each library raise 10,000 times; about an hour. FAULT_ROUNDS=1000 for a part
	@$(RUN) -m pytest -m fault tests/fault/test_guard_raises.py $(ARGS)

.PHONY: soak
soak: $(READY) ## Runs the service under load for hours and plots its memory; ARGS="--hours 24"
	@$(RUN) -m tests.fault.soak $(ARGS)

.PHONY: test-life
test-life: $(READY) $(SERVERS) ## Ends servers, task queues and forks of every kind under load; about 5 minutes
	@$(RUN) -m pytest -m 'suites or not suites' tests/life $(ARGS)

.PHONY: test-prometheus
test-prometheus: $(READY) go ## Runs the tests of alert rules in Prometheus' promtool too; builds it, which takes long
	@$(RUN) -m pytest -m suites tests/alerts/test_prometheus.py $(ARGS)

.PHONY: test-exercise
test-exercise: parts ## Does the exercise of docs/exercise.md on the demo, alerts in time among it; 3 minutes
	@$(RUN) -m pytest -m suites tests/alerts/test_runbooks.py $(ARGS)

.PHONY: fuzz
fuzz: $(READY) ## Looks for planted values in all that statements and errors become; ARGS="--minutes 10"
	@$(RUN) -m tests.fuzz $(ARGS)

.PHONY: mutate
mutate: $(READY) ## Changes each comparison and limit of otelmon/rules; fails where no test notices; ARGS="github_budget"
	@PYTHONDONTWRITEBYTECODE=1 $(RUN) -m tests.mutation $(ARGS)

.PHONY: test-sql
test-sql: $(READY) ## Runs the tests of sql/ on PostgreSQL 14 to 18, whose servers npm brings; about 5 minutes
	@OTELMON_TEST_POSTGRES=14,15,16,17,18 $(RUN) -m pytest tests/sql $(ARGS)

.PHONY: test-collector
test-collector: $(READY) go ## Checks every profile, golden output, 500 planted secrets and faults on the real Collector
	@$(RUN) -m pytest tests/collector tests/unit/operate/test_configuration.py $(ARGS)

.PHONY: golden-collector
golden-collector: $(READY) go ## Writes anew what the profiles make of the fixtures in tests/collector/golden/; look at the difference
	@$(RUN) -m tests.collector.replay

.PHONY: test-architectures
test-architectures: $(READY) go ## Builds the Collector for arm64 too and looks at what came out; some minutes, once
	@$(RUN) -m pytest -m suites tests/deploy/test_architectures.py $(ARGS)

.PHONY: test-collector-newest
test-collector-newest: $(READY) go ## Builds the newest Collector that can be had and checks the profiles with it; minutes
	@$(RUN) -m tests.collector.newest $(ARGS)

.PHONY: bench-collector
bench-collector: $(READY) go ## Measures what the gateway's pipeline costs beside a bare one; writes docs/collector-costs.md
	@$(RUN) -m benchmarks.pipeline.costs $(ARGS)

.PHONY: test-compose
test-compose: parts ## Starts docker-compose.yml for real; needs root and a container engine
	@$(RUN) tests/compose/start.py $(ARGS)

.PHONY: bench
bench: $(READY) $(PEER_ENVIRONMENTS) ## Measures what otelmon costs, its peers beside it; 15 minutes; writes docs/costs.md
	@$(RUN) -m benchmarks $(ARGS)

.PHONY: bench-quick
bench-quick: $(READY) $(QUICK_ENVIRONMENTS) ## Measures plain OpenTelemetry and otelmon against benchmarks/baseline.json
	@$(RUN) -m benchmarks --quick $(ARGS)

.PHONY: test-overhead
test-overhead: $(READY) ## Squeezes a service under OTELMON_OVERHEAD_LIMIT_RATIO: sheds, recovers, counts exactly; a minute
	@$(RUN) -m pytest -m suites tests/integration/overhead $(ARGS)

.PHONY: bench-parts
bench-parts: $(READY) $(QUICK_ENVIRONMENTS) ## Measures which part of a request of the service costs what; docs/costs-of-a-request.md
	@$(RUN) -m benchmarks.service_parts $(ARGS)

.PHONY: bench-growth
bench-growth: $(READY) $(QUICK_ENVIRONMENTS) ## Measures whether cost grows with operations, threads, pools, statements
	@$(RUN) -m benchmarks.growth $(ARGS)

.PHONY: bench-pauses
bench-pauses: $(READY) $(QUICK_ENVIRONMENTS) ## Measures how long a busy thread waits while spans are exported
	@$(RUN) -m benchmarks.pauses --write $(ARGS)

.PHONY: bench-calls
bench-calls: $(READY) $(QUICK_ENVIRONMENTS) ## Measures what one call costs the thread that makes it; writes docs/costs-per-call.md
	@$(RUN) -m benchmarks.hot_loop --write $(ARGS)

.PHONY: bench-caches
bench-caches: $(READY) ## Measures what a hit of a watched cache costs beside a bare one; writes into docs/caches.md
	@$(RUN) -m benchmarks.cache_hits $(ARGS)
	@$(RUN) -m tests.integration.caches.table

.PHONY: bench-page
bench-page: $(READY) go ## Measures otelmon page with PostgreSQL frozen and the service at full load; writes into docs/page.md
	@$(RUN) -m benchmarks.page $(ARGS)

.PHONY: bench-health
bench-health: $(READY) ## Measures health with PostgreSQL frozen and under a flood; writes into docs/health.md
	@$(RUN) -m benchmarks.health $(ARGS)

.PHONY: page-picture
page-picture: $(READY) go ## Takes the picture of otelmon page for docs/page.md, in Chromium
	@$(RUN) -m docs.page_picture

.PHONY: bench-sql
bench-sql: $(READY) ## Measures every view and otelmon observe on a crowded PostgreSQL; writes docs/sql-costs.md
	@$(RUN) -m benchmarks.postgresql $(ARGS)

.PHONY: bench-github
bench-github: $(READY) ## Measures what reading GitHub's answers costs, and that a million leave nothing behind
	@$(RUN) -m benchmarks.github_answers $(ARGS)

.PHONY: prove-github
prove-github: $(READY) ## Simulates GitHub's limits and measures ledger, forecast and warnings; ARGS="--seeds 100"
	@$(RUN) -m benchmarks.github_proof $(ARGS)

.PHONY: drill
drill: parts ## Proves each alert rule by a real fault, a quiet twin beside it; writes docs/proof.md; about half an hour
	@$(RUN) -m demo drill $(ARGS)

.PHONY: drill-stack
drill-stack: parts ## Starts the stack that `otelmon drill` breaks, and leaves it running; make stop ends it
	@$(RUN) -m demo drill-stack

.PHONY: bench-scale
bench-scale: $(READY) go ## Measures what sizes are calculated from: CPU and disk a span, memory a trace; docs/scale.md
	@$(RUN) -m benchmarks.pipeline.scale --write $(ARGS)

.PHONY: drill-outage
drill-outage: $(READY) go ## One back end away for 10 min, the Collector killed twice; ARGS="--minutes 1 --write"
	@$(RUN) -m benchmarks.pipeline.outage_drill $(ARGS)

.PHONY: drill-kafka
drill-kafka: $(READY) go ## Kafka, three gateways, one killed, one added; ARGS="--rate 2000 --seconds 60 --write"
	@$(RUN) -m benchmarks.pipeline.kafka_drill $(ARGS)

.PHONY: audit
audit: .cache/audit/.locked ## Holds every lock against known vulnerabilities; says of which no answer came
	@$(RUN) -m tests.supply_chain.audit

.PHONY: sbom
sbom: .cache/audit/.locked ## Writes dist/otelmon.cdx.json, the bill of materials of requirements/application.txt (CycloneDX)
	@mkdir -p dist
	@PYTHONWARNINGS=ignore .cache/audit/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible --of JSON \
		-o dist/otelmon.cdx.json requirements/application.txt
	@echo dist/otelmon.cdx.json

# The time of the last commit, so that the same commit gives the same bytes whenever it is built.
.PHONY: wheel
wheel: $(READY) ## Builds dist/otelmon-*.whl, the same bytes from the same commit
	@SOURCE_DATE_EPOCH=$$(git log -1 --format=%ct) $(RUN) -m build --wheel --no-isolation --outdir dist . >/dev/null
	@sha256sum dist/*.whl

.PHONY: lint
lint: $(READY) ## Checks style and format (ruff)
	@$(BIN)/ruff check --quiet .
	@$(BIN)/ruff format --check --quiet .

.PHONY: typecheck
typecheck: $(READY) ## Checks types of otelmon/ (mypy --strict)
	@$(BIN)/mypy --no-error-summary

.PHONY: docs
docs: $(READY) ## Writes the generated pages: settings, signals, ways of drivers, views of sql/
	@$(RUN) -m docs.generate
	@$(RUN) -m docs.sql.generate
	@$(RUN) -m docs.alerts
	@$(RUN) -m tests.alerts.generate
	@$(RUN) -m tests.integration.caches.table
	@$(RUN) -m tests.integration.psycopg2.table
	@$(RUN) -m tests.integration.psycopg2.n_plus_one_table
	@$(RUN) -m tests.integration.asyncpg.table
	@$(RUN) -m tests.integration.psycopg.table
	@$(RUN) -m tests.integration.sqlalchemy.table

.PHONY: dashboards
dashboards: $(READY) ## Writes the dashboards for Grafana and for VictoriaMetrics' page from otelmon/operate/dashboards/
	@$(RUN) -m dashboards.generate

# The tool is uv, pinned in development.txt; no address of an index is written.
COMPILE = $(BIN)/uv pip compile --quiet --universal --python-version 3.10 --no-python-downloads \
	--generate-hashes --no-emit-index-url --no-header --constraints requirements/constraints.in $(ARGS)
LOCKS := application audit build demo development distro go java servers sqlalchemy20 suites
EXTRAS := --extra psycopg2 --extra requests --extra sentry

.PHONY: lock
lock: $(READY) ## Resolves requirements/*.txt anew, with hashes; ARGS=--upgrade takes newer releases
	@echo '==> $(LOCKS)'
	@$(COMPILE) $(EXTRAS) --extra file-configuration pyproject.toml requirements/development.in \
		-o requirements/development.txt
	@$(COMPILE) $(EXTRAS) -c requirements/development.txt pyproject.toml -o requirements/application.txt
	@$(COMPILE) $(EXTRAS) -c requirements/development.txt pyproject.toml requirements/demo.in -o requirements/demo.txt
	@$(COMPILE) -c requirements/development.txt requirements/build.in -o requirements/build.txt
	@$(COMPILE) requirements/audit.in -o requirements/audit.txt
	@$(COMPILE) --no-deps requirements/java.in -o requirements/java.txt
	@$(COMPILE) -c requirements/development.txt requirements/servers.in -o requirements/servers.txt
	@$(COMPILE) --no-deps requirements/distro.in -o requirements/distro.txt
	@$(COMPILE) --no-deps requirements/go.in -o requirements/go.txt
	@$(COMPILE) --no-deps requirements/sqlalchemy20.in -o requirements/sqlalchemy20.txt
	@$(COMPILE) requirements/suites.in -o requirements/suites.txt
	@for each in $(PEERS); do \
		$(COMPILE) requirements/peers/$$each.in -o requirements/peers/$$each.txt || exit 1; done
	@for each in $(LOCKS) $(PEERS:%=peers/%); do \
		{ echo '# Generated by: make lock'; cat requirements/$$each.txt; } > requirements/$$each.new && \
		mv requirements/$$each.new requirements/$$each.txt; done

.PHONY: lock-kafka
lock-kafka: $(READY) ## Writes parts/kafka/checksums.sha256 anew, after a change of its pom.xml; look at what changed
	@$(RUN) -m demo.parts.lock_kafka

.PHONY: clean
clean: ## Removes what make brought: .venv, .cache, build output
	rm -rf .venv .cache dist build htmlcov .coverage .coverage.* .mypy_cache .ruff_cache .pytest_cache .hypothesis

$(LOCKED): requirements/development.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 10))' 2>/dev/null || { \
		echo 'Python 3.10 or newer is needed, $(PYTHON) is not: make PYTHON=python3.12 ...' >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo '$(PYTHON) cannot make environments: apt-get install python3-venv (as root), then again' >&2; exit 2; }
	@echo '==> Python packages into .venv (once, about half a minute)'
	@$(PYTHON) -m venv .venv
	@$(PIP_LOCKED) -r requirements/development.txt || { \
		echo 'The package index could not serve requirements/development.txt: check network and pip config list' >&2; \
		exit 2; }
	@touch $@

$(READY): $(LOCKED) pyproject.toml
	@$(PIP) install --no-deps --no-build-isolation --editable .
	@touch $@

$(DISTRO): requirements/distro.txt $(LOCKED)
	@echo '==> opentelemetry-distro into .cache/distro, which only tests look into'
	@rm -rf .cache/distro
	@$(PIP_LOCKED) --target .cache/distro -r requirements/distro.txt
	@touch $@

$(SQLALCHEMY20): requirements/sqlalchemy20.txt $(LOCKED)
	@echo '==> SQLAlchemy 2.0 into .cache/sqlalchemy20, which only tests look into'
	@rm -rf .cache/sqlalchemy20
	@$(PIP_LOCKED) --target .cache/sqlalchemy20 -r requirements/sqlalchemy20.txt
	@touch $@

.PRECIOUS: .cache/peers/%/.locked
.cache/peers/%/.locked: requirements/peers/%.txt $(LOCKED)
	@echo '==> $* into .cache/peers/$*, which only the benchmark uses'
	@rm -rf .cache/peers/$*
	@$(RUN) -m venv --without-pip .cache/peers/$*
	@$(RUN) -m pip --disable-pip-version-check --quiet --python .cache/peers/$* \
		install --require-hashes --no-deps -r requirements/peers/$*.txt
	@touch $@

.cache/peers/%/.ready: .cache/peers/%/.locked
	@touch $@

# As an editable wheel, so that what is measured is this clone.
.cache/peers/otelmon/.ready: .cache/peers/otelmon/.locked pyproject.toml
	@rm -rf .cache/peers/wheel && mkdir -p .cache/peers/wheel
	@$(RUN) -c 'from hatchling.build import build_editable; build_editable(".cache/peers/wheel")' >/dev/null
	@$(RUN) -m pip --disable-pip-version-check --quiet --python .cache/peers/otelmon \
		install --no-deps --force-reinstall .cache/peers/wheel/*.whl
	@touch $@

$(SERVERS): requirements/servers.txt $(LOCKED)
	@echo '==> gevent, Celery and uWSGI into .cache/servers, which only tests look into; uWSGI is compiled'
	@rm -rf .cache/servers
	@$(PIP_LOCKED) --target .cache/servers -r requirements/servers.txt
	@touch $@

$(SUITES): requirements/suites.txt $(LOCKED)
	@echo '==> What the suites of observed libraries need into .cache/suites-packages'
	@rm -rf .cache/suites-packages
	@$(PIP_LOCKED) --target .cache/suites-packages -r requirements/suites.txt
	@touch $@

.cache/audit/.locked: requirements/audit.txt $(READY)
	@echo '==> pip-audit and cyclonedx-bom into .cache/audit, apart from everything else'
	@rm -rf .cache/audit && $(PYTHON) -m venv .cache/audit
	@.cache/audit/bin/python -m pip --disable-pip-version-check --quiet install --require-hashes --no-deps \
		-r requirements/audit.txt
	@touch $@

.PHONY: go
go: $(READY)
	@$(GO_IS_THERE) 2>/dev/null || { \
		echo '==> Go 1.27.3 into .venv (no Go that is new enough was found; 253 MB unpacked)'; \
		$(PIP_LOCKED) -r requirements/go.txt; }
