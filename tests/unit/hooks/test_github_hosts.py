"""Only the hosts named in the settings are GitHub."""

from __future__ import annotations

import pytest

from otelmon.hooks.github.hosts import GitHubHosts

ENTRIES = ("api.github.com", "GHES.example.org:8443", "127.0.0.1:8080", "[::1]:9000", "fe80::1", "[fe80::2]")


@pytest.mark.parametrize(
    ("host", "port", "known"),
    [
        ("api.github.com", 443, True),
        ("api.github.com", None, True),
        ("API.GitHub.COM", 8443, True),
        ("api.github.com.evil.example", 443, False),
        ("evil.example", 443, False),
        ("notapi.github.com", 443, False),
        ("github.com", 443, False),
        ("140.82.121.6", 443, False),
        ("", 443, False),
        ("ghes.example.org", 8443, True),
        ("ghes.example.org", 443, False),
        ("ghes.example.org", None, False),
        ("127.0.0.1", 8080, True),
        ("127.0.0.1", 8081, False),
        ("::1", 9000, True),
        ("::1", 9001, False),
        ("fe80::1", 443, True),
        ("fe80::2", 443, True),
    ],
)
def test_host(host: str, port: int | None, known: bool) -> None:
    """Host and port are compared exactly, letters of either case are the same."""
    assert ((host, port) in GitHubHosts(ENTRIES)) is known


def test_no_entry_is_no_host() -> None:
    """With an empty list nothing is GitHub."""
    assert ("api.github.com", 443) not in GitHubHosts(())
