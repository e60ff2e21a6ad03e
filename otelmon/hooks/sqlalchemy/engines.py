"""Tells where an engine leads, and whether its driver is observed already."""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

from otelmon.calls.connection_facts import ConnectionFacts

if TYPE_CHECKING:
    from collections.abc import Container

    from sqlalchemy.engine import Dialect, Engine

# Names of SQLAlchemy that the semantic conventions call otherwise. Source:
# https://opentelemetry.io/docs/specs/semconv/registry/attributes/db/#db-system-name
_SYSTEMS = {
    "postgresql": "postgresql",
    "sqlite": "sqlite",
    "mysql": "mysql",
    "mariadb": "mariadb",
    "oracle": "oracle.db",
    "mssql": "microsoft.sql_server",
}
_facts: weakref.WeakKeyDictionary[Engine, ConnectionFacts] = weakref.WeakKeyDictionary()


def is_left_to_driver(dialect: Dialect, observed: Container[str]) -> bool:
    """Tells whether the hook of a dialect's driver makes the spans; ``observed`` are the names of installed hooks."""
    return dialect.driver.removesuffix("_async") in observed


def facts_of(engine: Engine) -> ConnectionFacts:
    """Returns where an engine leads, by its address; never user or password."""
    known = _facts.get(engine)
    if known is None:
        url = engine.url
        system = _SYSTEMS.get(engine.dialect.name, "other_sql")
        known = _facts[engine] = ConnectionFacts(system, url.database, url.host, url.port)
    return known
