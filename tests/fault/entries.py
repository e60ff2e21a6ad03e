"""Finds, in the source, what the application, the SDK or a driver can call into, and what it calls outside the guard.

An entry is a function that is made inside another one, which is how every wrapper of a library's function is made, or a
public or special method of a class whose base is not otelmon's.
"""

from __future__ import annotations

import ast
import builtins
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

PACKAGE = Path(__file__).parents[2] / "otelmon"
# Operators' own processes, files that the wheel carries, what is pure, and what only describes.
NOT_IN_THE_APPLICATION = {"operate", "resources", "rules", "signals"}
STANDARD = {"abc", "collections", "dataclasses", "enum", "typing", "__future__"}
# What is called in entries under these names cannot be otelmon's own: the standard library's.
HARMLESS = {"contextlib", "functools", "guard", "itertools", "logging", "os", "sys", "threading", "time", "weakref"}

Function = ast.FunctionDef | ast.AsyncFunctionDef


class Entry(NamedTuple):
    """Holds one function that can be called from outside, and the calls in it that are not behind the guard."""

    file: str
    name: str
    unguarded: tuple[str, ...]


def entries() -> Iterator[Entry]:
    """Yields every entry of the half that lives in the application's process."""
    for path in sorted(PACKAGE.rglob("*.py")):
        file = path.relative_to(PACKAGE)
        if file.parts[0] in NOT_IN_THE_APPLICATION or file.name == "guard.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        outside = _names_from_outside(tree)
        for name, function in _functions(tree, outside, (), inner=False):
            yield Entry(file.as_posix(), name, tuple(_unguarded(function)))


def _names_from_outside(tree: ast.Module) -> set[str]:
    """Returns the names in a module that stand for what is not otelmon's."""
    found: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            top = (node.module or "").partition(".")[0]
            if top != "otelmon" and top not in STANDARD:
                found |= {each.asname or each.name for each in node.names}
        elif isinstance(node, ast.Import):
            found |= {(each.asname or each.name).partition(".")[0] for each in node.names}
    return found


def _functions(
    node: ast.AST, outside: set[str], within: tuple[str, ...], *, inner: bool, derived: bool = False
) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            from_outside = any(_root(base) in outside for base in child.bases)
            yield from _functions(child, outside, (*within, child.name), inner=inner, derived=from_outside)
        elif isinstance(child, Function):
            name = (*within, child.name)
            special = child.name.startswith("__") or not child.name.startswith("_")
            if (inner or (derived and special)) and not _is_decorated_with_the_guard(child):
                yield ".".join(name), child
            yield from _functions(child, outside, name, inner=True)
        else:
            yield from _functions(child, outside, within, inner=inner, derived=derived)


def _root(node: ast.AST) -> str:
    """Returns the first name of an expression such as ``a.b[c](d)``."""
    while isinstance(node, (ast.Attribute, ast.Subscript, ast.Call, ast.Await)):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else ""


def _is_decorated_with_the_guard(function: Function) -> bool:
    return any(_root(each) == "guard" for each in function.decorator_list)


def _unguarded(function: Function) -> Iterator[str]:
    """Yields what a function calls by itself: neither through the guard, nor of the standard library."""
    waiting: list[ast.AST] = list(function.body)
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda)):
            continue
        if isinstance(node, ast.Call):
            called = ast.unparse(node.func)
            if not (hasattr(builtins, called) or _root(node.func) in HARMLESS or called.startswith("super()")):
                yield called
        waiting += ast.iter_child_nodes(node)
