"""The configuration that several files make together, as the Collector merges them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path
    from typing import TypeAlias

    # What YAML holds, keys being text.
    Tree: TypeAlias = dict[str, Any]

_VARIABLE = re.compile(r"\$\$|\$\{env:(\w+)(?::-([^}]*))?\}")


def merged(files: Sequence[Path], environment: Mapping[str, str]) -> Tree:
    """Returns the merged configuration: maps merge, lists and values of later files replace earlier ones.

    Args:
        files: in the order of merging.
        environment: what ``${env:NAME:-default}`` reads; other providers stay as they are written.

    Raises:
        OperateError: a file cannot be read, or is not a YAML map.
    """
    whole: Tree = {}
    for path in files:
        whole = _merge(whole, _read(path, environment))
    return whole


def _read(path: Path, environment: Mapping[str, str]) -> Tree:
    try:
        text = path.read_text(encoding="utf-8")
        content = yaml.safe_load(text) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise OperateError(f"{path} cannot be read as configuration: {' '.join(str(error).split())}") from error
    if not isinstance(content, dict):
        raise OperateError(f"{path} is no configuration: it holds a {type(content).__name__} where a map should be")
    filled = _fill(content, environment)
    return filled if isinstance(filled, dict) else {}


def _fill(value: object, environment: Mapping[str, str]) -> object:
    """Returns a value with its variables replaced; one that is nothing but a variable takes the type of its text."""
    if isinstance(value, dict):
        return {key: _fill(each, environment) for key, each in value.items()}
    if isinstance(value, list):
        return [_fill(each, environment) for each in value]
    if not isinstance(value, str):
        return value
    text = _VARIABLE.sub(lambda found: "$" if found[0] == "$$" else environment.get(found[1], found[2] or ""), value)
    if _VARIABLE.fullmatch(value) is None or value == "$$":
        return text
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        return text


def _merge(base: Tree, over: Tree) -> Tree:
    result = dict(base)
    for key, value in over.items():
        before = result.get(key)
        both = isinstance(before, dict) and isinstance(value, dict)
        result[key] = _merge(before, value) if both else value  # type: ignore[arg-type]  # both are maps here
    return result
