"""``OTELMON_DISABLED=true`` leaves the process as if otelmon were not installed."""

from __future__ import annotations

import json
from textwrap import dedent

import pytest

PROBE = dedent("""\
    import functools, json, os, socket, sys, threading
    import psycopg2.pool, urllib3.connection
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    functions = {
        "lru_cache": functools.lru_cache, "cache": functools.cache,
        "getresponse": urllib3.connection.HTTPConnection.getresponse,
        "request": urllib3.connection.HTTPConnection.request,
        "getconn": psycopg2.pool.SimpleConnectionPool.getconn,
        "threaded_getconn": psycopg2.pool.ThreadedConnectionPool.getconn,
        "putconn": psycopg2.pool.ThreadedConnectionPool.putconn,
        "pool_init": psycopg2.pool.SimpleConnectionPool.__init__,
        "batch": BatchSpanProcessor.on_end, "simple": SimpleSpanProcessor.on_end,
    }
    print(json.dumps({
        "patched": sorted(n for n, f in functions.items() if f.__globals__["__name__"].startswith("otelmon")),
        "threads": sorted(t.name for t in threading.enumerate()),
        "sockets": [f.name for f in os.scandir("/proc/self/fd") if os.path.realpath(f.path).startswith("socket")],
        "otelmon": sorted(m for m in sys.modules if m.startswith("otelmon.hooks")),
    }))
    """)


@pytest.mark.parametrize("variable", ["OTELMON_DISABLED", "OTEL_SDK_DISABLED"])
def test_disabled_patches_nothing_and_starts_nothing(run, tmp_path, variable: str) -> None:
    """No function of any library is ours, no thread and no socket exists, no hook was imported."""
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    done = run(str(script), **{variable: "true"})
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout) == {"patched": [], "threads": ["MainThread"], "sockets": [], "otelmon": []}


def test_enabled_patches_what_the_disabled_test_looks_for(run, tmp_path) -> None:
    """The probe sees the hooks where otelmon is on, so its silence means something."""
    script = tmp_path / "probe.py"
    script.write_text(PROBE)
    seen = json.loads(run(str(script)).stdout)
    assert {"getresponse", "getconn", "batch", "simple"} <= set(seen["patched"])
    assert "otelmon-watch" in seen["threads"]


UNDO = dedent("""\
    import functools, json
    import psycopg2.pool, urllib3.connection
    from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor

    def now():
        return {
            "functools": (functools.lru_cache, functools.cache),
            "urllib3": (urllib3.connection.HTTPConnection.getresponse, urllib3.connection.HTTPConnection.request),
            "pool": [vars(c).get(n) for c in (psycopg2.pool.AbstractConnectionPool, psycopg2.pool.SimpleConnectionPool,
                     psycopg2.pool.ThreadedConnectionPool) for n in ("__init__", "getconn", "putconn", "closeall")],
            "sdk": [vars(c)[n] for c in (BatchSpanProcessor, SimpleSpanProcessor) for n in ("on_end", "shutdown")],
        }

    before = now()
    import otelmon
    otelmon.uninstrument()
    for _ in range(100):
        otelmon.instrument()
        assert now() != before
        otelmon.uninstrument()
    import threading
    print(json.dumps({
        "restored": all(x is y for name in before for x, y in zip(before[name], now()[name])),
        "watch": [t.name for t in threading.enumerate() if t.name == "otelmon-watch"],
    }))
    """)


def test_uninstrument_restores_the_very_same_objects(run, tmp_path) -> None:
    """After a hundred rounds every library has its own functions back, and one thread fewer."""
    script = tmp_path / "undo.py"
    script.write_text(UNDO)
    done = run(str(script), wrapper=False)
    assert done.code == 0, done.stderr
    assert json.loads(done.stdout) == {"restored": True, "watch": []}
