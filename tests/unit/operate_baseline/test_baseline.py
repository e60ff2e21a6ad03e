"""Proposals keep on held-out weeks what they promise on those that they were made of."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from otelmon.operate.alerts.thresholds import BY_NAME, defaults
from otelmon.operate.baseline import source
from otelmon.operate.baseline.proposal import Wanted, propose, rounded
from otelmon.operate.baseline.rate import WEEK, Rate, upper_bound
from otelmon.operate.baseline.replay import Judgment, alarms
from otelmon.operate.baseline.rules import measured
from otelmon.operate.baseline.series import Curve, Record
from otelmon.operate.cli.main import main
from tests.unit.operate_baseline import worlds

if TYPE_CHECKING:
    from pathlib import Path

WANTED = Wanted("above", 20, 45, 1.0)
PRESSURE = BY_NAME["pool_pressure_warning"]


def flat(*values: float, step: float = 10.0, threshold: str = "pool_pressure_warning") -> Record:
    """Returns a record of one curve."""
    points = tuple((index * step, value) for index, value in enumerate(values))
    return Record(threshold, 0.0, len(values) * step, (Curve((), points),))


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ((0, 9, 9, 0, 0), 0),
        ((0, 9, 9, 9, 0), 1),
        # Thirty seconds of quiet do not end an alarm, a minute does.
        ((9, 9, 9, 0, 0, 0, 9, 9, 9), 1),
        ((9, 9, 9, 0, 0, 0, 0, 0, 0, 9, 9, 9), 2),
        ((), 0),
    ],
)
def test_alarms_are_counted_as_rules_raise_them(values: tuple[float, ...], expected: int) -> None:
    """A breach must last, and be over for long enough, as `for` and `keep_firing_for` say."""
    assert alarms(flat(*values), Judgment(5, "above", 20, 45)) == expected


def test_below_counts_what_is_too_low() -> None:
    """A hit ratio rings when it falls."""
    assert alarms(flat(0.9, 0.5, 0.5, 0.5), Judgment(0.8, "below", 20, 45)) == 1


@pytest.mark.parametrize(("count", "bound"), [(0, 3.0), (1, 4.74), (5, 10.51)])
def test_doubt_is_that_of_a_poisson_process(count: int, bound: float) -> None:
    """No alarm at all leaves three as possible."""
    assert upper_bound(count) == pytest.approx(bound, abs=0.01)


def test_nothing_recorded_has_no_rate() -> None:
    """Unknown is not zero."""
    assert (Rate(0, 0).a_week, Rate(0, 0).highest) == (None, None)


@pytest.mark.parametrize("world", worlds.WORLDS)
def test_rate_holds_on_held_out_weeks(world: str) -> None:
    """What is proposed from one week rings in the next about as often as was said, over several seeds."""
    promised, real = 0.0, 0
    for seed in range(4):
        both = worlds.record(world, seed, 14)
        made = propose(both.between(0, WEEK), PRESSURE, 0.8, WANTED)
        assert made.proposed is not None
        assert made.proposed_rate is not None
        assert made.proposed_rate.a_week is not None
        assert made.proposed_rate.a_week <= WANTED.a_week
        promised += made.proposed_rate.highest or 0.0
        real += alarms(both.between(WEEK, 2 * WEEK), Judgment(made.proposed, "above", 20, 45))
    assert real <= promised


def test_proposal_is_not_simply_far_away() -> None:
    """It stands nearer than the default where the past allows, so that it notices more."""
    made = propose(worlds.record("calm", 1, 7), PRESSURE, 0.8, WANTED)
    assert made.proposed is not None
    assert 0.3 < made.proposed < 0.5


def test_too_little_data_is_said() -> None:
    """Ten points are no past."""
    made = propose(flat(*[0.1] * 10), PRESSURE, 0.8, WANTED)
    assert made.proposed is None
    assert "10 points are too few" in made.reason


def test_range_of_a_threshold_is_kept() -> None:
    """A pool that is always full gets no limit above all of it, and no promise."""
    made = propose(flat(*[1.0] * 200), PRESSURE, 0.8, Wanted("above", 20, 45, 0.0))
    assert made.proposed is None
    assert "too often" in made.reason


@pytest.mark.parametrize(
    ("value", "side", "expected"),
    [(0.412, "above", 0.42), (0.412, "below", 0.41), (1234, "above", 1300), (0, "above", 0)],
)
def test_limits_are_round(value: float, side: str, expected: float) -> None:
    """Two digits, away from what was seen."""
    assert rounded(value, side) == expected  # type: ignore[arg-type]  # parametrize knows no literals


def test_every_limit_has_a_figure() -> None:
    """Each threshold of a rule is measured, without its own limit in the query."""
    found = {each.threshold: each for each in measured(defaults())}
    assert {"pool_pressure_warning", "leak_rate", "database_cache_hit", "blocked_critical"} <= set(found)
    assert found["database_cache_hit"].side == "below"
    assert ">= 0.8" not in found["pool_pressure_warning"].query


def test_command_reads_what_it_saved(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A saved record gives the same proposals without a store."""
    path = tmp_path / "record.json"
    source.save(path, [worlds.record("rhythm", 3, 7)])
    assert source.load(path) == [worlds.record("rhythm", 3, 7)]
    assert main(["baseline", "--from", str(path), "--json"]) == 0
    (one,) = json.loads(capsys.readouterr().out)
    assert one["threshold"] == "pool_pressure_warning"
    assert one["proposed_alarms_a_week"] <= 1.0 < one["proposed_alarms_a_week_at_most"]
    assert main(["baseline", "--from", str(path)]) == 0
    assert "pool_pressure_warning" in capsys.readouterr().out


@pytest.mark.parametrize("text", ["", "[{}]", "[1]", '{"a": 1}'])
def test_broken_record_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half a file is said in one line."""
    path = tmp_path / "record.json"
    path.write_text(text)
    assert main(["baseline", "--from", str(path)]) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_store_that_is_away_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """A store that does not answer ends the command with 2 and one line."""
    assert main(["baseline", "--metrics", "http://127.0.0.1:9", "--days", "0.01"]) == 2
    assert "does not answer" in capsys.readouterr().err
