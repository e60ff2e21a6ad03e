"""What the cases of faults share: a door before the receiver, and an application under load."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.fault.rig.application import Application, running
from tests.fault.rig.proxy import Proxy

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import AbstractContextManager
    from pathlib import Path

    from tests.conservation.books import BookedSink


@pytest.fixture
def door(sink: BookedSink) -> Iterator[Proxy]:
    """Yields a door before the receiver."""
    opened = Proxy(sink.port)
    yield opened
    opened.close()


@pytest.fixture
def application(sink: BookedSink, tmp_path: Path) -> Callable[..., AbstractContextManager[Application]]:
    """Returns a block in which an application runs that exports to the receiver."""
    return lambda *arguments, **chosen: running(sink, tmp_path, *arguments, **chosen)


@pytest.fixture
def seen(record_property: Callable[[str, object], None]) -> Callable[[str], None]:
    """Returns what writes down, in words, what a case has seen; the table of faults shows it."""
    return lambda words: record_property("seen", words)
