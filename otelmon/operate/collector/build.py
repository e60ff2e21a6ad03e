"""Builds a Go program once and hands out the cached one ever after; without network once it is cached."""

from __future__ import annotations

import os
import platform
import subprocess
import tempfile
from collections import deque
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from otelmon.operate import resources
from otelmon.operate.collector import cache, toolchain
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Mapping

LINES_SHOWN = 15
COLLECTOR = "otelmon-collector"
# Static, small, the same bytes on every machine; grpcnotrace lets the linker drop what is never called.
FLAGS = ("-trimpath", "-buildvcs=false", "-mod=readonly", "-tags=grpcnotrace", "-ldflags=-s -w")


class Progress(Protocol):
    """Receives what a build does: a line of the compiler at a time."""

    def step(self, line: str) -> None:
        """Takes one line: the module being downloaded or the package being compiled."""


class Silent:
    """Ignores progress."""

    def step(self, line: str) -> None:
        """Does nothing."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """Names one program: the folder with go.mod, the package in it, the file name of what is built."""

    module: Path
    package: str
    name: str


def build_program(
    module: Path,
    package: str,
    name: str,
    *,
    environment: Mapping[str, str] | None = None,
    progress: Progress | None = None,
) -> Path:
    """Returns the path of a built program, building it when the cache does not have it.

    The cache key is the content of the module's sources, the flags, the target and the Go version. Without any Go, a
    program built from the same sources by an earlier Go is good enough. Processes that build at once wait for the
    first.

    Args:
        module: the folder with go.mod and go.sum.
        package: what to build, such as ``.`` or ``github.com/jaegertracing/jaeger/cmd/jaeger``.
        name: the program's file name.
        environment: of the build, ``os.environ`` when not given.
        progress: told each line while it builds.

    Raises:
        OperateError: the module is not there, there is no Go, or the build failed; its last lines are in the message.
    """
    recipe = Recipe(module, package, name)
    given = os.environ if environment is None else environment
    if not (module / "go.mod").is_file():
        raise OperateError(f"{module} has no go.mod: it is not a Go module")
    home = _home(recipe, given)
    try:
        go = toolchain.find(given, toolchain.required_by(module))
    except OperateError:
        if earlier := _earlier_build(home, name):
            return earlier
        raise
    program = home / go.release / name
    if program.is_file():
        return program
    with cache.locked(home / f"{go.release}.lock"):
        if not program.is_file():
            _compile(go.executable, recipe, program.parent, given, Silent() if progress is None else progress)
    return program


def collector_program(*, environment: Mapping[str, str] | None = None, progress: Progress | None = None) -> Path:
    """Returns the path of the built Collector; arguments and errors as ``build_program``."""
    module = resources.folder("collector") / "distribution"
    return build_program(module, ".", COLLECTOR, environment=environment, progress=progress)


def _home(recipe: Recipe, environment: Mapping[str, str]) -> Path:
    """Returns the folder of one program's builds in the cache."""
    # Go builds for another system or processor where these variables say so.
    system, machine = environment.get("GOOS") or platform.system(), environment.get("GOARCH") or platform.machine()
    target = f"{system}/{machine}"
    digest = cache.sources_digest(recipe.module, (recipe.package, target, *FLAGS))
    return cache.directory(environment) / "programs" / f"{recipe.name}-{digest}"


def _earlier_build(home: Path, name: str) -> Path | None:
    """Returns a program of the same sources that another Go built, the newest first."""
    built = sorted(home.glob(f"*/{name}"), key=lambda path: toolchain.parse_version(path.parent.name))
    return built[-1] if built else None


def _compile(go: str, recipe: Recipe, into: Path, environment: Mapping[str, str], progress: Progress) -> None:
    """Runs the compiler into a folder beside the program and renames: a program that is there is always whole."""
    into.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=into, prefix=".build-") as folder:
        made = Path(folder) / recipe.name
        command = [go, "build", "-v", *FLAGS, "-o", str(made), recipe.package]
        building = {**environment, "CGO_ENABLED": "0", "GOWORK": "off"}
        code, last = _run(command, recipe.module, building, progress)
        if code != 0:
            raise OperateError(_failure(recipe.name, last))
        made.replace(into / recipe.name)


def _run(command: list[str], folder: Path, environment: Mapping[str, str], progress: Progress) -> tuple[int, list[str]]:
    """Runs a command, passing on each line; returns its exit code and its last lines."""
    last: deque[str] = deque(maxlen=LINES_SHOWN)
    with subprocess.Popen(  # noqa: S603 - our own arguments, no shell
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            last.append(line.rstrip())
            progress.step(line.strip())
    return process.returncode, list(last)


def _failure(name: str, last: list[str]) -> str:
    """Says that a build failed, with the lines that matter: those that are not the names of compiled packages."""
    said = [line for line in last if " " in line] or last
    unreachable = any("dial tcp" in line for line in said)
    hint = "Go's module proxy could not be reached" if unreachable else "Go said"
    return "\n".join([f"{name} could not be built: {hint}", *(f"  {line}" for line in said)])
