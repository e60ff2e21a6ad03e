"""Says which versions are tried together: each differs from the usual ones in one respect."""

from __future__ import annotations

from typing import NamedTuple

PYTHONS = ("3.10", "3.11", "3.12", "3.13", "3.14")
SERVERS = ("14", "15", "16", "17", "18")
USUAL_PYTHON = "3.11"
# floor: the oldest releases that pyproject.toml allows; locked: those of requirements/development.txt; newest: what an
# installer takes today.
RELEASES = ("floor", "locked", "newest")


class Cell(NamedTuple):
    """Holds the versions of one run.

    Args:
        python: of the interpreter, as ``3.12``.
        opentelemetry: one of ``RELEASES``.
        psycopg2: a release of psycopg2-binary, or one of ``locked`` and ``newest``.
        server: major version of PostgreSQL; empty for the one of the machine.
    """

    python: str = USUAL_PYTHON
    opentelemetry: str = "locked"
    psycopg2: str = "locked"
    server: str = ""

    @property
    def name(self) -> str:
        """Returns a name that is unique among cells, and can be given to ``--only``."""
        packages = f"otel_{self.opentelemetry}-psycopg2_{self.psycopg2}"
        return f"python{self.python}-{packages}-postgresql_{self.server or 'here'}"


CELLS = (
    *(Cell(python=each) for each in PYTHONS),
    Cell(opentelemetry="floor"),
    Cell(opentelemetry="newest", psycopg2="newest"),
    # The oldest 2.9 of which there is a wheel for the oldest Python, and for the usual one.
    Cell(python="3.10", psycopg2="2.9.2"),
    Cell(psycopg2="2.9.5"),
    *(Cell(server=each) for each in SERVERS),
)
