"""Which spans are remembered as promoted, and for how long."""

from __future__ import annotations

from otelmon.registry.promoted import PromotedSpans


def test_memory_is_bounded() -> None:
    """The newest are known, the oldest are gone, and never more than twice the limit are kept."""
    spans = PromotedSpans(limit=10)
    for number in range(1000):
        spans.add(number)
    assert all(number in spans for number in range(990, 1000))
    assert sum(number in spans for number in range(1000)) <= 20


def test_a_forked_child_remembers_nothing() -> None:
    """After clearing no span is known."""
    spans = PromotedSpans()
    spans.add(1)
    spans.clear()
    assert 1 not in spans
