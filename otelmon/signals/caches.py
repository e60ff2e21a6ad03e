"""Every metric and event of caches."""

from __future__ import annotations

from otelmon.signals.kinds import CACHE_NAME, Metric, Signal

CACHE_METRICS: tuple[Metric, ...] = (
    Metric(
        "otelmon.cache.requests",
        "observable_counter",
        "{request}",
        (CACHE_NAME, "result", "cause"),
        "Look-ups in a cache by result: hit, stale_hit (an entry whose time was over), miss. A miss has a cause where "
        "it is known: absent (never stored, or removed by the application), expired, evicted.",
    ),
    Metric(
        "otelmon.cache.evictions",
        "observable_counter",
        "{entry}",
        (CACHE_NAME,),
        "Entries that a cache let go to make room; absent where the cache does not tell, as functools'.",
    ),
    Metric("otelmon.cache.size", "observable_gauge", "{entry}", (CACHE_NAME,), "Entries in a cache."),
    Metric(
        "otelmon.cache.load_time",
        "histogram",
        "s",
        (CACHE_NAME,),
        "Time from a miss until the key is stored, at most a minute; absent where the cache does not tell.",
    ),
    Metric(
        "otelmon.cache.saved_time",
        "observable_counter",
        "s",
        (CACHE_NAME,),
        "What hits have saved: each counts the mean of the cache's load times known until then.",
    ),
    Metric(
        "otelmon.cache.saved_points",
        "observable_counter",
        "{point}",
        (CACHE_NAME,),
        "Requests to GitHub's REST API that cached answers made needless: one point of the primary limit each.",
    ),
)

CACHE_EVENTS: tuple[Signal, ...] = (
    Signal(
        "otelmon.cache.degraded",
        "",
        "A cache answers clearly less than it used to: once from the fall until it has recovered. Ratios are hits by "
        "look-ups, of the last window and of the cache's own base; the cause dominates the misses, where it is known.",
        (
            CACHE_NAME,
            "otelmon.cache.hit_ratio",
            "otelmon.cache.base_ratio",
            "otelmon.cache.window_requests",
            "otelmon.cache.miss_cause",
            "otelmon.cache.advice",
        ),
    ),
    Signal(
        "otelmon.cache.low_ratio",
        "",
        "A cache has answered less than half of its look-ups for ten windows of traffic: once until it is better.",
        (
            CACHE_NAME,
            "otelmon.cache.hit_ratio",
            "otelmon.cache.window_requests",
            "otelmon.cache.miss_cause",
            "otelmon.cache.advice",
        ),
    ),
)
