"""Makes docs/observe.md of the observer's catalogue: every view, what is read of it, and how often."""

from __future__ import annotations

from typing import TYPE_CHECKING

from otelmon import signals
from otelmon.operate.observe.catalogue import LOOKS, NOT_READ

if TYPE_CHECKING:
    from collections.abc import Iterator

    from otelmon.operate.observe.look import Look

HEAD = """# otelmon observe

One process beside a database reads the views of the [schema otelmon](sql/README.md) on a schedule and sends what they
say as metrics and events to a Collector. It is no part of the application.

```
otelmon sql install --dsn postgresql://owner@db/app                         # once
otelmon observe --once --dsn postgresql://otelmon_reader@db/app             # a look, without a Collector
OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 \\
  otelmon observe --dsn postgresql://otelmon_reader@db/app
```

The password comes from PGPASSFILE, PGPASSWORD, a service file or `OTELMON_OBSERVE_DSN`; it is never printed. Where no
user is named anywhere it logs in as `otelmon_reader`.

## What it does to the database

It holds one connection, named `otelmon observe`, and asks one thing at a time. Every query is a transaction of its own:
read-only, at most 2 s (`--statement-timeout-ms`), at most 100 ms for a lock (`--lock-timeout-ms`), no parallel workers,
no compilation. The limits are set within the transaction, so that behind a pooler nobody else gets them. Where the
server does not answer at all, as when it is frozen, the client gives up after two more seconds, and waits as long again
before it connects once more: a second connection can exist only while the server has not noticed that the first is
gone, and the role's own limit of two connections holds in any case. [What it costs](sql-costs.md) is measured by
`make bench-sql`.

## What it says where it cannot see

A view that cannot be read has no figures: they are absent, never zero. `otelmon.postgresql.view.up` is 0 with the
reason, the log has one line, the event `otelmon.postgresql.view.down` is sent once, and `/status` says more:

| reason | meaning |
|---|---|
| `unreachable`, `login refused`, `too many connections`, `starting or stopping` | no connection; tried again \
with growing waits, at most 30 s |
| `timeout`, `locked` | the view took too long, or somebody holds a lock on what it reads |
| `denied` | the role may not read it: GRANT pg_monitor |
| `missing`, `outdated` | the schema is not there or of another version; what both know is read |
| `not preloaded`, `missing` | pg_stat_statements is not in shared_preload_libraries, or not created here |

After a reset of statistics or a restart counters go on from what they had: they are totals since the observer first saw
a series, so they never fall. Another server behind the same address is noticed by its address and its start, and its
counts are a new beginning. At most `OTELMON_LABEL_LIMIT` series of a metric are shown; more are counted in
`otelmon.labels.overflow`.

## Health

On `--health-host` and `--health-port` (127.0.0.1:9187), answered from memory, whatever the database does:

- `/livez`: 200 while the observing thread goes on.
- `/readyz`: 200 while the database is being observed, else 503; `application/health+json`.
- `/status`: JSON: connection, server and schema version, `pg_stat_statements` (ok, missing, not preloaded, outdated,
  denied), and of each view when it was last read, its age, rows, milliseconds, and the reason where it was not read.

SIGTERM sends what is left and ends within five seconds.

## Metrics

"Every" is at the usual `--interval` of 15 s; with another all are scaled. Each reading comes up to a tenth earlier or
later. Names without `otelmon.` are those of the Collector's postgresql receiver. Resource: `service.name` (postgresql),
`server.address`, `server.port`, `service.instance.id` (host:port/database); OTEL_SERVICE_NAME and
OTEL_RESOURCE_ATTRIBUTES win.

| metric | unit | kind | attributes | view | every | meaning |
|---|---|---|---|---|---|---|
"""
KINDS = {
    "observable_counter": "counter",
    "observable_up_down_counter": "sum",
    "observable_gauge": "gauge",
}


def page() -> str:
    """Returns the page without its mark."""
    return "".join([HEAD, *metric_rows(), "\n", *unread(), "\n", *event_rows()])


def metric_rows() -> Iterator[str]:
    """Yields a line for each metric, with the view that it comes from."""
    looks = {measure.metric: look for look in LOOKS for measure in look.measures}
    for metric in signals.POSTGRESQL_METRICS:
        attributes = ", ".join(f"`{each}`" for each in metric.attributes)
        cells = (f"`{metric.name}`", f"`{metric.unit}`", KINDS[metric.instrument], attributes)
        yield f"| {' | '.join(cells)} | {source(looks.get(metric.name))} | {metric.meaning} |\n"


def source(look: Look | None) -> str:
    """Returns view and interval as two cells; the observer's own figures have neither."""
    return "the observer | each export" if look is None else f"[{look.view}](sql/{look.view}.md) | {look.every:g} s"


def unread() -> Iterator[str]:
    """Yields which views are not read, and why not."""
    yield "Not read: "
    yield "; ".join(f"`{view}` ({reason})" for view, reason in NOT_READ.items())
    yield ".\n"


def event_rows() -> Iterator[str]:
    """Yields the events."""
    yield "## Events\n\nLog records with an event name, severity WARN. At most 20 of a kind at one look.\n\n"
    yield "| event | meaning | attributes |\n|---|---|---|\n"
    for event in signals.POSTGRESQL_EVENTS:
        attributes = ", ".join(f"`{each}`" for each in event.attributes)
        yield f"| `{event.name}` | {event.meaning} | {attributes} |\n"
