"""Sends requests to the service: usual ones, and those with the planted faults."""

from __future__ import annotations

import time
from http import HTTPStatus
from typing import TYPE_CHECKING

import requests

from demo.parts.errors import PartError
from demo.planted import FAILING_QUERY, LEAKED_CONNECTION, SLOW_QUERY, THROTTLED_CALL, PlantedFault, PlantedValues
from demo.service.tracing import HEADER

if TYPE_CHECKING:
    from demo.parts.service import Service
    from demo.parts.stand_ins import GitHubStandIn

SECONDS_TO_ANSWER = 60
USUAL_REQUESTS = 40
SECONDS_OF_A_SLOW_QUERY = 0.7
REPOSITORIES_COMPARED = (5, 10, 20, 40, 80, 160, 200)


class Traffic:
    """Sends requests over one connection and notes their traces."""

    def __init__(self, service: Service, github: GitHubStandIn) -> None:
        self._url = service.url
        self._log = service.log
        self._github = github
        self._session = requests.Session()
        # A proxy of the environment must not see, nor answer, what is meant for loopback.
        self._session.trust_env = False

    def usual(self, count: int = USUAL_REQUESTS) -> str:
        """Sends requests of the reference kind, some to the same repository again; returns the last one's trace."""
        trace_id = ""
        for number in range(count):
            trace_id = self.reference(f"owner-{1 + number % 5:02d}", f"project-{1 + number % 3}")
        self._send("GET", "/github/owner-01/project-1-renamed")
        return trace_id

    def reference(self, owner: str, name: str) -> str:
        """Sends one request of the reference kind and returns its trace."""
        return self._send("GET", f"/repositories/{owner}/{name}")

    def plant(self, values: PlantedValues) -> list[PlantedFault]:
        """Sends one request for each fault."""
        slow = self._slow(values)
        throttled = self._throttled(values)
        return [
            PlantedFault(SLOW_QUERY, slow),
            PlantedFault(FAILING_QUERY, self._failing(values)),
            PlantedFault(THROTTLED_CALL, throttled),
            PlantedFault(LEAKED_CONNECTION, self._send("GET", "/faults/leak")),
        ]

    def _slow(self, values: PlantedValues) -> str:
        """Lets the report compare more and more until it takes long enough, whatever the speed of the machine."""
        for compared in REPOSITORIES_COMPARED:
            began = time.monotonic()
            asked = {"email": values.literal, "repositories": str(compared)}
            trace_id = self._send("GET", "/faults/slow-query", params=asked)
            if time.monotonic() - began >= SECONDS_OF_A_SLOW_QUERY:
                return trace_id
        raise PartError("no query was slow enough on this machine", "choose a lower OTELMON_SLOW_QUERY_THRESHOLD")

    def _failing(self, values: PlantedValues) -> str:
        """Adds the same address twice, so that the second time PostgreSQL refuses and repeats it."""
        first, second = ({"login": login, "email": values.unique} for login in ("planted-1", "planted-2"))
        self._send("POST", "/faults/contributors", HTTPStatus.CREATED, data=first)
        return self._send("POST", "/faults/contributors", HTTPStatus.CONFLICT, data=second)

    def _throttled(self, values: PlantedValues) -> str:
        """Searches with a budget that is used up."""
        spent = {"credential": self._github.token, "resource": "search", "limit": 30, "used": 30, "seconds": 60}
        self._github.control("PUT", "budget", spent)
        asked = {"q": "planted", "access_token": values.access_token}
        return self._send("GET", "/faults/search", HTTPStatus.SERVICE_UNAVAILABLE, params=asked)

    def _send(self, method: str, path: str, expected: int = HTTPStatus.OK, **more: dict[str, str]) -> str:
        """Sends one request and returns its trace.

        Raises:
            PartError: when the answer is another than expected or does not tell its trace.
        """
        try:
            response = self._session.request(
                method, self._url + path, params=more.get("params"), data=more.get("data"), timeout=SECONDS_TO_ANSWER
            )
        except requests.RequestException as error:
            raise PartError(f"{path} got no answer ({type(error).__name__})", f"see {self._log}") from error
        if response.status_code != expected:
            raise PartError(f"{path} answered {response.status_code}, not {expected}", f"see {self._log}")
        parts = response.headers.get(HEADER, "").split("-")
        if len(parts) < 2:  # noqa: PLR2004 - version and trace id
            raise PartError(f"{path} was not traced", f"see {self._log}")
        return parts[1]
