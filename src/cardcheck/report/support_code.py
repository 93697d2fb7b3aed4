# SPDX-License-Identifier: Apache-2.0
"""The support code: what was found, in a few characters that can be read out over the phone.

What belongs here: packing verdict, system, reader model and findings, check digits, unpacking.
What does not: the table of numbers (``catalog``), which model a reader is (``render.support``).

A code is ``CC`` and groups of four characters: two each for the header, the reader model and every
finding, the worst first, and two check digits. Its alphabet has no 0, O, 1 and I. The check digits
are those of a Reed-Solomon code over GF(32): any two wrong characters, and so any two that changed
places, are noticed. It holds nothing but numbers of the table: no personal data.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from msgspec import Struct

from cardcheck.report.model import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

Table = Mapping[str, Any]
"""``version``, and numbers by name: ``finding`` (``check:state``), ``reader`` and ``system``."""

PREFIX: Final = "CC"
MAX_LENGTH: Final = 37
"""Characters of the longest code, hyphens included."""

_ALPHABET: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_GROUP: Final = 4
_MOST_FINDINGS: Final = 11  # 2 + 2 + 22 + 2 characters in seven groups
_SHORTEST: Final = 6
_LONGEST: Final = _SHORTEST + 2 * _MOST_FINDINGS
_VERDICTS: Final = tuple(Verdict)
_FIELD: Final = 0b100101  # x^5 + x^2 + 1, which is irreducible: the field GF(32)
_SEPARATORS: Final = re.compile(r"[\s\-\u2010-\u2015\u2212\u30fc_.]+")
_GROUPED: Final = re.compile(
    r"(?<![0-9A-Z])CC-[0-9A-Z]{4}(?:-[0-9A-Z]{4})*(?:-[0-9A-Z]{2})?(?!-?[0-9A-Z])"
)
_SOLID: Final = re.compile(r"CC(?=[A-Z]*[0-9])[0-9A-Z]{6,28}")


class Fault(StrEnum):
    """What is wrong with a code that was typed."""

    LENGTH = "length"
    CHARACTER = "character"
    CHECK = "check"
    VERSION = "version"


class SupportCodeError(ValueError):
    """A code that cannot be decoded.

    Attributes:
        fault: what is wrong.
        character: the character that no code has, for ``Fault.CHARACTER``, else empty.
    """

    def __init__(self, fault: Fault, character: str = "") -> None:
        super().__init__(f"support code: {fault.value}")
        self.fault = fault
        self.character = character


class SupportFacts(Struct, frozen=True, kw_only=True):
    """What a code carries.

    Attributes:
        verdict: the verdict of the report.
        system: ``Linux``, ``Windows``, ``Darwin`` or ``?``.
        reader: id of the reader's model, or None.
        shared: whether other models have the same chip.
        findings: pairs of check and state, the worst first.
        cut: whether there was more than the code can hold.
    """

    verdict: Verdict
    system: str = "?"
    reader: str | None = None
    shared: bool = False
    findings: tuple[tuple[str, str], ...] = ()
    cut: bool = False


def encode(facts: SupportFacts, table: Table) -> str:
    """The code: at most ``MAX_LENGTH`` characters.

    What the table has no number for is left out, and the code says that something is missing.
    """
    numbers = [table["finding"].get(":".join(pair)) for pair in facts.findings]
    known = [number for number in numbers if number is not None]
    cut = facts.cut or len(known) < len(numbers) or len(known) > _MOST_FINDINGS
    header = (
        table["version"] << 6
        | _VERDICTS.index(facts.verdict) << 4
        | table["system"].get(facts.system, 0) << 2
        | facts.shared << 1
        | cut
    )
    reader = table["reader"].get(facts.reader, 0)
    symbols = [
        half for number in (header, reader, *known[:_MOST_FINDINGS]) for half in divmod(number, 32)
    ]
    return _written((*symbols, *_check_digits(symbols)))


def decode(code: str, table: Table) -> SupportFacts:
    """What a code carries, however it was typed.

    Raises:
        SupportCodeError: it is mistyped, or of a version that is not known.
    """
    symbols = _symbols(code)
    if any(_checks(symbols)):
        raise SupportCodeError(Fault.CHECK)
    header, reader, *findings = (
        high * 32 + low for high, low in zip(symbols[:-2:2], symbols[1:-2:2], strict=True)
    )
    if header >> 6 != table["version"]:
        raise SupportCodeError(Fault.VERSION)
    return SupportFacts(
        verdict=_VERDICTS[header >> 4 & 3],
        system=_name(table["system"], header >> 2 & 3) or "?",
        shared=bool(header & 2),
        cut=bool(header & 1),
        reader=_name(table["reader"], reader) if reader else None,
        findings=tuple(_pair(_name(table["finding"], number), number) for number in findings),
    )


def code_in(text: str) -> str | None:
    """The part of a text that is meant as a support code, right or mistyped; None where none is."""
    plain = _SEPARATORS.sub("-", unicodedata.normalize("NFKC", text).upper().strip())
    match = _GROUPED.search(plain) or _SOLID.fullmatch(plain)
    return match[0] if match else None


def _pair(name: str | None, number: int) -> tuple[str, str]:
    """Check and state; a number that a newer version gave stands for itself."""
    check, _, state = (name or f":{number}").partition(":")
    return check, state


def _name(numbers: Mapping[str, int], number: int) -> str | None:
    return next((name for name, value in numbers.items() if value == number), None)


def _written(symbols: Iterable[int]) -> str:
    letters = "".join(_ALPHABET[symbol] for symbol in symbols)
    groups = (letters[at : at + _GROUP] for at in range(0, len(letters), _GROUP))
    return "-".join((PREFIX, *groups))


def _symbols(code: str) -> list[int]:
    letters = _SEPARATORS.sub("", unicodedata.normalize("NFKC", code).upper()).removeprefix(PREFIX)
    strange = next((letter for letter in letters if letter not in _ALPHABET), None)
    if strange is not None:
        raise SupportCodeError(Fault.CHARACTER, strange)
    if not _SHORTEST <= len(letters) <= _LONGEST or len(letters) % 2:
        raise SupportCodeError(Fault.LENGTH)
    return [_ALPHABET.index(letter) for letter in letters]


def _check_digits(symbols: Sequence[int]) -> tuple[int, int]:
    """The two digits that make both sums of the code zero."""
    plain, weighted = _checks((*symbols, 0, 0))
    # With digits c and d at the end: c + d = plain and 2c + d = weighted, so 3c = plain + weighted.
    first = next(digit for digit in range(32) if _times(3, digit) == plain ^ weighted)
    return first, plain ^ first


def _checks(symbols: Iterable[int]) -> tuple[int, int]:
    """The code's polynomial at 1 and at 2, a generator of the field; zeros without slips."""
    plain = weighted = 0
    for symbol in symbols:
        plain ^= symbol
        weighted = _times(weighted, 2) ^ symbol
    return plain, weighted


def _times(left: int, right: int) -> int:
    """The product in GF(32)."""
    product = 0
    for bit in range(5):
        product ^= (left << bit) * (right >> bit & 1)
    for bit in range(8, 4, -1):
        product ^= (_FIELD << bit - 5) * (product >> bit & 1)
    return product
