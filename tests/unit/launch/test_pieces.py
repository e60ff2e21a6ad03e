"""The small pieces of the launch: defaults, quiet loggers, the shutdown's share of time, the link to Sentry."""

from __future__ import annotations

import logging
import time

import pytest
from opentelemetry import metrics, trace

from otelmon.exporters.session import DeliverySession
from otelmon.launch import lifecycle
from otelmon.launch.configure import Sessions, exporter_name
from otelmon.launch.defaults import set_defaults
from otelmon.launch.quiet import OneLineAMinute
from otelmon.launch.sentry_link import link_sentry
from otelmon.ledger import Ledger
from otelmon.watch.thread import Watch


def test_defaults_fill_what_is_unset_or_empty() -> None:
    """A user's value stays, an empty one counts as unset."""
    environment = {"OTEL_METRIC_EXPORT_INTERVAL": "30000", "OTEL_TRACES_EXPORTER": " "}
    set_defaults(environment, exporters=True)
    assert environment["OTEL_METRIC_EXPORT_INTERVAL"] == "30000"
    assert environment["OTEL_TRACES_EXPORTER"] == "otlp"
    assert environment["OTEL_EXPORTER_OTLP_PROTOCOL"] == "http/protobuf"


def test_joined_sdk_keeps_its_exporters() -> None:
    """Where somebody else has set the SDK up, otelmon chooses no exporter."""
    environment: dict[str, str] = {}
    set_defaults(environment, exporters=False)
    assert environment == {
        "OTEL_METRIC_EXPORT_INTERVAL": "10000",
        "OTEL_SEMCONV_STABILITY_OPT_IN": "database,http",
    }


def test_one_line_a_minute() -> None:
    """The second record within a minute is held back."""
    now = [0.0]
    quiet = OneLineAMinute(lambda: now[0])
    record = logging.makeLogRecord({})
    passed = []
    for at in (0.0, 1.0, 59.9, 60.0, 61.0):
        now[0] = at
        passed.append(quiet.filter(record))
    assert passed == [True, False, False, True, False]


class _Provider:
    def __init__(self, name: str, order: list[str]) -> None:
        self._name, self._order = name, order

    def shutdown(self) -> None:
        self._order.append(self._name)


def test_signal_that_hangs_goes_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """Metrics and logs are not kept waiting by a delivery of spans that hangs."""
    order: list[str] = []
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: _Provider("traces", order))
    monkeypatch.setattr(metrics, "get_meter_provider", lambda: _Provider("metrics", order))
    monkeypatch.setattr(lifecycle, "current_logger_provider", lambda: _Provider("logs", order))
    with DeliverySession() as traces, DeliverySession() as logs:
        traces.busy = True
        lifecycle.shut_down(Sessions(traces, None, logs, (traces, logs)), 1.0)
    assert order == ["logs", "metrics", "traces"]


def test_a_silent_receiver_is_not_waited_for() -> None:
    """Where one has let a delivery wait in vain the exit takes a second, elsewhere what the setting allows."""
    well, silent = DeliverySession(), DeliverySession()
    silent.reason = "timeout"
    assert lifecycle.patience(Sessions(well, all=(well,)), 5.0) == 5.0
    assert lifecycle.patience(Sessions(well, silent, all=(well, silent)), 5.0) == 1.0
    assert lifecycle.patience(Sessions(silent, all=(silent,)), 0.0) == 0.0


def test_provider_without_shutdown_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """A no-op provider has nothing to shut down."""
    for module, name in ((trace, "get_tracer_provider"), (metrics, "get_meter_provider")):
        monkeypatch.setattr(module, name, object)
    monkeypatch.setattr(lifecycle, "current_logger_provider", object)
    lifecycle.take_over_exit(Sessions())
    lifecycle.shut_down(Sessions(), 0.1)


def test_what_is_left_at_exit_is_booked_and_said(caplog: pytest.LogCaptureFixture) -> None:
    """The exit waits no longer than it may, and the rest is lost to the shutdown."""
    ledger = Ledger()
    account = ledger.open("otlp")
    account.start()
    watch = Watch([], lambda: time.sleep(0.5), interval=60)
    watch.start()
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, "otelmon"):
        lifecycle.at_exit(watch, ledger, 0.05)
    assert time.monotonic() - began < 0.4
    assert account.counts().lost == {"shutdown": 1}
    assert caplog.messages == ["spans_lost_at_exit spans=1 timeout_seconds=0.1"]


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        ("opentelemetry.exporter.otlp.proto.http.trace_exporter", "Exporter.http"),
        ("opentelemetry.exporter.otlp.proto.grpc.trace_exporter", "Exporter.grpc"),
        ("acme", "Exporter"),
    ],
)
def test_exporter_name(module: str, expected: str) -> None:
    """The account says which transport an exporter uses, where its package does."""
    assert exporter_name(type("Exporter", (), {"__module__": module})()) == expected


def test_sentry_is_left_alone_without_a_dsn() -> None:
    """Nothing is initialized that nobody asked for."""
    assert not link_sentry({}, {})


def test_sentry_not_installed_is_said(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    """A DSN without the package gives one line that says how to mend it."""
    from otelmon.launch import sentry_link

    monkeypatch.setattr(sentry_link, "find_spec", lambda _: None)
    with caplog.at_level(logging.WARNING, "otelmon"):
        assert not link_sentry({"SENTRY_DSN": "http://key@127.0.0.1/1"}, {})
    assert "otelmon[sentry]" in caplog.messages[0]


def test_other_protocols_get_no_session(monkeypatch: pytest.MonkeyPatch) -> None:
    """Over gRPC there is no HTTP session of ours, and its exporter is not imported for nothing."""
    from otelmon.launch import configure

    for name in configure.PROTOCOLS:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc")
    assert configure._otlp_http_sessions() == (Sessions(), {})
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", "http/protobuf")
    sessions, arguments = configure._otlp_http_sessions()
    assert len(sessions.all) == len(arguments) == 3
    for session in sessions.all:
        session.close()
