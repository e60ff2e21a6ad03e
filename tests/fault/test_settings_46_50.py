"""Cases 46 and 50 of the table of faults: an environment that cannot be meant, and one that contradicts itself."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from otelmon.environment_variables import VARIABLES
from otelmon.launch.sdk_limits import NUMBERS, make_usable
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from tests.conservation.books import BookedSink
    from tests.fault.rig.application import Application

    Run = Callable[..., AbstractContextManager[Application]]

RUBBISH = ["", "  ", "yes", "1", "TRUE", "500ms", "-1", "0", "nan", "1e400", "\u0663", "inf", "9" * 1_000_000]
# What one process can be given; Linux takes no longer text in an environment.
LONGEST = 100_000


@pytest.mark.parametrize("text", RUBBISH, ids=lambda text: ascii(text[:10]))
@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
def test_46_any_text_in_any_variable(variable, text: str) -> None:
    """A text gives its value, or the default and one short line that names the variable."""
    settings, warnings = Settings.from_env({variable.name: text})
    assert len(warnings) <= 1
    assert all(variable.name in line and len(line) < 300 and line.isascii() for line in warnings)
    if warnings or not text.strip():
        assert settings == Settings()


@pytest.mark.parametrize("text", RUBBISH, ids=lambda text: ascii(text[:10]))
def test_46_any_text_in_opentelemetrys_numbers(text: str) -> None:
    """What the SDK could not read is removed before it tries, and named in one line; an empty text counts as unset."""
    for name in NUMBERS:
        environment = {name: text}
        warnings = make_usable(environment)
        kept = text.isascii() and text.isdigit() and len(text) < 13 and int(text) > 0
        assert (name in environment) is kept or "BATCH" in name or "QUEUE" in name
        assert len(warnings) == (0 if kept or not text.strip() else 1)
        assert all(name in line and len(line) < 300 and line.isascii() for line in warnings)


def test_46_application_starts_with_all_of_it(sink: BookedSink, application: Run, seen) -> None:
    """Rubbish in every variable at once: the application runs, each is named once, and its spans arrive."""
    ours = {each.name: "9" * LONGEST for each in VARIABLES if each.kind in ("integer", "choice", "boolean")}
    theirs = dict.fromkeys(NUMBERS, "500ms")
    with application(**ours, **theirs) as app:
        told = app.load(1)
        ended = app.end()
    named = [name for name in (*ours, *theirs) if ended.stderr.count(f"name={name} ") == 1]
    seen(f"{len(named)} of {len(ours) + len(theirs)} variables named, {len(sink.spans())} spans arrived")
    assert (told["failed"], ended.code) == (0, 3), ended.stderr[:2000]
    assert set(named) == {*ours, *theirs}, ended.stderr[:3000]
    assert "Traceback" not in ended.stderr
    assert len(sink.spans()) == sink.started() >= 3 * told["requests"]


@pytest.mark.parametrize(
    ("given", "used", "lines"),
    [
        pytest.param({"QUEUE_SIZE": "100", "EXPORT_BATCH_SIZE": "512"}, ("100", "100"), 1, id="batch above queue"),
        pytest.param({"QUEUE_SIZE": "100"}, ("100", "100"), 0, id="queue below the usual batch"),
        pytest.param({"EXPORT_BATCH_SIZE": "4096"}, (None, "2048"), 1, id="batch above the usual queue"),
        pytest.param({"QUEUE_SIZE": "0", "EXPORT_BATCH_SIZE": "10"}, (None, "10"), 1, id="no queue"),
        pytest.param({"QUEUE_SIZE": "200", "EXPORT_BATCH_SIZE": "100"}, ("200", "100"), 0, id="a good pair"),
    ],
)
def test_50_batch_and_queue(given: dict[str, str], used: tuple[str | None, str], lines: int) -> None:
    """A batch is never larger than its queue; a contradiction is named in one line."""
    for signal in ("BSP", "BLRP"):
        environment = {f"OTEL_{signal}_MAX_{name}": value for name, value in given.items()}
        warnings = make_usable(environment)
        pair = (f"OTEL_{signal}_MAX_QUEUE_SIZE", f"OTEL_{signal}_MAX_EXPORT_BATCH_SIZE")
        assert tuple(environment.get(name) for name in pair) == used
        assert len(warnings) == lines


@pytest.mark.fault
def test_50_application_runs_with_contradicting_settings(sink: BookedSink, application: Run, seen) -> None:
    """With a batch above the queue and a timeout of zero telemetry is on, and each contradiction is one line."""
    chosen = {
        "OTEL_BSP_MAX_QUEUE_SIZE": "1000",
        "OTEL_BSP_MAX_EXPORT_BATCH_SIZE": "5000",
        "OTEL_EXPORTER_OTLP_TIMEOUT": "0",
    }
    with application(**chosen) as app:
        app.load(1)
        ended = app.end()
    lines = ended.lines("setting")
    seen("; ".join(lines))
    assert len(lines) == 2, ended.stderr
    assert "Traceback" not in ended.stderr
    assert len(sink.spans()) == sink.started() > 0
