"""An application under otelmon that does a little of everything, and tells what the functions named to it ran behind.

argv: a file of JSON with their files and names; the address of PostgreSQL; that of an HTTP server.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import sys
import time
from pathlib import Path

from tests.fault.rig.stands_behind import watching

KEPT: object = None


def main() -> None:
    """Does it, and writes what was seen to the standard output; a forked child does so as well."""
    names, dsn, url = Path(sys.argv[1]), *sys.argv[2:]
    with watching([tuple(each) for each in json.loads(names.read_text())]) as seen:
        from opentelemetry.instrumentation.auto_instrumentation import initialize

        initialize()
        # Its entry points write the books.
        atexit.unregister(sys.modules["ledger_witness"]._write_of_active)
        from opentelemetry import trace

        with trace.get_tracer("server").start_as_current_span("request"):
            databases(dsn)
            http(url)
        caches()
        serves()
        child = os.fork()
        if child:
            os.waitpid(child, 0)
        # Each reader of figures has had its turn by then.
        time.sleep(1)
        trace.get_tracer_provider().force_flush()  # type: ignore[attr-defined] # the SDK's
    told = [[*key, way] for key, ways in seen.items() for way in ways]
    os.write(1, (json.dumps(told) + "\n").encode())
    if not child:
        os._exit(0)


def databases(dsn: str) -> None:
    """Asks through a pool, wrongly, and in a transaction of two phases."""
    import psycopg
    import psycopg2.pool

    pool = psycopg2.pool.ThreadedConnectionPool(1, 2, dsn)
    connection = pool.getconn()
    connection.cursor().execute("SELECT pg_sleep(1.5)")
    with contextlib.suppress(psycopg2.Error):
        connection.cursor().execute("SELECT nothing")
    pool.putconn(connection)
    with psycopg.connect(dsn, autocommit=True) as other, contextlib.suppress(psycopg.Error):
        other.tpc_begin(other.xid(1, "one", "two"))
        other.tpc_prepare()
        other.tpc_rollback()


def http(url: str) -> None:
    """Asks with requests, writing something on the span meanwhile, and with aiohttp."""
    import asyncio

    import aiohttp
    import requests
    from opentelemetry import trace

    with requests.Session() as session:
        session.get(url, hooks={"response": lambda *_, **__: trace.get_current_span().set_attribute("a", 1)})

    async def ask() -> None:
        async with aiohttp.ClientSession() as client, client.get(url) as answer:
            await answer.read()

    asyncio.run(ask())


def caches() -> None:
    """Reads a cache of each kind."""
    global KEPT  # noqa: PLW0603 - a cache that nobody holds is forgotten
    import functools

    import django.conf
    import django.core.cache
    import flask
    import flask_caching
    import requests_cache

    import otelmon

    KEPT = functools.lru_cache(abs)
    otelmon.register_cache("kept", KEPT)
    KEPT(1)
    django.conf.settings.configure()
    django.core.cache.cache.get("a")
    flask_caching.Cache(flask.Flask("small"), config={"CACHE_TYPE": "SimpleCache"}).get("a")
    requests_cache.CachedSession(backend="memory").close()


def serves() -> None:
    """Answers a request."""
    import flask

    flask.Flask("serving").test_client().get("/")


if __name__ == "__main__":
    main()
