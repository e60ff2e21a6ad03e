"""Asks the metrics store and the trace store which services and which lines of code use a table."""

from __future__ import annotations

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from otelmon.operate.advise.finding import Finding

SECONDS_TO_ANSWER = 10
MOST_TABLES = 30
MOST_TRACES = 50
MOST_SITES = 5
# As Prometheus and VictoriaMetrics name what arrives as db.client.operation.duration in seconds.
QUERY = (
    "sum by (job, service_name, db_operation_name) "
    '(increase(db_client_operation_duration_seconds_count{{db_collection_name="{table}"}}[7d]))'
)


def with_call_sites(findings: Sequence[Finding], metrics: str | None, traces: str | None) -> list[Finding]:
    """Adds to each finding about a table who uses it; a table that telemetry does not name gets nothing.

    Args:
        findings: all findings.
        metrics: address of a Prometheus API, such as VictoriaMetrics has; None: not asked.
        traces: address of Jaeger's query API; None: not asked.

    Raises:
        OperateError: an address that was given does not answer.
    """
    tables = sorted({table_of(each) for each in findings} - {""})[:MOST_TABLES]
    services = names_of(traces) if traces else []
    sites: dict[str, list[str]] = {table: [] for table in tables}
    for table in tables:
        if metrics:
            sites[table].extend(callers(metrics, table))
        for service in services:
            sites[table].extend(lines(str(traces), service, table))
    return [replace(each, call_sites=tuple(sites.get(table_of(each), ()))) for each in findings]


def table_of(finding: Finding) -> str:
    """Returns the table that a finding is about, as statements name it; empty where there is none."""
    return finding.subject.table or (finding.subject.name if finding.subject.type == "table" else "")


def callers(url: str, table: str) -> Iterator[str]:
    """Yields which service ran which operation on a table in the last seven days, and how often."""
    query = QUERY.format(table=table.replace("\\", "\\\\").replace('"', '\\"'))
    document = _get(f"{url.rstrip('/')}/api/v1/query", {"query": query}, "--metrics")
    for row in document.get("data", {}).get("result", [])[:MOST_SITES]:
        labels, (_, count) = row["metric"], row["value"]
        service = labels.get("service_name") or labels.get("job") or "a service without a name"
        yield f"{service}: {labels.get('db_operation_name', 'statements')}, {float(count):.0f} calls in 7 days"


def names_of(url: str) -> list[str]:
    """Returns the services that the trace store knows."""
    return [str(name) for name in _get(f"{url.rstrip('/')}/api/services", {}, "--traces").get("data") or []]


def lines(url: str, service: str, table: str) -> list[str]:
    """Returns the lines of code that kept spans on a table name, most frequent first; slow and failed ones have one."""
    tags = json.dumps({"db.collection.name": table})
    query = {"service": service, "tags": tags, "limit": str(MOST_TRACES), "lookback": "168h"}
    counted: dict[str, int] = {}
    for trace in _get(f"{url.rstrip('/')}/api/traces", query, "--traces").get("data") or []:
        for span in trace["spans"]:
            line = line_of({tag["key"]: tag["value"] for tag in span["tags"]}, table)
            counted[line] = counted.get(line, 0) + 1
    counted.pop("", None)
    frequent = sorted(counted, key=lambda line: -counted[line])[:MOST_SITES]
    return [f"{service}: {line}, {counted[line]} spans" for line in frequent]


def line_of(tags: Mapping[str, object], table: str) -> str:
    """Returns the line of code of a span on a table; empty where it names none."""
    if tags.get("db.collection.name") != table or "code.file.path" not in tags:
        return ""
    return f"{tags['code.file.path']}:{tags.get('code.line.number', '?')}"


def _get(url: str, query: Mapping[str, str], option: str) -> dict[str, Any]:
    """Returns the document of an answer.

    Raises:
        OperateError: there is none; the address is not repeated, because it may hold a password.
    """
    if not url.startswith(("http://", "https://")):
        raise OperateError(f"{option} takes an address that begins with http:// or https://")
    full = f"{url}?{urllib.parse.urlencode(query)}" if query else url
    try:
        with urllib.request.urlopen(full, timeout=SECONDS_TO_ANSWER) as response:  # noqa: S310 - checked above
            document = json.load(response)
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", None) or getattr(error, "code", None) or type(error).__name__
        raise OperateError(f"the address of {option} gives no answer: {why}") from None
    return document if isinstance(document, dict) else {}
