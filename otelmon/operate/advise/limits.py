"""From when on something is worth a finding; every number has its reason."""

from __future__ import annotations

from dataclasses import dataclass

DAY = 86_400.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Holds the thresholds of all judgments."""

    # A week shows what runs once a week; what runs once a month needs more, see --min-age-days.
    min_age_seconds: float = 7 * DAY
    # Sixteen pages: below, the planner reads the table instead, and the index costs next to nothing.
    smallest_index_bytes: int = 128 * 1024
    # Below, a sequential scan is usually the best plan.
    fewest_rows: int = 1_000
    fewest_rows_read_sequentially: int = 10_000
    fewest_sequential_scans: int = 100
    # PgHero's rule: an index in less than 95 % of the accesses.
    sequential_share: float = 0.05
    # A covering index that is so much larger is not the same to read.
    most_times_larger: float = 4.0
    bloat_ratio: float = 0.5
    bloat_bytes: int = 10 * MEBIBYTE
    sequence_notice: float = 0.5
    sequence_warning: float = 0.75
    sequence_error: float = 0.9
    # The server stops writes at 1.0; autovacuum_freeze_max_age is 0.09 by default.
    wraparound_warning: float = 0.25
    wraparound_error: float = 0.5
    idle_in_transaction_seconds: float = 60.0
    long_transaction_seconds: float = 300.0
    slot_inactive_seconds: float = 3_600.0
    heaviest_statements: int = 5
