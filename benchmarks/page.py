"""Measures how long `otelmon page` takes with everything well, and with PostgreSQL frozen and the service at full load.

``make bench-page``. Writes the table into docs/page.md between its marks.
"""

from __future__ import annotations

import contextlib
import os
import platform
import signal
import statistics
import sys
import sysconfig
import tempfile
import threading
import time
from pathlib import Path
from urllib.request import urlopen

from rich.console import Console

from demo.parts import programs, stack
from demo.parts.environment import inherited
from demo.parts.places import ROOT
from demo.parts.ports import Ports, free_port
from demo.parts.steps import Steps
from demo.parts.supervisor import Program, Supervisor
from demo.parts.told_to_end import unwind_when_told_to_end
from demo.parts.waiting import answers, wait_for

PAGE = ROOT / "docs" / "page.md"
BEGIN, END = "<!-- make bench-page: begin -->", "<!-- make bench-page: end -->"
REQUESTS, THREADS = 200, 8
SECONDS_FROZEN = 5.0


def ask(url: str) -> float:
    """Returns the seconds of one request for the page."""
    began = time.perf_counter()
    with urlopen(url, timeout=30) as response:
        response.read()
    return time.perf_counter() - began


def measured(url: str) -> list[float]:
    """Returns the seconds of many requests, one after the other."""
    return [ask(url) for _ in range(REQUESTS)]


def row(name: str, seconds: list[float]) -> str:
    """Returns a line of the table, in milliseconds."""
    ordered = sorted(seconds)
    figures = (statistics.median(ordered), ordered[int(0.99 * len(ordered))], ordered[-1])
    return f"| {name} | " + " | ".join(f"{each * 1000:.0f} ms" for each in figures) + " |"


class Load:
    """Asks the service as fast as it answers, from several threads, until it is told to end."""

    def __init__(self, url: str) -> None:
        self._url = f"{url}/repositories/owner-02/project-2"
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._ask, daemon=True) for _ in range(THREADS)]
        self.answered = 0

    def start(self) -> None:
        """Begins."""
        for each in self._threads:
            each.start()

    def end(self) -> None:
        """Lets each thread end after its last request."""
        self._over.set()

    def _ask(self) -> None:
        while not self._over.is_set():
            # A service whose database is frozen answers late or never.
            with contextlib.suppress(OSError), urlopen(self._url, timeout=5) as response:
                response.read()
                self.answered += 1


def main() -> None:
    """Starts the parts, measures, and writes the table."""
    unwind_when_told_to_end()
    steps = Steps(Console(stderr=True))
    with tempfile.TemporaryDirectory() as directory:
        owner = Supervisor(Path(directory))
        try:
            rows = compare(stack.start(owner, programs.bring(steps), Ports(), steps), owner)
        finally:
            owner.stop()
    write(rows)


def compare(running: stack.Stack, owner: Supervisor) -> list[str]:
    """Returns the lines of the table."""
    url = start_page(running, owner)
    server = next(each for each in owner.state.parts if each.name == "postgres").identity.pid
    quiet = row("everything well, no load", measured(url))
    load = Load(running.service.url)
    load.start()
    time.sleep(SECONDS_FROZEN)
    loaded = row(f"service at full load ({load.answered / SECONDS_FROZEN:.0f} requests a second)", measured(url))
    frozen = descendants(server)
    for pid in frozen:
        os.kill(pid, signal.SIGSTOP)
    try:
        time.sleep(SECONDS_FROZEN)
        stopped = row("PostgreSQL frozen by SIGSTOP, service under the same load", measured(url))
    finally:
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
        load.end()
    return [quiet, loaded, stopped]


def descendants(pid: int) -> list[int]:
    """Returns a process and its children."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return [pid, *(int(each) for each in children)]


def start_page(running: stack.Stack, owner: Supervisor) -> str:
    """Starts the page and returns its address when it has read every source."""
    port = free_port()
    environment = {
        **inherited(),
        "OTELMON_METRICS_URL": running.victoriametrics.url,
        "OTELMON_ALERTMANAGER_URL": running.alertmanager.url,
        "OTELMON_JAEGER_URL": running.jaeger.url,
        "OTELMON_STATUS_URLS": f"{running.observer.url}/status",
    }
    command = [Path(sysconfig.get_path("scripts")) / "otelmon", "page", "--port", str(port)]
    url = f"http://127.0.0.1:{port}/"
    owner.start(Program("page", command, environment, ROOT), lambda: answers(f"{url}livez"))
    if not wait_for(lambda: b"Reading the sources" not in urlopen(url, timeout=10).read(), 30):
        sys.exit("the page has read nothing within 30 s")
    return url


def write(rows: list[str]) -> None:
    """Puts the table between its marks."""
    head = "| state | half of the requests within | 99 of 100 within | slowest |\n|---|---|---|---|\n"
    told = (
        f"{REQUESTS} requests for the whole page, one after the other, on {os.cpu_count()} cores"
        f" ({platform.machine()}, Python {platform.python_version()}) that also ran every part and the load;"
        f" load average {os.getloadavg()[0]:.1f} at the end."
    )
    text = PAGE.read_text(encoding="utf-8")
    before, after = text.partition(BEGIN)[0], text.partition(END)[2]
    PAGE.write_text(f"{before}{BEGIN}\n{head}" + "\n".join(rows) + f"\n\n{told}\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
