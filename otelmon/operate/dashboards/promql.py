"""Puts a viewer's choices into the PromQL of a panel."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

BRACES = re.compile(r"\{([^{}]*)\}")
WORD = re.compile(r"\b(RANGE|STEP|RATE)\b")
ENVIRONMENT = ("deployment_environment_name", "environment")
CHOICES = {
    "APP": (("service_name", "service"), ENVIRONMENT),
    "DB": (("db_namespace", "database"),),
    "ENV": (ENVIRONMENT,),
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """Holds what the words in capitals become: lengths of time by word, and whether choices are variables."""

    lengths: Mapping[str, str]
    variables: bool


GRAFANA = Dialect({"RANGE": "$__range", "STEP": "$__interval", "RATE": "$__rate_interval"}, variables=True)
# The page of VictoriaMetrics has no variables: everything is shown, over a quarter of an hour or a minute.
VMUI = Dialect({"RANGE": "15m", "STEP": "1m", "RATE": "1m"}, variables=False)


def counted(metric: str, window: str) -> str:
    """Returns PromQL of how many events each series has counted in a window, exactly.

    ``increase`` loses what a counter that begins within the window had counted at its first point: the first slow call
    of a process. Counters of applications begin anew with each process, as other series, so that none ever falls.

    Args:
        metric: a counter with its matchers.
        window: RANGE, STEP or RATE.
    """
    last, before = f"last_over_time({metric}[{window}])", f"last_over_time({metric}[5m] offset {window})"
    return f"(clamp_min({last} - {before}, 0) or ({last} unless {before}))"


def spelled(promql: str, dialect: Dialect) -> str:
    """Returns PromQL that can be asked."""
    chosen = BRACES.sub(lambda found: _matchers(found[1], dialect), promql)
    return WORD.sub(lambda found: dialect.lengths[found[1]], chosen)


def _matchers(inside: str, dialect: Dialect) -> str:
    """Returns matchers in braces, or nothing where there are none."""
    written: list[str] = []
    for part in filter(None, (each.strip() for each in inside.split(","))):
        pairs = CHOICES.get(part)
        if pairs is None:
            written.append(part)
        elif dialect.variables:
            written += [f'{label}=~"${variable}"' for label, variable in pairs]
    return "{" + ",".join(written) + "}" if written else ""
