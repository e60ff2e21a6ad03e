"""What a user gets: the wheel, installed into an environment of its own outside the clone."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
ENTRY_POINTS = {"console_scripts": PROJECT["scripts"], **PROJECT["entry-points"]}
LIST_ENTRY_POINTS = """
import importlib.metadata, json
chosen = importlib.metadata.distribution("otelmon").entry_points
print(json.dumps([[each.group, each.name, callable(each.load())] for each in chosen]))
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the wheel, built with the locked tools and without a network."""
    target = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(target), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return next(target.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Returns the bin folder of a fresh environment that has the wheel; the locked packages are lent to it."""
    home = tmp_path_factory.mktemp("installed")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(home)], check=True)
    python = home / "bin" / "python"
    install = [sys.executable, "-m", "pip", "--python", str(python), "install", "--no-deps", "--no-index", str(wheel)]
    subprocess.run(install, capture_output=True, check=True)
    query = "import sysconfig; print(sysconfig.get_paths()['purelib'])"
    site = subprocess.run([str(python), "-c", query], capture_output=True, text=True, check=True).stdout.strip()
    (Path(site) / "lent.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    return home / "bin"


def run(installed: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Runs a command of the fresh environment in a folder that is not the clone."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "COV", "OT"))}
    program = [str(installed / command[0]), *command[1:]]
    return subprocess.run(program, cwd=installed.parent, env=clean, capture_output=True, text=True, check=False)


def test_wheel_carries_its_resources(wheel: Path) -> None:
    """Configuration, SQL, licence and the typing marker travel inside the wheel."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {"otelmon/py.typed", "otelmon/resources/LICENSE"} <= set(names)
    assert any(name.startswith("otelmon/resources/sql/") for name in names)
    assert {"otelmon/resources/alerts/alertmanager.yml", "otelmon/resources/alerts/rules/pools.yaml"} <= set(names)
    assert "otelmon/resources/docs/runbook/OtelmonPoolExhausted.md" in names
    assert {"otelmon/resources/collector/base.yaml", "otelmon/resources/collector/builder/manifest.yaml"} <= set(names)


def test_wheel_carries_nothing_else(wheel: Path) -> None:
    """Tests, the demo and build output stay out of the wheel."""
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names} == {"otelmon", "otelmon-0.1.0.dist-info"}
    assert [name for name in names if "__pycache__" in name or name.endswith((".pyc", ".log"))] == []


def test_extras_are_declared(wheel: Path) -> None:
    """Each observed library has its extra, so that one lagging upstream package binds nobody else."""
    metadata = zipfile.ZipFile(wheel).read("otelmon-0.1.0.dist-info/METADATA").decode()
    lines = [line.split(": ")[1] for line in metadata.splitlines() if line.startswith("Provides-Extra: ")]
    assert set(lines) == set(PROJECT["optional-dependencies"]) >= {"psycopg2", "requests", "sentry", "operate"}


def test_package_is_imported_from_the_wheel(installed: Path) -> None:
    """The fresh environment sees the installed package and not the clone."""
    done = run(installed, "python", "-c", "import otelmon.settings; print(otelmon.settings.__file__)")
    assert Path(done.stdout.strip()).is_relative_to(installed.parent), done.stderr


def test_entry_points_load(installed: Path) -> None:
    """Everything that OpenTelemetry and the shell look for can be loaded."""
    done = run(installed, "python", "-c", LIST_ENTRY_POINTS)
    assert done.returncode == 0, done.stderr
    found: dict[str, set[str]] = {}
    for group, name, usable in json.loads(done.stdout):
        found.setdefault(group, set()).add(name)
        assert usable or group == "otelmon.hooks", name
    assert found == {group: set(names) for group, names in ENTRY_POINTS.items()}
    assert {"opentelemetry_pre_instrument", "opentelemetry_instrumentor", "otelmon.hooks"} <= set(found)


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        pytest.param(("otelmon", "--version"), "0.1.0", id="version"),
        pytest.param(("otelmon", "--help"), "collector", id="help"),
        pytest.param(("otelmon", "settings"), "OTELMON_SLOW_QUERY_THRESHOLD", id="settings"),
        pytest.param(("otelmon", "collector", "validate", "--help"), "Usage", id="validate help"),
        pytest.param(("otelmon", "collector", "build", "--help"), "Usage", id="build help"),
    ],
)
def test_command_works_outside_the_clone(installed: Path, command: tuple[str, ...], expected: str) -> None:
    """Every command runs from a plain install."""
    done = run(installed, *command)
    assert (done.returncode, done.stderr) == (0, "")
    assert expected in done.stdout


def test_settings_as_json(installed: Path) -> None:
    """``otelmon settings --json`` prints one JSON document."""
    done = run(installed, "otelmon", "settings", "--json")
    assert done.returncode == 0, done.stderr
    assert "OTELMON_SLOW_QUERY_THRESHOLD" in json.dumps(json.loads(done.stdout))
