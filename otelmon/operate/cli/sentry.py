"""``otelmon sentry plan | apply | lint | projects``."""

from __future__ import annotations

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from otelmon.operate.errors import OperateError
from otelmon.operate.resources import folder
from otelmon.operate.sentry import apply as applying
from otelmon.operate.sentry.api import SentryApi
from otelmon.operate.sentry.definitions import Definitions, read
from otelmon.operate.sentry.lint import Finding, lint_file
from otelmon.operate.sentry.projects import overlay, parse
from otelmon.operate.sentry.terraform import terraform

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.operate.sentry.plan import Plan, Step

TOKEN = "SENTRY_AUTH_TOKEN"  # noqa: S105 - the name of a variable
_SIGNS = {"make": "+", "change": "~", "keep": "="}


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """Adds what every command needs to find Sentry and the definitions."""
    for option in (
        click.option("--organization", envvar="SENTRY_ORG", help="Slug of the organization; SENTRY_ORG."),
        click.option("--project", envvar="SENTRY_PROJECT", help="Slug of the project; SENTRY_PROJECT."),
        click.option("--url", envvar="SENTRY_URL", default="https://sentry.io", show_default=True, help="SENTRY_URL."),
        click.option(
            "--file",
            "files",
            multiple=True,
            type=click.Path(path_type=Path),
            help="Definitions of your own instead of those that ship; may be given several times.",
        ),
    ):
        command = option(command)
    return command


@click.group()
def sentry() -> None:
    """Keep monitors and alerts in Sentry as files, and find what Sentry would drop.

    The token is read from SENTRY_AUTH_TOKEN alone and shown nowhere; it needs alerts:read and alerts:write.
    """


@sentry.command("plan")
@_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.option("--terraform", "as_terraform", is_flag=True, help="Print the definitions as Terraform; asks nobody.")
@click.pass_context
def plan_command(  # noqa: PLR0913, PLR0917 - one parameter an option
    context: click.Context,
    organization: str | None,
    project: str | None,
    url: str,
    files: tuple[Path, ...],
    as_json: bool,
    as_terraform: bool,
) -> None:
    """Show what is not as defined, changes by hand included; nothing is changed.

    Exit code 1 when something would have to be done.
    """
    definitions = _definitions(files)
    if as_terraform:
        named = _given(organization, "--organization"), _given(project, "--project")
        click.echo(terraform(definitions, *named), nl=False)
        return
    sentry_api = _sentry(url, organization, project)
    try:
        found = applying.planned(definitions, sentry_api)
    finally:
        sentry_api.close()
    click.echo(json.dumps(asdict(found), indent=2)) if as_json else _print(found)
    if found.changes:
        context.exit(1)


@sentry.command("apply")
@_options
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
def apply_command(
    organization: str | None, project: str | None, url: str, files: tuple[Path, ...], as_json: bool
) -> None:
    """Make and change monitors and alerts until all is as defined; what is not defined is left alone."""
    definitions = _definitions(files)
    sentry_api = _sentry(url, organization, project)
    done: list[Step] = []
    try:
        changed = applying.apply(definitions, sentry_api, done.append)
    finally:
        sentry_api.close()
    if as_json:
        click.echo(json.dumps({"changed": changed, "steps": [asdict(step) for step in done]}, indent=2))
        return
    for step in done:
        click.echo(f"{_SIGNS[step.doing]} {step.kind} {step.name}")
    click.echo(f"{changed} changed")


@sentry.command()
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")
@click.pass_context
def lint(context: click.Context, files: tuple[Path, ...], as_json: bool) -> None:
    """Say what Sentry would drop or not be able to search of telemetry in files.

    FILES hold OTLP as JSON, one request a line, as the Collector's file exporter writes it. Exit code 1 when something
    was found.
    """
    found: list[Finding] = [finding for path in files for finding in lint_file(path)]
    if as_json:
        click.echo(json.dumps([asdict(each) for each in found], indent=2))
    for each in () if as_json else found:
        click.echo(f"{each.what} ({each.count} times, first in {each.first}): {each.remedy}")
    if not as_json:
        click.echo(f"{len(found)} findings")
    if found:
        context.exit(1)


@sentry.command("projects")
@click.argument("rules", nargs=-1, required=True)
def projects_command(rules: tuple[str, ...]) -> None:
    """Print the Collector's configuration for more Sentry projects than one.

    RULES are of the form name=attribute:value,value. Addresses and keys are read by the Collector from
    OTELMON_COLLECTOR_SENTRY_<NAME>_ENDPOINT and _KEY.

    \b
    Example:
      otelmon sentry projects web=service.name:web,api > sentry-projects.yaml
      otelmon collector run --config=sentry-projects.yaml
    """  # noqa: D301 - click reads the escaped b as "do not wrap"
    click.echo(overlay([parse(rule) for rule in rules]), nl=False)


def _definitions(files: tuple[Path, ...]) -> Definitions:
    return read(files or sorted((folder("alerts") / "sentry").glob("*.yaml")), os.environ)


def _sentry(url: str, organization: str | None, project: str | None) -> SentryApi:
    token = os.environ.get(TOKEN, "").strip()
    named = _given(organization, "--organization"), _given(project, "--project")
    if not token:
        raise OperateError(f"{TOKEN} is not set: make a token with the scopes alerts:read and alerts:write")
    return SentryApi(url, *named, token)


def _given(value: str | None, option: str) -> str:
    if not value:
        raise OperateError(f"{option} is not given")
    return value


def _print(found: Plan) -> None:
    for step in found.steps:
        click.echo(f"{_SIGNS[step.doing]} {step.kind} {step.name}")
        for each in step.differences:
            click.echo(f"    {each.field}: is {each.is_now}, defined {each.defined}")
    for name in found.others:
        click.echo(f"  not defined here: {name}")
    click.echo(f"{len(found.changes)} to do")
