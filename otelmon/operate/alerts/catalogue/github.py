"""GitHub's budgets: used, burning, spent; requests refused; secondary limits near."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import APPLICATION, ENVIRONMENT, fresh, grown
from otelmon.operate.alerts.rule import Rule

# A budget belongs to an owner, whatever services share it; of what they say the largest use is right, never the sum.
BUDGET = f"{ENVIRONMENT}, owner, resource"
NAMES = "{{ $labels.resource }} of owner {{ $labels.owner }}"


# A window that is renewed has no forecast before some use of it. What was foretold of the one before must be forgotten
# within the 20 s that a breach is held, or each renewal would pass for a pace; one export in three may be missing.
FORETOLD = "25s"


def known(metric: str, of: str = "max") -> str:
    """Returns a figure of a budget over all who share it."""
    return f"{of} by ({BUDGET}) ({fresh(f'otelmon_github_rate_limit_{metric}')})"


def foretold(metric: str) -> str:
    """Returns the soonest forecast of a budget over all who share it."""
    return f"min by ({BUDGET}) ({fresh(f'otelmon_github_rate_limit_{metric}', FORETOLD)})"


USED = Rule(
    alert="OtelmonGitHubBudget",
    severity="warning",
    group="github",
    team="application",
    summary=f"the GitHub budget {NAMES} is nearly used up",
    value=f"{known('used')}\n/\n({known('limit')} > 0)",
    compare=">=",
    limit="github_budget_warning",
    form="ratio",
    service="github",
    tier="health",
)
# The later end of the forecast's 95 % interval, so that a doubtful forecast wakes nobody. It takes minutes to be known,
# so a pace that spends the budget in half of the time counts as well: at half of that pace it would still be spent.
BURNING = replace(
    USED,
    alert="OtelmonGitHubBudgetBurning",
    summary=f"at the present pace the GitHub budget {NAMES} is spent before it is renewed",
    value=f"{known('reset_in_seconds')}\n-\n{foretold('exhausted_in_seconds')}",
    limit="github_budget_short",
    form="seconds",
    # What is spent already is told by its own alert.
    guard=f"(\n"
    f"  {foretold('exhausted_latest_in_seconds')} < {known('reset_in_seconds')}\n"
    f"  or {foretold('exhausted_in_seconds')} * 2 < {known('reset_in_seconds')}\n"
    f")\n"
    f"and {known('remaining', 'min')} > 0",
)
SPENT = replace(
    USED,
    alert="OtelmonGitHubBudgetExhausted",
    severity="critical",
    summary=f"the GitHub budget {NAMES} is spent",
    value=known("remaining", "min"),
    compare="<=",
    limit="0",
    form="count",
    hold=0,
)
THROTTLED = replace(
    USED,
    alert="OtelmonGitHubThrottled",
    summary="GitHub refuses requests of {{ $labels.service_name }} by its {{ $labels.kind }} limit",
    value=grown("otelmon_github_throttled_total", f"{APPLICATION}, resource, kind"),
    limit="github_throttled",
    form="count",
    hold=0,
    service="{{ $labels.service_name }}",
    keep="throttled",
    tier="problems",
)
SECONDARY = replace(
    THROTTLED,
    alert="OtelmonGitHubSecondaryNear",
    summary="requests of owner {{ $labels.owner }} come near GitHub's secondary limit {{ $labels.rule }}",
    value=f"sum by ({ENVIRONMENT}, owner, rule) ({fresh('otelmon_github_secondary_limit_used_ratio')})",
    limit="github_secondary_near",
    form="ratio",
    service="github",
    keep="",
)

RULES = (
    USED,
    replace(USED, severity="critical", limit="github_budget_critical"),
    BURNING,
    SPENT,
    THROTTLED,
    SECONDARY,
)
