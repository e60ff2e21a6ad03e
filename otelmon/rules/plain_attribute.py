"""Tells which attributes can be kept apart from the others of their span until it ends."""

from __future__ import annotations

from otelmon.rules.attribute_keys import kind_of

# What says more than itself: of a database call, of an error, of otelmon's own marks.
_TELLING = ("db.", "otelmon.", "exception.", "error.")
_KINDS = frozenset(("text", "url", "secret", "dropped"))
_VALUES = frozenset((str, bool, int, float))


def is_plain(key: object, value: object) -> bool:
    """Tells whether an attribute is redacted without a look at others, and taken by the SDK as it is.

    Args:
        key: as an application gives it, of any type.
        value: likewise.
    """
    if key.__class__ is not str or value.__class__ not in _VALUES:
        return False
    name = str(key)
    return bool(name) and name.isascii() and not name.startswith(_TELLING) and kind_of(name) in _KINDS
