"""For each alert the series by which its rules are proved: just below, breach, over."""

from __future__ import annotations

from dataclasses import dataclass

from tests.alerts.timeline import Series

APP = 'service_name="shop",deployment_environment_name="production",service_version="1.2"'
DATABASE = 'server_address="db",server_port="5432"'
SERVER = f'service_name="postgresql",deployment_environment_name="production",{DATABASE}'
POOL = f'{APP},db_client_connection_pool_name="db:5432/shop#1"'
OPERATION = f'{APP},{DATABASE},db_namespace="shop",db_operation_name="SELECT",db_collection_name="orders"'
BUDGET = f'{APP},owner="abc",resource="core"'
BURNED = f'{APP},owner="abc",resource="graphql"'
RENEWED = f'{APP},owner="abc",resource="code_search"'
OWN = 'service_name="otelmon-collector"'
COLLECTOR = 'service_name="otelmon-collector",exporter="otlp_http/jaeger"'
STANDBY = f'{SERVER},postgresql_application_name="standby1"'
SECONDS_TO_FIRE = 80


@dataclass(frozen=True)
class Case:
    """The series of one alert, and what its rules do with them.

    Args:
        series: all that the rules read.
        fires_in: seconds from the breach to the alert, at most.
        clears_in: seconds from the end of the breach to that of the alert, at most; 0 where it lasts too long.
        flaps: whether half a minute on and off is a breach at all.
        critical_in: as clears_in, for the critical rule where it differs.
    """

    series: tuple[Series, ...]
    fires_in: int = SECONDS_TO_FIRE
    clears_in: int = 180
    flaps: bool = True
    critical_in: int = 0

    @property
    def critical_clears_in(self) -> int:
        """Returns within how many seconds a critical rule is over."""
        return self.critical_in or self.clears_in


def calls(name: str, level: str = "") -> str:
    """Returns a counter of the duration histogram."""
    return f"db_client_operation_duration_seconds_{name}{{{OPERATION}{level}}}"


CASES: dict[str, Case] = {
    # 4 in a minute are below 5; 12 are a warning, 60 critical.
    "OtelmonSlowQueries": Case(
        (Series(f'otelmon_db_client_slow_operations_total{{{APP},db_namespace="shop"}}', 0.6, 2, 10, counter=True),)
    ),
    # 100 calls of 40 ms in 10 s; 2.5 times as long is below three times, 10 times is not.
    "OtelmonQueriesSlowerThanUsual": Case(
        (Series(calls("count"), 100, counter=True), Series(calls("sum"), 4, 40, counter=True)),
        # What was slow half of the time is usual by then.
        flaps=False,
    ),
    # Read every half minute: 100 calls of 40 ms, then of 0.24 s; the second reading of those is enough.
    "OtelmonStatementSlowerThanUsual": Case(
        (
            Series(
                f'otelmon_postgresql_statement_calls_total{{{SERVER},postgresql_queryid="7",postgresql_rolname="shop"}}',
                100,
                counter=True,
                every=3,
            ),
            Series(
                f'otelmon_postgresql_statement_time_seconds_total{{{SERVER},postgresql_queryid="7",postgresql_rolname="shop"}}',
                4,
                24,
                counter=True,
                every=3,
            ),
        ),
        fires_in=90,
        clears_in=240,
        flaps=False,
    ),
    # 8 per mille of failed calls are below 1 %; a violated constraint is none.
    "OtelmonDatabaseErrors": Case(
        (
            Series(calls("count"), 80, counter=True),
            Series(calls("count", ',error_type="57014"'), 0.8, 3, 20, counter=True),
            Series(calls("count", ',error_type="23505"'), 20, counter=True),
        )
    ),
    "OtelmonErrorBudgetBurn": Case(
        (
            Series(
                f'http_server_request_duration_seconds_count{{{APP},http_response_status_code="200"}}',
                100,
                counter=True,
            ),
            Series(
                f'http_server_request_duration_seconds_count{{{APP},http_response_status_code="500"}}',
                0.55,
                1.36,
                100,
                counter=True,
            ),
        ),
        fires_in=120,
        clears_in=0,
        critical_in=400,
        flaps=False,
    ),
    "OtelmonPoolPressure": Case(
        (
            Series(f'db_client_connection_count{{{POOL},db_client_connection_state="used"}}', 15, 17, 19),
            Series(f'db_client_connection_count{{{POOL},db_client_connection_state="idle"}}', 5, 3, 1),
            Series(f"db_client_connection_max{{{POOL}}}", 20),
        )
    ),
    "OtelmonPoolExhausted": Case(
        (Series(f"db_client_connection_timeouts_total{{{POOL}}}", 0, "calm", 1, counter=True),)
    ),
    # One leak in 3 minutes of 180 checkouts is 0.6 %.
    "OtelmonConnectionLeaks": Case(
        (
            Series(f'otelmon_db_client_connection_leaked_total{{{POOL},kind="idle"}}', 0.06, 1, counter=True),
            Series(f"otelmon_db_client_connection_checkouts_total{{{POOL}}}", 10, counter=True),
        ),
        clears_in=300,
    ),
    "OtelmonIdleInTransaction": Case(
        (Series(f"otelmon_postgresql_transaction_idle_longest_seconds{{{SERVER}}}", 59, 61, 301),)
    ),
    "OtelmonBlockingChain": Case((Series(f"otelmon_postgresql_blocked_longest_seconds{{{SERVER}}}", 9, 11, 61),)),
    "OtelmonServerConnections": Case(
        (Series(f"otelmon_postgresql_connection_utilization_ratio{{{SERVER}}}", 0.79, 0.81, 0.91),)
    ),
    "OtelmonServerConnectionsExhausted": Case(
        (Series(f"otelmon_postgresql_connection_available{{{SERVER}}}", 1, "calm", 0),)
    ),
    "OtelmonWraparound": Case(
        (
            Series(
                f'otelmon_postgresql_wraparound_used_ratio{{{SERVER},db_namespace="shop"}}', 0.49, 0.51, 0.81, every=6
            ),
        ),
        fires_in=90,
        clears_in=240,
        flaps=False,
    ),
    "OtelmonDatabaseCacheHit": Case(
        (
            Series(f'postgresql_blks_hit_total{{{SERVER},db_namespace="shop"}}', 9100, counter=True),
            Series(f'postgresql_blks_read_total{{{SERVER},db_namespace="shop"}}', 900, 5000, counter=True),
        ),
        clears_in=300,
    ),
    "OtelmonReplicationLag": Case(
        (Series(f"postgresql_replication_data_delay_bytes{{{STANDBY}}}", 67e6, 68e6, 537e6),)
    ),
    "OtelmonStandbyStale": Case(
        (
            Series(f"otelmon_postgresql_replay_age_seconds{{{SERVER}}}", 59, 61),
            Series(f"otelmon_postgresql_replay_lag_bytes{{{SERVER}}}", 100),
        )
    ),
    "OtelmonStandbyGone": Case(
        (
            Series(
                f'postgresql_replication_data_delay_bytes{{{SERVER},postgresql_application_name="standby2"}}', 0, None
            ),
            Series(f"otelmon_postgresql_up_ratio{{{SERVER}}}", 1),
        ),
        flaps=False,
    ),
    "OtelmonCacheDegraded": Case(
        (
            Series(f'otelmon_cache_requests_total{{{APP},cache_name="prices",result="hit"}}', 90, 30, counter=True),
            Series(f'otelmon_cache_requests_total{{{APP},cache_name="prices",result="miss"}}', 10, 70, counter=True),
        ),
        clears_in=300,
    ),
    "OtelmonGitHubBudget": Case(
        (
            Series(f"otelmon_github_rate_limit_used{{{BUDGET}}}", 3950, 4050, 4800),
            Series(f"otelmon_github_rate_limit_limit{{{BUDGET}}}", 5000),
        )
    ),
    # Another budget is spent already, which is no forecast any more.
    "OtelmonGitHubBudgetBurning": Case(
        (
            Series(f"otelmon_github_rate_limit_remaining{{{BURNED}}}", 500),
            Series(f"otelmon_github_rate_limit_reset_in_seconds{{{BURNED}}}", 1800),
            # First a pace of twice what would last, of which no end is certain yet; then one that is certain.
            Series(f"otelmon_github_rate_limit_exhausted_in_seconds{{{BURNED}}}", 1750, 890, 1000),
            Series(f"otelmon_github_rate_limit_exhausted_latest_in_seconds{{{BURNED}}}", 1790, None, 1100),
            Series(f"otelmon_github_rate_limit_reset_in_seconds{{{BUDGET}}}", 1800),
            Series(f"otelmon_github_rate_limit_exhausted_in_seconds{{{BUDGET}}}", 1790, "calm", 0),
            Series(f"otelmon_github_rate_limit_exhausted_latest_in_seconds{{{BUDGET}}}", 1790, "calm", 0),
            # A third lasts until it is renewed: what was foretold of its last window says nothing of the new one.
            Series(f"otelmon_github_rate_limit_remaining{{{RENEWED}}}", 28),
            Series(f"otelmon_github_rate_limit_reset_in_seconds{{{RENEWED}}}", 1800, "calm", 40),
            Series(f"otelmon_github_rate_limit_exhausted_in_seconds{{{RENEWED}}}", None, "calm", 50),
        )
    ),
    "OtelmonGitHubBudgetExhausted": Case((Series(f"otelmon_github_rate_limit_remaining{{{BUDGET}}}", 1, "calm", 0),)),
    "OtelmonGitHubThrottled": Case(
        (Series(f'otelmon_github_throttled_total{{{APP},resource="search",kind="secondary"}}', 0, 1, counter=True),)
    ),
    # Two workers of 0.39 are 0.78 together.
    "OtelmonGitHubSecondaryNear": Case(
        tuple(
            Series(
                f'otelmon_github_secondary_limit_used_ratio{{{APP},service_instance_id="{worker}",owner="abc",rule="concurrent"}}',
                0.39,
                0.41,
            )
            for worker in (1, 2)
        )
    ),
    "OtelmonSpansLost": Case(
        (Series(f'otelmon_spans_lost_total{{{APP},exporter="http",reason="queue_full"}}', 0, 10, counter=True),)
    ),
    "OtelmonCollectorQueue": Case(
        (
            Series(f'otelcol_exporter_queue_size{{{COLLECTOR},data_type="traces"}}', 490, 510, 810),
            Series(f'otelcol_exporter_queue_capacity{{{COLLECTOR},data_type="traces"}}', 1000),
            Series(f"otelcol_exporter_sent_spans_total{{{COLLECTOR}}}", 10, counter=True),
        )
    ),
    "OtelmonCollectorDropping": Case(
        (Series(f"otelcol_exporter_enqueue_failed_log_records_total{{{COLLECTOR}}}", 0, "calm", 10, counter=True),)
    ),
    "OtelmonExportFailing": Case(
        (Series(f"otelcol_exporter_send_failed_metric_points_total{{{COLLECTOR}}}", 0, "calm", 10, counter=True),)
    ),
    "OtelmonCollectorOverrun": Case(
        (Series(f"otelcol_processor_memory_limiter_refused_spans_total{{{OWN}}}", 0, 10, counter=True),)
    ),
    "OtelmonBackendDown": Case(
        (
            Series('otelcol_exporter_queue_size{service_name="otelmon-collector",exporter="otlp_http/sentry"}', 5),
            Series(
                'otelcol_exporter_sent_spans_total{service_name="otelmon-collector",exporter="otlp_http/sentry"}',
                10,
                "calm",
                0,
                counter=True,
            ),
        ),
        flaps=False,
    ),
    "OtelmonDiskNearlyFull": Case(
        (
            Series('vm_free_disk_space_bytes{job="victoria-metrics",instance="self",path="/data"}', 16e9, 14e9, 4e9),
            Series('vm_total_disk_space_bytes{job="victoria-metrics",instance="self",path="/data"}', 100e9),
        )
    ),
    "OtelmonDatabaseDown": Case(
        (Series(f'otelmon_postgresql_up_ratio{{{SERVER},service_instance_id="b"}}', 1, "calm", 0),)
    ),
    "OtelmonObserverAbsent": Case(
        (Series('otelmon_postgresql_up_ratio{service_name="postgresql",server_address="db2"}', 1, "calm", None),),
        flaps=False,
    ),
    "OtelmonObserverBlind": Case(
        (
            Series(
                f'otelmon_postgresql_view_up_ratio{{{SERVER},otelmon_view="sessions",otelmon_reason="denied"}}', None, 0
            ),
            # Read again: what it was before is fresh for a while, and is not counted.
            Series(
                f'otelmon_postgresql_view_up_ratio{{{SERVER},otelmon_view="sessions",otelmon_reason="ok"}}', 1, None
            ),
        ),
        fires_in=80,
        clears_in=70,
        flaps=False,
    ),
    # A worker of the service that is killed had come to its end by itself, as had the only process of a job.
    "OtelmonServiceSilent": Case(
        (
            Series('otelmon_heartbeat_seconds{service_name="mail",service_instance_id="1"}', 1e10, "calm", None),
            Series('otelmon_heartbeat_seconds{service_name="mail",service_instance_id="0"}', 1e10, "calm", None),
            Series('otelmon_ended_seconds{service_name="mail",service_instance_id="0"}', None, 1, None),
            Series('otelmon_heartbeat_seconds{service_name="nightly",service_instance_id="9"}', 1e10, "calm", None),
            Series('otelmon_ended_seconds{service_name="nightly",service_instance_id="9"}', None, 1, None),
        ),
        flaps=False,
    ),
    # The clock of the test begins at 0, where a beat of 0 is old and one of the year 2286 never is.
    "OtelmonWatcherStopped": Case((Series(f'otelmon_heartbeat_seconds{{{APP},service_instance_id="2"}}', 1e10, 0),)),
    "OtelmonCollectorAbsent": Case(
        (Series('otelcol_process_uptime_seconds_total{service_name="otelmon-collector"}', 10, "calm", None),),
        flaps=False,
    ),
    "OtelmonCanaryAbsent": Case(
        (
            Series(
                'traces_span_metrics_calls_total{service_name="mail",span_name="otelmon.canary"}',
                1,
                "calm",
                0,
                counter=True,
            ),
        ),
        flaps=False,
    ),
    "OtelmonWatchdog": Case((Series("up", 1),)),
}
