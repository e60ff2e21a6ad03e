"""Where the work of the benchmark goes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Addresses:
    """Holds the addresses of PostgreSQL and of two HTTP servers, of which one counts as GitHub."""

    database: str
    plain: str
    github: str
