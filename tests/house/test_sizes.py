"""Files and functions of otelmon/ stay small enough to be read at one sight."""

from __future__ import annotations

import ast
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
LONGEST_MODULE, LONGEST_FUNCTION, DEEPEST = 250, 40, 2
MEDIAN_MODULE, MEDIAN_FUNCTION = 110, 9
NAMES_THAT_SAY_NOTHING = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
BLOCKS = (ast.If, ast.For, ast.AsyncFor, ast.While, ast.With, ast.AsyncWith, ast.Try, ast.Match)
FILES = sorted((ROOT / "otelmon").rglob("*.py"))
PARAMETERS = [pytest.param(path, id=str(path.relative_to(ROOT))) for path in FILES]


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Yields every function and method of a file, inner ones too."""
    yield from (node for node in ast.walk(ast.parse(path.read_text())) if isinstance(node, FUNCTIONS))


def lines(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Returns the lines of a function without its docstring."""
    end = function.end_lineno or function.lineno
    first = function.body[0]
    documented = ast.get_docstring(function, clean=False) is not None
    return end - function.lineno + 1 - (((first.end_lineno or 0) - first.lineno + 1) if documented else 0)


def depth(node: ast.AST, *, chained: bool = False) -> int:
    """Returns how many blocks stand inside one another below a node; an elif stands beside its if."""
    own = 1 if isinstance(node, BLOCKS) and not chained else 0
    inner = [0]
    for child in ast.iter_child_nodes(node):
        if not isinstance(child, (*FUNCTIONS, ast.ClassDef, ast.Lambda)):
            elif_ = isinstance(node, ast.If) and isinstance(child, ast.If) and node.orelse == [child]
            inner.append(depth(child, chained=elif_))
    return own + max(inner)


@pytest.mark.parametrize("path", PARAMETERS)
def test_module_is_short(path: Path) -> None:
    """No module is longer than 250 lines."""
    assert len(path.read_text().splitlines()) <= LONGEST_MODULE


@pytest.mark.parametrize("path", PARAMETERS)
def test_functions_are_short_and_flat(path: Path) -> None:
    """No function is longer than 40 lines or nested deeper than two blocks."""
    long = {each.name: lines(each) for each in functions(path) if lines(each) > LONGEST_FUNCTION}
    deep = {each.name: depth(each) for each in functions(path) if depth(each) > DEEPEST}
    assert (long, deep) == ({}, {})


def test_most_code_is_smaller_still() -> None:
    """The median module has at most 110 lines, the median function at most 9."""
    assert median(len(path.read_text().splitlines()) for path in FILES) <= MEDIAN_MODULE
    assert median(lines(each) for path in FILES for each in functions(path)) <= MEDIAN_FUNCTION


def test_names_say_what_is_inside() -> None:
    """No file or folder of the project is named after nothing."""
    skipped = {".venv", ".cache", ".git", ".demo"}
    own = [path for path in ROOT.iterdir() if path.name not in skipped]
    named = {path.stem.lower() for top in own for path in (top, *top.rglob("*"))}
    assert named & NAMES_THAT_SAY_NOTHING == set()
