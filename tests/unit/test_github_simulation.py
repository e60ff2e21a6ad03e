"""A few worlds of the GitHub simulation: what the documentation's table says holds on every run."""

from __future__ import annotations

from benchmarks.github_proof import SECONDARY, figures, forecast_rows, page, run


def test_a_few_worlds_keep_the_promises() -> None:
    """The ledger is right within 1 %, never falls, has one name; every exhaustion is warned of, no level twice."""
    found = figures([run(("primary", seed)) for seed in (1, 4, 5)])
    assert found["worst_error"] <= 0.01
    assert (found["lowered"], found["repeated"], found["most_owners"]) == (0, 0, 1)
    assert found["exhausted"] > 0
    assert found["warned_in_time"] == found["exhausted"]


def test_secondary_refusals_are_warned_of() -> None:
    """Worlds whose pace breaks a rule are warned before the first refusal."""
    runs = [run((kind, seed)) for kind in ("writes_a_minute", "cpu") for seed in range(3)]
    refused = [each for each in runs if each.refused]
    assert refused
    assert [each.kind for each in refused if not each.in_time] == []


def test_the_page_has_a_row_for_every_rule() -> None:
    """The generated page shows each rule and each shape of pace."""
    runs = [run(("primary", 1)), run(("writes_a_minute", 1))]
    text = page(runs, 2)
    assert all(f"| {name} |" in text for name in (*SECONDARY, *(row[0] for row in forecast_rows(runs))))
