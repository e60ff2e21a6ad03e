"""The test suites of observed libraries pass and fail under otelmon as they do without."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import pytest

from tests.suites.libraries import LIBRARIES, Library, outcomes
from tests.suites.table import DIFFERENT

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.suites
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("library", LIBRARIES, ids=lambda each: each.name)
def test_the_same_tests_pass_and_fail(library: Library, tmp_path: Path) -> None:
    """Each test ends as it does without otelmon, but for those that are known to be different, with the reason."""
    bare = outcomes(library, tmp_path / "bare.xml", observed=False)
    observed = outcomes(library, tmp_path / "observed.xml", observed=True)
    assert Counter(bare.values())["passed"] >= library.least, Counter(bare.values())
    different = {name for name in bare.keys() | observed.keys() if bare.get(name) != observed.get(name)}
    assert different == set(DIFFERENT.get(library.name, {}))
