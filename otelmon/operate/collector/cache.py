"""Where built programs lie: one folder a program, named after the content of its sources and how it is built."""

from __future__ import annotations

import fcntl
import hashlib
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

SHORTENED_TO = 16


def directory(environment: Mapping[str, str]) -> Path:
    """Returns the cache folder: OTELMON_CACHE_DIR, else otelmon in XDG_CACHE_HOME, else in ~/.cache."""
    if chosen := environment.get("OTELMON_CACHE_DIR"):
        return Path(chosen).expanduser()
    if base := environment.get("XDG_CACHE_HOME"):
        return Path(base).expanduser() / "otelmon"
    return Path("~/.cache/otelmon").expanduser()


def sources_digest(module: Path, recipe: Sequence[str]) -> str:
    """Returns a digest of everything that decides what a build gives, save the compiler.

    Args:
        module: the folder with go.mod; its Go sources, go.mod and go.sum are read.
        recipe: the package, the flags and the target.
    """
    digest = hashlib.sha256()
    for part in recipe:
        digest.update(part.encode() + b"\0")
    for path in sorted(_sources(module)):
        content = path.read_bytes()
        digest.update(f"{path.relative_to(module).as_posix()}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:SHORTENED_TO]


def _sources(module: Path) -> Iterator[Path]:
    yield from module.rglob("*.go")
    for name in ("go.mod", "go.sum"):
        if (module / name).is_file():
            yield module / name


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Holds a lock file while the block runs, so that two processes never build the same program at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
