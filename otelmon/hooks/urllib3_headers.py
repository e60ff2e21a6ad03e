"""Reads headers of urllib3's answers: a private field of urllib3 2 is asked at a third of what its ``get`` costs.

Contract test: tests/contract/test_urllib3_headers.py.
"""

from __future__ import annotations

import functools
import operator
from typing import TYPE_CHECKING, Any

from otelmon.rules.github_headers import FIGURES, told_by

if TYPE_CHECKING:
    from collections.abc import Callable

    from otelmon.rules.github_headers import Told

_together = operator.itemgetter(*FIGURES)
# Lower-case name -> the name as sent, and each value.
_FIELD = "_container"


def told_of(headers: Any, joining: object) -> Told:  # noqa: ANN401 - as for ``header_of``
    """Returns the headers that tell of a budget, found in one step where each was sent once, as nearly always."""
    if type(headers) is joining:
        try:
            (_, limit), (_, remaining), (_, used), (_, reset), (_, resource) = _together(getattr(headers, _FIELD))
        except (AttributeError, KeyError, TypeError, ValueError):
            pass
        else:
            return limit, remaining, used, reset, resource
    return told_by(header_of(headers, joining))


def header_of(headers: Any, joining: object) -> Callable[[str], str | None]:  # noqa: ANN401 - urllib3's in 2.x, http.client's in 1.26
    """Returns what finds a header by its lower-case name; one that was sent twice comes joined, hence is no figure.

    Args:
        headers: of an answer.
        joining: urllib3's own class of headers; in 1.26 http.client's come instead.
    """
    if type(headers) is not joining:
        return functools.partial(_joined, headers)
    values: dict[str, list[str]] | None = getattr(headers, _FIELD, None)
    if type(values) is not dict:
        get: Callable[[str], str | None] = headers.get
        return get

    def header(name: str) -> str | None:
        found = values.get(name)
        return None if found is None else ", ".join(found[1:])

    return header


def _joined(headers: Any, name: str) -> str | None:  # noqa: ANN401 - as above
    found = headers.get_all(name)
    return None if not found else found[0] if len(found) == 1 else ", ".join(found)
