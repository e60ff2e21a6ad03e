"""The second road: a file and a ping that need no OpenTelemetry, and stop when the watch stops."""

from __future__ import annotations

import json
import logging
import os
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING

import pytest

from otelmon.watch.heartbeat import SUFFIX, Heartbeat

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


class Pinged:
    """A server that counts the requests it gets and answers as told."""

    def __init__(self) -> None:
        self.status = 200
        self.count = 0
        pinged = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                pinged.count += 1
                self.send_response(pinged.status)
                self.end_headers()

            def log_message(self, *_: object) -> None:
                """Keeps quiet."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.thread.start()
        self.url = f"http://127.0.0.1:{self.server.server_port}/key-4711"


@pytest.fixture
def pinged() -> Iterator[Pinged]:
    """Yields a running server."""
    server = Pinged()
    yield server
    server.server.shutdown()
    server.server.server_close()


@pytest.fixture
def heartbeat() -> Iterator[Callable[..., Heartbeat]]:
    """Gives a function that makes one which beats at every round, and ends it."""
    made: list[Heartbeat] = []

    def make(directory: Path | str = "", url: str = "", interval_ms: int = 0) -> Heartbeat:
        made.append(Heartbeat(str(directory), url, interval_ms, lambda: "shop"))
        return made[-1]

    yield make
    for each in made:
        each.finish()


def rounds(heartbeat: Heartbeat, until: Callable[[], object], seconds: float = 10) -> None:
    """Does what the watch does until something is true."""
    end = time.monotonic() + seconds
    while not until():
        assert time.monotonic() < end, "not in time"
        for _, task in heartbeat.tasks():
            task()
        time.sleep(0.005)


def signs(directory: Path) -> list[dict[str, object]]:
    """Returns what every file of a folder says."""
    return [json.loads(path.read_text()) for path in directory.glob(f"*{SUFFIX}")]


def test_without_a_place_nothing_runs(heartbeat: Callable[..., Heartbeat]) -> None:
    """Where neither road is wanted the watch has no task and no thread is started."""
    assert heartbeat().tasks() == []


def test_the_file_follows_the_watch(heartbeat: Callable[..., Heartbeat], tmp_path: Path) -> None:
    """Each round renews the file; without rounds it grows old; at an orderly end it is gone."""
    beating = heartbeat(tmp_path / "made" / "here")
    began = int(time.time())
    rounds(beating, lambda: signs(tmp_path / "made/here"))
    (sign,) = signs(tmp_path / "made/here")
    assert (sign["service"], sign["pid"]) == ("shop", os.getpid())
    rounds(beating, lambda: signs(tmp_path / "made/here")[0]["beat"] > began)
    stopped = signs(tmp_path / "made/here")
    time.sleep(0.3)
    assert signs(tmp_path / "made/here") == stopped
    beating.finish()
    assert list((tmp_path / "made/here").iterdir()) == []


def test_a_reader_never_sees_half_a_file(heartbeat: Callable[..., Heartbeat], tmp_path: Path) -> None:
    """While the file is renewed as fast as can be, every reading of it is whole."""
    beating = heartbeat(tmp_path)
    rounds(beating, lambda: signs(tmp_path))
    readings: list[object] = []
    rounds(beating, lambda: readings.extend(signs(tmp_path)) or len(readings) > 200)
    assert len(readings) > 200


def test_a_folder_that_cannot_be_written_is_told_of_once_and_tried_again(
    heartbeat: Callable[..., Heartbeat], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """While a file stands where the folder should be there is one log line; when it goes the heartbeat is there."""
    place = tmp_path / "place"
    place.write_text("in the way")
    beating = heartbeat(place)
    with caplog.at_level(logging.WARNING, "otelmon"):
        rounds(beating, lambda: caplog.records)
        for _ in range(150):
            rounds(beating, lambda: True)
            beating.tasks()[0][1]()
            time.sleep(0.002)
    assert [record.getMessage() for record in caplog.records] == ["heartbeat_failed road=file error=FileExistsError"]
    place.unlink()
    rounds(beating, lambda: place.is_dir() and signs(place))


def test_what_a_killed_process_left_is_removed_after_a_day(heartbeat: Callable[..., Heartbeat], tmp_path: Path) -> None:
    """A file of yesterday goes, one of an hour ago stays for whoever watches, files of others are not touched."""
    now = time.time()
    for name, age in (("old", 90_000), ("young", 3_600)):
        path = tmp_path / f"{name}{SUFFIX}"
        path.write_text('{"pid": 1}')
        os.utime(path, (now - age, now - age))
    foreign = tmp_path / "of-others.json"
    foreign.write_text("{}")
    os.utime(foreign, (now - 90_000, now - 90_000))
    rounds(heartbeat(tmp_path), lambda: any(sign["pid"] == os.getpid() for sign in signs(tmp_path)))
    assert {path.name.split(".")[0] for path in tmp_path.iterdir() if path.name.startswith(("old", "young"))} == {
        "young"
    }
    assert foreign.exists()


def test_the_ping_goes_on_after_the_other_end_was_away(
    heartbeat: Callable[..., Heartbeat], pinged: Pinged, caplog: pytest.LogCaptureFixture
) -> None:
    """An address that answers 500 more often than any error limit is asked on, and its key stands in no log line."""
    beating = heartbeat(url=pinged.url)
    pinged.status = 500
    rounds(beating, lambda: pinged.count > 120)
    pinged.status = 200
    rounds(beating, lambda: pinged.count > 140)
    assert [record.getMessage() for record in caplog.records] == ["heartbeat_failed road=ping error=HTTPError"]
    assert "key-4711" not in caplog.text


def test_a_forked_child_has_a_file_of_its_own(heartbeat: Callable[..., Heartbeat], tmp_path: Path) -> None:
    """Parent and child beat side by side; the end of the child leaves the parent's file."""
    beating = heartbeat(tmp_path)
    rounds(beating, lambda: signs(tmp_path))
    child = os.fork()
    if child == 0:
        rounds(beating, lambda: len(signs(tmp_path)) == 2)
        beating.finish()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    assert status == 0
    assert [sign["pid"] for sign in signs(tmp_path)] == [os.getpid()]
