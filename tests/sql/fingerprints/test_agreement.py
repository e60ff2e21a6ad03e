"""How fingerprints group statements, compared with how a server's query ids do."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.sql.fingerprints.agreement import Named, fingerprint, named_by
from tests.sql.fingerprints.corpus import corpus
from tests.sql.fingerprints.differences import DIFFERENCES, Difference
from tests.sql.fingerprints.page import PAGE, row

if TYPE_CHECKING:
    from tests.sql.servers import Server


@pytest.fixture(scope="session")
def named(server: Server) -> list[Named]:
    """Runs every statement."""
    return named_by(server.url, server.major)


def test_there_are_at_least_500_statements() -> None:
    """The corpus is as large as promised, a statement that is there twice counted once."""
    assert len({each.text for each in corpus()}) >= 500


def test_the_page_tells_the_agreement(named: list[Named], server: Server) -> None:
    """docs/fingerprints.md has the figures that this server gives."""
    assert row(server.major, named) in PAGE.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("difference", [pytest.param(each, id=each.why[:40]) for each in DIFFERENCES])
def test_differences_are_as_the_page_says(difference: Difference, named: list[Named], server: Server) -> None:
    """Each reason holds in exactly the versions that are named."""
    ids = {each.statement.text: each.query_id for each in named}
    assert (fingerprint(difference.one) == fingerprint(difference.other)) is difference.together
    assert (ids[difference.one] == ids[difference.other]) is (str(server.major) in difference.same_id_in)
    assert difference.why in PAGE.read_text(encoding="utf-8")
