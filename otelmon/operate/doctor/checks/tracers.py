"""Whether other products trace the same calls."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Final

from otelmon.operate.doctor.checks.versions import installed
from otelmon.operate.doctor.result import Result
from otelmon.rules.sentry_conflicts import sentry_conflicts

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

GROUP: Final = "application"
# Package, the folder on PYTHONPATH by which it starts itself, a variable that says so, and what switches it off.
TRACERS = (
    ("ddtrace", "ddtrace/bootstrap", "DD_TRACE_ENABLED", "start without ddtrace-run, or set DD_TRACE_ENABLED=false"),
    ("newrelic", "newrelic/bootstrap", "NEW_RELIC_CONFIG_FILE", "start without newrelic-admin run-program"),
    ("elastic-apm", "elasticapm/instrumentation", "ELASTIC_APM_SERVER_URL", "start without elasticapm-run"),
    ("scout-apm", "scout_apm", "SCOUT_MONITOR", "set SCOUT_MONITOR=false"),
    ("signalfx-tracing", "signalfx_tracing", "SIGNALFX_ENDPOINT_URL", "remove signalfx-tracing"),
)
NO = ("false", "0", "no", "off", "")
SENTRY_RATE = "SENTRY_TRACES_SAMPLE_RATE"


def tracers(environment: Mapping[str, str]) -> Iterator[Result]:
    """Yields each tracer that is on, or one result that says that there is none."""
    found = [*_products(environment), *_sentry(environment), *_distros()]
    yield from found or [Result(GROUP, "other tracers", "ok", "none traces the same calls")]


def _products(environment: Mapping[str, str]) -> Iterator[Result]:
    for package, folder, variable, fix in TRACERS:
        version = installed(package)
        started = folder in environment.get("PYTHONPATH", "").replace("\\", "/")
        said = environment.get(variable, "").strip().lower() not in NO
        if version is not None and (started or said):
            seen = f"{package} {version} is on: calls are patched twice, and take twice the time"
            yield Result(GROUP, f"tracer {package}", "finding", seen, fix)


def _sentry(environment: Mapping[str, str]) -> Iterator[Result]:
    """Yields what the environment has sentry-sdk do that does not go with otelmon."""
    rate = environment.get(SENTRY_RATE, "").strip()
    if installed("sentry-sdk") is None or not rate.strip("0."):
        return
    for each in sentry_conflicts({"traces_sample_rate": rate}, None):
        fix = f"unset {SENTRY_RATE}; {each.remedy}"
        yield Result(GROUP, "tracer sentry-sdk", "finding", f"{SENTRY_RATE}: {each.consequence}", fix)


def _distros() -> Iterator[Result]:
    """Yields who sets the SDK up in otelmon's place; that works, with less to book."""
    for each in entry_points(group="opentelemetry_configurator"):
        owner = each.dist.name if each.dist is not None else "unknown"
        if owner != "opentelemetry-distro":
            yield Result(GROUP, f"distro {owner}", "unknown", "sets the SDK up: exporters and losses are its own")
