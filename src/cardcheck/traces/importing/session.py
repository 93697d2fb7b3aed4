# SPDX-License-Identifier: Apache-2.0
"""One session with a card as a log tells of it, and the lines of a log.

What belongs here: what the readers of all formats share. What does not: any one format, and what
becomes of a session (``conversion``).

A log may be of any size: lines are read one by one, and a session that is longer than anything that
a person calls one goes on in another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from cardcheck.errors import InputError
from cardcheck.facts.link_failure import LinkFailure, failure_of_code
from cardcheck.transports.trace import Exchange, Failure

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import BinaryIO

MAX_LINE: Final = 1 << 20  # bytes: pcscd and pcsc-spy write an extended answer in 200,000
MOST_EXCHANGES: Final = 5_000
"""A whole scan takes about forty; 5,000 of the largest short answers are 3 MB."""
_HEADER: Final = 4  # bytes of the shortest command
_STATUS: Final = 2


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


def lines_of(file: BinaryIO) -> Iterator[str]:
    """The lines of a log, without their ends.

    Raises:
        InputError: a line longer than 1 MiB: no log of a kind that we know.
    """
    number = 0
    while line := file.readline(MAX_LINE + 1):
        number += 1
        if len(line) > MAX_LINE:
            raise InputError(f"line {number}: longer than {MAX_LINE} bytes; is it a log?")
        yield line.decode("utf-8", "replace").rstrip("\r\n")


def hex_bytes(text: str) -> bytes | None:
    """The bytes of hexadecimal ``text``, or None where it is something else."""
    try:
        return bytes.fromhex(text)
    except ValueError:
        return None
