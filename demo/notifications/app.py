"""The address where Alertmanager posts notifications, and the one that shows what came."""

from __future__ import annotations

import threading
import time
from collections import deque
from http import HTTPStatus
from typing import TYPE_CHECKING

from flask import Flask, Response, jsonify, request

if TYPE_CHECKING:
    from collections.abc import Mapping

MOST_KEPT = 20_000
# What is kept of an alert; https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
FIELDS = ("status", "labels", "annotations", "startsAt", "endsAt", "fingerprint", "generatorURL")


class Received:
    """Holds the latest notifications in the order of their arrival, numbered from one."""

    def __init__(self) -> None:
        self._kept: deque[dict[str, object]] = deque(maxlen=MOST_KEPT)
        self._lock = threading.Lock()
        self._count = 0
        self._last: dict[str, float] = {}
        self.refusing = False

    def add(self, receiver: str, document: Mapping[str, object], arrived: float) -> None:
        """Keeps one notification with its time of arrival, in seconds of the epoch."""
        alerts = document["alerts"]
        if not isinstance(alerts, list):
            raise TypeError("alerts is not a list")
        kept = [{field: alert.get(field) for field in FIELDS} for alert in alerts]
        with self._lock:
            # A dead man's switch that is told as over is no sign of life.
            self._last.update(
                (str((alert.get("labels") or {}).get("alertname")), arrived)
                for alert in alerts
                if alert.get("status") != "resolved"
            )
            self._count += 1
            self._kept.append(
                {"number": self._count, "arrived": arrived, "receiver": receiver,
                 "status": document.get("status"), "alerts": kept}
            )  # fmt: skip

    def pinged(self, name: str, arrived: float) -> None:
        """Keeps when somebody gave a sign of life."""
        with self._lock:
            self._last[f"ping/{name}"] = arrived

    def silent_for(self, name: str, now: float) -> float | None:
        """Returns the seconds since an alert or a sign of life last came; None where it never did."""
        last = self._last.get(name)
        return None if last is None else now - last

    def after(self, number: int) -> list[dict[str, object]]:
        """Returns the notifications with a higher number."""
        with self._lock:
            return [each for each in self._kept if int(str(each["number"])) > number]


def create_app() -> Flask:
    """Returns the receiver of every channel that Alertmanager's configuration names."""
    app = Flask("notifications")
    received = Received()

    @app.post("/notify/<receiver>")
    def notify(receiver: str) -> tuple[Response, int]:
        """Takes one notification; 503 while this channel is told to be down, 400 when it cannot be read."""
        arrived = time.time()
        if received.refusing:
            return jsonify(error="told to refuse"), HTTPStatus.SERVICE_UNAVAILABLE
        try:
            received.add(receiver, request.get_json(), arrived)
        except (TypeError, KeyError, AttributeError):
            return jsonify(error="this is no notification of Alertmanager"), HTTPStatus.BAD_REQUEST
        return jsonify(taken=True), HTTPStatus.OK

    @app.get("/notifications")
    def notifications() -> Response:
        """Shows what came after the number ``after``."""
        return jsonify(notifications=received.after(request.args.get("after", 0, int)))

    add_signs_of_life(app, received)
    add_control(app, received)
    return app


def add_signs_of_life(app: Flask, received: Received) -> None:
    """Adds the addresses that watch over others: who pings, and what has fallen silent."""

    @app.get("/ping/<name>")
    def ping(name: str) -> Response:
        """Takes a sign of life, as a service that watches over others does."""
        received.pinged(name, time.time())
        return jsonify(taken=True)

    @app.get("/silence/<path:name>")
    def silence(name: str) -> Response:
        """Shows for how long an alert (``OtelmonWatchdog``) or a sign of life (``ping/<name>``) has not come."""
        return jsonify(seconds=received.silent_for(name, time.time()))


def add_control(app: Flask, received: Received) -> None:
    """Adds the address that makes the channel refuse, and the one that tells whether it is ready."""

    @app.put("/behavior")
    def behavior() -> Response:
        """Makes the channel refuse, or take again: ``{"refuse": true}``."""
        received.refusing = bool(request.get_json()["refuse"])
        return jsonify(refuse=received.refusing)

    @app.get("/ready")
    def ready() -> Response:
        """Answers as soon as notifications are taken."""
        return jsonify(ready=True)
