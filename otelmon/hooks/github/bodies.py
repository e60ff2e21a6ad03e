"""Looks at bodies as the application reads them: nothing is read for us, and nothing is read twice."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from otelmon import guard
from otelmon.rules.github_bodies import LONGEST_BODY

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_BODY = guard.site("hooks.github.body")


class ReadBody:
    """Gathers the parts of one body until it tells what is looked for.

    Args:
        told: takes all that has been read, and says whether it was enough.
        is_over: tells whether the body has been read to its end.
    """

    def __init__(self, told: Callable[[bytes], bool], is_over: Callable[[], bool]) -> None:
        self._told = told
        self._is_over = is_over
        self._parts: list[bytes] | None = []
        self._length = 0

    def take(self, part: object) -> None:
        """Takes in what the application has just read."""
        guard.call(_BODY, self._take, part)

    def _take(self, part: object) -> None:
        if self._parts is None:
            return
        if isinstance(part, bytes):
            self._parts.append(part)
            self._length += len(part)
        if self._length > LONGEST_BODY or (self._is_over() and self._told(b"".join(self._parts))):
            self._parts = None


def watch_urllib3_body(response: Any, told: Callable[[bytes], bool]) -> None:  # noqa: ANN401 - any version's response
    """Lets the bodies of urllib3's responses pass by as they are read.

    A response that is read already has its body at hand. The methods are put on this one response; its class, and all
    other responses, stay as they are.
    """
    if response.closed:
        told(response.data)
        return
    body = ReadBody(told, lambda: bool(response.closed))
    read, read_chunked = response.read, response.read_chunked

    def reading(*args: Any, **options: Any) -> Any:  # noqa: ANN401 - urllib3's own signature
        part = read(*args, **options)
        body.take(part)
        return part

    def reading_chunked(*args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401 - urllib3's own signature
        for part in read_chunked(*args, **options):
            body.take(part)
            yield part
        body.take(b"")

    response.read, response.read_chunked = reading, reading_chunked


def watch_whole_body(response: Any, name: str, told: Callable[[bytes], bool]) -> None:  # noqa: ANN401 - responses of several libraries
    """Looks at a body that a method of a response returns whole, once it has been called.

    Args:
        response: of httpx.
        name: of the method.
        told: takes the body.
    """
    read = getattr(response, name)

    def reading() -> bytes:
        response.__dict__.pop(name, None)
        body: bytes = read()
        _tell(told, body)
        return body

    setattr(response, name, reading)


def watch_whole_body_async(response: Any, name: str, told: Callable[[bytes], bool]) -> None:  # noqa: ANN401 - as above
    """Looks at a body that a coroutine method of a response returns whole, once it has been awaited."""
    read = getattr(response, name)

    async def reading() -> bytes:
        response.__dict__.pop(name, None)
        body: bytes = await read()
        _tell(told, body)
        return body

    setattr(response, name, reading)


def _tell(told: Callable[[bytes], bool], body: object) -> None:
    if isinstance(body, bytes) and len(body) <= LONGEST_BODY:
        guard.call(_BODY, told, body)
