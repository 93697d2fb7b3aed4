# SPDX-License-Identifier: Apache-2.0
"""One session with a card as a log tells of it, and the lines of a log.

What belongs here: what the readers of all formats share. What does not: any one format, and what
becomes of a session (``conversion``).

A log may be of any size: a session that is longer than anything that a person calls one goes on in
another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cardcheck.facts.link_failure import LinkFailure, failure_of_code
from cardcheck.transports.trace import Exchange, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

MOST_EXCHANGES: Final = 5_000
"""A whole scan takes about forty; 5,000 of the largest short answers are 3 MB."""
_HEADER: Final = 4  # bytes of the shortest command
_STATUS: Final = 2


_NAMED: Final = {
    "SCARD_S_SUCCESS": 0,
    "SCARD_F_INTERNAL_ERROR": 0x80100001,
    "SCARD_E_CANCELLED": 0x80100002,
    "SCARD_E_INVALID_HANDLE": 0x80100003,
    "SCARD_E_INVALID_PARAMETER": 0x80100004,
    "SCARD_E_UNKNOWN_READER": 0x80100009,
    "SCARD_E_TIMEOUT": 0x8010000A,
    "SCARD_E_SHARING_VIOLATION": 0x8010000B,
    "SCARD_E_NO_SMARTCARD": 0x8010000C,
    "SCARD_E_PROTO_MISMATCH": 0x8010000F,
    "SCARD_E_NOT_READY": 0x80100010,
    "SCARD_F_COMM_ERROR": 0x80100013,
    "SCARD_E_NOT_TRANSACTED": 0x80100016,
    "SCARD_E_READER_UNAVAILABLE": 0x80100017,
    "SCARD_E_NO_SERVICE": 0x8010001D,
    "SCARD_E_SERVICE_STOPPED": 0x8010001E,
    "SCARD_E_NO_READERS_AVAILABLE": 0x8010002E,
    "SCARD_W_UNRESPONSIVE_CARD": 0x80100066,
    "SCARD_W_UNPOWERED_CARD": 0x80100067,
    "SCARD_W_RESET_CARD": 0x80100068,
    "SCARD_W_REMOVED_CARD": 0x80100069,
    "SCARD_W_SECURITY_VIOLATION": 0x8010006A,
}
"""The codes of winscard.h that a log writes by their names."""


class LoggedSession(NamedTuple):
    """What one session with a card consisted of; it holds what the card really said.

    Attributes:
        reader: the reader's name as logged, or None.
        atr: the answer to reset; empty where the log has none.
        protocol: ``T=0`` or ``T=1``.
        exchanges: in the order of time.
    """

    reader: str | None
    atr: bytes
    protocol: str
    exchanges: tuple[Exchange, ...]


class LogFormat(Protocol):
    """A reader of one kind of log."""

    @property
    def NAME(self) -> str:  # noqa: N802 - modules fulfil this, and it is a constant of theirs
        """As ``--from`` names it."""

    @property
    def NEAR(self) -> Sequence[str]:  # noqa: N802 - as above
        """Words of a line that might be one of its own: what is shown where none is."""

    def recognises(self, line: str) -> bool:
        """Whether only a log of this kind has such a line."""

    def sessions(self, lines: Iterable[str]) -> Iterator[LoggedSession]:
        """The sessions in a log, in the order in which they end."""


@dataclass(slots=True)
class SessionBuilder:
    """Takes down a session while a log is read."""

    reader: str | None = None
    atr: bytes = b""
    protocol: str = "T=1"
    _asked: bytes | None = field(default=None, repr=False)
    _exchanges: list[Exchange] = field(default_factory=list, repr=False)

    @property
    def is_waiting(self) -> bool:
        """Whether a command has no answer yet."""
        return self._asked is not None

    @property
    def is_full(self) -> bool:
        """Whether it should go on in another."""
        return len(self._exchanges) >= MOST_EXCHANGES and self._asked is None

    def ask(self, command: bytes) -> None:
        """Takes a command; one that was never answered failed."""
        self.fail(None)
        self._asked = command if len(command) >= _HEADER else None

    def answer(self, response: bytes, milliseconds: int | None = None) -> None:
        """Takes the answer; one without a byte means that the card has left."""
        if len(response) < _STATUS:
            name = LinkFailure.MALFORMED_RESPONSE if response else LinkFailure.CARD_REMOVED
            self._note(None, Failure(name), milliseconds)
        else:
            self._note(response, None, milliseconds)

    def fail(self, code: int | None) -> None:
        """Takes the PC/SC code with which the last command failed, or None: no answer at all."""
        name = failure_of_code(code)
        self._note(None, Failure(name, code), None)

    def _note(self, response: bytes | None, failure: Failure | None, ms: int | None) -> None:
        if self._asked is not None:
            self._exchanges.append(Exchange(self._asked, response, failure, ms))
        self._asked = None

    def finish(self) -> Iterator[LoggedSession]:
        """The session, unless nothing was asked in it; the builder is then as after a reset."""
        self.fail(None)
        if self._exchanges:
            yield LoggedSession(self.reader, self.atr, self.protocol, tuple(self._exchanges))
        self._exchanges.clear()


def code_of(text: str) -> int | None:
    """The PC/SC code that ``text`` names or writes; 0 for success, None for what is no code."""
    if text in _NAMED:
        return _NAMED[text]
    try:
        return int(text, 16) if text.lower().startswith("0x") else None
    except ValueError:
        return None


def hex_bytes(text: str) -> bytes | None:
    """The bytes of hexadecimal ``text``, or None where it is something else."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None
