"""The Sentry stand-in takes what Sentry documents to take, and shows it again.

Sources: https://docs.sentry.io/concepts/otlp/ and https://develop.sentry.dev/sdk/foundations/transport/rate-limiting/
"""

from __future__ import annotations

import gzip
import json
import time
import urllib.request
from typing import TYPE_CHECKING

import pytest
import sentry_sdk
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import AnyValue, KeyValue

from demo.sentry_stand_in.app import create_app
from demo.server import LoopbackServer

if TYPE_CHECKING:
    from flask.testing import FlaskClient

KEY = {"x-sentry-auth": "sentry sentry_version=7, sentry_key=public"}
TRACES = "/api/7/integration/otlp/v1/traces"
LOGS = "/api/7/integration/otlp/v1/logs"
TRACE_ID = "0af7651916cd43dd8448eb211c80319c"
PROTOBUF = {"content-type": "application/x-protobuf"}


@pytest.fixture
def client() -> FlaskClient:
    """Returns a client of a stand-in for project 7 with the key ``public``."""
    return create_app("7", "public").test_client()


def traces() -> ExportTraceServiceRequest:
    """Returns a request with one span that has an attribute and an event."""
    request = ExportTraceServiceRequest()
    span = request.resource_spans.add().scope_spans.add().spans.add()
    span.trace_id, span.span_id, span.name = bytes.fromhex(TRACE_ID), bytes(7) + b"\1", "SELECT contributors"
    span.attributes.append(KeyValue(key="otelmon.keep", value=AnyValue(string_value="slow_db")))
    span.events.add().name = "exception"
    return request


def logs() -> ExportLogsServiceRequest:
    """Returns a request with one event."""
    request = ExportLogsServiceRequest()
    record = request.resource_logs.add().scope_logs.add().log_records.add()
    record.trace_id, record.event_name = bytes.fromhex(TRACE_ID), "otelmon.connection.leaked"
    record.body.string_value = "held for 60 s"
    return request


JSON_BODY = json.dumps(
    {
        "resourceSpans": [
            {
                "scopeSpans": [
                    {
                        "spans": [
                            {
                                "traceId": TRACE_ID,
                                "spanId": "0000000000000001",
                                "name": "SELECT contributors",
                                "attributes": [{"key": "otelmon.keep", "value": {"stringValue": "slow_db"}}],
                            }
                        ]
                    }
                ]
            }
        ]
    }
).encode()


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        pytest.param(traces().SerializeToString(), PROTOBUF, id="protobuf"),
        pytest.param(JSON_BODY, {"content-type": "application/json"}, id="json"),
        pytest.param(
            gzip.compress(traces().SerializeToString()), {**PROTOBUF, "content-encoding": "gzip"}, id="compressed"
        ),
    ],
)
def test_traces_are_taken_and_shown(client: FlaskClient, body: bytes, headers: dict[str, str]) -> None:
    """A span comes back by its trace id with its attributes and its time of arrival."""
    before = time.time_ns()
    assert client.post(TRACES, data=body, headers={**KEY, **headers}).status_code == 202
    span = client.get("/api/0/spans", query_string={"trace_id": TRACE_ID}).get_json()["spans"][0]
    assert (span["name"], span["attributes"]) == ("SELECT contributors", {"otelmon.keep": "slow_db"})
    assert span["arrived_ns"] >= before


def test_span_events_are_dropped(client: FlaskClient) -> None:
    """Sentry keeps no span events; the stand-in counts them instead."""
    client.post(TRACES, data=traces().SerializeToString(), headers={**KEY, **PROTOBUF})
    span = client.get("/api/0/spans").get_json()["spans"][0]
    assert (span["events_dropped"], "events" in span) == (1, False)


def test_spans_are_found_by_attribute(client: FlaskClient) -> None:
    """A query by attribute returns the spans that carry it, and no others."""
    client.post(TRACES, data=traces().SerializeToString(), headers={**KEY, **PROTOBUF})
    found = [
        len(client.get("/api/0/spans", query_string={"otelmon.keep": keep}).get_json()["spans"])
        for keep in ("slow_db", "error")
    ]
    assert found == [1, 0]


def test_logs_are_taken_and_shown(client: FlaskClient) -> None:
    """An event comes back by its name."""
    assert client.post(LOGS, data=logs().SerializeToString(), headers={**KEY, **PROTOBUF}).status_code == 202
    found = client.get("/api/0/logs", query_string={"event_name": "otelmon.connection.leaked"}).get_json()["logs"]
    assert [(each["trace_id"], each["body"]) for each in found] == [(TRACE_ID, "held for 60 s")]


def test_metrics_are_not_taken(client: FlaskClient) -> None:
    """Sentry has no OTLP metrics."""
    assert client.post("/api/7/integration/otlp/v1/metrics", data=b"", headers=KEY).status_code == 404


def test_what_is_too_large_is_dropped_and_counted(client: FlaskClient) -> None:
    """A span over 10 MiB and a log record over 2 MiB are dropped and counted; what is beside them stays."""
    spans, records = traces(), logs()
    spans.resource_spans[0].scope_spans[0].spans.add().name = "x" * (10 * 1024 * 1024)
    records.resource_logs[0].scope_logs[0].log_records.add().body.string_value = "x" * (2 * 1024 * 1024)
    for path, sent in ((TRACES, spans), (LOGS, records)):
        assert client.post(path, data=sent.SerializeToString(), headers={**KEY, **PROTOBUF}).status_code == 202
    stats = client.get("/api/0/stats").get_json()
    assert (stats["spans"], stats["logs"], stats["too_large"]) == (1, 1, 2)


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param(TRACES, {}, 401, id="no key"),
        pytest.param(TRACES, {"x-sentry-auth": "sentry sentry_key=other"}, 403, id="wrong key"),
        pytest.param(TRACES.replace("/7/", "/8/"), KEY, 403, id="wrong project"),
    ],
)
def test_other_keys_and_projects_are_refused(
    client: FlaskClient, path: str, headers: dict[str, str], status: int
) -> None:
    """A request without the project's key is refused and nothing of it is kept."""
    refused = client.post(path, data=traces().SerializeToString(), headers={**PROTOBUF, **headers})
    stats = client.get("/api/0/stats").get_json()
    assert (refused.status_code, stats["spans"], stats["refused"]) == (status, 0, {str(status): 1})


def test_unreadable_bytes_are_a_bad_request(client: FlaskClient) -> None:
    """Bytes that are no export request are answered 400."""
    assert client.post(TRACES, data=b"\xff\xff", headers={**KEY, **PROTOBUF}).status_code == 400


def test_a_rate_limit_tells_how_long(client: FlaskClient) -> None:
    """A refusal by 429 carries ``X-Sentry-Rate-Limits`` and ``Retry-After``."""
    client.put("/api/0/behavior", json={"status": 429, "retry_after": 17})
    refused = client.post(TRACES, data=traces().SerializeToString(), headers={**KEY, **PROTOBUF})
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "17")
    assert refused.headers["x-sentry-rate-limits"].startswith("17:")


def test_an_outage_is_answered_503_until_it_is_over(client: FlaskClient) -> None:
    """While the stand-in is told to be out of order it takes nothing, afterwards it does."""
    statuses = []
    for chosen in (503, 0):
        client.put("/api/0/behavior", json={"status": chosen})
        statuses.append(client.post(TRACES, data=traces().SerializeToString(), headers={**KEY, **PROTOBUF}).status_code)
    assert statuses == [503, 202]


def test_the_raw_bytes_are_kept(client: FlaskClient) -> None:
    """What was in a request can be searched, span events included."""
    client.post(TRACES, data=gzip.compress(traces().SerializeToString()), headers={**KEY, "content-encoding": "gzip"})
    assert b"exception" in client.get("/api/0/raw").data


def test_an_event_of_the_sdk_is_taken() -> None:
    """An error reported by sentry-sdk arrives as an item of an envelope."""
    with LoopbackServer(create_app("7", "public")) as server:
        with sentry_sdk.new_scope() as scope:
            client = sentry_sdk.Client(
                dsn=f"http://public@127.0.0.1:{server.port}/7",
                default_integrations=False,
                auto_enabling_integrations=False,
            )
            scope.set_client(client)
            scope.capture_message("the pool is empty")
            client.close(timeout=5)
        items = create_items(server)
    assert [(item["type"], item["payload"]["message"]) for item in items] == [("event", "the pool is empty")]


def create_items(server: LoopbackServer) -> list[dict[str, dict[str, str]]]:
    """Returns the items that a stand-in shows."""
    with urllib.request.urlopen(f"{server.url}/api/0/items") as response:
        items: list[dict[str, dict[str, str]]] = json.load(response)["items"]
    return items
