"""Five hundred secrets: every shape at every place of a span, a log record and a metric."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tests.collector.telemetry import gauge, logs, pairs, span, traces

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from google.protobuf.message import Message
    from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
    from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceRequest
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

PEM = "-----BEGIN " + "RSA PRIVATE KEY-----\n{secret}\n-----END RSA PRIVATE KEY-----"
# What stands around a secret; {secret} is 24 letters and digits that occur nowhere else.
SHAPES = {
    "GitHub, classic": "ghp_{secret}",
    "GitHub, app": "ghs_{secret}",
    "GitHub, fine-grained": "github_pat_11ABC_{secret}",
    "JSON web token": "eyJhbGciOiJSUzI1NiJ9.eyJ{secret}.c2ln",
    "bearer": "Authorization: Bearer {secret}",
    "basic": "basic {secret}==",
    "connection address": "postgresql://app:{secret}@db.internal:5432/app",
    "user alone in an address": "https://{secret}@sentry.internal/4",
    "connection words": "host=db.internal password={secret} dbname=app",
    "repr of a dict": "{{'user': 'app', 'password': '{secret}'}}",
    "JSON": '{{"client_secret": "{secret}"}}',
    "shouted": "DB_PASSWORD={secret}",
    "api key": "api_key={secret}",
    "GitLab": "glpat-{secret}",
    "Slack": "xoxb-12-{secret}",
    "Stripe": "sk_live_{secret}",
    "npm": "npm_{secret}{secret}",
    "PyPI": "pypi-{secret}{secret}",
    "Sentry": "sntrys_{secret}",
    "private key": PEM,
}
QUERY = "SELECT * FROM users WHERE email = '{secret}' AND id IN (1, 2)"
# Names that say that a value is secret, whatever it looks like.
KEYS = (
    "app.password",
    "http.request.header.authorization",
    "http.response.header.set-cookie",
    "client_secret",
    "api-key",
    "access_token",
    "db.query.parameter.0",
    "credentials",
)
SQL_TEXTS = (
    QUERY,
    "SELECT 1 -- {secret}",
    "COPY t FROM STDIN /* {secret} */",
    "SELECT $q${secret}$q$",
    "SELECT E'it\\'s {secret}'",
    "SELECT '{secret}",
    "INSERT INTO t VALUES ('{secret}')",
)
MESSAGES = (
    "duplicate key value\nDETAIL:  Key (email)=({secret}) already exists.",
    'invalid input syntax for type integer: "{secret}"',
    "x\n[parameters: ('{secret}',)]",
    "GET https://h/x?token={secret}",
)


@dataclass(frozen=True)
class Planted:
    """Holds one secret, where it stands, and the request that carries it."""

    secret: str
    where: str
    path: str
    message: Message


def in_span(**fields: Any) -> ExportTraceServiceRequest:
    """Returns a request with one slow database span that is kept."""
    made = span(
        fields.pop("name", "SELECT"),
        {"db.system.name": "postgresql", **fields.pop("attributes", {})},
        milliseconds=900,
        error=fields.pop("error", None),
    )
    if event := fields.pop("event", None):
        made.events.add(name=event[0], attributes=pairs(event[1]))
    if link := fields.pop("link", None):
        made.links.add(trace_id=made.trace_id, span_id=made.span_id, attributes=pairs(link))
    made.trace_state = fields.pop("trace_state", "")
    request = traces([made])
    request.resource_spans[0].resource.attributes.extend(pairs(fields.pop("resource", {})))
    scope = request.resource_spans[0].scope_spans[0].scope
    scope.name, scope.version = fields.pop("scope", ""), fields.pop("version", "")
    scope.attributes.extend(pairs(fields.pop("scope_attributes", {})))
    assert not fields
    return request


def in_log(body: str = "b", attributes: dict[str, Any] | None = None, **fields: Any) -> ExportLogsServiceRequest:
    """Returns a request with one log record."""
    request = logs(body, attributes or {}, fields.get("event_name", ""))
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    record.severity_text = fields.get("severity_text", "")
    if nested := fields.get("nested"):
        record.body.kvlist_value.values.extend(pairs(nested))
    request.resource_logs[0].resource.attributes.extend(pairs(fields.get("resource", {})))
    request.resource_logs[0].scope_logs[0].scope.name = fields.get("scope", "")
    return request


def in_metric(**fields: Any) -> ExportMetricsServiceRequest:
    """Returns a request with one gauge."""
    request = gauge(fields.get("name", "g"), 1)
    metric = request.resource_metrics[0].scope_metrics[0].metrics[0]
    metric.description, metric.unit = fields.get("description", ""), fields.get("unit", "1")
    metric.gauge.data_points[0].attributes.extend(pairs(fields.get("attributes", {})))
    request.resource_metrics[0].resource.attributes.extend(pairs(fields.get("resource", {})))
    request.resource_metrics[0].scope_metrics[0].scope.name = fields.get("scope", "")
    return request


TRACES, LOGS, METRICS = "/v1/traces", "/v1/logs", "/v1/metrics"
# Places where a text of any shape may stand, and the request that has it there.
PLACES: dict[str, tuple[str, Callable[[str], Message]]] = {
    "span attribute": (TRACES, lambda text: in_span(attributes={"note": text})),
    "span attribute of a known name": (TRACES, lambda text: in_span(attributes={"server.address": text})),
    "list in a span attribute": (TRACES, lambda text: in_span(attributes={"notes": ["first", text]})),
    "span name": (TRACES, lambda text: in_span(name=text)),
    "status message": (TRACES, lambda text: in_span(error=text)),
    "event attribute": (TRACES, lambda text: in_span(event=("e", {"note": text}))),
    "event name": (TRACES, lambda text: in_span(event=(text, {}))),
    "link attribute": (TRACES, lambda text: in_span(link={"note": text})),
    "exception message": (TRACES, lambda text: in_span(event=("exception", {"exception.message": text}))),
    "resource attribute": (TRACES, lambda text: in_span(resource={"note": text})),
    "scope name": (TRACES, lambda text: in_span(scope=text)),
    "scope version": (TRACES, lambda text: in_span(version=text)),
    "scope attribute": (TRACES, lambda text: in_span(scope_attributes={"note": text})),
    "log body": (LOGS, in_log),
    "map in a log body": (LOGS, lambda text: in_log(nested={"note": text})),
    "log attribute": (LOGS, lambda text: in_log(attributes={"note": text})),
    "log's event name": (LOGS, lambda text: in_log(event_name=text)),
    "log's severity": (LOGS, lambda text: in_log(severity_text=text)),
    "log's resource": (LOGS, lambda text: in_log(resource={"note": text})),
    "log's scope": (LOGS, lambda text: in_log(scope=text)),
    "metric attribute": (METRICS, lambda text: in_metric(attributes={"note": text})),
    "metric name": (METRICS, lambda text: in_metric(name=text)),
    "metric description": (METRICS, lambda text: in_metric(description=text)),
    "metric's resource": (METRICS, lambda text: in_metric(resource={"note": text})),
    "metric's scope": (METRICS, lambda text: in_metric(scope=text)),
}
# Places that only some texts have: names that are secret, statements, messages, addresses.
SPECIAL: list[tuple[str, str, Callable[[str], Message], tuple[str, ...]]] = [
    *(
        (f"span attribute {key}", TRACES, lambda text, key=key: in_span(attributes={key: text}), ("{secret}",))
        for key in KEYS
    ),
    *(
        (f"event attribute {key}", TRACES, lambda text, key=key: in_span(event=("e", {key: text})), ("{secret}",))
        for key in KEYS
    ),
    *(
        (f"log attribute {key}", LOGS, lambda text, key=key: in_log(attributes={key: text}), ("{secret}",))
        for key in KEYS
    ),
    *(
        (f"metric attribute {key}", METRICS, lambda text, key=key: in_metric(attributes={key: text}), ("{secret}",))
        for key in KEYS
    ),
    *(
        (f"resource attribute {key}", TRACES, lambda text, key=key: in_span(resource={key: text}), ("{secret}",))
        for key in KEYS
    ),
    ("statement", TRACES, lambda text: in_span(attributes={"db.query.text": text}), SQL_TEXTS),
    ("statement, old name", TRACES, lambda text: in_span(attributes={"db.statement": text}), SQL_TEXTS),
    ("statement as span name", TRACES, lambda text: in_span(name=text), (QUERY,)),
    ("statement in a log", LOGS, lambda text: in_log(attributes={"db.query.text": text}), SQL_TEXTS),
    ("status message of a database", TRACES, lambda text: in_span(error=text), MESSAGES),
    (
        "exception of a database",
        TRACES,
        lambda text: in_span(event=("exception", {"exception.message": text})),
        MESSAGES,
    ),
    ("exception in a log", LOGS, lambda text: in_log(attributes={"exception.message": text}), MESSAGES),
    *(
        (
            f"address in {key}",
            TRACES,
            lambda text, key=key: in_span(attributes={key: text}),
            ("https://h/x?page=2&key={secret}",),
        )
        for key in ("url.full", "http.url", "http.target")
    ),
    ("query of an address", TRACES, lambda text: in_span(attributes={"url.query": text}), ("page=2&key={secret}",)),
    (
        "address in a metric",
        METRICS,
        lambda text: in_metric(attributes={"url.full": text}),
        ("https://h/x?key={secret}",),
    ),
    ("address in a log", LOGS, lambda text: in_log(attributes={"url.full": text}), ("https://h/x?key={secret}",)),
    ("trace state", TRACES, lambda text: in_span(trace_state=f"vendor={text}"), ("ghp_{secret}",)),
]


def planted() -> Iterator[Planted]:
    """Yields every secret once, each of its own letters."""
    numbers = itertools.count()
    for (where, (path, build)), (shape, text) in itertools.product(PLACES.items(), SHAPES.items()):
        yield _plant(f"{shape}, {where}", path, build, text, next(numbers))
    for where, path, build, texts in SPECIAL:
        for text in texts:
            yield _plant(where, path, build, text, next(numbers))


def _plant(where: str, path: str, build: Callable[[str], Message], text: str, number: int) -> Planted:
    secret = "Zq" + hashlib.sha256(str(number).encode()).hexdigest()[:22]
    return Planted(secret, where, path, build(text.replace("{secret}", secret).replace("{{", "{").replace("}}", "}")))
