"""GitHub's documented secondary limits, what counts against them, and when one is near."""

from __future__ import annotations

import pytest

from otelmon.records import GitHubCall
from otelmon.registry.github.secondary import Secondary
from otelmon.rules.github_secondary import LIMITS, POINTS_TO_READ, POINTS_TO_WRITE, is_near, is_write


def test_limits_are_those_of_the_documentation() -> None:
    """Held against the page that the rule names, for nothing in an answer would show that a figure is wrong."""
    assert LIMITS == {
        "concurrent": 100,
        "rest_points": 900,
        "graphql_points": 2000,
        "writes_a_minute": 80,
        "writes_an_hour": 500,
        "cpu": 90_000,
        "graphql_cpu": 60_000,
    }
    assert (POINTS_TO_READ, POINTS_TO_WRITE) == (1, 5)


@pytest.mark.parametrize(
    ("method", "is_graphql", "is_mutation", "expected"),
    [
        ("GET", False, False, False),
        ("HEAD", False, False, False),
        ("OPTIONS", False, False, False),
        ("POST", False, False, True),
        ("PATCH", False, False, True),
        ("DELETE", False, False, True),
        ("POST", True, False, False),
        ("POST", True, True, True),
        ("GET", True, True, True),
    ],
)
def test_what_writes(method: str, is_graphql: bool, is_mutation: bool, expected: bool) -> None:
    """Of REST requests all that do not read write; of GraphQL calls those that are known to."""
    assert is_write(method, is_graphql=is_graphql, is_mutation=is_mutation) is expected


@pytest.mark.parametrize(
    ("ratio", "pace", "expected"),
    [
        (0.8, 0.0, True),
        (0.799, 0.999, False),
        (0.4, 1.0, True),
        (0.4, 1.5, True),
        (0.399, 9.0, False),
        (0.4, 0.999, False),
        (0.0, 0.0, False),
    ],
)
def test_near(ratio: float, pace: float, expected: bool) -> None:
    """A limit is near from four fifths on, or from two fifths on at a pace that breaks it within a minute."""
    assert is_near(ratio, pace) is expected


@pytest.mark.parametrize(("before", "is_told_again"), [(600, True), (599, False)])
def test_far_again_at_one_half(before: int, is_told_again: bool) -> None:
    """A limit that was near is told of anew once it had fallen to one half, not before."""
    secondary = Secondary(lambda: None)
    assert _near_after(secondary, second=0, calls=before) == []
    assert _near_after(secondary, second=30, calls=1600 - before) == [1600 - before]
    secondary.snapshot(61.0)
    again = _near_after(secondary, second=61, calls=700)
    assert again == [600] * is_told_again


def _near_after(secondary: Secondary, second: int, calls: int) -> list[int]:
    """Returns after how many of some GraphQL calls, one after the other, a limit was told to be near."""
    call = GitHubCall("o", "/graphql", "POST")
    told = []
    for number in range(1, calls + 1):
        if secondary.sent(call, second):
            told.append(number)
        secondary.ended(call, second, answered=False)
    return told
