"""Asks the ``/status`` of observers and applications."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from otelmon.operate.overview.addresses import without_credentials
from otelmon.operate.overview.asking import get
from otelmon.operate.overview.documents import mapping
from otelmon.operate.overview.values import StatusPage

if TYPE_CHECKING:
    from collections.abc import Mapping

    import httpx

    from otelmon.operate.overview.asking import Answer


async def status_page(client: httpx.AsyncClient, url: str, token: str) -> tuple[Answer, StatusPage]:
    """Returns what one page says.

    Args:
        client: of ``asking.client()``.
        url: of the page.
        token: sent as a bearer token unless it is empty.
    """
    headers = {"Authorization": f"Bearer {token}"} if token else None
    answer = await get(client, url, headers=headers)
    document = {} if answer.reason else mapping(answer.document)
    kind = _kind(document)
    return answer, StatusPage(without_credentials(url), kind, _status(kind, document), answer.reason, document)


def _kind(document: Mapping[str, object]) -> Literal["observer", "application", "unknown"]:
    if "workers" in document:
        return "application"
    return "observer" if "views" in document else "unknown"


def _status(kind: str, document: Mapping[str, object]) -> str:
    """Returns ok, degraded or unknown, with the reason behind it where an observer gives one."""
    if kind == "application":
        return str(document.get("status", "unknown"))
    if kind != "observer":
        return "unknown"
    views = mapping(document.get("views")).values()
    unread = any(mapping(view).get("reason") not in ("ok", "outdated") for view in views)
    return "degraded" if unread or document.get("connected") is not True else "ok"
