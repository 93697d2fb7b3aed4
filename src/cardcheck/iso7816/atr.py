# SPDX-License-Identifier: Apache-2.0
"""Answer to reset (ISO/IEC 7816-3:2006, 8.2), real or made up by PC/SC for contactless cards.

What belongs here: structure, check byte, protocols, the Type B bytes (PC/SC part 3, 3.1.3.2.3).
What does not: which card it is. An ATR decides nothing: some readers put a random number into it.
"""

from __future__ import annotations

from typing import Final, Self

from msgspec import Struct

from cardcheck.errors import MalformedAtrError

MAX_LENGTH: Final = 33  # ISO/IEC 7816-3, 8.2.1: TS and at most 32 characters
_TS_VALUES: Final = frozenset({0x3B, 0x3F})
_TYPE_B_LENGTH: Final = 13
_INTERFACE_BYTES: Final = ((0x10, "TA"), (0x20, "TB"), (0x40, "TC"), (0x80, "TD"))


class TypeBActivation(Struct, frozen=True):
    """What a Type B card said in its ATQB (ISO/IEC 14443-3:2018, 7.9), as far as PC/SC keeps it.

    Attributes:
        application_data: 4 bytes: AFI, CRC_B(AID) (2), number of applications.
        protocol_info: 3 bytes: bit rates; FSCI and protocol type; FWI, ADC and FO.
        mbli: 4 bits of the ATTRIB answer.
    """

    application_data: bytes
    protocol_info: bytes
    mbli: int

    @property
    def fwi(self) -> int:
        """Frame waiting time integer, 0 to 15; the time is 302 µs x 2^fwi."""
        return self.protocol_info[2] >> 4

    @property
    def iso14443_4(self) -> bool:
        """Whether the card speaks ISO/IEC 14443-4."""
        return bool(self.protocol_info[1] & 1)


class Atr(Struct, frozen=True):
    """An answer to reset.

    Attributes:
        raw: all bytes, TS first.
        interface: the interface bytes by name, ``{"TA1": 0x13, …}``, in order.
        historical: the historical bytes, 0 to 15.
        tck: the check byte, or None where the ATR has none.
    """

    raw: bytes
    interface: dict[str, int]
    historical: bytes
    tck: int | None

    @property
    def protocols(self) -> tuple[int, ...]:
        """The protocols offered, in order, each once; ``(0,)`` where the card names none."""
        named = [value & 0x0F for name, value in self.interface.items() if name.startswith("TD")]
        return tuple(dict.fromkeys(p for p in named if p != 15)) or (0,)

    @property
    def type_b(self) -> TypeBActivation | None:
        """The Type B bytes, or None where this is not what PC/SC makes up for a Type B card."""
        raw = self.raw
        if len(raw) != _TYPE_B_LENGTH or raw[:4] != b"\x3b\x88\x80\x01" or raw[11] & 0x0F:
            return None
        return TypeBActivation(raw[4:8], raw[8:11], raw[11] >> 4)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """The answer to reset in ``raw``.

        Raises:
            MalformedAtrError: empty, cut short, longer than 33 bytes, more bytes than it announces,
                or a wrong TCK.
        """
        if not 2 <= len(raw) <= MAX_LENGTH:
            raise MalformedAtrError(f"an ATR of {len(raw)} bytes")
        if raw[0] not in _TS_VALUES:
            raise MalformedAtrError(f"TS is {raw[0]:02X}")
        interface, offset = _interface_bytes(raw)
        count = raw[1] & 0x0F
        historical, rest = raw[offset : offset + count], raw[offset + count :]
        if len(historical) < count:
            raise MalformedAtrError("cut inside the historical bytes")
        # 8.2.5: TCK is absent exactly where T=0 alone is offered
        has_tck = any(name.startswith("TD") and value & 0x0F for name, value in interface.items())
        if len(rest) != has_tck:
            raise MalformedAtrError("bytes behind the end" if rest else "TCK missing")
        if rest and _xor(raw[1:]):
            raise MalformedAtrError("TCK is wrong")
        return cls(bytes(raw), interface, bytes(historical), rest[0] if rest else None)


def _interface_bytes(raw: bytes) -> tuple[dict[str, int], int]:
    """The interface bytes by name, and the offset behind the last."""
    found: dict[str, int] = {}
    indicator, offset, group = raw[1], 2, 1
    while True:
        following = 0
        for bit, name in _INTERFACE_BYTES:
            if not indicator & bit:
                continue
            if offset >= len(raw):
                raise MalformedAtrError("cut inside the interface bytes")
            found[f"{name}{group}"] = raw[offset]
            following = raw[offset] if name == "TD" else following
            offset += 1
        if not indicator & 0x80:
            return found, offset
        indicator, group = following, group + 1


def _xor(data: bytes) -> int:
    """All bytes combined by exclusive or: 0 over T0 to TCK of a good ATR."""
    result = 0
    for byte in data:
        result ^= byte
    return result
