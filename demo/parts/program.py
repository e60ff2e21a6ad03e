"""What a process is started with, and how that is kept for whoever starts it again."""

from __future__ import annotations

import json
import signal
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts.account import Account
from demo.parts.errors import PartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

HERE = Account()
FOLDER = "programs"


@dataclass(frozen=True)
class Program:
    """Describes one process to start; another account is for root only."""

    name: str
    command: Sequence[str | Path]
    environment: Mapping[str, str] = field(default_factory=dict, repr=False)
    directory: Path | None = None
    account: Account = HERE
    stop_signal: signal.Signals = signal.SIGTERM


def remember(program: Program, directory: Path) -> None:
    """Keeps a program in a file that only this account can read: its environment holds passwords of this stack."""
    folder = directory / FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{program.name}.json"
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    document = {
        "command": [str(each) for each in program.command],
        "environment": dict(program.environment),
        "directory": str(program.directory or ""),
        "account": [program.account.user, program.account.group],
        "stop_signal": int(program.stop_signal),
    }
    path.write_text(json.dumps(document), encoding="utf-8")


def kept(name: str, directory: Path) -> bool:
    """Tells whether a program of this name was started there before."""
    return (directory / FOLDER / f"{name}.json").exists()


def recall(name: str, directory: Path) -> Program:
    """Returns a program that was started there.

    Raises:
        PartError: when there is none of this name.
    """
    try:
        known = json.loads((directory / FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise PartError(f"{name} was not started in {directory}", "make stack starts it") from error
    return Program(
        name, known["command"], known["environment"], Path(known["directory"]) if known["directory"] else None,
        Account(*known["account"]), signal.Signals(known["stop_signal"]),
    )  # fmt: skip


def forget(directory: Path) -> None:
    """Removes what was kept."""
    with suppress(OSError):
        for each in (directory / FOLDER).iterdir():
            each.unlink()
        (directory / FOLDER).rmdir()
