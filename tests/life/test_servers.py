"""Servers end under load: in time, with every span of an answered request delivered once, each worker by itself."""

from __future__ import annotations

import re
import signal
import time
from typing import TYPE_CHECKING, NamedTuple

import pytest

from demo.parts.waiting import wait_for
from tests.life.serving import (
    APPLICATION,
    BIN,
    SECONDS_OF_THE_SERVER,
    SERVERS,
    SHUTDOWN_SECONDS,
    Load,
    of_each_worker,
    port_for_a_server,
    wait_until_it_serves,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.life.serving import Answers, Server
    from tests.otlp_sink import OtlpSink

# For make test-life; the others run with every change.
LONG = pytest.mark.suites
WORKERS = 2
REQUESTS = 400
SPANS_AT_IMPORT = 50
SHORT_DELAY = 0.2
# One that has begun and is cut off, on a busy machine.
SECONDS_OF_AN_EXPORT = 2.0
SECONDS_TO_END = SHUTDOWN_SECONDS + SECONDS_OF_THE_SERVER
GEVENT = {"OTEL_PYTHON_AUTO_INSTRUMENTATION_EXPERIMENTAL_GEVENT_PATCH": "patch_all"}


def gunicorn(port: int, kind: str, *more: str) -> list[str | Path]:
    """Returns gunicorn's command line."""
    options = [f"--workers={WORKERS}", f"--worker-class={kind}", f"--bind=127.0.0.1:{port}", "--no-control-socket"]
    return [BIN / "gunicorn", *options, "--threads=4" if kind == "gthread" else "--threads=1", *more,
            f"{APPLICATION}:application"]  # fmt: skip


def uvicorn(port: int, *more: str) -> list[str | Path]:
    """Returns uvicorn's command line."""
    return [BIN / "uvicorn", f"--port={port}", "--log-level=warning", *more, f"{APPLICATION}:asgi"]


def uwsgi(port: int, *more: str) -> list[str | Path]:
    """Returns uWSGI's command line, as its own documentation has it for applications with threads."""
    options = [
        "--master",
        "--need-app",
        "--hook-master-start=unix_signal:15 gracefully_kill_them_all",
        f"--processes={WORKERS}",
        "--enable-threads",
    ]
    return [SERVERS / "bin" / "uwsgi", *options, f"--http-socket=127.0.0.1:{port}", f"--virtualenv={BIN.parent}", *more,
            f"--module={APPLICATION}:application"]  # fmt: skip


class Loaded(NamedTuple):
    """Holds what came of a server under load: its answers, how long its end took, and when that began."""

    answers: Answers
    seconds: float
    ended_at: float


def load_and_end(server: Server, port: int, workers: int, number: int = signal.SIGTERM) -> Loaded:
    """Loads a server until every worker has answered and often enough, and ends it while the load goes on."""
    wait_until_it_serves(server, port)
    with Load(port) as load:
        said = load.answers
        enough = wait_for(lambda: len(said.said) >= REQUESTS and len(said.pids()) >= workers, 60)
        assert enough, (len(said.said), said.pids(), server.written())
        began = time.monotonic()
        seconds = server.end(number)
    return Loaded(said, seconds, began)


def ids(sink: OtlpSink, name: str) -> list[str]:
    """Returns the ids of spans of a name, each as often as it arrived."""
    return [span.span_id.hex() for span in sink.spans() if span.name == name]


def assert_workers_are_their_own(answers: Answers) -> None:
    """Asserts that each worker has a watch that lives and beats, and counts its own spans only."""
    for each in of_each_worker(answers):
        assert each["watch"], each
        assert each["beat"] >= time.time() - 60, each
    for each in answers.said:
        assert 0 <= each["started"] <= each["begun"], each


def assert_all_arrived_once(sink: OtlpSink, answers: Answers) -> None:
    """Asserts that the span of every answered request is there, and none twice."""
    arrived = ids(sink, "request")
    assert len(arrived) == len(set(arrived))
    assert answers.spans() - set(arrived) == set()


def assert_no_error_of_ours(written: str) -> None:
    """Asserts that nobody failed; under gevent the SDK's own threads do, which live on in a fork that forgot them."""
    others = re.findall(r"Thread\(Otel\w+, .* failed with KeyError", written)
    assert written.count("Traceback") == len(others), written
    assert "otelmon_internal_error" not in written, written


def check(
    serve: Callable[..., Server], sink: OtlpSink, port: int, command: list[str | Path], workers: int, **variables: str
) -> None:
    """Starts, loads and ends a server, and asserts all of it."""
    server = serve(*command, LIFE_SPANS_AT_IMPORT=str(SPANS_AT_IMPORT), **variables)
    answers, seconds, _ = load_and_end(server, port, workers)
    assert seconds < SECONDS_TO_END, server.written()
    assert_no_error_of_ours(server.written())
    assert_workers_are_their_own(answers)
    assert_all_arrived_once(sink, answers)
    imported = ids(sink, "import")
    assert len(imported) == len(set(imported))
    # The master of uWSGI runs no exit handlers: what it made just before its end is not there.
    assert len(imported) >= (0 if "uwsgi" in str(command[0]) else SPANS_AT_IMPORT)
    assert server.lost() == 0


@pytest.mark.parametrize(
    ("kind", "preload"),
    [
        pytest.param("sync", ("--preload",), id="sync-preload"),
        pytest.param("sync", (), id="sync", marks=LONG),
        pytest.param("gthread", ("--preload",), id="gthread-preload", marks=LONG),
        pytest.param("gthread", (), id="gthread", marks=LONG),
    ],
)
def test_gunicorn(serve: Callable[..., Server], sink: OtlpSink, kind: str, preload: tuple[str, ...]) -> None:
    """SIGTERM under load: nothing that was answered is lost, with the application loaded before the fork or after."""
    port = port_for_a_server()
    check(serve, sink, port, gunicorn(port, kind, *preload), WORKERS)


@LONG
@pytest.mark.parametrize("preload", [(), ("--preload",)], ids=["each", "preload"])
def test_gunicorn_with_gevent(serve: Callable[..., Server], sink: OtlpSink, preload: tuple[str, ...]) -> None:
    """Greenlets in the place of threads, patched before anything is imported."""
    port = port_for_a_server()
    check(serve, sink, port, gunicorn(port, "gevent", *preload), WORKERS, **GEVENT)


@pytest.mark.parametrize("workers", [1, pytest.param(WORKERS, marks=LONG)])
def test_uvicorn(serve: Callable[..., Server], sink: OtlpSink, workers: int) -> None:
    """It ends itself by the signal once more, past the exit handlers; nothing that is older than an export is lost."""
    port = port_for_a_server()
    server = serve(*uvicorn(port, f"--workers={workers}"), OTEL_BSP_SCHEDULE_DELAY=str(int(SHORT_DELAY * 1000)))
    answers, seconds, ended_at = load_and_end(server, port, workers)
    assert seconds < SECONDS_TO_END, server.written()
    assert_no_error_of_ours(server.written())
    assert_workers_are_their_own(answers)
    arrived = ids(sink, "request")
    assert len(arrived) == len(set(arrived))
    lost = [each for each in answers.said if each["span"] not in set(arrived)]
    assert all(each["at"] > ended_at - SHORT_DELAY - SECONDS_OF_AN_EXPORT for each in lost), (lost[0], ended_at)


@LONG
def test_uvicorn_ended_by_ctrl_c(serve: Callable[..., Server], sink: OtlpSink) -> None:
    """SIGINT becomes an exit in good order, which delivers."""
    port = port_for_a_server()
    server = serve(*uvicorn(port))
    answers, seconds, _ = load_and_end(server, port, 1, signal.SIGINT)
    assert seconds < SECONDS_TO_END, server.written()
    assert_all_arrived_once(sink, answers)


@LONG
@pytest.mark.parametrize("lazy", [(), ("--lazy-apps",)], ids=["forked", "lazy"])
def test_uwsgi(serve: Callable[..., Server], sink: OtlpSink, lazy: tuple[str, ...]) -> None:
    """Embedding Python, it forks past it unless it is asked to tell it."""
    port = port_for_a_server()
    check(serve, sink, port, uwsgi(port, "--py-call-uwsgi-fork-hooks", *lazy), WORKERS)
