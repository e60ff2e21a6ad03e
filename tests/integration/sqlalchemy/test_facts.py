"""What SQLAlchemy knows of a call stands on the driver's span."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from tests.integration.observing import observing
from tests.integration.sqlalchemy.conftest import HOOKS
from tests.integration.sqlalchemy.drivers import DRIVERS, make_tables, on_engine
from tests.integration.sqlalchemy.models import Author

if TYPE_CHECKING:
    from sqlalchemy import Engine


@pytest.mark.parametrize("driver", DRIVERS)
def test_lazy_load_and_wait_are_told(driver: str, dsn: str) -> None:
    """The first call after a checkout tells its wait, and a lazy load the class that it is for; no other call does."""

    def work(engine: Engine) -> Any:
        make_tables(engine)
        before = len(observation.spans())
        with Session(engine) as session:
            author = session.scalars(select(Author).order_by(Author.id)).first()
            assert len(author.books) == 2
        return observation.spans()[before:]

    with observing(HOOKS) as observation:
        spans = on_engine(driver, dsn, work)
    waited = [span.name for span in spans if "otelmon.db.pool.wait_ms" in span.attributes]
    lazy = [(span.name, span.attributes.get("otelmon.db.orm.lazy_loaded_from")) for span in spans]
    assert waited == [spans[0].name]
    assert [each for each in lazy if each[1]] == [("SELECT books", "Author")]
