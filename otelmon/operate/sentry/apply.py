"""Does what a plan says, monitors first, so that alerts can name them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.sentry.payloads import alert_body, monitor_body
from otelmon.operate.sentry.plan import plan

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.sentry.api import SentryApi
    from otelmon.operate.sentry.definitions import Definitions
    from otelmon.operate.sentry.plan import Plan, Step


def planned(definitions: Definitions, sentry: SentryApi) -> Plan:
    """Returns what has to be done now."""
    return plan(definitions, sentry.monitors(), sentry.alerts())


def apply(definitions: Definitions, sentry: SentryApi, done: Callable[[Step], None]) -> int:
    """Makes and changes what is not as defined, and returns how much that was; a second call changes nothing.

    Args:
        definitions: what the files say.
        sentry: where it is to be so.
        done: is told of each step after it.

    Raises:
        OperateError: Sentry refuses a step; those before it are done, and the next call goes on from there.
    """
    monitors = {each.name: each for each in definitions.monitors}
    changed = 0
    for step in planned(definitions, sentry).changes:
        if step.kind == "monitor":
            body = monitor_body(monitors[step.name])
            sentry.make_monitor(body) if step.number is None else sentry.change_monitor(step.number, body)
            done(step)
            changed += 1
    alerts = {each.name: each for each in definitions.alerts}
    numbers = {str(each["name"]): int(each["id"]) for each in sentry.monitors()}
    for step in planned(definitions, sentry).changes:
        if step.kind == "alert":
            alert = alerts[step.name]
            body = alert_body(alert, [numbers[name] for name in alert.monitors])
            sentry.make_alert(body) if step.number is None else sentry.change_alert(step.number, body)
            done(step)
            changed += 1
    return changed
