"""Every variable of the commands that read back ends: `status`, `page` and `doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urlsplit

Kind = Literal["url", "urls", "secret"]

ACCEPTED = {
    "url": "http:// or https:// with a host",
    "urls": "such addresses, separated by commas",
    "secret": "any",
}


@dataclass(frozen=True, slots=True)
class OperatorVariable:
    """Describes one variable."""

    name: str
    kind: Kind
    default: str
    meaning: str
    unit: str = ""

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        return ACCEPTED[self.kind]

    def accepts(self, text: str) -> bool:
        """Tells whether a value can be used."""
        if self.kind == "secret":
            return True
        texts = text.split(",") if self.kind == "urls" else [text]
        return all(is_url(each.strip()) for each in texts if each.strip())


def is_url(text: str) -> bool:
    """Tells whether a text is an address of HTTP with a host."""
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


METRICS_URL = "OTELMON_METRICS_URL"
ALERTMANAGER_URL = "OTELMON_ALERTMANAGER_URL"
VMALERT_URL = "OTELMON_VMALERT_URL"
JAEGER_URL = "OTELMON_JAEGER_URL"
JAEGER_PAGE_URL = "OTELMON_JAEGER_PAGE_URL"
STATUS_URLS = "OTELMON_STATUS_URLS"
STATUS_TOKEN = "OTELMON_STATUS_TOKEN"  # noqa: S105 - the name of a variable

VARIABLES: tuple[OperatorVariable, ...] = (
    OperatorVariable(
        METRICS_URL,
        "url",
        "http://127.0.0.1:8428",
        "Where VictoriaMetrics or Prometheus answers queries; `/api/v1/query` is put behind it.",
    ),
    OperatorVariable(ALERTMANAGER_URL, "url", "http://127.0.0.1:9093", "Where Alertmanager answers `/api/v2/alerts`."),
    OperatorVariable(
        VMALERT_URL, "url", "http://127.0.0.1:8880", "Where vmalert, or Prometheus, answers `/api/v1/rules`."
    ),
    OperatorVariable(
        JAEGER_URL, "url", "http://127.0.0.1:16686", "Where Jaeger answers `/api/traces`; links to traces lead there."
    ),
    OperatorVariable(
        JAEGER_PAGE_URL,
        "url",
        "",
        "Where a browser opens Jaeger, when that is another address than OTELMON_JAEGER_URL.",
    ),
    OperatorVariable(
        STATUS_URLS,
        "urls",
        "http://127.0.0.1:9187/status",
        "Every `/status` to ask: of observers, and of applications with OTELMON_HEALTH_ADDRESS.",
    ),
    OperatorVariable(
        STATUS_TOKEN, "secret", "", "Token that is sent to the addresses of OTELMON_STATUS_URLS, where they want one."
    ),
)
