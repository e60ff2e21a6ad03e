"""Bounds the attribute sets of the metrics of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.statement_facts import StatementFacts

Attributes = dict[str, str | int | bool]
# Source: https://opentelemetry.io/docs/specs/otel/metrics/sdk/#overflow-attribute
OVERFLOW = "otel.metric.overflow"


class MetricAttributes:
    """Hands out one attribute set per combination of facts, at most ``limit`` of them, then a shared one."""

    def __init__(self, limit: int, overflowed: Callable[[], object]) -> None:
        self._limit = limit
        self._overflowed = overflowed
        self._known: dict[tuple[str, str | None, str | None, int | None, str, str, str], Attributes] = {}

    def of(self, connection: ConnectionFacts, statement: StatementFacts, error_type: str) -> Attributes:
        """Returns the attributes of ``db.client.operation.duration`` for one call.

        Args:
            connection: where the call went.
            statement: what it did.
            error_type: SQLSTATE or exception class, empty where the call succeeded.
        """
        key = (
            connection.system,
            connection.namespace,
            connection.server_address,
            connection.server_port,
            statement.operation,
            statement.collection,
            error_type,
        )
        known = self._known.get(key)
        if known is not None:
            return known
        if len(self._known) >= self._limit:
            self._overflowed()
            return {"db.system.name": connection.system, OVERFLOW: True}
        return self._known.setdefault(key, _attributes(connection, statement, error_type))


def _attributes(connection: ConnectionFacts, statement: StatementFacts, error_type: str) -> Attributes:
    attributes: Attributes = {**connection.attributes, "db.operation.name": statement.operation}
    if statement.collection:
        attributes["db.collection.name"] = statement.collection
    if error_type:
        attributes["error.type"] = error_type
    return attributes
