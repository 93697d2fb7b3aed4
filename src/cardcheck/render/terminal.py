# SPDX-License-Identifier: Apache-2.0
"""A document for a terminal: the lines of plain text in colours, a frame around the headline.

Nothing in a text is markup: colours are those of spans, and texts have lost their escapes before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.escaping import harmless_text
from cardcheck.output.encoding import Styled
from cardcheck.render.base import cell_width, padded, safe
from cardcheck.render.document import Headline
from cardcheck.render.lines import BOLD, DIM, Layout, banner_texts, block_lines, body_lines
from cardcheck.render.marks import Mark

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.render.document import Block, Document
    from cardcheck.render.lines import Line

NARROWEST: Final = 40
WIDEST: Final = 100
_FRAME: Final = 4  # columns that a frame takes: border and blank on both sides
_BANNER: Final = "banner"
# ECMA-48, 8.3.117: select graphic rendition
_SGR: Final = {
    Mark.OK.value: "32",
    Mark.WARNING.value: "33",
    Mark.ERROR.value: "31",
    Mark.UNKNOWN.value: "33",
    Mark.NONE.value: "2",
    BOLD: "1",
    DIM: "2",
    _BANNER: "1;30;43",
}
_ROUND: Final = ("\u256d", "\u256e", "\u2570", "\u256f", "\u2500", "\u2502")
_ASCII: Final = ("+", "+", "+", "+", "-", "|")


def terminal_text(
    document: Document, *, width: int, encoding: str = "utf-8", colour: bool = True
) -> Styled:
    """The document as lines for a terminal, with a line feed at the end.

    Args:
        document: what to say.
        width: columns of the terminal; used are at least 40 and at most 100 of them.
        encoding: of the terminal. Code pages have no round corners, and take two columns for the
            square ones.
        colour: whether escape sequences may be written.
    """
    screen = _Screen(max(NARROWEST, min(width, WIDEST)), encoding, colour=colour)
    parts = ("\n".join(part) for part in screen.parts(document) if part)
    return Styled("\n\n".join(parts) + "\n")


class _Screen:
    def __init__(self, width: int, encoding: str, *, colour: bool) -> None:
        self._layout = Layout(width, encoding)
        self._inner = Layout(width - _FRAME, encoding)
        self._corners = _ROUND if encoding.lower().startswith("utf") else _ASCII
        self._colour = colour

    def parts(self, document: Document) -> Iterator[list[str]]:
        if document.banner:
            yield [self._shown(line) for line in self._banner(document.banner)]
        for block in document.blocks:
            yield list(self._block(block))
        footers = [line for text in document.footers for line in self._layout.text(text, style=DIM)]
        yield [self._shown(line) for line in footers]

    def _banner(self, banner: tuple[str, ...]) -> Iterator[Line]:
        """What nobody may overlook, across the whole width."""
        for text in banner_texts(banner, self._inner.width, self._layout.encoding):
            for line in self._inner.text(text):
                shown = "".join(part for part, _ in line)
                yield ((padded(f" {shown}", self._layout.width), _BANNER),)

    def _block(self, block: Block) -> Iterator[str]:
        if isinstance(block, Headline):
            yield from self._headline(block)
        else:
            yield from map(self._shown, block_lines(block, self._layout, ""))

    def _headline(self, block: Headline) -> Iterator[str]:
        """In a frame whose title is the verdict; only the verdict where there is nothing else."""
        sign, style = self._layout.lead(block.mark)
        title = f"{sign}{safe(block.verdict.text)}" if block.verdict else ""
        above: list[Line] = []
        if cell_width(title) > self._inner.width - 2:  # no room for it in the border
            above, title = list(self._inner.text(title, style=style)), ""
        first = ("", "") if block.verdict else (sign, style)
        lines = [*above, *self._inner.text(block.text, first, style=BOLD)]
        body = list(body_lines(block, self._inner, ""))
        yield from self._framed([*lines, *body], style, title)

    def _framed(self, lines: list[Line], style: str, title: str = "") -> Iterator[str]:
        left_top, right_top, left_end, right_end, across, down = self._corners
        width = self._layout.width
        head = f"{across} {title} " if title else ""
        border = self._styled(down, style)
        room = width - 2 - cell_width(head)
        yield self._styled(f"{left_top}{head}{across * room}{right_top}", style)
        for line in lines:
            rest = " " * (width - _FRAME - sum(cell_width(text) for text, _ in line))
            yield border + self._shown(((" ", ""), *line, (f"{rest} ", ""))) + border
        yield self._styled(f"{left_end}{across * (width - 2)}{right_end}", style)

    def _shown(self, line: Line) -> str:
        return "".join(self._styled(text, style) for text, style in line)

    def _styled(self, text: str, style: str) -> str:
        code, text = _SGR.get(style), harmless_text(text)
        if not self._colour or code is None or not (text.strip() or style == _BANNER):
            return text
        return f"\x1b[{code}m{text}\x1b[0m"
