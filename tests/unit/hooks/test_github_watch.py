"""What every client's hook makes of an answer."""

from __future__ import annotations

import pytest

from otelmon.hooks.github.watch import GitHubWatch
from otelmon.registry import HookRegistry
from otelmon.rules.github_headers import told_by
from otelmon.settings import Settings


@pytest.mark.parametrize(("etag", "avoidable"), [('"a"', {("core", "/user"): 1}), (None, {})])
def test_only_an_answer_with_an_entity_tag_could_have_been_asked_for_conditionally(
    etag: str | None, avoidable: dict[tuple[str, str], int]
) -> None:
    """The same tag twice is one avoidable point; two answers without any are none."""
    registry = HookRegistry(Settings())
    watch = GitHubWatch(registry)
    headers = {"x-ratelimit-resource": "core"} if etag is None else {"x-ratelimit-resource": "core", "etag": etag}
    for _ in range(2):
        call = watch.begin(("GET", "api.github.com", "/user", "Bearer x", False, None))
        watch.answered(call, 200, told_by(headers.get), headers.get)
    assert registry.github.avoidable.snapshot() == avoidable
