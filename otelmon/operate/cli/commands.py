"""The tree of commands; each group is a file beside this one."""

from __future__ import annotations

from importlib.metadata import version

import click

from otelmon.operate.cli.deferred import DeferredCommand, DeferredGroup


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(version("otelmon"), prog_name="otelmon", message="%(prog)s %(version)s")
def otelmon() -> None:
    """Production performance monitoring for Python services on PostgreSQL that call the GitHub API.

    An application needs none of these commands: it starts with `opentelemetry-instrument python app.py`. They are for
    those who run what stands behind it.

    Exit codes: 0 good, 1 something was found, 2 the command could not run.
    """


otelmon.add_command(DeferredCommand("advise", "Say what indexes, tables and settings of a database need."))
otelmon.add_command(DeferredGroup("alerts", "Render alert rules and routes from your thresholds."))
otelmon.add_command(DeferredCommand("baseline", "Propose thresholds from recorded data."))
otelmon.add_command(DeferredCommand("canary", "Send canaries; look for them behind every hop of the pipeline."))
otelmon.add_command(
    DeferredGroup("collector", "Build, check and run the OpenTelemetry Collector.", module="collector_commands")
)
otelmon.add_command(
    DeferredCommand("settings", "Show every variable, its value and its origin.", module="settings_command")
)
otelmon.add_command(DeferredCommand("drill", "Break a stack on purpose; measure who is told, and when."))
otelmon.add_command(DeferredGroup("sql", "Install, check and use the schema otelmon in a PostgreSQL database."))
otelmon.add_command(DeferredCommand("observe", "Watch one database; send metrics and events by OTLP."))
otelmon.add_command(DeferredCommand("page", "Serve one page that shows what is going on, and each trace."))
otelmon.add_command(DeferredGroup("sentry", "Keep monitors and alerts in Sentry as files; find what it would drop."))
otelmon.add_command(
    DeferredCommand("doctor", "Follow a canary from hop to hop; say what is broken and how to mend it.")
)
otelmon.add_command(DeferredCommand("status", "Show what a team keeps an eye on, in the terminal."))
