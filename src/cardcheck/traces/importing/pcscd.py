# SPDX-License-Identifier: Apache-2.0
"""The log of ``pcscd --foreground --debug --apdu`` (pcsc-lite 1.8 to 2.x), as people have it.

A line begins with eight digits, the microseconds since the last one, since 2.0 with the thread as
well; syslog takes the digits away. The log does not say to which reader a command goes; that
follows from who asks: the thread, or else the client whose request was logged last. A session lasts
from one answer to reset to the next, to the removal of the card, or until a program connects to a
card that no other uses.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.session import SessionBuilder, code_of, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "pcscd"
_EVENT: Final = re.compile(
    r"(?:^|(?<=[\s:|)\]]))(?:"
    r"APDU: (?P<apdu>[0-9A-Fa-f ]*)$"
    r"|SW:(?P<sw>[0-9A-Fa-f ]*)$"
    r"|Card ATR: (?P<atr>[0-9A-F ]*)$"
    r"|Card inserted into (?P<inserted>.*)$"
    r"|Card Removed From (?P<removed>.*)$"
    r"|Attempting Connect to (?P<connect>.*) using protocol: \d+$"
    r"|Active Protocol: (?P<protocol>T=[01])"
    r"|TRANSMIT for client -?\w+, rv=(?P<outcome>\w+)"
    r"|Received command: (?P<request>\w+ from client -?\w+)$"
    r"|Client die: (?P<died>\w+)$"
    r"|(?P<reset>Reset complete)\.$"
    r"|(?P<start>(?:pcsc-lite [\d.]+ )?daemon ready\.)$"
    r")"
)
_HEAD: Final = re.compile(
    r"(?<![0-9A-Fa-f])(?:(?P<delta>\d{8}) )?(?:\[(?P<thread>-?\w+)\] )?(?:[\w./-]+:\d+:\w+\(\) ?)?$"
)
_DELTA: Final = re.compile(r"(?<![0-9A-Fa-f])(\d{8}) (?:\[-?\w+\] )?\S")
_PLACE: Final = re.compile(r"pcscd(?:\[\d+\])?:|(?<![0-9A-Fa-f])\d{8} |\w+\.c:\d+:\w+\(\)")
_WORDS: Final = re.compile(
    r"APDU: |SW:|Card |Connect to |Protocol: T|client |Client die|complete\.|daemon ready"
)
_LEAVES: Final = frozenset({"DISCONNECT", "RELEASE_CONTEXT"})
NEAR: Final = ("APDU:", "SW:", "Card ATR:", "pcscd")
"""Words of a line that might have been one of pcscd's."""


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only pcscd writes."""
    event = _EVENT.search(line)
    if event is None or event.lastgroup == "start":
        return False
    return _PLACE.search(line, 0, event.start() + 1) is not None


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in the order in which they end."""
    log = _Log()
    for line in lines:
        if _WORDS.search(line) is not None:
            yield from log.take(line)
        elif log.is_timing:
            log.add_time(line)
    yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        """As at the start of a daemon: nothing is known."""
        self._open: dict[str | None, SessionBuilder] = {}
        self._reader_of: dict[str | None, str] = {}
        self._users: dict[str | None, set[str | None]] = {}
        self._client: str | None = None
        self._powered: dict[str | None, str] = {}
        self._unplaced = b""  # the ATR of a card of which no line said where it lies
        self._microseconds: int | None = None
        self._has_time = False

    @property
    def is_timing(self) -> bool:
        """Whether an exchange is under way: the time of the driver's own lines counts too."""
        return self._microseconds is not None

    def add_time(self, line: str) -> None:
        """Adds the time that a line tells."""
        delta = _DELTA.search(line)
        if delta is not None and self._microseconds is not None:
            self._microseconds += int(delta[1])

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        event = _EVENT.search(line)
        if event is None or event.lastgroup is None:
            self.add_time(line)
            return
        head = _HEAD.search(line, 0, event.start())
        delta, thread = (head["delta"], head["thread"]) if head else (None, None)
        if delta and self._microseconds is not None:
            self._microseconds += int(delta)
        self._has_time = bool(delta)
        yield from self._happened(event.lastgroup, thread, event[event.lastgroup])

    def _happened(self, what: str, thread: str | None, value: str) -> Iterator[LoggedSession]:
        who = thread or self._client
        match what:
            case "apdu":
                yield from self._asked(who, value)
            case "sw":
                self._answered(who, value)
            case "atr":
                yield from self._powered_on(who, value)
            case "removed":
                yield from self._removed(value)
            case "connect":
                yield from self._connected(who, value)
            case "start":
                yield from self.finish()
                self._begin()
            case _:
                self._noted(what, thread, value)

    def _noted(self, what: str, thread: str | None, value: str) -> None:
        """Takes over who is speaking, and of which reader."""
        who = thread or self._client
        if what == "request":
            name, _, self._client = value.partition(" from client ")
            if name in _LEAVES:
                self._left(thread or self._client)
        elif what == "inserted":
            self._powered[thread] = value
        elif what == "reset":
            self._powered[who] = self._reader_of.get(who, "")
        elif what == "protocol":
            self._session(self._reader_of.get(who)).protocol = value
        elif what == "outcome":
            self._failed(who, value)
        elif what == "died":
            self._left(thread or value)

    def _session(self, reader: str | None) -> SessionBuilder:
        return self._open.setdefault(reader, SessionBuilder(reader))

    def _left(self, who: str | None) -> None:
        for users in self._users.values():
            users.discard(who)

    def _connected(self, who: str | None, reader: str) -> Iterator[LoggedSession]:
        """A program connects: to a card that nobody uses, it begins a session."""
        self._reader_of[who] = self._powered[who] = reader
        users = self._users.setdefault(reader, set())
        session = self._session(reader)
        if not users:
            yield from session.finish()
        users.add(who)
        if not session.atr:
            session.atr, self._unplaced = self._unplaced, b""

    def _asked(self, who: str | None, value: str) -> Iterator[LoggedSession]:
        session = self._session(self._reader_of.get(who))
        if session.is_full:
            yield from session.finish()
        session.ask(hex_bytes(value) or b"")
        self._microseconds = 0 if self._has_time else None

    def _waiting(self, who: str | None) -> SessionBuilder:
        """The session of who asked; the one that waits, where the log is mixed up."""
        session = self._session(self._reader_of.get(who))
        if session.is_waiting:
            return session
        return next((each for each in self._open.values() if each.is_waiting), session)

    def _answered(self, who: str | None, value: str) -> None:
        elapsed, self._microseconds = self._microseconds, None
        milliseconds = None if elapsed is None else round(elapsed / 1000)
        self._waiting(who).answer(hex_bytes(value) or b"", milliseconds)

    def _failed(self, who: str | None, outcome: str) -> None:
        """The daemon's word on a command: it counts where no answer was logged."""
        code = code_of(outcome)
        session = self._session(self._reader_of.get(who))
        if code and session.is_waiting:
            session.fail(code)

    def _powered_on(self, who: str | None, value: str) -> Iterator[LoggedSession]:
        atr = hex_bytes(value) or b""
        reader = self._powered.get(who)
        if not reader:
            self._unplaced = atr
            return
        yield from self._session(reader).finish()
        self._session(reader).atr = atr

    def _removed(self, reader: str) -> Iterator[LoggedSession]:
        if reader in self._open:
            yield from self._open.pop(reader).finish()

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        for session in self._open.values():
            yield from session.finish()
