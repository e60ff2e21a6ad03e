"""What one component does to the data that goes through it, in a phrase, from its configuration."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from otelmon.operate.collector.merged import Tree as Settings

NAMES_SHOWN = 5
# The memory limiter refuses below its limit by this share unless told otherwise (memorylimiterprocessor's README).
SPIKE_SHARE = 0.2
MIB = 1 << 20
# Where transform and filter keep what they do to one signal.
_BY_SIGNAL = ("transform", "filter")
_OF_SIGNAL = {
    "traces": ("trace_statements", "traces"),
    "logs": ("log_statements", "logs"),
    "metrics": ("metric_statements", "metrics"),
}
_SETS = re.compile(r'^(?:set|delete_key)\([\w.]*attributes(?:\["|, ")([^"]+)"|^(?:set|replace_pattern)\(([\w.]+)')
_REPLACES = re.compile(r'^(?:replace_pattern|replace_all_patterns)\([\w.]*attributes\["([^"]+)"\]')


def describe(component: str, settings: Settings | None, signal: str = "") -> str:
    """Returns the phrase for a component such as ``batch/jaeger``; one that is not known here tells its settings.

    Args:
        component: the name in the configuration.
        settings: what stands under it.
        signal: traces, logs or metrics: what a component does to the others is left out; all when not given.
    """
    kind = component.partition("/")[0]
    others = {key for each, keys in _OF_SIGNAL.items() if signal not in ("", each) for key in keys}
    given = {key: value for key, value in (settings or {}).items() if kind not in _BY_SIGNAL or key not in others}
    return _KINDS[kind](given) if kind in _KINDS else _settings(given)


def _settings(settings: Settings) -> str:
    return ", ".join(f"{key}={value}" for key, value in settings.items() if not isinstance(value, dict | list))


def _some(names: list[str]) -> str:
    shown = list(dict.fromkeys(names))
    more = f" and {len(shown) - NAMES_SHOWN} more" if len(shown) > NAMES_SHOWN else ""
    return ", ".join(shown[:NAMES_SHOWN]) + more


def _door(settings: Settings) -> str:
    proofs = [
        *(["TLS"] if settings.get("tls") else []),
        *(["token"] if settings.get("auth") else []),
        *(["client certificate"] if (settings.get("tls") or {}).get("client_ca_file") else []),
    ]
    return f"{settings.get('endpoint', 'default address')}" + (f" with {' and '.join(proofs)}" if proofs else "")


def _otlp(settings: Settings) -> str:
    doors = (settings.get("protocols") or {}).items()
    return "; ".join(f"{name} {_door(each or {})}" for name, each in doors)


def _kafka(settings: Settings) -> str:
    topics = [_some(_topics(settings.get(signal) or {})) for signal in ("traces", "logs", "metrics")]
    group = f" as group {settings['group_id']}" if "group_id" in settings else ", spans keyed by trace id"
    keyed = group if "group_id" in settings or settings.get("partition_traces_by_id") else ""
    return f"{settings.get('brokers')}, topics {', '.join(filter(None, topics))}{keyed}{_queue(settings)}"


def _topics(settings: Settings) -> list[str]:
    return settings.get("topics") or [settings.get("topic", "")]


def _memory_limiter(settings: Settings) -> str:
    limit = settings.get("limit_mib", 0)
    spike = settings.get("spike_limit_mib") or limit * SPIKE_SHARE
    return f"refuses all from {limit - spike:.0f} MiB on (503, senders keep it), limit {limit} MiB"


def _redaction(settings: Settings) -> str:
    sql = ((settings.get("db_sanitizer") or {}).get("sql") or {}).get("attributes") or []
    literals = f"; literals in {_some(sql)}" if sql else ""
    return f"masks {len(settings.get('blocked_values') or [])} shapes of secrets in every value{literals}"


def _statements(settings: Settings) -> Iterator[str]:
    for signal in ("trace_statements", "log_statements", "metric_statements"):
        for group in settings.get(signal) or []:
            yield from (group.get("statements") or []) if isinstance(group, dict) else [group]


def _transform(settings: Settings) -> str:
    statements = list(_statements(settings))
    masked = [found[1] for each in statements if (found := _REPLACES.match(each))]
    named = [_SETS.match(each) for each in statements if not _REPLACES.match(each)]
    changed = [each[1] or each[2] for each in named if each and each[2] != "cache"]
    parts = [f"sets {_some(changed)}"] if changed else []
    parts += [f"masks in {_some(masked)}"] if masked else []
    parts += ["drops attributes by name"] if any(each.startswith("delete_matching_keys") for each in statements) else []
    return "; ".join(parts) or f"{len(statements)} statements"


def _filter(settings: Settings) -> str:
    conditions = [
        f"{what.replace('_', ' ')}s where {condition}"
        for signal in ("traces", "logs", "metrics")
        for what, listed in (settings.get(signal) or {}).items()
        for condition in listed or []
    ]
    return "DROPS " + "; ".join(conditions)


def _policy(policy: Settings) -> str:
    share = (policy.get("probabilistic") or {}).get("sampling_percentage")
    return f"{share} % of the rest" if share is not None else str(policy.get("name"))


def _tail_sampling(settings: Settings) -> str:
    kept = ", ".join(_policy(policy) for policy in settings.get("policies") or [])
    size = settings.get("maximum_trace_size_bytes")
    limit = f" of at most {size / MIB:g} MiB" if size else ""
    return (
        f"DROPS whole traces after {settings.get('decision_wait')}, save: {kept}; "
        f"holds {settings.get('num_traces')} traces{limit}"
    )


def _batch(settings: Settings) -> str:
    most = settings.get("send_batch_max_size")
    upto = f" to {most}" if most else ""
    return (
        f"takes without waiting; bundles of {settings.get('send_batch_size')}{upto}, or each {settings.get('timeout')}"
    )


def _queue(settings: Settings) -> str:
    queue, retry = settings.get("sending_queue") or {}, settings.get("retry_on_failure") or {}
    if not queue.get("enabled", bool(queue)):
        return ""
    room = queue.get("queue_size", 0)
    shown = f"{room / MIB:g} MiB" if queue.get("sizer") == "bytes" else f"{room} {queue.get('sizer', 'requests')}"
    place = "on disk" if queue.get("storage") else "in memory"
    end = str(retry.get("max_elapsed_time", "300s"))
    patience = "retries without end" if end in ("0s", "0") else f"retries for {end}"
    return f"; queue of {shown} {place}, DROPS above; {patience}"


def _otlp_exporter(settings: Settings) -> str:
    addresses = [settings[key] for key in ("endpoint", "traces_endpoint", "metrics_endpoint") if settings.get(key)]
    coded = f", {settings['compression']}" if settings.get("compression") else ""
    return f"{' '.join(addresses)}{coded}{_queue(settings)}"


def _span_metrics(settings: Settings) -> str:
    dimensions = [each.get("name", "") for each in settings.get("dimensions") or []]
    limit = settings.get("aggregation_cardinality_limit")
    bound = f"at most {limit} series" if limit else "series without limit"
    return f"counts and times spans by name, kind, status and {len(dimensions)} attributes; {bound}"


def _signal_to_metrics(settings: Settings) -> str:
    return f"makes {_some([each.get('name', '') for each in settings.get('spans') or []])}"


_KINDS: Mapping[str, Callable[[Settings], str]] = {
    "otlp": _otlp,
    "kafka": _kafka,
    "memory_limiter": _memory_limiter,
    "redaction": _redaction,
    "transform": _transform,
    "filter": _filter,
    "tail_sampling": _tail_sampling,
    "batch": _batch,
    "otlp_http": _otlp_exporter,
    "otlp_grpc": _otlp_exporter,
    "span_metrics": _span_metrics,
    "signal_to_metrics": _signal_to_metrics,
    "nop": lambda _: "DROPS everything",
}
