"""Every ``OTELMON_*`` variable of the application's half: name, meaning, unit, default and safe range.

docs/settings.md is generated from this table (``make docs``), so a variable is described in one place only.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal["boolean", "integer", "choice", "names", "secret", "path", "secret_url", "address", "ratio"]


@dataclass(frozen=True, slots=True)
class Variable:
    """Describes one environment variable; ``low`` and ``high`` bound integers, both inclusive."""

    name: str
    field: str
    kind: Kind
    default: str
    unit: str
    meaning: str
    low: int = 0
    high: int = 0
    choices: tuple[str, ...] = ()

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        if self.kind == "integer":
            return f"{self.low} to {self.high}"
        if self.kind == "boolean":
            return "true; anything else is false"
        if self.kind == "secret_url":
            return "http:// or https:// with a host"
        if self.kind == "ratio":
            return "off, or a number above 0 and below 1"
        if self.kind == "address":
            return "host:port"
        return ", ".join(self.choices) if self.choices else "any"


VARIABLES: tuple[Variable, ...] = (
    Variable(
        "OTELMON_DISABLED",
        "disabled",
        "boolean",
        "false",
        "",
        "Leaves every library unpatched; otelmon starts no thread and opens no socket.",
    ),
    Variable(
        "OTELMON_DISABLED_HOOKS",
        "disabled_hooks",
        "names",
        "",
        "",
        "Names of hooks that stay out, separated by commas, as printed by `otelmon settings`.",
    ),
    Variable(
        "OTELMON_SLOW_QUERY_THRESHOLD",
        "slow_query_threshold_ms",
        "integer",
        "500",
        "ms",
        "A database span that takes this long or longer is marked slow and kept. The Collector reads it too.",
        1,
        3_600_000,
    ),
    Variable(
        "OTELMON_SLOW_HTTP_THRESHOLD",
        "slow_http_threshold_ms",
        "integer",
        "2000",
        "ms",
        "An HTTP client span that takes this long or longer is marked slow and kept. The Collector reads it too.",
        1,
        3_600_000,
    ),
    Variable(
        "OTELMON_LEAK_AFTER",
        "leak_after_ms",
        "integer",
        "60000",
        "ms",
        "A pooled connection held longer than this without a statement running is reported as leaked.",
        100,
        86_400_000,
    ),
    Variable(
        "OTELMON_GITHUB_HOSTS",
        "github_hosts",
        "names",
        "api.github.com",
        "",
        "Exact host names whose answers are read for rate limits, separated by commas.",
    ),
    Variable(
        "OTELMON_HASH_KEY",
        "hash_key",
        "secret",
        "",
        "",
        "Key of the hash that names the owner of a GitHub budget; without it a plain SHA-256 prefix.",
    ),
    Variable(
        "OTELMON_LABEL_LIMIT",
        "label_limit",
        "integer",
        "2000",
        "{attribute set}",
        "Most attribute sets of one instrument; what comes later is counted in otelmon.labels.overflow.",
        1,
        100_000,
    ),
    Variable(
        "OTELMON_OVERHEAD_LIMIT_RATIO",
        "overhead_limit_ratio",
        "ratio",
        "off",
        "",
        "Largest share of the process's CPU that otelmon may use itself; above it plans, stacks, digests and spans of "
        "fast database calls are left out, in this order (docs/overhead.md). On Linux.",
    ),
    Variable(
        "OTELMON_SQL_TEXT",
        "sql_text",
        "choice",
        "redacted",
        "",
        "Whether spans carry the statement without its literals, or no statement at all.",
        choices=("redacted", "none"),
    ),
    Variable(
        "OTELMON_SHUTDOWN_TIMEOUT",
        "shutdown_timeout_ms",
        "integer",
        "5000",
        "ms",
        "Longest time that the end of the process waits for telemetry; what is left is counted as lost.",
        0,
        60_000,
    ),
    Variable(
        "OTELMON_HEARTBEAT_DIRECTORY",
        "heartbeat_directory",
        "path",
        "",
        "",
        "Folder in which each process keeps a file with the time of its last sign of life, for whoever watches without "
        "OpenTelemetry (docs/pipeline.md).",
    ),
    Variable(
        "OTELMON_HEARTBEAT_URL",
        "heartbeat_url",
        "secret_url",
        "",
        "",
        "Address that each process asks by HTTP GET as a sign of life, such as that of a dead man's switch.",
    ),
    Variable(
        "OTELMON_HEARTBEAT_INTERVAL",
        "heartbeat_interval_ms",
        "integer",
        "15000",
        "ms",
        "Time between two signs of life in file and ping.",
        1000,
        3_600_000,
    ),
    Variable(
        "OTELMON_CANARY_INTERVAL",
        "canary_interval_ms",
        "integer",
        "0",
        "ms",
        "Time between two canaries, traces of two small spans by which `otelmon canary` sees that the way from this "
        "process to every back end is open; 15000 is a good one. 0: none.",
        0,
        3_600_000,
    ),
    Variable(
        "OTELMON_HEALTH_ADDRESS",
        "health_address",
        "address",
        "",
        "",
        "Where /livez, /readyz and /status are answered, for all workers of the service; unset: nowhere. "
        "An address beyond loopback also needs a token.",
    ),
    Variable(
        "OTELMON_HEALTH_TOKEN",
        "health_token",
        "secret",
        "",
        "",
        "What `Authorization: Bearer` must bring for /readyz and /status; /livez is answered without.",
    ),
    Variable(
        "OTELMON_HEALTH_TOKEN_FILE",
        "health_token_file",
        "path",
        "",
        "",
        "File whose first line is that token; it wins over OTELMON_HEALTH_TOKEN.",
    ),
    Variable(
        "OTELMON_DB_DIAGNOSTICS",
        "db_diagnostics",
        "boolean",
        "false",
        "",
        "Opens one more connection to the database, with the application's credentials and only while calls are slow: "
        "for what they wait for, who blocks them, the server's query id and the plan (docs/diagnostics.md).",
    ),
    Variable(
        "OTELMON_OPERATION_LOG",
        "operation_log",
        "choice",
        "off",
        "",
        "Which database calls and GitHub answers are told as an event each: none, those in sampled traces, or all "
        "(docs/logs.md). Slow, failed and throttled ones are told whatever stands here.",
        choices=("off", "sampled", "all"),
    ),
    Variable(
        "OTELMON_LOGS",
        "logs",
        "choice",
        "off",
        "",
        "What becomes of the application's own log records: nothing is touched, JSON on stderr, OTLP, or both; with "
        "trace ids and without credentials (docs/logs.md).",
        choices=("off", "json", "otlp", "both"),
    ),
    Variable(
        "OTELMON_LOGS_LEVEL",
        "logs_level",
        "choice",
        "info",
        "",
        "The least level of those records, where the root logger has its default level.",
        choices=("debug", "info", "warning", "error"),
    ),
)
