"""Lays an overview out for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from otelmon.operate.overview.documents import items, mapping

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from rich.console import RenderableType

    from otelmon.operate.overview.values import Alert, Figure, Overview, Section

MOST_ROWS = 10
OLD_AFTER = 60.0
UNKNOWN = "?"
TITLES = {
    "statements": "Statements, 15 minutes",
    "server": "Database servers",
    "session states": "Sessions by state",
    "pools": "Connection pools",
    "github": "GitHub's budgets",
    "caches": "Caches, 15 minutes",
    "delivery": "Spans since the processes began",
    "losses": "Spans lost",
    "collector": "Queues of the Collector",
    "failures": "Not delivered by the Collector, 15 minutes",
    "processes": "Applications that beat",
    "own errors": "Errors of otelmon's own, 15 minutes",
}
# Of these none is the good news, which needs no table.
QUIET = ("losses", "failures", "own errors")


def is_bad(overview: Overview) -> bool:
    """Tells whether an alert is open, a source is away, or a status page says that all is not well."""
    open_alerts = any(each.state != "suppressed" for each in _alarming(overview))
    away = any(not each.up for each in overview.sources)
    return open_alerts or away or any(page.status != "ok" for page in overview.pages)


def _alarming(overview: Overview) -> list[Alert]:
    """Returns the alerts that are meant for people: the watchdog always fires, and canaries come and go."""
    return [each for each in overview.alerts if each.severity != "none"]


def shown(overview: Overview) -> RenderableType:
    """Returns everything as tables, the alerts first and the sources last."""
    return Group(
        *_alerts(overview),
        *_slow(overview),
        *(each for name, title in TITLES.items() for each in _section(overview.sections.get(name), title)),
        *_holders(overview),
        _sources(overview),
    )


def _table(title: str, *heads: str) -> Table:
    table = Table(title=title, title_justify="left", expand=False)
    for head in heads:
        table.add_column(head, overflow="fold")
    return table


def _alerts(overview: Overview) -> Iterator[RenderableType]:
    source = overview.source("alertmanager")
    if source is not None and not source.up:
        yield Text(f"Open alerts: unknown, Alertmanager is away: {source.reason}", style="yellow")
        return
    alerts = _alarming(overview)
    if not alerts:
        yield Text("Open alerts: none", style="green")
        return
    table = _table("Open alerts", "alert", "severity", "state", "since", "what")
    for each in alerts[:MOST_ROWS]:
        since = UNKNOWN if each.since is None else _age(overview.read_at - each.since)
        what = each.annotations.get("summary", "")
        table.add_row(*(escape(text) for text in (each.name, each.severity, each.state, since, what)))
    yield table


def _slow(overview: Overview) -> Iterator[RenderableType]:
    source = overview.source("jaeger")
    if source is not None and not source.up:
        yield Text(f"Slowest traces: unknown, Jaeger is away: {source.reason}", style="yellow")
        return
    if overview.slow:
        table = _table("Slowest statements of the last hour", "took", "ago", "service", "statement", "line", "trace")
        for each in overview.slow[:MOST_ROWS]:
            texts = (each.service, each.name, each.line, each.link)
            table.add_row(
                f"{each.seconds:.3f} s", _age(overview.read_at - each.ended), *(escape(text) for text in texts)
            )
        yield table


def _section(section: Section | None, title: str) -> Iterator[RenderableType]:
    if section is None or (not section.rows and not section.unknown and section.name in QUIET):
        return
    if section.unknown:
        yield Text(f"{title}: unknown, {section.unknown}", style="yellow")
        return
    if not section.rows:
        yield Text(f"{title}: none seen")
        return
    names = list(dict.fromkeys(name for row in section.rows for name in row.figures))
    labels = list(dict.fromkeys(name for row in section.rows for name in row.labels))
    table = _table(title, *(name.replace("_", " ") for name in labels), *names, "measured")
    for row in section.rows[:MOST_ROWS]:
        ages = [figure.age for figure in row.figures.values() if figure.age is not None]
        oldest = max(ages) if ages else None
        style = "yellow" if oldest is None or oldest > OLD_AFTER else ""
        cells = [escape(row.labels.get(name, "")) for name in labels] + [_figure(row.figure(name)) for name in names]
        table.add_row(*cells, UNKNOWN if oldest is None else f"{_age(oldest)} ago", style=style)
    yield table


def _figure(figure: Figure) -> str:
    """Returns a figure with its unit; unknown is a question mark, never zero."""
    if figure.value is None:
        return UNKNOWN
    if figure.unit == "1":
        return f"{figure.value:.1%}"
    text = f"{figure.value:,.0f}" if figure.value == int(figure.value) else f"{figure.value:,.3f}"
    return f"{text} {figure.unit}".strip()


def _holders(overview: Overview) -> Iterator[RenderableType]:
    """Yields who holds connections, which applications alone know."""
    table = _table("Who holds connections", "worker", "pool", "for", "line")
    workers = (worker for page in overview.pages for worker in items(page.document.get("workers")))
    for row in (row for worker in workers for row in _holders_of(worker)):
        table.add_row(*(escape(text) for text in row))
    if table.row_count:
        yield table


def _holders_of(known: Mapping[str, object]) -> Iterator[tuple[str, str, str, str]]:
    pools = mapping(mapping(mapping(known.get("checks")).get("pools")).get("pools"))
    for name, pool in pools.items():
        for holder in items(mapping(pool).get("holders")):
            yield str(known.get("pid", UNKNOWN)), name, f"{holder.get('seconds')} s", str(holder.get("line") or UNKNOWN)


def _sources(overview: Overview) -> Table:
    table = _table("Sources", "source", "address", "says")
    pages = {page.url: page for page in overview.pages}
    for each in overview.sources:
        page = pages.get(each.url)
        reasons = page.document.get("reasons") if page is not None else None
        said = f"{page.status}" if page is not None else "answers"
        if isinstance(reasons, list) and reasons:
            said = f"{said}: {'; '.join(str(reason) for reason in reasons[:MOST_ROWS])}"
        good = each.up and (page is None or page.status == "ok")
        said = said if each.up else f"away: {each.reason}"
        table.add_row(each.name, escape(each.url), escape(said), style="" if good else "yellow")
    return table


def _age(seconds: float) -> str:
    """Returns a time in the largest unit that leaves two digits of it."""
    seconds = max(0.0, seconds)
    for unit, size in (("d", 86400), ("h", 3600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.0f} {unit}"
    return f"{seconds:.0f} s"
