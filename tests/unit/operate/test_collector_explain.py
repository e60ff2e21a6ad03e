"""What the picture of a configuration says, and which open doors are found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from otelmon.operate.collector import configuration
from otelmon.operate.collector.describe import describe
from otelmon.operate.collector.explain import explain
from otelmon.operate.collector.merged import merged
from otelmon.operate.collector.open_doors import is_loopback, open_doors
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path

TLS = {"cert_file": "c", "key_file": "k"}
TOKEN = {"authenticator": "bearertokenauth"}


def receiver(**settings: Any) -> dict[str, Any]:
    """Returns a configuration with one OTLP door."""
    return {"receivers": {"otlp": {"protocols": {"http": settings}}}}


def test_maps_merge_and_lists_are_replaced(tmp_path: Path) -> None:
    """Later files win as they do in the Collector; variables take the type of their text."""
    first, second = tmp_path / "a.yaml", tmp_path / "b.yaml"
    first.write_text("a: {x: '${env:N:-5}', y: [1, 2]}\nb: '$$1 ${env:T:-t}'\n")
    second.write_text("# only this\na: {y: [3]}\n")
    assert merged([first, second], {"T": "u"}) == {"a": {"x": 5, "y": [3]}, "b": "$1 u"}


@pytest.mark.parametrize("text", ["- a list", "a: [", "\x00"], ids=["list", "broken", "binary"])
def test_a_file_that_is_no_configuration_is_named(tmp_path: Path, text: str) -> None:
    """The error tells which file."""
    (tmp_path / "own.yaml").write_text(text)
    with pytest.raises(OperateError, match=r"own\.yaml"):
        merged([tmp_path / "own.yaml"], {})


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("127.0.0.1:4318", True),
        ("127.9.9.9:1", True),
        ("[::1]:4318", True),
        ("localhost:4318", True),
        ("0.0.0.0:4318", False),
        (":4318", False),
        ("[::]:4318", False),
        ("10.0.0.1:4318", False),
        ("collector:4318", False),
        ("localhost.example.org:1", False),
    ],
)
def test_loopback_is_told_from_the_rest(address: str, expected: bool) -> None:
    """What cannot be seen to be loopback is not."""
    assert is_loopback(address) is expected


@pytest.mark.parametrize(
    ("settings", "missing"),
    [
        ({}, "without TLS and without token or client certificate"),
        ({"tls": TLS}, "without token or client certificate"),
        ({"auth": TOKEN}, "without TLS"),
        ({"tls": {"client_ca_file": "a"}}, "without TLS"),
        ({"tls": TLS, "auth": TOKEN}, None),
        ({"tls": {**TLS, "client_ca_file": "a"}}, None),
    ],
)
def test_a_door_needs_tls_and_proof(settings: dict[str, Any], missing: str | None) -> None:
    """Off loopback both are asked for, and the line says where, what is missing and how to mend it."""
    found = open_doors(receiver(endpoint="0.0.0.0:4318", **settings))
    assert len(found) == (missing is not None)
    for line in found:
        assert line.startswith(f"receivers::otlp::protocols::http listens on 0.0.0.0:4318, off loopback, {missing}: ")
        assert "05-tls-and-token.yaml" in line
    assert open_doors(receiver(endpoint="127.0.0.1:4318", **settings)) == ()


def test_the_picture_follows_the_data() -> None:
    """Each pipeline comes after those that feed it, and connectors name both ends."""
    flows = explain(merged(configuration.config_files("single"), {}))
    names = [flow.pipeline for flow in flows]
    assert names[:5] == ["traces/receive", "traces/redact", "traces/normalize", "traces/classify", "traces/derive"]
    classify = flows[names.index("traces/classify")].steps
    assert classify[-1].does == "→ traces/derive, traces/keep, traces/sample"
    assert flows[names.index("metrics/derived")].steps[0].does == "← traces/derive"


@pytest.mark.parametrize("profile", configuration.profiles())
def test_every_component_of_every_profile_is_described(profile: str) -> None:
    """No step is without a phrase, and nothing leads nowhere."""
    steps = [step for flow in explain(merged(configuration.config_files(profile), {})) for step in flow.steps]
    assert [step for step in steps if not step.does or "nowhere" in step.does] == []


@pytest.mark.parametrize(
    ("component", "settings", "signal", "phrase"),
    [
        (
            "memory_limiter",
            {"limit_mib": 1000, "spike_limit_mib": 100},
            "",
            "refuses all from 900 MiB on (503, senders keep it), limit 1000 MiB",
        ),
        ("filter/x", {"traces": {"span": ["a"]}, "logs": {"log_record": ["b"]}}, "logs", "DROPS log records where b"),
        ("transform/x", {"trace_statements": [{"statements": ['set(span.attributes["k"], 1)']}]}, "traces", "sets k"),
        ("transform/x", {"trace_statements": ['set(span.attributes["k"], 1)']}, "logs", "0 statements"),
        (
            "otlp_http/x",
            {"endpoint": "http://h", "sending_queue": {"enabled": True, "queue_size": 10}},
            "",
            "http://h; queue of 10 requests in memory, DROPS above; retries for 300s",
        ),
        ("otlp_http/x", {"endpoint": "http://h", "compression": "gzip"}, "", "http://h, gzip"),
        ("pigeon", {"loft": "roof", "birds": [1]}, "", "loft=roof"),
        (
            "otlp",
            {"protocols": {"http": {"endpoint": "0.0.0.0:1", "tls": TLS, "auth": TOKEN}}},
            "",
            "http 0.0.0.0:1 with TLS and token",
        ),
    ],
)
def test_a_phrase_says_what_a_step_does(component: str, settings: dict[str, Any], signal: str, phrase: str) -> None:
    """Limits, what is dropped and what is changed stand in it."""
    assert describe(component, settings, signal) == phrase
