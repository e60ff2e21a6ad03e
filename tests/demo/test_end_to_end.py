"""The main job on real parts: what is planted in the service is found in every back end, once and without a secret."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from demo import evidence, secrecy
from demo.parts import collector, postgres, service
from demo.parts import stack as stack_part
from demo.parts.supervisor import Supervisor
from demo.planted import FAILING_QUERY, LEAKED_CONNECTION, SLOW_QUERY, THROTTLED_CALL, PlantedValues
from demo.readback.http import get_json
from demo.report import SECONDS_TO_SENTRY
from demo.traffic import Traffic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from demo.evidence import Finding, Readers
    from demo.parts.ports import Ports
    from demo.parts.programs import Programs
    from demo.parts.stack import Stack
    from demo.parts.steps import Steps
    from demo.readback.span import ReadSpan

pytestmark = pytest.mark.parts
GITHUB = "otelmon.github.rate_limit."


@dataclass(frozen=True)
class Run:
    """Holds one run after service and Collector have ended: what was planted, found and read back."""

    stack: Stack
    values: PlantedValues
    readers: Readers
    traces: dict[str, str]
    usual: str
    findings: list[Finding]
    secrets: dict[str, dict[str, int]]
    seconds_to_sentry: float | None

    def jaeger(self, fault: str) -> list[ReadSpan]:
        """Returns the spans of one fault's trace."""
        return self.readers.jaeger.trace(self.traces[fault])


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, ports: Ports, steps: Steps, all_programs: Programs) -> Iterator[Run]:
    """Starts everything, plants the faults, waits until they are found, and ends service and Collector."""
    supervisor = Supervisor(tmp_path_factory.mktemp("end-to-end"))
    try:
        stack = stack_part.start(supervisor, all_programs, ports, steps)
        traffic, values, readers = Traffic(stack.service, stack.github), PlantedValues(), evidence.Readers(stack)
        usual = traffic.usual()
        faults = traffic.plant(values)
        findings = evidence.find_all(readers, faults)
        supervisor.stop_part(service.NAME)
        supervisor.stop_part(collector.NAME)
        secrets = secrecy.occurrences(readers, secrecy.secrets_of(stack, values))
        traces = {fault.name: fault.trace_id for fault in faults}
        yield Run(stack, values, readers, traces, usual, findings, secrets, evidence.seconds_to_sentry(readers, faults))
    finally:
        supervisor.stop()


@pytest.mark.parametrize("back_end", evidence.BACK_ENDS)
@pytest.mark.parametrize("fault", [SLOW_QUERY, FAILING_QUERY, THROTTLED_CALL, LEAKED_CONNECTION])
def test_each_fault_is_found_in_each_back_end(run: Run, fault: str, back_end: str) -> None:
    """Every planted fault is read back through every back end's own interface."""
    found = [each.evidence for each in run.findings if (each.what, each.back_end) == (fault, back_end)]
    assert len(found) == 1
    assert found[0] != ""


def test_the_slow_select_is_marked_in_jaeger(run: Run) -> None:
    """Jaeger has a trace in which the slow SELECT, and it alone, carries ``otelmon.keep`` = ``slow_db``."""
    slow = [span for span in run.jaeger(SLOW_QUERY) if span.keep == "slow_db"]
    assert [span.attributes["db.operation.name"] for span in slow] == ["SELECT"]
    assert slow[0].end_ns - slow[0].start_ns >= 500_000_000


def test_a_usual_github_call_tells_its_budget_in_jaeger(run: Run) -> None:
    """Jaeger has a trace whose GitHub span carries the budget, as numbers, of the core resource."""
    spans = [span for span in run.readers.jaeger.trace(run.usual) if f"{GITHUB}remaining" in span.attributes]
    assert [span.attributes[f"{GITHUB}resource"] for span in spans] == ["core"]
    assert spans[0].attributes[f"{GITHUB}limit"] == 5000
    assert 0 < int(str(spans[0].attributes[f"{GITHUB}remaining"])) < 5000


def test_a_usual_request_is_whole_in_jaeger(run: Run) -> None:
    """A request of the reference kind has three SELECT spans and one GitHub span below its one server span."""
    spans = run.readers.jaeger.trace(run.usual)
    servers = [span for span in spans if span.attributes.get("span.kind") == "server"]
    selects = [span for span in spans if span.attributes.get("db.operation.name") == "SELECT"]
    github = [span for span in spans if f"{GITHUB}remaining" in span.attributes]
    parents = {span.parent_id for span in (*selects, *github)}
    assert (len(servers), len(selects), len(github), parents) == (1, 3, 1, {servers[0].span_id})


@pytest.mark.parametrize("series", sorted(evidence.SERIES))
def test_usual_series_are_there(run: Run, series: str) -> None:
    """VictoriaMetrics has series of the pool, the caches and the GitHub budget."""
    assert [each.found for each in run.findings if each.what == series] == [True]


def test_the_slow_query_is_at_sentry_in_time(run: Run) -> None:
    """The slow span is at Sentry within 30 s of its end."""
    assert run.seconds_to_sentry is not None
    assert run.seconds_to_sentry <= SECONDS_TO_SENTRY


def test_the_planted_values_were_really_on_their_way(run: Run) -> None:
    """PostgreSQL's own log has literal and DETAIL, and GitHub's stand-in saw the token in the URL."""
    log = run.stack.supervisor.log_of(postgres.NAME).read_text()
    seen = get_json(f"{run.stack.github.url}/stand-in/seen")["seen"]
    sent = run.values.literal in log, run.values.unique in log, any(run.values.access_token in url for url in seen)
    assert sent == (True, True, True)


def test_no_secret_reaches_a_back_end(run: Run) -> None:
    """No planted value of SQL, no token and no password is in any byte that a back end keeps."""
    assert {(name, what) for name, counts in run.secrets.items() for what, count in counts.items() if count} == set()


def test_the_search_for_secrets_finds_what_is_there(run: Run) -> None:
    """A word that every back end has to have is found by the same search."""
    found = secrecy.occurrences(run.readers, {"name of the service": service.SERVICE_NAME})
    assert {name: counts["name of the service"] > 0 for name, counts in found.items()} == dict.fromkeys(found, True)


def test_each_span_arrives_once(run: Run) -> None:
    """No span id is in a back end twice, though marked and sampled spans go separate ways."""
    assert secrecy.repeated_spans(run.readers) == {evidence.JAEGER: 0, evidence.SENTRY: 0}


def test_both_back_ends_of_spans_have_the_same(run: Run) -> None:
    """Jaeger and Sentry hold the very same spans of the service."""
    ids = [
        {span.span_id for span in spans}
        for spans in (run.readers.jaeger.spans(service.SERVICE_NAME), run.readers.sentry.spans())
    ]
    assert ids[0] == ids[1]
