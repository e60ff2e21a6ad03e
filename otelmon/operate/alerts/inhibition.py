"""Which alert makes which others needless: one notification for one cause."""

from __future__ import annotations

from dataclasses import dataclass

# What tells two alerts of one name apart; labels that neither has are equal.
IDENTITY = (
    "alertname", "environment", "service", "version", "server", "database", "db_client_connection_pool_name",
    "db_operation_name", "db_collection_name", "owner", "resource", "exporter", "data_type", "path", "instance",
    "postgresql_application_name",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Inhibition:
    """Says that while a cause fires, some symptoms that share labels with it notify nobody."""

    cause: str
    symptoms: tuple[str, ...]
    equal: tuple[str, ...]


INHIBITIONS: tuple[Inhibition, ...] = (
    Inhibition("OtelmonPoolExhausted", ("OtelmonPoolPressure",), ("environment", "service", "server", "database")),
    Inhibition("OtelmonConnectionLeaks", ("OtelmonPoolPressure",), ("environment", "service", "server", "database")),
    Inhibition("OtelmonServerConnectionsExhausted", ("OtelmonServerConnections",), ("environment", "server")),
    Inhibition("OtelmonBlockingChain", ("OtelmonIdleInTransaction",), ("environment", "server")),
    Inhibition(
        "OtelmonSlowQueries",
        ("OtelmonQueriesSlowerThanUsual",),
        ("environment", "service", "database"),
    ),
    Inhibition("OtelmonQueriesSlowerThanUsual", ("OtelmonStatementSlowerThanUsual",), ("environment", "server")),
    Inhibition(
        "OtelmonDatabaseDown",
        (
            "OtelmonDatabaseErrors",
            "OtelmonPoolPressure",
            "OtelmonPoolExhausted",
            "OtelmonConnectionLeaks",
            "OtelmonObserverBlind",
            "OtelmonStandbyGone",
            "OtelmonServerConnectionsExhausted",
        ),
        ("environment", "server"),
    ),
    # The server of a failing request is not known; while a database is down the budget burns for a known reason.
    Inhibition("OtelmonDatabaseDown", ("OtelmonErrorBudgetBurn",), ("environment",)),
    Inhibition(
        "OtelmonStandbyGone", ("OtelmonReplicationLag",), ("environment", "server", "postgresql_application_name")
    ),
    Inhibition(
        "OtelmonGitHubBudgetExhausted",
        ("OtelmonGitHubBudget", "OtelmonGitHubBudgetBurning"),
        ("environment", "owner", "resource"),
    ),
    # Whose budget it was a refusal does not say.
    Inhibition("OtelmonGitHubBudgetExhausted", ("OtelmonGitHubThrottled",), ("environment", "resource")),
    Inhibition("OtelmonGitHubBudget", ("OtelmonGitHubBudgetBurning",), ("environment", "owner", "resource")),
    Inhibition("OtelmonCollectorDropping", ("OtelmonCollectorQueue",), ("environment", "exporter")),
    Inhibition(
        "OtelmonBackendDown",
        ("OtelmonCollectorQueue", "OtelmonExportFailing"),
        ("environment", "exporter"),
    ),
    Inhibition("OtelmonServiceSilent", ("OtelmonWatcherStopped", "OtelmonCanaryAbsent"), ("environment", "service")),
    # No Collector at all speaks, so whoever sends through one is silent too.
    Inhibition(
        "OtelmonCollectorAbsent",
        ("OtelmonServiceSilent", "OtelmonObserverAbsent", "OtelmonSpansLost", "OtelmonCanaryAbsent"),
        (),
    ),
)


def documents() -> list[dict[str, object]]:
    """Returns the inhibit_rules of Alertmanager; critical comes before warning in each alert of ours."""
    found: list[dict[str, object]] = [
        {
            "source_matchers": ['product = "otelmon"', 'severity = "critical"'],
            "target_matchers": ['product = "otelmon"', 'severity = "warning"'],
            "equal": list(IDENTITY),
        }
    ]
    found.extend(
        {
            "source_matchers": [f'alertname = "{each.cause}"'],
            "target_matchers": [f'alertname =~ "{"|".join(each.symptoms)}"'],
            "equal": list(each.equal),
        }
        for each in INHIBITIONS
    )
    return found
