"""Writes figures the way people read them: few digits, the unit beside them, unknown where nothing is known."""

from __future__ import annotations

import math
import re
from datetime import datetime, timezone

UNKNOWN = "unknown"
LONGEST_TEXT = 160
MINUTE, HOUR, DAY = 60, 3600, 86_400
# Control characters of any kind, and those that turn the direction of the text around them.
UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
BYTE_UNITS = ("B", "KiB", "MiB", "GiB", "TiB")
BYTE_STEP = 1024


def shown(text: object, most: int = LONGEST_TEXT) -> str:
    """Returns foreign text fit to be shown: cut to a length, on one line, without what acts on a terminal or a line."""
    cut = str(text)[: most + 1]
    plain = UNSEEN.sub("\N{REPLACEMENT CHARACTER}", cut)
    return plain if len(plain) <= most else plain[: most - 1] + "…"


def known(value: float | None) -> float | None:
    """Returns a finite number, or None for everything else."""
    return None if value is None or not math.isfinite(value) else value


def count(value: float | None) -> str:
    """Returns a number of things with separated thousands; a fraction shows at most two digits."""
    number = known(value)
    if number is None:
        return UNKNOWN
    return f"{number:,.0f}" if number == round(number) or abs(number) >= 100 else f"{number:,.2f}"  # noqa: PLR2004


def share(value: float | None) -> str:
    """Returns a ratio in percent; what is nearly all or nearly nothing never looks like all or nothing."""
    number = known(value)
    if number is None:
        return UNKNOWN
    percent = number * 100
    if 99.95 <= percent < 100:  # noqa: PLR2004 - would be written 100.0
        return "> 99.9 %"
    if 0 < percent < 0.05:  # noqa: PLR2004 - would be written 0.0
        return "< 0.1 %"
    return f"{percent:.0f} %" if percent == round(percent) else f"{percent:.1f} %"


def duration(seconds: float | None) -> str:
    """Returns a length of time with about three digits."""
    number = known(seconds)
    if number is None:
        return UNKNOWN
    if number < 0:
        return "-" + duration(-number)
    if number < 1:
        milliseconds = number * 1000
        return f"{milliseconds:.0f} ms" if milliseconds >= 10 or milliseconds == 0 else f"{milliseconds:.1f} ms"  # noqa: PLR2004
    if number < MINUTE:
        return f"{number:.2f} s" if number < 10 else f"{number:.1f} s"  # noqa: PLR2004
    return spoken(number)


def spoken(seconds: float) -> str:
    """Returns a minute or more in its two largest units."""
    whole = round(seconds)
    for size, name, below, small in ((DAY, "d", HOUR, "h"), (HOUR, "h", MINUTE, "min"), (MINUTE, "min", 1, "s")):
        if whole >= size:
            rest = whole % size // below
            return f"{whole // size} {name} {rest} {small}" if rest else f"{whole // size} {name}"
    return f"{whole} s"


def age(seconds: float | None) -> str:
    """Returns how old something is, in whole seconds or larger units."""
    number = known(seconds)
    return UNKNOWN if number is None else spoken(max(number, 0.0))


def size(value: float | None) -> str:
    """Returns an amount of bytes."""
    number = known(value)
    if number is None:
        return UNKNOWN
    unit = BYTE_UNITS[0]
    for unit in BYTE_UNITS:
        if abs(number) < BYTE_STEP or unit == BYTE_UNITS[-1]:
            break
        number /= BYTE_STEP
    return f"{number:.0f} {unit}" if unit == "B" or number >= 10 else f"{number:.1f} {unit}"  # noqa: PLR2004


def clock(unix: float | None) -> str:
    """Returns a moment as the time of day in UTC."""
    number = known(unix)
    return UNKNOWN if number is None else datetime.fromtimestamp(number, timezone.utc).strftime("%H:%M:%S UTC")


def machine_time(unix: float) -> str:
    """Returns a moment for the attribute ``datetime``."""
    return datetime.fromtimestamp(unix, timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
