"""Metrics and events of the GitHub API."""

from __future__ import annotations

from otelmon.signals.kinds import Metric, Signal

_BUDGET = ("owner", "resource")
_KIND = ("resource", "route")
_CODE = ("resource", "code.function.name", "code.file.path", "code.line.number")
_LIMIT = "otelmon.github.rate_limit."

GITHUB_METRICS: tuple[Metric, ...] = (
    Metric(f"{_LIMIT}limit", "observable_gauge", "{request}", _BUDGET, "Requests that GitHub allows in one window."),
    Metric(
        f"{_LIMIT}remaining",
        "observable_gauge",
        "{request}",
        _BUDGET,
        "Requests left in the window; absent once the window has ended.",
    ),
    Metric(
        f"{_LIMIT}used",
        "observable_gauge",
        "{request}",
        _BUDGET,
        "Requests spent in the window, by everybody who shares the budget; over all processes the largest is right.",
    ),
    Metric(
        f"{_LIMIT}expected_used",
        "observable_gauge",
        "{request}",
        _BUDGET,
        "Requests spent by now if the recent pace has gone on since the figures were made; an estimate.",
    ),
    Metric(f"{_LIMIT}reset_in", "observable_gauge", "s", _BUDGET, "Time until the window ends, by GitHub's clock."),
    Metric(
        f"{_LIMIT}age",
        "observable_gauge",
        "s",
        _BUDGET,
        "Age of the figures at most: what GitHub had counted so long ago is in them.",
    ),
    Metric(
        f"{_LIMIT}exhausted_in",
        "observable_gauge",
        "s",
        _BUDGET,
        "Time until the budget is spent if its recent use goes on; absent while its use says nothing.",
    ),
    Metric(
        f"{_LIMIT}exhausted_earliest_in",
        "observable_gauge",
        "s",
        _BUDGET,
        "Lower end of the 95 % interval of otelmon.github.rate_limit.exhausted_in.",
    ),
    Metric(
        f"{_LIMIT}exhausted_latest_in",
        "observable_gauge",
        "s",
        _BUDGET,
        "Upper end of that interval; absent where the use might as well die down.",
    ),
    Metric(
        f"{_LIMIT}drift",
        "observable_gauge",
        "{request}",
        _BUDGET,
        "Use that GET /rate_limit told last, less what was known before; only with a registered session.",
    ),
    Metric(
        "otelmon.github.requests",
        "observable_counter",
        "{request}",
        _KIND,
        "Answers of the GitHub API, each redirect hop and retry once.",
    ),
    Metric(
        "otelmon.github.points",
        "observable_counter",
        "{point}",
        _KIND,
        "Points of the primary limit that are known to be spent: 1 for a REST answer; for GraphQL what the body says, "
        "where the query asks for rateLimit { cost } and the application reads the body.",
    ),
    Metric(
        "otelmon.github.points.saved",
        "observable_counter",
        "{point}",
        _KIND,
        "Points that conditional requests have saved: answers 304 to a credential.",
    ),
    Metric(
        "otelmon.github.points.avoidable",
        "observable_counter",
        "{point}",
        _KIND,
        "Points spent on a GET without if-none-match whose answer had the entity tag of the answer before.",
    ),
    Metric(
        "otelmon.github.code.requests",
        "observable_counter",
        "{request}",
        _CODE,
        "Answers of the GitHub API by the application's line that called; at most 200 lines.",
    ),
    Metric(
        "otelmon.github.code.points",
        "observable_counter",
        "{point}",
        _CODE,
        "Points of the primary limit that are known to be spent, by the application's line that called.",
    ),
    Metric(
        "otelmon.github.throttled",
        "observable_counter",
        "{request}",
        ("resource", "kind"),
        "Requests that GitHub refused by its primary or secondary limit.",
    ),
    Metric(
        "otelmon.github.refused",
        "observable_counter",
        "{request}",
        ("resource", "kind"),
        "Requests that GitHub refused for a missing permission, or for want of SAML sign-on (saml).",
    ),
    Metric(
        "otelmon.github.secondary_limit.used_ratio",
        "observable_gauge",
        "1",
        ("owner", "rule"),
        "Estimate: the share of a documented secondary limit that this process has used, 1 being the limit. Rules: "
        "concurrent (most in this minute and the one before), rest_points (of the busiest endpoint), graphql_points, "
        "writes_a_minute, writes_an_hour; cpu and graphql_cpu take for processor time "
        "what an answer takes longer than the quickest of late. Add up over processes.",
    ),
    Metric(
        "otelmon.github.secondary_limit.pace_ratio",
        "observable_gauge",
        "1",
        ("owner", "rule"),
        "Estimate: the share of that limit that a minute at the pace of the last ten seconds would use; 0 for rules "
        "without points or writes a minute. Add up over processes.",
    ),
)

_FIGURES = tuple(f"{_LIMIT}{name}" for name in ("limit", "remaining", "used", "reset", "resource"))
_ANSWER = (
    "http.request.method",
    "http.response.status_code",
    "server.address",
    "otelmon.github.route",
    "otelmon.github.owner",
    "otelmon.github.refusal",
    "otelmon.github.retry_after",
    "otelmon.github.duration",
    "otelmon.github.request_id",
    "otelmon.github.throttle",
    "code.function.name",
    "code.file.path",
    "code.line.number",
    *_FIGURES,
)
GITHUB_EVENTS: tuple[Signal, ...] = (
    Signal(
        "otelmon.github.request",
        "",
        "GitHub has answered, each redirect hop and retry once; told as OTELMON_OPERATION_LOG says, and always where "
        "the request was throttled or took as long as OTELMON_SLOW_HTTP_THRESHOLD. Duration in seconds.",
        _ANSWER,
    ),
    Signal("otelmon.github.throttled", "", "A primary or secondary limit has refused a request.", _ANSWER),
    Signal(
        "otelmon.github.budget_low",
        "",
        "A budget runs low: warning at 80 % of its limit, or when its recent use will spend it before the window ends; "
        "critical at 95 %. At most once for each window, level and process; over with the window.",
        (
            "otelmon.github.owner",
            "otelmon.github.level",
            *_FIGURES,
            f"{_LIMIT}reset_in",
            f"{_LIMIT}exhausted_in",
            f"{_LIMIT}exhausted_earliest_in",
            f"{_LIMIT}exhausted_latest_in",
        ),
    ),
    Signal(
        "otelmon.github.secondary_limit_near",
        "",
        "By an estimate 80 % of a documented secondary limit are used, or 40 % and a minute at the present pace breaks "
        "it; again only after it was below 50 %.",
        (
            "otelmon.github.owner",
            "otelmon.github.secondary_limit.rule",
            "otelmon.github.secondary_limit.used_ratio",
            "otelmon.github.route",
        ),
    ),
)
