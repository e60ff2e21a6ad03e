"""Reads YAML and remembers the line of every value, so that a wrong one can be named."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import yaml

from otelmon.operate.errors import OperateError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Entry:
    """Holds one key of a mapping with its value, and where it stands."""

    key: str
    value: object
    node: yaml.Node
    place: str

    def wrong(self, why: str) -> OperateError:
        """Returns the error that says what is wrong with it."""
        return OperateError(f"{self.place}: {self.key}: {why}")


def root(path: Path) -> Entry:
    """Returns the whole of a file.

    Raises:
        OperateError: it cannot be read or is no YAML; the message has the line.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OperateError(f"{path} cannot be read: {getattr(error, 'strerror', '') or 'it is not UTF-8'}") from error
    try:
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f":{mark.line + 1}" if mark else ""
        raise OperateError(f"{path}{line}: this is no YAML: {error.problem}") from error
    except yaml.YAMLError as error:
        raise OperateError(f"{path}: this is no YAML: {error}") from error
    node = yaml.MappingNode("tag:yaml.org,2002:map", []) if node is None else node
    return Entry(path.name, None, node, str(path))


def entries(parent: Entry) -> Iterator[Entry]:
    """Yields what a mapping holds.

    Raises:
        OperateError: it is no mapping, or has a key twice.
    """
    if not isinstance(parent.node, yaml.MappingNode):
        raise parent.wrong("this must hold names and values, such as `pool_pressure_warning: 0.7`")
    file = parent.place.partition(":")[0] if parent.value is None else parent.place.rpartition(":")[0]
    seen: set[str] = set()
    for key, value in parent.node.value:
        place = f"{file}:{key.start_mark.line + 1}"
        entry = Entry(str(_value(key, place)), _value(value, place), value, place)
        if entry.key in seen:
            raise entry.wrong("this stands here twice")
        seen.add(entry.key)
        yield entry


def _value(node: yaml.Node, place: str) -> object:
    """Turns a node into what it says.

    Raises:
        OperateError: it is nothing that plain YAML knows.
    """
    loader = yaml.SafeLoader("")
    try:
        return loader.construct_document(node)
    except (yaml.YAMLError, ValueError) as error:
        mark, problem = getattr(error, "problem_mark", None), getattr(error, "problem", None) or error
        where = f"{place.rpartition(':')[0]}:{mark.line + 1}" if mark else place
        raise OperateError(f"{where}: {problem}") from error
    finally:
        loader.dispose()
