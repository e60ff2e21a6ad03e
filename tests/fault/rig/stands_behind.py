"""Watches what functions of otelmon run behind: the guarded sites, and functions of otelmon's, that called them."""

from __future__ import annotations

import ast
import sys
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator
    from types import CodeType, FrameType

PACKAGE = Path(__file__).parents[3] / "otelmon"
Key = tuple[str, str]
Function = (ast.FunctionDef, ast.AsyncFunctionDef)


@contextmanager
def watching(wanted: Collection[Key]) -> Iterator[dict[Key, list[list[str]]]]:
    """Yields, by file and name of each function that was called, the ways that led there, from the inside out.

    A step of a way is the name of a site or, as ``file:line``, a function of otelmon's.

    Args:
        wanted: files and names as the audit has them; a star is each function of a file.
    """
    lines, found = _lines(wanted), dict[Key, list[list[str]]]()
    known: dict[CodeType, Key | None] = {}

    def look(frame: FrameType, event: str, _: Any) -> None:
        code = frame.f_code
        if event == "call":
            if code not in known:
                known[code] = lines.get((code.co_filename, code.co_firstlineno))
            key = known[code]
            if key is not None and (way := _way(frame.f_back)) not in found.setdefault(key, []):
                found[key].append(way)

    threading.setprofile(look)
    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(None)
        threading.setprofile(None)


def _way(frame: FrameType | None) -> list[str]:
    way = []
    guard = str(PACKAGE / "guard.py")
    while frame is not None:
        code = frame.f_code
        if code.co_filename == guard and "where" in code.co_varnames:
            way.append(frame.f_locals["where"].name)
        elif code.co_filename.startswith(str(PACKAGE)):
            way.append(f"{Path(code.co_filename).relative_to(PACKAGE)}:{code.co_name}")
        frame = frame.f_back
    return way


def _lines(wanted: Collection[Key]) -> dict[tuple[str, int], Key]:
    """Returns, by path and first line, which function it is."""
    found = {}
    for file in {file for file, _ in wanted}:
        path = PACKAGE / file
        for name, line in _functions(ast.parse(path.read_text(encoding="utf-8")), ()):
            key = next((each for each in ((file, name), (file, "*")) if each in wanted), None)
            if key is not None:
                found[str(path), line] = key
    return found


def _functions(node: ast.AST, within: tuple[str, ...]) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        named = isinstance(child, (*Function, ast.ClassDef))
        name = (*within, child.name) if named else within  # type: ignore[attr-defined]
        if isinstance(child, Function):
            yield ".".join(name), min(each.lineno for each in (child, *child.decorator_list))
        yield from _functions(child, name)
