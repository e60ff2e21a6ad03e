"""When the hook is installed, and which classes it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg2
import pytest
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import NoOpTracer
from psycopg2 import extensions, extras

from otelmon.calls.leaf_spans import LeafSpans
from otelmon.calls.recorder import CallRecorder
from otelmon.hooks.direct_connection import DirectConnectionWatch
from otelmon.hooks.protocol import is_supported
from otelmon.hooks.psycopg2 import hook
from otelmon.hooks.psycopg2.watch import MOST_CLASSES, Psycopg2Watch
from otelmon.hooks.watched_connection import WatchedConnection
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable


def recorded() -> HookRegistry:
    """Returns a registry whose calls go nowhere."""
    registry = HookRegistry(Settings())
    spans = LeafSpans(NoOpTracer(), InstrumentationScope("t"), lambda: ())
    registry.calls = CallRecorder(registry, spans, lambda *_, **__: None, lambda: None)
    return registry


@pytest.fixture
def watch() -> Psycopg2Watch:
    """Returns a watch that is not installed."""
    registry = recorded()
    recorder = registry.calls
    assert isinstance(recorder, CallRecorder)
    return Psycopg2Watch(recorder, DirectConnectionWatch(registry.connections.direct, WatchedConnection))


def test_the_hook_says_what_it_needs() -> None:
    """The installed release is one that the hook supports."""
    assert (hook.name, is_supported(hook.requires)) == ("psycopg2", True)


def test_without_a_recorder_nothing_is_patched() -> None:
    """A registry in which nobody records calls leaves psycopg2 alone."""
    before = psycopg2._connect
    undo = hook.install(HookRegistry(Settings()))
    assert psycopg2._connect is before
    undo()


def test_a_build_without_the_lower_half(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where psycopg2 has no ``_connect`` the public ``connect`` is patched, and given back."""
    monkeypatch.delattr(psycopg2, "_connect")
    before = psycopg2.connect
    undo = hook.install(recorded())
    assert psycopg2.connect is not before
    undo()
    assert psycopg2.connect is before


@pytest.mark.parametrize("base", [extensions.connection, extras.LoggingConnection, extras.LogicalReplicationConnection])
def test_connection_classes(watch: Psycopg2Watch, base: type) -> None:
    """An observed connection class is the application's class too, is made once, and is not observed twice."""
    made = watch.connection_class(base)
    assert issubclass(made, base)
    assert made is watch.connection_class(base) is watch.connection_class(made)
    assert (made.__name__, made.__doc__) == (base.__name__, base.__doc__)


@pytest.mark.parametrize("named", [False, True])
@pytest.mark.parametrize("base", [extensions.cursor, extras.DictCursor, extras.NamedTupleCursor])
def test_cursor_classes(watch: Psycopg2Watch, base: type, named: bool) -> None:
    """An observed cursor class is the application's class too, and only a named one looks at fetches."""
    made = watch.cursor_class(base, named)
    assert issubclass(made, base)
    assert made is watch.cursor_class(base, named) is watch.cursor_class(made, named)
    assert (made.fetchone is not base.fetchone) is named


def test_classes_made_for_each_call_are_bounded(watch: Psycopg2Watch) -> None:
    """An application that makes a class for each call does not make otelmon grow."""
    for number in range(2 * MOST_CLASSES):
        watch.cursor_class(type(f"C{number}", (extensions.cursor,), {}), False)
    assert watch.cursor_class.cache_info().currsize == MOST_CLASSES


@pytest.mark.parametrize(
    ("options", "replaced"),
    [
        pytest.param({}, True, id="default"),
        pytest.param({"connection_factory": None}, True, id="none"),
        pytest.param({"connection_factory": extras.RealDictConnection}, True, id="class"),
        pytest.param({"connection_factory": lambda dsn: dsn}, False, id="function"),
        pytest.param({"connection_factory": dict}, False, id="no connection"),
    ],
)
def test_which_connection_factories_are_replaced(
    watch: Psycopg2Watch, options: dict[str, Callable[..., object]], replaced: bool
) -> None:
    """Classes of connections are; what is none is psycopg2's to call or to refuse. Off, nothing is."""
    assert (watch.with_connection_class(("dsn",), dict(options)) is not None) is replaced
    watch.on = False
    assert watch.with_connection_class(("dsn",), dict(options)) is None


def test_what_is_no_cursor_is_not_adopted(watch: Psycopg2Watch) -> None:
    """A stranger that a connection class returns as a cursor stays what it is."""
    stranger = object()
    watch.adopt_cursor(stranger)
    watch.adopt_connection(stranger)
    assert type(stranger) is object
