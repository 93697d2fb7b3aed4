# SPDX-License-Identifier: Apache-2.0
"""Links over links: repeating with the right length (6Cxx) and fetching the rest (61xx).

What belongs here: what ISO/IEC 7816-3, 12.2 leaves to the terminal, each bounded. What does not: the guard,
which sits below them, so that the commands they make up pass it as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards.model import COUNTER_QUERY, GET_DATA, GET_RESPONSE, READ_BINARY, READ_RECORD
from cardcheck.errors import MalformedResponseError
from cardcheck.iso7816.apdu import CommandApdu
from cardcheck.iso7816.status import StatusWord

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cardcheck.transports.link import CardLink

MAX_ROUNDS: Final = 64
"""GET RESPONSE after GET RESPONSE: 64 x 256 bytes is more than any file of this card."""
_REPEATED: Final = frozenset({READ_BINARY, READ_RECORD, GET_DATA, GET_RESPONSE})
_COUNTER_QUERY: Final = COUNTER_QUERY.encode()


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


def _status_of(answer: bytes, command: bytes) -> StatusWord:
    """The status word of ``answer``.

    Raises:
        MalformedResponseError: the answer is too short, or 61xx or 6Cxx to the counter query: that query
            has no length to be wrong and no answer to be fetched, and it is never repeated.
    """
    if len(answer) < 2:
        raise MalformedResponseError(f"an answer of {len(answer)} bytes has no status word")
    sw = StatusWord(int.from_bytes(answer[-2:], "big"))
    if command == _COUNTER_QUERY and (sw.has_more or sw.is_wrong_length or len(answer) > 2):
        raise MalformedResponseError(f"{sw} to the counter query")
    return sw


class WrongLengthLink(LayerLink):
    """Repeats a read once with the length that 6Cxx names."""

    def transmit(self, command: bytes) -> bytes:
        """The card's answer, after one repetition where it was 6Cxx.

        Raises:
            MalformedResponseError: 6Cxx to a command that is not repeated, or 6Cxx again.
        """
        answer = self.inner.transmit(command)
        sw = _status_of(answer, command)
        if not sw.is_wrong_length:
            return answer
        parsed = CommandApdu.parse(command)
        if parsed.ins not in _REPEATED or parsed.ne is None:
            raise MalformedResponseError(f"{sw} to a command without an expected length")
        again = parsed.with_ne(sw.sw2 or 256).encode()
        answer = self.inner.transmit(again)
        sw = _status_of(answer, again)
        if sw.is_wrong_length:
            raise MalformedResponseError(f"{sw} again, to the length that the card had named")
        return answer


class GetResponseLink(LayerLink):
    """Fetches what 61xx announces, at most 64 times."""

    def transmit(self, command: bytes) -> bytes:
        """The card's whole answer, with the last status word.

        Raises:
            MalformedResponseError: 61xx without end.
        """
        answer = self.inner.transmit(command)
        sw = _status_of(answer, command)
        data = answer[:-2]
        for _ in range(MAX_ROUNDS):
            if not sw.has_more:
                return data + answer[-2:]
            fetch = CommandApdu(0x00, GET_RESPONSE, 0x00, 0x00, ne=sw.sw2 or 256).encode()
            answer = self.inner.transmit(fetch)
            sw = _status_of(answer, fetch)
            data += answer[:-2]
        raise MalformedResponseError(f"61xx without end: stopped after {MAX_ROUNDS}")
