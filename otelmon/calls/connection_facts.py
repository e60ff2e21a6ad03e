"""What is known of a connection, written down once and used for each of its calls."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from otelmon.calls.prepared_attributes import PreparedAttributes
from otelmon.rules.backend_pid import is_backend_pid

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.registry.database_sessions import DatabaseSession
    from otelmon.registry.histograms import Cell


@dataclass(frozen=True, slots=True)
class ConnectionFacts:
    """Holds where a connection leads; None and empty mean "unknown", and an unknown attribute is absent.

    ``system`` is a value of ``db.system.name``. A server address may be the folder of a Unix socket; ``backend_pid`` is
    the process at the server's side, or what a pooler says it is.
    """

    system: str
    namespace: str | None = None
    server_address: str | None = None
    server_port: int | None = None
    backend_pid: int | None = None
    # Where diagnostics are switched on: what is remembered of the connection from call to call.
    session: DatabaseSession | None = field(default=None, repr=False, compare=False)
    attributes: dict[str, str | int] = field(init=False, repr=False, compare=False)
    span_attributes: PreparedAttributes = field(init=False, repr=False, compare=False)
    # Where durations of calls that succeeded belong, by the statement's key; bounded by who fills it.
    cells: dict[tuple[str, str], Cell] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Prepares the attributes of metrics and of spans, which nobody changes afterwards."""
        known: dict[str, str | int | None] = {
            "db.system.name": self.system,
            "db.namespace": self.namespace,
            "server.address": self.server_address,
            "server.port": self.server_port,
        }
        attributes = {key: value for key, value in known.items() if value}
        # A pooler's number is no process of the server: it names nothing that anybody could look up.
        pid = self.backend_pid
        more: dict[str, str | int] = {"otelmon.db.backend_pid": pid} if pid and is_backend_pid(pid) else {}
        object.__setattr__(self, "attributes", attributes)
        object.__setattr__(self, "span_attributes", PreparedAttributes(attributes | more))
        object.__setattr__(self, "cells", {})


def connection_facts_of(system: str, known: Mapping[str, str | int | None]) -> ConnectionFacts:
    """Returns the facts given by attribute name; what is of another type than its attribute is left out."""
    namespace, address, port = (known.get(key) for key in ("db.namespace", "server.address", "server.port"))
    return ConnectionFacts(
        system,
        namespace if isinstance(namespace, str) else None,
        address if isinstance(address, str) else None,
        port if isinstance(port, int) else None,
    )
