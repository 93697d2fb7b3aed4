# SPDX-License-Identifier: Apache-2.0
"""A document of few kinds of blocks: what is said, apart from how any medium lays it out.

What belongs here: the blocks. A page (``pages``) makes them of results; a writer (``plain``,
``terminal``, ``html``, ``csv``) lays them out. Texts are plain strings of anybody: each writer
makes them harmless for its own medium.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from cardcheck.render.marks import Mark
    from cardcheck.report.model import Layer


class Tone(StrEnum):
    """How loud a paragraph is said."""

    NORMAL = "normal"
    STEP = "step"  # the one next step
    QUIET = "quiet"  # for experts, or beside the matter
    CODE = "code"  # to be read out letter by letter
    SIGNATURE = "signature"  # a line to sign on, on paper


class Bullet(StrEnum):
    """What stands before the items of a list."""

    SIGN = "sign"  # the mark of the item, or its id
    DASH = "dash"
    NUMBER = "number"


class Figure(StrEnum):
    """What a drawing shows."""

    CONTACT = "contact"  # a card before the slot of a reader
    CONTACTLESS = "contactless"  # a card on a reader
    RESPONSES = "responses"  # one bar a read, in milliseconds; None where none came
    DAYS = "days"  # one column a day: all, and of these the bad ones
    QR = "qr"
    SHARE = "share"  # how much of a whole is good, from 0 to 1


class Paragraph(Struct, frozen=True, kw_only=True):
    """A text that may have a label before it and a mark before that."""

    text: str
    label: str | None = None
    mark: Mark | None = None
    tone: Tone = Tone.NORMAL


class Verbatim(Struct, frozen=True, kw_only=True):
    """Lines to be copied: never wrapped, never changed."""

    lines: tuple[str, ...]


class Item(Struct, frozen=True, kw_only=True):
    """One item of a list.

    Attributes:
        text: what it says.
        mark: its mark, or None.
        id: by which others name it (``r0``), or None.
        below: what stands below it.
    """

    text: str
    mark: Mark | None = None
    id: str | None = None
    below: tuple[Paragraph | Verbatim, ...] = ()


class Listing(Struct, frozen=True, kw_only=True):
    """Items one below the other; ``dense``: many short ones, in columns where there is room."""

    items: tuple[Item, ...]
    title: str | None = None
    bullet: Bullet = Bullet.SIGN
    dense: bool = False


class Facts(Struct, frozen=True, kw_only=True):
    """Names and their values."""

    rows: tuple[tuple[str, str], ...]


class Share(Struct, frozen=True):
    """A cell that says how much of a whole is bad, from 0 to 1; a bar where one can be drawn."""

    value: float


Cell = str | int | float | Share | None


class Table(Struct, frozen=True, kw_only=True):
    """Rows under a head.

    Attributes:
        head: names of the columns.
        rows: their cells.
        title: of the table, or None.
    """

    head: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    title: str | None = None


class Drawing(Struct, frozen=True, kw_only=True):
    """A drawing, and what stands for it where none can be.

    Attributes:
        figure: what it shows.
        name: what it shows, in words, for who does not see it.
        caption: below it, or None.
        words: what is written in it.
        share: what a share draws.
        trail: what response times draw.
        days: what days draw.
        content: what a QR code holds.
        lines: the same in letters, for text; empty where the caption says it all.
    """

    figure: Figure
    name: str
    caption: str | None = None
    words: tuple[str, ...] = ()
    share: float = 0.0
    trail: tuple[float | None, ...] = ()
    days: tuple[tuple[int, int], ...] = ()
    content: str = ""
    lines: tuple[str, ...] = ()


class Link(Struct, frozen=True, kw_only=True):
    """A link of the chain: its name; on a page a short one too, and its mark in a word."""

    layer: Layer
    mark: Mark
    name: str
    short: str | None = None
    state: str | None = None


class Chain(Struct, frozen=True, kw_only=True):
    """The links between the person's computer and the card, in their order."""

    links: tuple[Link, ...]


class Section(Struct, frozen=True, kw_only=True):
    """Blocks under a heading; ``columns``: beside each other where there is room."""

    blocks: tuple[Block, ...]
    title: str | None = None
    columns: bool = False


class Fold(Struct, frozen=True, kw_only=True):
    """What most readers do not need: folded on a page, open on paper, left out of text."""

    title: str
    blocks: tuple[Block, ...]


class Headline(Struct, frozen=True, kw_only=True):
    """What is the matter, and what to do: whoever reads no further has what counts.

    Attributes:
        text: one sentence.
        mark: how bad, or None where nothing is judged.
        verdict: a word or two above it, with its label, or None.
        blocks: the next step and what belongs to it.
    """

    text: str
    mark: Mark | None = None
    verdict: Paragraph | None = None
    blocks: tuple[Block, ...] = ()


Leaf = Paragraph | Listing | Facts | Table | Drawing | Verbatim
"""A block without blocks in it."""
Block = Headline | Section | Fold | Chain | Leaf


class Document(Struct, frozen=True, kw_only=True):
    """All that is said.

    Attributes:
        lang: the language, as BCP 47 has it.
        title: the heading of a page, or None where the headline is enough.
        banner: that nothing of this is real, in Japanese and in English; empty for hardware.
        made: when it was made, or None.
        blocks: in their order.
        footers: what holds for all of it.
    """

    lang: str
    blocks: tuple[Block, ...]
    title: str | None = None
    banner: tuple[str, ...] = ()
    made: str | None = None
    footers: tuple[str, ...] = ()
