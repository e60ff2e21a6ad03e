"""What each panel has to show after the scenario."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.page.scenario import FAILING, LEAKS, NS, leaked, text_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from demo.readback.victoriametrics import Sample
    from tests.page.scenario import Scenario

    Answers = list[list[Sample]]
    Check = Callable[[Scenario, Answers], None]

BOUNDS = (0.0, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0)
POOL_MAX, COLLECTOR_LIMIT = 10, 1024**3
KIND = ("db_operation_name", "db_collection_name")


def value(answer: list[Sample]) -> float:
    """Returns the one value of an answer."""
    assert len(answer) == 1, answer
    return answer[0].value


def by(answer: list[Sample], *names: str) -> dict[tuple[str, ...], float]:
    """Returns the values by labels."""
    return {tuple(each.labels.get(name, "") for name in names): each.value for each in answer}


def figure(expected: Callable[[Scenario], float]) -> Check:
    """Returns a check of the first question's one value."""

    def check(seen: Scenario, answers: Answers) -> None:
        assert value(answers[0]) == expected(seen)

    return check


def known(expected: Callable[[Scenario], dict[tuple[str, ...], float]], *names: str, question: int = 0) -> Check:
    """Returns a check of all values that are not 0, by labels."""

    def check(seen: Scenario, answers: Answers) -> None:
        assert {key: found for key, found in by(answers[question], *names).items() if found} == expected(seen)

    return check


def nothing(seen: Scenario, answers: Answers) -> None:
    """Checks that there is no series, or only such of 0: what did not happen is not shown."""
    assert seen
    assert [each for answer in answers for each in answer if each.value] == []


def several(*checks: Check) -> Check:
    """Returns a check that is all of these."""

    def check(seen: Scenario, answers: Answers) -> None:
        for each in checks:
            each(seen, answers)

    return check


def quantile_holds(answer: float, share: float, seconds: list[float]) -> None:
    """Checks that a quantile lies in the bucket of the values' own, or of those five in a hundred beside it."""
    ordered = sorted(seconds)
    near = (max(0.0, share - 0.05), min(1.0, share + 0.05))
    ranks = (max(0, math.floor(near[0] * len(ordered)) - 1), min(len(ordered) - 1, math.ceil(near[1] * len(ordered))))
    low, high = (ordered[rank] for rank in ranks)
    below = max(bound for bound in BOUNDS if bound <= low)
    above = min((bound for bound in BOUNDS if bound >= high), default=BOUNDS[-1])
    assert below <= answer <= above, (answer, below, above)


def durations(seen: Scenario, operation: str = "", collection: str | None = None) -> list[float]:
    """Returns how long the calls took, by their spans."""
    return [(each.end_ns - each.start_ns) / NS for each in seen.calls(operation, collection) if not leaked(each)]


def call_time(seen: Scenario, answers: Answers) -> None:
    """Checks three percentiles of all calls; the rate behind them leaves a process's first export out."""
    for answer, share in zip(answers, (0.5, 0.95, 0.99), strict=True):
        quantile_holds(value(answer), share, durations(seen))


def request_time(seen: Scenario, answers: Answers) -> None:
    """Checks that percentiles rise, and end at or below the slowest request."""
    half, most, nearly_all = (value(answer) for answer in answers)
    slowest = max((each.end_ns - each.start_ns) / NS for each in seen.spans if "http.route" in each.attributes)
    assert 0 < half <= most <= nearly_all
    assert half < 0.5
    assert nearly_all <= max(slowest, 10.0)


def time_by_statement(seen: Scenario, answers: Answers) -> None:
    """Checks the percentile of each kind of which there are enough."""
    shown = {key: found for key, found in by(answers[0], *KIND).items() if math.isfinite(found)}
    many = {key for key, number in seen.by_kind().items() if number >= 30}
    assert many <= set(shown)
    for key in many:
        quantile_holds(shown[key], 0.95, durations(seen, *key))


def a_second(count: Callable[[Scenario], dict[str, float]], label: str, question: int = 0) -> Check:
    """Returns a check of rates: events since the first export, by the time that they were counted over."""

    def check(seen: Scenario, answers: Answers) -> None:
        shown = {key[0]: found for key, found in by(answers[question], label).items()}
        longest = time.time() - min(each.start_ns for each in seen.spans) / NS + 10
        for name, number in count(seen).items():
            # At least what came evenly, over the longest time; at most everything over the shortest.
            assert 40 * (number > 1) / longest <= shown[name] * max(1.0, 40 / max(number, 1)) <= number + 1, (
                name,
                shown,
            )

    return check


def routes(seen: Scenario) -> dict[str, float]:
    """Returns the requests of the even traffic's route."""
    route = "/repositories/<owner>/<name>"
    return {
        route: sum(
            e.attributes.get("http.route") == route and "http.request.method" in e.attributes for e in seen.spans
        )
    }


def operations(seen: Scenario) -> dict[str, float]:
    """Returns calls of the two operations that every request makes."""
    return {name: float(len(seen.calls(name))) for name in ("SELECT", "COMMIT")}


def pool_sizes(seen: Scenario, answers: Answers) -> None:
    """Checks used, idle and most: leaked connections stay used."""
    used, idle, most = (value(answer) for answer in answers)
    open_ones = seen.sql("SELECT count(*) FROM pg_stat_activity WHERE usename = 'contributors'")[0][0]
    assert (used, most) == (LEAKS, POOL_MAX)
    assert used + idle <= float(str(open_ones)) <= POOL_MAX


def held_longest(seen: Scenario, answers: Answers) -> None:
    """Checks that the oldest checkout is the first leak's."""
    leak = min(each.start_ns for each in seen.spans if leaked(each)) / NS
    assert abs(value(answers[0]) - (time.time() - leak)) < 15


def spent(seen: Scenario) -> float:
    """Returns what GitHub's answers in traces say is left of the core budget."""
    left = "otelmon.github.rate_limit.remaining"
    core = [
        e
        for e in seen.spans
        if e.attributes.get("otelmon.github.rate_limit.resource") == "core" and left in e.attributes
    ]
    return float(min(int(str(each.attributes[left])) for each in core))


def budget(seen: Scenario, answers: Answers) -> None:
    """Checks what is left of the core budget; that of searches is spent, or its window has ended."""
    left = by(answers[0], "resource")
    assert left[("core",)] == spent(seen)
    assert left.get(("search",), 0.0) == 0.0


def forecast(seen: Scenario, answers: Answers) -> None:
    """Checks that a window of an hour ends within the hour, and that what is spent is not said to last."""
    assert seen
    assert 0 < by(answers[1], "resource")[("core",)] <= 3600
    spent_in = by(answers[0], "resource")
    assert spent_in.get(("core",), 1.0) > 0
    assert spent_in.get(("search",), 0.0) == 0


def spenders(seen: Scenario, answers: Answers) -> None:
    """Checks that all points stand at lines, as many as the core budget has lost."""
    assert sum(each.value for each in answers[0]) == 5000 - spent(seen)
    assert all(each.labels["code_file_path"].endswith("github.py") for each in answers[0])


def cache_hits(seen: Scenario, answers: Answers) -> None:
    """Checks a hit ratio by the requests: answers are kept by URL, and each URL misses once."""
    asked = [e for e in seen.spans if "otelmon.github.rate_limit.resource" in e.attributes]
    assert asked
    shown = by(answers[0], "cache_name")
    revalidated = sum(str(each.attributes.get("http.response.status_code")) == "304" for each in asked)
    core = [e for e in asked if e.attributes["otelmon.github.rate_limit.resource"] == "core"]
    assert 0 < revalidated / len(core) <= 1
    assert abs(shown[("github_answers",)] - revalidated / len(core)) < 0.1
    assert 0 < shown[("demo.service.caches.identicon",)] < 1


def cache_entries(seen: Scenario, answers: Answers) -> None:
    """Checks that a cache holds what was fetched anew."""
    full = sum(
        str(e.attributes.get("http.response.status_code")) == "200"
        and e.attributes.get("otelmon.github.rate_limit.resource") == "core"
        for e in seen.spans
    )
    assert by(answers[0], "cache_name")[("github_answers",)] == full


def sessions(seen: Scenario, answers: Answers) -> None:
    """Checks sessions by state against the server; the asking one is left out."""
    rows = seen.sql(
        "SELECT state, count(*) FROM pg_stat_activity WHERE backend_type = 'client backend'"
        " AND pid <> pg_backend_pid() AND state = 'idle' AND usename = 'contributors' GROUP BY state"
    )
    assert by(answers[0], "postgresql_state")[("idle",)] == float(str(rows[0][1]))


def block_hits(seen: Scenario, answers: Answers) -> None:
    """Checks that nearly all blocks were found, as the server says of all time."""
    ((hit, read),) = seen.sql("SELECT blks_hit, blks_read FROM pg_stat_database WHERE datname = 'contributors'")
    ratio = float(str(hit)) / (float(str(hit)) + float(str(read)))
    assert abs(value(answers[0]) - ratio) < 0.1


def transactions(seen: Scenario, answers: Answers) -> None:
    """Checks the rate of commits: not above all that the server has ever counted."""
    ((commits,),) = seen.sql("SELECT xact_commit FROM pg_stat_database WHERE datname = 'contributors'")
    assert 0 < value(answers[0]) < float(str(commits))
    assert value(answers[1]) >= 0


def size(seen: Scenario, answers: Answers) -> None:
    """Checks the size of the database, read up to some minutes ago."""
    ((bytes_now,),) = seen.sql("SELECT pg_database_size('contributors')")
    assert abs(by(answers[0], "db_namespace")[("contributors",)] / float(str(bytes_now)) - 1) < 0.1


def most_time(seen: Scenario, answers: Answers) -> None:
    """Checks the seconds of each kind of statement by its spans."""
    shown = by(answers[0], *KIND)
    for key, seconds in shown.items():
        assert abs(seconds - sum(durations(seen, *key))) <= 0.02 * seconds + 0.001, key
    slowest = max(seen.by_kind(), key=lambda key: sum(durations(seen, *key)))
    assert max(shown, key=lambda key: shown[key]) == slowest


def server_time(seen: Scenario, answers: Answers) -> None:
    """Checks that no statement has more time than the server counted, its time before it was first seen left out."""
    rows = seen.sql("SELECT queryid, sum(total_exec_time) / 1000 FROM pg_stat_statements GROUP BY 1")
    totals = {str(queryid): float(str(seconds)) for queryid, seconds in rows}
    assert answers[0]
    assert all(0 < each.value <= totals[each.labels["postgresql_queryid"]] + 0.001 for each in answers[0])


def server_calls(seen: Scenario, answers: Answers) -> None:
    """Checks that no statement has more calls than the server counted."""
    counted = {
        str(row[0]): float(str(row[1]))
        for row in seen.sql("SELECT queryid, sum(calls) FROM pg_stat_statements GROUP BY 1")
    }
    assert answers[0]
    assert all(0 < each.value <= counted[each.labels["postgresql_queryid"]] for each in answers[0])


def slow_kept(seen: Scenario, answers: Answers) -> None:
    """Checks how many statements were slow, and how many are kept."""
    slow = seen.sql("SELECT count(*) FROM otelmon.slow_statements")[0][0]
    kept = seen.sql(
        "SELECT count(*) FROM pg_stat_statements JOIN pg_database d ON d.oid = dbid WHERE datname = 'contributors'"
    )[0][0]
    assert value(answers[0]) <= float(str(slow))
    assert 0 < by(answers[1], "db_namespace")[("contributors",)] <= float(str(kept))


def sequential_scans(seen: Scenario, answers: Answers) -> None:
    """Checks scans of tables: those since the observer began, so at most all."""
    counted = {
        str(name): float(str(scans)) for name, scans in seen.sql("SELECT relname, seq_scan FROM pg_stat_user_tables")
    }
    shown = {key[0].rpartition(".")[2]: found for key, found in by(answers[0], "db_collection_name").items()}
    assert set(shown) <= set(counted)
    assert all(0 < found <= counted[name] for name, found in shown.items())


def table_sizes(seen: Scenario, answers: Answers) -> None:
    """Checks that the largest table is the largest."""
    ((name,),) = seen.sql(
        "SELECT relname FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relpages DESC LIMIT 1"
    )
    assert max(answers[0], key=lambda each: each.value).labels["db_collection_name"].rpartition(".")[2] == name


def index_findings(seen: Scenario, answers: Answers) -> None:
    """Checks that the foreign key without an index is found: contributions.contributor_id."""
    found = by(answers[0], "kind")
    assert (
        found[("missing",)]
        == float(str(seen.sql("SELECT count(*) FROM otelmon.missing_foreign_key_indexes")[0][0]))
        == 1
    )
    assert found[("invalid",)] == 0


def dead_rows(seen: Scenario, answers: Answers) -> None:
    """Checks the estimate of dead rows against the server's."""
    ((dead,),) = seen.sql("SELECT coalesce(sum(n_dead_tup), 0) FROM pg_stat_user_tables")
    assert 0 <= value(answers[0]) <= float(str(dead)) + 5
    assert value(answers[1]) == 0


def index_scans(seen: Scenario, answers: Answers) -> None:
    """Checks that only indexes are shown that the server has scanned."""
    used = {str(row[0]) for row in seen.sql("SELECT indexrelname FROM pg_stat_user_indexes WHERE idx_scan > 0")}
    assert answers[0]
    assert {each.labels["postgresql_index_name"] for each in answers[0] if each.value} <= used


def alerts(seen: Scenario, answers: Answers) -> None:
    """Checks the number of alerts against what vmalert itself says is firing."""
    firing = seen.metrics.query('count(last_over_time(ALERTS{alertstate="firing",severity!="none"}[15s]))')
    assert value(answers[0]) == (firing[0].value if firing else 0.0)


def sign_of_life(seen: Scenario, answers: Answers) -> None:
    """Checks that both processes of the service, gunicorn's and its worker, were heard of lately."""
    assert seen
    assert len(answers[0]) == 2
    assert all(0 <= each.value < 30 for each in answers[0])


def spans(seen: Scenario, answers: Answers) -> None:
    """Checks that what is started is delivered, and nothing lost."""
    assert value(answers[0]) > 0
    assert value(answers[1]) > 0
    started = value(seen.metrics.query("sum(otelmon_spans_started_total)"))
    assert started == value(seen.metrics.query("sum(otelmon_spans_delivered_total)"))
    assert started >= len(seen.spans)
    assert [each for each in answers[2] if each.value] == []


def queues(seen: Scenario, answers: Answers) -> None:
    """Checks one queue for each signal of each exporter, nearly empty while every back end answers."""
    assert seen
    assert {("otlp_http/jaeger", "traces"), ("otlp_http/metrics", "metrics")} <= set(
        by(answers[0], "exporter", "data_type")
    )
    assert all(0 <= each.value < 0.05 for each in answers[0])


def sent(seen: Scenario, answers: Answers) -> None:
    """Checks that both back ends get spans."""
    assert seen
    shown = {key[0]: found for key, found in by(answers[0], "exporter").items()}
    assert all(shown[name] > 0 for name in shown)
    assert "otlp_http/jaeger" in shown
    assert answers[1] == []


def view_age(seen: Scenario, answers: Answers) -> None:
    """Checks that every view of the schema that the observer reads has an age, of a demo's pace."""
    assert seen
    assert len(answers[0]) > 25
    assert by(answers[0], "otelmon_view")[("connections",)] < 30


def memory(seen: Scenario, answers: Answers) -> None:
    """Checks the Collector's memory against its process."""
    part = next(each for each in seen.stack.supervisor.state.parts if each.name == "collector")
    lines = Path(f"/proc/{part.identity.pid}/status").read_text(encoding="ascii").splitlines()
    kib = next(int(line.split()[1]) for line in lines if line.startswith("VmRSS"))
    assert abs(max(each.value for each in answers[0]) / (kib * 1024) - 1) < 0.5


def server_connections(seen: Scenario, answers: Answers) -> None:
    """Checks the share of connections by the server's settings."""
    ((most, reserved),) = seen.sql(
        "SELECT current_setting('max_connections')::int, current_setting('superuser_reserved_connections')::int"
    )
    ((used,),) = seen.sql(
        "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()"
    )
    expected = float(str(used)) / (float(str(most)) - float(str(reserved)))
    assert abs(value(answers[0]) - expected) <= 2 / float(str(most))


def wraparound(seen: Scenario, answers: Answers) -> None:
    """Checks the used share of transaction ids."""
    ((age,),) = seen.sql("SELECT age(datfrozenxid) FROM pg_database WHERE datname = 'contributors'")
    shown = by(answers[0], "db_namespace")[("contributors",)]
    assert 0 < shown <= float(str(age)) / 2**31


def longest_waits(seen: Scenario, answers: Answers) -> None:
    """Checks that nobody waits."""
    assert seen
    assert [value(answer) for answer in answers] == [0.0, 0.0]


def leaks_by_pool(seen: Scenario, answers: Answers) -> None:
    """Checks that all leaks are those of the one pool, of connections that nobody refers to or nobody uses."""
    assert seen
    kinds = {each.labels["kind"]: each.value for each in answers[0] if each.value}
    assert sum(kinds.values()) == LEAKS
    assert set(kinds) <= {"abandoned", "idle"}
    assert {each.labels["db_client_connection_pool_name"].rpartition("/")[2] for each in answers[0]} == {
        "contributors#1"
    }


def deadlocks(seen: Scenario, answers: Answers) -> None:
    """Checks that there was no deadlock, and not more sessions lost than the server counted."""
    ((lost,),) = seen.sql(
        "SELECT sessions_abandoned + sessions_fatal + sessions_killed FROM pg_stat_database"
        " WHERE datname = 'contributors'"
    )
    assert [each.value for each in answers[0] if each.value] == []
    assert len(answers[1]) == 3
    assert sum(each.value for each in answers[1]) <= float(str(lost))


def views_down(seen: Scenario) -> float:
    """Returns how many views the observer itself says that it cannot read."""
    views = json.loads(text_of(f"{seen.stack.observer.url}/status"))["views"].values()
    return float(sum(view["reason"] not in ("ok", "outdated") for view in views))


TRUTH: dict[tuple[str, str], Check] = {
    ("health", "alerts"): alerts,
    ("health", "processes"): figure(lambda _: 2.0),
    ("health", "servers"): figure(lambda _: 1.0),
    ("health", "views down"): figure(views_down),
    ("health", "spans lost"): figure(lambda _: 0.0),
    ("health", "own errors now"): figure(lambda _: 0.0),
    ("health", "sign of life"): sign_of_life,
    ("health", "spans"): spans,
    ("health", "own errors"): nothing,
    ("health", "queues"): queues,
    ("health", "sent"): sent,
    ("health", "view age"): view_age,
    ("health", "views by reason"): nothing,
    ("health", "collector memory"): memory,
    ("problems", "slow calls"): figure(lambda seen: seen.slow()),
    ("problems", "failed calls"): figure(lambda _: FAILING),
    ("problems", "leaks"): figure(lambda _: LEAKS),
    ("problems", "refusals"): figure(lambda _: 0.0),
    ("problems", "throttles"): figure(lambda _: 1.0),
    ("problems", "blocked"): figure(lambda _: 0.0),
    ("problems", "slow by statement"): known(lambda seen: {("SELECT", ""): seen.slow()}, *KIND),
    ("problems", "failed by error"): known(lambda _: {("23505", "INSERT"): FAILING}, "error_type", "db_operation_name"),
    ("problems", "n plus one"): nothing,
    ("problems", "pool used"): figure(lambda _: LEAKS / POOL_MAX),
    ("problems", "leaks by pool"): leaks_by_pool,
    ("problems", "throttles by kind"): known(lambda _: {("search", "primary"): 1.0}, "resource", "kind"),
    ("problems", "longest waits"): longest_waits,
    ("problems", "server connections"): server_connections,
    ("problems", "deadlocks"): deadlocks,
    ("problems", "wraparound"): wraparound,
    ("problems", "replication"): nothing,
    ("performance", "requests"): a_second(routes, "http_route"),
    ("performance", "request time"): request_time,
    ("performance", "calls"): a_second(operations, "db_operation_name"),
    ("performance", "call time"): call_time,
    ("performance", "pool sizes"): pool_sizes,
    ("performance", "held longest"): held_longest,
    ("performance", "pool waits"): nothing,
    ("performance", "budget"): budget,
    ("performance", "forecast"): forecast,
    ("performance", "spenders"): spenders,
    ("performance", "cache hits"): cache_hits,
    ("performance", "cache entries"): cache_entries,
    ("performance", "cache evictions"): nothing,
    ("performance", "sessions"): sessions,
    ("performance", "block hits"): block_hits,
    ("performance", "transactions"): transactions,
    ("performance", "size"): size,
    ("queries", "most slow"): known(lambda seen: {("SELECT", ""): seen.slow()}, *KIND),
    ("queries", "most time"): most_time,
    ("queries", "most calls"): known(lambda seen: dict(seen.by_kind()), *KIND),
    ("queries", "time by statement"): time_by_statement,
    ("queries", "server time"): server_time,
    ("queries", "server calls"): server_calls,
    ("queries", "slow kept"): slow_kept,
    ("queries", "sequential scans"): sequential_scans,
    ("queries", "table sizes"): table_sizes,
    ("queries", "index findings"): index_findings,
    ("queries", "dead rows"): dead_rows,
    ("queries", "index scans"): index_scans,
}
