"""Where workers show themselves to one another: a private folder, a lock each, a file each."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

import pytest

from otelmon.health.binding import is_loopback, parts
from otelmon.health.directory import NotPrivateError, directory_of
from otelmon.health.publication import Publication
from otelmon.health.siblings import DEAD_SHOWN, siblings

if TYPE_CHECKING:
    from pathlib import Path


def test_the_folder_is_for_one_user_service_and_address(tmp_path: Path) -> None:
    """Others can neither read nor enter; another service at the same address has another folder."""
    directory = directory_of(tmp_path, "shop", "127.0.0.1:1")
    assert directory.stat().st_mode & 0o777 == 0o700
    assert directory_of(tmp_path, "shop", "127.0.0.1:1") == directory
    assert directory_of(tmp_path, "mail", "127.0.0.1:1") != directory


def test_a_folder_that_others_can_write_is_not_used(tmp_path: Path) -> None:
    """Nor is a link, which somebody else may have laid."""
    outer = tmp_path / f"otelmon-health-{os.geteuid()}"
    outer.mkdir()
    outer.chmod(0o777)
    with pytest.raises(NotPrivateError):
        directory_of(tmp_path, "shop", "127.0.0.1:1")
    outer.rmdir()
    (tmp_path / "elsewhere").mkdir(mode=0o700)
    outer.symlink_to(tmp_path / "elsewhere")
    with pytest.raises(NotPrivateError):
        directory_of(tmp_path, "shop", "127.0.0.1:1")


def test_who_has_the_lock_lives_and_who_lost_it_is_dead(tmp_path: Path) -> None:
    """The kernel lets go of the lock of a process that ends; its last state stays to be shown for a while."""
    here = Publication(tmp_path)
    here.publish({"pid": 1, "at": time.monotonic()})
    now = time.monotonic()
    assert [each.life for each in siblings(tmp_path, now)] == ["live"]
    assert [each.life for each in siblings(tmp_path, now + 11.0)] == ["stale"]
    here.forget()
    (dead,) = siblings(tmp_path, now)
    assert (dead.life, dead.document["pid"]) == ("dead", 1)
    assert siblings(tmp_path, now + DEAD_SHOWN + 1) == []
    assert list(tmp_path.iterdir()) == []


def test_who_leaves_leaves_nothing(tmp_path: Path) -> None:
    """An end as it should be is no death."""
    here = Publication(tmp_path)
    here.publish({"at": 1.0})
    here.withdraw()
    assert list(tmp_path.iterdir()) == []


def test_a_state_that_was_cut_is_unknown(tmp_path: Path) -> None:
    """Neither an error nor a made-up status."""
    here = Publication(tmp_path)
    (tmp_path / f"{here.name}.json").write_text('{"status": "o')
    (found,) = siblings(tmp_path, 0.0)
    assert (found.life, found.document) == ("live", {})
    here.withdraw()


@pytest.mark.parametrize(
    ("host", "loopback"),
    [("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("localhost", True), ("0.0.0.0", False), ("::", False),  # noqa: S104 - nothing is bound
     ("10.1.2.3", False), ("loopback.example", False)],
)  # fmt: skip
def test_what_only_this_machine_reaches_is_told(host: str, *, loopback: bool) -> None:
    """A name may lead anywhere."""
    assert is_loopback(host) is loopback


def test_an_address_is_taken_apart() -> None:
    """The brackets of IPv6 are no part of the host."""
    assert parts("[::1]:8080") == ("::1", 8080)
