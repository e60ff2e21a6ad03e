"""Says whose own test suites are run under otelmon, where they are had, and what they need."""

from __future__ import annotations

from importlib.metadata import version
from typing import NamedTuple


class Library(NamedTuple):
    """Says where a library has its tests.

    Args:
        name: of the library.
        tests: their folder within its sources, and what pytest is told beside.
        least: how many of them have to pass, so that a suite that does not run at all is no success.
        archive: the source distribution that they are in, of the installed release.
        tag: where no source distribution has them: of its repository.
        repository: address of that, and its name among the folders of ``--sources``.
        beside: whether it needs the packages of requirements/suites.txt, put before what is installed.
        database: whether it needs a PostgreSQL server.
    """

    name: str
    tests: tuple[str, ...]
    least: int
    archive: str = ""
    tag: str = ""
    repository: str = ""
    beside: bool = False
    database: bool = False

    @property
    def release(self) -> str:
        """Returns which release is tested."""
        return self.tag.rpartition("-")[2] or version(self.archive)


_PSYCOPG = "https://github.com/psycopg/psycopg"
# What its authors mark as dependent on time ends differently on a busy machine, with otelmon or without.
_CERTAIN = ("-m", "not timing and not flakey and not slow")
LIBRARIES = (
    Library("Flask", ("tests",), 300, archive="Flask"),
    Library("requests", ("tests",), 250, archive="requests"),
    Library("urllib3", ("test", "--ignore=test/contrib/emscripten"), 1_500, archive="urllib3", beside=True),
    # It has no settings of pytest's, and shall not find this project's.
    Library("psycopg2", ("tests", "-c", "/dev/null", "--rootdir=."), 650, archive="psycopg2-binary", database=True),
    Library(
        "psycopg",
        ("tests", "--ignore=tests/pool", *_CERTAIN),
        3_000,
        tag="3.3.4",
        repository=_PSYCOPG,
        beside=True,
        database=True,
    ),
    Library(
        "psycopg_pool",
        ("tests/pool", *_CERTAIN),
        100,
        tag="pool-3.3.1",
        repository=_PSYCOPG,
        beside=True,
        database=True,
    ),
)
# By library, the tests that end differently, and why.
_OF_UPSTREAM = "fails under opentelemetry-instrumentation-flask with otelmon switched off as well"
DIFFERENT: dict[str, dict[str, str]] = {
    "Flask": {
        "tests/test_basic.py::test_app_freed_on_zero_refcount": _OF_UPSTREAM,
        "tests/test_request.py::test_trusted_hosts_config": _OF_UPSTREAM,
    },
    "psycopg2": {
        "tests/test_connection.py::ConnectionTests::test_cursor_factory_none": (
            "compares the class of a cursor by identity; under otelmon it is a subclass"
        ),
    },
}
