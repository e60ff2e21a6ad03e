"""Curves have gaps where nothing is known and start at zero."""

from __future__ import annotations

import math

from otelmon.operate.page.sparkline import HEIGHT, MARGIN, sparkline


def test_gaps_stay_gaps() -> None:
    """Two runs are two paths; a point alone is a dot."""
    line = sparkline([1.0, 2.0, None, 4.0, math.nan, 1.0, 0.0], "words")
    assert line is not None
    assert line.path.count("M") == 2
    assert len(line.dots) == 1


def test_zero_is_at_the_bottom() -> None:
    """A curve of small changes far from zero looks flat, as it is."""
    line = sparkline([100.0, 99.0], "words")
    assert line is not None
    assert all(float(each.split()[1]) <= MARGIN + 1 for each in line.path[1:].split(" L"))
    flat = sparkline([0.0, 0.0], "words")
    assert flat is not None
    assert flat.path.endswith(f"{HEIGHT - MARGIN:g}")


def test_nothing_known_is_no_curve() -> None:
    """No flat line is invented."""
    assert sparkline([None, math.inf], "words") is None
