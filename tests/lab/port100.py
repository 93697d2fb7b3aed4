# SPDX-License-Identifier: Apache-2.0
"""The firmware of a Sony RC-S380 (NFC Port-100) as a model: command frames in, answers out.

What belongs here: frames, the commands that nfcpy's ``rcs380`` driver uses, the air between reader
and cards, and what can go wrong with all of it. What does not: USB (``usb_device``), cards
(``simulation.picc``).

Sources: nfcpy/nfcpy ``src/nfc/clf/rcs380.py``; torvalds/linux ``drivers/nfc/port100.c``. It is
strict where the driver might slip: checksums of commands, framing bits and CRC of each technology.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from cardcheck.simulation.picc import Picc

ACK: Final = bytes.fromhex("0000FF00FF00")
_ERROR_FRAME: Final = bytes.fromhex("0000FFFFFF")
_IN_SET_RF, _IN_SET_PROTOCOL, IN_COMM_RF, _SWITCH_RF = 0x00, 0x02, 0x04, 0x06
_GET_FIRMWARE, _GET_PD_DATA, _GET_COMMAND_TYPE, _SET_COMMAND_TYPE = 0x20, 0x22, 0x28, 0x2A
_TIMED_OUT, _COLLISION, _RF_OFF, _CRC_WRONG = 0x80, 0x08, 0x400, 0x04
_OK: Final = b"\0"
_TECHNOLOGIES: Final = {(1, 1): "212F", (1, 2): "424F", (2, 3): "106A", (3, 7): "106B"}
_PROTOCOL: Final = (
    *("initial_guard_time", "add_crc", "check_crc", "multi_card", "add_parity", "check_parity"),
    *("bitwise_anticoll", "last_byte_bit_count", "mifare_crypto", "add_sof", "check_sof"),
    *("add_eof", "check_eof", "rfu", "deaf_time", "continuous_receive_mode", "min_len_for_crm"),
    *("type_1_tag_rrdd", "rfca", "guard_time"),
)
_SHORT_FRAMES: Final = frozenset({b"\x26", b"\x52"})
_ANTICOLLISION: Final = frozenset({b"\x93\x20", b"\x95\x20", b"\x97\x20"})


@dataclass(frozen=True, slots=True)
class FirmwareFault:
    """What goes wrong with the answers to one command.

    Attributes:
        kind: ``hang``, ``no-ack``, ``error-frame``, ``garbage``, ``short``, ``checksum``,
            ``wrong-code`` or ``crc-error``.
        code: of which command.
        at: from the how-many-th on, from 1.
        times: how many of them; None for all that follow.
    """

    kind: str
    code: int = IN_COMM_RF
    at: int = 1
    times: int | None = None


@dataclass
class Port100:
    """The firmware, with cards in its field.

    Attributes:
        cards: what lies on the reader.
        fault: what goes wrong, or None.
        hung: it answers nothing any more.
        seen: how often each command came.
    """

    cards: Sequence[Picc] = ()
    fault: FirmwareFault | None = None
    hung: bool = False
    seen: dict[int, int] = field(default_factory=dict)
    _answers: deque[bytes] = field(default_factory=deque)
    _protocol: dict[str, int] = field(default_factory=dict)
    _technology: str | None = None
    _field_on: bool = False

    def write(self, frame: bytes) -> None:
        """Takes a frame from the host."""
        if self.hung or not frame:
            return
        if frame == ACK:  # the host breaks off
            self._answers.clear()
            return
        body = _body_of(frame)
        if body is None:
            self._answers.append(_ERROR_FRAME)
            return
        self._answers.append(ACK)
        code = body[1]
        self.seen[code] = self.seen.get(code, 0) + 1
        kind = self._fault_at(code)
        if kind == "hang":
            self.hung = True
            self._answers.clear()
            return
        self._spoil(kind, code, self._command(code, body[2:]))

    def read(self) -> bytes | None:
        """The next frame for the host, or None where there is none yet."""
        return self._answers.popleft() if self._answers else None

    def _fault_at(self, code: int) -> str | None:
        fault = self.fault
        if fault is None or code != fault.code or self.seen[code] < fault.at:
            return None
        if fault.times is not None and self.seen[code] >= fault.at + fault.times:
            return None
        return fault.kind

    def _spoil(self, kind: str | None, code: int, answer: bytes) -> None:
        if kind == "no-ack":
            self._answers.pop()
        if kind == "crc-error":
            answer = struct.pack("<L", _CRC_WRONG)
        frame = _framed(bytes((0xD7, code + (2 if kind == "wrong-code" else 1))) + answer)
        spoilt = {
            "error-frame": _ERROR_FRAME,
            "garbage": b"\xff" * 12,
            "short": frame[:9],
            "checksum": frame[:-2] + bytes((frame[-2] ^ 0xFF, 0)),
        }
        self._answers.append(spoilt.get(kind or "", frame))

    def _command(self, code: int, data: bytes) -> bytes:
        simple = {_GET_FIRMWARE: b"\x11\x01", _GET_PD_DATA: b"\0\1", _GET_COMMAND_TYPE: b"\0" * 7}
        if code in simple:
            return simple[code]
        handlers: dict[int, Callable[[bytes], bytes]] = {
            _SET_COMMAND_TYPE: lambda data: _OK if data in {b"\0", b"\1"} else b"\1",
            _SWITCH_RF: self._switch_rf,
            _IN_SET_RF: self._set_rf,
            _IN_SET_PROTOCOL: self._set_protocol,
            IN_COMM_RF: self._communicate,
        }
        return handlers[code](data) if code in handlers else b"\x07"

    def _switch_rf(self, data: bytes) -> bytes:
        self._field_on = bool(data[0])
        if not self._field_on:
            self._power_off()
        return _OK

    def _set_rf(self, data: bytes) -> bytes:
        technology = _TECHNOLOGIES.get((data[0], data[1]))
        if technology is None or data[2] != 15:
            return b"\1"
        if self._technology is not None and technology[-1] != self._technology[-1]:
            self._power_off()
        self._technology = technology
        return _OK

    def _set_protocol(self, data: bytes) -> bytes:
        for key, value in zip(data[::2], data[1::2], strict=True):
            if key >= len(_PROTOCOL):
                return b"\1"
            self._protocol[_PROTOCOL[key]] = value
        return _OK

    def _power_off(self) -> None:
        for card in self.cards:
            card.power_off()

    def _communicate(self, data: bytes) -> bytes:
        """One frame over the air; it switches the field on."""
        frame, technology = data[2:], self._technology
        if technology is None:
            return struct.pack("<L", _RF_OFF)
        self._field_on = True
        sent = self._sent(technology[-1], frame)
        if sent is None:
            return struct.pack("<L", _TIMED_OUT)
        heard = [card.receive(technology, sent) for card in self.cards]
        answers = [answer for answer in heard if answer is not None]
        if not answers:
            return struct.pack("<L", _TIMED_OUT)
        if len(answers) > 1:
            return struct.pack("<L", _COLLISION)
        return struct.pack("<L", 0) + b"\x08" + answers[0]

    def _sent(self, kind: str, frame: bytes) -> bytes | None:
        """What cards understand of a frame, with the settings of the protocol; None: nothing."""
        want = self._protocol.get
        if kind == "B":
            bits = ("add_sof", "check_sof", "add_eof", "check_eof", "add_crc", "check_crc")
            return frame if all(want(bit) for bit in bits) else None
        if kind == "F":
            return frame if want("add_crc") else None
        if frame in _SHORT_FRAMES:
            return frame if want("last_byte_bit_count") == 7 and not want("add_crc") else None
        if frame in _ANTICOLLISION:
            return None if want("add_crc") else frame
        return frame if want("add_crc") and want("last_byte_bit_count") == 8 else None


def _body_of(frame: bytes) -> bytes | None:
    """Command code and data of an extended frame with right checksums, else None."""
    if frame[:5] != b"\x00\x00\xff\xff\xff" or len(frame) < 11:
        return None
    length = int.from_bytes(frame[5:7], "little")
    body = frame[8 : 8 + length]
    if (sum(frame[5:8]) | sum(body) + frame[8 + length]) & 0xFF or len(body) < 2:
        return None
    return body if body[0] == 0xD6 else None


def _framed(body: bytes) -> bytes:
    length = len(body).to_bytes(2, "little")
    checks = bytes((-sum(length) & 0xFF,)), bytes((-sum(body) & 0xFF, 0))
    return b"\x00\x00\xff\xff\xff" + length + checks[0] + body + checks[1]
