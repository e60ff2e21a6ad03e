"""What an error of the server or of the network means for what can be seen: a word of a closed set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
from psycopg import errors

if TYPE_CHECKING:
    from collections.abc import Mapping

OK = "ok"
WAITING = "not read yet"
UNREACHABLE = "unreachable"
TIMEOUT = "timeout"
LOCKED = "locked"
DENIED = "denied"
MISSING = "missing"
OUTDATED = "outdated"
NOT_PRELOADED = "not preloaded"
TOO_MANY = "too many connections"
REFUSED = "login refused"
STARTING = "starting or stopping"
FAILED = "failed"

# What an administrator mends: tried again with the facts of the server, however seldom the view is read otherwise.
MENDED_BY_OTHERS = (UNREACHABLE, DENIED, MISSING, OUTDATED, NOT_PRELOADED)

_BY_ERROR: Mapping[type[psycopg.Error], str] = {
    errors.InsufficientPrivilege: DENIED,
    errors.QueryCanceled: TIMEOUT,
    errors.LockNotAvailable: LOCKED,
    errors.UndefinedTable: MISSING,
    errors.InvalidSchemaName: MISSING,
    errors.UndefinedColumn: OUTDATED,
    errors.UndefinedFunction: OUTDATED,
    errors.TooManyConnections: TOO_MANY,
    errors.InvalidAuthorizationSpecification: REFUSED,
    errors.InvalidPassword: REFUSED,
    errors.InvalidCatalogName: MISSING,
    errors.CannotConnectNow: STARTING,
    errors.AdminShutdown: STARTING,
    errors.CrashShutdown: STARTING,
}
# Of a refused login psycopg tells the text alone; these words are the server's, in English or of libpq.
_BY_WORD = (
    ("too many clients", TOO_MANY),
    ("too many connections", TOO_MANY),
    ("remaining connection slots", TOO_MANY),
    ("starting up", STARTING),
    ("shutting down", STARTING),
    ("in recovery mode", STARTING),
    ("authentication failed", REFUSED),
    ("no password supplied", REFUSED),
    ("no pg_hba.conf entry", REFUSED),
    ("is not permitted to log in", REFUSED),
    ("timeout", TIMEOUT),
)


def of_view(error: psycopg.Error, statements: str) -> str:
    """Returns why a view cannot be read.

    Args:
        error: what reading it raised.
        statements: the state of pg_stat_statements, which says more than the error where that is what is missing.
    """
    if isinstance(error, errors.ObjectNotInPrerequisiteState):
        return NOT_PRELOADED if "preload" in str(error) else statements if statements != OK else MISSING
    return next((reason for kind, reason in _BY_ERROR.items() if isinstance(error, kind)), FAILED)


def of_connecting(error: psycopg.Error) -> str:
    """Returns why no connection could be opened."""
    known = next((reason for kind, reason in _BY_ERROR.items() if isinstance(error, kind)), None)
    text = str(error).lower()
    return known or next((reason for word, reason in _BY_WORD if word in text), UNREACHABLE)
