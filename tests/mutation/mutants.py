"""Makes mutants of a rule: each comparison and each numeric limit changed by one step."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

# The neighbor on the boundary, and the opposite.
_OPERATORS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
_SIGNS = {
    ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=", ast.Eq: "==", ast.NotEq: "!=",
    ast.In: "in", ast.NotIn: "not in", ast.Is: "is", ast.IsNot: "is not",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Mutant:
    """Holds a changed source, and what was changed: ``line code was -> is``, which stays when lines are moved."""

    name: str
    line: int
    source: str


def mutants(source: str) -> Iterator[Mutant]:
    """Yields every mutant of a module's source."""
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Compare):
            yield from _compared(tree, node)
        elif isinstance(node, ast.Constant) and type(node.value) in (int, float):
            yield from _numbered(tree, node)


def _compared(tree: ast.Module, node: ast.Compare) -> Iterator[Mutant]:
    for index, operator in enumerate(node.ops):
        before = ast.unparse(node)
        for other in _OPERATORS[type(operator)]:
            node.ops[index] = other()
            what = f"{before}: {_SIGNS[type(operator)]} -> {_SIGNS[other]}"
            yield Mutant(what, node.lineno, ast.unparse(tree))
        node.ops[index] = operator


def _numbered(tree: ast.Module, node: ast.Constant) -> Iterator[Mutant]:
    value = node.value
    assert isinstance(value, (int, float))
    # A tenth of nothing is no change.
    step = 1 if isinstance(value, int) else value / 10 or 0.1
    for other in (value + step, value - step):
        node.value = other
        yield Mutant(f"{_around(tree, node, value)}: {value} -> {other:.6g}", node.lineno, ast.unparse(tree))
    node.value = value


def _around(tree: ast.Module, node: ast.Constant, value: complex) -> str:
    """Returns the first line of the statement that a number stands in, as it was before its change."""
    changed, node.value = node.value, value
    holders = [each for each in ast.walk(tree) if isinstance(each, ast.stmt) and node in ast.walk(each)]
    text = ast.unparse(min(holders, key=lambda each: len(ast.unparse(each)))).splitlines()[0]
    node.value = changed
    return text[:100]
