"""The functions for applications, with otelmon on and off."""

from __future__ import annotations

import functools

import pytest
from opentelemetry import metrics, trace

import otelmon
from otelmon.launch import activate, entry
from otelmon.launch.instrumentor import OtelmonInstrumentor
from otelmon.records import GitHubAnswer, GitHubCall, RateLimit


@pytest.fixture
def _off_afterwards(monkeypatch: pytest.MonkeyPatch):
    """Lets a test activate otelmon in this process, without exporters, and takes it back."""
    for signal in ("TRACES", "METRICS", "LOGS"):
        monkeypatch.setenv(f"OTEL_{signal}_EXPORTER", "none")
    monkeypatch.setattr(activate, "is_configured", lambda: True)
    yield
    otelmon.uninstrument()


def test_everything_is_silent_while_off() -> None:
    """An application calls what it likes, and nothing happens."""
    assert activate.active() is None
    otelmon.register_pool("p", otelmon.PoolState)
    otelmon.register_cache("c", otelmon.CacheState)
    assert otelmon.github_budget() is None
    otelmon.uninstrument()


@pytest.mark.usefixtures("_off_afterwards")
def test_pools_and_caches_are_registered() -> None:
    """What an application registers is read."""
    otelmon.instrument()

    @functools.lru_cache
    def cached() -> int:
        return 1

    cached()
    otelmon.register_pool("p", lambda: otelmon.PoolState(used=1))
    otelmon.register_cache("c", cached)
    registry = activate.active().registry
    assert registry.pools()["p"].used == 1
    assert registry.caches()["c"].misses == 1


@pytest.mark.usefixtures("_off_afterwards")
def test_tightest_budget_is_returned() -> None:
    """Of two owners the one with less left counts; an unknown resource is None."""
    otelmon.instrument()
    registry = activate.active().registry
    reset = _soon()
    for owner, remaining in (("a", 10), ("b", 5)):
        limit = RateLimit(100, remaining, 100 - remaining, reset, "core")
        registry.github.answered(GitHubCall(owner, "/user"), GitHubAnswer(200, limit))
    tightest = otelmon.github_budget("core")
    assert (tightest.remaining, tightest.below_reserve, tightest.level) == (5, True, "critical")
    assert tightest.reset_in == pytest.approx(3600, abs=60)
    assert otelmon.github_budget("core", reserve=0.01).below_reserve is False
    assert otelmon.github_budget("search") is None


def _soon() -> int:
    import time

    return int(time.time()) + 3600


@pytest.mark.usefixtures("_off_afterwards")
def test_second_activation_says_that_its_options_are_ignored(caplog: pytest.LogCaptureFixture) -> None:
    """The first activation stays; the warning names the options that came too late."""
    otelmon.instrument()
    first = activate.active()
    otelmon.instrument(label_limit=10)
    assert activate.active() is first
    assert [m for m in caplog.messages if "already_active" in m] == [
        "already_active options_ignored=label_limit hint=set_OTELMON_variables"
    ]


@pytest.mark.usefixtures("_off_afterwards")
def test_unknown_option_is_said_and_ignored(caplog: pytest.LogCaptureFixture) -> None:
    """A misspelt option does not stop the activation."""
    otelmon.instrument(slow_query=1)
    assert activate.active() is not None
    assert "unknown_option name=slow_query" in caplog.text


@pytest.mark.parametrize("options", [{"disabled": True}, {"disabled": "true"}])
def test_disabled_by_an_option(options: dict[str, object]) -> None:
    """Code may switch otelmon off as well."""
    otelmon.instrument(**options)
    assert activate.active() is None


def test_disabled_once_the_settings_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """A configuration that disables otelmon is respected where the entry point could not know."""
    monkeypatch.setattr(activate, "is_configured", lambda: True)
    activate.activate({"disabled": "true"})
    assert activate.active() is None


@pytest.mark.usefixtures("_off_afterwards")
def test_instrumentor_instruments_once_and_undoes() -> None:
    """Calling it twice is silent; uninstrumenting takes everything back."""
    instrumentor = OtelmonInstrumentor()
    instrumentor.instrument()
    instrumentor.instrument()
    assert activate.active() is not None
    assert instrumentor.instrumentation_dependencies() == ()
    instrumentor.uninstrument()
    assert activate.active() is None


@pytest.mark.usefixtures("_off_afterwards")
def test_disabled_hook_stays_out() -> None:
    """A hook named in the setting is not installed, the others are."""
    from urllib3.connection import HTTPConnection

    before = HTTPConnection.getresponse
    otelmon.instrument(disabled_hooks=["urllib3"])
    assert HTTPConnection.getresponse is before


@pytest.mark.usefixtures("_off_afterwards")
def test_hook_of_a_missing_library_is_skipped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a library is not installed in a supported version its hook does nothing."""
    from urllib3.connection import HTTPConnection

    from otelmon.launch import hooks

    before = HTTPConnection.getresponse
    monkeypatch.setattr(hooks, "is_supported", lambda _: False)
    otelmon.instrument()
    assert HTTPConnection.getresponse is before


def test_providers_of_this_process_are_untouched() -> None:
    """The tests above leave the global providers as they were."""
    assert isinstance(trace.get_tracer_provider(), trace.ProxyTracerProvider)
    assert "Proxy" in type(metrics.get_meter_provider()).__name__


def test_unknown_public_name_is_an_attribute_error() -> None:
    """The package answers like any other for names it does not have."""
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        otelmon.nothing  # noqa: B018 - the access is the test


def test_entry_point_activates_with_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The wrapper's entry point passes no options."""
    seen = []
    monkeypatch.setattr(entry, "start", seen.append)
    entry.pre_instrument()
    assert seen == [{}]
