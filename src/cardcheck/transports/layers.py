# SPDX-License-Identifier: Apache-2.0
"""Links over links: counting, repeating with the right length (6Cxx), fetching the rest (61xx).

What belongs here: what ISO/IEC 7816-3, 12.2 leaves to the terminal, each bounded. What does not:
the guard, which sits below them, so that the commands they make up pass it as well, and which never
lets a counter query be answered 61xx or 6Cxx.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards.model import GET_DATA, GET_RESPONSE, READ_BINARY, READ_RECORD
from cardcheck.errors import MalformedResponseError
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter

MAX_ROUNDS: Final = 64
"""GET RESPONSE after GET RESPONSE: 64 x 256 bytes is more than any file of this card."""
_REPEATED: Final = frozenset({READ_BINARY, READ_RECORD, GET_DATA})
# the first byte of a status word; none at all (b"") is to be complained of as well
_WRONG_LENGTH: Final = (b"\x6c", b"")
_MORE: Final = (b"\x61", b"")
_SHORT_NE: Final = 256  # what 00 stands for in Le, SW2 of 61xx and of 6Cxx


class LayerLink:
    """A link that passes everything on; layers override ``transmit``."""

    def __init__(self, inner: CardLink) -> None:
        """Puts the layer over ``inner``."""
        self.inner = inner

    @property
    def atr(self) -> bytes:
        """The answer to reset of the card below."""
        return self.inner.atr

    @property
    def protocol(self) -> str:
        """The protocol of the link below."""
        return self.inner.protocol

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to ``command``."""
        return self.inner.transmit(command)

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction of the link below."""
        return self.inner.transaction()

    def close(self) -> None:
        """Closes the link below."""
        self.inner.close()


class MeterLink(LayerLink):
    """A link whose exchanges a meter counts."""

    def __init__(self, inner: CardLink, meter: Meter) -> None:
        """Counts what passes to ``inner`` in ``meter``."""
        super().__init__(inner)
        self._meter = meter

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to ``command``."""
        self._meter.begin(command)
        answer = b""
        try:
            answer = self.inner.transmit(command)
        finally:
            self._meter.end(answer)
        return answer


class StopLink(LayerLink):
    """A link that passes nothing on once the reading is to stop."""

    def __init__(self, inner: CardLink, meter: Meter) -> None:
        """Asks ``meter`` before each exchange of ``inner``."""
        super().__init__(inner)
        self._meter = meter

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to ``command``.

        Raises:
            LinkTimeoutError: the reading is to stop; nothing is sent.
        """
        self._meter.require_going()
        return self.inner.transmit(command)


class WrongLengthLink(LayerLink):
    """Repeats a read once with the length that 6Cxx names."""

    def transmit(self, command: bytes) -> bytes:
        """The card's answer, after one repetition where it was 6Cxx.

        Raises:
            MalformedResponseError: 6Cxx to a command that is not repeated, or 6Cxx again.
        """
        answer = self.inner.transmit(command)
        if answer[-2:-1] not in _WRONG_LENGTH:
            return answer
        sw = ResponseApdu.parse(answer).sw
        parsed = CommandApdu.parse(command)
        if parsed.ins not in _REPEATED or parsed.ne is None:
            raise MalformedResponseError(f"{sw} to a command that is not repeated")
        answer = self.inner.transmit(parsed.with_ne(sw.sw2 or _SHORT_NE).encode())
        sw = ResponseApdu.parse(answer).sw
        if sw.is_wrong_length:
            raise MalformedResponseError(f"{sw} again, to the length that the card had named")
        return answer


class GetResponseLink(LayerLink):
    """Fetches what 61xx announces, at most 64 times; nothing for a command that asked for none."""

    def transmit(self, command: bytes) -> bytes:
        """The card's whole answer, with the last status word.

        Raises:
            MalformedResponseError: 61xx without end.
        """
        raw = self.inner.transmit(command)
        if raw[-2:-1] not in _MORE:
            return raw
        answer = ResponseApdu.parse(raw)
        if CommandApdu.parse(command).ne is None:
            return raw
        data = answer.data
        for _ in range(MAX_ROUNDS):
            fetch = CommandApdu(0x00, GET_RESPONSE, 0x00, 0x00, ne=answer.sw.sw2 or _SHORT_NE)
            answer = ResponseApdu.parse(self.inner.transmit(fetch.encode()))
            data += answer.data
            if not answer.sw.has_more:
                return ResponseApdu(data, answer.sw).encode()
        raise MalformedResponseError(f"61xx without end: stopped after {MAX_ROUNDS}")
