"""The lints of Supabase's splinter have nothing to say of the schema: ``make test-suites``.

Its SQL is fetched and not kept here: OTELMON_TEST_SPLINTER names a copy of splinter.sql, else GitHub is asked.
"""

from __future__ import annotations

import os
import urllib.request
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.sql.database import READER

if TYPE_CHECKING:
    from tests.sql.database import Database

SOURCE = "https://raw.githubusercontent.com/supabase/splinter/main/splinter.sql"
# What the lints expect of a database of that provider.
LAYOUT = """
CREATE SCHEMA auth;
CREATE TABLE auth.users (id uuid PRIMARY KEY);
CREATE ROLE anon;
CREATE ROLE authenticated;
CREATE ROLE service_role;
"""
UNDO = "DROP ROLE anon, authenticated, service_role"

pytestmark = pytest.mark.suites


@pytest.fixture(scope="module")
def lints() -> str:
    """Returns splinter's one statement, without the setting before it."""
    named = os.environ.get("OTELMON_TEST_SPLINTER")
    if named:
        text = Path(named).read_text(encoding="utf-8")
    else:
        try:
            with urllib.request.urlopen(SOURCE, timeout=30) as answer:
                text = answer.read().decode()
        except OSError as error:
            pytest.fail(f"splinter.sql cannot be fetched ({error}): name a copy by OTELMON_TEST_SPLINTER")
    return text.partition(";")[2]


def findings(database: Database, lints: str, exposed: str) -> list[tuple[str, str]]:
    """Returns what the lints say, as name and cache key."""
    connection = database.connect()
    connection.execute("SET search_path = ''")
    connection.execute(f"SET pgrst.db_schemas = '{exposed}'".encode())
    rows = connection.execute(f"SELECT name, cache_key FROM ({lints.strip().rstrip(';')}) AS lint".encode()).fetchall()
    connection.close()
    return [(str(name), str(key)) for name, key in rows]


@pytest.mark.parametrize("exposed", ["public", "public, otelmon"], ids=["as it is", "exposed to the API by mistake"])
def test_lints_find_nothing_in_our_schema(database: Database, lints: str, exposed: str) -> None:
    """No lint names anything of the schema otelmon, not even where it is exposed by mistake; a planted one is found."""
    database.rows(LAYOUT)
    try:
        database.rows("CREATE TABLE public.planted (parent integer)")
        database.value("SELECT count(*) FROM otelmon.statements", READER)
        found = findings(database, lints, exposed)
    finally:
        database.rows("DROP SCHEMA auth CASCADE")
        database.rows(UNDO)
    assert [each for each in found if "otelmon" in each[1]] == []
    assert any("planted" in key for _, key in found)
