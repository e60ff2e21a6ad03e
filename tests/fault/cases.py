"""The table of faults: each case by its number, what is expected, and the tests that hold it.

A case that another room's tests hold already points to them; ``test_cases.py`` keeps every pointer true.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Case:
    """One fault.

    Attributes:
        number: in the table.
        fault: what is done.
        expected: what has to come of it.
        tests: node ids of pytest, without parameters.
        in_part: what of the case no test of this repository does; empty where they do all.
    """

    number: int
    fault: str
    expected: str
    tests: tuple[str, ...]
    in_part: str = ""


# The gate: run with every change. The others are run too, but for the long ones, which are marked ``fault``.
GATE = (1, 2, 3, 6, 7, 8, 12, 13, 15, 23, 25, 26, 31, 33, 34, 39, 42, 43, 44, 46)

_FAULT, _LAUNCH, _HOOKS = "tests/fault", "tests/integration/launch", "tests/integration/hooks"
_POOLS, _HOSTILE = f"{_HOOKS}/test_psycopg2_pools.py", "tests/integration/psycopg2/test_hostile.py"
_OBSERVE, _GITHUB = "tests/integration/observe/test_faults.py", f"{_FAULT}/test_github_33_to_38.py"
_FIRST, _SECOND = f"{_FAULT}/test_collector_01_to_04.py", f"{_FAULT}/test_collector_05_to_09.py"
_INPUT, _DOOR = f"{_FAULT}/test_input_45_47_48.py", "tests/integration/health/test_door.py"
_WORKERS = "tests/integration/health/test_workers.py"
_ENDS, _LONG = f"{_FAULT}/test_process_17_18_ends.py", f"{_FAULT}/test_long.py"

COLLECTOR = (
    Case(
        1,
        "port refused from the start",
        "starts within 0.5 s of usual, one warning, counted as refused",
        (f"{_FIRST}::test_01_refused_from_the_start", f"{_LAUNCH}/test_exit.py::test_refused"),
    ),
    Case(
        2,
        "socket accepts, never answers",
        "no failed request, memory within 15 MB, exit within 5 s",
        (f"{_FIRST}::test_02_accepts_and_never_answers", f"{_LAUNCH}/test_exit.py::test_silent"),
    ),
    Case(
        3,
        "killed under load, then started",
        "first span within 10 s, no span twice, memory within 15 MB, loss said once",
        (f"{_FIRST}::test_03_dies_under_load_and_comes_back", f"{_LONG}::test_03_outage_of_minutes"),
    ),
    Case(
        4,
        "killed again and again",
        "no failed request; each death costs a queue and a batch at most",
        (f"{_FIRST}::test_04_dies_again_and_again",),
    ),
    Case(
        5,
        "503 with Retry-After: 3600",
        "no sleep beyond the deadline, queue bounded",
        (
            f"{_SECOND}::test_05_asked_to_come_back_in_an_hour",
            "tests/unit/exporters/test_booking.py::test_receiver_that_asks_for_an_hour_does_not_get_it",
        ),
    ),
    Case(
        6,
        "400, 401, 413, 415",
        "not sent again, counted by reason",
        (
            f"{_SECOND}::test_06_refused_for_good",
            "tests/unit/exporters/test_booking.py::test_final_status_is_booked_as_a_loss_and_not_retried",
        ),
    ),
    Case(7, "200 that rejects 30 % of the spans", "the rejected are booked", (f"{_SECOND}::test_07_takes_a_part",)),
    Case(
        8,
        "answer of one byte a second; body of 1 GB",
        "deadline holds; memory within 5 MB",
        (f"{_SECOND}::test_08_answers_one_byte_a_second", f"{_SECOND}::test_08_body_of_a_gigabyte"),
    ),
    Case(
        9,
        "the name cannot be resolved",
        "the exporter's thread waits, no other",
        (f"{_SECOND}::test_09_name_cannot_be_resolved",),
    ),
    Case(
        10,
        "certificate expired, of another host; plain HTTP on the TLS port",
        "refused with the reason, no secret in the log",
        (
            f"{_FAULT}/test_collector_10_tls.py::test_10_receiver_that_is_not_trusted",
            f"{_FAULT}/test_collector_10_tls.py::test_10_trusted_receiver_is_delivered_to",
        ),
    ),
    Case(
        11,
        "packets dropped without a reset",
        "as 2, and spans arrive within 10 s of the repair",
        (f"{_FAULT}/test_collector_11_to_12.py::test_11_packets_are_dropped_without_a_reset",),
    ),
    Case(
        12,
        "more than the queue holds",
        "the oldest dropped and counted; begin and end of the loss said once",
        (f"{_FAULT}/test_collector_11_to_12.py::test_12_more_than_the_queue_holds",),
    ),
)
PROCESS = (
    Case(
        13,
        "SIGTERM under load: gunicorn sync and gthread",
        "stops within 5 s, each span delivered or counted",
        (
            f"{_FAULT}/test_process_13_servers.py::test_13_sigterm_under_load",
            "tests/life/test_servers.py::test_gunicorn",
            "tests/life/test_servers.py::test_gunicorn_with_gevent",
            "tests/life/test_servers.py::test_uwsgi",
        ),
        "gevent and uWSGI, which make test-life runs",
    ),
    Case(
        14,
        "SIGKILL",
        "the sign of life grows old; the next start tells of it",
        (
            f"{_LAUNCH}/test_signs_of_life.py::test_a_killed_process_leaves_a_file_that_grows_old",
            f"{_LAUNCH}/test_signs_of_life.py::test_the_next_start_tells_of_the_killed",
        ),
    ),
    Case(
        15,
        "forks with a full queue, and inside a callback",
        "no hang, no span twice",
        (
            f"{_FAULT}/test_process_15_forks.py::test_15_fork_at_a_bad_moment",
            f"{_LAUNCH}/test_exit.py::test_forked_children_have_a_watch_and_books_of_their_own",
            "tests/life/test_forks.py::test_a_few_forks",
            "tests/life/test_forks.py::test_a_thousand_forks",
        ),
    ),
    Case(
        16,
        "multiprocessing by spawn and fork",
        "children are seen and leave nothing behind",
        (
            f"{_WORKERS}::test_children_of_multiprocessing_are_shown_and_leave_without_a_word",
            "tests/life/test_endings.py::test_children_of_multiprocessing",
            "tests/life/test_celery.py::test_prefork_workers_with_few_tasks_each",
        ),
        "Celery, which make test-life runs",
    ),
    Case(
        17,
        "exit while a delivery is tried, inside a span, from a thread, with work of the application at exit",
        "in time, with the application's exit code, no traceback",
        (f"{_ENDS}::test_17_ends_in_time", f"{_LAUNCH}/test_exit.py::test_unwilling"),
    ),
    Case(
        18,
        "no thread can be started, at the end or ever",
        "silent, counted; the application runs",
        (
            f"{_ENDS}::test_18_no_thread_from_the_beginning",
            f"{_ENDS}::test_17_ends_in_time",
            "tests/unit/registry/test_reader_thread.py::test_no_thread_can_start",
        ),
    ),
    Case(
        19,
        "the wall clock steps",
        "times stay true, no negative figure, no false leak",
        (f"{_FAULT}/test_clocks_19.py::test_19_wall_clock_steps",),
        "a suspended machine",
    ),
    Case(
        20,
        "no descriptor, no memory left",
        "degraded, not dead",
        (f"{_FAULT}/test_limits_20.py::test_20_nothing_left",),
        "a full disk under the Collector's queue",
    ),
    Case(
        21,
        "hardly any stack left",
        "the guard swallows; a span ends as without otelmon",
        (
            f"{_FAULT}/test_stack_21.py::test_21_guard_swallows_with_hardly_any_stack",
            f"{_FAULT}/test_stack_21.py::test_21_span_ends_as_without_otelmon",
        ),
    ),
    Case(
        22,
        "log lines leave by OTLP, requests is observed",
        "no export leads to another",
        (f"{_FAULT}/test_feedback_22.py::test_22_exports_are_not_observed",),
    ),
)
DATABASE = (
    Case(
        23,
        "backend terminated in mid-query",
        "psycopg2's own error, a failed span, the right pool count",
        (
            f"{_HOSTILE}::test_a_backend_terminated_in_mid_query",
            f"{_POOLS}::test_killed_server_process_is_psycopg2_s_matter",
        ),
    ),
    Case(
        24,
        "server restarted under 100 connections",
        "the application meets what it would meet; no leak reported",
        ("tests/integration/whole/test_restart.py::test_restart_under_a_hundred_connections",),
    ),
    Case(
        25,
        "pool exhausted",
        "exception untouched, counted, told",
        (
            f"{_POOLS}::test_exhausted_pool_raises_as_ever_and_is_counted",
            f"{_HOOKS}/test_pool_exhaustion.py::test_two_holders_are_named_within_two_seconds",
            "tests/alerts/test_rules.py::test_rules_do_what_is_expected",
        ),
    ),
    Case(
        26,
        "connection never returned, twice, to the wrong pool, closed, dropped; a million normal checkouts",
        "leaks told by kind, none false",
        (
            f"{_POOLS}::test_connection_never_returned_is_a_leak_once",
            f"{_POOLS}::test_connection_returned_twice",
            f"{_POOLS}::test_connection_returned_to_the_wrong_pool_is_still_out",
            f"{_POOLS}::test_closed_connection_is_returned",
            f"{_HOOKS}/test_pool_leaks.py::test_kept_connection_is_a_leak_of_its_kind",
            f"{_HOOKS}/test_pool_leaks.py::test_dropped_connection_is_abandoned",
            f"{_HOOKS}/test_pool_leaks.py::test_normal_use_leaks_nothing",
            f"{_LONG}::test_26_a_million_checkouts",
        ),
    ),
    Case(
        27,
        "putconn on a closed pool",
        "the error passes, the table is cleaned",
        (
            f"{_POOLS}::test_closed_pool_is_forgotten_and_fails_as_ever",
            f"{_POOLS}::test_pool_closed_while_a_return_is_under_way_cleans_up",
        ),
    ),
    Case(
        28,
        "10 000 pools made and dropped",
        "memory flat",
        (
            f"{_POOLS}::test_ten_thousand_dropped_pools_leave_nothing",
            "tests/integration/whole/test_growth.py::test_pools_made_and_dropped",
        ),
    ),
    Case(
        29,
        "pg_stat_statements missing, not preloaded, in another schema, of an older version",
        "the view says so",
        (
            f"{_OBSERVE}::test_missing_extension_is_said",
            "tests/integration/observe/test_servers.py::test_library_not_preloaded_is_said",
            "tests/sql/test_sql_layouts.py::test_not_preloaded_is_said_so",
            "tests/sql/test_sql_install.py::test_installs_without_any_extension",
            "tests/sql/test_sql_install.py::test_outdated_extension_is_said_to_be_outdated",
        ),
    ),
    Case(
        30,
        "statistics reset, server restarted",
        "seen as a reset, never negative",
        (
            f"{_OBSERVE}::test_statistics_reset_is_told_and_counted_exactly",
            "tests/sql/test_sql_history.py::test_deltas_over_a_reset_are_exact",
            "tests/sql/test_sql_history.py::test_database_counters_over_a_reset_are_never_negative",
            "tests/integration/observe/test_servers.py::test_restart_is_waited_for_and_told",
        ),
    ),
    Case(
        31,
        "role without pg_read_all_stats",
        "told as denied, never as zero",
        (
            f"{_OBSERVE}::test_removed_rights_are_denied_and_come_back",
            "tests/sql/test_sql_layouts.py::test_missing_pg_monitor_is_denied_and_not_empty",
        ),
    ),
    Case(
        32,
        "ACCESS EXCLUSIVE lock, slow view, standby, PgBouncer in transaction mode",
        "each view answers or is cancelled; the application is not delayed",
        (
            f"{_OBSERVE}::test_locked_tables_are_not_waited_for",
            f"{_OBSERVE}::test_slow_view_is_cancelled",
            "tests/sql/test_sql_cli.py::test_locked_tables_hold_no_view_up",
            "tests/integration/observe/test_servers.py::test_standby_is_read_and_told_apart",
            "tests/integration/diagnostics/test_pooler.py::test_pooler_is_said_and_no_wrong_fact_told",
        ),
        "10 000 tables and 500 sessions are measured by make bench-sql",
    ),
)
GITHUB = (
    Case(
        33,
        "headers absent, unreadable, twice, in another case",
        "unknown, never 0 %, never an exception",
        (
            f"{_GITHUB}::test_33_unreadable_header_is_unknown",
            f"{_GITHUB}::test_33_absent_headers_are_unknown",
            f"{_GITHUB}::test_33_a_header_that_comes_twice_is_unknown_and_its_case_does_not_matter",
        ),
    ),
    Case(
        34,
        "403 and 429 of each kind",
        "primary, secondary and permission told apart",
        (f"{_GITHUB}::test_34_each_refusal_has_one_reason",),
    ),
    Case(
        35,
        "reset in the past, clock 10 min off, Retry-After as a date",
        "no negative time",
        (
            f"{_GITHUB}::test_35_remaining_time_is_never_negative",
            f"{_GITHUB}::test_35_reset_that_is_no_time_is_unknown",
            f"{_GITHUB}::test_35_retry_after_is_never_negative",
        ),
    ),
    Case(
        36,
        "redirect, 304, HTML of a gateway, body never read",
        "body untouched",
        (f"{_GITHUB}::test_36_body_is_not_touched",),
    ),
    Case(
        37,
        "look-alike hosts",
        "only configured hosts count",
        (f"{_GITHUB}::test_37_only_configured_hosts_count",),
    ),
    Case(
        38,
        "10 000 tokens in a process",
        "hashed, bounded, never a label",
        (f"{_GITHUB}::test_38_ten_thousand_tokens_are_hashed_and_bounded",),
    ),
)
OWN_PARTS = (
    Case(
        39,
        "hooks, readers, exporters raise, return rubbish, hang",
        "the others are unaffected; who hangs is cut off after two collections",
        (
            "tests/unit/registry/test_named_readers.py::test_bad_reader_is_absent_and_counted",
            "tests/unit/registry/test_reader_thread.py::test_hanging_reader_is_left_out",
            "tests/integration/caches/test_service.py::test_hanging_reader_costs_nobody_anything",
            "tests/unit/exporters/test_booking.py::test_exception_of_an_exporter_is_booked_and_passes",
            f"{_POOLS}::test_failure_of_ours_changes_nothing",
            f"{_HOOKS}/test_github_answers.py::test_failure_of_ours_changes_nothing",
            f"{_HOSTILE}::test_errors_of_our_own_stay_ours",
        ),
    ),
    Case(
        40,
        "two tracing products, otelmon loaded twice, installed 100 times",
        "one span each, every function restored",
        (
            f"{_LAUNCH}/test_roads.py::test_wrapper_and_code",
            f"{_LAUNCH}/test_sentry.py::test_error_is_linked_to_the_trace",
            f"{_LAUNCH}/test_disabled.py::test_uninstrument_restores_the_very_same_objects",
            f"{_POOLS}::test_hundred_installations_leave_the_very_same_objects",
            f"{_HOOKS}/test_github_answers.py::test_hundred_installations_leave_the_very_same_objects",
        ),
        "ddtrace",
    ),
    Case(
        41,
        "health: port taken, flood, slow callers",
        "the application is unaffected, connections are bounded",
        (
            f"{_DOOR}::test_an_address_that_a_stranger_has_is_told_once_and_taken_when_free",
            f"{_DOOR}::test_slow_callers_do_not_keep_others_out",
            f"{_DOOR}::test_a_flood_is_answered_at_its_pace",
        ),
    ),
)
INPUT = (
    Case(
        42,
        "any statement and parameter",
        "the outcome is the driver's; text within 4 KB; linear time",
        (
            f"{_HOSTILE}::test_any_statement",
            f"{_HOSTILE}::test_any_parameters",
            "tests/unit/rules/test_sql_redaction.py::test_time_grows_with_length_only",
        ),
    ),
    Case(
        43,
        "literals in every syntax",
        "none leaves",
        (
            "tests/unit/rules/test_planted_values.py::test_statement_keeps_no_value",
            "tests/unit/rules/test_planted_values.py::test_statement_cut_anywhere_keeps_no_value",
            "tests/unit/rules/test_sql_redaction.py::test_no_value_leaves_any_statement",
            "tests/sql/test_sql_reader.py::test_planted_secrets_appear_in_no_view",
        ),
    ),
    Case(
        44,
        "database errors that carry values of rows",
        "detail and context dropped everywhere",
        (
            "tests/unit/rules/test_planted_values.py::test_error_keeps_no_value",
            "tests/unit/rules/test_planted_values.py::test_raised_error_keeps_no_value",
            "tests/unit/rules/test_error_redaction.py::test_message_becomes",
            "tests/unit/rules/test_error_redaction.py::test_trace_keeps_frames_and_type",
        ),
    ),
    Case(
        45,
        "addresses with tokens, IPv6, punycode, 64 KB, invalid; no method",
        "host and template only; the caller sees the library's own outcome",
        (
            f"{_INPUT}::test_45_any_address",
            "tests/unit/rules/test_url_redaction.py::test_url_becomes",
            "tests/unit/rules/test_planted_values.py::test_url_keeps_no_value",
        ),
    ),
    Case(
        46,
        "environment: empty, yes, 500ms, nan, 1 MB",
        "named in one line, default used, the application starts",
        (
            f"{_FAULT}/test_settings_46_50.py::test_46_any_text_in_any_variable",
            f"{_FAULT}/test_settings_46_50.py::test_46_any_text_in_opentelemetrys_numbers",
            f"{_FAULT}/test_settings_46_50.py::test_46_application_starts_with_all_of_it",
        ),
    ),
    Case(
        47,
        "attribute values: NaN, 2**70, 10 MB, objects that raise",
        "as with the SDK alone; dropped or cut, the span arrives",
        (
            f"{_INPUT}::test_47_any_attribute_value",
            "tests/unit/rules/test_attribute_redaction.py::test_value_is_dropped",
            "tests/unit/rules/test_attribute_redaction.py::test_otlp_can_carry_whatever_is_left",
        ),
    ),
    Case(
        48,
        "traceparent and baggage: malformed, 8 KB, 1000 members, secrets",
        "ignored; never in logs, statements or labels",
        (f"{_INPUT}::test_48_any_incoming_header",),
    ),
    Case(
        49,
        "cache readers: backwards, negative, None, huge, raising",
        "unknown, no ratio invented",
        (
            f"{_FAULT}/test_cache_readers_49.py::test_49_strange_readings_are_unknown",
            f"{_FAULT}/test_cache_readers_49.py::test_49_reader_that_raises_is_left_out_alone",
        ),
    ),
    Case(
        50,
        "settings that contradict each other",
        "named in one line, a safe pair used",
        (
            f"{_FAULT}/test_settings_46_50.py::test_50_batch_and_queue",
            f"{_FAULT}/test_settings_46_50.py::test_50_application_runs_with_contradicting_settings",
            "tests/alerts/test_given.py::test_warning_above_critical_is_refused",
        ),
    ),
)
CASES = (*COLLECTOR, *PROCESS, *DATABASE, *GITHUB, *OWN_PARTS, *INPUT)
