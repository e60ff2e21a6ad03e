"""The locks: pinned, hashed, free of addresses, and the pair of OpenTelemetry releases that everything rests on."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parents[2]
LOCKS = sorted((ROOT / "requirements").glob("*.txt"))
MOST_DIRECT_DEPENDENCIES = 6


def pins(name: str) -> dict[str, set[str]]:
    """Returns the locked versions by package; there can be one for each Python."""
    found: dict[str, set[str]] = {}
    for line in (ROOT / "requirements" / f"{name}.txt").read_text().splitlines():
        if match := re.match(r"([a-z0-9.-]+)==([^ ;\\]+)", line):
            found.setdefault(match[1], set()).add(match[2])
    return found


@pytest.mark.parametrize("lock", [pytest.param(path, id=path.name) for path in LOCKS])
def test_lock_is_pinned_and_hashed(lock: Path) -> None:
    """Every entry of a lock has one exact version and at least one hash, and no line an address."""
    text = lock.read_text()
    assert "://" not in text
    entries = [entry for entry in re.split(r"\n(?=[a-z])", text) if not entry.startswith("#")]
    assert entries
    assert [each.split()[0] for each in entries if "==" not in each.split()[0] or "--hash=sha256:" not in each] == []


PEERS = sorted((ROOT / "requirements" / "peers").glob("*.txt"))


@pytest.mark.parametrize("lock", [pytest.param(path, id=path.name) for path in PEERS])
def test_lock_of_a_peer_is_pinned_and_hashed(lock: Path) -> None:
    """What the benchmark compares with is locked as everything else is."""
    test_lock_is_pinned_and_hashed(lock)


def test_peers_work_with_the_same_libraries() -> None:
    """Every environment of the benchmark holds the same releases of what is observed, and of OpenTelemetry."""
    for package in ("psycopg2-binary", "psycopg", "asyncpg", "sqlalchemy", "requests", "urllib3", "cachetools"):
        found = [tuple(sorted(pins(f"peers/{lock.stem}")[package])) for lock in PEERS]
        assert len(set(found)) == 1, package
    assert pins("peers/otelmon")["opentelemetry-sdk"] == pins("peers/opentelemetry")["opentelemetry-sdk"]


def test_locks_are_there() -> None:
    """Each purpose has a lock of its own."""
    locks = [
        "application",
        "audit",
        "build",
        "demo",
        "development",
        "distro",
        "go",
        "java",
        "servers",
        "sqlalchemy20",
        "suites",
    ]
    assert [path.stem for path in LOCKS] == locks
    assert [path.stem for path in PEERS] == ["ddtrace", "logfire", "newrelic", "opentelemetry", "otelmon", "sentry"]


@pytest.mark.parametrize(
    ("package", "version"),
    [
        ("opentelemetry-sdk", "1.45.1"),
        ("opentelemetry-exporter-otlp", "1.45.1"),
        ("opentelemetry-instrumentation", "0.66b1"),
        ("opentelemetry-instrumentation-psycopg2", "0.66b1"),
        ("opentelemetry-instrumentation-requests", "0.66b1"),
    ],
)
def test_opentelemetry_pair(package: str, version: str) -> None:
    """Both locks hold the newest pair in which the psycopg2 instrumentation exists."""
    assert (pins("application")[package], pins("development")[package]) == ({version}, {version})


@pytest.mark.parametrize("part", ["application", "build", "demo"])
def test_development_contains_the_others(part: str) -> None:
    """Tests run on the versions that the other locks install."""
    development = pins("development")
    missing = [name for name, found in pins(part).items() if not found <= development.get(name, set())]
    assert missing == []


def test_no_distro_in_the_main_environment() -> None:
    """The wrapper would pick an installed distro, so that none may stand beside the tests."""
    assert "opentelemetry-distro" not in pins("development")
    assert pins("distro") == {"opentelemetry-distro": {"0.66b1"}}


def test_the_application_half_depends_on_little() -> None:
    """The wheel has at most six direct dependencies, and none without an upper bound."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert len(project["dependencies"]) <= MOST_DIRECT_DEPENDENCIES
    assert [each for each in project["dependencies"] if "<" not in each] == []
