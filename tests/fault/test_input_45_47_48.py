"""Cases 45, 47 and 48 of the table of faults: hostile addresses, attribute values and headers that came in."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest
import urllib3

from otelmon.hooks.urllib3 import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.conservation.books import BookedSink

WRAPPER = str(Path(sys.executable).parent / "opentelemetry-instrument")
ADDRESSES = [
    "http://u:planted@127.0.0.1:1/x",
    "http://127.0.0.1:1/x?access_token=planted",
    "http://127.0.0.1:1/x#planted",
    "http://[::1]:1/x",
    "http://xn--bcher-kva.invalid:1/",
    "http://127.0.0.1:1/" + "x" * 65_536,
    "http://[broken",
    "http://127.0.0.1:99999/",
    "",
    "://",
]


@pytest.fixture
def hooked() -> Iterator[HookRegistry]:
    """Installs the hook of urllib3."""
    registry = HookRegistry(Settings())
    undo = hook.install(registry)
    yield registry
    undo()


def outcome(method: str | None, url: str) -> str:
    """Returns class and text of what a request raises."""
    try:
        with urllib3.PoolManager(retries=False, timeout=0.5) as pool:
            return str(pool.request(method, url).status)
    except Exception as error:  # noqa: BLE001 - whatever it raises is compared
        return f"{type(error).__qualname__}: {error}".partition(" object at ")[0]


@pytest.mark.parametrize("url", ADDRESSES, ids=lambda url: url[:24])
@pytest.mark.parametrize("method", ["GET", None])
def test_45_any_address(request: pytest.FixtureRequest, method: str | None, url: str) -> None:
    """Whatever is asked for, with a method or without, the caller sees what urllib3 alone gives."""
    alone = outcome(method, url)
    request.getfixturevalue("hooked")
    assert outcome(method, url) == alone


HOSTILE = dedent("""\
    import json, math, sys
    from opentelemetry import trace
    if sys.argv[1] == "alone":
        from opentelemetry.sdk.trace import TracerProvider
        trace.set_tracer_provider(TracerProvider())
    class Hostile:
        def fail(self, *_):
            raise RuntimeError("planted")
        __str__ = __repr__ = __len__ = __hash__ = __iter__ = __eq__ = fail
    class Endless:
        def __str__(self):
            return str(self)
        __repr__ = __str__
    changing = ["before"]
    values = [math.nan, math.inf, 2**70, -2**70, "x" * 10_000_000, Hostile(), Endless(), changing, b"\\xff\\xfe", None,
              {"a": Hostile()}, [Hostile()], [1, "mixed"], "\\ud800"]
    tracer = trace.get_tracer("hostile")
    kept = []
    for number, value in enumerate(values):
        try:
            with tracer.start_as_current_span(f"span {number}") as span:
                span.set_attribute("good", number)
                span.set_attribute("value", value)
            kept.append("ok")
        except Exception as error:
            kept.append(type(error).__name__)
    changing.append("after")
    print(json.dumps(kept))
    """)


@pytest.mark.fault
def test_47_any_attribute_value(sink: BookedSink, tmp_path: Path, seen) -> None:
    """The caller sees what the SDK alone gives, every span arrives with what is good of it, and none is large."""
    script = tmp_path / "hostile.py"
    script.write_text(HOSTILE)
    told = {}
    for road in ("alone", "observed"):
        done = subprocess.run(
            [WRAPPER, sys.executable, str(script), road],
            env=sink.environment(OTELMON_DISABLED="true" if road == "alone" else "false"),
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr[-2000:]
        told[road] = json.loads(done.stdout)
    raised = len(told["alone"]) - told["alone"].count("ok")
    seen(f"{len(sink.spans())} of {len(told['alone'])} spans arrived; the SDK alone raises for {raised} values")
    assert told["observed"] == told["alone"]
    assert len(sink.spans()) == len(told["observed"]) == sink.started()
    assert {next(a.value.int_value for a in span.attributes if a.key == "good") for span in sink.spans()} == set(
        range(len(told["observed"]))
    )
    assert max(span.ByteSize() for span in sink.spans()) < 10_000


INCOMING = dedent("""\
    import json, sys
    from opentelemetry import propagate, trace
    import psycopg2
    for headers in json.loads(sys.argv[2]):
        context = propagate.extract(headers)
        with trace.get_tracer("incoming").start_as_current_span("request", context=context):
            with psycopg2.connect(sys.argv[1]) as connection, connection.cursor() as cursor:
                cursor.execute("SELECT current_query()")
                print(cursor.fetchone()[0])
    """)
VALID = f"00-{'1' * 32}-{'2' * 16}-01"
HEADERS: list[dict[str, str]] = [
    {"traceparent": "planted"},
    {"traceparent": "00-" + "0" * 32 + "-" + "0" * 16 + "-01"},
    {"traceparent": VALID + "x" * 8192},
    {"traceparent": VALID + "\nplanted"},
    {"traceparent": VALID, "tracestate": ",".join(f"k{n}=planted" for n in range(1000))},
    {"baggage": "secret=planted-4711"},
    {"baggage": "x=" + "planted" * 1200},
    {"baggage": ",".join(f"k{n}=planted" for n in range(1000))},
    {"baggage": "k=planted\r\nx: y"},
]


@pytest.mark.fault
def test_48_any_incoming_header(sink: BookedSink, tmp_path: Path, postgres_dsn: str, seen) -> None:
    """Each request is served and its spans arrive; nothing of a header is in a statement, a label, a span or a log."""
    script = tmp_path / "incoming.py"
    script.write_text(INCOMING)
    done = subprocess.run(
        [WRAPPER, sys.executable, str(script), postgres_dsn, json.dumps(HEADERS)],
        env=sink.environment(), capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    requests = [span for span in sink.spans() if span.name == "request"]
    seen(f"{len(requests)} of {len(HEADERS)} requests arrived")
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines() == ["SELECT current_query()"] * len(HEADERS)
    assert len(requests) == len(HEADERS)
    leaked = [path for path, body in sink.raw if b"planted" in body]
    assert (leaked, "planted" in done.stderr) == ([], False)
