"""The test suites of observed libraries pass and fail under otelmon as they do without."""

from __future__ import annotations

import os
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.suites.comparison import compare
from tests.suites.libraries import DIFFERENT, LIBRARIES, Library
from tests.suites.outcomes import Where

if TYPE_CHECKING:
    from demo.parts.postgres import Postgres


@pytest.mark.suites
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_the_same_tests_pass_and_fail(library: Library, postgres: Postgres, tmp_path: Path) -> None:
    """Each test ends as it does without otelmon, but for those that are known to be different, with the reason."""
    sources = os.environ.get("OTELMON_TEST_SOURCES")
    found = compare(library, tmp_path, Where(postgres.admin_url, Path(sources) if sources else None))
    assert Counter(found.bare.values())["passed"] >= library.least, Counter(found.bare.values())
    assert set(found.different) == set(DIFFERENT.get(library.name, {}))
