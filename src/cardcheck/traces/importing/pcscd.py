# SPDX-License-Identifier: Apache-2.0
"""The log of ``pcscd --foreground --debug --apdu`` (pcsc-lite 1.8 to 2.x).

A line begins with eight digits, the microseconds since the last one, since 2.0 with the thread as
well. The log does not say to which reader a command goes; that follows from who asks: the thread,
or else the client whose request was logged last. A session lasts from one answer to reset to the
next, or to the removal of the card.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "pcscd"
_LINE: Final = re.compile(r"(\d{8}) (?:\[(\w+)\] )?(.*)")
_EVENT: Final = re.compile(
    r"APDU: (?P<apdu>[0-9A-F ]*)$"
    r"|SW: (?P<sw>[0-9A-F ]*)$"
    r"|Card ATR: (?P<atr>[0-9A-F ]*)$"
    r"|.*Card inserted into (?P<inserted>.*)$"
    r"|.*Card Removed From (?P<removed>.*)$"
    r"|.*Attempting Connect to (?P<connect>.*) using protocol: \d+$"
    r"|.*Active Protocol: (?P<protocol>T=[01])"
    r"|.*Received command: \w+ from client (?P<client>\d+)$"
    r"|.*(?P<reset>Reset complete)\.$"
)
_WORDS: Final = (
    "APDU: ",
    "SW: ",
    "Card ",
    "Connect to ",
    "Protocol: T",
    "from client",
    "complete.",
)


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only pcscd writes."""
    match = _LINE.fullmatch(line)
    return match is not None and _EVENT.match(match[3]) is not None


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in the order in which they end."""
    log = _Log()
    for line in lines:
        if any(word in line for word in _WORDS):
            yield from log.take(line)
    yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self._open: dict[str | None, SessionBuilder] = {}
        self._reader_of: dict[str | None, str] = {}
        self._client: str | None = None
        self._powered: str | None = None

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        parts = _LINE.fullmatch(line)
        event = parts and _EVENT.match(parts[3])
        if not parts or not event or event.lastgroup is None:
            return
        who = parts[2] or self._client
        value = event[event.lastgroup]
        match event.lastgroup:
            case "apdu":
                yield from self._asked(who, value)
            case "sw":
                self._answered(who, value, int(parts[1]))
            case "atr":
                yield from self._powered_on(value)
            case "removed":
                yield from self._end(value)
            case _:
                self._noted(event.lastgroup, who, value)

    def _noted(self, what: str, who: str | None, value: str) -> None:
        """Takes over who is speaking, and of which reader."""
        if what == "client":
            self._client = value
        elif what == "connect":
            self._reader_of[who] = self._powered = value
        elif what == "inserted":
            self._powered = value
        elif what == "reset":
            self._powered = self._reader_of.get(who, self._powered)
        elif what == "protocol":
            self._session(self._reader_of.get(who)).protocol = value

    def _session(self, reader: str | None) -> SessionBuilder:
        return self._open.setdefault(reader, SessionBuilder(reader))

    def _asked(self, who: str | None, value: str) -> Iterator[LoggedSession]:
        session = self._session(self._reader_of.get(who))
        if session.is_full:
            yield from session.finish()
        session.ask(hex_bytes(value) or b"")

    def _answered(self, who: str | None, value: str, microseconds: int) -> None:
        """An answer belongs to who asked; to the one that waits, where the log is mixed up."""
        session = self._session(self._reader_of.get(who))
        if not session.is_waiting:
            session = next((s for s in self._open.values() if s.is_waiting), session)
        session.answer(hex_bytes(value) or b"", round(microseconds / 1000))

    def _powered_on(self, value: str) -> Iterator[LoggedSession]:
        yield from self._end(self._powered)
        self._session(self._powered).atr = hex_bytes(value) or b""

    def _end(self, reader: str | None) -> Iterator[LoggedSession]:
        if reader in self._open:
            yield from self._open.pop(reader).finish()

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        for reader in list(self._open):
            yield from self._end(reader)
