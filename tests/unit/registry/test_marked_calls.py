"""Slow and failed calls are counted by statement and minute, exactly and in bounds."""

from __future__ import annotations

from otelmon.registry.marked_calls import MINUTE_NS, MOST, OTHER, MarkedCalls


def test_ranks_begin_anew_with_each_minute_and_statement() -> None:
    """The third call of a statement in a minute has rank 3, and the minute's count is told once it is over."""
    marked = MarkedCalls()
    ranks = [marked.rank("a", {"x": 1}, at) for at in (0, 1, 2, MINUTE_NS)]
    assert (ranks, marked.rank("b", {}, 0)) == ([1, 2, 3, 1], 1)
    ended = marked.ended(MINUTE_NS)
    assert [(each.minute, each.fingerprint, each.attributes, each.calls) for each in ended] == [
        (0, "a", {"x": 1}, 3),
        (0, "b", {}, 1),
    ]
    assert marked.ended(MINUTE_NS) == []
    assert [each.calls for each in marked.ended(2 * MINUTE_NS)] == [1]


def test_beyond_the_limit_statements_share_a_count() -> None:
    """No table grows without end, and no call is left uncounted."""
    marked = MarkedCalls()
    for number in range(MOST + 5):
        marked.rank(str(number), {}, 0)
    ended = {each.fingerprint: each.calls for each in marked.ended(MINUTE_NS)}
    assert (len(ended), ended[OTHER], sum(ended.values())) == (MOST + 1, 5, MOST + 5)
