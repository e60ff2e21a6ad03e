"""A stack that outlives the command that started it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from demo.drill import disk
from demo.parts import postgres, programs, stack, victoriametrics
from demo.parts.ports import Ports
from demo.parts.state import State
from demo.parts.steps import Steps
from demo.parts.supervisor import claim, end
from demo.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from rich.console import Console

    from demo.parts.supervisor import Supervisor

USUAL_REQUESTS = 20
PASSWORD_FILE = "pgpass"  # noqa: S105 - the name of a file, not what is in it


def start(console: Console, directory: Path, ports: Mapping[str, int]) -> dict[str, str]:
    """Starts everything, sends a little traffic, and returns the addresses by part.

    Raises:
        PartError: when a stack is running already or a part does not start; then nothing is left running.
    """
    chosen = Ports(ports)
    supervisor = claim(directory, detached=True)
    steps = Steps(console)
    ready = programs.bring(steps)
    begun = False
    try:
        running = stack.start(supervisor, ready, chosen, steps)
        with steps.step("a little traffic"):
            Traffic(running.service, running.github).usual(USUAL_REQUESTS)
        remember_password(supervisor, running)
        begun = True
    finally:
        if not begun:
            supervisor.stop()
    return supervisor.state.addresses


def remember_password(supervisor: Supervisor, running: stack.Stack) -> None:
    """Writes a password file for psql that only this account can read, and the command that uses it."""
    path = supervisor.directory / PASSWORD_FILE
    path.unlink(missing_ok=True)
    path.touch(mode=0o600)
    server = running.postgres
    path.write_text(
        f"127.0.0.1:{server.port}:{postgres.DATABASE}:{postgres.DATABASE}:{server.password}\n", encoding="utf-8"
    )
    address = f"PGPASSFILE={path} psql -h 127.0.0.1 -p {server.port} -U {postgres.DATABASE} {postgres.DATABASE}"
    supervisor.tell_address(postgres.NAME, address)


def show(console: Console, addresses: Mapping[str, str]) -> None:
    """Prints the addresses and what to do with them."""
    service = addresses["service"]
    lines = [
        "",
        *(f"{name:<16} {address}" for name, address in addresses.items()),
        "",
        f"try: curl {service}/repositories/owner-01/project-1",
        f"     curl '{service}/faults/slow-query?email=someone@example.org'",
        "end: make stop",
    ]
    for line in lines:
        console.print(line, markup=False, highlight=False, soft_wrap=True)


def stop(states: Path) -> list[str]:
    """Ends what states list, unless the command that started it still watches over it; returns the names."""
    ended: list[str] = []
    for file in sorted(states.rglob("state.json")):
        state = State.read(file.parent)
        if state and not (state.owner and state.owner.runs()):
            ended += end(state, file.parent)
            (file.parent / PASSWORD_FILE).unlink(missing_ok=True)
            disk.release(file.parent / victoriametrics.NAME)
    return ended
