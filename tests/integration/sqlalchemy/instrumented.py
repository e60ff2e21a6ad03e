"""Runs one statement below OpenTelemetry's own instrumentations, and prints who made which span.

Run with SQLAlchemy 2.0 and the instrumentations on its path: ``instrumented.py DRIVER DSN``.
"""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Any

import asyncpg
from opentelemetry.instrumentation.asyncpg import AsyncPGInstrumentor
from opentelemetry.instrumentation.sqlalchemy import SQLAlchemyInstrumentor
from sqlalchemy import text

from tests.integration.observing import observing
from tests.integration.sqlalchemy.conftest import HOOKS
from tests.integration.sqlalchemy.drivers import on_engine

if TYPE_CHECKING:
    from sqlalchemy import Engine

STATEMENT = "SELECT 'secret-value' AS instrumented"


def work(engine: Engine) -> None:
    """Executes the statement, having its engine traced."""
    SQLAlchemyInstrumentor().instrument(engine=engine, tracer_provider=provider)
    with engine.connect() as connection:
        connection.execute(text(STATEMENT))


async def directly(dsn: str) -> None:
    """Executes the statement with asyncpg itself, in every way that its instrumentation traces."""
    connection = await asyncpg.connect(dsn)
    await connection.fetch(STATEMENT)
    statement = await connection.prepare(STATEMENT)
    await statement.fetch()
    await connection.close()


driver, dsn = sys.argv[1:]
with observing(HOOKS) as observation:
    provider: Any = observation.tracers
    if driver == "asyncpg alone":
        AsyncPGInstrumentor(capture_parameters=True).instrument(tracer_provider=provider)
        asyncio.run(directly(dsn))
    else:
        on_engine(driver, dsn, work)
    spans = [
        (span.instrumentation_scope.name, span.name)
        for span in observation.spans()
        if "instrumented" in str(dict(span.attributes))
    ]
    print(json.dumps({"spans": spans, "counted": observation.count(db_operation_name="SELECT")}))
