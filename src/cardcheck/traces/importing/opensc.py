# SPDX-License-Identifier: Apache-2.0
"""What OpenSC writes with ``OPENSC_DEBUG=9`` (0.15 and later), to stderr or a file.

``Outgoing APDU (12 bytes):`` and ``Incoming APDU`` stand before lines of sixteen bytes with their
characters behind them, up to an empty line. A session lasts from connecting to disconnecting, and
to a reset in between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "opensc"
_DATA: Final = re.compile(r"(Outgoing|Incoming) APDU(?: data)? \((\d+) bytes?\):")
_TIME: Final = re.compile(r"(\d\d):(\d\d):(\d\d)\.(\d\d\d) ")
_ATR: Final = re.compile(r"ATR\s*: ((?:[0-9a-f]{2}:)+[0-9a-f]{2})$")
_READER: Final = re.compile(r"pcsc_transmit: reader '(.*)'$")
_PROTOCOL: Final = re.compile(r"pcsc_connect: Initial protocol: (T=[01])$")
_FAILED: Final = re.compile(r"SCardTransmit (?:failed|returned)[^:]*: 0x([0-9a-f]{8})$")
_ENDS: Final = re.compile(r"pcsc_(?:connect|disconnect|reset|reconnect): called$")
_ROW: Final = 16  # bytes in a line
_DAY: Final = 86_400_000  # milliseconds


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only OpenSC writes."""
    return _DATA.match(line) is not None or "sc_context_create: opensc version" in line


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in their order."""
    log = _Log()
    for line in lines:
        yield from log.take(line)
    yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self._session = SessionBuilder()
        self._rows: list[str] = []
        self._wanted = 0
        self._outgoing = False
        self._clock: int | None = None
        self._asked_at: int | None = None

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        if self._wanted:
            self._take_row(line)
            return
        if data := _DATA.match(line):
            if data[1] == "Outgoing" and self._session.is_full:
                yield from self._session.finish()
            self._outgoing, self._wanted = data[1] == "Outgoing", int(data[2])
            self._rows.clear()
        elif time := _TIME.search(line):
            hours, minutes, seconds, thousandths = map(int, time.groups())
            self._clock = ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths
            yield from self._note(line)

    def _take_row(self, line: str) -> None:
        """One line of bytes; the last one completes a command or an answer."""
        count = min(self._wanted, _ROW)
        self._rows.append(line[: 3 * count])
        self._wanted -= count
        if self._wanted:
            return
        data = hex_bytes("".join(self._rows)) or b""
        if self._outgoing:
            self._session.ask(data)
            self._asked_at = self._clock
        else:
            self._session.answer(data, self._elapsed())

    def _elapsed(self) -> int | None:
        if self._clock is None or self._asked_at is None:
            return None
        return (self._clock - self._asked_at) % _DAY

    def _note(self, line: str) -> Iterator[LoggedSession]:
        if _ENDS.search(line):
            yield from self._session.finish()
        elif match := _READER.search(line):
            self._session.reader = match[1]
        elif match := _PROTOCOL.search(line):
            self._session.protocol = match[1]
        elif match := _ATR.search(line):
            self._session.atr = bytes.fromhex(match[1].replace(":", ""))
        elif match := _FAILED.search(line):
            self._session.fail(int(match[1], 16))

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        yield from self._session.finish()
