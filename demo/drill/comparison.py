"""The slow-query rule of postgres_exporter's mixin, rebuilt, on a metric made as that exporter makes it.

postgres_exporter cannot be built here (its Go module is not to be had), so its gauge is made by the query that its
documentation describes, once a scrape: for each database and state the age of the oldest transaction, zero where there
is none. Two versions of the rule are known:

- the one that shipped for years takes ``rate()`` of that gauge and asks whether it exceeds 120. An age grows by one
  second a second, so its rate is 1 at most: the rule cannot fire, whatever the database does
  (https://github.com/prometheus-community/postgres_exporter/issues/1277);
- the later one asks whether the largest age exceeds 120 s for two minutes: it can fire for one transaction that is four
  minutes old, and never for many queries of a second each.
"""

from __future__ import annotations

import time
import urllib.request
from contextlib import suppress

import psycopg2
import yaml

from demo.drill.http import DIRECT

METRIC = "pg_stat_activity_max_tx_duration"
LIMIT = 120
SHIPPED = "PostgreSQLSlowQueries"
LATER = "PostgreSQLSlowTransaction"
STATES = (
    "active",
    "idle",
    "idle in transaction",
    "idle in transaction (aborted)",
    "fastpath function call",
    "disabled",
)
AGES = """
SELECT state, coalesce(max(extract(epoch FROM clock_timestamp() - xact_start)), 0)
FROM pg_stat_activity WHERE datname = current_database() GROUP BY state
"""
SECONDS_BETWEEN_SCRAPES = 10.0


def rules() -> str:
    """Returns both versions of the rule as a file of rules."""
    usable = f'{METRIC}{{datname!~"template.*"}}'
    return str(
        yaml.safe_dump(
            {
                "groups": [
                    {
                        "name": "postgres_exporter",
                        "interval": "10s",
                        "rules": [
                            rule(SHIPPED, f"avg by (datname) (rate({usable}[2m])) > {LIMIT}"),
                            rule(LATER, f"max by (datname) ({usable}) > {LIMIT}"),
                        ],
                    }
                ]
            },
            sort_keys=False,
        )
    )


def rule(alert: str, expression: str) -> dict[str, object]:
    """Returns one rule with the two minutes of hold that both versions have."""
    return {"alert": alert, "expr": expression, "for": "2m", "labels": {"severity": "warning", "product": "compared"}}


def scrape(url: str, victoriametrics: str, database: str) -> None:
    """Reads the ages once and stores them as a scrape would; a database that does not answer is left out."""
    with suppress(psycopg2.Error, OSError):
        ages = dict.fromkeys(STATES, 0.0) | ages_of(url)
        now = int(time.time() * 1000)
        lines = [
            f'{METRIC}{{datname="{database}",state="{state}"}} {age} {now}' for state, age in ages.items() if state
        ]
        body = ("\n".join(lines) + "\n").encode()
        DIRECT.open(urllib.request.Request(f"{victoriametrics}/api/v1/import/prometheus", body), timeout=5).close()


def ages_of(url: str) -> dict[str, float]:
    """Returns the age of the oldest transaction by state."""
    connection = psycopg2.connect(url)
    try:
        with connection.cursor() as cursor:
            cursor.execute(AGES)
            return {state: float(age) for state, age in cursor.fetchall()}
    finally:
        connection.close()
