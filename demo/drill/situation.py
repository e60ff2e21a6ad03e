"""What faults work with: where things are, who owns the processes, and traffic that goes on meanwhile."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.drill.http import send, told
from demo.drill.loop import Loops
from demo.drill.places import Places
from demo.drill.sessions import execute
from demo.drill.statements import CALL, balance
from demo.parts.postgres import DATABASE
from demo.parts.supervisor import Supervisor

if TYPE_CHECKING:
    from pathlib import Path

SECONDS_BETWEEN_STATEMENTS = 0.5
SECONDS_BETWEEN_REQUESTS = {"contributors": 0.25, "reports": 2.0, "batch": 2.0}


@dataclass(frozen=True)
class Situation:
    """Holds one running stack."""

    places: Places
    supervisor: Supervisor

    @classmethod
    def at(cls, directory: Path) -> Situation:
        """Returns the stack that runs in a directory.

        Raises:
            PartError: when none does.
        """
        return cls(Places.read(directory), Supervisor.joined(directory))

    def ask(self, service: str, path: str, method: str = "GET") -> int:
        """Sends a request to a service and returns the status; 0 where nobody answers."""
        return send(method, self.places.services[service] + path)

    def told(self, service: str, path: str, method: str) -> None:
        """Sends a request that has to succeed."""
        told(method, self.places.services[service] + path)

    def github(self, method: str, path: str, document: dict[str, object]) -> None:
        """Tells GitHub's stand-in how to behave."""
        told(method, f"{self.places.github}/stand-in/{path}", document)

    def application_url(self, name: str) -> str:
        """Returns the superuser's address of the application's database on one of the servers."""
        url: str = getattr(self.places, name).admin_url
        return url.replace("/postgres?", f"/{DATABASE}?")


class Traffic:
    """Usual requests to every service, from now until it is ended."""

    def __init__(self, situation: Situation) -> None:
        self._situation = situation
        self._number = itertools.count()
        self._loops = Loops()

    def __enter__(self) -> Traffic:  # noqa: PYI034 - typing.Self came with 3.11, and nobody derives from it
        for service in self._situation.places.services:
            self._loops.begin(lambda name=service: self._one(name), SECONDS_BETWEEN_REQUESTS[service])
        # A smaller stack has one database alone.
        if "ledger" in self._situation.places.observers:
            ledger = self._situation.application_url("ledger")
            execute(ledger, balance())
            self._loops.begin(lambda: execute(ledger, CALL), SECONDS_BETWEEN_STATEMENTS)
        return self

    def __exit__(self, *_: object) -> None:
        self._loops.end()

    def _one(self, service: str) -> None:
        number = next(self._number)
        self._situation.ask(service, f"/repositories/owner-{1 + number % 5:02d}/project-{1 + number % 3}")
