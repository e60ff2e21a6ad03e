"""Attributes that many spans share, prepared once."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class PreparedAttributes(dict[str, "str | int"]):
    """Holds attributes that many spans share and nobody changes, with room for what an exporter made of them.

    ``encoded`` is their OTLP/protobuf form as attributes of a span, once there is one.
    """

    __slots__ = ("encoded",)

    def __init__(self, attributes: Mapping[str, str | int]) -> None:
        super().__init__(attributes)
        self.encoded: bytes | None = None
