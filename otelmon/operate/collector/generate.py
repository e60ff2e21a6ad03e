"""Writes collector/distribution anew from the manifest: for maintainers, in a clone."""

from __future__ import annotations

import os
import re
import subprocess
from typing import TYPE_CHECKING

from otelmon.operate import resources
from otelmon.operate.collector import toolchain
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

BUILDER = "go.opentelemetry.io/collector/cmd/builder"
OWNED_BY_THE_BUILDER = ("go.mod", "go.sum", "components.go", "main.go", "main_others.go", "main_windows.go")


def generate(collector: Path | None = None, environment: Mapping[str, str] | None = None) -> Path:
    """Runs the Collector's builder and `go mod tidy -e`, and checks that every package of the program is to be had.

    Args:
        collector: the folder with builder/ and distribution/; the one that came with otelmon when not given.
        environment: of the commands, ``os.environ`` when not given.

    Returns:
        The folder of the sources.

    Raises:
        OperateError: there is no Go, or a step failed.
    """
    given = os.environ if environment is None else environment
    home = resources.folder("collector") if collector is None else collector
    sources = home / "distribution"
    go = toolchain.find(given).executable
    for name in OWNED_BY_THE_BUILDER:
        (sources / name).unlink(missing_ok=True)
    command = [go, "run", f"{BUILDER}@{builder_version(home)}", "--config=manifest.yaml", "--skip-compilation"]
    # Its own `go mod tidy` lacks -e and stops at modules that only upstream's tests import; the check is the last step.
    _go(command, home / "builder", given)
    for step in (["mod", "tidy", "-e"], ["list", "-deps", "."]):
        done = _go([go, *step], sources, given)
        if done.returncode != 0:
            raise OperateError(f"`go {' '.join(step)}` failed in {sources}:\n{done.stderr.strip()}")
    return sources


def builder_version(collector: Path) -> str:
    """Returns the version of the Collector that the manifest names, which is the builder's too."""
    manifest = (collector / "builder" / "manifest.yaml").read_text(encoding="utf-8")
    line = re.search(r"^  version: (\d+\.\d+\.\d+)$", manifest, re.MULTILINE)
    if line is None:
        raise OperateError("collector/builder/manifest.yaml names no version under dist")
    return f"v{line.group(1)}"


def _go(command: list[str], folder: Path, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Runs one step of Go and returns what it said."""
    quiet = {**environment, "GOWORK": "off"}
    return subprocess.run(  # noqa: S603 - our own arguments, no shell
        command, cwd=folder, env=quiet, capture_output=True, text=True, check=False
    )
