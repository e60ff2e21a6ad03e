"""Every look at every view: the catalogue that the observer works by and docs/observe.md is made from."""

from __future__ import annotations

from otelmon.operate.observe.catalogue.indexes import INDEXES
from otelmon.operate.observe.catalogue.server import SERVER
from otelmon.operate.observe.catalogue.sessions import SESSIONS
from otelmon.operate.observe.catalogue.statements import STATEMENTS
from otelmon.operate.observe.catalogue.tables import TABLES

USUAL_INTERVAL = 15.0
LOOKS = (*SESSIONS, *SERVER, *STATEMENTS, *TABLES, *INDEXES)
NOT_READ = {
    "snapshots": "the history of otelmon_recorder, made of what is measured here already",
    "statement_deltas": "the history of otelmon_recorder, made of what is measured here already",
}
