"""What ``otelmon baseline`` counts in a record is what the real vmalert fires over it, by the rules that ship."""

from __future__ import annotations

import json
import math
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import pytest

from demo.parts import programs
from demo.parts.environment import inherited
from demo.parts.program import Program
from demo.parts.waiting import answers
from otelmon.operate.alerts import files
from otelmon.operate.alerts.given import Given
from otelmon.operate.alerts.thresholds import BY_NAME, defaults
from otelmon.operate.baseline import source
from otelmon.operate.baseline.proposal import Wanted, propose
from otelmon.operate.baseline.rate import WEEK
from otelmon.operate.baseline.replay import Judgment, alarms
from otelmon.operate.baseline.rules import measured
from tests.unit.operate_baseline import worlds

if TYPE_CHECKING:
    from pathlib import Path

    from demo.parts.ports import Ports
    from demo.parts.steps import Steps
    from demo.parts.supervisor import Supervisor

THRESHOLD = "pool_pressure_warning"
STEP = 10
HOLD, CLEAR = defaults()["hold_seconds"], defaults()["clear_seconds"]
CONNECTIONS = 1000
ALERT = '{alertname="OtelmonPoolPressure",severity="warning",alertstate="firing"}'


@dataclass(frozen=True)
class Recorded:
    """Holds a store with two weeks of a pool's figures, the programs that look at them, and when the record begins."""

    url: str
    vmalert: Path
    begins: float

    def rung(self, limit: float, folder: Path) -> int:
        """Renders the rules with a limit, lets vmalert replay the second week, and returns how often it rang."""
        given = Given(values={**defaults(), THRESHOLD: limit})
        rules = folder / "pools.yaml"
        rules.write_text(files.rendered(given)["rules/pools.yaml"], encoding="utf-8")
        earlier = {"match[]": "{__name__=~'ALERTS.*'}"}
        httpx.post(f"{self.url}/api/v1/admin/tsdb/delete_series", data=earlier).raise_for_status()
        begins, ends = (
            time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self.begins + weeks * WEEK)) for weeks in (1, 2)
        )
        subprocess.run(
            [
                self.vmalert, f"-rule={rules}", f"-datasource.url={self.url}", f"-remoteWrite.url={self.url}",
                f"-replay.timeFrom={begins}", f"-replay.timeTo={ends}", "-replay.rulesDelay=0s",
                "-replay.maxDatapointsPerQuery=10000", "-replay.disableProgressBar",
            ],
            check=True, capture_output=True, timeout=120,
        )  # fmt: skip
        return sum(_times(each["timestamps"]) for each in self._exported(f"ALERTS{ALERT}"))

    def _exported(self, selector: str) -> list[dict[str, list[int]]]:
        httpx.get(f"{self.url}/internal/force_flush").raise_for_status()
        answer = httpx.get(f"{self.url}/api/v1/export", params={"match[]": selector}, timeout=60)
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines()]


def _times(milliseconds: list[int]) -> int:
    """Counts alarms: a replay knows no ``keep_firing_for``, so what fires again within it is the same alarm."""
    moments = sorted(each / 1000 for each in milliseconds)
    longest = CLEAR + HOLD + STEP
    return sum(after - before > longest for before, after in zip([-math.inf, *moments], moments, strict=False))


@pytest.fixture(scope="module")
def recorded(supervisor: Supervisor, ports: Ports, steps: Steps, tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Starts a store of its own, which keeps weeks, and fills it with those of two services."""
    address = f"127.0.0.1:{ports.take('recorded')}"
    command: list[str | Path] = [
        programs.go_program(steps, *programs.VICTORIAMETRICS), f"-httpListenAddr={address}",
        f"-storageDataPath={tmp_path_factory.mktemp('recorded')}", "-retentionPeriod=8w",
    ]  # fmt: skip
    url = f"http://{address}"
    supervisor.start(Program("recorded", command, inherited(), supervisor.directory), lambda: answers(f"{url}/health"))
    begins = time.time() // STEP * STEP - 2 * WEEK - 3600
    lines = [
        line
        for curve in worlds.record("bursts", 3, 14).curves
        for line in _lines(dict(curve.labels), curve.points, begins)
    ]
    httpx.post(f"{url}/api/v1/import", content="\n".join(lines), timeout=60).raise_for_status()
    httpx.get(f"{url}/internal/force_flush", timeout=60).raise_for_status()
    return Recorded(url, programs.go_program(steps, *programs.VMALERT), begins)


def _lines(labels: dict[str, str], points: tuple[tuple[float, float], ...], begins: float) -> list[str]:
    """Returns a pool's connections in use and its size as the store takes them, twice a minute."""
    pool = {**labels, "deployment_environment_name": "test", "service_version": "1"}
    pool["db_client_connection_pool_name"] = "127.0.0.1:5432/shop#1"
    moments = [int((begins + at + later) * 1000) for at, _ in points for later in (0, 30)]
    used = [round(value * CONNECTIONS) for _, value in points for _ in range(2)]
    series = (
        ({"__name__": "db_client_connection_count", "db_client_connection_state": "used"}, used),
        ({"__name__": "db_client_connection_max"}, [CONNECTIONS] * len(moments)),
    )
    return [json.dumps({"metric": {**pool, **own}, "values": values, "timestamps": moments}) for own, values in series]


@pytest.mark.parts
@pytest.mark.parametrize("bearable", [1, 5, 40])
def test_a_proposed_limit_rings_as_often_as_was_said(bearable: float, recorded: Recorded, tmp_path: Path) -> None:
    """The limit is of the first week; in the second vmalert fires as often as counted, and within what was told."""
    wanted = next(each for each in measured(defaults()) if each.threshold == THRESHOLD)
    weeks = [recorded.begins + weeks * WEEK for weeks in range(3)]
    [first], [second] = (source.ask(recorded.url, [wanted], *weeks[at : at + 2]) for at in (0, 1))
    made = propose(first, BY_NAME[THRESHOLD], 0.8, Wanted(wanted.side, wanted.hold, CLEAR, bearable))
    assert made.proposed is not None
    assert made.proposed_rate is not None
    assert made.proposed_rate.highest is not None
    rung = recorded.rung(made.proposed, tmp_path)
    assert rung == alarms(second, Judgment(made.proposed, wanted.side, wanted.hold, CLEAR))
    assert rung <= made.proposed_rate.highest
