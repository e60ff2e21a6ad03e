"""What the hook of psycopg uses of pipelines is what the installed release does."""

from __future__ import annotations

import inspect

from psycopg import AsyncPipeline, Cursor, Pipeline
from psycopg.pq import PipelineStatus


def test_results_pass_one_function() -> None:
    """Both kinds of pipeline share the base whose function takes every result, with what was queued for it."""
    base = Pipeline.__mro__[1]
    assert AsyncPipeline.__mro__[1] is base
    assert list(inspect.signature(vars(base)["_process_results"]).parameters) == ["self", "queued", "results"]


def test_a_result_names_its_cursor(postgres_dsn: str) -> None:
    """What is queued for a statement begins with its cursor, and nothing is queued for a command of psycopg's own."""
    import psycopg

    with psycopg.connect(postgres_dsn) as connection, connection.pipeline() as pipeline:
        cursor = connection.execute("SELECT 1")
        queued = [each[0] if each else None for each in pipeline.result_queue]
        assert [each for each in queued if each is not None] in ([cursor], [])
        assert pipeline._conn is connection
        assert isinstance(cursor, Cursor)
        assert pipeline.pgconn.pipeline_status == PipelineStatus.ON
