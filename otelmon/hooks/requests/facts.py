"""What the spans of requests to one address have in common, prepared once.

Contract test: tests/contract/test_requests_spans.py, which holds names and values against those of OpenTelemetry's
instrumentation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple, cast
from urllib.parse import urlsplit

from opentelemetry.trace import Status, StatusCode
from opentelemetry.util.http import detect_synthetic_user_agent, normalize_user_agent, redact_url, sanitize_method

from otelmon.calls.leaf_spans import UNSET
from otelmon.calls.prepared_attributes import PreparedAttributes
from otelmon.rules.attribute_redaction import redact_attributes

if TYPE_CHECKING:
    Attributes = dict[str, str | int]

# Requests whose facts are remembered, and ends of each: of too many all are forgotten, those in use are soon back.
MOST_REQUESTS, MOST_OUTCOMES = 512, 32
_OTHER, _ANY_METHOD = "_OTHER", "HTTP"
# As http.client counts versions; requests speaks no other.
_VERSIONS = {10: "1.0", 11: "1.1"}
# Source: https://opentelemetry.io/docs/specs/semconv/http/http-spans/#status, for spans of clients.
_LOWEST, _LOWEST_ERROR = 100, 400
_ERROR = Status(StatusCode.ERROR)


class Outcome(NamedTuple):
    """Holds what an end adds to a span, what its duration is counted under, with its items, and the span's status."""

    attributes: PreparedAttributes
    labels: Attributes
    key: frozenset[object]
    status: Status


class RequestFacts:
    """Holds what requests of one method, address and user agent have in common."""

    __slots__ = ("_labels", "_outcomes", "attributes", "name")

    def __init__(self, method: str, url: str, user_agent: str | bytes | None) -> None:
        # Upper-case, or _OTHER where HTTP knows no such method.
        known = sanitize_method(method.strip())
        self.name = _ANY_METHOD if known == _OTHER else known
        self._labels: Attributes = {"http.request.method": known}
        shown = redact_url(url)
        attributes: Attributes = {"http.request.method": known, "url.full": shown}
        if method.strip() != known:
            attributes["http.request.method_original"] = method.strip()
        agent = normalize_user_agent(user_agent)
        synthetic = detect_synthetic_user_agent(agent)
        if synthetic:
            attributes["user_agent.synthetic.type"] = synthetic
        if agent:
            attributes["user_agent.original"] = agent
        self._add_address(shown, attributes)
        self.attributes = PreparedAttributes(cast("Attributes", redact_attributes(attributes, sql_text="none")))
        self._outcomes: dict[tuple[object, object], Outcome] = {}

    def _add_address(self, url: str, attributes: Attributes) -> None:
        try:
            parts = urlsplit(url)
            host, port = parts.hostname, parts.port
        except ValueError:
            return
        if host:
            self._labels["server.address"] = attributes["server.address"] = host
            attributes["network.peer.address"] = host
        if port:
            self._labels["server.port"] = attributes["server.port"] = port
            attributes["network.peer.port"] = port

    def outcome(self, response: Any) -> Outcome:  # noqa: ANN401 - any version's response, None where there is none
        """Returns what a response says; it is asked for status and version alone."""
        status = getattr(response, "status_code", None)
        version = getattr(getattr(response, "raw", None), "version", None)
        known = self._outcomes.get((status, version))
        if known is None:
            known = self._made(status, version)
            if len(self._outcomes) >= MOST_OUTCOMES:
                self._outcomes.clear()
            self._outcomes[status, version] = known
        return known

    def _made(self, status: int | None, version: int | None) -> Outcome:
        attributes: Attributes = {}
        is_error = status is not None and (status < _LOWEST or status >= _LOWEST_ERROR)
        if status is not None:
            attributes["http.response.status_code"] = status
            if is_error:
                attributes["error.type"] = str(status)
        if version:
            attributes["network.protocol.version"] = _VERSIONS.get(version, "1.0")
        labels = self._labels | attributes
        key = frozenset(labels.items())
        return Outcome(PreparedAttributes(attributes), labels, key, _ERROR if is_error else UNSET)


class FactsTable:
    """Remembers the facts of requests."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, str | bytes | None], RequestFacts] = {}

    def of(self, method: str, url: str, user_agent: str | bytes | None) -> RequestFacts:
        """Returns the facts of a request."""
        key = (method, url, user_agent)
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= MOST_REQUESTS:
                self._known.clear()
            known = self._known[key] = RequestFacts(method, url, user_agent)
        return known
