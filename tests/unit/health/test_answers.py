"""What is answered: from what was seen, with its age; never a status that nobody has looked at."""

from __future__ import annotations

import json

import pytest

from otelmon.health.answers import answer, snapshot, verdict
from otelmon.health.pace import Pace
from otelmon.health.request import Request, read
from otelmon.health.siblings import Sibling

FINE = Sibling("7-aa", "live", 0.1, {"pid": 7, "status": "ok", "reasons": [], "at": 99.9})


def asked(path: str, *workers: Sibling, now: float = 100.0, token: str = "", sent: bytes = b"") -> tuple[int, dict]:
    """Returns status and document of an answer."""
    seen = snapshot(workers, "shop", "0.1.0", 100.0, 1_800_000_000.0) if workers else None
    whole = answer(Request("GET", path, sent), seen, 1.0, token, now)
    head, _, body = whole.partition(b"\r\n\r\n")
    return int(head.split(b" ")[1]), json.loads(body)


def test_all_is_well() -> None:
    """Every worker is shown with its own status and age, none with the clock of the machine's processes."""
    status, document = asked("/status", FINE, now=100.25)
    assert (status, document["status"], document["age_seconds"]) == (200, "ok", 0.25)
    (worker,) = document["workers"]
    assert worker == {"pid": 7, "status": "ok", "reasons": [], "state": "live", "age_seconds": 0.1}
    assert asked("/readyz", FINE)[1]["status"] == "pass"


@pytest.mark.parametrize(
    ("other", "reason"),
    [
        (Sibling("8-bb", "dead", 4.2, {"pid": 8}), "worker 8 has ended without saying so; last heard of 4 s ago"),
        (Sibling("8-bb", "dead", None, {}), "worker 8 has ended without saying so"),
        (Sibling("8-bb", "stale", 12.0, {"pid": 8, "status": "ok"}), "worker 8 has shown nothing new for 12 s"),
        (Sibling("8-bb", "live", 0.2, {"pid": 8, "reasons": ["pool p is exhausted"]}), "worker 8: pool p is exhausted"),
    ],
)
def test_what_is_wrong_with_one_worker_is_told_for_all(other: Sibling, reason: str) -> None:
    """The service goes on, so that it is ready; which worker and what stands beside it."""
    status, document = asked("/readyz", FINE, other)
    assert (status, document["status"], document["notes"]) == (200, "warn", [reason])
    shown = asked("/status", FINE, other)[1]["workers"][1]
    assert shown["state"] == other.life
    assert shown["status"] == "unknown"


def test_nobody_who_shows_anything_is_unknown() -> None:
    """Stale and dead workers together are not a service that is known to be ready."""
    gone = [Sibling("8-bb", "dead", 1.0, {"pid": 8}), Sibling("9-cc", "stale", 30.0, {"pid": 9})]
    assert asked("/readyz", *gone)[0] == 503
    assert verdict(gone)[0] == "unknown"


def test_before_the_first_look_nothing_is_known() -> None:
    """503, for who starts is not ready yet."""
    assert asked("/readyz") == (
        503,
        {"age_seconds": None, "status": "fail", "notes": ["nothing has been looked at yet"]},
    )
    assert asked("/status")[1]["status"] == "unknown"


def test_what_was_seen_too_long_ago_is_not_shown_as_now() -> None:
    """The age is told; the status is unknown."""
    status, document = asked("/status", FINE, now=142.0)
    assert (status, document["status"], document["age_seconds"]) == (200, "unknown", 42.0)
    assert asked("/readyz", FINE, now=142.0)[0] == 503


def test_a_token_is_asked_for_all_but_liveness() -> None:
    """Who probes whether the process lives needs to know nothing."""
    assert asked("/status", FINE, token="planted")[0] == 401
    assert asked("/status", FINE, token="planted", sent=b"wrong")[0] == 401
    assert asked("/status", FINE, token="planted", sent=b"planted")[0] == 200
    assert asked("/livez", FINE, token="planted")[0] == 200


def test_a_watch_that_does_not_beat_is_not_alive() -> None:
    """Liveness looks at the thread, not at the snapshot."""
    assert answer(Request("GET", "/livez", b""), None, 61.0, "", 0.0).startswith(b"HTTP/1.1 503")


@pytest.mark.parametrize(
    ("head", "request_read"),
    [
        (b"GET /status?x=1 HTTP/1.1\r\nHost: a\r\n\r\n", Request("GET", "/status", b"")),
        (b"HEAD /livez HTTP/1.0\r\nauthorization: bearer abc \r\n\r\n", Request("HEAD", "/livez", b"abc")),
        (b"GET /status\r\n\r\n", None),
        (b"\x16\x03\x01\x02\r\n\r\n", None),
        (b"\r\n\r\n", None),
    ],
)
def test_requests_are_read(head: bytes, request_read: Request | None) -> None:
    """What is no HTTP is told from what is."""
    assert read(head) == request_read


@pytest.mark.parametrize("method", ["POST", "DELETE", "OPTIONS"])
def test_nothing_can_be_changed(method: str) -> None:
    """GET and HEAD only; HEAD has no body."""
    assert answer(Request(method, "/livez", b""), None, 0.0, "", 0.0).startswith(b"HTTP/1.1 405")
    assert answer(Request("HEAD", "/livez", b""), None, 0.0, "", 0.0).endswith(b"\r\n\r\n")


def test_the_pace_is_kept() -> None:
    """Five at once and fifty a second, in steps of a tenth of a second; ten a second while a flood goes on."""
    pace, now = Pace(50, 5, 0.0), 0.0
    granted: list[float] = []
    while now < 10.0:
        pause = pace.pause(now)
        if not pause:
            pace.take(now)
            granted.append(now)
        now += pause + 1e-9 if pause else 0.0
    assert 45 <= sum(each < 0.95 for each in granted) <= 55
    assert 45 <= sum(each > 5.0 for each in granted) <= 55
    later = now + 10.0
    assert [pace.pause(later) or pace.take(later) for _ in range(5)] == [None] * 5
    assert pace.pause(later) == pytest.approx(0.1)
