"""The addresses where Sentry takes data: envelopes, and traces and logs by OTLP."""

from __future__ import annotations

import gzip
import time
import zlib
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, request
from google.protobuf.json_format import ParseError
from google.protobuf.message import DecodeError

from demo.sentry_stand_in import decode
from demo.sentry_stand_in.behavior import Behavior, key_of
from demo.sentry_stand_in.management import Managed, management
from demo.sentry_stand_in.query import query, store
from demo.sentry_stand_in.store import Store

if TYPE_CHECKING:
    from collections.abc import Callable

UNREADABLE = (DecodeError, ParseError, ValueError, KeyError, zlib.error, EOFError, gzip.BadGzipFile)


def create_app(project: str = "1", public_key: str = "demo", auth_token: str = "stand-in") -> Flask:  # noqa: S107
    """Returns the stand-in for one project, its public key, and the token of its API."""
    app = Flask("sentry")
    app.extensions["store"] = Store()
    app.extensions["behavior"] = Behavior(project, public_key)
    app.extensions["managed"] = Managed(auth_token)
    app.register_blueprint(query, url_prefix="/api/0")
    app.register_blueprint(management, url_prefix="/api/0")
    app.url_map.strict_slashes = False
    add_routes(app)
    return app


def add_routes(app: Flask) -> None:
    """Adds the addresses."""

    @app.post("/api/<project>/envelope/")
    def envelope(project: str) -> Response:
        """Takes an envelope and answers with the event id, as Sentry does."""
        return take(app, project, HTTPStatus.OK, take_envelope)

    @app.post("/api/<project>/integration/otlp/v1/traces")
    def traces(project: str) -> Response:
        """Takes a trace export request."""
        return take(app, project, HTTPStatus.ACCEPTED, take_traces)

    @app.post("/api/<project>/integration/otlp/v1/logs")
    def logs(project: str) -> Response:
        """Takes a log export request."""
        return take(app, project, HTTPStatus.ACCEPTED, take_logs)


def take(app: Flask, project: str, status: int, keep: Callable[[bytes], None]) -> Response:
    """Checks a request, keeps its bytes and hands them to ``keep``; 400 when they cannot be read."""
    behavior: Behavior = app.extensions["behavior"]
    key = key_of(request.headers.get("x-sentry-auth", ""), request.args.get("sentry_key"))
    refusal = behavior.refusal(project, key, request.content_length or 0)
    if refusal:
        return refused(*refusal)
    try:
        body = uncompressed(request.get_data(cache=False), request.headers.get("content-encoding", ""))
        store().keep_body(body)
        keep(body)
    except UNREADABLE:
        return refused(HTTPStatus.BAD_REQUEST, {})
    return Response("{}" if status == HTTPStatus.OK else b"", status, content_type="application/json")


def refused(status: int, headers: dict[str, str]) -> Response:
    """Counts and answers a refusal."""
    store().count_refusal(status)
    return Response('{"detail":"refused"}', status, headers, content_type="application/json")


def take_envelope(body: bytes) -> None:
    """Keeps the items of an envelope."""
    store().add(store().items, decode.items_of(body, time.time_ns()))


def take_traces(body: bytes) -> None:
    """Keeps the spans of a request."""
    decoded = decode.traces(body, request.content_type or "")
    store().too_large += decode.drop_large_spans(decoded)
    store().add(store().spans, list(decode.spans_of(decoded, time.time_ns())))


def take_logs(body: bytes) -> None:
    """Keeps the log records of a request."""
    decoded = decode.logs(body, request.content_type or "")
    store().too_large += decode.drop_large_logs(decoded)
    store().add(store().logs, list(decode.logs_of(decoded, time.time_ns())))


def uncompressed(body: bytes, encoding: str) -> bytes:
    """Returns the bytes that a client compressed with gzip or deflate."""
    if encoding == "gzip":
        return gzip.decompress(body)
    return zlib.decompress(body) if encoding == "deflate" else body
