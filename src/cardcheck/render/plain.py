# SPDX-License-Identifier: Apache-2.0
"""A page as plain text: no colour, no frame, 78 columns, readable aloud and in any encoding.

What belongs here: the layout. What does not: what is said (``text``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.render.base import ROOMY, WIDTH, cell_width, joined, padded, rows, wrapped
from cardcheck.render.remedy import lines_of
from cardcheck.render.streams import carried, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from cardcheck.catalog.messages import Messages
    from cardcheck.render.marks import Mark
    from cardcheck.render.remedy import Remedy
    from cardcheck.render.text import Item, Page

_INDENT = "  "


def plain_text(
    page: Page, messages: Messages, *, width: int = WIDTH, encoding: str = "utf-8"
) -> str:
    """The page as lines of at most ``width`` columns, with a line feed at the end.

    Args:
        page: what to say.
        messages: the language of the headings.
        width: columns.
        encoding: where it will be written, so that substitutes for signs are counted.
    """
    sheet = _Sheet(messages, width, encoding)
    paragraphs = (list(lines) for lines in sheet.paragraphs(page))
    return "\n\n".join("\n".join(lines) for lines in paragraphs if lines) + "\n"


class _Sheet(Struct, frozen=True):
    messages: Messages
    width: int
    encoding: str

    def paragraphs(self, page: Page) -> Iterator[Iterable[str]]:
        yield self._banner(page)
        yield self._lines(page.notes)
        yield self._headline(page)
        yield self._advice(page)
        yield self._findings(page.problems)
        yield self._chain(page)
        yield self._readers(page)
        yield self._cards(page)
        yield self._purposes(page)
        yield self._findings(page.others)
        yield self._lines((*page.footers, *([page.support] if page.support else ())))

    def _lines(self, texts: Iterable[str], first: str = "") -> Iterator[str]:
        for text in texts:
            yield from wrapped(text, self.width, first=first)

    def _sign(self, mark: Mark) -> str:
        return fitted(mark.sign, self.encoding)

    def _banner(self, page: Page) -> Iterator[str]:
        if page.banner:
            yield "*" * self.width
            yield from self._lines(carried(page.banner, self.encoding), "*** ")
            yield "*" * self.width

    def _headline(self, page: Page) -> Iterator[str]:
        """What is the matter, and the one next step: whoever reads no further has what counts."""
        yield from wrapped(page.headline, self.width, first=f"{self._sign(page.mark)} ")
        for remark in page.remarks:
            yield from wrapped(remark, self.width, first=f"{_INDENT}! ", rest=_INDENT * 2)
        yield from self._labelled("next-step", page.next)
        yield from self._remedy(page.remedy)

    def _advice(self, page: Page) -> Iterator[str]:
        yield from self._labelled("who-acts", page.actor)
        if page.more:
            yield f"{_INDENT}{self.messages.label('then')}:"
            yield from self._lines(page.more, f"{_INDENT * 2}- ")
        yield from self._labelled("technical", page.technical)
        if page.headline != page.verdict:
            yield from self._labelled("summary", page.verdict)

    def _labelled(self, name: str, value: str | None) -> list[str]:
        first = f"{_INDENT}{self.messages.label(name)}: "
        return wrapped(value, self.width, first=first, rest=_INDENT * 2) if value else []

    def _findings(self, items: Sequence[Item]) -> Iterator[str]:
        for item in items:
            first = f"{self._sign(item.mark)} "
            yield from wrapped(item.text, self.width, first=first, rest=_INDENT)
            if item.next:
                who = f" ({item.actor})" if item.actor else ""
                step = f"{self.messages.label('next-step')}: {item.next}{who}"
                yield from wrapped(step, self.width, first=_INDENT * 2)
            yield from self._remedy(item.remedy)

    def _remedy(self, remedy: Remedy) -> Iterator[str]:
        for label, commands in (("commands", remedy.commands), ("undo", remedy.undo)):
            if commands:
                yield f"{_INDENT}{self.messages.label(label)}:"
            for command in commands:
                yield from lines_of(command, _INDENT * 2)

    def _chain(self, page: Page) -> Iterator[str]:
        pieces = (f"{self._sign(mark)} {name}" for mark, name in page.chain)
        for row in rows(pieces, self.width, gap=len(_INDENT)):
            yield _INDENT.join(row)

    def _readers(self, page: Page) -> Iterator[str]:
        if not page.readers:
            yield self.messages.label("no-readers")
            return
        yield f"{self.messages.label('readers')}:"
        for row in page.readers:
            yield from wrapped(row.name, self.width, first=f"{_INDENT}{row.id}{_INDENT}")
            facts = joined(row.slot, row.interface, row.compatibility, row.why)
            yield from wrapped(facts, self.width, first=_INDENT * 3)

    def _cards(self, page: Page) -> Iterator[str]:
        if page.cards:
            yield f"{self.messages.label('cards')}:"
        for card in page.cards:
            kind = f"{card.kind} ({card.reader})"
            yield from wrapped(kind, self.width, first=f"{_INDENT}{card.id}{_INDENT}")
            column = max((cell_width(label) for label, _ in card.lines), default=0)
            for label, value in card.lines:
                first = f"{_INDENT * 2}{padded(label, column)}{_INDENT}"
                if self.width < ROOMY:
                    yield from wrapped(label, self.width, first=_INDENT * 2)
                    first = _INDENT * 3
                yield from wrapped(value, self.width, first=first)

    def _purposes(self, page: Page) -> Iterator[str]:
        if page.purposes:
            yield f"{self.messages.label('readiness')}:"
        for row in page.purposes:
            first = f"{_INDENT}{self._sign(row.mark)} "
            yield from wrapped(f"{row.purpose}: {row.state}", self.width, first=first)
            if row.because:
                because = f"{self.messages.label('because')}: {joined(*row.because)}"
                yield from wrapped(because, self.width, first=_INDENT * 3)
