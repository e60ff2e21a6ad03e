"""Why something needs no guard around it is held against what happens: it runs behind what its reason names."""

from __future__ import annotations

import gc
import json
import re
import subprocess
import sys
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import psycopg2
import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter

from otelmon.calls.leaf_span import LeafSpan
from otelmon.hooks import psycopg2 as psycopg2_hook
from otelmon.hooks.sqlalchemy_pool.pools import Taken
from tests.fault.entries import entries
from tests.fault.exceptions import EXCEPTIONS, GUARDED_WITHIN, ITS_OWN, PLAIN, Behind, Held
from tests.fault.rig.small_applications import answering
from tests.fault.rig.stands_behind import watching
from tests.integration.observing import observing

if TYPE_CHECKING:
    from tests.conservation.books import BookedSink
    from tests.fault.rig.stands_behind import Key

ROOT = Path(__file__).parents[2]
APPLICATION = ROOT / "tests" / "fault" / "rig" / "whole_application.py"
SHED = ("calls/recorder.py", "CallRecorder.show_fast_calls.of_notable_calls")
RUNNING = {key: reason for key, reason in EXCEPTIONS.items() if not isinstance(reason, Held)}


def is_there(reason: Behind, way: list[str]) -> bool:
    """Tells whether a way leads through what a reason names."""
    patterns = [re.escape(each).replace("<name>", ".+") for each in reason.sites]
    return any(re.fullmatch(pattern, step) for pattern in patterns for step in way)


@pytest.mark.parts
def test_excepted_entries_run_behind_what_is_named(postgres_dsn: str, sink: BookedSink, tmp_path: Path) -> None:
    """In an application that does a little of everything each of them is called, and never without its guard."""
    names = tmp_path / "names"
    names.write_text(json.dumps(list(RUNNING)))
    with answering() as port:
        told = subprocess.run(
            [sys.executable, APPLICATION, names, postgres_dsn, f"http://127.0.0.1:{port}/repos/a/b"],
            env=sink.environment(
                ROOT, OTEL_METRIC_EXPORT_INTERVAL="300", OTEL_TRACES_SAMPLER="always_on",
                OTELMON_SLOW_QUERY_THRESHOLD_MS="200", OTELMON_DB_DIAGNOSTICS="true",
                OTELMON_GITHUB_HOSTS=f"127.0.0.1:{port}",
            ),
            capture_output=True, text=True, timeout=60, check=True,
        )  # fmt: skip
    ways: dict[Key, list[list[str]]] = defaultdict(list)
    for line in told.stdout.splitlines():
        for file, name, way in json.loads(line):
            ways[file, name].append(way)
    assert set(RUNNING) - set(ways) == {SHED}, told.stderr[-2000:]
    assert {key: way for key, found in ways.items() for way in found if not is_there(RUNNING[key], way)} == {}


@pytest.mark.parts
def test_what_is_shed_runs_behind_the_guard(postgres_dsn: str) -> None:
    """So it is with what stands in the place of fast calls' spans, while otelmon does less."""
    with watching([SHED]) as found, observing([psycopg2_hook.hook]) as observation:
        observation.registry.calls.show_fast_calls(lambda: None)
        with psycopg2.connect(postgres_dsn) as connection:
            connection.cursor().execute("SELECT 1")
        connection.close()
    assert found[SHED]
    assert all(is_there(RUNNING[SHED], way) for way in found[SHED])


def test_a_way_without_the_guard_is_seen() -> None:
    """A reason that does not hold is told from one that does."""
    assert is_there(Behind(("hooks.<name>.install",)), ["a.py:f", "hooks.psycopg2.install"])
    assert not is_there(Behind(("hooks.<name>.install",)), ["a.py:f", "hooks.psycopg2.begin"])
    assert not is_there(Behind(("a.py:f",)), ["a.py:g"])
    assert not is_there(Behind(("calls.span",)), [])


@pytest.mark.parametrize(
    "held", [each for each in EXCEPTIONS.values() if isinstance(each, Held)], ids=lambda each: each.test
)
def test_what_is_held_by_a_test_has_one(held: Held) -> None:
    """The test that a reason names is there."""
    file, name = held.test.split("::")
    assert f"def {name}(" in (ROOT / file).read_text(encoding="utf-8")


def test_no_general_reason_is_out_of_date() -> None:
    """Each name that is called without a guard, for a general reason, is called in some entry."""
    called = {each.replace(" ", "") for entry in entries() for each in entry.unguarded}
    assert (ITS_OWN | GUARDED_WITHIN | PLAIN) - called == set()


class _Raising:
    """Raises in all that it does but the start."""

    def start(self) -> None:
        """Books a span."""

    def dropped(self) -> NoReturn:
        """Raises."""
        raise RuntimeError

    def gone(self, _: object) -> NoReturn:
        """Raises."""
        raise RuntimeError


def test_finalizer_raises_into_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """An error of a finalizer, or of a weak reference's callback, is printed, and who let the object go runs on."""
    printed: list[Any] = []
    monkeypatch.setattr(sys, "unraisablehook", lambda told: printed.append(type(told.exc_value)))
    span = LeafSpan()
    span.book(_Raising())  # type: ignore[arg-type] # it raises
    proxy = _Raising()
    taken = Taken(proxy, _Raising(), None, 0, _Raising().gone)  # type: ignore[arg-type] # they raise
    del span, proxy
    gc.collect()
    assert printed == [RuntimeError, RuntimeError]
    assert taken.wait_ns == 0


def test_others_read_what_a_span_has() -> None:
    """Whatever a span of the SDK answers, this one answers as well, also with nothing filled in."""
    span = LeafSpan()
    assert json.loads(span.to_json())["name"] == ""
    assert span._attributes == {}
    with pytest.raises(AttributeError):
        span.nothing_of_the_kind  # noqa: B018 - is asked for


class _RaisingExporter(SpanExporter):
    """Raises at each export."""

    def __init__(self) -> None:
        self.asked = 0

    def export(self, _: Any) -> NoReturn:
        """Raises."""
        self.asked += 1
        raise RuntimeError


def test_exporter_that_raises_harms_nobody() -> None:
    """The SDK's processor takes what an exporter raises, in its own thread and in who asks for a flush."""
    exporter = _RaisingExporter()
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    with provider.get_tracer("application").start_as_current_span("request"):
        pass
    provider.force_flush()
    provider.shutdown()
    assert exporter.asked == 1
