"""Finds interpreters of other versions on this machine; brings none."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ASK = "import sys, ssl; print('.'.join(map(str, sys.version_info[:3])))"
SECONDS = 20


def find(version: str) -> tuple[Path, str] | None:
    """Returns an interpreter that runs, and its full version, or None.

    Args:
        version: as ``3.12``; looked for on the PATH and among those that pyenv made.
    """
    for place in _candidates(version):
        try:
            done = subprocess.run([place, "-c", ASK], capture_output=True, text=True, timeout=SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired):
            continue
        told = done.stdout.strip()
        if done.returncode == 0 and told.startswith(f"{version}."):
            return place, told
    return None


def _candidates(version: str) -> Iterator[Path]:
    there = shutil.which(f"python{version}")
    if there:
        yield Path(there)
    made = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    yield from sorted(made.glob(f"{version}.*/bin/python"), reverse=True)
