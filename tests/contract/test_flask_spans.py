"""What otelmon makes of a request that Flask answers is what OpenTelemetry's instrumentation makes of it."""

from __future__ import annotations

import functools
import threading
from typing import TYPE_CHECKING, Any, NamedTuple

import flask
import pytest
from opentelemetry import baggage, context, trace
from opentelemetry.instrumentation import flask as upstream
from opentelemetry.instrumentation._semconv import _OpenTelemetrySemanticConventionStability, _StabilityMode
from opentelemetry.instrumentation.flask import FlaskInstrumentor
from opentelemetry.instrumentation.propagators import TraceResponsePropagator, set_global_response_propagator
from opentelemetry.sdk.metrics import (
    AlwaysOffExemplarFilter,
    AlwaysOnExemplarFilter,
    Histogram,
    MeterProvider,
    UpDownCounter,
)
from opentelemetry.sdk.metrics.export import AggregationTemporality, InMemoryMetricReader
from opentelemetry.sdk.metrics.view import ExplicitBucketHistogramAggregation, View
from opentelemetry.sdk.trace import ReadableSpan, SpanLimits, SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from opentelemetry.sdk.trace.sampling import Decision, ParentBased, Sampler, SamplingResult, TraceIdRatioBased
from opentelemetry.sdk.util.instrumentation import InstrumentationScope
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import EnvironBuilder, run_wsgi_app

from otelmon import guard
from otelmon.calls import server_span
from otelmon.calls.current_context import surroundings
from otelmon.calls.finished_server_span import FinishedServerSpan
from otelmon.calls.server_span import ServerSpan
from otelmon.hooks.flask import facts, hook
from otelmon.hooks.flask.facts import FactsTable
from otelmon.launch.figures import deliver_figures
from otelmon.launch.finished_spans import FinishedSpans
from otelmon.launch.promotion import RecordingSampler
from otelmon.ledger import Ledger
from otelmon.processors.marking import MarkingSpanProcessor
from otelmon.processors.promoting import PromotingSpanProcessor
from otelmon.processors.request_spans import RequestSpanProcessor
from otelmon.registry import HookRegistry
from otelmon.registry.promoted import PromotedSpans
from otelmon.registry.requests import root_of
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

pytestmark = pytest.mark.usefixtures("stable_names")
OPT_IN = "OTEL_SEMCONV_STABILITY_OPT_IN"
SCOPE = InstrumentationScope("otelmon", "1")
DELTA = {Histogram: AggregationTemporality.DELTA, UpDownCounter: AggregationTemporality.DELTA}
PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
FIELDS = {name for name, value in vars(ReadableSpan).items() if isinstance(value, property)} - {
    "context", "start_time", "end_time", "instrumentation_info", "status", "attributes", "events", "resource",
}  # fmt: skip


class Seen(NamedTuple):
    """Holds what one way of tracing made of a case."""

    spans: list[ReadableSpan]
    metrics: list[object]
    answers: list[object]
    noted: list[object]


class Rig:
    """Runs one case: ``ask`` sends a request to ``app``, ``note`` keeps what is to be the same on both ways."""

    def __init__(self, app: flask.Flask) -> None:
        self.app = app
        self.served: Any = app
        self.answers: list[object] = []
        self.noted: list[object] = []
        self.reader = InMemoryMetricReader()
        self.tracers: TracerProvider | None = None
        self.left: Any = None
        self.silence: Callable[[], None] = lambda: None

    def ask(self, path: str, environ: Mapping[str, object] | None = None, **given: Any) -> None:
        """Sends a request as a server would."""
        made = EnvironBuilder(path, **given).get_environ()
        made |= {
            "RAW_URI": path, "REMOTE_ADDR": "192.0.2.7", "REMOTE_PORT": "4711", "SERVER_PROTOCOL": "HTTP/1.1",
            **(environ or {}),
        }  # fmt: skip
        body, status, headers = run_wsgi_app(self.served, made, buffered=True)
        self.answers.append((status, sorted(name for name, _ in headers), b"".join(body)))

    def note(self, *found: object) -> None:
        """Keeps something."""
        self.noted.extend(found)


def made(rig: Rig) -> None:
    """Gives an application its routes."""
    _answering(rig)
    _in_contexts(rig)
    _adding(rig)


def _answering(rig: Rig) -> None:
    app = rig.app

    @app.route("/repositories/<owner>/<name>", methods=["GET", "POST"])
    def repository(owner: str, name: str) -> dict[str, str]:
        rig.note(trace.get_current_span().get_span_context().is_valid)
        return {"full": f"{owner}/{name}"}

    @app.route("/status/<int:code>")
    def status(code: int) -> tuple[str, int]:
        return "", code

    @app.route("/raises")
    def raises() -> str:
        raise ValueError("token=ghp_0123456789abcdef0123456789abcdef0123")

    @app.route("/aborts")
    def aborts() -> str:
        flask.abort(418)

    @app.route("/stream")
    def stream() -> flask.Response:
        def body() -> Iterator[str]:
            for each in "abc":
                rig.note(type(trace.get_current_span()).__name__ != "NonRecordingSpan")
                yield each

        return flask.Response(flask.stream_with_context(body()))


def _in_contexts(rig: Rig) -> None:
    app = rig.app

    @app.route("/stops")
    def stops() -> str:
        raise SystemExit

    @app.route("/async")
    async def later() -> str:
        trace.get_current_span().set_attribute("application", "async")
        return "later"

    @app.route("/copies")
    def copies() -> str:
        @flask.copy_current_request_context
        def work() -> None:
            rig.note(flask.request.path)

        threads = [threading.Thread(target=work) for _ in range(2)]
        for each in threads:
            each.start()
            each.join()
        work()
        trace.get_current_span().add_event("after the copies")
        return "copied"

    @app.route("/nested")
    def nested() -> str:
        with app.test_request_context("/repositories/a/b"):
            rig.note(flask.request.path, trace.get_current_span().is_recording())
        return app.test_client().get("/status/204").status


def _adding(rig: Rig) -> None:
    app = rig.app

    @app.route("/adds")
    def adds() -> str:
        span = trace.get_current_span()
        span.set_attribute("user.password", "hunter2")
        span.set_attributes({"tenant": "t-1", "db.query.text": "SELECT 'x'"})
        span.add_event("half way", {"done": 0.5})
        span.add_link(trace.SpanContext(1, 2, is_remote=False))
        span.update_name("renamed")
        rig.note(dict(span.attributes), span.name, span.is_recording(), span.kind)  # type: ignore[attr-defined]
        return ""

    @app.route("/owns")
    def owns() -> str:
        span: Any = trace.get_current_span()
        span.set_attribute("user.id", "u-1 token=ghp_0123456789abcdef0123456789abcdef0123")
        span.set_attributes(
            {"tenant": 1, "password": "hunter2", "ratio": 0.5, "flag": True, "next.url": "http://a:b@c/"}
        )
        span.set_attribute("tenant", "t-2")
        rig.note(dict(span.attributes))
        return ""

    @app.route("/ok")
    def good() -> tuple[str, int]:
        trace.get_current_span().set_status(trace.StatusCode.OK)
        return "", 500

    @app.route("/ends")
    def ends() -> str:
        trace.get_current_span().end()
        return ""

    @app.route("/comment")
    def comment() -> str:
        rig.note(context.get_value("SQLCOMMENTER_ORM_TAGS_AND_VALUES"), baggage.get_baggage("tenant"))
        return ""


@pytest.fixture
def trace_of() -> Callable[..., Seen]:
    """Returns what runs a case on one of the two ways."""

    def run(  # noqa: PLR0913 - what a case may ask for
        case: Callable[[Rig], object],
        *,
        ours: bool,
        sampler: Sampler | None = None,
        limits: SpanLimits | None = None,
        prepare: Callable[[Rig], object] = made,
        listening: SpanProcessor | None = None,
        late: bool = False,
        figures: bool = True,
        temporality: dict[type, AggregationTemporality] | None = None,
        metering: dict[str, Any] | None = None,
        **given: Any,
    ) -> Seen:
        registry = HookRegistry(Settings.from_env({})[0])
        registry.finished_span_takers = lambda tracer: FinishedSpans(tracer).takers
        exporter, reader = InMemorySpanExporter(), InMemoryMetricReader(preferred_temporality=temporality)
        provider = TracerProvider(sampler, shutdown_on_exit=False, span_limits=limits)
        meters = MeterProvider([reader], shutdown_on_exit=False, **(metering or {}))
        requests_of = RequestSpanProcessor()
        requests_of.requests = registry.requests
        exporting = MarkingSpanProcessor(SimpleSpanProcessor(exporter), registry.settings, Ledger().open("test"))
        for each in (exporting, requests_of, *([listening] if listening else [])):
            provider.add_span_processor(each)
        undo = hook.install(registry) if ours else lambda: None
        silence = lambda: None  # noqa: E731 - nothing to undo
        if ours and figures:
            silence = deliver_figures(meters, SCOPE, registry, heartbeat=lambda: 1, spans=dict)
        try:
            if late:
                rig = Rig(flask.Flask("application"))
                prepare(rig)
                FlaskInstrumentor.instrument_app(rig.app, tracer_provider=provider, meter_provider=meters, **given)
            else:
                FlaskInstrumentor().instrument(tracer_provider=provider, meter_provider=meters, **given)
                rig = Rig(flask.Flask("application"))
                prepare(rig)
            rig.reader, rig.tracers, rig.silence = reader, provider, silence
            before = context.get_current()
            case(rig)
            assert context.get_current() == before
        finally:
            if not late:
                FlaskInstrumentor().uninstrument()
            reset_upstream()
            undo()
        data = reader.get_metrics_data()
        silence()
        provider.shutdown()
        meters.shutdown()
        return Seen(list(exporter.get_finished_spans()), points_of(data), rig.answers, rig.noted)

    return run


def reset_upstream() -> None:
    """Has the instrumentation forget what it was asked for; it keeps its hooks on a class."""
    upstream._InstrumentedFlask._request_hook = upstream._InstrumentedFlask._response_hook = None


def points_of(data: Any) -> list[object]:
    """Returns everything of metrics but times, sums of times, which bucket they fell into, and their order."""
    return [
        (
            scope.scope.name, scope.scope.version, scope.scope.schema_url, metric.name, metric.unit, metric.description,
            [
                (
                    dict(point.attributes),
                    getattr(point, "count", None),
                    getattr(point, "value", None),
                    tuple(getattr(point, "explicit_bounds", ())),
                    {example.span_id != 0 for example in point.exemplars},
                )
                for point in metric.data.data_points
            ],
        )
        for resource in (data.resource_metrics if data else ())
        for scope in resource.scope_metrics
        if scope.scope.name != SCOPE.name
        for metric in sorted(scope.metrics, key=lambda each: each.name)
    ]  # fmt: skip


def shown(span: ReadableSpan) -> dict[str, Any]:
    """Returns everything of a span but its identity and times."""
    return {name: getattr(span, name) for name in FIELDS} | {
        "parent": None if span.parent is None else (span.parent.is_remote, span.parent.trace_flags),
        "flags": span.context.trace_flags,
        "state": dict(span.context.trace_state),
        "links": [link.context for link in span.links],
        "status": (span.status.status_code, span.status.description),
        "attributes": dict(span.attributes or {}),
        "events": [
            (
                event.name,
                {key: value for key, value in (event.attributes or {}).items() if key != "exception.stacktrace"},
            )
            for event in span.events
        ],
    }


def asks_again(rig: Rig) -> None:
    """Sends several requests, of different clients and methods, to the same and other routes."""
    for number in range(3):
        rig.ask(f"/repositories/o/{number}?token=secret", headers={"User-Agent": "Googlebot/2.1"})
        rig.ask("/repositories/o/p", method="POST", environ={"REMOTE_PORT": "no number", "REMOTE_HOST": "client.test"})
        rig.ask("/repositories/o/user%40example.org", environ={"REMOTE_ADDR": f"192.0.2.{number}", "HTTP_HOST": "b:1"})


def stops(rig: Rig) -> None:
    """Ends the program within a request."""
    with pytest.raises(SystemExit):
        rig.ask("/stops")


def propagates(rig: Rig) -> None:
    """Lets an error out of the application, as debuggers do."""
    rig.app.config["PROPAGATE_EXCEPTIONS"] = True
    with pytest.raises(ValueError, match="token"):
        rig.ask("/raises")


def before_functions(rig: Rig) -> None:
    """Has the application answer before its view, and look at the span in each place."""

    def looks() -> None:
        rig.note(trace.get_current_span().is_recording())

    rig.app.before_request(looks)
    rig.app.after_request(lambda response: (looks(), response)[1])
    rig.app.teardown_request(lambda _: looks())
    rig.app.before_request(lambda: ("too many", 429))
    rig.ask("/status/200")


def behind_a_proxy(rig: Rig) -> None:
    """Learns within the instrumentation who the client is."""
    told = {"X-Forwarded-For": "198.51.100.1", "X-Forwarded-Proto": "https", "X-Forwarded-Host": "public.test"}
    rig.ask("/repositories/o/p", headers=told)


ODD: dict[str, dict[Any, Any]] = {
    "response": {"http.response.status_code": 1},
    "request": {"http.route": "mine", "url.path": "/mine?token=secret"},
    "client": {"client.port": "none"},
    "error": {"error.message": "duplicate key (email)=(a@b.c)", "error.type": "psycopg.errors.UniqueViolation"},
    "database": {"db.system.name": "postgresql", "db.query.text": "SELECT 'secret'"},
    "kept": {"otelmon.keep": "mine"},
    "throttled": {"otelmon.github.throttle": "primary"},
    "query": {"url.query": "token=secret"},
    "header": {"http.request.header.authorization": ("Bearer x",)},
    "lists": {"list": ["a", "b"], "mapping": {"a": 1}, "bytes": b"secret"},
    "unfit": {"": 1, "none": None, "object": object, "infinite": float("inf"), "large": 2**70, "ümlaut": "ü"},
    "many": {f"number.{each}": each for each in range(20)},
    "repeated": {"a": 1, "b": 2},
}


def adds_oddly(attributes: dict[Any, Any], rig: Rig) -> None:
    """Adds attributes that the span may not keep apart, before its view and after the response has begun."""

    def add() -> None:
        span: Any = trace.get_current_span()
        for key, value in attributes.items():
            span.set_attribute(key, value)
        span.set_attributes({"plain": 1, "repeated": "x"})
        rig.note(dict(span.attributes))

    rig.app.before_request(add)
    rig.app.teardown_request(lambda _: add())
    rig.ask("/status/503")


def contexts_of_tests(rig: Rig) -> None:
    """Uses request contexts that begin without a request."""
    with rig.app.test_request_context("/repositories/o/p"):
        rig.note(trace.get_current_span().is_recording())
    with rig.app.test_request_context("/repositories/o/p"):
        rig.note(rig.app.preprocess_request(), trace.get_current_span().is_recording())
    with rig.app.test_client() as client:
        rig.note(client.get("/repositories/o/p").status, flask.request.path)


def span_left_current(rig: Rig) -> None:
    """Ends a request within a span that is not its own."""
    rig.ask("/repositories/o/p")
    context.detach(rig.left)


CASES: dict[str, Callable[[Rig], object]] = {
    "good": lambda rig: rig.ask("/repositories/o/p"),
    "query": lambda rig: rig.ask("/repositories/o/p?page=2&token=secret"),
    "again": asks_again,
    "head": lambda rig: rig.ask("/repositories/o/p", method="HEAD"),
    "options": lambda rig: rig.ask("/repositories/o/p", method="OPTIONS"),
    "unknown method": lambda rig: rig.ask("/repositories/o/p", method="PURGE"),
    "method not allowed": lambda rig: rig.ask("/status/200", method="DELETE"),
    "no route": lambda rig: rig.ask("/nowhere/ghp_0123456789abcdef0123456789abcdef0123"),
    "redirect": lambda rig: rig.ask("/status/302"),
    "not found": lambda rig: rig.ask("/status/404"),
    "broken": lambda rig: rig.ask("/status/503"),
    "odd status": lambda rig: rig.ask("/status/99"),
    "aborts": lambda rig: rig.ask("/aborts"),
    "raises": lambda rig: rig.ask("/raises"),
    "propagates": propagates,
    "stops": stops,
    "stream": lambda rig: rig.ask("/stream"),
    "async": lambda rig: rig.ask("/async"),
    "copied contexts": lambda rig: rig.ask("/copies"),
    "nested": lambda rig: rig.ask("/nested"),
    "contexts of tests": contexts_of_tests,
    "owns": lambda rig: rig.ask("/owns"),
    **{f"adds of {name}": functools.partial(adds_oddly, attributes) for name, attributes in ODD.items()},
    "adds": lambda rig: rig.ask("/adds"),
    "status of its own": lambda rig: rig.ask("/ok"),
    "ends early": lambda rig: rig.ask("/ends"),
    "comment": lambda rig: rig.ask("/comment", headers={"baggage": "tenant=t-1"}),
    "parent": lambda rig: rig.ask("/repositories/o/p", headers={"traceparent": PARENT, "tracestate": "a=1"}),
    "unsampled parent": lambda rig: rig.ask("/repositories/o/p", headers={"traceparent": PARENT[:-1] + "0"}),
    "before functions": before_functions,
    "behind a proxy": behind_a_proxy,
    "span left current": span_left_current,
    "old server": lambda rig: rig.ask("/repositories/o/p", environ={"RAW_URI": None, "REMOTE_PORT": None}),
    "socket": lambda rig: rig.ask("/repositories/o/p", environ={"SERVER_PORT": "", "REMOTE_ADDR": ""}),
}


def proxied(rig: Rig) -> None:
    """Puts what reads a proxy's headers around the application, below the instrumentation."""
    made(rig)
    rig.app.wsgi_app = ProxyFix(rig.app.wsgi_app, x_for=1, x_proto=1, x_host=1)  # type: ignore[method-assign]


def leaving(rig: Rig) -> None:
    """Leaves a span current when the application returns, as Flask 3.0 and older do with a stream's."""
    made(rig)
    plain: Any = rig.app.wsgi_app

    def served(*given: Any) -> Any:
        result = plain(*given)
        assert rig.tracers is not None
        span = rig.tracers.get_tracer("application").start_span("left")
        rig.left = context.attach(trace.set_span_in_context(span))
        return result

    rig.app.wsgi_app = served  # type: ignore[method-assign]


GIVEN: dict[str, dict[str, Any]] = {
    "behind a proxy": {"prepare": proxied, "late": True},
    "span left current": {"prepare": leaving, "late": True},
}


def same(theirs: Seen, ours: Seen) -> None:
    """Compares both ways."""
    assert [shown(span) for span in ours.spans] == [shown(span) for span in theirs.spans]
    assert ours.metrics == theirs.metrics
    assert ours.answers == theirs.answers
    assert ours.noted == theirs.noted
    # On the wire each key may be there once.
    for each in ours.spans:
        if isinstance(each, FinishedServerSpan):
            parts = [*each.prepared_attributes, each.more_attributes]
            assert sum(map(len, parts)) == len(each.attributes or {})


@pytest.mark.parametrize("figures", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_both_make_the_same(trace_of: Callable[..., Seen], name: str, figures: bool) -> None:
    """Spans, points of metrics, answers and what the application sees are the same, identities and times apart."""
    given = GIVEN.get(name, {})
    theirs, ours = (trace_of(CASES[name], ours=each, figures=figures, **given) for each in (False, True))
    same(theirs, ours)
    assert ours.metrics
    assert all(span.end_time >= span.start_time > 0 for span in ours.spans)  # type: ignore[operator]


@pytest.mark.parametrize("temporality", [None, DELTA])
def test_metrics_are_there_while_requests_go_on(
    trace_of: Callable[..., Seen], temporality: dict[type, AggregationTemporality] | None
) -> None:
    """In every collection the histogram and the number of active requests are what they are without otelmon."""

    def case(rig: Rig) -> None:
        rig.app.before_request(lambda: rig.note(points_of(rig.reader.get_metrics_data())))
        rig.note(points_of(rig.reader.get_metrics_data()))
        for each in ("/repositories/o/p", "/repositories/o/q", "/status/503"):
            rig.ask(each)
        rig.note(points_of(rig.reader.get_metrics_data()), points_of(rig.reader.get_metrics_data()))
        rig.ask("/raises", method="HEAD")

    theirs, ours = (trace_of(case, ours=each, temporality=temporality) for each in (False, True))
    same(theirs, ours)


METERING: dict[str, dict[str, Any]] = {
    "a view": {"views": [View(instrument_name="http.server.*", attribute_keys={"http.route"})]},
    "other buckets": {
        "views": [View(instrument_type=Histogram, aggregation=ExplicitBucketHistogramAggregation([1.0]))]
    },
    "every example": {"exemplar_filter": AlwaysOnExemplarFilter()},
    "no example": {"exemplar_filter": AlwaysOffExemplarFilter()},
}


@pytest.mark.parametrize("metering", METERING.values(), ids=METERING)
def test_metrics_are_what_a_provider_makes_of_them(trace_of: Callable[..., Seen], metering: dict[str, Any]) -> None:
    """Where a provider was asked for something else, it gets it."""
    same(*(trace_of(asks_again, ours=ours, metering=metering) for ours in (False, True)))


def test_another_provider_than_ours_has_its_own(trace_of: Callable[..., Seen]) -> None:
    """Applications whose figures go elsewhere are counted there, by the SDK's own instruments."""
    reader = InMemoryMetricReader()
    other = MeterProvider([reader], shutdown_on_exit=False)
    found: list[object] = []

    def case(rig: Rig) -> None:
        app, ours = rig.app, rig.served
        rig.app = rig.served = flask.Flask.__mro__[1]("another")  # type: ignore[call-arg]  # Flask's own class
        made(rig)
        FlaskInstrumentor.instrument_app(rig.app, tracer_provider=rig.tracers, meter_provider=other)
        rig.ask("/repositories/o/p")
        found.extend(points_of(reader.get_metrics_data()))
        rig.app, rig.served = app, ours
        rig.ask("/repositories/o/p")

    theirs = trace_of(CASES["good"], ours=False)
    ours = trace_of(case, ours=True)
    assert ours.metrics == theirs.metrics == found
    other.shutdown()


def test_several_applications_are_counted_together(trace_of: Callable[..., Seen]) -> None:
    """As those of one provider are by the SDK."""

    def case(rig: Rig) -> None:
        rig.ask("/status/200")
        rig.app = rig.served = flask.Flask("another")
        made(rig)
        rig.ask("/status/200")

    same(*(trace_of(case, ours=ours) for ours in (False, True)))


def test_an_end_of_otelmon_leaves_the_metrics_to_the_instrumentation(trace_of: Callable[..., Seen]) -> None:
    """A request that is going on then is counted off, and what comes is counted by the SDK's own instruments."""

    def case(rig: Rig) -> None:
        rig.app.before_request(rig.silence)
        rig.ask("/repositories/o/p")
        rig.ask("/repositories/o/q")

    theirs, ours = (trace_of(case, ours=each) for each in (False, True))
    same(theirs, ours)


def asked(span: trace.Span, environ: dict[str, Any]) -> None:
    """Is a hook of an application before a request."""
    span.set_attribute("asked", environ["PATH_INFO"])


def answered(span: trace.Span, status: str, headers: list[tuple[str, str]]) -> None:
    """Is a hook of an application after a request."""
    span.set_attribute("answered", status)
    headers.append(("X-Answered", "yes"))


SPECIAL: dict[str, dict[str, Any]] = {
    "request hook": {"request_hook": asked},
    "response hook": {"response_hook": answered},
    "both hooks": {"request_hook": asked, "response_hook": answered},
    "excluded": {"excluded_urls": "/repositories/o"},
    "excluded others": {"excluded_urls": "/status,/stream"},
    "no comment": {"enable_commenter": False},
    "comment in parts": {"commenter_options": {"framework": False, "controller": False}},
    "late": {"late": True},
    "limits": {"limits": SpanLimits(max_span_attributes=5)},
    "short values": {"limits": SpanLimits(max_span_attribute_length=4)},
}


@pytest.mark.parametrize("given", SPECIAL.values(), ids=SPECIAL)
def test_special_wishes_are_fulfilled(trace_of: Callable[..., Seen], given: dict[str, Any]) -> None:
    """Hooks are called, addresses excluded and limits kept, as without otelmon."""

    def case(rig: Rig) -> None:
        rig.ask("/repositories/o/p")
        rig.ask("/comment")
        rig.ask("/raises")

    same(*(trace_of(case, ours=ours, **given) for ours in (False, True)))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_REQUEST", "x-asked"),
        ("OTEL_INSTRUMENTATION_HTTP_CAPTURE_HEADERS_SERVER_RESPONSE", "content-type"),
        (OPT_IN, "http/dup"),
        (OPT_IN, ""),
    ],
)
def test_settings_of_the_instrumentation_hold(
    trace_of: Callable[..., Seen], monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    """Captured headers and older names are there, as without otelmon."""
    monkeypatch.setenv(name, value)
    if name == OPT_IN:
        monkeypatch.setattr(_OpenTelemetrySemanticConventionStability, "_initialized", False)
    case = lambda rig: rig.ask("/repositories/o/p", headers={"X-Asked": "1"})  # noqa: E731 - as the other cases
    theirs, ours = (trace_of(case, ours=each) for each in (False, True))
    same(theirs, ours)
    assert not any(isinstance(span, FinishedServerSpan) for span in ours.spans)


def test_the_cheap_way_is_taken(trace_of: Callable[..., Seen]) -> None:
    """A request that went well, or was answered with an error, ends redacted and marked, with nothing made for it."""

    def case(rig: Rig) -> None:
        for each in ("/repositories/o/p", "/status/503", "/nowhere", "/owns"):
            rig.ask(each)

    seen = trace_of(case, ours=True)
    assert [type(span) for span in seen.spans] == [FinishedServerSpan] * 4
    assert [(span.attributes or {}).get("otelmon.keep") for span in seen.spans] == [None, "error", None, None]


class Noting(Sampler):
    """Decides as told, and notes what it is asked.

    Args:
        decision: its answer.
        more: what it adds to attributes; None where it gives none at all.
    """

    def __init__(self, decision: Decision, more: dict[str, Any] | None) -> None:
        self._decision = decision
        self._more = more
        self.asked: list[object] = []

    def should_sample(
        self, parent_context: Any, trace_id: int, name: str, *rest: Any, **options: Any
    ) -> SamplingResult:
        """Answers as told."""
        parent = trace.get_current_span(parent_context).get_span_context()
        kind, attributes, links = (*rest, *options.values())
        self.asked.append((parent, trace_id != 0, name, kind, dict(attributes), list(links)))
        given = None if self._more is None else {**attributes, **self._more}
        return SamplingResult(self._decision, given, trace.TraceState([("s", "1")]))

    def get_description(self) -> str:
        """Describes it."""
        return "Noting"


@pytest.mark.parametrize("decision", list(Decision))
@pytest.mark.parametrize("more", [None, {}, {"sampler": "x"}])
def test_the_sampler_decides(trace_of: Callable[..., Seen], decision: Decision, more: dict[str, Any] | None) -> None:
    """It is asked the same, once, and what it says is done."""
    samplers = [Noting(decision, more) for _ in range(2)]

    def case(rig: Rig) -> None:
        rig.ask("/repositories/o/p?q=1", headers={"traceparent": PARENT})
        rig.ask("/status/500")

    theirs, ours = (trace_of(case, ours=bool(at), sampler=each) for at, each in enumerate(samplers))
    same(theirs, ours)
    assert samplers[0].asked == samplers[1].asked
    assert len(ours.spans) == (2 if decision is Decision.RECORD_AND_SAMPLE else 0)


def test_unsampled_requests_are_promoted(trace_of: Callable[..., Seen]) -> None:
    """What a head sampler drops is recorded with all of its attributes, and sent when a call below it is notable."""
    sent: list[list[dict[str, Any]]] = []

    def case(rig: Rig) -> None:
        promoted = PromotedSpans()
        promoting.promoted = promoted
        rig.app.before_request(lambda: promoted.add(trace.get_current_span().get_span_context().span_id))
        rig.ask("/status/500")
        rig.ask("/adds", headers={"traceparent": PARENT[:-1] + "0"})

    for ours in (False, True):
        sent.append([])
        promoting = PromotingSpanProcessor(lambda span: sent[-1].append(shown(span)))
        sampler = RecordingSampler(ParentBased(TraceIdRatioBased(0)))
        seen = trace_of(case, ours=ours, sampler=sampler, listening=promoting)
        assert seen.spans == []
    assert sent[0] == sent[1]
    assert [each["attributes"]["http.response.status_code"] for each in sent[1]] == [500, 200]


def test_a_limit_that_is_reached_is_kept(trace_of: Callable[..., Seen]) -> None:
    """Of more attributes than a span may have the oldest are dropped and counted, as by the SDK."""

    def case(rig: Rig) -> None:
        def add() -> None:
            for number in range(30):
                trace.get_current_span().set_attribute(f"number.{number}", number)

        rig.app.before_request(add)
        rig.ask("/status/200")

    limits = SpanLimits(max_span_attributes=32)
    theirs, ours = (trace_of(case, ours=each, limits=limits) for each in (False, True))
    same(theirs, ours)
    assert ours.spans[0].dropped_attributes > 0


class Listening(SpanProcessor):
    """Is somebody who looks at every span."""

    def __init__(self) -> None:
        self.heard: list[object] = []

    def on_start(self, span: Any, parent_context: Any = None) -> None:
        """Looks at a span that begins, and adds to it."""
        self.heard.append((dict(parent_context), span.name, dict(span.attributes), span.kind, span.parent))
        span.set_attribute("listening", True)

    def on_end(self, span: ReadableSpan) -> None:
        """Looks at a span that has ended."""
        self.heard.append(shown(span))


def test_others_who_listen_hear_everything(trace_of: Callable[..., Seen]) -> None:
    """A processor that otelmon does not know gets the SDK's own span with everything in it."""
    listening = [Listening() for _ in range(2)]
    theirs, ours = (trace_of(asks_again, ours=bool(at), listening=each) for at, each in enumerate(listening))
    same(theirs, ours)
    assert listening[0].heard == listening[1].heard != []


def test_who_comes_late_hears_the_end(trace_of: Callable[..., Seen]) -> None:
    """Somebody who begins to listen while a request runs hears of its end as without otelmon."""
    heard: list[list[object]] = []

    def case(rig: Rig) -> None:
        listening = Listening()
        heard.append(listening.heard)

        @rig.app.before_request
        def begins() -> None:
            span: Any = trace.get_current_span()
            span._span_processor.add_span_processor(listening)

        rig.ask("/repositories/o/p?token=secret")

    same(*(trace_of(case, ours=ours) for ours in (False, True)))
    assert heard[0] == heard[1] != []


def test_the_request_is_known_below(trace_of: Callable[..., Seen]) -> None:
    """Calls below find the request's span, its route and its identity."""
    found: list[object] = []

    def case(rig: Rig) -> None:
        def looks() -> None:
            span = trace.get_current_span()
            here = surroundings(context.get_current())
            found.extend((type(span), root_of(span) is span, here.route(), here.is_sampled, here.request is not None))

        rig.app.before_request(looks)
        rig.ask("/repositories/o/p")

    (span,) = trace_of(case, ours=True).spans
    assert found == [ServerSpan, True, "/repositories/<owner>/<name>", True, True]
    assert type(span) is FinishedServerSpan


def test_a_response_names_its_trace(trace_of: Callable[..., Seen]) -> None:
    """The propagator for responses adds its header."""
    set_global_response_propagator(TraceResponsePropagator())
    try:
        theirs, ours = (trace_of(CASES["good"], ours=each) for each in (False, True))
    finally:
        set_global_response_propagator(None)
    same(theirs, ours)
    assert "traceresponse" in ours.answers[0][1]  # type: ignore[index]


def test_within_another_span_the_instrumentation_does_it(trace_of: Callable[..., Seen]) -> None:
    """A request that is answered within a span of this process is no server's."""
    outer = trace.NonRecordingSpan(trace.SpanContext(1, 2, is_remote=False, trace_flags=trace.TraceFlags(1)))

    def case(rig: Rig) -> None:
        with trace.use_span(outer):
            rig.ask("/repositories/o/p")

    theirs, ours = (trace_of(case, ours=each) for each in (False, True))
    same(theirs, ours)
    assert [span.kind for span in ours.spans] == [trace.SpanKind.INTERNAL]


def test_strangers_fill_no_memory() -> None:
    """Of clients, routes and statuses without end, few are remembered."""
    table = FactsTable(_StabilityMode.HTTP)
    for number in range(3000):
        environ = {"REQUEST_METHOD": "GET", "HTTP_USER_AGENT": f"a{number}", "HTTP_HOST": "x" * (number % 2 * 2000)}
        table.route(table.client(environ), f"/{number}").outcome("200 OK")
        table.route(table.client({}), "/").outcome(f"{number} X")
    assert len(table._clients) <= facts.MOST_CLIENTS
    assert len(table._routes) <= facts.MOST_ROUTES
    assert max(len(each._outcomes) for each in table._routes.values()) <= facts.MOST_OUTCOMES
    assert max(len(str(key)) for key in table._clients) < facts.LONGEST_REMEMBERED


def test_undone_it_leaves_nothing(trace_of: Callable[..., Seen]) -> None:
    """After the undoing the instrumentation has its own functions, and serves what was made before with them."""
    names = ("_rewrapped_app", "_wrapped_before_request", "_wrapped_teardown_request")
    before = [getattr(upstream, name) for name in names]
    registry = HookRegistry(Settings.from_env({})[0])
    registry.finished_span_takers = lambda tracer: FinishedSpans(tracer).takers

    def case(rig: Rig) -> None:
        undo = hook.install(registry)
        assert all(getattr(upstream, name) is not each for name, each in zip(names, before, strict=True))
        rig.app = rig.served = flask.Flask("second")
        made(rig)
        undo()
        assert [getattr(upstream, name) for name in names] == before
        rig.ask("/repositories/o/p")

    theirs = trace_of(CASES["good"], ours=False)
    seen = trace_of(case, ours=False)
    same(theirs, seen)
    assert not any(isinstance(span, FinishedServerSpan) for span in seen.spans)


def test_the_instrumentation_is_taken_off(trace_of: Callable[..., Seen]) -> None:
    """An application that is instrumented by itself can be freed again."""

    def case(rig: Rig) -> None:
        rig.ask("/repositories/o/p")
        FlaskInstrumentor.uninstrument_app(rig.app)
        rig.ask("/status/204")

    theirs, ours = (trace_of(case, ours=ours, late=True) for ours in (False, True))
    same(theirs, ours)
    assert len(ours.spans) == 1


SITES = [f"hooks.flask.{each}" for each in ("begin", "begin_span", "respond", "finish", "end", "stand_before")]
OF_THE_SPAN = [f"calls.server_span.{each}" for each in ("respond", "take", "end", "finish")]


@pytest.mark.parametrize(
    ("name", "path"),
    [(name, path) for name in SITES for path in ("/repositories/o/p", "/raises", "/stream", "/copies")]
    + [(name, path) for name in OF_THE_SPAN for path in ("/owns",)],
)
def test_a_failing_hook_costs_no_request(
    trace_of: Callable[..., Seen], monkeypatch: pytest.MonkeyPatch, name: str, path: str
) -> None:
    """Where our own code raises, the request is answered as ever, nothing stays current, and the error is counted."""
    site, call = guard.site(name), guard.call

    def failing(where: guard.Site, function: Callable[..., Any], *args: Any, **options: Any) -> Any:
        return call(where, (lambda *_, **__: 1 / 0) if where is site else function, *args, **options)

    case = lambda rig: rig.ask(path)  # noqa: E731 - as the other cases
    theirs, errors = trace_of(case, ours=False), site.errors
    monkeypatch.setattr(guard, "call", failing)
    guard.set_strict(False)
    ours = trace_of(case, ours=True)
    guard.set_strict(True)
    assert (ours.answers, ours.noted) == (theirs.answers, theirs.noted)
    assert site.errors > errors
    assert len(ours.spans) == 1
    # What begins the request is asked before anything is counted; so the instrumentation counts it instead.
    assert name == "hooks.flask.finish" or [each[:4] for each in ours.metrics] == [each[:4] for each in theirs.metrics]  # type: ignore[index]


@pytest.mark.parametrize("name", ["respond", "finish"])
def test_where_an_end_is_switched_off_the_instrumentation_counts(trace_of: Callable[..., Seen], name: str) -> None:
    """Requests that nobody would count off are not counted on, and have their durations."""
    site = guard.site(f"hooks.flask.{name}")
    theirs = trace_of(CASES["good"], ours=False)
    site.errors = guard.ERRORS_BEFORE_OFF
    try:
        same(theirs, trace_of(CASES["good"], ours=True))
    finally:
        site.errors = 0


def test_a_span_that_cannot_be_made_ready_leaves_as_the_sdk_would_hold_it(
    trace_of: Callable[..., Seen], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where redaction fails, the processor tries by itself; nothing is lost, and no secret told."""
    monkeypatch.setattr(server_span, "redact_attributes", lambda *_, **__: 1 / 0)
    guard.set_strict(False)
    theirs, ours = (trace_of(CASES["query"], ours=each) for each in (False, True))
    guard.set_strict(True)
    same(theirs, ours)
