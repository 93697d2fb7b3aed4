# SPDX-License-Identifier: Apache-2.0
"""A My Number card with real PINs, written apart from the product: the witness of what was spent.

What belongs here: just enough of ISO/IEC 7816-4 and JICSAP to take a login. What does not: anything
of ``cardcheck``; only the content of the public files is handed in.
"""

from __future__ import annotations

import threading

JPKI, COMMON = "D392F000260100000001", "D3921000310001010100"
TEXT, RESIDENT, VISUAL = (f"D39210003100010104{last}" for last in ("08", "01", "02"))
PINS = {
    (JPKI, 0x18): (b"1357", 3),
    (JPKI, 0x1B): (b"SECRET99", 5),
    (TEXT, 0x11): (b"2468", 3),
    (TEXT, 0x14): (b"123456789018", 10),
    (COMMON, 0x1C): (b"8642", 3),
    (RESIDENT, 0x1C): (b"9753", 3),
    (VISUAL, 0x11): (b"540229", 10),
}
"""The right PIN and the most tries of each PIN file."""
RECORD = b"\x01\x1c" + b"0" * 20 + b"20330217"


class Witness:
    """The card.

    Attributes:
        atr: the answer to reset.
        present: it lies on the reader all the time.
        log: all commands.
        pins: the tries left, by application and PIN file.
        sent: VERIFYs with a PIN in them.
        right: those that were answered 9000.
        spent: those that hit a PIN which is not theirs, and where: each has cost a try.
        refused: those that met no PIN file, which costs nothing.
        asked: VERIFYs without a PIN.
    """

    atr = bytes.fromhex("3B888001000005E0B381A1007F")
    present = True

    def __init__(self, files: dict[int, bytes]) -> None:
        """Has ``files`` in JPKI."""
        self.log: list[bytes] = []
        self.pins = {place: most for place, (_, most) in PINS.items()}
        self.sent = self.right = self.refused = self.asked = 0
        self.spent: list[tuple[str, int]] = []
        self.lock = threading.Lock()
        self._files: dict[tuple[str, int], bytes] = {(JPKI, ef): data for ef, data in files.items()}
        self._files[COMMON, 1] = RECORD
        self._place: tuple[str, int | None] = ("", None)

    @property
    def pin_attempts(self) -> int:
        """How many commands carried a PIN."""
        return self.sent

    @property
    def secrets(self) -> dict[str, bytes]:
        """Nothing here is anybody's."""
        return {}

    @property
    def on_pin_file(self) -> bool:
        """Whether a PIN file is current."""
        return self._place in PINS

    def power_on(self) -> bytes:
        """A cold start: nothing is selected."""
        return self.reset()

    def power_off(self) -> None:
        """Nothing is selected any more."""
        self._place = ("", None)

    def reset(self) -> bytes:
        """Nothing is selected any more."""
        self._place = ("", None)
        return self.atr

    def hold_pins_open(self) -> None:
        """Not on this card."""

    def transmit(self, command: bytes) -> bytes:
        """The answer."""
        with self.lock:
            self.log.append(command)
            return self._answer(command)

    def _answer(self, command: bytes) -> bytes:
        match tuple(command[:4]):
            case (0, 0xA4, 4, 0x0C):
                return self._application(command[5:].hex().upper())
            case (0, 0xA4, 2, 0x0C):
                return self._file(int.from_bytes(command[5:7], "big"))
            case (0, 0xB0, high, low) if high < 0x80:
                return self._read(high << 8 | low, command[4] or 256)
            case (0, 0xB2, 1, 4):
                return self._read(0, 256)
            case (0, 0x20, 0, 0x80):
                return self._verify(command[5:])
        return b"\x6d\x00"

    def _application(self, name: str) -> bytes:
        if name not in {JPKI, COMMON, TEXT, RESIDENT, VISUAL}:
            return b"\x6a\x82"
        self._place = (name, None)
        return b"\x90\x00"

    def _file(self, ef: int) -> bytes:
        place = (self._place[0], ef)
        if place not in self._files and place not in PINS:
            return b"\x6a\x82"
        self._place = place
        return b"\x90\x00"

    def _read(self, offset: int, length: int) -> bytes:
        name, ef = self._place
        if ef is None:
            return b"\x69\x86"
        data = self._files.get((name, ef))
        if data is None:
            return b"\x69\x81"
        part = data[offset : offset + length]
        return part + b"\x90\x00" if part else b"\x6b\x00"

    def _verify(self, pin: bytes) -> bytes:
        """JICSAP: P2 80 is the current EF; without one 6986, with one that is no PIN 6981."""
        self.asked += not pin
        self.sent += bool(pin)
        name, ef = self._place
        if ef is None or (name, ef) not in PINS:
            self.refused += bool(pin)
            return b"\x69\x86" if ef is None else b"\x69\x81"
        right, most = PINS[name, ef]
        if pin == right:
            self.right += 1
            self.pins[name, ef] = most
            return b"\x90\x00"
        if pin:
            self.spent.append((name, ef))
            self.pins[name, ef] = max(0, self.pins[name, ef] - 1)
        return bytes((0x63, 0xC0 | self.pins[name, ef]))
