"""Nothing in the repository depends on one machine."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
# What make and tools leave in a working tree: their own folders, and everything hidden but these.
BROUGHT = ("build/", "dist/", "htmlcov/")
HIDDEN_OF_OURS = (".ci/", ".gitignore", ".dockerignore")
THIS = Path(__file__).relative_to(ROOT).as_posix()
MACHINE = re.compile(r"(?<![\w.$}/:-])/(?:work|root|Users|home|tmp)/\w")
INDEX = re.compile(
    r"https?://[^\s\"')]*(?:pypi\.|pythonhosted|/simple\b|npmjs|proxy\.golang|goproxy|maven\.org|/artifactory|/nexus)"
    r"|--(?:extra-)?index-url\s*[=h]|GOPROXY\s*[:=]\s*[\"']?http",
    re.IGNORECASE,
)


def tracked() -> list[str]:
    """Returns the files that git knows or would take; outside a clone, every file that make did not bring."""
    command = ["git", "-C", str(ROOT), "ls-files", "--cached", "--others", "--exclude-standard"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        names = (path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*") if path.is_file())
        return [name for name in names if name != THIS and is_ours(name)]
    return [name for name in done.stdout.splitlines() if name != THIS and (ROOT / name).is_file()]


def is_ours(name: str) -> bool:
    """Tells whether a file came with the sources, where git cannot be asked."""
    if name.startswith("."):
        return name.startswith(HIDDEN_OF_OURS)
    return "__pycache__/" not in name and not name.startswith(BROUGHT)


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    """Returns the text of every tracked file by name."""
    return {name: (ROOT / name).read_text(encoding="utf-8", errors="replace") for name in tracked()}


@pytest.mark.parametrize("pattern", [pytest.param(MACHINE, id="path"), pytest.param(INDEX, id="index address")])
def test_no_trace_of_a_machine(texts: dict[str, str], pattern: re.Pattern[str]) -> None:
    """No tracked file holds an absolute path of a machine or the address of a package index."""
    found = [
        f"{name}:{number}: {line.strip()[:80]}"
        for name, text in texts.items()
        for number, line in enumerate(text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert found == []


def test_no_unfinished_notes(texts: dict[str, str]) -> None:
    """No source file carries a note about work left for later."""
    note = re.compile(r"\b(?:TODO|FIXME|XXX)\b")
    own = {name: text for name, text in texts.items() if name.endswith((".py", ".sql", ".yaml", ".yml"))}
    assert [name for name, text in own.items() if note.search(text) and not name.startswith("collector/distr")] == []
