"""The last thing that everything passes which sentry-sdk sends: values and secrets stay behind.

Event processors of integrations run in no order that could be chosen, and add request bodies and command lines; the
``before_send`` options of a client are called after all of them (sentry-sdk 2.75.0, sentry_sdk/client.py).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.rules.sentry_event import bare_event, scrub_event, scrub_log

if TYPE_CHECKING:
    from collections.abc import Callable

    Scrub = Callable[[Any], Any]

Options = dict[str, Any]
_SCRUB = guard.site("hooks.sentry.scrub")
_OPTIONS: dict[str, tuple[Scrub, Scrub]] = {
    "before_send": (scrub_event, bare_event),
    "before_send_transaction": (scrub_event, bare_event),
    "before_send_log": (scrub_log, lambda _: None),
}


class Gate:
    """Stands in the place of one of the application's ``before_send`` functions, and calls it first.

    Args:
        before: the application's own; None where there is none.
        scrub: takes values out.
        instead: returns what is sent where that fails.
        is_on: whether otelmon is active.
    """

    def __init__(
        self, before: Callable[[Any, Any], Any] | None, scrub: Scrub, instead: Scrub, is_on: Callable[[], bool]
    ) -> None:
        self.before = before
        self._scrub = scrub
        self._instead = instead
        self._is_on = is_on

    def __call__(self, thing: Any, hint: Any) -> Any:  # noqa: ANN401 - sentry-sdk's own types are optional
        """Returns what may be sent; None where the application sends nothing."""
        chosen = thing if self.before is None else self.before(thing, hint)
        if chosen is None or not self._is_on():
            return chosen
        scrubbed = guard.call(_SCRUB, self._scrub, chosen)
        return self._instead(chosen) if scrubbed is None else scrubbed


def stand_in_front(options: Options, is_on: Callable[[], bool]) -> None:
    """Puts a gate before each way out of one client; a second call changes nothing."""
    for name, (scrub, instead) in _OPTIONS.items():
        before = options.get(name) or (options.get("_experiments") or {}).get(name)
        if not isinstance(before, Gate):
            options[name] = Gate(before, scrub, instead, is_on)
