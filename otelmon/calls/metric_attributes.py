"""Which attributes the duration of a call is counted under."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.calls.connection_facts import ConnectionFacts
    from otelmon.calls.statement_facts import StatementFacts
    from otelmon.registry.histograms import Cell, Histogram

# Of one connection; beyond it they are looked up in the table of all.
MOST_CELLS = 256


def cell_of(durations: Histogram, connection: ConnectionFacts, statement: StatementFacts, error_type: str) -> Cell:
    """Returns where the duration of a call belongs, and lets the connection remember it for calls that succeed.

    Args:
        durations: ``db.client.operation.duration``.
        connection: where the call went.
        statement: what it did.
        error_type: SQLSTATE or exception class, empty where the call succeeded.
    """
    key = (
        connection.system,
        connection.namespace,
        connection.server_address,
        connection.server_port,
        *statement.key,
        error_type,
    )
    cell = durations.cell(key, lambda: _attributes(connection, statement, error_type))
    if not error_type:
        if len(connection.cells) >= MOST_CELLS:
            connection.cells.clear()
        connection.cells[statement.key] = cell
    return cell


def _attributes(connection: ConnectionFacts, statement: StatementFacts, error_type: str) -> dict[str, str | int | bool]:
    attributes: dict[str, str | int | bool] = {**connection.attributes, "db.operation.name": statement.operation}
    if statement.collection:
        attributes["db.collection.name"] = statement.collection
    if error_type:
        attributes["error.type"] = error_type
    return attributes
