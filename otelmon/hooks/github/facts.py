"""Puts what a GitHub answer says into attributes of spans and events."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from otelmon.records import GitHubAnswer, GitHubCall

_PREFIX = "otelmon.github.rate_limit."
_THROTTLES = ("primary", "secondary")
_LONGEST_ID = 64
_METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))
Attributes = dict[str, str | int | float]


def answer_attributes(answer: GitHubAnswer) -> Attributes:
    """Returns what a GitHub answer says as span attributes; what it does not say is absent."""
    limit, remaining, used, reset, resource = answer.rate_limit
    known = {
        f"{_PREFIX}limit": limit,
        f"{_PREFIX}remaining": remaining,
        f"{_PREFIX}used": used,
        f"{_PREFIX}reset": reset,
        f"{_PREFIX}resource": resource,
        "otelmon.github.throttle": answer.refusal if answer.refusal in _THROTTLES else None,
    }
    return {name: value for name, value in known.items() if value is not None}


def event_attributes(call: GitHubCall, answer: GitHubAnswer, elapsed_ns: int, request_id: str | None) -> Attributes:
    """Returns the facts of one answer as scalars: what was asked, by which line, and what GitHub said.

    Args:
        call: the request.
        answer: the answer.
        elapsed_ns: until its headers were there.
        request_id: by which GitHub's support finds the request.
    """
    function, path, number = answer.line or (None, None, None)
    known: dict[str, str | int | float | None] = {
        "http.request.method": call.method if call.method in _METHODS else "_OTHER",
        "http.response.status_code": answer.status,
        "server.address": call.host,
        "otelmon.github.route": call.route,
        "otelmon.github.owner": call.owner,
        "otelmon.github.refusal": answer.refusal,
        "otelmon.github.retry_after": answer.retry_after,
        "otelmon.github.duration": elapsed_ns / 1e9,
        "otelmon.github.request_id": request_id[:_LONGEST_ID] if request_id else None,
        "code.function.name": function,
        "code.file.path": path,
        "code.line.number": number,
    }
    return {name: value for name, value in known.items() if value is not None} | answer_attributes(answer)
