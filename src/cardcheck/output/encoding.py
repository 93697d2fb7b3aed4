# SPDX-License-Identifier: Apache-2.0
"""Which signs an encoding has, and what stands in for those that it lacks; pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from typing import TextIO

# What stands in for a sign that an encoding does not have, the best one first. Code page 932 has
# the full-width relatives of several signs of JIS X 0208.
_SUBSTITUTES: dict[str, tuple[str, ...]] = {
    "\u2713": ("OK",),  # check mark
    "\u2714": ("OK",),
    "\u2717": ("NG",),  # ballot x
    "\u2718": ("NG",),
    "\u26a0": ("!",),  # warning sign
    "\u2022": ("\u30fb", "*"),  # bullet
    "\u30fb": ("-",),  # katakana middle dot
    "\u2026": ("...",),  # ellipsis
    "\u2013": ("-",),  # dashes, minus
    "\u2014": ("\u2015", "-"),
    "\u2212": ("\uff0d", "-"),
    "\u2500": ("-",),
    "\u301c": ("\uff5e", "~"),  # wave dash
    "\uff5e": ("\u301c", "~"),
    "\u30fc": ("-",),  # mark of length
    "\u2192": ("->",),
    "\u203a": (">",),
    "\u00d7": ("x",),
    "\u2018": ("'",),
    "\u2019": ("'",),
    "\u201c": ('"',),
    "\u201d": ('"',),
    "\u00a0": (" ",),
}


def can_carry(stream: TextIO, text: str) -> bool:
    """Whether the stream's encoding has every character of the text."""
    return _encodes(text, encoding_of(stream))


def encoding_of(stream: TextIO) -> str:
    """The encoding of a stream; UTF-8 where it names none (``StringIO``)."""
    return getattr(stream, "encoding", None) or "utf-8"


def fitted(text: str, encoding: str) -> str:
    """The text with every character that the encoding lacks replaced: a substitute, else ``?``."""
    if _encodes(text, encoding):
        return text
    return "".join(_fitted_character(character, encoding) for character in text)


def carried(texts: Iterable[str], encoding: str) -> list[str]:
    """Those of the texts, the same in several languages, that the encoding can show."""
    return [text for text in texts if fitted(text, encoding).count("?") == text.count("?")]


def _fitted_character(character: str, encoding: str) -> str:
    candidates = (character, *_SUBSTITUTES.get(character, ()))
    return next((candidate for candidate in candidates if _encodes(candidate, encoding)), "?")


def _encodes(text: str, encoding: str) -> bool:
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return False
    return True


class Styled(str):
    """Text with escape sequences of our own, made of parts that have been through ``escaping``."""

    __slots__ = ()
