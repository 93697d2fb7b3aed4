# SPDX-License-Identifier: Apache-2.0
"""A document as lines of spans: what plain text and a terminal have in common.

What belongs here: indentation, wrapping, columns. What does not: colours and frames (``terminal``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from msgspec import Struct

from cardcheck.output.encoding import carried, fitted
from cardcheck.render.base import ROOMY, cell_width, padded, rows, safe, wrapped
from cardcheck.render.document import (
    Bullet,
    Chain,
    Drawing,
    Facts,
    Figure,
    Fold,
    Headline,
    Listing,
    Paragraph,
    Section,
    Share,
    Table,
    Tone,
    Verbatim,
)
from cardcheck.render.meters import bar, sparkline

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.render.document import Block, Cell, Item, Leaf
    from cardcheck.render.marks import Mark

_LAST = 16  # columns that the last column of a table needs
BOLD, DIM = "bold", "dim"
INDENT = "  "

Span = tuple[str, str]
"""A piece of a line and its style: the value of a mark, ``bold``, ``dim`` or nothing."""
Line = tuple[Span, ...]


class Layout(Struct, frozen=True):
    """Where lines go: so many columns in this encoding, which substitutes for signs count in."""

    width: int
    encoding: str = "utf-8"

    def sign(self, mark: Mark) -> str:
        """The sign of a mark as this encoding has it."""
        return fitted(mark.sign, self.encoding)

    def lead(self, mark: Mark | None) -> Span:
        """What stands before a marked text."""
        return (f"{self.sign(mark)} ", mark.value) if mark is not None else ("", "")

    def text(
        self, text: str, first: Span = ("", ""), rest: str | None = None, style: str = ""
    ) -> Iterator[Line]:
        """A wrapped text after ``first``."""
        lead, lead_style = first
        shown = "\n".join(map(safe, text.split("\n")))
        head, *others = wrapped(shown, self.width, first=lead, rest=rest)
        yield ((head[: len(lead)], lead_style), (head[len(lead) :], style))
        yield from (((line, style),) for line in others)


def banner_texts(banner: Iterable[str], width: int, encoding: str) -> list[str]:
    """What a banner says in this encoding: in one line where that has room, else one a text."""
    texts = carried(banner, encoding)
    line = " ".join(texts)
    return [line] if texts and cell_width(line) <= width else texts


def paragraphs(blocks: Iterable[Block], layout: Layout) -> Iterator[list[Line]]:
    """The lines of each block that has any; a blank line belongs between two of them."""
    for block in blocks:
        lines = list(block_lines(block, layout, ""))
        if lines:
            yield lines


def block_lines(block: Block, layout: Layout, indent: str) -> Iterator[Line]:
    """The lines of a block, ``indent`` before each."""
    match block:
        case Headline():
            yield from headline_lines(block, layout)
        case Section():
            yield from _section(block, layout, indent)
        case Chain():
            yield from _chain(block, layout)
        case Fold():
            return
        case _:
            yield from _leaf_lines(block, layout, indent)


def _leaf_lines(block: Leaf, layout: Layout, indent: str) -> Iterator[Line]:
    match block:
        case Paragraph():
            yield from _paragraph(block, layout, indent)
        case Listing():
            yield from _listing(block, layout, indent)
        case Facts():
            yield from _facts(block, layout, indent)
        case Table():
            yield from _table(block, layout, indent)
        case Drawing():
            yield from _drawing(block, layout, indent)
        case Verbatim():
            yield from _verbatim(block, indent + INDENT)
        case _:
            assert_never(block)


def headline_lines(headline: Headline, layout: Layout) -> Iterator[Line]:
    """The headline after its sign, then what belongs to it."""
    yield from layout.text(headline.text, layout.lead(headline.mark), style=BOLD)
    yield from body_lines(headline, layout, INDENT)
    if headline.verdict is not None:
        yield from _paragraph(headline.verdict, layout, INDENT)


def body_lines(headline: Headline, layout: Layout, indent: str) -> Iterator[Line]:
    """What stands below a headline."""
    for block in headline.blocks:
        yield from block_lines(block, layout, indent)


def _section(section: Section, layout: Layout, indent: str) -> Iterator[Line]:
    inside = indent
    if section.title:
        end = "" if indent else ":"
        yield from layout.text(f"{section.title}{end}", (indent, ""), style="" if indent else BOLD)
        inside = indent + INDENT
    for block in section.blocks:
        yield from block_lines(block, layout, inside)


def _paragraph(paragraph: Paragraph, layout: Layout, indent: str) -> Iterator[Line]:
    style = DIM if paragraph.tone is Tone.QUIET else ""
    if paragraph.label:
        first = (f"{indent}{paragraph.label}: ", style or BOLD)
        yield from layout.text(paragraph.text, first, indent + INDENT, style)
    elif paragraph.mark is not None:
        first = (f"{indent}{layout.sign(paragraph.mark)} ", paragraph.mark.value)
        yield from layout.text(paragraph.text, first, style=style)
    else:
        yield from layout.text(paragraph.text, (indent, ""), style=style)


def _listing(listing: Listing, layout: Layout, indent: str) -> Iterator[Line]:
    if listing.title:
        yield from layout.text(f"{listing.title}:", (indent, ""), style=BOLD)
        indent += INDENT
    for number, item in enumerate(listing.items, start=1):
        first = _lead(item, listing.bullet, number, layout)
        yield from layout.text(item.text, (f"{indent}{first[0]}", first[1]))
        for part in item.below:
            yield from _leaf_lines(part, layout, indent + INDENT * 2)


def _lead(item: Item, bullet: Bullet, number: int, layout: Layout) -> Span:
    if bullet is Bullet.NUMBER:
        return f"{number}. ", ""
    if item.mark is not None:
        return layout.lead(item.mark)
    if bullet is Bullet.DASH:
        return "- ", ""
    return (f"{item.id}{INDENT}", "") if item.id else ("", "")


def _facts(facts: Facts, layout: Layout, indent: str) -> Iterator[Line]:
    column = max((cell_width(label) for label, _ in facts.rows), default=0)
    for label, value in facts.rows:
        first = f"{indent}{padded(label, column)}{INDENT}"
        if layout.width < ROOMY:
            yield from layout.text(label, (indent, ""), style=DIM)
            first = indent + INDENT
        yield from layout.text(value, (first, DIM))


def _table(table: Table, layout: Layout, indent: str) -> Iterator[Line]:
    """Columns as wide as they need, the last wrapped; one cell a line where there is no room."""
    if not table.rows:
        return
    if table.title:
        yield from layout.text(f"{table.title}:", (indent, ""), style=BOLD)
        indent += INDENT
    cells = [[cell_text(cell) for cell in row] for row in (table.head, *table.rows)]
    *widths, _ = (max(map(cell_width, column)) for column in zip(*cells, strict=True))
    used = cell_width(indent) + sum(widths) + len(INDENT) * len(widths)
    if used + _LAST <= layout.width:
        for index, row in enumerate(cells):
            yield from _row(row, widths, layout, indent, DIM if index == 0 else "")
    else:
        for row in cells[1:]:
            yield from _stacked(cells[0], row, layout, indent)


def _row(
    row: Sequence[str], widths: Sequence[int], layout: Layout, indent: str, style: str
) -> Iterator[Line]:
    lead = "".join(padded(cell, width) + INDENT for cell, width in zip(row, widths, strict=False))
    yield from layout.text(row[-1], (indent + lead, style), style=style)


def _stacked(
    head: Sequence[str], row: Sequence[str], layout: Layout, indent: str
) -> Iterator[Line]:
    yield from layout.text(row[0], (f"{indent}- ", ""))
    for name, cell in zip(head[1:], row[1:], strict=True):
        if cell:
            yield from layout.text(cell, (f"{indent}{INDENT}{name}: ", DIM), indent + INDENT * 2)


def _drawing(drawing: Drawing, layout: Layout, indent: str) -> Iterator[Line]:
    """What letters can show of it; the rest is for paper and pages."""
    room = layout.width - cell_width(indent)
    match drawing.figure:
        case Figure.SHARE:
            told = safe(drawing.caption or drawing.name)
            shown = bar(drawing.share, room - cell_width(told) - 1)
            yield from layout.text(told, (f"{indent}{shown} ", ""), indent)
        case Figure.RESPONSES:
            line = sparkline(drawing.trail, width=room, encoding=layout.encoding)
            if line:
                yield ((f"{indent}{line}", ""),)
        case _:
            yield from (((f"{indent}{line}", ""),) for line in drawing.lines)


def cell_text(cell: Cell) -> str:
    """A cell in letters; a bar is only drawn."""
    if isinstance(cell, Share):
        return f"{int(cell.value * 100)} %"
    return "" if cell is None else safe(str(cell))


def _chain(chain: Chain, layout: Layout) -> Iterator[Line]:
    """The links on as many lines as they need, each sign in its style."""
    pieces = [f"{layout.sign(link.mark)} {safe(link.name)}" for link in chain.links]
    links = iter(chain.links)
    for row in rows(pieces, layout.width, gap=len(INDENT)):
        spans: list[Span] = []
        for piece, link in zip(row, links, strict=False):
            sign = layout.sign(link.mark)
            gap = INDENT if spans else ""
            spans += [(f"{gap}{sign}", link.mark.value), (piece.removeprefix(sign), "")]
        yield tuple(spans)


def _verbatim(verbatim: Verbatim, indent: str) -> Iterator[Line]:
    """Lines after the first stand at the margin: a here-document ends only there."""
    for command in verbatim.lines:
        first, *others = command.split("\n")
        yield ((f"{indent}{first}", ""),)
        yield from (((line, ""),) for line in others)
