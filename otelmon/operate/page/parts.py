"""What the page is made of: tiles, blocks, tables and cells; everything in them is text ready to be shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from otelmon.operate.page.figures import UNKNOWN, shown

if TYPE_CHECKING:
    from otelmon.operate.page.sparkline import Sparkline

# Tones are never the only sign: what is bad or warned of says so in words beside its color.
Tone = Literal["", "bad", "warn", "good", "dim"]
SAFE_SCHEMES = ("https://", "http://", "/")


@dataclass(frozen=True, slots=True)
class Cell:
    """Holds one field of a table; ``tag`` draws the text as a word in a frame, ``more`` is a second, quieter line."""

    text: str
    tone: Tone = ""
    href: str = ""
    more: str = ""
    tag: bool = False
    curve: Sparkline | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Holds the head of a column; figures stand right-aligned."""

    text: str
    number: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Holds one table; ``empty`` is said where there are no rows. The first cell of a row is its head."""

    caption: str
    heads: tuple[Head, ...]
    rows: tuple[tuple[Cell, ...], ...]
    empty: str


@dataclass(frozen=True, slots=True)
class Block:
    """Holds one topic; ``away`` says why what follows is old or missing; ``paired`` tables stand in twos."""

    anchor: str
    title: str
    tables: tuple[Table, ...]
    age: str = ""
    away: str = ""
    wide: bool = False
    paired: bool = False


@dataclass(frozen=True, slots=True)
class Tile:
    """Holds one figure of the summary; ``anchor`` names the block that says more."""

    label: str
    text: str
    more: str
    anchor: str
    tone: Tone = ""
    age: str = ""
    curve: Sparkline | None = None


@dataclass(frozen=True, slots=True)
class Board:
    """Holds the whole page."""

    verdict: str
    tone: Tone
    tiles: tuple[Tile, ...]
    blocks: tuple[Block, ...]
    made_at: float
    age: str


def text_cell(value: object, more: str = "", tone: Tone = "", most: int = 160) -> Cell:
    """Returns a cell with foreign text; what is empty says that it is not known."""
    text = shown(value, most)
    return Cell(text, tone, more=shown(more)) if text else Cell(UNKNOWN, "dim", more=shown(more))


def figure_cell(text: str, tone: Tone = "", more: str = "") -> Cell:
    """Returns a cell with a written figure; what is not known is quiet."""
    return Cell(text, "dim" if text == UNKNOWN else tone, more=more)


def link(href: str) -> str:
    """Returns an address that may stand in a link, or nothing for any other scheme."""
    return href if href.startswith(SAFE_SCHEMES) and not href.startswith("//") else ""
