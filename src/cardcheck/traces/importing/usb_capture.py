# SPDX-License-Identifier: Apache-2.0
"""Captures of a USB bus: the CCID messages between a computer and its reader, as sessions.

Wireshark, tcpdump (usbmon) and USBPcap write them, and a reader's maker asks for them. What belongs
here: CCID (USB device class 0x0B, Rev 1.1) and the blocks of T=1 (ISO/IEC 7816-3, 11.3). What does
not: the files that hold the packets (``packets``).
"""

from __future__ import annotations

from functools import reduce
from operator import xor
from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.traces.importing.packets import is_capture, transfers
from cardcheck.traces.importing.session import SessionBuilder

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator
    from typing import BinaryIO

    from cardcheck.traces.importing.packets import Transfer
    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "usb"

_HEAD: Final = 10  # bytes of the header of every CCID message (Rev 1.1, 6.1 and 6.2)
_POWER_ON, _POWER_OFF, _TRANSFER, _SET_PARAMETERS = 0x62, 0x63, 0x6F, 0x61  # PC_to_RDR, 6.1
_DATA_BLOCK: Final = 0x80  # RDR_to_PC, 6.2
_FIRST_OUT, _LAST_OUT, _FIRST_IN, _LAST_IN = 0x61, 0x73, 0x80, 0x84
_COMMAND_STATUS: Final = 0xC0  # of bStatus: 00 done, 40 failed, 80 asks for more time (6.2.6)
_MORE_TIME: Final = 0x80
_BEGINS_OR_GOES_ON: Final = frozenset({1, 3})  # wLevelParameter and bChainParameter
_MOST: Final = 65_536 + _HEAD  # bytes of the longest message that a reader takes
_PPS: Final = 0xFF  # ISO/IEC 7816-3, 9.1


class _Message(NamedTuple):
    """One CCID message."""

    kind: int
    data: bytes
    status: int
    level: int


class _Slot:
    """What is known of one slot."""

    def __init__(self) -> None:
        self.session = SessionBuilder()
        self._powering = False
        self._sent, self._received = _Blocks(), _Blocks()
        self._asked_at: int | None = None

    def take_out(self, message: _Message, microseconds: int | None) -> Iterator[LoggedSession]:
        """Takes a message to the reader; gives the session that it ends."""
        self._powering = message.kind == _POWER_ON
        if message.kind in {_POWER_ON, _POWER_OFF}:
            yield from self.session.finish()
            self._sent, self._received = _Blocks(), _Blocks()
        elif message.kind == _SET_PARAMETERS:
            self.session.protocol = "T=0" if message.status == 0 else "T=1"  # bProtocolNum
        elif message.kind == _TRANSFER:
            command = self._sent.take(message.data, message.level)
            if command:
                if self.session.is_full:
                    yield from self.session.finish()
                self.session.ask(command)
                self._received = _Blocks(framed=self._sent.framed)
                self._asked_at = microseconds

    def take_in(self, message: _Message, microseconds: int | None) -> None:
        """Takes a message from the reader."""
        outcome = message.status & _COMMAND_STATUS
        if message.kind != _DATA_BLOCK or outcome == _MORE_TIME:
            return
        if self._powering:
            self.session.atr, self._powering = message.data, False
        elif outcome:
            self.session.fail(None)
        else:
            answer = self._received.take(message.data, message.level & 0xFF)
            if answer is not None:
                self.session.answer(answer, self._elapsed(microseconds))

    def _elapsed(self, microseconds: int | None) -> int | None:
        if microseconds is None or self._asked_at is None:
            return None
        return max(0, round((microseconds - self._asked_at) / 1000))


class _Blocks:
    """Puts together what comes in parts: of a long APDU, or in the blocks of T=1."""

    def __init__(self, *, framed: bool = False) -> None:
        self.framed = framed
        self._kept = bytearray()

    def take(self, data: bytes, level: int) -> bytes | None:
        """The APDU that has come whole with ``data``, or None."""
        if data[:1] == bytes([_PPS]) and len(data) <= 6 and _sum(data) == 0:
            return None
        if not self.framed and not self._kept and _is_block(data):
            self.framed = True
        if not self.framed:
            return self._joined(data, goes_on=level in _BEGINS_OR_GOES_ON)
        if not _is_block(data) or data[1] & 0x80:  # R-blocks and S-blocks carry no APDU
            return None
        return self._joined(data[3 : 3 + data[2]], goes_on=bool(data[1] & 0x20))

    def _joined(self, part: bytes, *, goes_on: bool) -> bytes | None:
        self._kept += part
        if goes_on or (not self._kept and not part):
            return None
        whole = bytes(self._kept)
        self._kept.clear()
        return whole


def recognises(file: BinaryIO) -> bool:
    """Whether ``file`` is a capture; it is rewound."""
    head = file.read(4)
    file.seek(0)
    return is_capture(head)


def sessions(file: BinaryIO) -> Iterator[LoggedSession]:
    """The sessions with cards in a capture, in the order in which they end.

    Raises:
        InputError: the capture is cut in its header, or holds no USB traffic.
    """
    slots: dict[Hashable, _Slot] = {}
    parts: dict[tuple[Hashable, bool], bytearray] = {}
    for transfer in transfers(file):
        message = _message(
            parts.setdefault((transfer.device, transfer.inward), bytearray()), transfer
        )
        if message is None:
            continue
        number, told = message
        slot = slots.setdefault((transfer.device, number), _Slot())
        if transfer.inward:
            slot.take_in(told, transfer.microseconds)
        else:
            yield from slot.take_out(told, transfer.microseconds)
    for slot in slots.values():
        yield from slot.session.finish()


def _message(kept: bytearray, transfer: Transfer) -> tuple[int, _Message] | None:
    """The slot and the CCID message that is whole with ``transfer``, or None."""
    kept += transfer.data
    first, last = (_FIRST_IN, _LAST_IN) if transfer.inward else (_FIRST_OUT, _LAST_OUT)
    if not kept or not first <= kept[0] <= last:
        kept.clear()  # another interface of a device with several, or the rest of a message
        return None
    if len(kept) < _HEAD:
        return None
    length = int.from_bytes(kept[1:5], "little")
    if length > _MOST:
        kept.clear()
        return None
    if len(kept) < _HEAD + length:
        return None
    head, data = bytes(kept[:_HEAD]), bytes(kept[_HEAD : _HEAD + length])
    kept.clear()
    level = head[9] if transfer.inward else int.from_bytes(head[8:10], "little")
    return head[5], _Message(head[0], data, head[7], level)


def _is_block(data: bytes) -> bool:
    """Whether ``data`` has the shape and the sum of a block of T=1 (ISO/IEC 7816-3, 11.3.1)."""
    return len(data) >= 4 and len(data) == data[2] + 4 and _sum(data) == 0


def _sum(data: bytes) -> int:
    return reduce(xor, data, 0)
