"""Watches vmalert and the receiver of notifications, and keeps what they show."""

from __future__ import annotations

import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx

from otelmon.operate.drill.reason import why
from otelmon.operate.drill.sighting import FIRING, INACTIVE, NOTIFIED, PENDING, RESOLVED, Sighting

if TYPE_CHECKING:
    from types import TracebackType

    from otelmon.operate.drill.fault import Stage

SECONDS_BETWEEN_LOOKS = 1.0
SECONDS_TO_ANSWER = 5.0
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Addresses:
    """Holds whom to watch: vmalert (or Prometheus), the receiver's list of notifications, and events (or nothing).

    ``store`` and ``alertmanager`` are asked for the reason where somebody was not told.
    """

    rules: str
    notifications: str
    events: str = ""
    store: str = ""
    alertmanager: str = ""


class Watcher:
    """Looks once a second, in a thread of its own, until it is left."""

    def __init__(self, addresses: Addresses) -> None:
        self._addresses = addresses
        # Whatever proxy the environment names, loopback is asked directly.
        self._client = httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False)
        self._states: dict[Labels, str] = {}
        self._number = 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, name="drill-watcher", daemon=True)
        self.sightings: list[Sighting] = []

    def __enter__(self) -> Watcher:  # noqa: PYI034 - typing.Self came with 3.11, and nobody derives from it
        # What came before is nobody's fault of now.
        with suppress(httpx.HTTPError):
            self._number = max((each["number"] for each in self._notifications()), default=0)
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self._ended.set()
        self._thread.join()
        self._client.close()

    def firing(self) -> list[dict[str, str]]:
        """Returns the labels of what fires now."""
        return [dict(labels) for labels, state in list(self._states.items()) if state == FIRING]

    def why(self, stage: Stage) -> str:
        """Returns what those who should have told of a stage say now."""
        return why(self._addresses, stage)

    def event_at(self, name: str, after: float) -> float | None:
        """Returns when an event of a name that came later than a moment arrived, or None."""
        if not self._addresses.events:
            return None
        with suppress(httpx.HTTPError, ValueError, KeyError):
            answer = self._client.get(self._addresses.events, params={"event_name": name}).raise_for_status()
            times = [int(each["arrived_ns"]) / 1e9 for each in answer.json()["logs"]]
            return min((at for at in times if at >= after), default=None)
        return None

    def _run(self) -> None:
        while not self._ended.wait(SECONDS_BETWEEN_LOOKS):
            # One that does not answer is a fault of the drill itself; the other goes on being watched.
            with suppress(httpx.HTTPError, ValueError, KeyError):
                self._look_at_rules()
            with suppress(httpx.HTTPError, ValueError, KeyError):
                self._look_at_notifications()

    def _look_at_rules(self) -> None:
        answer = self._client.get(f"{self._addresses.rules}/api/v1/alerts").raise_for_status()
        now = time.time()
        seen = {_labels_of(each): each for each in answer.json()["data"]["alerts"]}
        for labels, alert in seen.items():
            state = str(alert["state"])
            if state in (PENDING, FIRING) and self._states.get(labels) != state:
                self.sightings.append(Sighting(state, now, dict(labels)))
        gone = [each for each, state in self._states.items() if state == FIRING and not _fires(seen.get(each))]
        self.sightings += [Sighting(INACTIVE, now, dict(labels)) for labels in gone]
        self._states = {labels: str(alert["state"]) for labels, alert in seen.items()}

    def _look_at_notifications(self) -> None:
        for each in self._notifications():
            self._number = max(self._number, each["number"])
            for alert in each["alerts"]:
                kind = NOTIFIED if alert["status"] == "firing" else RESOLVED
                receiver = str(each.get("receiver", ""))
                self.sightings.append(Sighting(kind, each["arrived"], dict(alert["labels"]), receiver))

    def _notifications(self) -> list[dict[str, Any]]:
        answer = self._client.get(self._addresses.notifications, params={"after": self._number}).raise_for_status()
        found: list[dict[str, Any]] = answer.json()["notifications"]
        return found


def _labels_of(alert: dict[str, Any]) -> Labels:
    """Returns the labels of an alert in a form that can be compared."""
    return tuple(sorted((str(name), str(value)) for name, value in alert["labels"].items()))


def _fires(alert: dict[str, Any] | None) -> bool:
    return alert is not None and alert["state"] == FIRING
