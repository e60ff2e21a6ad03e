"""Brings the programs of all parts: found on the machine, from the cache, or built now."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from demo.parts import postgres_programs
from demo.parts.errors import PartError
from demo.parts.places import ROOT, cache_directory
from otelmon.operate.cli.build_progress import building
from otelmon.operate.collector.build import build_program, collector_program
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.parts.steps import Steps

LONGEST_REASON = 300
JAEGER = (ROOT / "parts" / "jaeger", "github.com/jaegertracing/jaeger/cmd/jaeger", "jaeger")
VICTORIAMETRICS = (
    ROOT / "parts" / "victoriametrics",
    "github.com/VictoriaMetrics/VictoriaMetrics/app/victoria-metrics",
    "victoria-metrics",
)


VMALERT = (VICTORIAMETRICS[0], "github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert", "vmalert")
VMALERT_TOOL = (VICTORIAMETRICS[0], "github.com/VictoriaMetrics/VictoriaMetrics/app/vmalert-tool", "vmalert-tool")
ALERTMANAGER = (ROOT / "parts" / "alertmanager", "github.com/prometheus/alertmanager/cmd/alertmanager", "alertmanager")
AMTOOL = (ALERTMANAGER[0], "github.com/prometheus/alertmanager/cmd/amtool", "amtool")


@dataclass(frozen=True, slots=True)
class Programs:
    """Holds where the programs lie; ``postgres`` is the directory of a server's programs."""

    postgres: Path
    collector: Path
    jaeger: Path
    victoriametrics: Path
    vmalert: Path
    vmalert_tool: Path
    alertmanager: Path
    amtool: Path


def bring(steps: Steps) -> Programs:
    """Returns every program; builds take some minutes the first time.

    Raises:
        PartError: when one of them cannot be had.
    """
    server = postgres_programs.find(cache_directory(), steps.say)
    return Programs(
        postgres=server,
        collector=collector(steps),
        jaeger=go_program(steps, *JAEGER),
        victoriametrics=go_program(steps, *VICTORIAMETRICS),
        vmalert=go_program(steps, *VMALERT),
        vmalert_tool=go_program(steps, *VMALERT_TOOL),
        alertmanager=go_program(steps, *ALERTMANAGER),
        amtool=go_program(steps, *AMTOOL),
    )


def collector(steps: Steps) -> Path:
    """Returns the Collector of this project."""
    with building("the Collector", steps.console) as progress, one_line_for_builds():
        return collector_program(progress=progress)


def go_program(steps: Steps, module: Path, package: str, name: str) -> Path:
    """Returns a program of a Go module in parts/."""
    with building(name, steps.console) as progress, one_line_for_builds():
        return build_program(module, package, name, progress=progress)


@contextmanager
def one_line_for_builds() -> Iterator[None]:
    """Turns the report of a failed build, or a cache that cannot be written, into one line."""
    try:
        yield
    except OperateError as error:
        what = " ".join(str(error).split())
        shown = what if len(what) <= LONGEST_REASON else f"{what[:LONGEST_REASON]}..."
        raise PartError(shown, "see whether the module proxy answers, then start again") from error
    except OSError as error:
        place = error.filename or cache_directory()
        raise PartError(
            f"{place} cannot be written ({error.strerror})", "set OTELMON_CACHE_DIR to a place of yours"
        ) from error
