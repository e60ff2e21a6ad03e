"""What is read from a view and which metrics come of it: declared as data, turned into one query."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Fold = Literal["", "count", "sum", "max"]
MOST_ROWS = 50
_WORD = re.compile(r"[a-z_][a-z0-9_]*")
_STRING = re.compile(r"'[^']*'")


@dataclass(frozen=True, slots=True)
class Measure:
    """Says which metric an expression over the columns of a view gives, and its constant attributes.

    With ``fold`` the rows give one point: their number, sum or maximum, 0 where there are none.
    """

    metric: str
    value: str
    attributes: tuple[tuple[str, str], ...] = ()
    fold: Fold = ""


@dataclass(frozen=True, slots=True)
class Look:
    """Says what is read from one view, how often (seconds at the usual interval), and what is made of it.

    ``labels`` are attribute and expression; ``grouped`` makes one row of all that have the same labels; ``watched`` are
    columns that events need; ``reset_at`` is the column that says since when counters count; ``shrinks`` is for sums
    over entries that can be evicted, which get smaller without having begun anew.
    """

    view: str
    every: float
    measures: tuple[Measure, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    where: str = ""
    order: str = ""
    limit: int = MOST_ROWS
    grouped: bool = False
    watched: tuple[str, ...] = ()
    reset_at: str = ""
    shrinks: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Holds the query for a look at a database as it is, and which columns that it would need are not there."""

    look: Look
    text: str
    measures: tuple[tuple[str, Measure], ...]
    missing: tuple[str, ...] = ()


def plan(look: Look, described: frozenset[str], there: frozenset[str]) -> Plan | None:
    """Returns what can be read of a look, or None where labels or conditions need a column that is not there.

    Args:
        look: what is wanted.
        described: the columns of the view as this otelmon knows it.
        there: the columns that the view in the database has.
    """
    absent = described - there
    frame = (look.where, look.order, *(expression for _, expression in look.labels))
    if any(needs(text) & absent for text in frame):
        return None
    kept = tuple((f"m{n}", each) for n, each in enumerate(look.measures) if not needs(each.value) & absent)
    columns = [f"{expression} AS l{n}" for n, (_, expression) in enumerate(look.labels)]
    columns += [f"{measure.value} AS {alias}" for alias, measure in kept]
    columns += [column for column in look.watched if column not in absent]
    columns += [f"{look.reset_at} AS since"] if look.reset_at and look.reset_at not in absent else []
    wanted = set().union(*(needs(each.value) for each in look.measures), look.watched, {look.reset_at})
    if not columns:
        return None
    return Plan(look, _select(look, columns), kept, tuple(sorted(wanted & absent)))


def needs(expression: str) -> frozenset[str]:
    """Returns the words of an expression that can be columns; text in quotes is none."""
    return frozenset(_WORD.findall(_STRING.sub("", expression)))


def _select(look: Look, columns: list[str]) -> str:
    """Returns the statement; everything in it is a constant of the catalogue."""
    parts = [f"SELECT {', '.join(columns)} FROM otelmon.{look.view}"]  # noqa: S608 - as the docstring says
    parts += [f"WHERE {look.where}"] if look.where else []
    if look.grouped:
        parts.append(f"GROUP BY {', '.join(str(n + 1) for n in range(len(look.labels)))}")
    parts += [f"ORDER BY {look.order}"] if look.order else []
    return " ".join([*parts, f"LIMIT {look.limit}"])


def labels_of(look: Look, row: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    """Returns the attributes of a row; an unknown one is left out."""
    named = ((attribute, row[f"l{n}"]) for n, (attribute, _) in enumerate(look.labels))
    return tuple((attribute, str(value)) for attribute, value in named if value is not None)
