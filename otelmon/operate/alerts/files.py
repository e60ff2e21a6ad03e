"""Writes what is rendered into a folder, and says where a folder differs from it."""

from __future__ import annotations

import os
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from otelmon.operate.alerts import routes
from otelmon.operate.alerts.catalogue import RULES
from otelmon.operate.alerts.notification import TEMPLATES
from otelmon.operate.alerts.rendering import MARK, document, group_file
from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from otelmon.operate.alerts.given import Given
    from otelmon.operate.alerts.rule import Rule


def rendered(given: Given) -> dict[str, str]:
    """Returns the text of every file by its path below the folder."""
    grouped: dict[str, list[dict[str, object]]] = {}
    for rule in RULES:
        if shown := _changed(rule, given):
            grouped.setdefault(rule.group, []).append(shown)
    files = {f"rules/{name}.yaml": group_file(name, rules) for name, rules in grouped.items()}
    return {**files, "alertmanager.yml": routes.configuration(given.receivers), "otelmon.tmpl": TEMPLATES}


def _changed(rule: Rule, given: Given) -> dict[str, object] | None:
    """Returns a rule as operators want it, None where they do not want it at all."""
    change = given.changes.get(rule.alert)
    if change is None:
        return document(rule, given.values, rule.team, given.places)
    if not change.enabled:
        return None
    changed = rule if change.hold is None else replace(rule, hold=change.hold)
    return document(changed, given.values, change.team or rule.team, given.places)


def differences(folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Returns by path what is missing, different or superfluous in a folder; operators' own files are neither."""
    found = {}
    for name, text in files.items():
        present = _content(folder / name)
        if present is None:
            found[name] = "missing"
        elif present != text:
            found[name] = "different"
    for path in sorted((folder / "rules").glob("*.yaml")):
        name = f"rules/{path.name}"
        if name not in files and _ours(path):
            found[name] = "superfluous"
    return found


def write(folder: Path, files: Mapping[str, str]) -> dict[str, str]:
    """Brings a folder up to date and returns what was changed; each file is replaced as a whole.

    Raises:
        OperateError: the folder cannot be written, or a file there with our name was not made by this command.
    """
    changed = differences(folder, files)
    foreign = [name for name, what in changed.items() if what == "different" and not _ours(folder / name)]
    if foreign:
        raise OperateError(
            f"{folder / foreign[0]} was not made by this command: move it, or render into another folder"
        )
    try:
        for name in changed:
            _replace(folder / name, files.get(name))
    except OSError as error:
        raise OperateError(f"{error.filename or folder} cannot be written: {error.strerror}") from error
    return changed


def _ours(path: Path) -> bool:
    """Returns whether a file says in its first line that this command made it; a file cut short to nothing is taken."""
    first = (_content(path) or MARK).partition("\n")[0]
    return MARK in first


def _replace(path: Path, text: str | None) -> None:
    """Puts a file in place in one step, so that vmalert never reads half of it; None removes it."""
    if text is None:
        path.unlink()
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, unfinished = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(unfinished).chmod(0o644)
    Path(unfinished).replace(path)


def _content(path: Path) -> str | None:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None
