"""The health of one process: it shows its state to its siblings, and one of them answers for all.

Whoever gets the address answers. The others try again every second, so that one takes over when he ends.
"""

from __future__ import annotations

import contextlib
import errno
import logging
import os
import sys
import time
from typing import TYPE_CHECKING

from otelmon.health.answers import Snapshot, answer, snapshot
from otelmon.health.binding import listen
from otelmon.health.connection import Connection
from otelmon.health.directory import directory_of
from otelmon.health.http_service import WAITING_IN_THE_KERNEL, HttpService
from otelmon.health.publication import Publication
from otelmon.health.siblings import Sibling, siblings

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from otelmon.health.access import Access
    from otelmon.health.check import Document
    from otelmon.health.request import Request

_logger = logging.getLogger("otelmon")
SECONDS_BETWEEN_LOOKS = 1.0
# A parent gives way to its children for so long; an address that a stranger holds is tried as seldom.
SECONDS_OF_GIVING_WAY = 5.0
# So often the address must be taken, with no sibling answering, before a stranger is said to have it.
FAILURES_BEFORE_TELLING = 3


class HealthDoor:
    """Runs on the watch thread; only the answers are given on a thread of their own.

    Args:
        address: host and port.
        access: what callers must bring.
        service: returns the name of the service.
        version: of otelmon.
        base: a folder for temporary files.
        look: makes the document of this process.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - what launch knows, each once
        self,
        address: str,
        access: Access,
        service: Callable[[], str],
        version: str,
        base: Path,
        look: Callable[[], Document],
    ) -> None:
        self._address, self._access, self._version = address, access, version
        self._service_name, self._base, self._look = service, base, look
        missing = access.missing(address)
        self._allowed = not missing
        self._told: set[str] = set()
        self._ended = False
        self._begin()
        if missing:
            self._tell("open", "health_not_answered address=%s hint=set_%s", address, missing)

    def _begin(self) -> None:
        self._publication: Publication | None = None
        self._http: HttpService | None = None
        self._seen: Snapshot | None = None
        self._next_look = self._next_try = self._looked_at = 0.0
        self._failures = 0
        self._forked = False
        self._started = time.time()

    def tasks(self) -> list[tuple[str, Callable[[], None]]]:
        """Returns what the watch does in every round, by name."""
        return [("health", self.look)] if self._allowed else []

    def look(self) -> None:
        """Shows this process's state anew, and makes the answers where this one gives them; once a second."""
        now = self._looked_at = time.monotonic()
        if now < self._next_look or self._ended:
            return
        self._next_look = now + SECONDS_BETWEEN_LOOKS
        document = self._document(now)
        self._publish(document)
        if self._access.certificate is not None:
            self._access.certificate.look()
        if not document["answers"] and self._listens_now(now):
            # Whoever asks from now on is to read who answered him, not only a second later.
            document["answers"] = True
            self._publish(document)
        if self._http is not None:
            workers = self._workers(document, now)
            self._seen = snapshot(workers, self._service_name(), self._version, time.monotonic(), time.time())

    def _document(self, now: float) -> Document:
        return {
            "pid": os.getpid(),
            "role": "parent" if self._forked else "worker",
            "started": round(self._started, 3),
            "answers": self._http is not None and self._http.alive,
            "at": now,
            **self._look(),
        }

    def _publish(self, document: Document) -> None:
        try:
            if self._publication is None and not self._ended:
                directory = directory_of(self._base, self._service_name(), self._address)
                self._publication = Publication(directory)
            if self._publication is not None:
                self._publication.publish(document)
        except OSError as error:
            self._tell("alone", "health_of_this_process_alone error=%s", type(error).__name__)

    def _workers(self, document: Document, now: float) -> list[Sibling]:
        own = self._publication
        with contextlib.suppress(OSError):
            if own is not None:
                others = [each for each in siblings(own.directory, now) if each.name != own.name]
                return [Sibling(own.name, "live", 0.0, document), *others]
        return [Sibling(str(os.getpid()), "live", 0.0, document)]

    def _listens_now(self, now: float) -> bool:
        """Tries to take the address, and tells whether this process has it since."""
        certificate = self._access.certificate
        if now < self._next_try or (certificate is not None and certificate.context is None):
            return False
        try:
            listener = listen(self._address, WAITING_IN_THE_KERNEL)
        except OSError as error:
            self._failed(error, now)
            return False
        self._failures = 0
        self._http = HttpService(listener, self._answer, certificate.connection if certificate else Connection)
        _logger.info("health_answered address=%s tls=%s pid=%d", self._address, bool(certificate), os.getpid())
        return True

    def _failed(self, error: OSError, now: float) -> None:
        if error.errno == errno.EADDRINUSE and self._a_sibling_answers(now):
            self._failures = 0
            return
        self._failures += 1
        if self._failures >= FAILURES_BEFORE_TELLING:
            self._next_try = now + SECONDS_OF_GIVING_WAY
            reason = errno.errorcode.get(error.errno or 0, type(error).__name__)
            self._tell("taken", "health_address_not_free address=%s error=%s tried_again=yes", self._address, reason)

    def _a_sibling_answers(self, now: float) -> bool:
        own = self._publication
        if own is None:
            return False
        return any(each.life != "dead" and each.document.get("answers") for each in siblings(own.directory, now))

    def _tell(self, what: str, message: str, *values: object) -> None:
        """Warns once a process of each kind of trouble."""
        if what not in self._told:
            self._told.add(what)
            _logger.warning(message, *values)

    def _answer(self, asked: Request | None) -> bytes:
        now = time.monotonic()
        return answer(asked, self._seen, now - self._looked_at, self._access.token, now)

    def _leave_as_a_child(self) -> None:
        """Has children of multiprocessing take their places away; they end without running exit handlers.

        Source: multiprocessing/process.py, BaseProcess._bootstrap and popen_fork.py: os._exit after util's finalizers.
        """
        util = sys.modules.get("multiprocessing.util")
        if util is not None:
            # Asked for by multiprocessing after this, once it has forgotten the parent's finalizers.
            util.register_after_fork(self, lambda door: util.Finalize(None, door.finish, exitpriority=0))

    def after_fork(self) -> None:
        """Lets go of the parent's address and place in a forked child, which takes its own."""
        http, publication = self._http, self._publication
        self._begin()
        self._leave_as_a_child()
        if http is not None:
            http.abandon()
        if publication is not None:
            publication.forget()

    def has_forked(self) -> None:
        """Notes in the parent that it has a child; root gives way, for its children may be somebody else then."""
        self._forked = True
        if os.geteuid() == 0:
            self._next_try = time.monotonic() + SECONDS_OF_GIVING_WAY
            if self._http is not None:
                self._http.close()
                self._http = None

    def finish(self) -> None:
        """Stops answering and takes this process's place away."""
        self._ended = True
        if self._http is not None:
            self._http.close()
        if self._publication is not None:
            self._publication.withdraw()
            self._publication = None
