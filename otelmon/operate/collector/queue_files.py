"""Sets aside queue files that are no database any more, which would keep the Collector from starting."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

# Both copies of bbolt's meta page carry it, 16 bytes after the beginning of a page:
# https://github.com/etcd-io/bbolt/blob/v1.4.3/internal/common/types.go
MAGIC = (0xED0CDAED).to_bytes(4, "little")
PAGE_SIZES = (4096, 8192, 16384, 65536)
HEADER = 16
BROKEN = ".broken-"


def set_aside(folder: Path) -> tuple[Path, ...]:
    """Renames every file of a queue's folder that is no bbolt database, and returns the new names.

    ``recreate`` of the Collector's file_storage catches only files that make bbolt panic; one that bbolt refuses to
    open ends the start ("invalid database"). Nothing is deleted.
    """
    files = [path for path in sorted(folder.glob("*")) if path.is_file() and BROKEN not in path.name]
    broken = [path for path in files if not _is_database(path)]
    return tuple(path.rename(path.with_name(f"{path.name}{BROKEN}{int(time.time())}")) for path in broken)


def _is_database(path: Path) -> bool:
    """Returns whether a file is empty, which bbolt fills, or has a meta page at one of its two places."""
    with path.open("rb") as file:
        head = file.read(PAGE_SIZES[-1] + HEADER + len(MAGIC))
    places = (HEADER, *(size + HEADER for size in PAGE_SIZES))
    return not head or any(head[at : at + len(MAGIC)] == MAGIC for at in places)
