"""Where everything of a drill's stack is, kept in a file so that another process can use it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING

from demo.parts.errors import PartError

if TYPE_CHECKING:
    from pathlib import Path

FILE = "places.json"


@dataclass(frozen=True)
class Database:
    """Holds one server: its port, its superuser's and its application's address, its programs and data."""

    port: int
    admin_url: str = field(repr=False)
    url: str = field(repr=False)
    programs: str = ""
    data: str = ""

    @property
    def address(self) -> str:
        """Returns host and port as labels of alerts show them."""
        return f"127.0.0.1:{self.port}"


@dataclass(frozen=True)
class Places:
    """Holds the addresses; ``tokens`` are those of the services at GitHub's stand-in, by service."""

    contributors: Database
    ledger: Database
    archive: Database
    standby: Database
    services: dict[str, str]
    tokens: dict[str, str] = field(repr=False)
    github: str
    sentry: str
    jaeger: str
    collector: str
    collector_health: str
    gate: str
    jaeger_gate: str
    victoriametrics: str
    metrics_directory: str
    vmalert: str
    alertmanager: str
    notifications: str
    observers: dict[str, str]
    rules: str

    def write(self, directory: Path) -> None:
        """Keeps it in a file that only this account can read: passwords of this stack are in it."""
        path = directory / FILE
        path.unlink(missing_ok=True)
        path.touch(mode=0o600)
        path.write_text(json.dumps(asdict(self)), encoding="utf-8")

    @classmethod
    def read(cls, directory: Path) -> Places:
        """Returns what is kept.

        Raises:
            PartError: when no stack of a drill runs there.
        """
        try:
            known = json.loads((directory / FILE).read_text(encoding="utf-8"))
            databases = {name: Database(**known.pop(name)) for name in ("contributors", "ledger", "archive", "standby")}
            return cls(**databases, **known)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise PartError(f"no stack of a drill runs in {directory}", "make drill-stack starts one") from error
