"""Fetches the sources of observed libraries' tests: a source distribution, or a tag of a repository."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.suites.libraries import Library

CACHE = Path(__file__).parents[2] / ".cache" / "suites"
SECONDS = 300


def fetch(library: Library, copies: Path | None) -> Path:
    """Returns the folder of a library's sources, without the library itself.

    Args:
        library: whose tests they are.
        copies: folder of git directories named ``owner+name``, which spares the way to the repository; a folder
            ``repo`` in each of them is looked into as well.

    Raises:
        RuntimeError: they could not be had.
    """
    folder = CACHE / f"{library.name.lower()}-{library.release}"
    if not (folder / library.tests[0]).is_dir():
        CACHE.mkdir(parents=True, exist_ok=True)
        content = _of_tag(library, copies) if library.tag else _of_distribution(library)
        with tarfile.open(fileobj=io.BytesIO(content)) as opened:
            _unpack(opened, folder)
    return folder


def _of_distribution(library: Library) -> bytes:
    """Asks the index that pip is set up for."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    done = _run([*command, "--dest", str(CACHE), f"{library.archive}=={library.release}"])
    stem = library.archive.lower().replace("-", "")
    found = [
        each
        for each in sorted(CACHE.glob(f"*{library.release}.tar.gz"))
        if each.name.lower().replace("-", "").replace("_", "").startswith(stem)
    ]
    if not found:
        raise RuntimeError(f"pip cannot fetch the source distribution of {library.name}: {done.stderr[-200:]!r}")
    return found[0].read_bytes()


def _of_tag(library: Library, copies: Path | None) -> bytes:
    """Asks a copy where there is one, else the repository for that tag alone."""
    directory = _copy(library, copies)
    if directory is None:
        directory = CACHE / f"{library.name}.git"
        _run(["git", "init", "--quiet", "--bare", str(directory)])
        ref = f"refs/tags/{library.tag}:refs/tags/{library.tag}"
        asked = _run(["git", "-C", str(directory), "fetch", "--quiet", "--depth", "1", library.repository, ref])
        if asked.returncode:
            raise RuntimeError(
                f"git cannot fetch {library.tag} of {library.repository}: {asked.stderr[-200:].decode()!r}; "
                'where it cannot be reached, name a folder with a copy: make test-suites SOURCES="DIR"'
            )
    made = _run(["git", "-C", str(directory), "archive", library.tag])
    if made.returncode:
        raise RuntimeError(f"{directory} has no tag {library.tag}: {made.stderr[-200:].decode()!r}")
    return made.stdout


def _copy(library: Library, copies: Path | None) -> Path | None:
    if copies is None:
        return None
    owner, name = library.repository.split("/")[-2:]
    places = [copies / f"{owner}+{name}" / inner for inner in ("repo", ".git", "")]
    return next((each for each in places if (each / "objects").is_dir()), None)


def _run(command: list[str]) -> subprocess.CompletedProcess[bytes]:
    quiet = {**os.environ, "GIT_TERMINAL_PROMPT": "0"}
    return subprocess.run(command, env=quiet, capture_output=True, timeout=SECONDS, check=False)


def _unpack(opened: tarfile.TarFile, folder: Path) -> None:
    """Writes what is in an archive but the library itself; filters for that came with Python 3.11.4.

    A source distribution has one folder around everything, an archive of git has none.
    """
    members = [each for each in opened.getmembers() if each.isfile()]
    around = {each.name.partition("/")[0] for each in members}
    for member in members:
        inner = member.name.partition("/")[2] if len(around) == 1 else member.name
        content = opened.extractfile(member)
        if content is None or ".." in inner or inner.split("/")[0] in ("src", "psycopg", "psycopg_pool", "psycopg_c"):
            continue
        (folder / inner).parent.mkdir(parents=True, exist_ok=True)
        (folder / inner).write_bytes(content.read())
