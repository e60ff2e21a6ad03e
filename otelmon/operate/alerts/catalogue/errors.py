"""Failed database calls, and requests that burn the error budget."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.promql import APPLICATION, ENVIRONMENT, grown, total
from otelmon.operate.alerts.rule import Rule

DATABASE = f"{APPLICATION}, server_address, server_port, db_namespace"
CALLS = "db_client_operation_duration_seconds_count"
# Class 23 is a row that a constraint refused: an answer that applications ask for and handle.
# https://www.postgresql.org/docs/current/errcodes-appendix.html
FAILED = CALLS + '{error_type!="",error_type!~"23.*"}'

DATABASE_ERRORS = Rule(
    alert="OtelmonDatabaseErrors",
    severity="warning",
    group="errors",
    team="application",
    summary="database calls of {{ $labels.service_name }} to {{ $labels.db_namespace }} fail",
    value=f"{grown(FAILED, DATABASE)}\n/\n{total(CALLS, DATABASE, '1m')}",
    compare=">=",
    limit="database_errors_warning",
    form="ratio",
    guard=f"{total(CALLS, DATABASE, '1m')} >= ${{database_errors_least_calls}}",
    database="{{ $labels.db_namespace }}",
    server="{{ $labels.server_address }}:{{ $labels.server_port }}",
    keep="error",
)

REQUESTS = "http_server_request_duration_seconds_count"
BAD = REQUESTS + '{http_response_status_code=~"5.."}'
SERVICE = f"service_name, {ENVIRONMENT}"


def burn_rate(window: str) -> str:
    """Returns how many times faster than allowed requests have failed in a window."""
    return f"({total(BAD, SERVICE, window)} / {total(REQUESTS, SERVICE, window)} / ${{error_budget}})"


# Windows and rates: Google's SRE workbook, chapter 5, multiwindow multi-burn-rate alerts; the fewest events are ours.
BURN = Rule(
    alert="OtelmonErrorBudgetBurn",
    severity="critical",
    group="errors",
    team="application",
    summary="{{ $labels.service_name }} answers requests with errors faster than its error budget allows",
    value=burn_rate("5m"),
    compare=">=",
    limit="burn_rate_critical",
    form="times",
    guard=f"{burn_rate('1h')} >= ${{burn_rate_critical}}\n"
    f"and {total(REQUESTS, SERVICE, '5m')} >= ${{burn_rate_least_requests}}\n"
    f"and {total(BAD, SERVICE, '5m')} >= ${{burn_rate_least_errors}}",
    hold=0,
    keep="error",
    tier="health",
)
SLOW_BURN = replace(
    BURN,
    severity="warning",
    value=burn_rate("30m"),
    limit="burn_rate_warning",
    guard=f"{burn_rate('6h')} >= ${{burn_rate_warning}}\n"
    f"and {total(REQUESTS, SERVICE, '30m')} >= ${{burn_rate_least_requests}}\n"
    f"and {total(BAD, SERVICE, '30m')} >= ${{burn_rate_least_errors}}",
)

RULES = (
    DATABASE_ERRORS,
    replace(DATABASE_ERRORS, severity="critical", limit="database_errors_critical"),
    SLOW_BURN,
    BURN,
)
