"""Fixtures that start real parts, once a session, with the modules that the demo uses.

Tests that take one of them carry the marker ``parts`` without saying so.
"""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

import pytest
from rich.console import Console

from demo.parts import collector as collector_part
from demo.parts import jaeger as jaeger_part
from demo.parts import postgres as postgres_part
from demo.parts import postgres_programs, programs, stand_ins
from demo.parts import stack as stack_part
from demo.parts import victoriametrics as victoriametrics_part
from demo.parts.errors import PartError
from demo.parts.places import cache_directory
from demo.parts.ports import Ports
from demo.parts.steps import Steps
from demo.parts.supervisor import Supervisor
from demo.seed import Amounts

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.collector import Collector
    from demo.parts.jaeger import Jaeger
    from demo.parts.postgres import Postgres
    from demo.parts.programs import Programs
    from demo.parts.stack import Stack
    from demo.parts.stand_ins import GitHubStandIn, SentryStandIn
    from demo.parts.victoriametrics import VictoriaMetrics

REAL = frozenset(
    {
        "postgres_dsn",
        "postgres",
        "github",
        "sentry",
        "collector",
        "jaeger",
        "victoriametrics",
        "stack",
        "all_programs",
        "collector_program",
        "postgres_programs_directory",
    }
)


# Those that need a program built from Go modules; the Collector's own tests have theirs.
BUILT = frozenset({"jaeger", "victoriametrics", "collector", "stack", "all_programs", "collector_program"})


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Marks every test that takes a real part."""
    for item in items:
        if REAL.intersection(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.parts)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Builds the programs before the first test that needs them, so that no test's time limit counts a build."""
    needed = any(BUILT.intersection(getattr(item, "fixturenames", ())) for item in session.items)
    capture = session.config.pluginmanager.getplugin("capturemanager")
    if not needed or session.config.option.collectonly or capture is None:
        return
    # A build that fails here fails again, with its reason, in the tests that need it.
    with capture.global_and_fixture_disabled(), contextlib.suppress(PartError):
        programs.bring(Steps(Console(stderr=True)))


@pytest.fixture(scope="session")
def steps() -> Steps:
    """Shows builds as they go on."""
    return Steps(Console(stderr=True))


@pytest.fixture(scope="session")
def supervisor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Supervisor]:
    """Owns every part of the session and ends them all."""
    owner = Supervisor(tmp_path_factory.mktemp("parts"))
    yield owner
    owner.stop()


@pytest.fixture(scope="session")
def ports() -> Ports:
    """Gives free ports, none twice."""
    return Ports()


@pytest.fixture(scope="session")
def all_programs(steps: Steps) -> Programs:
    """Returns the programs of all parts."""
    return programs.bring(steps)


@pytest.fixture(scope="session")
def postgres_programs_directory(steps: Steps) -> Path:
    """Returns where ``initdb`` and ``postgres`` lie."""
    return postgres_programs.find(cache_directory(), steps.say)


@pytest.fixture(scope="session")
def postgres(supervisor: Supervisor, ports: Ports, postgres_programs_directory: Path) -> Postgres:
    """Starts a PostgreSQL server with the demo's schema and some rows; ``admin_url`` is the superuser's."""
    few = Amounts(contributors=500, contributions=5_000)
    return postgres_part.start(supervisor, postgres_programs_directory, ports.take("postgres"), few)


@pytest.fixture(scope="session")
def postgres_dsn(postgres: Postgres) -> str:
    """Returns the connection string of an ordinary role that owns its database."""
    return postgres.url


@pytest.fixture(scope="session")
def github(supervisor: Supervisor, ports: Ports) -> GitHubStandIn:
    """Starts the GitHub stand-in, which answers without delay."""
    return stand_ins.start_github(supervisor, ports.take("github"), delay_ms=0, points_a_minute=1_000_000)


@pytest.fixture(scope="session")
def sentry(supervisor: Supervisor, ports: Ports) -> SentryStandIn:
    """Starts the Sentry stand-in."""
    return stand_ins.start_sentry(supervisor, ports.take("sentry"))


@pytest.fixture(scope="session")
def jaeger(supervisor: Supervisor, ports: Ports, steps: Steps) -> Jaeger:
    """Starts Jaeger."""
    return jaeger_part.start(supervisor, programs.go_program(steps, *programs.JAEGER), ports)


@pytest.fixture(scope="session")
def victoriametrics(supervisor: Supervisor, ports: Ports, steps: Steps) -> VictoriaMetrics:
    """Starts VictoriaMetrics."""
    return victoriametrics_part.start(supervisor, programs.go_program(steps, *programs.VICTORIAMETRICS), ports)


@pytest.fixture(scope="session")
def collector_backends(jaeger: Jaeger, victoriametrics: VictoriaMetrics, sentry: SentryStandIn) -> dict[str, str]:
    """Returns the variables that lead a Collector to all three back ends."""
    return collector_part.backends(jaeger, victoriametrics, sentry)


@pytest.fixture(scope="session")
def collector(supervisor: Supervisor, ports: Ports, steps: Steps, collector_backends: dict[str, str]) -> Collector:
    """Starts the Collector in front of all three back ends."""
    return collector_part.start(supervisor, programs.collector(steps), ports, collector_backends)


@pytest.fixture(scope="session")
def stack(
    tmp_path_factory: pytest.TempPathFactory, ports: Ports, steps: Steps, all_programs: Programs
) -> Iterator[Stack]:
    """Starts everything that the demo starts, apart from the other parts: a test may end some of it."""
    owner = Supervisor(tmp_path_factory.mktemp("stack"))
    try:
        yield stack_part.start(owner, all_programs, ports, steps)
    finally:
        owner.stop()
