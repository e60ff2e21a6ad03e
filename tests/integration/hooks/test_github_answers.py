"""What GitHub answers is read below real HTTP clients, over real sockets, without changing anything for them."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
import requests
import urllib3
from opentelemetry import trace
from opentelemetry.instrumentation.requests import RequestsInstrumentor
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.util import Retry

from otelmon import guard
from otelmon.hooks.urllib3 import hook
from otelmon.registry import HookRegistry
from otelmon.settings import Settings
from tests.integration.hooks.conftest import BODY, GitHubServer, Reply, limits

if TYPE_CHECKING:
    from collections.abc import Iterator

    from opentelemetry.sdk.trace import ReadableSpan

ROUTE = "/repos/{owner}/{repo}"
PATH = "/repos/octo/cat"
SECRET = "ghp_planted0secret0planted0secret0planted"


@pytest.fixture
def registry(github_server: GitHubServer) -> Iterator[HookRegistry]:
    """Yields a registry that knows the server as GitHub, with the hook installed."""
    registry = HookRegistry(Settings(github_hosts=(f"127.0.0.1:{github_server.server_port}",)))
    undo = hook.install(registry)
    yield registry
    undo()


@pytest.fixture
def client(registry: HookRegistry) -> Iterator[requests.Session]:
    """Yields a session of requests."""
    with requests.Session() as session:
        yield session
    del registry


def requests_by_route(registry: HookRegistry) -> dict[str, int]:
    """Returns the number of answers by route."""
    return {route: count for (_, route), count in registry.github.requests().items()}


def attributes(span: ReadableSpan) -> dict[str, object]:
    """Returns what otelmon has put on a span."""
    return {name: value for name, value in (span.attributes or {}).items() if name.startswith("otelmon.")}


def test_answer_fills_budget_and_counts(client, registry, github_server) -> None:
    """One GET gives one answer, one budget of the hashed credential, and the body as it was sent."""
    reset = int(time.time()) + 3600
    github_server.replies[PATH] = [Reply(headers=limits(reset=reset))]
    answer = client.get(github_server.url + PATH, headers={"Authorization": f"Bearer {SECRET}"})
    assert answer.content == BODY
    (budget,) = registry.github.budgets()
    assert (budget.resource, budget.limit, budget.remaining, budget.used, budget.reset) == (
        "core",
        5000,
        4998,
        2,
        reset,
    )
    assert re.fullmatch("[0-9a-f]{12}", budget.owner)
    assert registry.github.requests() == {("core", ROUTE): 1}


def test_owner_is_the_credential_whatever_its_form(registry, github_server) -> None:
    """Text and bytes, any letter case and scheme word are one owner; no credential is another."""
    pool = urllib3.PoolManager()
    for headers in (
        {"Authorization": f"Bearer {SECRET}"},
        {"authorization": f"token {SECRET}".encode()},
        {b"AUTHORIZATION": f"bearer {SECRET}"},
        {},
        None,
    ):
        pool.request("GET", github_server.url + PATH, headers=headers).release_conn()
    owners = {budget.owner for budget in registry.github.budgets()}
    assert len(owners) == 2
    assert "anonymous@127.0.0.1" in owners
    pool.clear()


def test_nothing_of_the_credential_is_kept(client, registry, github_server) -> None:
    """Neither the registry nor the pooled connection holds the secret after the call."""
    client.get(github_server.url + PATH, headers={"Authorization": f"Bearer {SECRET}"})
    pool = client.get_adapter("http://").poolmanager.connection_from_url(github_server.url)
    connection = pool._get_conn()
    assert not [name for name in vars(connection) if "otelmon" in name]
    assert SECRET not in repr((registry.github.budgets(), registry.github.requests(), vars(connection)))
    pool._put_conn(connection)


def test_every_redirect_hop_counts(client, registry, github_server) -> None:
    """A redirect is an answer of its own, under its own route."""
    github_server.replies["/repositories/7"] = [
        Reply(301, {**limits(used=5, remaining=4995), "Location": github_server.url + PATH}, b"")
    ]
    github_server.replies[PATH] = [Reply(headers=limits(used=6, remaining=4994))]
    assert client.get(github_server.url + "/repositories/7").content == BODY
    assert sum(requests_by_route(registry).values()) == 2
    assert requests_by_route(registry)[ROUTE] == 1
    assert registry.github.budgets()[0].used == 6


def test_every_retry_counts(client, registry, github_server) -> None:
    """A retry after a 503 is an answer of its own, though requests never sees the first one."""
    client.mount("http://", HTTPAdapter(max_retries=Retry(3, status_forcelist=[503], backoff_factor=0)))
    github_server.replies[PATH] = [Reply(503, limits()), Reply(503), Reply(headers=limits())]
    assert client.get(github_server.url + PATH).status_code == 200
    assert registry.github.requests() == {("core", ROUTE): 2, (None, ROUTE): 1}


@pytest.mark.parametrize(
    ("reply", "kind"),
    [
        pytest.param(Reply(403, limits(remaining=0, used=5000)), "primary", id="primary 403"),
        pytest.param(Reply(429, limits(remaining=0, used=5000)), "primary", id="primary 429"),
        pytest.param(Reply(403, {**limits(), "Retry-After": 60}), "secondary", id="secondary 403"),
        pytest.param(Reply(429, limits()), "secondary", id="secondary 429"),
        pytest.param(Reply(403, limits()), "permission", id="not permitted"),
        pytest.param(Reply(403, {**limits(), "X-GitHub-SSO": "required; url=x"}), "saml", id="no sign-on"),
        pytest.param(Reply(404, limits()), None, id="not found"),
        pytest.param(Reply(304, limits(), b""), None, id="not modified"),
        pytest.param(Reply(502), None, id="bad gateway"),
    ],
)
def test_throttling_is_told_apart(client, registry, github_server, reply, kind) -> None:
    """Each limit is counted by its kind; a missing permission is none."""
    github_server.replies[PATH] = [reply]
    assert client.get(github_server.url + PATH).status_code == reply.status
    assert registry.github.refused.snapshot() == ({} if kind is None else {("core", kind): 1})
    assert sum(requests_by_route(registry).values()) == 1


@pytest.mark.parametrize("value", ["", "abc", "-1", "1e9", "9" * 30, "4998, 4998", " ", [7, 8]])
def test_unreadable_header_is_unknown(client, registry, github_server, value) -> None:
    """What cannot be read is absent, never zero; what can be read beside it stands."""
    github_server.replies[PATH] = [Reply(headers=limits(remaining=value, limit=None))]
    client.get(github_server.url + PATH)
    (budget,) = registry.github.budgets()
    assert (budget.limit, budget.remaining, budget.used) == (None, None, 2)


@pytest.fixture
def instrumented(tracer_provider) -> Iterator[None]:
    """Instruments requests as the launcher does."""
    instrumentor = RequestsInstrumentor()
    instrumentor.instrument(tracer_provider=tracer_provider)
    yield
    instrumentor.uninstrument()


@pytest.mark.usefixtures("instrumented")
def test_client_span_gets_scalars(client, github_server, exporter) -> None:
    """The span of contrib's requests instrumentation carries integers and the resource."""
    reset = int(time.time()) + 3600
    github_server.replies[PATH] = [Reply(headers=limits(reset=reset))]
    client.get(github_server.url + PATH)
    (span,) = exporter.get_finished_spans()
    assert attributes(span) == {
        "otelmon.github.rate_limit.limit": 5000,
        "otelmon.github.rate_limit.remaining": 4998,
        "otelmon.github.rate_limit.used": 2,
        "otelmon.github.rate_limit.reset": reset,
        "otelmon.github.rate_limit.resource": "core",
    }


@pytest.mark.usefixtures("instrumented")
def test_throttle_of_a_retried_call_stays_on_its_span(client, github_server, exporter) -> None:
    """A call that was refused at first and served at last is still a throttled one; absent headers stay absent."""
    client.mount("http://", HTTPAdapter(max_retries=Retry(2, status_forcelist=[429], backoff_factor=0)))
    github_server.replies[PATH] = [Reply(429, {"x-ratelimit-remaining": 0}), Reply()]
    client.get(github_server.url + PATH)
    (span,) = exporter.get_finished_spans()
    assert attributes(span) == {"otelmon.github.rate_limit.remaining": 0, "otelmon.github.throttle": "primary"}


@pytest.mark.parametrize("kind", [trace.SpanKind.INTERNAL, trace.SpanKind.SERVER])
def test_span_of_the_application_is_left_alone(client, github_server, exporter, tracer_provider, kind) -> None:
    """Where no client span is current nothing is put on what is."""
    with tracer_provider.get_tracer("test").start_as_current_span("page", kind=kind):
        client.get(github_server.url + PATH)
    assert attributes(exporter.get_finished_spans()[0]) == {}


@pytest.mark.parametrize("hosts", [("api.github.com",), ("127.0.0.1:1",), ("127.0.0.1.evil.example",)])
def test_other_hosts_are_not_read(github_server, hosts) -> None:
    """A look-alike or another port of the host is somebody else."""
    registry = HookRegistry(Settings(github_hosts=hosts))
    undo = hook.install(registry)
    try:
        assert requests.get(github_server.url + "/api.github.com/repos/a/b", timeout=5).content == BODY
    finally:
        undo()
    assert registry.github.requests() == {}


def test_forwarding_proxy_is_looked_through(client, registry, github_server) -> None:
    """Through a proxy that forwards, the host of the URL counts, not the proxy's."""
    client.proxies = {"http": github_server.url}
    github_server.replies["http://api.example"] = [Reply()]
    client.get("http://api.example" + PATH)
    assert registry.github.requests() == {}
    client.get(github_server.url + PATH)
    assert requests_by_route(registry) == {ROUTE: 1}
    assert github_server.requests[-1] == ("GET", github_server.url + PATH)


def test_tunnel_is_looked_through(github_server) -> None:
    """Through a proxy that tunnels, the far end counts, host and port; the proxy is nobody."""
    registry = HookRegistry(Settings(github_hosts=("ghes.example:8443",)))
    undo = hook.install(registry)
    connection = HTTPConnection("127.0.0.1", github_server.server_port)
    try:
        connection.set_tunnel("ghes.example", 8443)
        connection.request("GET", PATH)
        assert connection.getresponse().status == 200
    finally:
        connection.close()
        undo()
    assert requests_by_route(registry) == {ROUTE: 1}


def test_chunked_body_is_counted(client, registry, github_server) -> None:
    """A body that is sent in chunks takes another way in older releases of urllib3."""
    client.post(github_server.url + PATH, data=iter([b"one", b"two"]))
    assert requests_by_route(registry) == {ROUTE: 1}
    assert github_server.requests == [("POST", PATH)]


def test_streamed_body_is_not_read(client, registry, github_server) -> None:
    """The body still waits for the application after the answer was booked."""
    with client.get(github_server.url + PATH, stream=True) as answer:
        assert requests_by_route(registry) == {ROUTE: 1}
        assert answer.raw.tell() == 0
        assert answer.raw.read() == BODY


def test_error_of_the_library_passes_untouched(client, registry, github_server) -> None:
    """A server that hangs up gives requests' own error, no answer, and leaves nothing for the next call."""
    github_server.replies[PATH] = [Reply(0), Reply(headers=limits())]
    with pytest.raises(requests.ConnectionError):
        client.get(github_server.url + PATH)
    assert registry.github.requests() == {}
    client.get(github_server.url + PATH)
    assert requests_by_route(registry) == {ROUTE: 1}


def test_failure_of_ours_changes_nothing(client, registry, github_server, monkeypatch) -> None:
    """A registry that raises is counted by the guard; the client has its answer."""
    guard.set_strict(False)
    monkeypatch.setattr(registry.github, "answered", lambda *_: 1 / 0)
    assert client.get(github_server.url + PATH).content == BODY
    assert guard.sites()["hooks.urllib3.response"].errors == 1


def test_hundred_installations_leave_the_very_same_objects(github_server) -> None:
    """Install and undo restore the class as it was; the client works in between and after."""
    registry = HookRegistry(Settings(github_hosts=("127.0.0.1",)))
    before = dict(vars(HTTPConnection)), dict(vars(HTTPSConnection))
    for _ in range(100):
        hook.install(registry)()
    assert (dict(vars(HTTPConnection)), dict(vars(HTTPSConnection))) == before
    assert all(vars(HTTPConnection)[name] is value for name, value in before[0].items())
    assert requests.get(github_server.url + PATH, timeout=5).content == BODY
    assert registry.github.requests() == {}


def test_signature_is_the_library_s(registry) -> None:
    """A wrong call fails as without the hook: in the library, with its own error."""
    with pytest.raises(TypeError, match="unexpected keyword argument 'nonsense'"):
        HTTPConnection("127.0.0.1", 1).request("GET", "/", nonsense=1)
    del registry
