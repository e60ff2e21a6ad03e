"""Every variable of otelmon with its value now and where that came from."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from otelmon import environment_variables
from otelmon.operate.alerts import given, thresholds
from otelmon.operate.alerts.threshold import number
from otelmon.operate.collector import configuration, variables
from otelmon.operate.errors import OperateError
from otelmon.operate.overview import variables as operator_variables
from otelmon.operate.overview.addresses import without_credentials
from otelmon.settings import SECRET, Settings

if TYPE_CHECKING:
    from collections.abc import Mapping

MASK = "***"


@dataclass(frozen=True, slots=True)
class Effective:
    """Holds one variable as a process started now would see it; ``source`` is environment or default."""

    name: str
    value: str
    source: str
    unit: str
    default: str
    safe_range: str
    meaning: str
    problem: str = ""


def application(environment: Mapping[str, str]) -> list[Effective]:
    """Returns the variables of the application's half; a secret is masked."""
    settings, warnings = Settings.from_env(environment)
    rows = []
    for variable in environment_variables.VARIABLES:
        problem = next((line for line in warnings if f"name={variable.name} " in line), "")
        given = bool(environment.get(variable.name, "").strip()) and not problem
        rows.append(
            Effective(
                variable.name,
                _shown(getattr(settings, variable.field), secret=variable.kind in SECRET),
                "environment" if given else "default",
                variable.unit,
                variable.default,
                variable.safe_range,
                variable.meaning,
                problem,
            )
        )
    return rows


def collector(environment: Mapping[str, str]) -> list[Effective]:
    """Returns the variables of the Collector's configuration; a secret is masked."""
    rows = []
    for variable in variables.VARIABLES:
        text = environment.get(variable.name, "").strip()
        problem = "" if not text or variable.accepts(text) else f"it takes {variable.safe_range}"
        value = text or variable.default
        if variable.name == configuration.QUEUE_DIRECTORY:
            value = str(configuration.queue_directory(environment))
        rows.append(
            Effective(
                variable.name,
                _shown(value, secret=variable.kind == "secret"),
                "environment" if text else "default",
                variable.unit,
                variable.default,
                variable.safe_range,
                variable.meaning,
                problem,
            )
        )
    return rows


def operators(environment: Mapping[str, str]) -> list[Effective]:
    """Returns the variables of the commands that read back ends; a secret and what stands in an address are masked."""
    rows = []
    for variable in operator_variables.VARIABLES:
        text = environment.get(variable.name, "").strip()
        problem = "" if not text or variable.accepts(text) else f"it takes {variable.safe_range}"
        shown = ",".join(without_credentials(each.strip()) for each in (text or variable.default).split(","))
        rows.append(
            Effective(
                variable.name,
                # A text that is no address may be anything, a password too.
                _shown(MASK if problem else shown, secret=variable.kind == "secret"),
                "environment" if text else "default",
                variable.unit,
                variable.default,
                variable.safe_range,
                variable.meaning,
                problem,
            )
        )
    return rows


def alerts(environment: Mapping[str, str]) -> list[Effective]:
    """Returns the thresholds of the alert rules; a file that cannot be used is told at its own variable."""
    try:
        from_file, problem = given.read({given.FILE_VARIABLE: environment.get(given.FILE_VARIABLE, "")}), ""
    except OperateError as error:
        from_file, problem = given.Given(), str(error)
    file = environment.get(given.FILE_VARIABLE, "").strip()
    meaning = "Operators' thresholds, links, receivers and changes of rules; the variables below win over it."
    rows = [
        Effective(
            given.FILE_VARIABLE, file, "environment" if file else "default", "", "", "a file that can be read", meaning,
            problem,
        )
    ]  # fmt: skip
    for each in thresholds.THRESHOLDS:
        text = environment.get(each.variable, "").strip()
        wrong = f"it takes {each.safe_range}" if text and not each.accepts(text) else ""
        rows.append(
            Effective(
                each.variable,
                text or number(from_file.values[each.name]),
                "environment" if text else from_file.sources.get(each.name, "default"),
                each.unit,
                number(each.default),
                each.safe_range,
                each.meaning,
                wrong,
            )
        )
    return rows


def hooks() -> list[str]:
    """Returns the names that OTELMON_DISABLED_HOOKS takes: every hook installed here."""
    return sorted({each.name for each in entry_points(group="otelmon.hooks")})


def _shown(value: object, *, secret: bool) -> str:
    """Writes a value as it would stand in the environment."""
    if secret:
        return MASK if value else ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return ",".join(value) if isinstance(value, tuple) else str(value)
