"""The receiver that tests of whole applications export to; what they booked is held against it at the end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.conservation.books import BookedSink

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture
def sink(tmp_path_factory: pytest.TempPathFactory) -> Iterator[BookedSink]:
    """Yields a real OTLP receiver; every process that exported to it must have booked each span."""
    receiver = BookedSink(tmp_path_factory.mktemp("booked"))
    yield receiver
    receiver.close()
    receiver.assert_conserved()
