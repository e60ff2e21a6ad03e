"""Shows by a file or an HTTP ping that the watch thread runs: the second road, which needs no OpenTelemetry.

The watch only knocks, at every interval; a thread of its own writes and pings, so that a hanging disk or network stops
neither the watch nor the application. No knock, no sign: a watch that hangs is silent on this road too.
"""

from __future__ import annotations

import json
import logging
import os
import socket
import threading
import time
from contextlib import suppress
from http.client import HTTPException
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from opentelemetry.instrumentation.utils import suppress_instrumentation

from otelmon import guard

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

T = TypeVar("T")
_logger = logging.getLogger("otelmon")
SUFFIX = ".heartbeat.json"
SECONDS_TO_PING = 5.0
# What a process left behind that was killed; a day is enough for whoever watches to have seen it.
SECONDS_UNTIL_FORGOTTEN = 86_400


class HeartbeatFile:
    """One file for each process, replaced as a whole at each beat and removed at an orderly end."""

    def __init__(self, directory: str, service: str) -> None:
        self._directory = Path(directory)
        self._service = service
        self._started = int(time.time())
        self._path = self._directory / f"{socket.gethostname()}-{os.getpid()}{SUFFIX}"

    def beat(self) -> None:
        """Writes the time; the first beat makes the directory, removes what is a day old and tells of the killed."""
        if not self._path.exists():
            self._directory.mkdir(parents=True, exist_ok=True)
            self._sweep()
            self._tell_of_the_killed()
        sign = {
            "service": self._service,
            "host": socket.gethostname(),
            "pid": os.getpid(),
            "started": self._started,
            "beat": int(time.time()),
        }
        unfinished = self._path.with_suffix(".new")
        unfinished.write_text(json.dumps(sign), encoding="utf-8")
        unfinished.replace(self._path)

    def remove(self) -> None:
        """Takes the sign away."""
        with suppress(OSError):
            self._path.unlink(missing_ok=True)

    def _sweep(self) -> None:
        oldest = time.time() - SECONDS_UNTIL_FORGOTTEN
        with suppress(OSError):  # another process may have been faster
            for each in [path for path in self._directory.glob(f"*{SUFFIX}") if path.stat().st_mtime < oldest]:
                each.unlink()

    def _tell_of_the_killed(self) -> None:
        """Logs each process of this service on this machine that has left its sign and does not live any more."""
        for path in self._directory.glob(f"{socket.gethostname()}-*{SUFFIX}"):
            with suppress(OSError, ValueError, LookupError, TypeError):  # anybody can write into a folder
                self._tell_of(json.loads(path.read_text(encoding="utf-8")))

    def _tell_of(self, sign: Mapping[str, str | int]) -> None:
        if sign["service"] == self._service and not _lives(int(sign["pid"])):
            _logger.warning("unclean_stop pid=%d last_beat=%d", int(sign["pid"]), int(sign["beat"]))


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # a process of another account
        return True
    return True


def ping(url: str) -> None:
    """Asks an address once and drops the answer; no span is made of it.

    Raises:
        OSError: it did not answer in time, or with an error.
        HTTPException: what it answered is no HTTP.
    """
    from urllib.request import Request, urlopen  # noqa: PLC0415 - most processes ping nobody

    # Settings let http and https through, nothing else.
    request = Request(url, headers={"User-Agent": "otelmon-heartbeat"})  # noqa: S310 - see above
    with suppress_instrumentation(), urlopen(request, timeout=SECONDS_TO_PING):  # noqa: S310 - see above
        pass


class Heartbeat:
    """Beats in a thread of its own whenever the watch knocks; after a fork the child begins anew.

    Args:
        directory: takes the file; empty for none.
        url: is pinged; empty for none.
        interval_ms: milliseconds between two beats.
        service: returns the name of the service.
    """

    def __init__(self, directory: str, url: str, interval_ms: int, service: Callable[[], str]) -> None:
        self._directory, self._url = directory, url
        self._interval = interval_ms / 1000
        self._service = service
        self._due = 0.0
        self._pid = 0
        self._forget()

    def _forget(self) -> None:
        self._knocked = threading.Event()
        self._silent: set[str] = set()
        self._ended = False
        self._file: HeartbeatFile | None = None

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name; nothing where neither road is wanted."""
        return [("heartbeat", self._round)] if self._directory or self._url else []

    def finish(self) -> None:
        """Ends the thread and takes the file away: an orderly end is no alarm."""
        self._ended = True
        self._knocked.set()
        if self._file is not None and self._pid == os.getpid():
            self._file.remove()

    def _round(self) -> None:
        now = time.monotonic()
        if self._pid != os.getpid():
            self._begin()
        elif now < self._due:
            return
        self._due = now + self._interval
        self._knocked.set()

    def _begin(self) -> None:
        self._pid = os.getpid()
        self._forget()
        self._file = HeartbeatFile(self._directory, self._service()) if self._directory else None
        threading.Thread(name="otelmon-heartbeat", target=self._run, daemon=True).start()

    def _run(self) -> None:
        knocked = self._knocked
        while knocked.wait():
            knocked.clear()
            if self._ended:
                return
            guard.call(guard.site("watch.heartbeat"), self._beat)

    def _beat(self) -> None:
        if self._file is not None:
            self._try("file", self._beat_unless_ended, self._file)
        if self._url:
            self._try("ping", ping, self._url)

    def _try(self, road: str, beat: Callable[[T], None], what: T) -> None:
        """Beats on one road; a disk or an address that is away is told of once, and tried again for ever."""
        try:
            beat(what)
        except (OSError, HTTPException) as error:
            if road not in self._silent:
                self._silent.add(road)
                _logger.warning("heartbeat_failed road=%s error=%s", road, type(error).__name__)
        else:
            self._silent.discard(road)

    def _beat_unless_ended(self, file: HeartbeatFile) -> None:
        file.beat()
        if self._ended:
            file.remove()
