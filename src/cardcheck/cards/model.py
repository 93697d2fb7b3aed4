# SPDX-License-Identifier: Apache-2.0
"""The shape of a file map, and the commands that follow from it.

What belongs here: applications, the files that may be read, the PIN files that may be asked. What
does not: which ones there are (``mynumber``), and in which order they are read (``plan``).
"""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING

from msgspec import Struct, field

from cardcheck.iso7816.apdu import CommandApdu

if TYPE_CHECKING:
    from cardcheck.facts.card import CardKind, PinId

SELECT = 0xA4
READ_BINARY = 0xB0
READ_RECORD = 0xB2
GET_DATA = 0xCA
GET_RESPONSE = 0xC0
VERIFY = 0x20


class Application(Struct, frozen=True, dict=True):
    """One application of the My Number card.

    Attributes:
        id: the name in reports (``jpki``).
        aid: the full application identifier; a prefix is never used.
        readable: transparent files that may be read without a PIN, by EF id.
        records: record files and the record numbers that may be read, by EF id.
        pins: the PIN files whose counter may be asked, by EF id.
    """

    id: str
    aid: bytes
    readable: frozenset[int] = frozenset()
    records: frozenset[tuple[int, int]] = frozenset()
    pins: dict[int, PinId] = field(default_factory=dict)

    @cached_property
    def files(self) -> frozenset[int]:
        """All EF ids that may be selected."""
        return self.readable | {ef for ef, _ in self.records} | frozenset(self.pins)

    @cached_property
    def resting_place(self) -> int | None:
        """The EF that may stay current, as it checks no PIN; None where none is listed."""
        return min(self.files - frozenset(self.pins), default=None)

    @cached_property
    def select(self) -> CommandApdu:
        """SELECT by full DF name, no FCI asked for (ISO/IEC 7816-4, 11.2.2: P1 04, P2 0C)."""
        return CommandApdu(0x00, SELECT, 0x04, 0x0C, self.aid)


class ForeignApplication(Struct, frozen=True):
    """An application that tells what another card is; selected, never read.

    Attributes:
        kind: the kind of card that has it.
        aid: the full application identifier.
        fci: ask for the FCI (P2 00 with Le): payment cards refuse the form without.
    """

    kind: CardKind
    aid: bytes
    fci: bool = False

    @property
    def select(self) -> CommandApdu:
        """SELECT by full DF name."""
        if self.fci:
            return CommandApdu(0x00, SELECT, 0x04, 0x00, self.aid, 256)
        return CommandApdu(0x00, SELECT, 0x04, 0x0C, self.aid)


@lru_cache(maxsize=64)
def select_file(ef: int) -> CommandApdu:
    """SELECT of an EF under the current application (P1 02, P2 0C)."""
    return CommandApdu(0x00, SELECT, 0x02, 0x0C, ef.to_bytes(2, "big"))


@lru_cache(maxsize=256)
def read_binary(offset: int, ne: int) -> CommandApdu:
    """READ BINARY of the current EF; ``offset`` 0 to 0x7FFF, ``ne`` 1 to 256 bytes."""
    return CommandApdu(0x00, READ_BINARY, offset >> 8, offset & 0xFF, ne=ne)


def read_record(number: int) -> CommandApdu:
    """READ RECORD ``number`` of the current EF (P2 04: the record with the number in P1)."""
    return CommandApdu(0x00, READ_RECORD, number, 0x04, ne=256)


COUNTER_QUERY = CommandApdu(0x00, VERIFY, 0x00, 0x80)
"""The bare header ``00 20 00 80``: how many tries are left (JICSAP 2.0, 6.4.9 (5)); spends none."""
