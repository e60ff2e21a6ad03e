"""The process ``otelmon canary``: a canary each interval, until it is told to end."""

from __future__ import annotations

import asyncio
import logging
import signal
import time
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from opentelemetry import metrics

from otelmon.launch import lifecycle
from otelmon.operate.canary import heartbeats, sending
from otelmon.operate.canary.book import Book
from otelmon.operate.canary.follow import follow

if TYPE_CHECKING:
    from pathlib import Path

    from otelmon.operate.canary.follow import Passage
    from otelmon.operate.overview.addresses import Addresses

SECONDS_TO_SEND_THE_REST = 3.0
_logger = logging.getLogger("otelmon.canary")


@dataclass(frozen=True, slots=True)
class Options:
    """Holds what a user chooses; times in seconds."""

    addresses: Addresses
    hops: tuple[str, ...]
    interval: float
    deadline: float
    heartbeats: Path | None


def once(options: Options) -> Passage:
    """Sends one canary and returns how far it came."""
    sending.set_up()
    return asyncio.run(_follow(options))


def run(options: Options) -> None:
    """Sends and follows until SIGTERM or SIGINT; a canary that is still followed then is forgotten."""
    sessions = sending.set_up()
    book = Book(options.hops)
    folder = options.heartbeats
    book.show(
        metrics.get_meter("otelmon.canary", version("otelmon")),
        lambda: heartbeats.read(folder, time.time()) if folder is not None else [],
    )
    asyncio.run(_serve(options, book))
    lifecycle.shut_down(sessions, SECONDS_TO_SEND_THE_REST)


async def _serve(options: Options, book: Book) -> None:
    ended = asyncio.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(each, ended.set)
    rounds = asyncio.create_task(_rounds(options, book))
    await ended.wait()
    rounds.cancel()
    await asyncio.gather(rounds, return_exceptions=True)


async def _rounds(options: Options, book: Book) -> None:
    """Sends at each interval, whether the one before has been found or not; never more than fit into a deadline."""
    following: set[asyncio.Task[None]] = set()
    while True:
        task = asyncio.create_task(_enter(options, book))
        following.add(task)
        task.add_done_callback(following.discard)
        await asyncio.sleep(options.interval)


async def _enter(options: Options, book: Book) -> None:
    passage = await _follow(options)
    before = book.last.missed.keys() if book.last is not None else set()
    book.enter(passage)
    for hop, reason in passage.missed.items():
        if hop not in before:
            _logger.warning("canary_missed hop=%s reason=%r", hop, reason)
    for hop in before - passage.missed.keys():
        _logger.info("canary_seen_again hop=%s", hop)


async def _follow(options: Options) -> Passage:
    return await follow(sending.send, sending.service_name(), options.addresses, options.deadline, options.hops)
