"""Turns code objects and instruction offsets, as kept for every checkout, into functions, files and lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import CodeType

    from otelmon.records import Stack


def line_of(code: CodeType, instruction: int) -> int:
    """Returns the line of an instruction; that of the definition where the code does not tell.

    Source: https://docs.python.org/3/reference/datamodel.html#codeobject.co_lines
    """
    for start, end, line in code.co_lines():
        if start <= instruction < end and line is not None:
            return line
    return code.co_firstlineno


def function_name(code: CodeType) -> str:
    """Returns the name of a function, qualified from Python 3.11 on."""
    return getattr(code, "co_qualname", code.co_name)


def stack_text(stack: Stack) -> str:
    """Returns a stack in the form of a Python traceback, the most recent call last."""
    return "\n".join(
        f'  File "{code.co_filename}", line {line_of(code, instruction)}, in {function_name(code)}'
        for code, instruction in reversed(stack)
    )
