"""Alertmanager's configuration: one road for each team, a second channel for what is critical, one for the dead man."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon.operate.alerts import inhibition
from otelmon.operate.alerts.rendering import GENERATED, written

if TYPE_CHECKING:
    from collections.abc import Mapping

TEAMS = ("application", "database", "platform")
SECOND_CHANNEL, DEAD_MAN = "second-channel", "dead-mans-switch"
RECEIVERS = (*TEAMS, SECOND_CHANNEL, DEAD_MAN)
# Versions, pools and budgets of one service and server are told in one notification.
GROUP_BY = ("alertname", "environment", "service", "server")


def configuration(receivers: Mapping[str, Mapping[str, object]]) -> str:
    """Returns the text of alertmanager.yml.

    Args:
        receivers: by name, the integrations of Alertmanager such as ``webhook_configs``; a missing name has none.
    """
    names = list(dict.fromkeys((*RECEIVERS, *receivers)))
    given = {**receivers, DEAD_MAN: unresolved(receivers.get(DEAD_MAN, {}))}
    return GENERATED + written(
        {
            "templates": ["*.tmpl"],
            "route": route(names),
            "inhibit_rules": inhibition.documents(),
            "receivers": [{"name": name, **given.get(name, {})} for name in names],
        }
    )


def unresolved(integrations: Mapping[str, object]) -> dict[str, object]:
    """Returns the integrations of a dead man's switch, none of which tells that the alert is over unless asked to.

    Whoever waits for a sign of life takes any message for one, the last among them.
    """
    return {
        kind: [{"send_resolved": False, **each} for each in entries if isinstance(each, dict)]
        for kind, entries in integrations.items()
        if isinstance(entries, list)
    }


def route(names: list[str]) -> dict[str, object]:
    """Returns the tree of routes; an alert of a team without a road of its own goes to platform."""
    teams = [name for name in names if name not in (SECOND_CHANNEL, DEAD_MAN)]
    return {
        "receiver": "platform",
        "group_by": list(GROUP_BY),
        "group_wait": "5s",
        "group_interval": "10s",
        "repeat_interval": "4h",
        "routes": [
            {
                "receiver": DEAD_MAN,
                "matchers": ['alertname = "OtelmonWatchdog"'],
                "group_wait": "0s",
                "group_interval": "30s",
                "repeat_interval": "30s",
            },
            {"receiver": SECOND_CHANNEL, "matchers": ['severity = "critical"'], "continue": True},
            *({"receiver": team, "matchers": [f'team = "{team}"']} for team in teams),
        ],
    }
