"""The one error that a person sees."""

from __future__ import annotations


class PartError(Exception):
    """Says in one line which part is missing and how to mend it."""

    def __init__(self, what: str, mend: str) -> None:
        super().__init__(f"{what}; {mend}")
        self.what = what
        self.mend = mend
