"""Pairs rules and faults: each rule has one fault, each fault one rule."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

import yaml

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from otelmon.operate.drill.fault import Fault, Key


def rules_of(files: Iterable[Path]) -> dict[Key, dict[str, object]]:
    """Returns every alerting rule of files in Prometheus' form by alert and severity.

    Raises:
        OperateError: a file cannot be read, or holds two rules of one alert and severity.
    """
    found: dict[Key, dict[str, object]] = {}
    for file, rule in ((path, rule) for path in files for rule in _rules_in(path)):
        key = (str(rule["alert"]), str(_labels(rule).get("severity", "")))
        if key in found:
            raise OperateError(f"{file}: {key[0]} has two rules of severity {key[1]}")
        found[key] = rule
    return found


def unpaired(rules: Iterable[Key], faults: Iterable[Fault]) -> list[str]:
    """Returns a line for each rule without a fault, fault without a rule, and rule with two faults."""
    known = set(rules)
    proved = Counter(stage.rule for fault in faults if not fault.extra for stage in fault.stages)
    lines = [f"{alert} ({severity}) has no fault" for alert, severity in sorted(known - proved.keys())]
    lines += [f"{alert} ({severity}) is no rule" for alert, severity in sorted(proved.keys() - known)]
    lines += [f"{alert} ({severity}) has {n} faults" for (alert, severity), n in sorted(proved.items()) if n > 1]
    return lines


def _rules_in(file: Path) -> list[dict[str, object]]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
        return [rule for group in document["groups"] for rule in group["rules"] if "alert" in rule]
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise OperateError(f"{file} cannot be read as rules ({type(error).__name__})") from error


def _labels(rule: dict[str, object]) -> dict[str, object]:
    labels = rule.get("labels")
    return labels if isinstance(labels, dict) else {}
