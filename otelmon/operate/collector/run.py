"""Checks a configuration with the real Collector, or becomes it."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.collector import configuration, queue_files, variables
from otelmon.operate.collector.merged import merged
from otelmon.operate.collector.open_doors import open_doors
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    Execute = Callable[[str, list[str], dict[str, str]], object]

SECONDS_TO_VALIDATE = 60


@dataclass(frozen=True, slots=True)
class Verdict:
    """Holds what a check of one profile found; no finding is good."""

    profile: str
    files: tuple[str, ...]
    findings: tuple[str, ...]


def validate(program: Path, profile: str, files: Sequence[Path], environment: Mapping[str, str]) -> Verdict:
    """Checks the variables, then lets the Collector check the merged configuration.

    Args:
        program: the built Collector.
        profile: the name to report.
        files: in the order of merging.
        environment: a mapping such as ``os.environ``.
    """
    named = tuple(str(path) for path in files)
    found = (*variables.problems(environment), *configuration.threshold_warnings(environment))
    found = found or _open_doors(files, environment)
    if found:
        return Verdict(profile, named, found)
    try:
        answer = subprocess.run(  # noqa: S603 - the Collector that we built, with paths as arguments
            [str(program), "validate", *configuration.arguments(files)],
            env=configuration.collector_environment(environment),
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_VALIDATE,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise OperateError(f"{program} could not be run: {error}") from error
    return Verdict(profile, named, () if answer.returncode == 0 else _findings(answer.stderr))


def run(program: Path, files: Sequence[Path], environment: Mapping[str, str], execute: Execute = os.execve) -> None:
    """Replaces this process by the Collector, so that signals and the exit code are the Collector's own.

    Raises:
        OperateError: a variable cannot be used, a receiver could be reached from other machines without proof of who
            sends, the queue's folder cannot be made, or the program cannot be started.
    """
    if found := variables.problems(environment) or _open_doors(files, environment):
        raise OperateError("; ".join(found))
    given = configuration.collector_environment(environment)
    try:
        queues = configuration.queue_directory(environment)
        queues.mkdir(parents=True, exist_ok=True, mode=0o700)
        queue_files.set_aside(queues)
        execute(str(program), [str(program), *configuration.arguments(files)], given)
    except OSError as error:
        raise OperateError(f"the Collector could not be started: {error}") from error


def _open_doors(files: Sequence[Path], environment: Mapping[str, str]) -> tuple[str, ...]:
    return open_doors(merged(files, configuration.collector_environment(environment)))


def _findings(said: str) -> tuple[str, ...]:
    """Returns what the Collector complained about, a line each, without the lines of its log."""
    lines = (line.strip() for line in said.splitlines())
    return tuple(line for line in lines if line and "\tinfo\t" not in line and "\twarn\t" not in line)
