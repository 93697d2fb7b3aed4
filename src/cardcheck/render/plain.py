# SPDX-License-Identifier: Apache-2.0
"""A document as plain text: no colour, no frame, readable aloud and in any encoding."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.render.base import WIDTH
from cardcheck.render.lines import Layout, banner_texts, paragraphs

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.render.document import Document
    from cardcheck.render.lines import Line

_STARS = "*** "


def plain_text(document: Document, *, width: int = WIDTH, encoding: str = "utf-8") -> str:
    """The document as lines of at most ``width`` columns, with a line feed at the end.

    Args:
        document: what to say.
        width: columns.
        encoding: where it will be written, so that substitutes for signs are counted.
    """
    layout = Layout(width, encoding)
    parts = [_banner(document, layout), *paragraphs(document.blocks, layout)]
    parts.append([line for text in document.footers for line in layout.text(text)])
    return "\n\n".join("\n".join(map(_text, part)) for part in parts if part) + "\n"


def _banner(document: Document, layout: Layout) -> list[Line]:
    def lines() -> Iterator[Line]:
        room = layout.width - len(_STARS)
        for text in banner_texts(document.banner, room, layout.encoding):
            yield from layout.text(text, (_STARS, ""), _STARS)

    return list(lines()) if document.banner else []


def _text(line: Line) -> str:
    return "".join(text for text, _ in line).rstrip()
