"""Events of answers follow the trace; throttled ones are told of, and their spans promoted, whatever is sampled."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING, Literal

import pytest
import requests
from opentelemetry import trace
from opentelemetry.trace import NonRecordingSpan, SpanContext, TraceFlags

from otelmon.rules.github_owner import budget_owner

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.server import LoopbackServer
    from otelmon.registry import HookRegistry

TOKEN = {"authorization": "Bearer token-events"}


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        pytest.param(("sampled", True, False), ["request"], id="sampled"),
        pytest.param(("sampled", False, False), [], id="not sampled"),
        pytest.param(("all", False, False), ["request"], id="all, not sampled"),
        pytest.param(("off", True, False), [], id="off"),
        pytest.param(("off", True, True), ["request", "throttled"], id="throttled"),
        pytest.param(("off", False, True), ["request", "throttled"], id="throttled, not sampled"),
    ],
)
def test_events(
    start_registry: Callable[..., HookRegistry],
    server: LoopbackServer,
    control: Callable[..., None],
    case: tuple[Literal["off", "sampled", "all"], bool, bool],
    expected: list[str],
) -> None:
    """An answer is told of in its trace with its line, and nothing of the credential is in it."""
    logged, sampled, throttled = case
    registry = start_registry(operation_log=logged)
    told: list[tuple[str, dict[str, object], int]] = []
    registry.github.emit = lambda name, attributes, **ids: told.append((name, attributes, ids["span_id"]))
    if throttled:
        control("POST", "secondary", status=403, retry_after=1)
    context = SpanContext(1, 2, is_remote=False, trace_flags=TraceFlags(sampled))
    with trace.use_span(NonRecordingSpan(context)):
        requests.get(f"{server.url}/repos/o/a", headers=TOKEN, timeout=5)
    assert [name for name, *_ in told] == [f"otelmon.github.{name}" for name in expected]
    assert {(span, facts["code.file.path"]) for _, facts, span in told} <= {(2, __file__)}
    assert "token-events" not in repr(told)
    assert (2 in registry.promoted) is (throttled and not sampled)


def jwt(claims: object) -> str:
    """Returns a text of the form of a JSON web token."""
    parts = [
        base64.urlsafe_b64encode(json.dumps(each).encode()).decode().rstrip("=") for each in ({"alg": "x"}, claims)
    ]
    return f"Bearer {'.'.join(parts)}.{len(parts[1])}"


def test_tokens_of_an_app_are_one_owner() -> None:
    """Another token of the same app is the same owner; another app or host is not, and rubbish is its own."""
    one, other = jwt({"iss": 7, "exp": 1}), jwt({"iss": 7, "exp": 22})
    assert budget_owner(one, "") == budget_owner(other, "")
    assert len({budget_owner(jwt({"iss": 8}), ""), budget_owner(one, ""), budget_owner(one, "", "ghes")}) == 3
    assert len({budget_owner(each, "") for each in (jwt([]), jwt({}), "Bearer eyJ.x.y", "Bearer eyJ")}) == 4
