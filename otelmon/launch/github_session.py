"""Asks GitHub now and then how much of each budget is used, through a session that the application registers for it.

``GET /rate_limit`` is free of the primary limit; it may count against secondary ones, so it is asked seldom. Never with
a credential that was only seen: the session is the application's own, and brings its own.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any

from opentelemetry.instrumentation.utils import suppress_instrumentation

from otelmon import guard
from otelmon.hooks.github.asking import owners_of_requests
from otelmon.rules.github_bodies import rate_limits_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.registry import HookRegistry

LEAST_SECONDS, MOST_SECONDS = 30.0, 3600.0
SECONDS_TO_WAIT = 10.0
_ASK = guard.site("launch.github_session")


class GitHubSession:
    """Asks through one session on a thread of its own, for an answer may take as long as it likes.

    Args:
        registry: whose ledger is corrected.
        session: of requests or of httpx, with the credential in its headers.
        url: of the API, without a trailing slash.
        every_s: seconds between two questions, at least 30.
    """

    def __init__(self, registry: HookRegistry, session: Any, url: str, every_s: float) -> None:  # noqa: ANN401 - sessions of two libraries
        self._registry = registry
        self._session = session
        self._url = f"{url.rstrip('/')}/rate_limit"
        self._every_s = min(MOST_SECONDS, max(LEAST_SECONDS, every_s))
        self._ended = threading.Event()

    def start(self) -> Callable[[], None]:
        """Begins to ask, and returns what ends it."""
        threading.Thread(name="otelmon-github", target=self._run, daemon=True).start()
        return self._ended.set

    def _run(self) -> None:
        while not self._ended.is_set():
            guard.call(_ASK, self.ask)
            self._ended.wait(self._every_s)

    def ask(self) -> None:
        """Asks once, and takes in what the answer tells of the session's own budgets."""
        with suppress_instrumentation(), owners_of_requests() as owners:
            answer = self._session.get(self._url, timeout=SECONDS_TO_WAIT)
        if not owners:
            # Not a host of GitHub's by the settings, or a library that no hook watches: nobody knows whose budgets.
            raise RuntimeError("otelmon_github_session hint=add_the_host_to_OTELMON_GITHUB_HOSTS")
        for limits in rate_limits_of(answer.content):
            self._registry.github.reconcile(owners[-1], limits)
