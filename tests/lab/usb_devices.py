# SPDX-License-Identifier: Apache-2.0
"""Models of USB readers: descriptors and, for CCID ones, the protocol on their bulk pipes.

What belongs here: the device side, as bytes. What does not: how a client reaches it (``usb_bed``).
Standard library only: it runs in the system's Python, which has the bindings of umockdev.
Numbers of CCID: Smart Card CCID 1.1, 5.1 (descriptor), 6.1 and 6.2 (messages). Descriptors follow
libccid's ``readers/*.txt``.
"""

from __future__ import annotations

import struct
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

Apdu = bytes
STALL = None
"""What a control request is answered with that the device does not know."""

_GET_STATUS, _GET_DESCRIPTOR, _GET_CONFIGURATION = (0x80, 0), (0x80, 6), (0x80, 8)
_SET_REQUESTS = frozenset({1, 3, 5, 9, 11})  # feature, address, configuration, interface


@dataclass(frozen=True)
class Endpoint:
    """One endpoint: address, transfer type (2 bulk, 3 interrupt), packet size, interval."""

    address: int
    kind: int
    size: int = 64
    interval: int = 0


@dataclass(frozen=True)
class Interface:
    """One interface: its class triple, its endpoints, and a class descriptor."""

    triple: tuple[int, int, int]
    endpoints: tuple[Endpoint, ...] = ()
    extra: bytes = b""


@dataclass
class UsbModel:
    """A device that enumerates and says nothing on its pipes.

    Attributes:
        busy: the kernel driver that holds it, or None.
        gone: whether it has been unplugged.
    """

    vendor_id: int
    product_id: int
    manufacturer: str
    product: str
    serial: str
    interfaces: tuple[Interface, ...]
    release: int = 0x0100
    power: int = 250  # mA
    busy: str | None = None
    gone: bool = False

    def device_descriptor(self) -> bytes:
        """The device descriptor (USB 2.0, 9.6.1)."""
        ids = (self.vendor_id, self.product_id, self.release)
        return struct.pack("<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, *ids, 1, 2, 3, 1)

    def configuration_descriptor(self) -> bytes:
        """The configuration with its interfaces and endpoints (USB 2.0, 9.6.3)."""
        body = b""
        for number, interface in enumerate(self.interfaces):
            count = len(interface.endpoints)
            body += struct.pack("<9B", 9, 4, number, 0, count, *interface.triple, 0)
            body += interface.extra
            for end in interface.endpoints:
                body += struct.pack("<BBBBHB", 7, 5, end.address, end.kind, end.size, end.interval)
        total = 9 + len(body)
        head = struct.pack(
            "<BBHBBBBB", 9, 2, total, len(self.interfaces), 1, 0, 0x80, self.power // 2
        )
        return head + body

    def control(self, setup: bytes) -> bytes | None:
        """The answer to a control request, or ``STALL``."""
        kind, request, value, _, length = struct.unpack("<BBHHH", setup)
        if (kind, request) == _GET_DESCRIPTOR:
            found = self._descriptor(value >> 8, value & 0xFF)
            return found if found is None else found[:length]
        if (kind, request) == _GET_STATUS:
            return b"\0\0"
        if (kind, request) == _GET_CONFIGURATION:
            return b"\1"
        return b"" if request in _SET_REQUESTS else STALL

    def _descriptor(self, kind: int, index: int) -> bytes | None:
        if kind == 1:
            return self.device_descriptor()
        if kind == 2:
            return self.configuration_descriptor()
        if kind != 3:
            return STALL
        if index == 0:
            return b"\x04\x03\x09\x04"  # English
        strings = (self.manufacturer, self.product, self.serial)
        if index > len(strings):
            return STALL
        text = strings[index - 1].encode("utf-16-le")
        return bytes([len(text) + 2, 3]) + text

    def write(self, endpoint: int, data: bytes) -> None:
        """Takes what the computer sends."""

    def read(self, endpoint: int) -> bytes | None:
        """What the computer gets, or None where there is nothing yet."""
        return None


@dataclass
class CcidModel(UsbModel):
    """A contactless CCID reader with one slot; the card is a function of the command."""

    card: Callable[[Apdu], Apdu] | None = None
    atr: bytes = bytes.fromhex("3B80800101")
    powered: bool = False
    answers: deque[bytes] = field(default_factory=deque)
    notices: deque[bytes] = field(default_factory=lambda: deque([b"\x50\x02"]))

    def insert(self, card: Callable[[Apdu], Apdu]) -> None:
        """Puts a card on it."""
        self.card, self.powered = card, False
        self.notices.append(b"\x50\x03")  # RDR_to_PC_NotifySlotChange

    def remove(self) -> None:
        """Takes the card away."""
        self.card, self.powered = None, False
        self.notices.append(b"\x50\x02")

    def write(self, endpoint: int, data: bytes) -> None:
        """Answers one bulk message (CCID 6.1)."""
        if len(data) < 10:
            return
        kind, length, slot, sequence = struct.unpack_from("<BIBB", data)
        body = data[10 : 10 + length]
        reply, payload, failed, error = self._answer(kind, body)
        icc = 2 if self.card is None else int(not self.powered)
        head = struct.pack(
            "<BIBBBBB", reply, len(payload), slot, sequence, failed << 6 | icc, error, 0
        )
        self.answers.append(head + payload)

    def _answer(self, kind: int, body: bytes) -> tuple[int, bytes, int, int]:
        """Message type, data, whether it failed, and why (CCID 6.2)."""
        if kind == 0x62 and self.card is not None:  # PC_to_RDR_IccPowerOn
            self.powered = True
            return 0x80, self.atr, 0, 0
        if kind in {0x63, 0x65}:  # IccPowerOff, GetSlotStatus
            self.powered = self.powered and kind != 0x63
            return 0x81, b"", 0, 0
        if kind in {0x61, 0x6C, 0x6D}:  # SetParameters, GetParameters, ResetParameters
            return 0x82, bytes.fromhex("1110004500FE00"), 0, 0
        if kind == 0x6F and self.card is not None and self.powered:  # XfrBlock
            return 0x80, self._exchanged(body), 0, 0
        if kind == 0x6B:  # Escape
            return 0x83, b"", 1, 0
        return (0x80 if kind in {0x62, 0x6F} else 0x81), b"", 1, 0xFE  # ICC_MUTE

    def _exchanged(self, command: Apdu) -> Apdu:
        assert self.card is not None
        return self.card(command)

    def read(self, endpoint: int) -> bytes | None:
        """An answer on the bulk pipe, a change of the slot on the interrupt pipe."""
        waiting = self.answers if endpoint == 2 else self.notices
        return waiting.popleft() if waiting else None


class Acr122uModel(CcidModel):
    """A CCID reader around a PN532 that drivers ask for its firmware before they go on."""

    def _answer(self, kind: int, body: bytes) -> tuple[int, bytes, int, int]:
        if kind in {0x6B, 0x6F} and body[:2] == b"\xff\x00":
            return 0x83 if kind == 0x6B else 0x80, self._pn532(body), 0, 0
        return super()._answer(kind, body)

    @staticmethod
    def _pn532(body: bytes) -> bytes:
        if body[2:3] == b"\x48":
            return b"ACR122U214"
        code = body[6] if len(body) > 6 else 0
        firmware = b"\x32\x01\x06\x07" if code == 2 else b""  # GetFirmwareVersion: PN532 1.6
        return bytes([0xD5, (code + 1) & 0xFF]) + firmware + b"\x90\x00"


def _ccid_interface(
    rate: int, most_rate: int, ifsd: int, features: int, most: int, *, version: int = 0x0110
) -> Interface:
    """The CCID interface with its class descriptor (CCID 5.1, table 5.1-1)."""
    extra = struct.pack(
        "<BBHBBIIIBIIBIIIIIBBHBB",
        *(54, 0x21, version, 0, 7, 2, 4000, 4000, 0, rate, most_rate, 0, ifsd, 0, 0),
        *(features, most, 0, 0, 0, 0, 1),
    )
    ends = (Endpoint(0x81, 3, 16, 1), Endpoint(0x02, 2), Endpoint(0x82, 2))
    return Interface((0x0B, 0, 0), ends, extra)


_VENDOR = Interface((0xFF, 0, 0), (Endpoint(0x83, 2), Endpoint(0x04, 2)))
_PORT_100 = Interface((0xFF, 0, 0), (Endpoint(0x81, 2), Endpoint(0x02, 2)))


def rc_s300() -> UsbModel:
    """Sony RC-S300/P: CCID and an interface of its own beside it."""
    ccid = _ccid_interface(115200, 921600, 254, 0x0004007E, 522)
    return CcidModel(0x054C, 0x0DC9, "SONY", "FeliCa Port/PaSoRi 4.0", "0123456", (ccid, _VENDOR))


def rc_s380() -> UsbModel:
    """Sony RC-S380/P: an interface of its own only."""
    return UsbModel(0x054C, 0x06C3, "SONY", "RC-S380/P", "0123456", (_PORT_100,), 0x0111)


def acr122u() -> UsbModel:
    """ACS ACR122U with a firmware that libccid takes (2.x)."""
    ccid = _ccid_interface(10752, 250000, 256, 0x00020040, 271, version=0x0100)
    return Acr122uModel(0x072F, 0x2200, "ACS", "ACR122U PICC Interface", "", (ccid,), 0x0214)


def unlisted() -> UsbModel:
    """A reader that follows the standard and that no driver lists."""
    ccid = _ccid_interface(9600, 115200, 254, 0x000204BA, 271)
    return CcidModel(0x1234, 0x5678, "Example", "Unlisted CCID reader", "1", (ccid,))


MODELS: dict[str, Callable[[], UsbModel]] = {
    "rc-s300": rc_s300,
    "rc-s380": rc_s380,
    "acr122u": acr122u,
    "unlisted": unlisted,
}
