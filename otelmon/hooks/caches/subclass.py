"""Observes one object by giving it a subclass of its own type, so that no other object pays and nothing refers back.

Whatever is made from the object, a copy or a pickle, is of the genuine type.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from otelmon.hooks.caches.readers import weakly

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

# Around the property by which ``__class__`` names the genuine type.
_set_type = vars(object)["__class__"].__set__
_AS_IT_IS = ("__module__", "__qualname__", "__doc__")
# How many look-ups may still be counted within a method that is one look-up itself; None outside of such methods.
_allowance: ContextVar[list[int] | None] = ContextVar("otelmon_cache_allowance", default=None)


def subclass_of(genuine: type, members: Mapping[str, object]) -> type:
    """Returns a subclass that looks like the genuine type and has these methods instead."""
    same = {name: getattr(genuine, name) for name in _AS_IT_IS}
    return type(genuine)(genuine.__name__, (genuine,), {"__slots__": (), **same, **_copies(genuine), **members})


def observe_as(cache: object, watched: type) -> Callable[[], None]:
    """Gives an object its subclass; returns what gives it its own type back, unless it has another by then."""
    genuine = type(cache)
    alive = weakly(cache)
    _set_type(cache, watched)

    def undo() -> None:
        if type(found := alive()) is watched:
            _set_type(found, genuine)

    return undo


def _copies(genuine: Any) -> dict[str, object]:
    def __reduce_ex__(self: Any, protocol: Any) -> Any:  # noqa: N807 - as object has it
        reduced = genuine.__reduce_ex__(self, protocol)
        if not isinstance(reduced, tuple):
            return reduced
        make, args, *rest = reduced
        return (make, tuple(genuine if each is type(self) else each for each in args), *rest)

    def __copy__(self: Any) -> Any:  # noqa: N807 - as the library has it
        copy = genuine.__copy__(self)
        _set_type(copy, genuine)
        return copy

    return {
        "__class__": property(lambda _: genuine),
        "__reduce_ex__": __reduce_ex__,
        **({"__copy__": __copy__} if hasattr(genuine, "__copy__") else {}),
    }


# Not None within a method that limits what counts; asked on every hit, before ``counts_here``.
limited: Callable[[], list[int] | None] = _allowance.get


def counts_here() -> bool:
    """Tells whether a look-up that has just been made counts, or belongs to one that counts already."""
    allowance = _allowance.get()
    if allowance is None:
        return True
    allowance[0] -= 1
    return allowance[0] >= 0


class CountingAtMost:
    """Counts at most so many look-ups within a block, in threads and tasks started from it too."""

    __slots__ = ("_most", "_token")

    def __init__(self, most: int) -> None:
        self._most = most

    def __enter__(self) -> None:
        outer = _allowance.get()
        self._token = _allowance.set([self._most] if outer is None else outer)

    def __exit__(self, *_: object) -> None:
        _allowance.reset(self._token)


def within(genuine: type, names: Iterable[str], most: int) -> Iterator[tuple[str, Callable[..., object]]]:
    """Yields those methods of a class which look up for themselves, with at most so many of their look-ups counted."""
    for name in names:
        method = getattr(genuine, name, None)
        if method is not None:
            yield name, _within(method, most)


def _within(method: Any, most: int) -> Callable[..., Any]:
    def within_limit(self: Any, *args: Any, **more: Any) -> Any:
        with CountingAtMost(most):
            return method(self, *args, **more)

    return within_limit
