"""What otelmon makes of a request is what OpenTelemetry's instrumentation of requests makes of it."""

from __future__ import annotations

import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
import requests
from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation import requests as upstream
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from opentelemetry.instrumentation.utils import suppress_http_instrumentation, suppress_instrumentation
from opentelemetry.sdk.metrics import MeterProvider
from opentelemetry.sdk.metrics.export import InMemoryMetricReader, Metric, ScopeMetrics
from opentelemetry.sdk.trace import ReadableSpan, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from opentelemetry.trace import Link

from otelmon import guard
from otelmon.calls.leaf_span import LeafSpan
from otelmon.calls.pending_span import PendingSpan
from otelmon.hooks.requests import hook
from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from otelmon.ledger import Ledger
from otelmon.processors.marking import MarkingSpanProcessor
from otelmon.processors.request_spans import RequestSpanProcessor
from otelmon.registry import HookRegistry
from otelmon.registry.requests import root_of
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.usefixtures("stable_names")
FIELDS = {name for name, value in vars(ReadableSpan).items() if isinstance(value, property)} - {
    "context", "parent", "start_time", "end_time", "instrumentation_info", "status", "attributes", "events", "resource",
}  # fmt: skip


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        self.server.seen.append((self.command, self.path, dict(self.headers)))  # type: ignore[attr-defined]
        if self.path.startswith("/hangs-up"):
            self.close_connection = True
            return
        status = int(self.path.strip("/").split("?")[0].split("/")[0] or 200)
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.path if "again" in self.path else "/200")
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_POST = do_PURGE = do_HEAD = do_GET  # noqa: N815 - names that the base class looks for

    def log_message(self, *_: object) -> None:
        """Says nothing."""


class Seen(NamedTuple):
    """Holds what one way of tracing made of a case: finished spans, points of the histogram, the server's requests."""

    spans: list[ReadableSpan]
    points: list[dict[str, object]]
    asked: list[tuple[str, str, dict[str, str]]]


@pytest.fixture(scope="module")
def server() -> Iterator[Any]:
    """Yields a server that answers with the status in the path."""
    made = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    made.seen = []  # type: ignore[attr-defined]
    thread = threading.Thread(target=made.serve_forever, args=(0.02,))
    thread.start()
    yield made
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.fixture
def trace_of(server: Any) -> Callable[..., Seen]:
    """Returns what runs a case on one of the two ways, below a span of the application."""

    def run(case: Callable[[str], object], *, ours: bool, settings: dict[str, str] | None = None, **given: Any) -> Seen:
        registry = HookRegistry(Settings.from_env(settings or {})[0])
        registry.finished_span_takers = lambda tracer: FinishedSpans(tracer).takers
        exporter, reader = InMemorySpanExporter(), InMemoryMetricReader()
        provider, meters = TracerProvider(shutdown_on_exit=False), MeterProvider([reader], shutdown_on_exit=False)
        processor = MarkingSpanProcessor(SimpleSpanProcessor(exporter), registry.settings, Ledger().open("test"))
        provider.add_span_processor(processor)
        requests_of = RequestSpanProcessor()
        requests_of.requests = registry.requests
        provider.add_span_processor(requests_of)
        undo = hook.install(registry) if ours else lambda: None
        if ours:
            deliver_figures(meters, InstrumentationScope("otelmon"), registry, heartbeat=lambda: 1, spans=dict)
        server.seen.clear()
        RequestsInstrumentor().instrument(tracer_provider=provider, meter_provider=meters, **given)
        try:
            with provider.get_tracer("application").start_as_current_span("request"):
                case(f"http://127.0.0.1:{server.server_port}")
        finally:
            RequestsInstrumentor().uninstrument()
            undo()
        data = reader.get_metrics_data()
        points = [
            told_of(scope, metric, point)
            for resource in (data.resource_metrics if data else ())
            for scope in resource.scope_metrics
            for metric in scope.metrics
            if scope.scope.name != "otelmon"
            for point in metric.data.data_points
        ]
        spans = [span for span in exporter.get_finished_spans() if span.name != "request"]
        provider.shutdown()
        meters.shutdown()
        return Seen(spans, points, list(server.seen))

    return run


def told_of(scope: ScopeMetrics, metric: Metric, point: Any) -> dict[str, object]:
    """Returns everything of a point of a histogram but how long requests took."""
    assert point.sum > 0
    return {
        "scope": scope.scope,
        "schema": scope.schema_url,
        "metric": (metric.name, metric.unit, metric.description, metric.data.aggregation_temporality),
        "attributes": dict(point.attributes or {}),
        "count": (point.count, sum(point.bucket_counts), len(point.bucket_counts)),
        "bounds": tuple(point.explicit_bounds),
        "exemplars": len(point.exemplars),
        "traced": all(each.span_id and each.trace_id for each in point.exemplars),
    }


def swallowed(send: Callable[[], object]) -> None:
    """Lets an error of requests be the end of a case."""
    with pytest.raises(requests.RequestException):
        send()


def posts_json(url: str) -> None:
    """Sends a body."""
    requests.post(f"{url}/201?token=secret&page=2", json={"a": 1}, timeout=5)


def uses_a_session(url: str) -> None:
    """Sends two requests on one connection, the second to another path."""
    with requests.Session() as session:
        session.headers["User-Agent"] = "Googlebot/2.1"
        session.get(f"{url}/200", timeout=5)
        session.get(f"{url}/404", timeout=5)


def raises_in_a_hook(url: str) -> None:
    """Raises for a status while the request is still going on."""

    def raises(response: requests.Response, **_: object) -> None:
        response.close()
        response.raise_for_status()

    swallowed(lambda: requests.get(f"{url}/500", hooks={"response": raises}, timeout=5))


CASES: dict[str, Callable[[str], object]] = {
    "good": lambda url: requests.get(f"{url}/200/path?q=1", timeout=5),
    "credentials": lambda url: requests.get(url.replace("//", "//user:word@") + "/200", timeout=5),
    "body": posts_json,
    "session": uses_a_session,
    "not found": lambda url: requests.get(f"{url}/404", timeout=5),
    "broken": lambda url: requests.get(f"{url}/503", timeout=5),
    "redirect": lambda url: requests.get(f"{url}/302", timeout=5),
    "redirects without end": lambda url: swallowed(lambda: requests.get(f"{url}/302/again", timeout=5)),
    "unknown method": lambda url: requests.request("PURGE", f"{url}/200", timeout=5),
    "head": lambda url: requests.head(f"{url}/200", timeout=5),
    "hangs up": lambda url: swallowed(lambda: requests.get(f"{url}/hangs-up", timeout=5)),
    "nobody": lambda _: swallowed(lambda: requests.get("http://127.0.0.1:1/", timeout=5)),
    "unknown scheme": lambda _: swallowed(lambda: requests.get("gopher://127.0.0.1/", timeout=5)),
    "raised in a hook": raises_in_a_hook,
}


def shown(span: ReadableSpan) -> dict[str, Any]:
    """Returns everything of a span but its identity and times."""
    return {name: getattr(span, name) for name in FIELDS} | {
        "status": (span.status.status_code, span.status.description),
        "attributes": dict(span.attributes or {}),
        "events": [
            {key: value for key, value in (event.attributes or {}).items() if key != "exception.stacktrace"}
            for event in span.events
        ],
    }


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_both_make_the_same(trace_of: Callable[..., Seen], case: Callable[[str], object]) -> None:
    """Spans, points of the histogram and what the server is asked are the same, identities and times apart."""
    theirs, ours = trace_of(case, ours=False), trace_of(case, ours=True)
    assert [shown(span) for span in ours.spans] == [shown(span) for span in theirs.spans]
    assert ours.points == theirs.points
    assert [ask[:2] for ask in ours.asked] == [ask[:2] for ask in theirs.asked]
    assert [sorted(ask[2]) for ask in ours.asked] == [sorted(ask[2]) for ask in theirs.asked]
    assert ours.spans
    assert all(span.parent is not None and span.end_time >= span.start_time > 0 for span in ours.spans)  # type: ignore[operator]


def test_the_cheap_way_is_taken(trace_of: Callable[..., Seen]) -> None:
    """A request that went well, or was answered with an error, is a leaf; the server is told the leaf's identity."""
    seen = trace_of(uses_a_session, ours=True)
    assert [type(span) for span in seen.spans] == [LeafSpan, LeafSpan]
    told = [headers["traceparent"].split("-")[1:3] for _, _, headers in seen.asked]
    assert told == [[f"{each.trace_id:032x}", f"{each.span_id:016x}"] for each in seen.spans]  # type: ignore[attr-defined]


def asked(span: trace.Span, request: requests.PreparedRequest) -> None:
    """Is a hook of an application before a request."""
    span.set_attribute("asked", str(request.method))


def answered(span: trace.Span, request: requests.PreparedRequest, response: requests.Response) -> None:
    """Is a hook of an application after a request."""
    span.set_attribute("answered", f"{request.method} {response.status_code}")


SPECIAL: dict[str, dict[str, Any]] = {
    "request hook": {"request_hook": asked},
    "response hook": {"response_hook": answered},
    "excluded": {"excluded_urls": "/200"},
}


@pytest.mark.parametrize("given", SPECIAL.values(), ids=SPECIAL)
def test_special_wishes_stay_with_the_instrumentation(trace_of: Callable[..., Seen], given: dict[str, Any]) -> None:
    """Hooks are called and excluded addresses not traced, as without otelmon."""
    theirs, ours = (trace_of(CASES["good"], ours=ours, **given) for ours in (False, True))
    assert [shown(span) for span in ours.spans] == [shown(span) for span in theirs.spans]
    assert not any(isinstance(span, LeafSpan) for span in ours.spans)


@pytest.mark.parametrize("suppress", [suppress_instrumentation, suppress_http_instrumentation])
def test_suppressed_requests_have_no_span(trace_of: Callable[..., Seen], suppress: Callable[[], Any]) -> None:
    """Who suppresses instrumentation gets none."""

    def case(url: str) -> None:
        with suppress():
            requests.get(f"{url}/200", timeout=5)

    seen = trace_of(case, ours=True)
    assert (seen.spans, seen.points, len(seen.asked)) == ([], [], 1)


def test_the_current_span_can_do_everything(trace_of: Callable[..., Seen]) -> None:
    """Whoever asks the running span for more than an identity gets the SDK's own span, and all of it arrives."""
    other = trace.SpanContext(1, 2, is_remote=False)

    class Auth(requests.auth.AuthBase):
        def __call__(self, request: Any) -> Any:
            return request

    def in_flight(response: requests.Response, **_: object) -> None:
        span = trace.get_current_span()
        kinds.append(type(span))
        span.set_attribute("otelmon.github.rate_limit.used", 7)
        span.set_attributes({"application": "words", "secret.token": "x"})
        span.add_event("half way", {"done": 0.5})
        span.add_link(other)
        span.update_name("renamed")
        recording.append((span.is_recording(), span.name, span.attributes["application"]))  # type: ignore[attr-defined]
        assert response.status_code == 200

    kinds: list[type] = []
    recording: list[tuple[object, ...]] = []
    hooks = {"response": in_flight}
    seen = trace_of(lambda url: requests.get(f"{url}/200", hooks=hooks, auth=Auth(), timeout=5), ours=True)
    (span,) = seen.spans
    assert (kinds, recording) == ([PendingSpan], [(True, "renamed", "words")])
    assert (span.name, [event.name for event in span.events]) == ("renamed", ["half way"])
    assert [link.context.span_id for link in span.links] == [Link(other).context.span_id]
    attributes = dict(span.attributes or {})
    assert (attributes["otelmon.github.rate_limit.used"], attributes["application"]) == (7, "words")
    assert attributes["http.response.status_code"] == 200
    told = seen.asked[0][2]["traceparent"].split("-")[2]
    assert told == f"{span.context.span_id:016x}"


def test_a_processor_that_comes_late_hears_the_end(trace_of: Callable[..., Seen]) -> None:
    """Somebody who begins to listen while a request runs gets the SDK's span, and so does everybody else."""
    heard: list[str] = []

    class Listening(SpanProcessor):
        def on_end(self, span: ReadableSpan) -> None:
            """Notes the end of a span."""
            heard.append(span.name)

    def case(url: str) -> None:
        provider: Any = trace.get_current_span()
        listen = provider._span_processor.add_span_processor
        requests.get(f"{url}/200", hooks={"response": lambda *_, **__: listen(Listening())}, timeout=5)

    (span,) = trace_of(case, ours=True).spans
    assert heard[:1] == ["GET"]
    assert not isinstance(span, LeafSpan)
    assert (span.attributes or {})["http.response.status_code"] == 200


def test_children_are_children(trace_of: Callable[..., Seen]) -> None:
    """What begins while a request runs is below its span and belongs to the same request of the application."""
    found: list[object] = []

    def in_flight(*_: object, **__: object) -> None:
        span = trace.get_current_span()
        found.extend((root_of(span) is not None, root_of(span) is outer[0], span.get_span_context().span_id))

    outer: list[object] = []

    def case(url: str) -> None:
        outer.append(trace.get_current_span())
        requests.get(f"{url}/200", hooks={"response": in_flight}, timeout=5)

    (span,) = trace_of(case, ours=True).spans
    assert found == [True, True, span.context.span_id]
    assert isinstance(span, LeafSpan)


def test_baggage_travels(trace_of: Callable[..., Seen]) -> None:
    """Whatever the application propagates is sent."""

    def case(url: str) -> None:
        token = context.attach(baggage.set_baggage("tenant", "t-1"))
        try:
            requests.get(f"{url}/200", timeout=5)
        finally:
            context.detach(token)

    assert trace_of(case, ours=True).asked[0][2]["baggage"] == "tenant=t-1"


@pytest.mark.parametrize("ours", [True, False])
def test_slow_and_failed_requests_are_kept(trace_of: Callable[..., Seen], ours: bool) -> None:
    """The marks are those that a processor puts on the SDK's span."""
    slow = trace_of(CASES["good"], ours=ours, settings={"OTELMON_SLOW_HTTP_THRESHOLD": "1"})
    failed = trace_of(CASES["broken"], ours=ours)
    marks = [{k: v for k, v in (s.attributes or {}).items() if k.startswith("otelmon.")} for s in failed.spans]
    assert marks == [{"otelmon.keep": "error"}]
    (span,) = slow.spans
    attributes = span.attributes or {}
    is_slow = span.end_time - span.start_time >= 1_000_000  # type: ignore[operator]
    assert (attributes.get("otelmon.keep"), attributes.get("otelmon.slow")) == (
        ("slow_http", True) if is_slow else (None, None)
    )


def test_what_ends_no_request_in_error(trace_of: Callable[..., Seen]) -> None:
    """The end of a greenlet or of the program is no failure of the request; nothing stays current."""
    before = context.get_current()

    def stop(*_: object, **__: object) -> None:
        raise SystemExit

    def case(url: str) -> None:
        with pytest.raises(SystemExit):
            requests.get(f"{url}/200", hooks={"response": stop}, timeout=5)

    theirs, ours = trace_of(case, ours=False), trace_of(case, ours=True)
    assert [shown(span) for span in ours.spans] == [shown(span) for span in theirs.spans]
    assert ours.points == theirs.points
    assert context.get_current() == before


def test_undone_it_leaves_nothing(server: Any) -> None:
    """After the undoing requests has its own function, and the instrumentation its own."""
    send, start = requests.Session.send, upstream._instrument
    registry = HookRegistry(Settings.from_env({})[0])
    undo = hook.install(registry)
    RequestsInstrumentor().instrument(tracer_provider=TracerProvider(shutdown_on_exit=False))
    assert requests.get(f"http://127.0.0.1:{server.server_port}/200", timeout=5).status_code == 200
    RequestsInstrumentor().uninstrument()
    undo()
    assert (requests.Session.send, upstream._instrument) == (send, start)


@pytest.mark.parametrize("name", ["hooks.requests.begin", "hooks.requests.finish", "hooks.requests.stand_before"])
def test_a_failing_hook_costs_no_request(
    trace_of: Callable[..., Seen], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Where our own code raises, the request is sent and answered, nothing stays current, and the error is counted."""
    site, call = guard.site(name), guard.call

    def failing(where: guard.Site, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return call(where, (lambda *_, **__: 1 / 0) if where is site else function, *args, **options)

    before, errors = context.get_current(), site.errors
    monkeypatch.setattr(guard, "call", failing)
    guard.set_strict(False)
    seen = trace_of(uses_a_session, ours=True)
    guard.set_strict(True)
    assert [path for _, path, _ in seen.asked] == ["/200", "/404"]
    assert context.get_current() == before
    assert site.errors > errors
    # Upstream makes the spans that are not begun here.
    assert len(seen.spans) == (0 if name.endswith("finish") else 2)
