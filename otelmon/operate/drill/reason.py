"""Why an alert was not told: what the rule, its figure and Alertmanager say at that moment."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from otelmon.operate.drill.fault import Stage
    from otelmon.operate.drill.watching import Addresses

SECONDS_TO_ANSWER = 5.0
# So many series of a figure are shown.
MOST_SERIES = 6


def why(addresses: Addresses, stage: Stage) -> str:
    """Returns in a sentence what those who had to tell of a stage say of it.

    Args:
        addresses: whom a drill watches; a metrics store and Alertmanager are asked where they are known.
        stage: its rule is asked for.
    """
    with httpx.Client(timeout=SECONDS_TO_ANSWER, trust_env=False) as client:
        try:
            rule = _rule(client, addresses.rules, stage)
        except (httpx.HTTPError, ValueError, KeyError) as error:
            return f"{addresses.rules} does not say what it evaluates ({type(error).__name__})"
        if rule is None:
            return f"{addresses.rules} has no such rule"
        parts = [_evaluation(rule, stage), _figures(client, addresses.store, str(rule["query"]))]
        if any(each["state"] == "firing" for each in rule.get("alerts") or ()):
            parts.append(_held_back(client, addresses.alertmanager, stage))
        return "; ".join(each for each in parts if each)


def _rule(client: httpx.Client, url: str, stage: Stage) -> dict[str, Any] | None:
    groups = client.get(f"{url}/api/v1/rules").raise_for_status().json()["data"]["groups"]
    for rule in (each for group in groups for each in group["rules"]):
        if (rule["name"], (rule.get("labels") or {}).get("severity", "")) == stage.rule:
            found: dict[str, Any] = rule
            return found
    return None


def _evaluation(rule: dict[str, Any], stage: Stage) -> str:
    """Returns whether a rule is evaluated, and which of its alerts are the stage's."""
    if rule.get("lastError"):
        return f"its last evaluation failed at {rule['lastEvaluation']}: {rule['lastError']}"
    alerts = rule.get("alerts") or []
    ours = [each for each in alerts if stage.causes(each["labels"])]
    shown = ", ".join(f"{each['state']} since {each['activeAt']} at {each['value']}" for each in ours)
    others = f"{len(alerts) - len(ours)} of others" if len(alerts) > len(ours) else ""
    said = " and ".join(each for each in (shown, others) if each) or "no alert"
    return f"evaluated at {rule['lastEvaluation']} without error, with {said}"


def figure_of(query: str) -> str:
    """Returns what a rule as `otelmon alerts render` writes it compares with its limit; the whole of any other."""
    if not query.startswith("(\n") or "\n) " not in query:
        return query
    return query[2 : query.index("\n) ")]


def _figures(client: httpx.Client, store: str, query: str) -> str:
    """Returns the newest values of what a rule judges, without its limit and guards."""
    if not store:
        return ""
    try:
        asked = client.get(f"{store}/api/v1/query", params={"query": figure_of(query), "time": str(time.time())})
        series = asked.raise_for_status().json()["data"]["result"]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return f"the metrics store does not answer ({type(error).__name__})"
    shown = [f"{each['value'][1]} {each['metric']}" for each in series[:MOST_SERIES]]
    return f"its figure now: {', '.join(shown) or 'none'}"


def _held_back(client: httpx.Client, alertmanager: str, stage: Stage) -> str:
    """Returns who keeps Alertmanager from telling of what fires."""
    if not alertmanager:
        return ""
    try:
        asked = client.get(f"{alertmanager}/api/v2/alerts", params={"filter": f'alertname="{stage.rule[0]}"'})
        alerts = [each for each in asked.raise_for_status().json() if stage.causes(each["labels"])]
    except (httpx.HTTPError, ValueError, KeyError) as error:
        return f"Alertmanager does not answer ({type(error).__name__})"
    if not alerts:
        return "Alertmanager has not heard of it"
    status = alerts[0]["status"]
    return (
        f"Alertmanager has it as {status['state']}, silenced by {status['silencedBy'] or 'nobody'}, "
        f"inhibited by {status['inhibitedBy'] or 'nobody'}"
    )
