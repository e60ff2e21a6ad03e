"""The service of health on a real socket: floods, slow callers, addresses that are taken, tokens, forks."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import socket
import threading
import time
from typing import TYPE_CHECKING

import pytest

from demo.parts.waiting import wait_for
from tests.integration.health.asking import asked

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.parts.ports import Ports
    from otelmon.health.door import HealthDoor


def is_ready(address: str) -> bool:
    """Tells whether all is well there."""
    return asked(address, "/readyz")[0] == 200


def test_one_answers_and_another_takes_over(door: Callable[..., HealthDoor], address: str) -> None:
    """Two at one address are both shown; when the one who answers leaves, the other does."""
    first = door(address)
    assert wait_for(lambda: is_ready(address), 10)
    door(address)
    assert wait_for(lambda: len(asked(address, "/status")[1].get("workers", ())) == 2, 10)
    first.finish()
    assert wait_for(lambda: len(asked(address, "/status")[1].get("workers", ())) == 1, 10)


def test_whoever_answers_says_so_from_the_first_answer_on(door: Callable[..., HealthDoor], address: str) -> None:
    """Nobody answers with a record of himself that says that he does not."""
    door(address)
    (shown,) = wait_for(lambda: asked(address, "/status")[1].get("workers"), 10) or ()
    assert shown["answers"] is True


def test_an_address_that_a_stranger_has_is_told_once_and_taken_when_free(
    door: Callable[..., HealthDoor], address: str, caplog: pytest.LogCaptureFixture
) -> None:
    """The application is not touched by it."""
    host, _, port = address.partition(":")
    with caplog.at_level(logging.WARNING, "otelmon"), socket.create_server((host, int(port))):
        door(address)
        assert wait_for(lambda: "health_address_not_free" in caplog.text, 15)
    assert wait_for(lambda: is_ready(address), 15)
    assert caplog.text.count("health_address_not_free") == 1


def test_an_address_beyond_loopback_needs_a_token(
    door: Callable[..., HealthDoor], ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    """Without one nothing is opened, and that is said once."""
    port = ports.take("health")
    with caplog.at_level(logging.WARNING, "otelmon"):
        assert door(f"0.0.0.0:{port}").tasks() == []
    assert caplog.text.count("health_not_answered") == 1
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", port), timeout=2)


def test_a_token_opens(door: Callable[..., HealthDoor], address: str) -> None:
    """The wrong one and none do not."""
    door(address, "planted-token")
    assert wait_for(lambda: asked(address, "/livez")[0] == 200, 10)
    assert [asked(address, "/status", token)[0] for token in ("", "wrong", "planted-token")] == [401, 401, 200]


def test_slow_callers_do_not_keep_others_out(door: Callable[..., HealthDoor], address: str) -> None:
    """Eight who send a byte now and then are sent away, and others are answered meanwhile."""
    door(address)
    assert wait_for(lambda: is_ready(address), 10)
    host, _, port = address.partition(":")
    slow = [socket.create_connection((host, int(port)), timeout=5) for _ in range(8)]
    for each in slow:
        each.send(b"GET /status HT")
    began = time.monotonic()
    assert is_ready(address)
    assert time.monotonic() - began < 5.0
    for each in slow:
        with contextlib.suppress(ConnectionResetError):
            assert each.recv(100) == b""
        each.close()
    assert time.monotonic() - began < 10.0


def test_a_flood_is_answered_at_its_pace(door: Callable[..., HealthDoor], address: str) -> None:
    """Whatever comes, at most fifty a second are answered, and afterwards all is as before."""
    door(address)
    assert wait_for(lambda: is_ready(address), 10)
    answered: list[int] = []
    end = time.monotonic() + 2.0

    def flood() -> None:
        while time.monotonic() < end:
            answered.append(asked(address, "/livez", seconds=0.5)[0])

    callers = [threading.Thread(target=flood) for _ in range(16)]
    began = time.monotonic()
    for each in callers:
        each.start()
    for each in callers:
        each.join()
    lasted = time.monotonic() - began
    assert 10 < answered.count(200) <= 50 * lasted + 15
    assert wait_for(lambda: is_ready(address), 10)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_has_a_place_of_its_own(door: Callable[..., HealthDoor], address: str) -> None:
    """It lets go of the parent's socket and lock; killed, it is named; the parent answers on."""
    mine = door(address)
    assert wait_for(lambda: is_ready(address), 10)
    child = os.fork()
    if child == 0:
        mine.after_fork()
        while True:
            mine.look()
            time.sleep(0.05)
    try:
        assert wait_for(lambda: asked(address, "/readyz")[1].get("workers") == {"live": 2, "stale": 0, "dead": 0}, 10)
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    notes = wait_for(lambda: asked(address, "/readyz")[1].get("notes"), 10)
    assert notes is not None
    assert notes[0].startswith(f"worker {child} has ended without saying so")


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")
def test_a_forked_child_takes_over_from_its_parent(door: Callable[..., HealthDoor], address: str) -> None:
    """It does not hold on to the parent's socket, on which nobody would answer."""
    mine = door(address)
    assert wait_for(lambda: is_ready(address), 10)
    child = os.fork()
    if child == 0:
        mine.after_fork()
        while True:
            mine.look()
            time.sleep(0.05)
    try:
        assert wait_for(lambda: len(asked(address, "/status")[1].get("workers", ())) == 2, 10)
        mine.finish()
        assert wait_for(
            lambda: [each["pid"] for each in asked(address, "/status")[1].get("workers", ())] == [child], 10
        )
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
