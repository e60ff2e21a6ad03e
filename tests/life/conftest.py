"""Starts the receiver and the servers of tests of process life."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.life.serving import Server, environment
from tests.otlp_sink import OtlpSink

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path


@pytest.fixture
def sink() -> Iterator[OtlpSink]:
    """Yields a real OTLP receiver."""
    receiver = OtlpSink()
    yield receiver
    receiver.close()


@pytest.fixture
def serve(sink: OtlpSink, tmp_path: Path) -> Iterator[Callable[..., Server]]:
    """Yields what starts a server under the wrapper; all that it started is ended."""
    servers: list[Server] = []

    def start(*command: str | Path, **variables: str) -> Server:
        servers.append(Server(command, tmp_path, environment(sink.endpoint, **variables)))
        return servers[-1]

    yield start
    for each in servers:
        each.kill()
