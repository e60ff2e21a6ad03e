"""The parsers that could give fingerprints, each as a function of the text; None for what one cannot read."""

from __future__ import annotations

import importlib.metadata
import logging
import time
from typing import TYPE_CHECKING

import pglast
import sqlglot
from sqlglot import expressions

from otelmon.rules.sql_redaction import redact_sql
from otelmon.rules.sql_summary import query_summary
from tests.sql.fingerprints.agreement import fingerprint

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROUNDS = 3
VALUES = (expressions.Literal, expressions.Parameter, expressions.Boolean, expressions.Null)
logging.getLogger("sqlglot").setLevel(logging.CRITICAL)


def numbered(text: str) -> str:
    """Returns a statement with a placeholder of PostgreSQL for each of psycopg, which pglast does not read."""
    return text.replace("%s", "$1").replace("%%", "%")


def by_pglast(text: str) -> str | None:
    """Returns the fingerprint of libpg_query, PostgreSQL's own parser without its catalogs."""
    try:
        return str(pglast.parser.fingerprint(numbered(text)))
    except pglast.parser.ParseError:
        return None


def by_sqlglot(text: str) -> str | None:
    """Returns the statement as sqlglot writes it, with a placeholder for each literal."""
    try:
        tree = sqlglot.parse_one(text, read="postgres")
    except sqlglot.errors.SqlglotError:
        return None
    plain = tree.transform(lambda node: expressions.Placeholder() if isinstance(node, VALUES) else node)
    return plain.sql(dialect="postgres", normalize=True, comments=False)


def by_otelmon(text: str) -> str:
    """Does all that otelmon does for a text: redaction, summary, fingerprint."""
    redact_sql(text)
    query_summary(text)
    return fingerprint(text)


def version(package: str) -> str:
    """Returns the version of an installed package."""
    return importlib.metadata.version(package)


TOOLS: dict[str, Callable[[str], str | None]] = {
    "otelmon (redaction, summary and fingerprint)": by_otelmon,
    f"pglast {version('pglast')} (fingerprint)": by_pglast,
    f"sqlglot {version('sqlglot')} (tree, literals out, text)": by_sqlglot,
}


def microseconds(tool: Callable[[str], str | None], texts: Sequence[str]) -> float:
    """Returns the time per statement in the fastest of some rounds; each has more texts than any cache."""
    best = min(_seconds(tool, texts) for _ in range(ROUNDS))
    return best / len(texts) * 1e6


def _seconds(tool: Callable[[str], str | None], texts: Sequence[str]) -> float:
    began = time.perf_counter()
    for text in texts:
        tool(text)
    return time.perf_counter() - began
