"""What each profile makes of the fixtures is what golden/ says, to the last attribute."""

from __future__ import annotations

import difflib
import json
import time
from typing import TYPE_CHECKING

import pytest

from tests.collector.replay import BACK_ENDS, HOME, MARK, Replay, golden

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.parts
SECONDS_TO_ARRIVE = 30.0


@pytest.mark.parametrize("profile", BACK_ENDS)
def test_a_profile_makes_of_the_fixtures_what_golden_says(profile: str, tmp_path: Path) -> None:
    """Every back end of the profile gets exactly the golden output of every signal."""
    wanted = golden(profile)
    assert wanted
    with Replay(profile, tmp_path) as replay:
        end = time.monotonic() + SECONDS_TO_ARRIVE
        while (got := replay.outputs()) != wanted and time.monotonic() < end:
            time.sleep(0.1)
    assert sorted(got) == sorted(wanted)
    for name, text in wanted.items():
        found = difference(text, got[name])
        assert not found, "\n".join([name, *found])


def difference(wanted: str, got: str) -> list[str]:
    """Returns the lines that differ."""
    found = difflib.unified_diff(wanted.splitlines(), got.splitlines(), "golden", "got", lineterm="", n=6)
    return list(found)


def test_golden_output_holds_nothing_planted() -> None:
    """Every secret of the fixtures says that it is planted; what comes out holds none, and says what made it."""
    sent = [path.read_text(encoding="utf-8") for path in HOME.glob("sent.*.json")]
    assert len(sent) == 3
    assert all("planted" in text for text in sent)
    for profile in BACK_ENDS:
        for name, text in golden(profile).items():
            assert "planted" not in text, name
            assert json.loads(text)["generated"] == MARK, name
