"""The outage drill, short: what it promises holds, and its count notices a loss."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from benchmarks.pipeline.outage_drill import SHAPE, Outcome, drill, table
from demo.parts.steps import Steps

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parts


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """Runs the drill for ten seconds with one back end away and two kills in between."""
    folder: Path = tmp_path_factory.mktemp("outage")
    return drill(1 / 6, folder, Steps(Console(stderr=True)))


def test_slow_spans_survive_and_the_loss_of_others_is_bounded(found: Outcome) -> None:
    """No more than one batch in flight of slow spans is lost for each kill, of others what was undecided."""
    assert len(found.sent.slow) > 3
    assert found.holds, "\n".join(table(found))


def test_the_sender_gave_nothing_up(found: Outcome) -> None:
    """Everything was taken in the end, and the back end that was away got more than what came after its return."""
    assert found.sent.unanswered == 0
    assert found.in_outage > 5 * SHAPE.spans
    assert len(found.sent.ordinary) - found.returned[0] > found.sent.spans - found.in_outage


@pytest.mark.parametrize("change", [{"steady_slow": (99, 0)}, {"returned": (99_999, 0)}])
def test_a_loss_beyond_its_bound_is_a_failure(found: Outcome, change: dict[str, tuple[int, int]]) -> None:
    """The verdict follows the counts."""
    assert not replace(found, **change).holds
