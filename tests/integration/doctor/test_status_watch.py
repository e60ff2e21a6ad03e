"""``otelmon status --watch`` in a terminal, on the real stack: what is new appears by itself, and Ctrl-C ends it."""

from __future__ import annotations

import os
import pty
import re
import select
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from demo.parts.stack import Stack

OTELMON = Path(sys.executable).parent / "otelmon"
SECONDS_TO_SHOW = 40.0
ALERT = "OtelmonShownWhileWatched"
# Of a terminal's control sequences only the text between them is looked at.
CONTROL = re.compile(r"\x1b\[[0-9;?]*[a-zA-Z]")


class Screen:
    """Reads what a program writes to its terminal."""

    def __init__(self, master: int) -> None:
        self._master = master
        self.text = ""

    def reads_until(self, done: Callable[[], bool]) -> bool:
        """Reads on until something holds: a program whose terminal nobody reads waits for ever."""
        end = time.monotonic() + SECONDS_TO_SHOW
        while not done() and time.monotonic() < end:
            # A terminal whose program has ended can be read no more.
            with suppress(OSError):
                if select.select([self._master], [], [], 0.2)[0]:
                    self.text += CONTROL.sub("", os.read(self._master, 65_536).decode(errors="replace"))
        return done()

    def shows(self, wanted: str) -> bool:
        """Reads on until something is there."""
        return self.reads_until(lambda: wanted in self.text)


@contextmanager
def watching(environment: dict[str, str]) -> Iterator[tuple[Screen, subprocess.Popen[bytes]]]:
    """Starts it in a terminal that is wide enough for a table."""
    master, slave = pty.openpty()
    process = subprocess.Popen(
        [OTELMON, "status", "--watch", "--every", "1"], stdin=slave, stdout=slave, stderr=slave,
        env={**environment, "COLUMNS": "200", "LINES": "60", "TERM": "xterm"},
    )  # fmt: skip
    os.close(slave)
    try:
        yield Screen(master), process
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)


@contextmanager
def alerting(url: str) -> Iterator[None]:
    """Lets an alert be open at Alertmanager meanwhile."""

    def send(ends: datetime) -> None:
        alert = {"labels": {"alertname": ALERT, "severity": "warning"}, "endsAt": ends.isoformat()}
        httpx.post(f"{url}/api/v2/alerts", json=[alert], trust_env=False).raise_for_status()

    send(datetime.now(timezone.utc) + timedelta(minutes=5))
    try:
        yield
    finally:
        send(datetime.now(timezone.utc))


def test_what_is_new_appears_and_ctrl_c_ends_it(stack: Stack) -> None:
    """An alert that is opened while somebody watches is shown; the exit code tells of what was shown last."""
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("OTEL_", "OTELMON_"))},
        "OTELMON_METRICS_URL": stack.victoriametrics.url,
        "OTELMON_JAEGER_URL": stack.jaeger.url,
        "OTELMON_ALERTMANAGER_URL": stack.alertmanager.url,
        "OTELMON_VMALERT_URL": stack.vmalert.url,
        "OTELMON_STATUS_URLS": f"{stack.observer.url}/status",
    }
    with watching(environment) as (screen, process):
        assert screen.shows("Database servers"), screen.text
        assert ALERT not in screen.text
        with alerting(stack.alertmanager.url):
            assert screen.shows(ALERT), screen.text
            process.send_signal(signal.SIGINT)
            assert screen.reads_until(lambda: process.poll() is not None)
            assert process.returncode == 1
    assert "Traceback" not in screen.text
