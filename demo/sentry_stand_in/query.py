"""The stand-in's own interface for reading back and for choosing errors, under ``/api/0``."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify, request

from demo.sentry_stand_in.store import Store, matching

if TYPE_CHECKING:
    from demo.sentry_stand_in.behavior import Behavior

query = Blueprint("query", __name__)


def store() -> Store:
    """Returns what the running stand-in keeps."""
    found: Store = current_app.extensions["store"]
    return found


@query.get("/ready")
def ready() -> Response:
    """Answers as soon as the stand-in serves."""
    return jsonify(ready=True)


@query.get("/spans")
def spans() -> Response:
    """Shows the spans whose fields or attributes equal the query: ``?trace_id=...&otelmon.keep=slow_db``."""
    return jsonify(spans=matching(store().spans, request.args))


@query.get("/logs")
def logs() -> Response:
    """Shows the log records that match, as ``spans``."""
    return jsonify(logs=matching(store().logs, request.args))


@query.get("/items")
def items() -> Response:
    """Shows the envelope items that match, as ``spans``."""
    return jsonify(items=matching(store().items, request.args))


@query.get("/raw")
def raw() -> Response:
    """Hands out the uncompressed bodies of all requests, a line feed between them."""
    return Response(b"\n".join(list(store().bodies)), content_type="application/octet-stream")


@query.get("/stats")
def stats() -> Response:
    """Counts what is kept, what was refused, and bodies that no longer fit."""
    kept = store()
    return jsonify(
        spans=len(kept.spans),
        logs=len(kept.logs),
        items=len(kept.items),
        bodies=len(kept.bodies),
        bodies_left_out=kept.bodies_left_out,
        too_large=kept.too_large,
        refused={str(status): count for status, count in kept.refused.items()},
    )


@query.put("/behavior")
def behavior() -> Response:
    """Chooses the ``status`` to refuse with (0: none) and, for 429, ``retry_after`` seconds."""
    chosen: Behavior = current_app.extensions["behavior"]
    given = request.get_json()
    chosen.status = given.get("status", 0)
    chosen.retry_after = given.get("retry_after", chosen.retry_after)
    return jsonify(status=chosen.status, retry_after=chosen.retry_after)


@query.delete("/kept")
def clear() -> Response:
    """Forgets everything that was kept."""
    store().clear()
    return jsonify(cleared=True)
