"""A library that is installed and not used is not loaded, and one that is imported later is observed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.integration.launch.late_application import LIBRARIES
from tests.otlp_sink import attributes_of

if TYPE_CHECKING:
    from collections.abc import Callable

APPLICATION = str(Path(__file__).with_name("late_application.py"))


def test_libraries_are_touched_when_they_are_imported(run: Callable[..., Any], postgres_dsn: str) -> None:
    """None is loaded at the start; psycopg's calls are seen, each once, though it came afterwards."""
    done = run(APPLICATION, postgres_dsn)
    assert done.code == 0, done.stderr
    assert done.stdout.split() == [], f"of {LIBRARIES}"
    selects = [found for each in done.sink.spans() if (found := attributes_of(each)).get("db.query.text") == "SELECT ?"]
    assert [each["db.system.name"] for each in selects] == ["postgresql"]
