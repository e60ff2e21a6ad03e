"""Reads what psycopg has no public name for, here only; tests/contract holds it against the release.

What a cursor sent last it keeps as ``_query``, which its documentation names for debugging; of a prepared statement it
keeps nothing.
"""

from __future__ import annotations

from typing import Any

from otelmon.registry.sent_statement import SentStatement


def sent_by(cursor: Any) -> SentStatement:  # noqa: ANN401 - any cursor class
    """Returns what a cursor sent last, without a text where it was the name of a prepared statement."""
    query = cursor._query  # noqa: SLF001 - see the module's docstring
    if query is None:
        return SentStatement(b"", is_prepared=True)
    if not query.types:
        # Without parameters, or with those that a client-side cursor has written into the text.
        return SentStatement(bytes(query.query))
    return SentStatement(
        bytes(query.query),
        tuple(None if each is None else bytes(each) for each in query.params),
        tuple(query.types),
        tuple(int(each) for each in query.formats),
    )
