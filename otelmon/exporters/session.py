"""The HTTP session of otelmon's own OTLP exporters: it knows why a delivery failed, and it keeps the deadline of exit.

The SDK's exporters count a partial success as a success, hide the reason of a failure, and sleep between retries longer
than any shutdown timeout (https://github.com/open-telemetry/opentelemetry-python/issues/4623). They accept a session;
this one retries by itself, so that a waiting retry can be woken at exit.
"""

from __future__ import annotations

import gzip
import netrc  # noqa: F401 - requests imports it in the exporting thread, and a fork meanwhile would leave it half imported
import threading
import time
import zlib
from collections import OrderedDict
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import requests
from requests.cookies import RequestsCookieJar

from otelmon.exporters.bounded_answer import BoundedAdapter, keep_beginning
from otelmon.rules.export_retry import is_retryable, next_wait
from otelmon.rules.github_headers import read_retry_after

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from otelmon.ledger import LossReason

DEFAULT_TIMEOUT = 10.0  # seconds, OTEL_EXPORTER_OTLP_TIMEOUT's default
# A receiver that has not answered for so long will not answer during the exit either.
SECONDS_OF_SILENCE = 2.0
LARGEST_ANSWER_READ = 64 * 1024  # an answer carries one number and one sentence


class NotDelivered(requests.RequestException):
    """Says that a delivery is given up; of a type that the SDK's exporters do not retry once more."""


class DeliverySession(requests.Session):
    """Sends one exporter's batches, one at a time, and remembers the outcome of the last."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        super().__init__()
        self._inherited: list[object] = []
        self._connect_anew()
        self._clock = clock
        self._deadline: float | None = None
        self._woken = threading.Event()
        self._gave_up = False
        self.reason: LossReason | None = None
        self.answer = b""
        self.busy = False
        self._began = 0.0
        self._waited_in_vain = False
        self._body: bytes | None = None

    def after_fork(self) -> None:
        """Forgets the parent's sockets and waiting retry in a forked child."""
        self._woken = threading.Event()
        self.busy = False
        self._body = None
        # Neither closed nor let go: both would take locks of theirs, which a thread of the parent may have held at the
        # fork, so that they are held for ever here.
        self._inherited.append((self.adapters, self.cookies))
        self._connect_anew()

    def _connect_anew(self) -> None:
        """Takes connections, cookies and their locks that nobody else has."""
        self.adapters = OrderedDict()
        self.cookies = RequestsCookieJar()
        for scheme in ("http://", "https://"):
            self.mount(scheme, BoundedAdapter())

    @property
    def is_silent(self) -> bool:
        """Tells whether the receiver has let the last delivery, or the present one, wait in vain."""
        # Before the present one has an outcome that of the last one counts, which is forgotten as a reason by then.
        in_vain = self._waited_in_vain or self.reason == "timeout"
        return in_vain or (self.busy and self._clock() - self._began >= SECONDS_OF_SILENCE)

    def finish_by(self, deadline: float) -> None:
        """Makes every delivery end by a moment of the session's clock; a failure is not retried from then on."""
        self._deadline = deadline
        self._woken.set()

    def forget(self) -> None:
        """Forgets the last outcome, before the next batch."""
        self.reason = None
        self.answer = b""

    @contextmanager
    def sending(self, body: bytes) -> Iterator[None]:
        """Puts a body of ours in the place of the one that an exporter hands over, within its block."""
        self.forget()
        self._body = body
        try:
            yield
        finally:
            self._body = None

    def request(self, *args: Any, **kwargs: Any) -> requests.Response:  # noqa: ANN401 - requests' own arguments, passed through
        """Delivers one batch, retrying within its timeout.

        Raises:
            NotDelivered: when no attempt was answered in time, or the receiver kept asking to come back later.
        """
        self._began = self._clock()
        end = self._began + (kwargs.pop("timeout", None) or DEFAULT_TIMEOUT)
        if self.verify is not True:
            # Else REQUESTS_CA_BUNDLE would win over the certificate that was given for this receiver.
            kwargs.setdefault("verify", self.verify)
        if self._body is not None:
            kwargs["data"] = compressed(self._body, (kwargs.get("headers") or {}).get("Content-Encoding", ""))
        self.busy = True
        try:
            return self._deliver(args, kwargs, end)
        finally:
            self.busy = False
            self._waited_in_vain = self.reason == "timeout"

    def _deliver(self, args: tuple[Any, ...], kwargs: dict[str, Any], end: float) -> requests.Response:
        attempt = 0
        while True:
            attempt += 1
            finishing = self._woken.is_set()
            response = self._attempt(args, kwargs, end)
            if response is not None and not is_retryable(response.status_code):
                self.answer = response.content
                return response
            wait = None if finishing else next_wait(attempt, _asked(response), end - self._clock())
            if wait is None:
                self._gave_up = finishing
                raise NotDelivered(f"not delivered: {self.reason}")
            self._woken.wait(wait)

    def _attempt(self, args: tuple[Any, ...], kwargs: dict[str, Any], end: float) -> requests.Response | None:
        """Makes one attempt and notes its outcome; None means that nobody answered."""
        stop = end if self._deadline is None else min(end, self._deadline)
        left = stop - self._clock()
        if left <= 0 or self._gave_up:
            self.reason = "shutdown" if self._woken.is_set() else "timeout"
            return None
        try:
            response = super().request(*args, **{**kwargs, "timeout": left, "stream": True})
            keep_beginning(response, LARGEST_ANSWER_READ)
        except requests.RequestException as error:
            self.reason = _reason_of_error(error)
            return None
        self.reason = reason_of_status(response.status_code)
        return response


def compressed(body: bytes, encoding: str) -> bytes:
    """Returns a body as its Content-Encoding says; level 1, since a batch of spans repeats itself at any level."""
    if encoding == "gzip":
        return gzip.compress(body, 1)
    return zlib.compress(body, 1) if encoding == "deflate" else body


def _asked(response: requests.Response | None) -> float | None:
    """Returns the seconds that the receiver asked to wait."""
    if response is None:
        return None
    return read_retry_after(response.headers.get("retry-after"), time.time())


def _reason_of_error(error: requests.RequestException) -> LossReason:
    """Tells a silent receiver from an absent one, and from one that cannot prove who it is."""
    if isinstance(error, requests.Timeout) or "timed out" in str(error):
        return "timeout"
    if isinstance(error, requests.exceptions.SSLError):
        return "tls"
    return "refused" if isinstance(error, requests.ConnectionError) else "failed"


def reason_of_status(status: int) -> LossReason | None:
    """Returns why a status means loss, or None when it means delivery.

    Source: https://opentelemetry.io/docs/specs/otlp/#otlphttp-response (2xx is success, 413 is too large).
    """
    if status // 100 == 2:  # noqa: PLR2004 - the class of success
        return None
    if status == requests.codes.request_entity_too_large:
        return "too_large"
    reasons: dict[int, LossReason] = {3: "http_3xx", 4: "http_4xx", 5: "http_5xx"}
    return reasons.get(status // 100, "failed")
