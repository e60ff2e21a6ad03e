"""Figures are written with few digits and never say more, or less, than is known."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from otelmon.operate.page import figures


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (None, "unknown"),
        (math.nan, "unknown"),
        (math.inf, "unknown"),
        (0.0, "0 ms"),
        (0.0004, "0.4 ms"),
        (0.512, "512 ms"),
        (1.42, "1.42 s"),
        (59.0, "59.0 s"),
        (200.0, "3 min 20 s"),
        (7500.0, "2 h 5 min"),
        (90_000.0, "1 d 1 h"),
        (-3.0, "-3.00 s"),
    ],
)
def test_duration(seconds: float | None, text: str) -> None:
    """About three digits and the unit."""
    assert figures.duration(seconds) == text


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(0.0, "0 %"), (1.0, "100 %"), (0.9999, "> 99.9 %"), (0.00001, "< 0.1 %"), (0.456, "45.6 %"), (None, "unknown")],
)
def test_share(ratio: float | None, text: str) -> None:
    """Nearly all is not all, nearly nothing not nothing."""
    assert figures.share(ratio) == text


@pytest.mark.parametrize(("number", "text"), [(0, "0"), (12_345.0, "12,345"), (2.5, "2.50"), (None, "unknown")])
def test_count(number: float | None, text: str) -> None:
    """Thousands are separated."""
    assert figures.count(number) == text


@pytest.mark.parametrize(
    ("amount", "text"), [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KiB"), (2.5e9, "2.3 GiB"), (1e16, "9095 TiB")]
)
def test_size(amount: float, text: str) -> None:
    """Bytes come in powers of 1024."""
    assert figures.size(amount) == text


@given(st.text())
def test_foreign_text_is_one_short_line(text: str) -> None:
    """Nothing that moves a cursor, ends a line or turns the direction of text gets through."""
    shown = figures.shown(text, 50)
    assert len(shown) <= 50
    assert figures.UNSEEN.search(shown) is None
    assert "\n" not in shown


def test_a_megabyte_is_cut() -> None:
    """Length is bounded before anything else is done."""
    assert figures.shown("x" * 1_000_000) == "x" * 159 + "…"
