"""Does everything report, and does what it reports arrive?"""

from __future__ import annotations

from otelmon.operate.dashboards.panel import Dashboard, Query, Row, bars, curve, figure
from otelmon.operate.dashboards.promql import counted

LOST = "otelmon_spans_lost_total{APP}"
STARTED = "otelmon_spans_started_total{APP}"
ERRORS = "otelmon_internal_errors_total{APP}"
BEAT = "otelmon_heartbeat_seconds{APP}"
VIEW = "service_instance_id, otelmon_view"
UP = "otelmon_postgresql_view_up_ratio{ENV}"
# The newest point of each view alone: one with another reason stays in the store for some minutes.
DOWN = f"({UP} == 0) and (timestamp({UP}) >= on ({VIEW}) group_left () max by ({VIEW}) (timestamp({UP})))"

HEALTH = Dashboard(
    "health",
    "otelmon: health",
    "Does everything report, and does what it reports arrive? Begin here.",
    (
        Row(
            "Now",
            (
                figure(
                    "alerts",
                    "Alerts firing",
                    "Alerts of every severity but the dead man's switch. What they are stands in Alertmanager.",
                    'count(ALERTS{alertstate="firing",severity!="none"}) or vector(0)',
                ),
                figure(
                    "processes",
                    "Processes that report",
                    "Processes whose watch thread ran within the last minute.",
                    f"count(time() - {BEAT} < 60)",
                ),
                figure(
                    "servers",
                    "Databases observed",
                    "Databases that an observer is connected to.",
                    "sum(otelmon_postgresql_up_ratio{ENV})",
                ),
                figure(
                    "views down",
                    "Views not read",
                    "Views of the schema otelmon that an observer cannot read; below is why.",
                    f"count({DOWN}) or 0 * sum(otelmon_postgresql_up_ratio{{ENV}})",
                    warning="views_unreadable",
                ),
                figure(
                    "spans lost",
                    "Spans lost",
                    "Spans of applications that did not arrive, in the time shown; 0 only where somebody counts.",
                    f"sum({counted(LOST, 'RANGE')}) or 0 * sum({STARTED})",
                    warning="spans_lost",
                ),
                figure(
                    "own errors now",
                    "otelmon's own errors",
                    "Errors of otelmon's code that its guard has swallowed; the application did not notice them.",
                    f"sum({counted(ERRORS, 'RANGE')}) or 0 * sum({STARTED})",
                ),
            ),
        ),
        Row(
            "Applications",
            (
                curve(
                    "sign of life",
                    "Last sign of life",
                    "Seconds since the watch thread of each process ran; a line that rises is a process that hangs.",
                    Query(
                        f"time() - max by (service_name, service_instance_id) ({BEAT})",
                        "{{service_name}} {{service_instance_id}}",
                    ),
                    unit="s",
                    warning="watcher_stopped",
                ),
                curve(
                    "spans",
                    "Spans",
                    "Handed to exporters, delivered, and lost, a second. What is not yet delivered is queued.",
                    Query(f"sum(rate({STARTED}[RATE]))", "started"),
                    Query("sum(rate(otelmon_spans_delivered_total{APP}[RATE]))", "delivered"),
                    Query(f"sum by (reason) (rate({LOST}[RATE]))", "lost: {{reason}}"),
                    unit="ops",
                ),
                bars(
                    "own errors",
                    "otelmon's own errors by site",
                    "Where otelmon's code has failed.",
                    Query(f"sum by (site) ({counted(ERRORS, 'STEP')})", "{{site}}"),
                ),
            ),
        ),
        Row(
            "Collector and observers",
            (
                curve(
                    "queues",
                    "Queues of the Collector",
                    "How full each exporter's queue on disk is. It fills while a back end is away.",
                    Query(
                        "max by (exporter, data_type) (otelcol_exporter_queue_size / otelcol_exporter_queue_capacity)",
                        "{{exporter}} {{data_type}}",
                    ),
                    unit="percentunit",
                    warning="collector_queue_warning",
                    critical="collector_queue_critical",
                ),
                curve(
                    "sent",
                    "Spans the Collector sent",
                    "To each back end, a second; and what it could not send.",
                    Query("sum by (exporter) (rate(otelcol_exporter_sent_spans_total[RATE]))", "{{exporter}}"),
                    Query(
                        "sum by (exporter) (rate(otelcol_exporter_send_failed_spans_total[RATE]))",
                        "failed: {{exporter}}",
                    ),
                    unit="ops",
                ),
                curve(
                    "view age",
                    "Age of what observers know",
                    "Seconds since a view was read; each has its own interval.",
                    Query("max by (otelmon_view) (otelmon_postgresql_view_age_seconds{ENV})", "{{otelmon_view}}"),
                    unit="s",
                ),
                curve(
                    "views by reason",
                    "Views that cannot be read",
                    "By reason; docs/observe.md says what each means and how to mend it.",
                    Query(
                        f"count by (otelmon_view, otelmon_reason) ({DOWN})",
                        "{{otelmon_view}}: {{otelmon_reason}}",
                    ),
                ),
                curve(
                    "collector memory",
                    "Memory of the Collector",
                    "Resident memory; its limit is OTELMON_COLLECTOR_MEMORY_LIMIT_MIB.",
                    Query("max by (service_instance_id) (otelcol_process_memory_rss_bytes)", "{{service_instance_id}}"),
                    unit="bytes",
                ),
            ),
        ),
    ),
)
