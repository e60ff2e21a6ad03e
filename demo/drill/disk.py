"""A disk that is small enough to be filled."""

from __future__ import annotations

import os
import subprocess
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

MEBIBYTE = 1024**2
SIZE = 768 * MEBIBYTE


def small(directory: Path) -> str:
    """Makes a directory with a file system of its own in memory, and returns it; empty where that is not allowed."""
    release(directory)
    directory.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return ""
    command = ["mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=0700", "otelmon-drill", str(directory)]
    done = subprocess.run(command, capture_output=True, check=False)
    return str(directory) if done.returncode == 0 else ""


def release(directory: Path) -> None:
    """Takes the file system away, where there is one."""
    if directory.is_mount():
        subprocess.run(["umount", "-l", str(directory)], capture_output=True, check=False)


def fill(directory: Path, share: float) -> None:
    """Fills a file system to a share of its size by one file."""
    state = os.statvfs(directory)
    size = state.f_blocks * state.f_frsize
    used = size - state.f_bavail * state.f_frsize
    path = ballast(directory)
    before = path.stat().st_size if path.exists() else 0
    with path.open("ab") as file:
        os.posix_fallocate(file.fileno(), 0, before + max(0, int(size * share) - used))


def empty(directory: Path) -> None:
    """Removes that file."""
    with suppress(FileNotFoundError):
        ballast(directory).unlink()


def ballast(directory: Path) -> Path:
    """Returns the file that fills a file system."""
    return directory / "ballast"
