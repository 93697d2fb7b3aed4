# SPDX-License-Identifier: Apache-2.0
"""A page for a terminal, with rich: a frame around the headline, colours, a table of readers.

What belongs here: the only use of rich for reports. What does not: what is said (``text``).
Everything is handed to rich as ``Text``: nothing in a message or a reader's name is markup.
"""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.escaping import harmless_text
from cardcheck.render.base import ROOMY, cell_width, joined, padded, rows, wrapped
from cardcheck.render.marks import Mark
from cardcheck.render.remedy import lines_of
from cardcheck.render.streams import Styled, carried, encoding_of, fitted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from typing import TextIO

    from rich.console import RenderableType
    from rich.text import Text

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.card_text import CardBlock
    from cardcheck.render.remedy import Remedy
    from cardcheck.render.text import Item, Page

_NARROWEST = 40
_WIDEST = 100
_STYLES = {
    Mark.OK: "green",
    Mark.NOTE: "",
    Mark.WARNING: "yellow",
    Mark.ERROR: "red",
    Mark.UNKNOWN: "yellow",
    Mark.NONE: "dim",
}
_BANNER = "bold black on yellow"
_FRAME = 4  # columns that a frame takes: border and padding on both sides
_MARGIN = "  "

Span = tuple[str, str]
"""A piece of text and its style."""


class _Paragraph(Struct, frozen=True):
    """Spans that hold their own line feeds."""

    spans: tuple[Span, ...] = ()


class _Framed(Struct, frozen=True):
    """Paragraphs in a frame."""

    title: Span
    body: tuple[_Paragraph, ...]
    border: str
    inside: str = ""


class _Grid(Struct, frozen=True):
    """Cells in columns."""

    rows: tuple[tuple[str, ...], ...]


class _Verbatim(Struct, frozen=True):
    """Lines that are never wrapped: they are there to be copied."""

    lines: tuple[str, ...]


_Part = _Paragraph | _Framed | _Grid | _Verbatim


def rich_text(
    page: Page, messages: Messages, stream: TextIO, *, width: int | None = None
) -> Styled:
    """The page with the escape sequences that this stream understands; ``NO_COLOR`` is honoured.

    Args:
        page: what to say.
        messages: the language of the headings.
        stream: where it will go; nothing is written here.
        width: columns; those of the terminal, at least 40 and at most 100, where not given.
    """
    from rich.console import Console
    from rich.text import Text

    terminal = Console(file=stream)
    columns = width or max(_NARROWEST, min(terminal.width, _WIDEST))
    encoding = encoding_of(stream)
    console = Console(
        file=(sink := StringIO()),
        width=columns,
        force_terminal=terminal.is_terminal,
        color_system=None if terminal.legacy_windows else "auto",
        legacy_windows=False,
        emoji=False,
        markup=False,
        highlight=False,
    )
    for part in _Screen(messages, columns, encoding).parts(page):
        if isinstance(part, _Verbatim):
            console.print(Text(harmless_text("\n".join(part.lines))), soft_wrap=True)
            continue
        # Code pages have no round corners, and take two columns for the square ones.
        console.print(_renderable(part, plain=not encoding.lower().startswith("utf")))
    return Styled("\n".join(line.rstrip() for line in sink.getvalue().split("\n")))


def _renderable(part: _Paragraph | _Framed | _Grid, *, plain: bool) -> RenderableType:
    from rich import box
    from rich.console import Group
    from rich.panel import Panel
    from rich.table import Table
    from rich.text import Text

    def text(paragraph: _Paragraph) -> Text:
        return Text.assemble(*((harmless_text(words), style) for words, style in paragraph.spans))

    if isinstance(part, _Paragraph):
        return text(part)
    if isinstance(part, _Framed):
        return Panel(
            Group(*map(text, part.body)),
            box=box.ASCII if plain else box.ROUNDED,
            title=text(_Paragraph((part.title,))) if part.title[0] else None,
            title_align="left",
            border_style=part.border,
            style=part.inside,
        )
    table = Table(box=None, show_header=False, padding=(0, 0, 0, len(_MARGIN)))
    for _ in part.rows[0]:
        table.add_column(overflow="fold")
    for row in part.rows:
        table.add_row(*(Text(harmless_text(cell)) for cell in row))
    return table


class _Screen(Struct, frozen=True):
    messages: Messages
    width: int
    encoding: str

    def parts(self, page: Page) -> Iterator[_Part]:
        if page.banner:
            inside = tuple(
                self._lines(text, frame=_FRAME) for text in carried(page.banner, self.encoding)
            )
            yield _Framed(("", ""), inside, _BANNER, _BANNER)
        for note in page.notes:
            yield self._lines(note)
        yield self._headline(page)
        yield from self._remedy(page.remedy)
        yield self._chain(page)
        yield from self._findings(page.problems)
        yield from self._readers(page)
        yield from self._cards(page)
        yield from self._purposes(page)
        yield from self._findings(page.others)
        yield _Paragraph()
        for footer in page.footers:
            yield self._lines(footer, style="dim")
        if page.support:
            yield self._lines(page.support)

    def _sign(self, mark: Mark) -> str:
        return fitted(mark.sign, self.encoding)

    def _lines(
        self, text: str, first: str = "", *, lead: str = "", style: str = "", frame: int = 0
    ) -> _Paragraph:
        """The text wrapped for Japanese in ``style``, after ``first`` in the style ``lead``."""
        lines = "\n".join(wrapped(text, self.width - frame, first=first))
        return _Paragraph(((first, lead), (lines[len(first) :], style)))

    def _heading(self, label: str) -> Iterator[_Paragraph]:
        yield _Paragraph()
        yield self._lines(self.messages.label(label), style="bold")

    def _headline(self, page: Page) -> _Framed:
        """The verdict above what is the matter; only the verdict where there is nothing else."""
        style, sign = f"bold {_STYLES[page.mark]}", f"{self._sign(page.mark)} "
        if page.headline == page.verdict:
            title, first = (
                ("", ""),
                self._lines(page.headline, sign, lead=style, style=style, frame=_FRAME),
            )
        else:
            title = (f"{sign}{page.verdict}", style)
            first = self._lines(page.headline, style="bold", frame=_FRAME)
        remarks = (
            self._lines(remark, "! ", lead=_STYLES[Mark.WARNING], frame=_FRAME)
            for remark in page.remarks
        )
        return _Framed(title, (first, *remarks, *self._advice(page)), _STYLES[page.mark])

    def _advice(self, page: Page) -> Iterator[_Paragraph]:
        if page.next:
            yield _Paragraph()
            yield self._labelled("next-step", page.next)
        if page.actor:
            yield self._labelled("who-acts", page.actor)
        if page.more:
            yield _Paragraph(((f"{self.messages.label('then')}:", "bold"),))
        for more in page.more:
            yield self._lines(more, "- ", frame=_FRAME)
        if page.technical:
            yield self._labelled("technical", page.technical, "dim")

    def _labelled(self, name: str, value: str, style: str = "") -> _Paragraph:
        label = f"{self.messages.label(name)}: "
        lines = wrapped(value, self.width - _FRAME, first=label, rest=_MARGIN)
        return _Paragraph(((label, f"bold {style}"), ("\n".join(lines)[len(label) :], style)))

    def _findings(self, items: Sequence[Item]) -> Iterator[_Part]:
        if items:
            yield _Paragraph()
        for item in items:
            yield self._lines(item.text, f"{self._sign(item.mark)} ", lead=_STYLES[item.mark])
            if item.next:
                who = f" ({item.actor})" if item.actor else ""
                step = f"{self.messages.label('next-step')}: {item.next}{who}"
                yield self._lines(step, _MARGIN)
            yield from self._remedy(item.remedy)

    def _remedy(self, remedy: Remedy) -> Iterator[_Part]:
        for label, commands in (("commands", remedy.commands), ("undo", remedy.undo)):
            if commands:
                yield self._lines(f"{self.messages.label(label)}:", _MARGIN, style="bold")
                lines = (line for each in commands for line in lines_of(each, _MARGIN * 2))
                yield _Verbatim(tuple(lines))

    def _chain(self, page: Page) -> _Paragraph:
        """The links on as many lines as they need, each sign in its colour."""
        styles = {self._sign(mark): _STYLES[mark] for mark, _ in page.chain}
        spans: list[Span] = []
        pieces = (f"{self._sign(mark)} {name}" for mark, name in page.chain)
        for row in rows(pieces, self.width, gap=len(_MARGIN)):
            for piece in row:
                sign, _, name = piece.partition(" ")
                spans += [(sign, styles[sign]), (f" {name}{_MARGIN}", "")]
            spans.append(("\n", ""))
        return _Paragraph(tuple(spans[:-1]))

    def _readers(self, page: Page) -> Iterator[_Part]:
        yield from self._heading("readers" if page.readers else "no-readers")
        if self.width >= ROOMY and page.readers:
            yield _Grid(
                tuple(
                    (
                        row.id,
                        joined(row.name, row.why),
                        row.slot,
                        row.interface or "",
                        row.compatibility,
                    )
                    for row in page.readers
                )
            )
            return
        for row in page.readers:
            yield self._lines(row.name, f"{_MARGIN}{row.id}{_MARGIN}")
            facts = joined(row.slot, row.interface, row.compatibility, row.why)
            yield self._lines(facts, _MARGIN * 3)

    def _cards(self, page: Page) -> Iterator[_Paragraph]:
        if page.cards:
            yield from self._heading("cards")
        for card in page.cards:
            yield self._lines(f"{card.kind} ({card.reader})", f"{_MARGIN}{card.id}{_MARGIN}")
            yield from self._card_lines(card)

    def _card_lines(self, card: CardBlock) -> Iterator[_Paragraph]:
        """Label and value side by side; one below the other where there is no room."""
        column = max((cell_width(label) for label, _ in card.lines), default=0)
        for label, value in card.lines:
            first = f"{_MARGIN * 2}{padded(label, column)}{_MARGIN}"
            if self.width < ROOMY:
                yield self._lines(label, _MARGIN * 2, style="dim")
                first = _MARGIN * 3
            yield self._lines(value, first, lead="dim")

    def _purposes(self, page: Page) -> Iterator[_Paragraph]:
        if page.purposes:
            yield from self._heading("readiness")
        for row in page.purposes:
            first = f"{_MARGIN}{self._sign(row.mark)} "
            yield self._lines(f"{row.purpose}: {row.state}", first, lead=_STYLES[row.mark])
            if row.because:
                because = f"{self.messages.label('because')}: {joined(*row.because)}"
                yield self._lines(because, _MARGIN * 3, style="dim")
