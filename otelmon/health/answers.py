"""What /livez, /readyz and /status answer: made when the watch looks, so that a request costs a copy."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from http import HTTPStatus
from typing import TYPE_CHECKING, NamedTuple

from otelmon.health import request as requests
from otelmon.health.siblings import STALE_AFTER

if TYPE_CHECKING:
    from collections.abc import Sequence

    from otelmon.health.check import Document, Status
    from otelmon.health.request import Request
    from otelmon.health.siblings import Sibling

HEALTH = "application/health+json"
JSON = "application/json"
MOST_REASONS = 50
# The watch thread beats every second at the least; a process in which it does not for so long is stuck.
STUCK_AFTER = 60.0
# Source: https://datatracker.ietf.org/doc/html/draft-inadarei-api-health-check-06
VERDICTS = {"ok": "pass", "degraded": "warn", "unknown": "fail"}


class Snapshot(NamedTuple):
    """Holds what was true at ``at``, monotonic: bodies without the opening brace, to which the age is put in front."""

    at: float
    status: Status
    readyz: bytes
    full: bytes


def snapshot(workers: Sequence[Sibling], service: str, version: str, at: float, unix: float) -> Snapshot:
    """Returns the answers for all workers together.

    Args:
        workers: everyone who has a place.
        service: name of the service.
        version: of otelmon.
        at: monotonic seconds, to which ages count.
        unix: the same moment as unix seconds.
    """
    status, reasons = verdict(workers)
    lives = {life: sum(each.life == life for each in workers) for life in ("live", "stale", "dead")}
    head: Document = {
        "timestamp": datetime.fromtimestamp(unix, timezone.utc).isoformat(timespec="milliseconds"),
        "service": service,
        "reasons": reasons,
    }
    full = {"status": status, **head, "version": version, "workers": [_worker(each) for each in workers]}
    readyz = {"status": VERDICTS[status], "notes": reasons, "timestamp": head["timestamp"], "workers": lives}
    return Snapshot(at, status, *(json.dumps(each).encode()[1:] for each in (readyz, full)))


def verdict(workers: Sequence[Sibling]) -> tuple[Status, list[str]]:
    """Returns unknown where nobody shows anything new, degraded with every reason, or ok."""
    reasons = [reason for each in workers for reason in _reasons(each)]
    if not any(each.life == "live" and each.document for each in workers):
        return "unknown", reasons or ["nothing has been looked at yet"]
    return ("degraded" if reasons else "ok"), list(dict.fromkeys(reasons))[:MOST_REASONS]


def _reasons(worker: Sibling) -> list[str]:
    pid = worker.document.get("pid", worker.name.partition("-")[0])
    if worker.life == "dead":
        ago = "" if worker.age is None else f"; last heard of {worker.age:.0f} s ago"
        return [f"worker {pid} has ended without saying so{ago}"]
    if worker.life == "stale":
        return [f"worker {pid} has shown nothing new for {worker.age:.0f} s"]
    said = worker.document.get("reasons")
    return [f"worker {pid}: {each}" for each in said] if isinstance(said, list) else []


def _worker(worker: Sibling) -> Document:
    known = worker.life == "live" and bool(worker.document)
    return {
        **{key: value for key, value in worker.document.items() if key != "at"},
        "status": worker.document.get("status", "unknown") if known else "unknown",
        "state": worker.life,
        "age_seconds": None if worker.age is None else round(worker.age, 3),
    }


def answer(asked: Request | None, seen: Snapshot | None, beat_age: float, token: str, now: float) -> bytes:
    """Returns the whole answer to one request.

    Args:
        asked: None where it could not be read.
        seen: None before the first look.
        beat_age: seconds since the watch thread was last seen to run.
        token: that a request must bring, empty where none is needed.
        now: of the clock of the snapshot.
    """
    if asked is None:
        return _response(400, JSON, b'{"error": "this is no request of HTTP/1"}')
    if asked.method not in ("GET", "HEAD"):
        return _response(405, JSON, b'{"error": "GET and HEAD only"}', "Allow: GET, HEAD\r\n")
    whole = _content(asked, seen, beat_age, token, now)
    return whole if asked.method == "GET" else whole[: whole.index(requests.END) + len(requests.END)]


def _content(asked: Request, seen: Snapshot | None, beat_age: float, token: str, now: float) -> bytes:
    if asked.path == "/livez":
        alive = beat_age < STUCK_AFTER
        return _response(200 if alive else 503, HEALTH, b'{"status": "pass"}' if alive else b'{"status": "fail"}')
    if asked.path not in ("/readyz", "/status"):
        return _response(404, JSON, b'{"error": "there are /livez, /readyz and /status"}')
    if not requests.is_allowed(asked, token):
        return _response(401, JSON, b'{"error": "a token is needed"}', "WWW-Authenticate: Bearer\r\n")
    return _seen(asked.path, seen, now)


def _seen(path: str, seen: Snapshot | None, now: float) -> bytes:
    age = None if seen is None else now - seen.at
    if seen is None or age is None or age > STALE_AFTER:
        shown = b"null" if age is None else b"%.3f" % age
        said = b'"nothing has been looked at yet"' if age is None else b'"nothing was looked at since"'
        status = b"fail" if path == "/readyz" else b"unknown"
        body = b'{"age_seconds": %s, "status": "%s", "notes": [%s]}' % (shown, status, said)
        return _response(503 if path == "/readyz" else 200, HEALTH if path == "/readyz" else JSON, body)
    opened = b'{"age_seconds": %.3f, ' % age
    if path == "/readyz":
        return _response(503 if seen.status == "unknown" else 200, HEALTH, opened + seen.readyz)
    return _response(200, JSON, opened + seen.full)


def _response(status: int, media_type: str, content: bytes, more: str = "") -> bytes:
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: {media_type}\r\n{more}"
        f"Content-Length: {len(content)}\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff\r\n"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + content
