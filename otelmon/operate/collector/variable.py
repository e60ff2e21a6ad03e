"""What a variable of the Collector's configuration is, and which values of it the Collector can use."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

Kind = Literal[
    "address",
    "addresses",
    "url",
    "duration",
    "integer",
    "percentage",
    "path",
    "file",
    "level",
    "secret",
    "topic",
    "name",
]

LEVELS = ("debug", "info", "warn", "error")
HIGHEST_PORT = 65535
ACCEPTED: Mapping[Kind, str] = {
    "address": "host:port",
    "addresses": "host:port, several with commas between",
    "url": "http:// or https:// with a host",
    "duration": "a number with ms, s or m, such as 5s",
    "percentage": "0 to 100",
    "path": "a folder that can be written",
    "file": "a file that can be read",
    "level": ", ".join(LEVELS),
    "secret": "any",
    "name": "letters, digits, - _ and .",
    "topic": "1 to 249 letters, digits, dots, underscores and hyphens",
}


@dataclass(frozen=True, slots=True)
class CollectorVariable:
    """Describes one variable; ``low`` and ``high`` bound integers, both inclusive, and stand in ``safe`` otherwise."""

    name: str
    kind: Kind
    default: str
    unit: str
    meaning: str
    low: int = 0
    high: int = 0
    safe: str = ""

    @property
    def safe_range(self) -> str:
        """Returns the accepted values as one readable phrase."""
        if self.safe:
            return self.safe
        return f"{self.low} to {self.high}" if self.kind == "integer" else ACCEPTED[self.kind]

    def accepts(self, text: str) -> bool:
        """Returns whether the Collector can use a value."""
        if self.kind == "integer":
            return text.isascii() and text.isdigit() and self.low <= int(text) <= self.high
        return _CHECKS[self.kind](text)


def _address(text: str) -> bool:
    host, _, port = text.rpartition(":")
    return bool(host) and port.isascii() and port.isdigit() and 0 < int(port) <= HIGHEST_PORT


def _url(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False


def _duration(text: str) -> bool:
    return re.fullmatch(r"\d+(\.\d+)?(ms|s|m)", text) is not None


def _percentage(text: str) -> bool:
    return re.fullmatch(r"\d{1,3}(\.\d+)?", text) is not None and float(text) <= 100  # noqa: PLR2004 - per cent


def _addresses(text: str) -> bool:
    return all(_address(each.strip()) for each in text.split(","))


_CHECKS: Mapping[Kind, Callable[[str], bool]] = {
    "address": _address,
    "addresses": _addresses,
    "url": _url,
    "duration": _duration,
    "percentage": _percentage,
    "path": bool,
    "file": bool,
    "level": LEVELS.__contains__,
    "secret": bool,
    "name": lambda text: re.fullmatch(r"[\w.-]{1,64}", text) is not None,
    # https://github.com/apache/kafka/blob/4.3/clients/src/main/java/org/apache/kafka/common/internals/Topic.java
    "topic": lambda text: re.fullmatch(r"[A-Za-z0-9._-]{1,249}", text) is not None and text not in (".", ".."),
}
