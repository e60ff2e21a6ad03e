"""Every event of ``otelmon observe``."""

from __future__ import annotations

from otelmon.signals.kinds import Signal
from otelmon.signals.postgresql import APPLICATION, DATABASE, QUERY_ID, SLOT, STATE, USER

OURS = "otelmon.postgresql."
BLOCKING = f"{OURS}blocking"
IDLE_IN_TRANSACTION = f"{OURS}idle_in_transaction"
WRAPAROUND = f"{OURS}wraparound"
SLOT_INACTIVE = f"{OURS}replication_slot.inactive"
STATISTICS_RESET = f"{OURS}statistics.reset"
SERVER_RESTARTED = f"{OURS}server.restarted"
SERVER_CHANGED = f"{OURS}server.changed"
UNREACHABLE = f"{OURS}unreachable"
VIEW_DOWN = f"{OURS}view.down"

POSTGRESQL_EVENTS: tuple[Signal, ...] = (
    Signal(
        BLOCKING,
        "",
        "Sessions have waited for a second or longer behind one; once a chain. Described is its root, who waits for "
        "nobody, and the lock waited for longest. Times in seconds.",
        (
            "postgresql.pid",
            USER,
            APPLICATION,
            STATE,
            QUERY_ID,
            f"{OURS}transaction.age",
            f"{OURS}blocked.count",
            f"{OURS}blocked.longest",
            "postgresql.blocking.lock.type",
            "postgresql.blocking.lock.mode",
            "postgresql.blocking.lock.relation",
        ),
    ),
    Signal(
        IDLE_IN_TRANSACTION,
        "",
        "A transaction has been open for a minute or longer with nothing running in it; once a transaction. A prepared "
        "one has no process. Times in seconds.",
        (
            "postgresql.pid",
            DATABASE,
            USER,
            APPLICATION,
            STATE,
            QUERY_ID,
            f"{OURS}transaction.age",
            f"{OURS}transaction.idle.longest",
        ),
    ),
    Signal(
        WRAPAROUND,
        "",
        "A database has used half of its transaction or multixact ids; at 2^31 the server refuses writes.",
        (DATABASE, f"{OURS}wraparound.used", f"{OURS}transaction_id.age"),
    ),
    Signal(
        SLOT_INACTIVE,
        "",
        "Nobody has received from a replication slot at two readings in a row; the log kept for it fills the disk.",
        (SLOT, f"{OURS}replication_slot.retained", f"{OURS}replication_slot.wal_status"),
    ),
    Signal(
        STATISTICS_RESET,
        "",
        "A family of statistics was reset; counters go on from what they had.",
        ("family",),
    ),
    Signal(SERVER_RESTARTED, "", "The server was started anew.", ("postgresql.version", f"{OURS}in_recovery")),
    Signal(
        SERVER_CHANGED,
        "",
        "Behind the address stands another server, or this one has become a primary or a standby.",
        ("postgresql.version", f"{OURS}in_recovery"),
    ),
    Signal(UNREACHABLE, "", "The connection was lost or refused; once until it is there again.", ("otelmon.reason",)),
    Signal(
        VIEW_DOWN,
        "",
        "A view could not be read; once for each reason until it can be read again.",
        ("otelmon.view", "otelmon.reason"),
    ),
)
