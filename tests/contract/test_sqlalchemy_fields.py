"""What the hooks of SQLAlchemy read without a public name, held against the installed release."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, event, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import AssertionPool, AsyncAdaptedQueuePool, NullPool, QueuePool, SingletonThreadPool, StaticPool

from otelmon.hooks.sqlalchemy.fields import is_traced_by_instrumentation, lazy_loaded_from
from otelmon.hooks.sqlalchemy_pool.states import can_wait, most_connections
from tests.integration.sqlalchemy.drivers import make_tables
from tests.integration.sqlalchemy.models import Author


@pytest.mark.parametrize(
    ("kind", "options", "most", "waits"),
    [
        pytest.param(QueuePool, {"pool_size": 2, "max_overflow": 3}, 5, True, id="QueuePool"),
        pytest.param(QueuePool, {"pool_size": 2, "max_overflow": -1}, None, True, id="QueuePool, any overflow"),
        pytest.param(QueuePool, {"pool_size": 0}, None, True, id="QueuePool of any size"),
        pytest.param(AsyncAdaptedQueuePool, {"pool_size": 1, "max_overflow": 0}, 1, True, id="AsyncAdaptedQueuePool"),
        pytest.param(NullPool, {}, None, False, id="NullPool"),
        pytest.param(SingletonThreadPool, {}, None, False, id="SingletonThreadPool"),
        pytest.param(StaticPool, {}, 1, False, id="StaticPool"),
        pytest.param(AssertionPool, {}, 1, False, id="AssertionPool"),
    ],
)
def test_most_connections_of_a_pool(kind, options, most, waits) -> None:
    """Size and overflow stand where they stood, and a class that cannot wait is known."""
    pool = kind(lambda: None, **options)
    assert (most_connections(pool), can_wait(pool)) == (most, waits)


def test_lazy_load_is_told_from_other_executions() -> None:
    """Of a session's executions that of a lazy load alone names the class it is for."""
    engine = create_engine("sqlite://")
    make_tables(engine)
    found = []

    @event.listens_for(engine, "before_cursor_execute")
    def listen(*given: object) -> None:
        found.append((lazy_loaded_from(given[4]), is_traced_by_instrumentation(given[4])))

    with Session(engine) as session:
        author = session.scalars(select(Author)).first()
        author.books  # noqa: B018 - reading it loads it
        session.execute(text("SELECT 1"))
    engine.dispose()
    assert found == [(None, False), ("Author", False), (None, False)]
