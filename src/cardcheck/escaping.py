# SPDX-License-Identifier: Apache-2.0
r"""Anybody's text made harmless for a terminal and for a log of CI.

What belongs here: which characters act instead of being shown, and what is shown for them. What
does not: where it is applied: to each value of a sentence (``catalog.messages``), each complaint
(``errors.InputError``) and all that is written to a stream (``output.streams``).

What is shown is written as JSON writes it (``\u001b``), so a document in JSON says the same.
"""

from __future__ import annotations

import re
from typing import Final

# C0 but for tab and line ends, DEL, C1, direction marks and bidirectional controls (UAX 9), line
# and paragraph separators, lone surrogates: bytes of a file name that are no text.
_ACTING: Final = (
    r"\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"
    r"\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
)
_IN_TEXT: Final = re.compile(f"[{_ACTING}]|\\r(?!\\n)")
_IN_VALUE: Final = re.compile(f"[{_ACTING}\\t\\n\\r]")
_SHORT: Final = {"\t": "\\t", "\n": "\\n", "\r": "\\r"}
# Lines that a CI takes for its commands: "::name …::…" (GitHub, at the beginning), "##[…]" and
# "##vso[…]" (GitHub's old form and Azure, anywhere).
_COMMAND: Final = re.compile(r"^([^\S\n]*):(?=:[^\n]*::)", re.MULTILINE)
_OLD_COMMAND: Final = re.compile(r"#(?=#(?:\[|vso\[))", re.IGNORECASE)


def harmless_value(text: str) -> str:
    """A name, a reason or any other value, as one line in which nothing acts."""
    return _IN_VALUE.sub(_shown, text)


def harmless_text(text: str) -> str:
    """A whole text: its lines and tabs stay, nothing else in it acts, no line is a command."""
    text = _IN_TEXT.sub(_shown, text)
    if "::" in text:
        text = _COMMAND.sub(r"\1\\u003a", text)
    return _OLD_COMMAND.sub(r"\\u0023", text) if "##" in text else text


def _shown(match: re.Match[str]) -> str:
    character = match[0]
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
