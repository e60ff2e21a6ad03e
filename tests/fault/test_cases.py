"""The table of faults is whole, and each of its cases is held by tests that exist."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.fault.cases import CASES, GATE, Case

ROOT = Path(__file__).parents[2]
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def test_every_number_is_there() -> None:
    """There are fifty cases, each once, and the gate is among them."""
    assert [case.number for case in CASES] == list(range(1, 51))
    assert set(GATE) <= set(range(1, 51))


@pytest.mark.parametrize("case", CASES, ids=lambda case: str(case.number))
def test_case_is_held_by_tests(case: Case) -> None:
    """Each named test is a function of its file, and there is one at least."""
    assert case.tests
    for node in case.tests:
        path, name = node.split("::")
        tree = ast.parse((ROOT / path).read_text())
        assert name in {each.name for each in tree.body if isinstance(each, FUNCTIONS)}, node


def test_numbered_tests_are_in_the_table() -> None:
    """A test of this folder whose name begins with a number belongs to the case of that number."""
    listed = {node: case.number for case in CASES for node in case.tests}
    for path in sorted(Path(__file__).parent.glob("test_*.py")):
        for each in ast.parse(path.read_text()).body:
            if isinstance(each, FUNCTIONS) and (number := each.name[5:7]).isdigit():
                cases = [case for case in CASES if case.number == int(number)]
                own = {test.split("::")[1] for case in cases for test in case.tests}
                known = each.name in own or f"{path.relative_to(ROOT)}::{each.name}" in listed
                assert known or path.name == "test_cache_readers_49.py", each.name
