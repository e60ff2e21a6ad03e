"""What operators give is used; what cannot be used is refused with its line."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import yaml

from otelmon.operate.alerts import files, thresholds
from otelmon.operate.alerts.catalogue import RULES
from otelmon.operate.alerts.given import Given, read
from otelmon.operate.alerts.links import DEFAULT_PLACES
from otelmon.operate.alerts.rendering import document
from otelmon.operate.cli.main import main
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from pathlib import Path


def given(tmp_path: Path, text: str, **environment: str) -> Given:
    """Reads a file of operators with that text."""
    path = tmp_path / "alerts.yaml"
    path.write_text(text)
    return read(environment, path)


def rule(given_: Given, alert: str, severity: str = "warning") -> dict[str, object]:
    """Returns one rendered rule."""
    found = [
        one
        for name, text in files.rendered(given_).items()
        if name.startswith("rules/")
        for one in yaml.safe_load(text)["groups"][0]["rules"]
        if one["alert"] == alert and one["labels"]["severity"] == severity
    ]
    return dict(found[0])


def test_threshold_of_the_file_is_used(tmp_path: Path) -> None:
    """A value in the file stands in the rule and in its annotation."""
    found = rule(given(tmp_path, "thresholds:\n  pool_pressure_warning: 0.7\n"), "OtelmonPoolPressure")
    assert ") >= 0.7" in str(found["expr"])
    assert dict(found["annotations"])["limit"] == "at least 70 %"  # type: ignore[call-overload]


def test_environment_wins(tmp_path: Path) -> None:
    """The environment is stronger than the file, and each value knows where it is from."""
    found = given(
        tmp_path,
        "thresholds:\n  pool_pressure_warning: 0.7\n  leak_rate: 0.02\n",
        OTELMON_ALERT_POOL_PRESSURE_WARNING="0.6",
    )
    assert found.values["pool_pressure_warning"] == 0.6
    assert found.values["leak_rate"] == 0.02
    assert found.sources["pool_pressure_warning"] == "OTELMON_ALERT_POOL_PRESSURE_WARNING"
    assert found.sources["leak_rate"].endswith("alerts.yaml:3")


def test_links_lead_where_operators_say(tmp_path: Path) -> None:
    """All three links begin with the addresses given."""
    found = rule(
        given(tmp_path, "links:\n  runbook: https://wiki/r/\n  dashboard: https://g\n  traces: https://p/traces\n"),
        "OtelmonSlowQueries",
    )
    annotations = dict(found["annotations"])  # type: ignore[call-overload]
    assert annotations["runbook_url"] == "https://wiki/r/OtelmonSlowQueries"
    assert annotations["dashboard_url"].startswith("https://g/d/")
    assert annotations["traces_url"].startswith(
        "https://p/traces?service={{ $labels.service_name | urlquery }}&keep=slow"
    )


def test_rule_can_be_changed(tmp_path: Path) -> None:
    """Team and hold of one alert can be chosen, and it can be left out."""
    text = "rules:\n  OtelmonPoolPressure: {team: billing, hold_seconds: 40}\n  OtelmonSpansLost: {enabled: false}\n"
    made = given(tmp_path, text)
    found = rule(made, "OtelmonPoolPressure")
    assert (dict(found["labels"])["team"], found["for"]) == ("billing", "40s")  # type: ignore[call-overload]
    assert "OtelmonSpansLost" not in files.rendered(made)["rules/pipeline.yaml"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "thresholds:\n  pool_pressure_warning: 1.5\n",
            r"alerts.yaml:2: pool_pressure_warning: it takes 0.01 to 1 .*1.5",
        ),
        ("thresholds:\n  leak_rate: lots\n", r"alerts.yaml:2: leak_rate: it takes"),
        ("thresholds:\n  leak_rate: true\n", r"alerts.yaml:2: leak_rate: it takes"),
        ("thresholds:\n  leak_rate: .nan\n", r"alerts.yaml:2: leak_rate: it takes"),
        ("thresholds:\n  leak_rate:\n", r"alerts.yaml:2: leak_rate: it takes"),
        ("thresholds:\n\n  leek_rate: 0.1\n", r"alerts.yaml:3: leek_rate: there is no such threshold"),
        ("thresholds:\n  leak_rate: 0.1\n  leak_rate: 0.2\n", r"alerts.yaml:3: leak_rate: .*twice"),
        ("thresholds: [1]\n", r"alerts.yaml:1: thresholds: this must hold names"),
        ("- 1\n", r"alerts.yaml.*this must hold names"),
        ("treshold:\n  a: 1\n", r"alerts.yaml:1: treshold: there is no such section"),
        ("thresholds:\n  leak_rate: [0.1\n", r"alerts.yaml:\d+: this is no YAML"),
        ("thresholds:\n  leak_rate: !!python/object:os.system x\n", r"alerts.yaml:2: "),
        ("links:\n  runbook: ftp://x\n", r"alerts.yaml:2: runbook: it takes an address"),
        ("links:\n  runbook: http://user:planted@x/\n", r"alerts.yaml:2: runbook: it takes an address"),
        ("links:\n  home: http://x\n", r"alerts.yaml:2: home: there is no such link"),
        ("rules:\n  OtelmonNothing: {}\n", r"alerts.yaml:2: OtelmonNothing: there is no such alert"),
        ("rules:\n  OtelmonSpansLost:\n    hold_seconds: 300\n", r"alerts.yaml:3: hold_seconds: a rule takes"),
        ("receivers:\n  database:\n    webhook: x\n", r"alerts.yaml:3: webhook: a receiver takes"),
        ("receivers:\n  database:\n    webhook_configs: x\n", r"alerts.yaml:3: webhook_configs: a receiver takes"),
    ],
)
def test_wrong_value_is_refused_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    """The message names file, line, name and what would be right; a password in an address is not repeated."""
    with pytest.raises(OperateError, match=message) as raised:
        given(tmp_path, text)
    assert "planted" not in str(raised.value)


@pytest.mark.parametrize(
    ("name", "value"),
    [("OTELMON_ALERT_LEAK_RATE", "2"), ("OTELMON_ALERT_LEAK_RATE", "much"), ("OTELMON_ALERT_LEEK_RATE", "0.1")],
)
def test_wrong_variable_is_refused_by_name(name: str, value: str) -> None:
    """The environment is as strict as the file."""
    with pytest.raises(OperateError, match=name):
        read({name: value})


def test_warning_above_critical_is_refused(tmp_path: Path) -> None:
    """A pair in the wrong order is named with both places."""
    with pytest.raises(OperateError, match=r"pool_pressure_warning must not lie above .*alerts.yaml:2.*0.9 by default"):
        given(tmp_path, "thresholds:\n  pool_pressure_warning: 0.95\n")


def test_every_default_is_in_its_range() -> None:
    """No default would be refused, and none contradicts another."""
    assert [each.name for each in thresholds.THRESHOLDS if not each.accepts(each.default)] == []
    assert thresholds.contradiction(thresholds.defaults()) is None


def test_every_threshold_is_used() -> None:
    """Each threshold changes some rule."""

    def made(values: dict[str, float]) -> list[dict[str, object]]:
        return [document(one, values, one.team, DEFAULT_PLACES) for one in RULES]

    plain = thresholds.defaults()
    other = {each.name: each.low if each.low != each.default else each.high for each in thresholds.THRESHOLDS}
    assert [name for name, value in other.items() if made({**plain, name: value}) == made(plain)] == []


def test_empty_file_and_no_file_are_fine(tmp_path: Path) -> None:
    """Nothing given is the defaults."""
    assert given(tmp_path, "").values == read({}).values == thresholds.defaults()


def test_missing_file_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file that is not there ends the command with exit code 2 and one line."""
    assert main(["alerts", "render", "--file", str(tmp_path / "none.yaml"), "--output", str(tmp_path / "out")]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "out").exists()


def test_render_leaves_operators_files_alone(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Rules of operators' own beside ours, and their thresholds, outlive an upgrade; files that are no more go away."""
    out = tmp_path / "alerts"
    mine = tmp_path / "mine.yaml"
    mine.write_text("thresholds: {leak_rate: 0.02}\n")
    render = ["alerts", "render", "--file", str(mine), "--output", str(out)]
    assert main(render) == 0
    own = out / "rules" / "zz-own.yaml"
    own.write_text("groups: []\n")
    # What an older release brought, and what it rendered otherwise.
    older = out / "rules" / "older.yaml"
    older.write_text((out / "rules" / "pools.yaml").read_text())
    pools = out / "rules" / "pools.yaml"
    pools.write_text(re.sub("for: .*", "for: 5m", pools.read_text()))
    assert main([*render, "--check"]) == 1
    assert main(render) == 0
    assert main([*render, "--check"]) == 0
    assert own.read_text() == "groups: []\n"
    assert not older.exists()
    assert ">= 0.02" in pools.read_text()
    assert "for: 5m" not in pools.read_text()
    capsys.readouterr()


def test_render_mends_a_file_cut_in_half(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Half a file is found by --check and written anew; no unfinished file stays behind."""
    out = tmp_path / "alerts"
    assert main(["alerts", "render", "--output", str(out)]) == 0
    pools = out / "rules" / "pools.yaml"
    whole = pools.read_text()
    pools.write_text(whole[: len(whole) // 2])
    capsys.readouterr()
    assert main(["alerts", "render", "--output", str(out), "--check"]) == 1
    assert "pools.yaml: different" in capsys.readouterr().out
    assert main(["alerts", "render", "--output", str(out)]) == 0
    assert pools.read_text() == whole
    assert [path.name for path in (out / "rules").iterdir() if path.name.startswith(".")] == []


def test_render_does_not_overwrite_what_others_made(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A file with one of our names that somebody wrote by hand is refused by name."""
    out = tmp_path / "alerts"
    (out / "rules").mkdir(parents=True)
    (out / "rules" / "pools.yaml").write_text("groups: []\n")
    assert main(["alerts", "render", "--output", str(out)]) == 2
    assert "pools.yaml was not made by this command" in capsys.readouterr().err
    assert (out / "rules" / "pools.yaml").read_text() == "groups: []\n"


def test_list_shows_every_rule(capsys: pytest.CaptureFixture[str]) -> None:
    """``alerts list --json`` has each rule with its limit."""
    assert main(["alerts", "list", "--json"]) == 0
    assert '"alert": "OtelmonPoolExhausted"' in capsys.readouterr().out
