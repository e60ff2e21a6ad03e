"""The one error of the operators' half: it says what is wrong, where, and how to mend it."""

from __future__ import annotations


class OperateError(Exception):
    """Says in one line why a command could not run; the command line prints it without a traceback, exit code 2."""
