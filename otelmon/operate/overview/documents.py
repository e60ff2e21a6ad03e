"""Takes parts out of parsed JSON whose shape somebody else decides: what is not as expected is absent."""

from __future__ import annotations

import math
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def mapping(document: object) -> Mapping[str, object]:
    """Returns an object of JSON, empty where it is none."""
    return document if isinstance(document, dict) else {}


def items(document: object) -> Iterator[Mapping[str, object]]:
    """Yields the objects of a list of JSON."""
    if isinstance(document, list):
        yield from (each for each in document if isinstance(each, dict))


def texts(document: object) -> dict[str, str]:
    """Returns the texts of an object of JSON by name."""
    return {name: value for name, value in mapping(document).items() if isinstance(value, str)}


def number(value: object) -> float | None:
    """Returns a number, also where it is written as text; None for NaN, infinity and everything else."""
    try:
        read = float(value)  # type: ignore[arg-type]  # what it does not take it refuses
    except (TypeError, ValueError):
        return None
    return read if math.isfinite(read) else None


def unix_seconds(value: object) -> float | None:
    """Returns a time of RFC 3339 as unix seconds, or None."""
    if not isinstance(value, str):
        return None
    # Python 3.10 reads three or six digits behind the point and no Z.
    head, point, tail = value.replace("Z", "+00:00").partition(".")
    if point:
        zone = next((i for i, sign in enumerate(tail) if sign in "+-"), len(tail))
        head = f"{head}.{tail[:zone][:6]:0<6}{tail[zone:]}"
    try:
        return datetime.fromisoformat(head).timestamp()
    except ValueError:
        return None
