# SPDX-License-Identifier: Apache-2.0
"""Command and response APDUs (ISO/IEC 7816-3:2006, 12.1; ISO/IEC 7816-4:2020, 5.2).

What belongs here: encoding and parsing. What does not: which commands are allowed
(``transports.guard``).

The seven cases (``Le`` 00 stands for 256 bytes expected, ``Le`` 0000 for 65,536)::

    1    cla ins p1 p2
    2S   cla ins p1 p2                    Le
    3S   cla ins p1 p2  Lc       data
    4S   cla ins p1 p2  Lc       data     Le
    2E   cla ins p1 p2  00                Le1 Le2
    3E   cla ins p1 p2  00 Lc1 Lc2 data
    4E   cla ins p1 p2  00 Lc1 Lc2 data   Le1 Le2
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Self

from msgspec import Struct

from cardcheck.errors import BadCommandError, MalformedResponseError
from cardcheck.iso7816.status import StatusWord

_SHORT_NC = 0xFF
_SHORT_NE = 0x100
_EXTENDED_NC = 0xFFFF
_EXTENDED_NE = 0x10000
_HEADER = 4


@dataclass(frozen=True, slots=True)
class CommandApdu:
    """A command: header, data, and how many bytes are expected back.

    Attributes:
        cla: class byte.
        ins: instruction byte.
        p1: first parameter.
        p2: second parameter.
        data: command data, 0 to 65,535 bytes.
        ne: bytes expected, 1 to 65,536; None when no data is expected.
        extended: use the extended length form even where the short one would do.
    """

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = b""
    ne: int | None = None
    extended: bool = False
    _encoded: bytes = field(default=b"", init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Refuses values that no encoding can carry.

        Raises:
            BadCommandError: a header byte, the data or ``ne`` is out of range, or the extended
                form was asked for a command without lengths.
        """
        for name, value in (("cla", self.cla), ("ins", self.ins), ("p1", self.p1), ("p2", self.p2)):
            if not 0 <= value <= 0xFF:
                raise BadCommandError(f"{name} is not one byte")
        if len(self.data) > _EXTENDED_NC:
            raise BadCommandError("more than 65535 bytes of data")
        if self.ne is not None and not 1 <= self.ne <= _EXTENDED_NE:
            raise BadCommandError("ne is not 1 to 65536")
        if self.extended and not self.data and self.ne is None:
            raise BadCommandError("case 1 has no extended form")

    @property
    def header(self) -> bytes:
        """The four bytes cla, ins, p1, p2."""
        return bytes((self.cla, self.ins, self.p1, self.p2))

    @property
    def is_extended(self) -> bool:
        """Whether the encoding has extended lengths."""
        return self.extended or len(self.data) > _SHORT_NC or (self.ne or 0) > _SHORT_NE

    @property
    def case(self) -> str:
        """The case by ISO/IEC 7816-3, 12.1.3, such as ``1``, ``2S`` or ``4E``."""
        number = 1 + (2 if self.data else 0) + (1 if self.ne is not None else 0)
        if number == 1:
            return "1"
        return f"{number}{'E' if self.is_extended else 'S'}"

    def encode(self) -> bytes:
        """The bytes of the command: 4 for case 1, at most 65,544."""
        if not self._encoded:  # the same commands are sent again and again
            object.__setattr__(self, "_encoded", self._bytes())
        return self._encoded

    def _bytes(self) -> bytes:
        if not self.is_extended:
            lc = bytes((len(self.data),)) if self.data else b""
            le = b"" if self.ne is None else bytes((self.ne & 0xFF,))
            return self.header + lc + self.data + le
        lc = b"\0" + len(self.data).to_bytes(2, "big") if self.data else b""
        le = b"" if self.ne is None else (self.ne & 0xFFFF).to_bytes(2, "big")
        return self.header + lc + self.data + (le if lc or not le else b"\0" + le)

    def with_ne(self, ne: int) -> Self:
        """The same command with another ``ne``."""
        return type(self)(self.cla, self.ins, self.p1, self.p2, self.data, ne, self.extended)

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """The command that ``raw`` encodes in any of the seven cases.

        Raises:
            BadCommandError: ``raw`` follows none of the seven cases.
        """
        if len(raw) < _HEADER:
            raise BadCommandError("shorter than a header")
        cla, ins, p1, p2 = raw[:_HEADER]
        data, ne, extended = _parse_body(bytes(raw[_HEADER:]))
        return cls(cla, ins, p1, p2, data, ne, extended)


def _parse_body(body: bytes) -> tuple[bytes, int | None, bool]:
    """Data, ne and whether the lengths are extended, of what follows the header."""
    if not body:
        return b"", None, False
    if len(body) == 1:
        return b"", body[0] or _SHORT_NE, False
    if body[0]:
        return (*_split(body, 1, body[0], 1), False)
    if len(body) == 3:
        return b"", int.from_bytes(body[1:], "big") or _EXTENDED_NE, True
    nc = int.from_bytes(body[1:3], "big")
    if len(body) < 3 or not nc:
        raise BadCommandError("lengths of no known case")
    return (*_split(body, 3, nc, 2), True)


def _split(body: bytes, start: int, nc: int, le_size: int) -> tuple[bytes, int | None]:
    """Data and ne of a body: data from ``start`` on, then nothing or a Le of ``le_size`` bytes."""
    data, rest = body[start : start + nc], body[start + nc :]
    if len(data) < nc or len(rest) not in {0, le_size}:
        raise BadCommandError("lengths do not add up")
    if not rest:
        return data, None
    return data, int.from_bytes(rest, "big") or (_SHORT_NE if le_size == 1 else _EXTENDED_NE)


class ResponseApdu(Struct, frozen=True):
    """An answer.

    Attributes:
        data: what came before the status word; may be personal.
        sw: the status word.
    """

    data: bytes
    sw: StatusWord

    def __repr__(self) -> str:
        """The length of the data and the status word."""
        return f"ResponseApdu({len(self.data)} bytes, {self.sw!r})"

    def encode(self) -> bytes:
        """The bytes of the answer, at least 2."""
        return self.data + self.sw.to_bytes(2, "big")

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """The answer that ``raw`` encodes.

        Raises:
            MalformedResponseError: shorter than a status word.
        """
        if len(raw) < 2:
            raise MalformedResponseError(f"an answer of {len(raw)} bytes has no status word")
        return cls(bytes(raw[:-2]), StatusWord(int.from_bytes(raw[-2:], "big")))
