"""The rooms of otelmon/ import only what stands below them."""

from __future__ import annotations

import ast
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "otelmon"
EVERYBODY = {"records", "settings", "guard", "ledger"}
SIBLING = EVERYBODY | {"rules", "registry", "signals"}
APPLICATION = SIBLING | {"calls", "hooks", "processors", "gauges", "exporters", "watch", "diagnostics", "health"}
MAY_IMPORT = {
    "records": set(),
    "environment_variable": set(),
    "environment_variables": {"environment_variable"},
    "signals": set(),
    "guard": set(),
    "settings": {"environment_variable", "environment_variables"},
    "ledger": {"records", "guard", "signals"},
    "rules": {"records"},
    "registry": EVERYBODY | {"rules", "signals"},
    "calls": SIBLING,
    "hooks": SIBLING | {"calls"},
    "processors": SIBLING,
    "gauges": SIBLING,
    "exporters": SIBLING,
    "watch": SIBLING,
    "diagnostics": SIBLING,
    "health": SIBLING,
    "launch": APPLICATION,
    "operate": APPLICATION | {"launch", "environment_variables"},
    "__init__": {"launch", "records", "registry", "settings"},
}
IN_PROCESS = {
    "aiohttp",
    "asyncpg",
    "flask",
    "httpx",
    "opentelemetry",
    "packaging",
    "psycopg",
    "psycopg2",
    "psycopg_pool",
    "requests",
    "sentry_sdk",
    "sqlalchemy",
    "urllib3",
    "wrapt",
}
IMPURE = {"asyncio", "logging", "os", "random", "socket", "subprocess", "threading", "time"}


def room_of(path: Path) -> str:
    """Returns the room that a file of otelmon/ stands in: its first folder, or its own name."""
    return path.relative_to(PACKAGE).with_suffix("").parts[0]


def imports(path: Path) -> Iterator[str]:
    """Yields the absolute name of everything that a file imports, type-only imports included."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


FILES = [pytest.param(path, id=str(path.relative_to(PACKAGE))) for path in sorted(PACKAGE.rglob("*.py"))]


@pytest.mark.parametrize("path", FILES)
def test_rooms_import_only_lower_rooms(path: Path) -> None:
    """A room imports itself and the rooms below it, never a sibling and never upwards."""
    room = room_of(path)
    rooms = {name.split(".")[1] for name in imports(path) if name.startswith("otelmon.")}
    public = {"CacheState", "HookRegistry", "PoolState", "Settings"} if room == "operate" else set()
    assert rooms - {room} - MAY_IMPORT[room] - public == set()


@pytest.mark.parametrize("path", FILES)
def test_the_application_half_stays_small(path: Path) -> None:
    """Outside operate/ only the standard library, OpenTelemetry and the observed libraries are imported."""
    room = room_of(path)
    foreign = {name.split(".")[0] for name in imports(path)} - sys.stdlib_module_names - {"otelmon"}
    bare = ("rules", "records", "settings", "environment_variable", "environment_variables", "guard")
    allowed = set() if room in bare else IN_PROCESS
    assert room == "operate" or foreign <= allowed, foreign


@pytest.mark.parametrize("path", [each for each in FILES if room_of(Path(str(each.values[0]))) in ("rules", "records")])
def test_decisions_are_pure(path: Path) -> None:
    """rules/ and records.py have no clock, no environment, no log, no thread and no state that changes."""
    assert {name.split(".")[0] for name in imports(path)} & IMPURE == set()
    changing = [node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, (ast.Global, ast.Nonlocal))]
    assert changing == []
