"""Speaks Sentry's API: lists, makes and changes monitors (detectors) and alerts (workflows)."""

from __future__ import annotations

import re
import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import httpx

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.sentry.payloads import Document

TIMEOUT_S = 20.0
LONGEST_WAIT_S = 60
ATTEMPTS = 4
_NEXT = re.compile(r'<([^>]+)>; rel="next"; results="true"')
_HINTS = {
    HTTPStatus.UNAUTHORIZED: "check SENTRY_AUTH_TOKEN",
    HTTPStatus.FORBIDDEN: "the token needs the scopes alerts:read and alerts:write",
    HTTPStatus.NOT_FOUND: "check organization and project, and that this Sentry has monitors and alerts",
}


class SentryApi:
    """Holds one organization and project; the token is in no text that this class makes.

    Args:
        url: of Sentry, such as ``https://sentry.io``.
        organization: its slug.
        project: its slug.
        token: an auth token with the scopes alerts:read and alerts:write.
    """

    def __init__(self, url: str, organization: str, project: str, token: str) -> None:
        self._organization = f"{url.rstrip('/')}/api/0/organizations/{organization}"
        self._project = project
        self._client = httpx.Client(headers={"authorization": f"Bearer {token}"}, timeout=TIMEOUT_S)

    def close(self) -> None:
        """Closes the connections."""
        self._client.close()

    def monitors(self) -> list[Document]:
        """Returns the monitors of the project."""
        return list(self._listed("detectors"))

    def alerts(self) -> list[Document]:
        """Returns the alerts of the organization that belong to the project."""
        return list(self._listed("workflows"))

    def _listed(self, kind: str) -> Iterator[Document]:
        address: str | None = f"{self._organization}/{kind}/?project={self._project}"
        while address is not None:
            answer = self._ask("GET", address)
            yield from answer.json()
            further = _NEXT.search(answer.headers.get("link", ""))
            address = further.group(1) if further else None

    def make_monitor(self, body: Document) -> Document:
        """Makes a monitor and returns it as Sentry answers."""
        return self._sent("POST", f"{self._organization}/projects/{self._project}/detectors/", body)

    def change_monitor(self, number: str, body: Document) -> Document:
        """Changes a monitor."""
        return self._sent("PUT", f"{self._organization}/detectors/{number}/", body)

    def make_alert(self, body: Document) -> Document:
        """Makes an alert."""
        return self._sent("POST", f"{self._organization}/workflows/", body)

    def change_alert(self, number: str, body: Document) -> Document:
        """Changes an alert."""
        return self._sent("PUT", f"{self._organization}/workflows/{number}/", body)

    def _sent(self, method: str, address: str, body: Document) -> Document:
        answer: Document = self._ask(method, address, body).json()
        return answer

    def _ask(self, method: str, address: str, body: Document | None = None) -> httpx.Response:
        """Sends one request, again where Sentry asks to wait.

        Raises:
            OperateError: Sentry cannot be reached or refuses.
        """
        for attempt in range(ATTEMPTS):
            try:
                answer = self._client.request(method, address, json=body)
            except httpx.HTTPError as error:
                raise OperateError(f"Sentry does not answer at {_place(address)}: {type(error).__name__}") from None
            waits = answer.status_code == HTTPStatus.TOO_MANY_REQUESTS
            if not waits or attempt == ATTEMPTS - 1:
                break
            time.sleep(_seconds(answer.headers.get("retry-after", "1")))
        if answer.is_success:
            return answer
        hint = _HINTS.get(HTTPStatus(answer.status_code), answer.text[:300])
        raise OperateError(f"Sentry answers {answer.status_code} to {method} {_place(address)}: {hint}")


def _place(address: str) -> str:
    return address.partition("?")[0]


def _seconds(text: str) -> float:
    return min(float(text), LONGEST_WAIT_S) if re.fullmatch(r"\d+(\.\d+)?", text) else 1.0
