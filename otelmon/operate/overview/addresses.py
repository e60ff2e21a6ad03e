"""Where the sources are, as the environment says."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit, urlunsplit

from otelmon.operate.errors import OperateError
from otelmon.operate.overview import variables

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class Addresses:
    """Holds one address a source, without a slash at its end; user and password may stand in them."""

    metrics: str
    alertmanager: str
    vmalert: str
    jaeger: str
    status: tuple[str, ...]
    status_token: str = field(default="", repr=False)
    jaeger_page: str = ""


def from_environment(environment: Mapping[str, str]) -> Addresses:
    """Returns the addresses that are set, and the usual ones of this machine for the others.

    Raises:
        OperateError: a value is no address.
    """
    values = {each.name: _value(each, environment) for each in variables.VARIABLES}
    status = tuple(each.strip() for each in values[variables.STATUS_URLS].split(",") if each.strip())
    return Addresses(
        values[variables.METRICS_URL].rstrip("/"),
        values[variables.ALERTMANAGER_URL].rstrip("/"),
        values[variables.VMALERT_URL].rstrip("/"),
        values[variables.JAEGER_URL].rstrip("/"),
        status,
        values[variables.STATUS_TOKEN],
        values[variables.JAEGER_PAGE_URL].rstrip("/"),
    )


def _value(variable: variables.OperatorVariable, environment: Mapping[str, str]) -> str:
    text = environment.get(variable.name, "").strip()
    if text and not variable.accepts(text):
        # Not repeated: it may hold a password.
        raise OperateError(f"{variable.name} cannot be used: it takes {variable.safe_range}")
    return text or variable.default


def without_credentials(url: str) -> str:
    """Returns an address as it may be shown: without user, password, query and fragment."""
    parts = urlsplit(url)
    host = parts.netloc.rpartition("@")[2]
    return urlunsplit((parts.scheme, host, parts.path, "", ""))
