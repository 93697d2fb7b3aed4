# SPDX-License-Identifier: Apache-2.0
"""EF 0006, the token information of JPKI (CK_TOKEN_INFO, PKCS #11), without what is personal.

What belongs here: field by field, what may stay. What does not: reading it (``plan``).
"""

from __future__ import annotations

import re
from typing import Final

from cardcheck.cards import mynumber

_LENGTH: Final = 160
_LABEL: Final = re.compile(rb"JPKIAP(?:ICC|GPSE|IOS)TOKEN[0-9]?\Z")
"""The labels of all generations, with the number of one that is to come."""
_UNKNOWN: Final = b"X"
TOKEN_SERIAL: Final = slice(80, 96)
"""Where CK_TOKEN_INFO.serialNumber stands in EF 0006."""
_NUMBERS: Final = slice(96, 144)
# soltia48/myna-card, unit tests: the values of a My Number card, the same in every card of a kind
_MANUFACTURER: Final = b"0" * 31 + b"1"
_MODEL: Final = b"E16R01NJ".ljust(16)
_KNOWN_NUMBERS: Final = bytes.fromhex(
    "0000040D0000000100000000000000010000000000000010"
    "00000006FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF30333031"
)
_WORD: Final = 4


def synthetic_token(data: bytes) -> bytes:
    """EF 0006, as much of it as was read, with what is known to be no person's; as long as it was.

    Known labels, maker, model and numbers stay; serial number and clock get digits of their own;
    all else goes.
    """
    label, rest = data[: mynumber.LABEL_LENGTH], data[mynumber.LABEL_LENGTH :]
    head = _twin_label(label) + _kept(rest[:32], _MANUFACTURER) + _kept(rest[32:48], _MODEL)
    serial, time = b"0" * len(data[TOKEN_SERIAL]), b"9" * len(data[144:_LENGTH])
    return head + serial + _twin_numbers(data[_NUMBERS]) + time + _filler(data[_LENGTH:])


def _twin_label(label: bytes) -> bytes:
    if label == _filler(label) or _LABEL.match(label.rstrip(b" \0")) or _begins_a_label(label):
        return label
    family = (
        mynumber.LABEL_OF_JPKI[: len(label)]
        if label.startswith(mynumber.LABEL_OF_JPKI[: len(label)])
        else b""
    )
    return family.ljust(len(label), _UNKNOWN)


def _begins_a_label(label: bytes) -> bool:
    """Whether a label of which the end was not read is the beginning of a known one."""
    return any(known.encode().startswith(label) for known in mynumber.LABELS)


def _twin_numbers(data: bytes) -> bytes:
    """The numbers one by one: zero, all ones, or what the card of the source has in this place."""
    words = (data[at : at + _WORD] for at in range(0, len(data), _WORD))
    known = (_KNOWN_NUMBERS[at : at + _WORD] for at in range(0, len(data), _WORD))
    return b"".join(map(_kept, words, known))


def _kept(data: bytes, known: bytes) -> bytes:
    return data if known.startswith(data) else _filler(data)


def _filler(data: bytes) -> bytes:
    """Blanks, zeros or ones as they are; zeros for anything else."""
    same = data == data[:1] * len(data) and data[:1] in {b"", b" ", b"\0", b"\xff"}
    return data if same else bytes(len(data))
