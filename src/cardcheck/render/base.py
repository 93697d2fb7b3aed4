# SPDX-License-Identifier: Apache-2.0
"""What every renderer needs: untrusted text made harmless, widths in terminal cells, wrapped lines.

What belongs here: pure functions on strings. What does not: what is said (``text``) and where it is
written (``output``).
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

WIDTH = 78
"""Columns of plain text: 80, less two for consoles that wrap early."""
ROOMY = 60
"""Columns from which values stand in a column of their own."""

# Signs that may not begin a line (JIS X 4051, the common subset): small kana, marks of length and
# repetition, and the Japanese full stop, comma, middle dot, colon, exclamation and question marks.
_NEVER_FIRST = frozenset(
    ",.:;!?"
    "\u3001\u3002\u30fb\u30fc\u3005\u309d\u309e\u30fd\u30fe\uff0c\uff0e\uff1a\uff1b\uff01\uff1f\u301c\uff5e"
    "\u3041\u3043\u3045\u3047\u3049\u3063\u3083\u3085\u3087\u308e"
    "\u30a1\u30a3\u30a5\u30a7\u30a9\u30c3\u30e3\u30e5\u30e7\u30ee\u30f5\u30f6"
)
_OPENING = frozenset({"Ps", "Pi"})
_CLOSING = frozenset({"Pe", "Pf"})
_MARKS = frozenset("\u3001\u3002\u30fb\uff01\uff1f\uff1a")
"""Full stop, comma, middle dot, exclamation, question mark, colon: a line may end after them."""
_WO = "\u3092"  # wo, which is a particle wherever it stands
# Hiragana that end a phrase: particles, and the endings of verbs and adjectives before a noun.
_PHRASE_END = re.compile(
    # ha ga wo ni de to mo no he ya te ba, and -ta -ru -na
    "(?:[\u306f\u304c\u3092\u306b\u3067\u3068\u3082\u306e\u3078\u3084\u3066\u3070\u305f\u308b\u306a]"
    # nai, kara, made, yori, nado, masu, sen
    "|\u306a\u3044|\u304b\u3089|\u307e\u3067|\u3088\u308a|\u306a\u3069|\u307e\u3059|\u305b\u3093"
    # desu, dake, zutsu, tari
    "|\u3067\u3059|\u3060\u3051|\u305a\u3064|\u305f\u308a)$"
)
_NO_BREAK_SPACE = "\u00a0"
_REPLACEMENT = "\ufffd"


def safe(text: str) -> str:
    """Text from a reader, a card or a file, as one harmless line.

    Control characters (C0, C1, so every terminal escape) and format characters (bidirectional
    controls, zero width) are removed; white space and line separators become a space, lone
    surrogates U+FFFD.
    """
    return "".join(_safe_character(character) for character in text)


def _safe_character(character: str) -> str:
    category = unicodedata.category(character)
    if character.isspace() and category != "Zs":
        return " "
    if category in {"Cc", "Cf"}:
        return ""
    return _REPLACEMENT if category == "Cs" else character


def joined(*parts: str | None) -> str:
    """The parts that there are, a stroke between them that never begins a line."""
    return f"{_NO_BREAK_SPACE}/ ".join(part for part in parts if part)


def cell_width(text: str) -> int:
    """Columns that the text takes on a terminal: wide characters 2, combining ones 0, others 1."""
    return sum(_cells(character) for character in text)


def _cells(character: str) -> int:
    if unicodedata.combining(character) or unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def padded(text: str, width: int) -> str:
    """The text followed by spaces up to ``width`` columns."""
    return text + " " * max(0, width - cell_width(text))


def wrapped(
    text: str, width: int = WIDTH, *, first: str = "", rest: str | None = None
) -> list[str]:
    """The text in lines of at most ``width`` columns.

    Args:
        text: one paragraph; a line feed in it begins a new line, a no-break space becomes a space.
        width: columns, the indentation included.
        first: what stands before the first line.
        rest: what stands before the lines after it; spaces as wide as ``first`` where not given.
    """
    rest = " " * cell_width(first) if rest is None else rest
    lines: list[str] = []
    lead = first
    for paragraph in text.split("\n"):
        line = lead
        for piece in _fitting(_pieces(paragraph), width - max(cell_width(first), cell_width(rest))):
            if line != lead and cell_width(line) + cell_width(piece.rstrip()) > width:
                lines.append(line)
                line = lead = rest
            line += piece.lstrip() if line == lead else piece
        lines.append(line)
        lead = rest
    return [line.rstrip().replace(_NO_BREAK_SPACE, " ") for line in lines]


def rows(pieces: Iterable[str], width: int = WIDTH, *, gap: int = 2) -> list[list[str]]:
    """The pieces on as many rows as they need, ``gap`` columns between two of them."""
    result: list[list[str]] = []
    used = width
    for piece in pieces:
        needed = gap + cell_width(piece)
        if used + needed > width:
            result.append([])
            used = -gap
        result[-1].append(piece)
        used += needed
    return result


def _fitting(pieces: Iterable[str], width: int) -> Iterator[str]:
    """The pieces; one that is wider than a line is cut where it must be."""
    for piece in pieces:
        if cell_width(piece.rstrip()) <= max(2, width):
            yield piece
            continue
        part = ""
        for smaller in _cut(piece, _may_break):
            for character in smaller:
                if part and cell_width(part + character.rstrip()) > max(2, width):
                    yield part
                    part = ""
                part += character
            yield part
            part = ""


def _pieces(paragraph: str) -> Iterator[str]:
    """The parts of a paragraph between which a line may end: words, phrases in Japanese."""
    return _cut(paragraph, _ends_phrase)


def _cut(text: str, between: Callable[[str, str], bool]) -> Iterator[str]:
    """The text in pieces: cut where ``between`` says so of what is before and what is after."""
    start = 0
    for place in range(1, len(text)):
        if between(text[start:place], text[place]):
            yield text[start:place]
            start = place
    yield text[start:]


def _may_break(before: str, after: str) -> bool:
    """Whether a line may end here at all."""
    last = before[-1]
    if _NO_BREAK_SPACE in {last, after} or unicodedata.category(last) in _OPENING:
        return False
    if after == " " or after in _NEVER_FIRST or unicodedata.category(after) in _CLOSING:
        return False
    return last == " " or _cells(last) == 2 or _cells(after) == 2


def _ends_phrase(before: str, after: str) -> bool:
    """Whether a line may end here without cutting a phrase.

    A Japanese phrase (bunsetsu) is a word and the hiragana of its particles or endings. So one ends
    where hiragana that are such an ending meet another script, at a mark, and before a bracket.
    Endings inside of a word, as in "moushi-komi", are none of these.
    """
    if not _may_break(before, after):
        return False
    last = before[-1]
    if last == " " or last in _MARKS or last == _WO or unicodedata.category(after) in _OPENING:
        return True
    return not _is_hiragana(after) and bool(_PHRASE_END.search(before))


def _is_hiragana(character: str) -> bool:
    return "\u3041" <= character <= "\u309f"
