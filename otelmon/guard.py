"""The one place where exceptions of otelmon's own code end (DESIGN: never break the application).

Every function that the application, the SDK or a driver can call into passes through here: an error is swallowed,
counted by site, logged once a minute; a site that failed ``ERRORS_BEFORE_OFF`` times is switched off and its calls are
counted as skipped.
"""

from __future__ import annotations

import functools
import logging
import time
from typing import TYPE_CHECKING, ParamSpec, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

P = ParamSpec("P")
R = TypeVar("R")

ERRORS_BEFORE_OFF = 100
SECONDS_BETWEEN_LOG_LINES = 60.0

_logger = logging.getLogger("otelmon")


class Site:
    """Counts what happens at one guarded entry; plain attributes, so that the hot path takes no lock."""

    __slots__ = ("errors", "logged_at", "name", "skipped")

    def __init__(self, name: str) -> None:
        self.name = name
        self.errors = 0
        self.skipped = 0
        self.logged_at: float | None = None

    def failed(self, error: BaseException) -> None:
        """Counts one error and logs its type and site, at most once a minute; its message may carry data.

        Where the line cannot be written, because no stack is left or a filter of the application's raises, it is not.
        """
        self.errors += 1
        try:  # noqa: SIM105 - suppress would need stack of its own
            self._log(error)
        except Exception:  # noqa: BLE001, S110 - see above
            pass

    def _log(self, error: BaseException) -> None:
        now = time.monotonic()
        if self.logged_at is None or now - self.logged_at >= SECONDS_BETWEEN_LOG_LINES:
            self.logged_at = now
            _logger.warning(
                "otelmon_internal_error site=%s error=%s count=%d", self.name, type(error).__name__, self.errors
            )


_sites: dict[str, Site] = {}
_strict = False


def sites() -> Mapping[str, Site]:
    """Returns every guarded site by name, for health, metrics and the doctor."""
    return _sites


def site(name: str) -> Site:
    """Returns the counters of one site, made at first use."""
    return _sites.setdefault(name, Site(name))


def reset() -> None:
    """Sets every counter back to zero: in a forked child, and between tests."""
    for each in _sites.values():
        each.errors = each.skipped = 0
        each.logged_at = None


def set_strict(strict: bool) -> None:
    """Makes the guard raise instead of swallow; only this project's own test suite asks for it."""
    global _strict  # noqa: PLW0603 - one process-wide switch for tests
    _strict = strict


def call(where: Site, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R | None:
    """Calls a function behind the guard and returns its result, or None when it failed or its site is off."""
    if where.errors >= ERRORS_BEFORE_OFF:
        where.skipped += 1
        return None
    try:
        return function(*args, **kwargs)
    except Exception as error:
        where.failed(error)
        if _strict:
            raise
        return None


# What stands behind whatever is put in front.
call_unmeasured = call


def put_in_front(measured: Callable[..., object] | None) -> None:
    """Lets every entry pass what takes the arguments of ``call`` and calls ``call_unmeasured``; None takes it away.

    Where nothing is put there, nothing is asked either.
    """
    globals()["call"] = call_unmeasured if measured is None else measured


def guarded(name: str) -> Callable[[Callable[P, R]], Callable[P, R | None]]:
    """Makes a function safe to be called from outside; a failing call returns None.

    Args:
        name: the site, a lower-case dotted name such as ``hooks.urllib3``.
    """
    where = site(name)

    def decorate(function: Callable[P, R]) -> Callable[P, R | None]:
        @functools.wraps(function)
        def safe(*args: P.args, **kwargs: P.kwargs) -> R | None:
            return call(where, function, *args, **kwargs)

        return safe

    return decorate
