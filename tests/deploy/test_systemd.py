"""Units of systemd: valid for the systemd that is there, confined, and running commands that exist."""

from __future__ import annotations

import configparser
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner

from otelmon.operate.cli.commands import otelmon

ROOT = Path(__file__).parents[2]
UNITS = sorted((ROOT / "deploy/systemd").glob("*.service"))
PROGRAM = "/opt/otelmon/bin/otelmon"
KNOWN = {
    "Unit": {"Description", "Documentation", "Wants", "After", "StartLimitIntervalSec"},
    "Install": {"WantedBy"},
}
CONFINED = {
    "DynamicUser": "yes",
    "NoNewPrivileges": "yes",
    "CapabilityBoundingSet": "",
    "ProtectSystem": "strict",
    "ProtectHome": "yes",
    "PrivateTmp": "yes",
    "PrivateDevices": "yes",
    "RestrictNamespaces": "yes",
    "MemoryDenyWriteExecute": "yes",
    "Restart": "always",
}
every_unit = pytest.mark.parametrize("path", UNITS, ids=lambda path: path.stem)


def read(path: Path) -> configparser.ConfigParser:
    """Returns a unit; keys that stand several times keep the last value."""
    parser = configparser.ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str
    parser.read_string(path.read_text())
    return parser


def test_there_is_one_for_each_process() -> None:
    """Collector, observer, page and canary."""
    assert {path.stem for path in UNITS} == {f"otelmon-{name}" for name in ("collector", "observe", "page", "canary")}


@every_unit
def test_it_is_confined_and_comes_back(path: Path) -> None:
    """No privileges, nothing of the system to write to, a limit of memory, and a restart after any end."""
    service = dict(read(path)["Service"])
    assert {name: service.get(name) for name in CONFINED} == CONFINED
    assert service["MemoryMax"].endswith("M")
    assert set(read(path)["Unit"]) <= KNOWN["Unit"]
    assert set(read(path)["Install"]) <= KNOWN["Install"]


@every_unit
def test_its_command_exists(path: Path) -> None:
    """What it starts is a command of otelmon that takes these options."""
    program, *words = read(path)["Service"]["ExecStart"].split()
    assert program == PROGRAM
    done = CliRunner().invoke(otelmon, [*(word for word in words if not word.startswith("-")), "--help"])
    assert done.exit_code == 0
    assert all(word.split("=")[0] in done.output for word in words if word.startswith("-"))


@every_unit
def test_no_secret_stands_in_it(path: Path) -> None:
    """Secrets come by files that root owns, never by the unit."""
    assert re.search(r"(?i)(password|token|secret|_key)\s*=", path.read_text()) is None


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd-analyze is not there")
@every_unit
def test_systemd_accepts_it_and_finds_it_little_exposed(path: Path, tmp_path: Path) -> None:
    """systemd-analyze verifies it without a word, and rates its exposure 2.0 of 10 or less."""
    there = tmp_path / path.name
    there.write_text(path.read_text().replace(PROGRAM, "/bin/true"))
    verified = subprocess.run(["systemd-analyze", "verify", there], capture_output=True, text=True, check=False)
    assert (verified.returncode, verified.stderr) == (0, "")
    rated = subprocess.run(
        ["systemd-analyze", "security", "--offline=true", "--threshold=20", there],
        capture_output=True,
        text=True,
        check=False,
    )
    assert rated.returncode == 0, rated.stdout[-300:]
