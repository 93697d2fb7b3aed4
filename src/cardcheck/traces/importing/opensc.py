# SPDX-License-Identifier: Apache-2.0
"""What OpenSC writes with ``OPENSC_DEBUG=9`` (0.12 and later), to stderr or a file.

``Outgoing APDU (12 bytes):`` and ``Incoming APDU`` stand before lines of sixteen bytes with their
characters behind them. A session lasts from connecting to disconnecting, and to a reset in between.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.normalise import bare
from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "opensc"
NEAR: Final = ("APDU", "SCardTransmit", "reader-pcsc.c", "opensc version")
_DATA: Final = re.compile(
    r"\b(outgoing|incoming) APDU(?: data)?\s*[(\[]\s*(\d{1,6})\s*bytes?\s*[)\]]", re.IGNORECASE
)
_TIME: Final = re.compile(r"(?<!\d)(\d\d):(\d\d):(\d\d)\.(\d{3,10})(?!\d)")
_PROCESS: Final = re.compile(r"\bP:(\d+); T:")
_ATR: Final = re.compile(r"\bATR\s*: ((?:[0-9A-Fa-f]{2}[: ])+[0-9A-Fa-f]{2})\s*$")
_READER: Final = re.compile(r"pcsc_transmit: reader '(.*)'\s*$")
_PROTOCOL: Final = re.compile(r"(?:Initial|Using) protocol: (T=[01])")
_FAILED: Final = re.compile(r"SCard(?:Transmit|Control)\b.*?0x([0-9A-Fa-f]{8})(?![0-9A-Fa-f])")
_ENDS: Final = re.compile(r"pcsc_(?:connect|disconnect|reset|reconnect): called\s*$")
_ROW: Final = 16  # bytes in a line
_DAY: Final = 86_400_000  # milliseconds
_MILLISECONDS: Final = 3  # digits
_WRAPPED: Final = 1 << 32  # old versions print a negative number of milliseconds as unsigned
_STRANGE: Final = 3  # lines of others that may stand between rows of bytes
_WORDS: Final = ("pcsc_", "SCard", "ATR", "protocol: T=")


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only OpenSC writes."""
    return _DATA.search(line) is not None or "sc_context_create: opensc version" in line


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in their order."""
    log = _Log()
    for line in lines:
        yield from log.take(line)
    yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self._open: dict[str, SessionBuilder] = {}
        self._process = ""
        self._bytes = bytearray()
        self._wanted = 0
        self._strange = 0
        self._outgoing = False
        self._clock: int | None = None
        self._asked_at: int | None = None

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        if self._wanted and self._took_row(line):
            return
        if data := ("APDU" in line or "apdu" in line) and _DATA.search(line):
            self._wanted = 0
            self._outgoing = data[1].lower() == "outgoing"
            if self._outgoing and self._session.is_full:
                yield from self._session.finish()
            self._wanted, self._strange = int(data[2]), 0
            self._bytes.clear()
        elif any(word in line for word in _WORDS):
            yield from self._note(line)

    @property
    def _session(self) -> SessionBuilder:
        return self._open.setdefault(self._process, SessionBuilder())

    def _took_row(self, line: str) -> bool:
        """Takes a line of bytes, if it is one; the last one completes a command or an answer."""
        count = min(self._wanted, _ROW)
        row = _row(line, count)
        if row is None:
            self._strange += bool(line.strip())
            if self._strange > _STRANGE:
                self._wanted = 0
            return False
        self._bytes += row
        self._wanted -= count
        if not self._wanted:
            self._complete()
        return True

    def _complete(self) -> None:
        if self._outgoing:
            self._session.ask(bytes(self._bytes))
            self._asked_at = self._clock
        else:
            self._session.answer(bytes(self._bytes), self._elapsed())

    def _elapsed(self) -> int | None:
        if self._clock is None or self._asked_at is None:
            return None
        return (self._clock - self._asked_at) % _DAY

    def _note(self, line: str) -> Iterator[LoggedSession]:
        if process := _PROCESS.search(line):
            if not self._process and "" in self._open:  # a log that begins in mid-session
                self._open[process[1]] = self._open.pop("")
            self._process = process[1]
        self._clock = _clock(line)
        if _ENDS.search(line):
            yield from self._session.finish()
        elif match := _READER.search(line):
            self._session.reader = match[1]
        elif match := _PROTOCOL.search(line):
            self._session.protocol = match[1]
        elif match := _ATR.search(line):
            self._session.atr = bytes.fromhex(match[1].replace(":", " "))
        elif (match := _FAILED.search(line)) and self._session.is_waiting:
            self._session.fail(int(match[1], 16))

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        for session in self._open.values():
            yield from session.finish()


def _row(line: str, count: int) -> bytes | None:
    """``count`` bytes at the head of ``line``, or None where it is no row of a dump."""
    for text in (line, bare(line)):
        digits = text[: 3 * count]
        if len(digits) >= 3 * count - 1 and (row := hex_bytes(digits)) and len(row) == count:
            return row
    return None


def _clock(line: str) -> int | None:
    """The time of day in milliseconds, or None where it tells none that can be."""
    time = _TIME.search(line)
    if time is None:
        return None
    hours, minutes, seconds = int(time[1]), int(time[2]), int(time[3])
    fraction = int(time[4]) if len(time[4]) == _MILLISECONDS else int(time[4]) % _WRAPPED
    if fraction > 999:
        return None
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + fraction
