"""Frees, in a forked child, locks of the SDK's providers that threads of the parent held at the fork.

The SDK starts its threads anew there, but keeps its locks: a child that was forked while the parent collected or
exported metrics would wait for ever for the one around it, and end without its own.
Contract test: tests/contract/test_forked_locks.py.
"""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from collections.abc import Iterable

_LOCK, _RLOCK = type(threading.Lock()), type(threading.RLock())
_COLLECTIONS = frozenset({list, tuple, set})
# Most of what is met, and holds nothing.
_PLAIN = frozenset({str, int, float, bool, type(None), type(len), type(lambda: None)})


def free_locks(*providers: object) -> int:
    """Makes every lock free that stands anywhere below a provider; to be called in a forked child only.

    Where otelmon sets the SDK up this runs before the SDK's own fork handlers, so that no thread of the child can hold
    one. An SDK that was there before has started its threads anew by then; they wait out an interval first. A
    re-entrant lock of the forking thread itself stays.

    Returns:
        How many locks were held.
    """
    freed = 0
    seen: set[int] = set()
    waiting: list[Any] = list(providers)
    while waiting:
        each = waiting.pop()
        kind = type(each)
        if kind in _PLAIN or id(each) in seen:
            continue
        seen.add(id(each))
        if kind is _LOCK or kind is _RLOCK:
            freed += _free(each)
        else:
            waiting.extend(_parts(each, kind))
    return freed


def _free(lock: Any) -> bool:  # noqa: ANN401 - two types without a common protocol
    """Frees a lock in place, as the standard library does with its own (logging, concurrent.futures, random)."""
    held = lock.locked() if isinstance(lock, _LOCK) else "unlocked" not in repr(lock) and not lock._is_owned()  # noqa: SLF001
    if held:
        lock._at_fork_reinit()  # noqa: SLF001 - see above
    return bool(held)


def _parts(holder: Any, kind: type) -> Iterable[Any]:  # noqa: ANN401 - whatever the SDK keeps
    """Returns what an object of the SDK, a collection or an event keeps; nothing of anybody else's."""
    if kind in _COLLECTIONS:
        return cast("Iterable[Any]", holder)
    if issubclass(kind, dict):
        # Its keys are names, label sets, and objects that stand elsewhere too.
        return cast("Iterable[Any]", holder.values())
    if kind.__module__.startswith("opentelemetry.") or kind is threading.Event or kind is threading.Condition:
        return getattr(holder, "__dict__", {}).values()
    return ()
