# SPDX-License-Identifier: Apache-2.0
"""The rules of what may reach a card, written down a second time and in another way.

What belongs here: identifiers typed in by hand, and a checker that knows no more than what went
over the wire. Where the guard keeps one state, the checker keeps every state that the card can be
in by now, and asks that a command be harmless in all of them. What does not: anything of
``cardcheck``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

JPKI = "D392F000260100000001"
COMMON = "D3921000310001010100"
TEXT_INPUT = "D3921000310001010408"
RESIDENT = "D3921000310001010401"
VISUAL = "D3921000310001010402"

READABLE = {(JPKI, 0x06), (JPKI, 0x08), (JPKI, 0x0A), (JPKI, 0x0B)}
RECORDS = {(COMMON, 0x01)}
PINS = {(JPKI, 0x18), (JPKI, 0x1B), (COMMON, 0x1C), (TEXT_INPUT, 0x11), (RESIDENT, 0x1C)}
LISTED = READABLE | RECORDS | PINS
PINS_ONLY = {TEXT_INPUT, RESIDENT}
OWN = {f"00A4040C0A{aid}": aid for aid in (JPKI, COMMON, TEXT_INPUT, RESIDENT)}
FOREIGN = {
    "00A4040C10A0000002310100000000000000000000",
    "00A4040C10D392F0004F0200000000000000000000",
    "00A4040C10D392F0004F0300000000000000000000",
    "00A4040C07A0000002471001",
    "00A404000E325041592E5359532E444446303100",
    "00A404000E315041592E5359532E444446303100",
    "00A4040C08D392F00041099900",
    "00A4040C0AD3920010612A0A010005",
    "00A404000BA00000030800001000010000",
}
SELECT_FILE = "00A4020C02"
VERIFY = "00200080"
FOUR_BYTES = {"T=1", "ISO-DEP"}

Place = tuple[str | None, int | None]
"""An application and a file in it that may be current; None where there is none."""


@dataclass
class Oracle:
    """Follows one connection and says what may be sent next.

    Attributes:
        protocol: of the link.
        places: all that may be current on the card; None: anything may, after an error, a reset or
            another program's turn.
        proved: since the last SELECT JPKI the label was read whole, in one go, and is one of JPKI;
            nothing has gone wrong since.
        label: what has come of the label, while nothing but the rest of it is asked for.
        last: the command before and its status word, where nothing came in between.
        in_transaction: no other program can come in between.
    """

    protocol: str = "T=1"
    places: set[Place] | None = None
    proved: bool = False
    label: bytes | None = None
    last: tuple[str, int] | None = None
    in_transaction: bool = False

    def allows(self, command: bytes) -> bool:
        """Whether ``command`` is harmless, whatever the card is like."""
        text = command.hex().upper()
        if text in OWN or text in FOREIGN:
            return True
        if not self.in_transaction:
            return False
        if text == VERIFY:
            return self._may_verify()
        if text[:10] == SELECT_FILE and len(command) == 7:
            file = int(text[10:], 16)
            return self._all(lambda place: (place[0], file) in LISTED)
        return len(command) == 5 and self._may_read(command)

    def _may_read(self, command: bytes) -> bool:
        """Commands of five bytes: none has data, and the last byte is a short Le."""
        match command[0], command[1]:
            case 0x00, 0xB0:
                return self._all(lambda place: _read(command, place) in READABLE)
            case 0x00, 0xB2:
                one = command[2] == 1 and command[3] & 7 == 4
                return one and self._all(lambda place: _record(command, place) in RECORDS)
            case 0x00, 0xCA:
                return command[2:4].hex() in {"0066", "5f51"}
            case 0x00, 0xC0:
                waiting = self.last is not None and self.last[1] >> 8 == 0x61
                return waiting and command[2:4] == bytes(2)
        return False

    def note(self, command: bytes, answer: bytes | BaseException) -> None:
        """Takes over that ``command`` was sent and how that ended."""
        if isinstance(answer, BaseException) or len(answer) < 2:
            self.trouble()
            return
        sw, text = int.from_bytes(answer[-2:], "big"), command.hex().upper()
        if text == VERIFY and (len(answer) > 2 or sw >> 8 in {0x61, 0x6C}):
            self.trouble()
            return
        self._note_label(text, answer)
        self.last = (text, sw)
        if len(answer) > 2 and text[:4] == "00A4" and text[6:8] == "0C":
            sw = 0x6F00  # what answers with data has not understood
        self._note_place(text, command, sw)
        if text == f"00A4040C0A{JPKI}":
            self.proved = False

    def _note_place(self, text: str, command: bytes, sw: int) -> None:
        """Takes over what may be current now."""
        if text in OWN or text in FOREIGN:
            self._selected({(OWN.get(text), None)}, sw)
        elif text[:4] == "00A4":
            self._selected({(app, int(text[10:], 16)) for app, _ in self.places or ()}, sw)
        elif text[:4] == "00B0":
            self._selected({_read(command, place) for place in self.places or ()}, sw)
        elif text[:4] == "00B2":
            self._selected({_record(command, place) for place in self.places or ()}, sw)

    def _note_label(self, text: str, answer: bytes) -> None:
        """Whether these 32 bytes or more are a label: of READ BINARY, and of what it held back."""
        more = self.last is not None and self.last[1] >> 8 == 0x61
        begun, self.label = self.label, None
        if text[:8] == "00B00000" and self.places == {(JPKI, 0x06)}:
            begun = b""
        elif not (text[:8] == "00C00000" and more):
            return
        if begun is None:
            return
        data, sw = begun + answer[:-2], answer[-2:]
        if sw[0] == 0x61:
            self.label = data
        elif sw == b"\x90\x00":
            words = data[:32].rstrip(b"\0").decode("latin-1")
            good = len(data) >= 32 and words.isascii() and words.isprintable()
            self.proved = good and words.startswith("JPKIAP")

    def trouble(self) -> None:
        """Something went wrong: another card may lie there now."""
        self.proved = False
        self.others_turn()

    def others_turn(self) -> None:
        """Another program may have selected something."""
        self.places, self.last, self.label = None, None, None

    def _selected(self, places: set[Place], sw: int) -> None:
        """9000 settles it; any other answer may or may not have changed the selection."""
        if sw == 0x9000:
            self.places = places
        elif self.places is not None:
            self.places = self.places | places

    def _may_verify(self) -> bool:
        if self.last is None or self.last[1] != 0x9000 or self.last[0][:10] != "00A4020C02":
            return False
        return (
            self.proved and self.protocol in FOUR_BYTES and self._all(lambda place: place in PINS)
        )

    def _all(self, holds: Callable[[Place], bool]) -> bool:
        """Whether ``holds`` is true of every place; never where anything may be current."""
        return bool(self.places) and all(holds(place) for place in self.places or ())


class StrictCard:
    """What is current on one real card, which does as it is told whatever becomes of the answer.

    Attributes:
        place: application and file that are current.
        losing: an exchange that fails does so on the way back: the card has done as it was told.
    """

    def __init__(self) -> None:
        self.place: Place = (None, None)
        self.losing = True

    @property
    def usable(self) -> bool:
        """Whether another program's PIN, or its next SELECT, could hit a PIN of ours."""
        return self.place in PINS or self.place[0] in PINS_ONLY

    def take(self, command: bytes, answer: bytes | BaseException) -> None:
        """Does what ``command`` says, unless ``answer`` refuses it."""
        if isinstance(answer, BaseException):
            done = self.losing
        else:
            done = len(answer) < 2 or answer[-2] in {0x61, 0x90}
        text = command.hex().upper()
        if not done:
            return
        if text in OWN or text in FOREIGN:
            self.place = (OWN.get(text), None)
        elif text[:10] == SELECT_FILE:
            self.place = (self.place[0], int(text[10:], 16))
        elif text[:4] == "00B0":
            self.place = _read(command, self.place)
        elif text[:4] == "00B2":
            self.place = _record(command, self.place)


def _read(command: bytes, place: Place) -> Place:
    """What a READ BINARY reads: by short EF id where b8 of P1 is set, else the current file."""
    if not command[2] & 0x80:
        return place
    return place[0], None if command[2] & 0x60 else command[2] & 0x1F


def _record(command: bytes, place: Place) -> Place:
    """What a READ RECORD reads: by short EF id in b8 to b4 of P2, else the current file."""
    return place[0], command[3] >> 3 or place[1]
