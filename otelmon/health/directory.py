"""The private folder in which the workers of one service show one another their state."""

from __future__ import annotations

import hashlib
import os
import stat
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


class NotPrivateError(OSError):
    """Says that the folder exists and belongs to somebody else, or is open to others."""


def directory_of(base: Path, service: str, address: str) -> Path:
    """Returns the folder of one service at one address, made where it is missing; only this user can enter it.

    Args:
        base: a folder for temporary files.
        service: name of the service.
        address: host and port that its workers share.

    Raises:
        NotPrivateError: somebody else has made the folder.
        OSError: it cannot be made.
    """
    key = hashlib.sha256(f"{service}\0{address}".encode()).hexdigest()[:12]
    outer = base / f"otelmon-health-{os.geteuid()}"
    for each in (outer, outer / key):
        _make_private(each)
    return outer / key


def _make_private(path: Path) -> None:
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        # Not followed: a link would lead to where somebody else wants files to be written.
        found = path.lstat()
        private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.geteuid() and not found.st_mode & 0o077
        if not private:
            raise NotPrivateError(f"{path} is not a folder of this user alone") from None
