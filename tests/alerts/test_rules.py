"""Each rule, run by the real vmalert-tool: quiet just below, firing in time, over, one alert for a flapping input."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import yaml

from demo.parts import programs
from otelmon.operate.alerts import files
from otelmon.operate.alerts.catalogue import ALERTS, RULES
from otelmon.operate.alerts.given import Given
from tests.alerts import generate
from tests.alerts.cases import CASES

if TYPE_CHECKING:
    from demo.parts.steps import Steps

ROOT = Path(__file__).parents[2]
RULE_FILES = sorted((ROOT / "alerts" / "rules").glob("*.yaml"))
TEST_FILES = sorted((ROOT / "alerts" / "tests").glob("*.yaml"))
LONGEST_HOLD = 45


def named(paths: list[Path]) -> list[object]:
    """Returns test parameters that are named after files."""
    return [pytest.param(path, id=path.stem) for path in paths]


@pytest.fixture(scope="session")
def vmalert_tool(steps: Steps) -> Path:
    """Returns the real program."""
    return programs.go_program(steps, *programs.VMALERT_TOOL)


def unittest(program: Path, file: Path) -> subprocess.CompletedProcess[str]:
    """Runs the tests of one file."""
    return subprocess.run(
        [program, "unittest", "-files", file], capture_output=True, text=True, check=False, timeout=120
    )


def rules(path: Path) -> list[dict[str, object]]:
    """Returns the rules of a file."""
    return [rule for group in yaml.safe_load(path.read_text())["groups"] for rule in group["rules"]]


ALL_RULES = [rule for path in RULE_FILES for rule in rules(path)]


def test_rendered_defaults_are_current() -> None:
    """``otelmon alerts render`` would change nothing in alerts/."""
    assert files.differences(ROOT / "alerts", files.rendered(Given())) == {}


def test_tests_of_rules_are_current() -> None:
    """``python -m tests.alerts.generate`` would change nothing in alerts/tests/."""
    assert {path.name: path.read_text() for path in TEST_FILES} == generate.files()


def test_every_alert_has_a_case() -> None:
    """No alert is without series that prove it, and no case without alert."""
    assert set(CASES) == set(ALERTS)


@pytest.mark.parts
@pytest.mark.parametrize("file", named(TEST_FILES))
def test_rules_do_what_is_expected(file: Path, vmalert_tool: Path) -> None:
    """All rules of a file are quiet, fire, hold and clear as their tests say."""
    done = unittest(vmalert_tool, file)
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parts
@pytest.mark.parametrize(
    ("was", "now"),
    [
        pytest.param(r"\) >= 0\.8\n", ") >= 0.75\n", id="a limit that is too low"),
        pytest.param(r"\) >= 0\.9\n", ") >= 0.96\n", id="a limit that is too high"),
        pytest.param(r"keep_firing_for: 45s", "keep_firing_for: 0s", id="no hysteresis"),
        pytest.param(r"for: 20s", "for: 2m", id="a hold that is too long"),
    ],
)
def test_tests_of_rules_notice(was: str, now: str, vmalert_tool: Path, tmp_path: Path) -> None:
    """A rule that is changed fails its tests."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "tests").mkdir()
    original = (ROOT / "alerts" / "rules" / "pools.yaml").read_text()
    changed = re.sub(was, now, original)
    assert changed != original
    (tmp_path / "rules" / "pools.yaml").write_text(changed)
    (tmp_path / "tests" / "pools.yaml").write_text((ROOT / "alerts" / "tests" / "pools.yaml").read_text())
    assert unittest(vmalert_tool, tmp_path / "tests" / "pools.yaml").returncode != 0


@pytest.mark.parts
@pytest.mark.parametrize("file", named(RULE_FILES))
def test_vmalert_takes_a_file_and_refuses_half_of_it(file: Path, steps: Steps, tmp_path: Path) -> None:
    """What is rendered is valid; a file that was cut in half is refused, so that vmalert goes on with the old one."""
    vmalert = programs.go_program(steps, *programs.VMALERT)
    text = file.read_text()
    half = tmp_path / file.name
    half.write_text(text[: text.rindex("annotations:") + len("annotations")])
    codes = [
        subprocess.run([vmalert, f"-rule={path}", "-dryRun"], capture_output=True, check=False, timeout=60).returncode
        for path in (file, half)
    ]
    assert codes[0] == 0
    assert codes[1] != 0


def test_rules_are_told_apart() -> None:
    """No two rules share name and severity."""
    keys = [rule.key for rule in RULES]
    assert len(keys) == len(set(keys))


@pytest.mark.parametrize(
    "rule", [pytest.param(rule, id=f"{rule['alert']} {rule['labels']['severity']}") for rule in ALL_RULES]
)  # type: ignore[index]
def test_rule_tells_what_to_do(rule: dict[str, dict[str, str]]) -> None:
    """Each alert names severity, team and service, value, limit and hold, and leads to runbook and dashboard."""
    assert {"severity", "team", "service", "product"} <= set(rule["labels"])
    assert {"summary", "value", "limit", "held", "runbook_url", "dashboard_url"} <= set(rule["annotations"])
    assert int(str(rule["for"]).removesuffix("s")) <= LONGEST_HOLD
    assert int(str(rule["keep_firing_for"]).removesuffix("s")) <= LONGEST_HOLD
    assert "{{" in rule["annotations"]["value"] or rule["annotations"]["value"] == "no data"


def test_prometheus_knows_every_function() -> None:
    """The rules use no function that only VictoriaMetrics has."""
    known = {
        "sum", "max", "min", "count", "by", "on", "increase", "last_over_time", "min_over_time", "time", "timestamp",
        "vector", "and", "or", "unless",
    }  # fmt: skip
    used = {name for rule in ALL_RULES for name in re.findall(r"([a-z_]+) ?\(", str(rule["expr"]))}
    assert used <= known
