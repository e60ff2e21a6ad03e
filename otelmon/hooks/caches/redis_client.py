"""Watches what one client of redis-py reads: GET, GETEX, GETDEL and MGET, alone or in a pipeline.

Other processes write to the same server, so that of the causes of a miss only "expired" is known, for keys that this
client has stored.
"""

# ruff: noqa: ANN401 - the signatures are those of the library
from __future__ import annotations

import inspect
import sys
from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.hooks.caches.subclass import observe_as, subclass_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from otelmon.registry import CacheBook, HookRegistry

_SITE = guard.site("hooks.redis_client")
_LIBRARIES = ("redis.client", "redis.asyncio.client")
# What follows these words in SET and GETEX is a time to live, in this many seconds.
_TIMES = {"EX": 1.0, "PX": 0.001}


def subject(cache: object) -> object | None:
    """Returns a client as it is, synchronous or asynchronous; None for anything else."""
    libraries = [sys.modules[name] for name in _LIBRARIES if name in sys.modules]
    return cache if isinstance(cache, tuple(each.Redis for each in libraries)) else None


def observe(registry: HookRegistry, name: str, cache: object) -> tuple[str, Callable[[], None]]:
    """Watches a client from now on; returns the name under which it is reported, and what undoes it."""
    used, book = registry.watch_cache(name, shared=True)
    genuine: Any = type(cache)
    if inspect.iscoroutinefunction(genuine.execute_command):
        members = _asynchronous(genuine, book)
    else:
        members = _synchronous(genuine, book)
    return used, observe_as(cache, subclass_of(genuine, members))


def _synchronous(genuine: Any, book: CacheBook) -> dict[str, object]:
    execute, make_pipeline = genuine.execute_command, genuine.pipeline
    classes: dict[type, type] = {}

    def execute_command(self: Any, *args: Any, **options: Any) -> Any:
        answer = execute(self, *args, **options)
        guard.call(_SITE, tell, book, args, answer)
        return answer

    def watched_pipeline(pipeline_class: Any) -> type:
        run = pipeline_class.execute

        def execute_all(self: Any, *args: Any, **options: Any) -> Any:
            commands = list(self.command_stack)
            answers = run(self, *args, **options)
            guard.call(_SITE, _tell_all, book, commands, answers)
            return answers

        return subclass_of(pipeline_class, {"execute": execute_all})

    def pipeline(self: Any, *args: Any, **options: Any) -> Any:
        made = make_pipeline(self, *args, **options)
        guard.call(_SITE, _observe_pipeline, made, classes, watched_pipeline)
        return made

    return {"execute_command": execute_command, "pipeline": pipeline}


def _asynchronous(genuine: Any, book: CacheBook) -> dict[str, object]:
    execute, make_pipeline = genuine.execute_command, genuine.pipeline
    classes: dict[type, type] = {}

    async def execute_command(self: Any, *args: Any, **options: Any) -> Any:
        answer = await execute(self, *args, **options)
        guard.call(_SITE, tell, book, args, answer)
        return answer

    def watched_pipeline(pipeline_class: Any) -> type:
        run = pipeline_class.execute

        async def execute_all(self: Any, *args: Any, **options: Any) -> Any:
            commands = list(self.command_stack)
            answers = await run(self, *args, **options)
            guard.call(_SITE, _tell_all, book, commands, answers)
            return answers

        return subclass_of(pipeline_class, {"execute": execute_all})

    def pipeline(self: Any, *args: Any, **options: Any) -> Any:
        made = make_pipeline(self, *args, **options)
        guard.call(_SITE, _observe_pipeline, made, classes, watched_pipeline)
        return made

    return {"execute_command": execute_command, "pipeline": pipeline}


def _observe_pipeline(pipeline: object, classes: dict[type, type], watched: Callable[[Any], type]) -> None:
    genuine = type(pipeline)
    if genuine not in classes:
        classes[genuine] = watched(genuine)
    observe_as(pipeline, classes[genuine])


def _tell_all(book: CacheBook, commands: Iterable[Any], answers: Sequence[object]) -> None:
    for command, answer in zip(commands, answers, strict=False):
        tell(book, command[0], answer)


def tell(book: CacheBook, args: Sequence[object], answer: object) -> None:
    """Notes what one command has answered.

    Args:
        book: of the client.
        args: name of the command and its arguments, as given to redis-py.
        answer: as the application gets it; an error of one command in a pipeline is one.
    """
    told = _COMMANDS.get(_name(args))
    if told is not None and not isinstance(answer, Exception):
        told(book, args, answer)


def _name(args: Sequence[object]) -> str:
    return args[0].upper() if isinstance(args[0], str) else ""


def _key(key: object) -> object:
    """Returns a key as the server knows it, for which text and bytes are the same."""
    if isinstance(key, (bytes, memoryview)):
        return bytes(key)
    return str(key).encode("utf-8", "surrogateescape")


def _found(book: CacheBook, key: object, value: object) -> None:
    if value is None:
        book.missed(_key(key))
    else:
        book.hit()


def _get(book: CacheBook, args: Sequence[object], answer: object) -> None:
    _found(book, args[1], answer)
    if len(args) > 2 or _name(args) == "GETDEL":  # noqa: PLR2004 - GETEX with a new time, of which nothing is kept
        book.removed(_key(args[1]))


def _mget(book: CacheBook, args: Sequence[object], answer: object) -> None:
    for key, value in zip(args[1:], answer if isinstance(answer, list) else (), strict=False):
        _found(book, key, value)


def _set(book: CacheBook, args: Sequence[object], answer: object) -> None:
    if answer is None or answer is False:
        # Refused by NX or XX.
        return
    words = [word.upper() if isinstance(word, str) else word for word in args[3:]]
    ttl = next((_seconds(words[at + 1], _TIMES[word]) for at, word in enumerate(words[:-1]) if word in _TIMES), None)
    book.stored(_key(args[1]), ttl)
    if {"EXAT", "PXAT", "KEEPTTL"} & {word for word in words if isinstance(word, str)}:
        book.removed(_key(args[1]))


def _seconds(value: Any, unit: float) -> float:
    return float(value) * unit


def _setex(book: CacheBook, args: Sequence[object], answer: object) -> None:
    del answer
    book.stored(_key(args[1]), _seconds(args[2], 0.001 if _name(args) == "PSETEX" else 1.0))


def _mset(book: CacheBook, args: Sequence[object], answer: object) -> None:
    del answer
    for key in args[1::2]:
        book.stored(_key(key))


def _forget(book: CacheBook, args: Sequence[object], answer: object) -> None:
    del answer
    for key in args[1:]:
        book.removed(_key(key))


def _flush(book: CacheBook, args: Sequence[object], answer: object) -> None:
    del args, answer
    book.keys.cleared()


_COMMANDS: dict[str, Callable[[CacheBook, Sequence[object], object], None]] = {
    **dict.fromkeys(("GET", "GETEX", "GETDEL"), _get),
    "MGET": _mget,
    "SET": _set,
    **dict.fromkeys(("SETEX", "PSETEX"), _setex),
    "MSET": _mset,
    **dict.fromkeys(("DEL", "UNLINK", "EXPIRE", "PEXPIRE", "EXPIREAT", "PEXPIREAT", "PERSIST"), _forget),
    **dict.fromkeys(("FLUSHDB", "FLUSHALL"), _flush),
}
