"""The interface for those who test clients: budgets, refusals and delays at will, under ``/stand-in``."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from flask import Blueprint, Response, current_app, jsonify, request

from demo.github_stand_in.identities import Identities
from demo.github_stand_in.secondary import Refusal

if TYPE_CHECKING:
    from demo.github_stand_in.budgets import Budgets
    from demo.github_stand_in.secondary import SecondaryLimits


MOST_SEEN = 200


@dataclass
class Behavior:
    """Holds what the stand-in knows and how it behaves; ``primary_status`` answers an exhausted budget, 403 or 429."""

    budgets: Budgets
    secondary: SecondaryLimits
    delay_ms: int = 0
    identities: Identities = field(default_factory=Identities)
    primary_status: int = 403
    seen: deque[str] = field(default_factory=lambda: deque(maxlen=MOST_SEEN))


control = Blueprint("control", __name__)


def behavior() -> Behavior:
    """Returns the state of the running stand-in."""
    found: Behavior = current_app.extensions["behavior"]
    return found


@control.get("/ready")
def ready() -> Response:
    """Answers as soon as the stand-in serves."""
    return jsonify(ready=True)


@control.get("/seen")
def seen() -> Response:
    """Shows paths and queries of the latest requests, as they came."""
    return jsonify(seen=list(behavior().seen))


@control.put("/budget")
def budget() -> Response:
    """Replaces one budget: ``credential``, ``resource``, ``limit``, ``used``, ``seconds`` until the reset."""
    given = request.get_json()
    put = behavior().budgets.put(
        given.get("credential", ""), given["resource"], given["limit"], given["used"], given.get("seconds", 3600)
    )
    return jsonify(put.document())


@control.put("/primary")
def primary() -> Response:
    """Chooses the ``status`` that answers an exhausted budget; GitHub documents both 403 and 429."""
    behavior().primary_status = request.get_json()["status"]
    return jsonify(status=behavior().primary_status)


@control.post("/secondary")
def secondary() -> Response:
    """Refuses the next ``count`` requests with ``status`` and, where given, ``retry_after`` seconds."""
    given = request.get_json()
    behavior().secondary.plan(Refusal(given.get("status", 403), given.get("retry_after")), given.get("count", 1))
    return jsonify(planned=given.get("count", 1))


@control.put("/delay")
def delay() -> Response:
    """Chooses how many ``milliseconds`` each answer takes."""
    behavior().delay_ms = request.get_json()["milliseconds"]
    return jsonify(milliseconds=behavior().delay_ms)
