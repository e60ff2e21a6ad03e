"""Standbys: how much log they have not applied, how old their data is, and whether they are there."""

from __future__ import annotations

from dataclasses import replace

from otelmon.operate.alerts.catalogue.server import PLACE
from otelmon.operate.alerts.promql import SERVER, fresh, silent
from otelmon.operate.alerts.rule import Rule

STANDBY = f"{SERVER}, postgresql_application_name"
DELAY = "postgresql_replication_data_delay_bytes"

# Bytes, not the server's own replay_lag: that one stands still while a standby applies nothing.
LAG = Rule(
    alert="OtelmonReplicationLag",
    severity="warning",
    group="replication",
    team="database",
    summary=f"the standby {{{{ $labels.postgresql_application_name }}}} of {PLACE} lags behind",
    value=f"max by ({STANDBY}) ({fresh(DELAY)})",
    compare=">=",
    limit="replication_lag_warning",
    form="bytes",
    server=PLACE,
    tier="health",
)
# An idle primary lets the age grow as well; then nothing is left to replay.
STALE = replace(
    LAG,
    alert="OtelmonStandbyStale",
    summary=f"the standby {PLACE} shows old data",
    value=f"max by ({SERVER}) ({fresh('otelmon_postgresql_replay_age_seconds')})",
    limit="standby_stale",
    form="seconds",
    guard=f"max by ({SERVER}) ({fresh('otelmon_postgresql_replay_lag_bytes')}) > 0",
)
# Only where the observer still tells of the primary: else it is the observer that is away.
GONE = replace(
    LAG,
    alert="OtelmonStandbyGone",
    summary=f"the standby {{{{ $labels.postgresql_application_name }}}} does not receive from {PLACE} any more",
    value=silent(DELAY, STANDBY),
    compare="",
    limit="",
    form="silence",
    guard=f"on ({SERVER}) max by ({SERVER}) ({fresh('otelmon_postgresql_up_ratio')}) == 1",
)

RULES = (
    LAG,
    replace(LAG, severity="critical", limit="replication_lag_critical"),
    STALE,
    GONE,
)
