"""Functions cached by functools report themselves, and are the genuine thing."""

from __future__ import annotations

import functools
import gc
import importlib.util
import weakref
from typing import TYPE_CHECKING

import pytest

from otelmon.hooks.caches.functools_cache import hook
from otelmon.hooks.caches.readers import reader_of
from otelmon.records import CacheState
from otelmon.registry import HookRegistry
from otelmon.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

GENUINE = functools.lru_cache
GENUINE_TYPE = type(GENUINE(len))


@pytest.fixture
def registry() -> Iterator[HookRegistry]:
    """Yields a registry with the hook installed, which is gone afterwards."""
    registry = HookRegistry(Settings(label_limit=100))
    undo = hook.install(registry)
    yield registry
    undo()
    assert functools.lru_cache is GENUINE


def doubled(number: int) -> int:
    """Returns twice the number."""
    return number * 2


FORMS = [
    pytest.param(lambda: functools.lru_cache(doubled), id="lru_cache"),
    pytest.param(lambda: functools.lru_cache()(doubled), id="lru_cache()"),
    pytest.param(lambda: functools.lru_cache(maxsize=4, typed=True)(doubled), id="lru_cache(maxsize, typed)"),
    pytest.param(lambda: functools.lru_cache(4)(doubled), id="lru_cache(4)"),
    pytest.param(lambda: functools.cache(doubled), id="cache"),
]


@pytest.mark.parametrize("make", FORMS)
def test_cached_function_is_genuine_and_reported(registry: HookRegistry, make) -> None:
    """Every form gives functools' own wrapper, with the parameters asked for, reported under module and name."""
    cached = make()
    assert type(cached) is GENUINE_TYPE
    assert [cached(1), cached(1), cached(2)] == [2, 2, 4]
    assert cached.cache_info()[:2] == (1, 2)
    assert registry.caches() == {f"{__name__}.doubled": CacheState(hits=1, misses=2, evictions=None, size=2)}


def test_parameters_are_those_asked_for(registry: HookRegistry) -> None:
    """Size and typing reach functools; wrong ones fail as without the hook."""
    assert functools.lru_cache(maxsize=4, typed=True)(doubled).cache_parameters() == {"maxsize": 4, "typed": True}
    assert functools.cache(doubled).cache_parameters() == {"maxsize": None, "typed": False}
    with pytest.raises(TypeError, match="Expected first argument to be an integer, a callable, or None"):
        functools.lru_cache("many")
    assert functools.lru_cache.__name__ == "lru_cache"
    del registry


def test_method_and_class_are_reported(registry: HookRegistry) -> None:
    """A cached method and a cached class have the names that they have in the code."""

    class Shop:
        @functools.lru_cache  # noqa: B019 - the subject
        def price(self) -> int:
            return 3

    shops = functools.lru_cache(Shop)
    assert Shop().price() == 3
    assert set(registry.caches()) == {f"{__name__}.{Shop.__qualname__}.price", f"{__name__}.{Shop.__qualname__}"}
    del shops


def test_library_and_builtin_are_left_out(registry: HookRegistry, tmp_path: Path) -> None:
    """What the standard library caches, and builtins, are not the application's; a file outside it is."""
    cached = [functools.lru_cache(each) for each in (functools.reduce, functools.partial, doubled)]
    assert set(registry.caches()) == {f"{__name__}.doubled"}
    (tmp_path / "shop_prices.py").write_text("import functools\n\n\n@functools.cache\ndef price():\n    return 3\n")
    spec = importlib.util.spec_from_file_location("shop_prices", tmp_path / "shop_prices.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert "shop_prices.price" in registry.caches()
    del cached


def test_ten_thousand_dropped_caches_leave_nothing(registry: HookRegistry) -> None:
    """Caches are held weakly: neither registry nor hook keeps one, and the label is used again."""
    for _ in range(10_000):
        functools.lru_cache(doubled)(1)
    last = functools.lru_cache(doubled)
    alive = weakref.ref(last)
    assert list(registry.caches()) == [f"{__name__}.doubled"]
    del last
    gc.collect()
    assert alive() is None
    assert registry.caches() == {}
    assert registry.overflow() == {}


class InfoOnly:
    """Tells its figures as cachetools' decorators do."""

    __slots__ = ()

    def cache_info(self):
        """Returns five hits."""
        return GENUINE_INFO(5, 2, 10, 1)


GENUINE_INFO = type(GENUINE(len).cache_info())


@pytest.mark.parametrize(
    ("cache", "state"),
    [
        pytest.param(GENUINE(doubled), CacheState(0, 0, None, 0), id="functools"),
        pytest.param(InfoOnly(), CacheState(5, 2, None, 1), id="cache_info of an object with slots"),
        pytest.param(lambda: CacheState(1, 2, 3, 4), CacheState(1, 2, 3, 4), id="reader"),
    ],
)
def test_reader_of(cache: object, state: CacheState) -> None:
    """A cached function, an object with ``cache_info()`` and a reader can be read."""
    assert reader_of(cache)() == state


def test_reader_of_a_dropped_cache_is_unknown() -> None:
    """The reader does not keep its cache alive."""
    cached = GENUINE(doubled)
    read = reader_of(cached)
    del cached
    gc.collect()
    assert read() == CacheState()


def test_what_is_no_cache_is_refused() -> None:
    """The message says what was given and what would do."""
    with pytest.raises(
        TypeError, match=r"cannot read a cache from dict: give .* or a function that returns a CacheState"
    ):
        reader_of({})
