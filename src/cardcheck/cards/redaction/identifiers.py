# SPDX-License-Identifier: Apache-2.0
"""Numbers that single out a card or a person: in ATR and ATQB, and the individual number itself.

What belongs here: finding them and putting zeros in their place. What does not: files of a card
(``redact``).
"""

from __future__ import annotations

import re
from typing import Final

from cardcheck.errors import MalformedAtrError
from cardcheck.iso7816.atr import Atr

_KNOWN_TYPE_B: Final = (
    frozenset(  # pcsc-tools smartcard_list.txt: application data that all cards of a kind share
        bytes.fromhex(text) for text in ("000005E0", "000041E0", "004B51FF", "000014E0", "00000000")
    )
)
_STORAGE_CARD: Final = bytes.fromhex(
    "804F0CA000000306"
)  # PC/SC part 3, 3.1.3.2.3.2: names a standard, no card
_TWELVE_DIGITS: Final = re.compile(rb"(?<!\d)\d{12}(?![\dZ])")  # with a Z: UTCTime
_SAID_PIN: Final = re.compile(
    r"(?:\bPINs?\b|\bpass(?:word|code)s?\b|暗証番号|パスワード)"
    r"[\s:=はが「」\"'()]*(?:is|was|are|were)?[\s:=「\"'(]*(?=[A-Z]*[0-9])[0-9A-Z]{4,16}\b(?!@)",
    re.IGNORECASE,
)
_BARE_NUMBER: Final = re.compile(  # no year, no status word, no file, no standard
    r"(?<![\w/@=.#-])(?<!EF )(?!(?:19|20)\d\d\b|6[1-9]\d\d\b|9000\b)"
    r"\d{4,16}(?![\w/@=-])(?! ?(?:ms|bytes))"
)
_WEIGHTS: Final = (
    6,
    5,
    4,
    3,
    2,
    7,
    6,
    5,
    4,
    3,
    2,
)  # ordinance on the individual number (2014, MIC 85), article 5


def redact_atr(atr: bytes) -> bytes:
    """The ATR; with zeros where a reader may have put the number of one card into it."""
    try:
        parsed = Atr.parse(atr)
    except MalformedAtrError:
        return bytes(len(atr))
    contactless = atr[2:4] == b"\x80\x01" and atr[1] & 0xF0 == 0x80
    if not contactless or parsed.historical.startswith(_STORAGE_CARD):
        return atr
    if parsed.type_b is not None and parsed.type_b.application_data in _KNOWN_TYPE_B:
        return atr
    head = atr[:4] + bytes(len(parsed.historical))
    check = 0
    for byte in head[1:]:
        check ^= byte
    return head + bytes((check,))


def redact_atqb(atqb: bytes) -> bytes:
    """ATQB (``50``, PUPI, the rest: ISO/IEC 14443-3, 7.9) with a PUPI of zeros."""
    return atqb[:1] + bytes(len(atqb[1:5])) + atqb[5:]


def has_individual_number(data: bytes) -> bool:
    """Whether twelve ASCII digits in ``data``, no more and no fewer, can be a 個人番号.

    Twelve zeros have a check digit that holds, and are nobody's: they are what stands in the place
    of a serial number.
    """
    return any(
        _check_digit_holds(match[0])
        for match in _TWELVE_DIGITS.finditer(data)
        if match[0].strip(b"0")
    )


def _check_digit_holds(digits: bytes) -> bool:
    rest = (
        sum((digit - 0x30) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False)) % 11
    )
    return digits[11] - 0x30 == (0 if rest <= 1 else 11 - rest)


def may_say_a_pin(text: str, *, anywhere: bool) -> bool:
    """Whether free text says a PIN: a number behind the word for it, or ``anywhere`` by itself."""
    return bool(_SAID_PIN.search(text) or (anywhere and _BARE_NUMBER.search(text)))
