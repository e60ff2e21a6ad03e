"""What events say of the database, of pools, and of GitHub's budgets; scalars only."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.registry import HookRegistry

Scalar = "str | int | float | bool"
MOST = 5
FINGERPRINT = "otelmon.db.query.fingerprint"
_TAGS = {
    "db.response.status_code": "db.sqlstate",
    "db.operation.name": "db.operation",
    "db.collection.name": "db.collection",
    FINGERPRINT: "otelmon.fingerprint",
}


class DatabaseFacts(NamedTuple):
    """Holds what goes into the context, what can be searched by, and what makes events one issue."""

    context: dict[str, str | int | float | bool]
    tags: dict[str, str]
    issue: tuple[str, str, str]


def database_facts(attributes: Mapping[str, str | int | float | bool]) -> DatabaseFacts:
    """Returns the facts of a call by its event's attributes.

    The parts of an issue are the same in every process and after every restart: database, SQLSTATE or class of the
    error (empty for a slow call), and the statement without its values.
    """
    statement = attributes.get(FINGERPRINT) or attributes.get("db.query.summary") or attributes.get("db.operation.name")
    return DatabaseFacts(
        dict(attributes),
        {tag: str(attributes[key]) for key, tag in _TAGS.items() if key in attributes},
        (str(attributes.get("db.namespace", "")), str(attributes.get("error.type", "")), str(statement or "")),
    )


def pool_context(registry: HookRegistry) -> dict[str, int]:
    """Returns the figures of the pools as they were last read; what is not known is absent."""
    known = {}
    for name, state in list(registry.last_pools().items())[:MOST]:
        figures = {"idle": state.idle, "used": state.used, "max": state.max, "pending": state.pending}
        known.update({f"{name} {figure}": value for figure, value in figures.items() if value is not None})
    return known


def budget_context(registry: HookRegistry) -> dict[str, int | float]:
    """Returns the figures of the tightest GitHub budgets; owners are named by their hash."""
    known: dict[str, int | float] = {}
    for budget in registry.github.budgets()[:MOST]:
        name = f"{budget.resource or 'unknown'} of {budget.owner}"
        figures = {"limit": budget.limit, "remaining": budget.remaining, "resets in": budget.reset_in}
        known.update({f"{name} {figure}": value for figure, value in figures.items() if value is not None})
    return known
