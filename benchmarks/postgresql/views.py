"""Reads every view whole, as the reader, and takes the time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from statistics import fmean, median

import psycopg
from psycopg import sql

from benchmarks.postgresql.processor import processor_seconds
from otelmon.operate.sql import files


@dataclass(frozen=True)
class Reading:
    """Holds what reading all rows of a view takes: median time, and mean processor time of the server."""

    view: str
    rows: int
    median_ms: float
    processor_ms: float


def measure(url: str, rounds: int) -> list[Reading]:
    """Returns a reading of each view, after one round that nobody counts."""
    times: dict[str, list[float]] = {}
    spent: dict[str, list[float]] = {}
    rows: dict[str, int] = {}
    with psycopg.connect(url, autocommit=True, prepare_threshold=None) as connection:
        names = list(files.views(connection.info.server_version // 10000))
        for turn in range(rounds + 1):
            for name in names:
                began, used = time.perf_counter(), processor_seconds(connection.info.backend_pid)
                rows[name] = len(
                    connection.execute(sql.SQL("SELECT * FROM otelmon.{}").format(sql.Identifier(name))).fetchall()
                )
                if turn:
                    times.setdefault(name, []).append((time.perf_counter() - began) * 1000)
                    more = processor_seconds(connection.info.backend_pid) - used
                    spent.setdefault(name, []).append(more * 1000)
    return [Reading(name, rows[name], median(each), fmean(spent[name])) for name, each in times.items()]
