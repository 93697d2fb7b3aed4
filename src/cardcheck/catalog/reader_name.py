# SPDX-License-Identifier: Apache-2.0
"""A reader's name without the serial number of the device: the one rule, for all that leaves.

What belongs here: where in a name the serial number is, and what the catalogue knows as a part of a
name. What does not: what a name stands for (``catalog.readers``).
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from cardcheck.catalog.reader_table import bracketed_names, name_patterns, reader_table
from cardcheck.catalog.usb_devices import usb_devices

if TYPE_CHECKING:
    from collections.abc import Mapping

NAME_LIMIT = 128
"""The longest reader name of pcsc-lite (``MAX_READERNAME``)."""

# pcsc-lite (hotplug_libudev.c, readerfactory.c): "<name> [<USB interface>] (<serial>) NN MM", where
# interface and serial number may be missing, and the end of what stands before the two numbers
# (reader and slot, hexadecimal) is cut off where it is too long.
SLOT_NUMBERS = re.compile(r" [0-9A-Fa-f]{2} [0-9A-Fa-f]{2}\Z")
_CUT_LENGTH = NAME_LIMIT - 16
"""A name of so many bytes may have been cut; a few more than pcscd needs for numbers."""
_SERIAL_PLACE = re.compile(r"(?<=\]) ?[(\uff08]")
_OPENING, _CLOSING = re.compile(r"[(\uff08]"), re.compile(r"[)\uff09]")
_BRACKET = re.compile(r"\(([^()]*)\)")
_USB_ID = re.compile(r"([0-9a-f]{4}):([0-9a-f]{4})\Z")
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]+")
_LONG_NUMBER = re.compile(r"\d{8,}")
"""In no model's name; nines take its place, for twelve zeros could be an individual number."""


def safe_text(text: str, limit: int = NAME_LIMIT) -> str:
    """Untrusted text made safe: at most ``limit`` characters, invisible ones replaced by ``?``.

    Control characters, escape sequences, direction marks and other format characters, lone
    surrogates, private and unassigned code points, line and paragraph separators go. Markup is the
    renderer's business.
    """
    return "".join(
        "?" if unicodedata.category(char) in {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"} else char
        for char in text[:limit]
    )


@lru_cache(maxsize=256)
def clean_name(name: str) -> str:
    """A reader's name without the device's serial number, safe to show, at most 128 characters.

    The one rule for every name that leaves: reports, traces, snapshots, messages. Any text is
    taken, and what comes back stays as it is when it is cleaned once more.
    """
    bare = _LONG_NUMBER.sub(lambda match: "9" * len(match[0]), _parted(name)[0])
    return bare[:NAME_LIMIT]


def serial_of(name: str) -> str | None:
    """The serial number in a reader name, made safe, or None; personal: never shared."""
    return _parted(name)[1] or None


def goes_by(name: str, wish: str) -> bool:
    """Whether a reader may be called ``wish``: a part of its name, as it is or as it is shown."""
    wanted = wish.casefold()
    return wanted in name.casefold() or wanted in clean_name(name).casefold()


def _parted(name: str) -> tuple[str, str]:
    """The name without its serial number, and the serial number or ``""``.

    All that follows the interface is the serial number; where no interface is named, brackets that
    the catalogue does not know. When in doubt more is taken for it: up to the last bracket, or to
    the end, where brackets do not match or the name was cut.
    """
    text = safe_text(_CONTROLS.sub(" ", name), len(name))
    numbers = SLOT_NUMBERS.search(text)
    body = text[: numbers.start()] if numbers else text
    place = _SERIAL_PLACE.search(body)
    head, serial = (body[: place.start()], body[place.start() :]) if place else (body, "")
    was_cut = numbers is not None and len(name.encode("utf-8", "replace")) >= _CUT_LENGTH
    head, bracket = _without_bracket(head, to_the_end=was_cut and not place)
    found = (serial or bracket).strip()
    return f"{head}{numbers[0] if numbers else ''}", found[1:].removesuffix(")").removesuffix(
        "\uff09"
    )


def _without_bracket(text: str, *, to_the_end: bool) -> tuple[str, str]:
    """The text without its first bracket that no model has in its name, and that bracket."""
    for opening in _OPENING.finditer(text):
        start = opening.start()
        if _belongs_to_a_model(text, start):
            continue
        before, rest = text[:start].removesuffix(" "), text[start:]
        closings = [match.end() for match in _CLOSING.finditer(rest)]
        matched = len(closings) >= len(_OPENING.findall(rest))
        if to_the_end or not matched or rest[closings[-1] :][:1].strip():
            return before, rest
        return before + rest[closings[-1] :], rest[: closings[-1]]
    return text, ""


def _belongs_to_a_model(text: str, start: int) -> bool:
    """Whether the bracket at ``start`` is in a name of the catalogue, of this maker or model."""
    bracket = _BRACKET.match(text, start)
    if bracket is None:
        return False
    if len(bracket[1]) == 1 and text[start - 1 : start].strip():
        return True  # "Reader(1)" counts readers
    usb = _USB_ID.match(bracket[1].casefold())
    if usb is not None and (usb[1], usb[2]) in usb_devices():
        return True  # "CardMan (076B:5121) 5121", as the driver of its maker writes it
    makers = _known_brackets().get(bracket[1].casefold(), frozenset())
    return not makers.isdisjoint(_neighbours(text[:start]))


@cache
def _known_brackets() -> Mapping[str, frozenset[str]]:
    """Every text in brackets in a name of the catalogue, and the words by which it stands."""
    titles = [title for row in reader_table().models for title in (row.title, row.model)]
    found: dict[str, frozenset[str]] = {}
    meanings = (row.meaning for row in name_patterns())
    listed = (name for entry in usb_devices().values() for name in entry.names)
    for title in (*titles, *meanings, *listed, *bracketed_names()):
        for bracket in _BRACKET.finditer(title):
            key = bracket[1].casefold()
            found[key] = found.get(key, frozenset()) | _neighbours(title[: bracket.start()])
    return found


def _neighbours(before: str) -> frozenset[str]:
    """The first and the last word of what stands before a bracket."""
    words = before.casefold().split()
    return frozenset(words[:1] + words[-1:])
