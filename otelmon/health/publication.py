"""Shows the state of this process to its siblings: a file with it, and a lock that ends with the process.

A lock of the kernel tells a living process from a dead one without its id, which another process may have by then.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from otelmon.health.check import Document

LOCK, STATE = ".lock", ".json"


class Publication:
    """Holds the lock and writes the file; both go with ``withdraw``."""

    def __init__(self, directory: Path) -> None:
        """Takes a name of its own in the folder.

        Raises:
            OSError: nothing can be written there.
        """
        self.directory = directory
        self.name = f"{os.getpid()}-{secrets.token_hex(4)}"
        unlocked = directory / f"{self.name}.new"
        self._lock = os.open(unlocked, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Seen by others only when it is locked.
        unlocked.rename(directory / f"{self.name}{LOCK}")

    def publish(self, document: Document) -> None:
        """Writes a state, whole or not at all.

        Raises:
            OSError: the disk is full, or the folder is gone.
        """
        target = self.directory / f"{self.name}{STATE}"
        fresh = target.with_suffix(".part")
        fresh.write_text(json.dumps(document), encoding="utf-8")
        fresh.chmod(0o600)
        fresh.replace(target)

    def forget(self) -> None:
        """Lets go of the parent's lock in a forked child; the parent still holds it."""
        with contextlib.suppress(OSError):
            os.close(self._lock)

    def withdraw(self) -> None:
        """Takes file and lock away: the process ends as it should."""
        for suffix in (STATE, ".part", LOCK):
            (self.directory / f"{self.name}{suffix}").unlink(missing_ok=True)
        self.forget()
