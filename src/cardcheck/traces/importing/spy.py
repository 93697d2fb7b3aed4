# SPDX-License-Identifier: Apache-2.0
"""What ``pcsc-spy`` prints (pcsc-lite 1.8 to 2.x), in colour or not, diffable or not.

A call is a line with its name, lines that begin with ``i`` for what went in, with ``o`` for what
came out, and one with ``=>``, the code and the time. A session lasts from connecting to
disconnecting, and to a reset in between. Calls of several threads, each told in a column of its own
(``-t``), are not taken apart.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.traces.importing.normalise import bare
from cardcheck.traces.importing.session import SessionBuilder, hex_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.traces.importing.session import LoggedSession

NAME: Final = "pcsc-spy"
NEAR: Final = ("SCardTransmit", "SCardConnect", "szReader")
_CALL: Final = re.compile(r"SCard[A-Z]\w+$")
_VALUE: Final = re.compile(r"([io]) +(\w+)(?:\[\])?:? ?(.*)$")
_ROW: Final = re.compile(r"([io]) +[0-9A-F]{4} ((?:[0-9A-F]{2} ){1,16})")
_RESULT: Final = re.compile(r"=> .*\[0x([0-9A-Fa-f]{8})\](?:\s+\[(\d+\.\d+)\])?")
_LEAVE: Final = "0x00000000"  # SCARD_LEAVE_CARD


def recognises(line: str) -> bool:
    """Whether ``line`` is one that only pcsc-spy writes."""
    return "SCard" in line and _CALL.match(bare(line)) is not None


def sessions(lines: Iterable[str]) -> Iterator[LoggedSession]:
    """The sessions in the log, in the order in which they end."""
    log = _Log()
    for line in lines:
        yield from log.take(bare(line))
    yield from log.finish()


class _Log:
    """What is known at one line of the log."""

    def __init__(self) -> None:
        self._call = ""
        self._values: dict[str, str] = {}
        self._sent, self._received = bytearray(), bytearray()
        self._atrs: dict[str, bytes] = {}
        self._listed = ""
        self._sessions: dict[str, SessionBuilder] = {}
        self._latest = ""

    def take(self, line: str) -> Iterator[LoggedSession]:
        """Takes one line; gives the session that it ends."""
        if _CALL.match(line):
            self._call = line
            self._values.clear()
            self._sent.clear()
            self._received.clear()
        elif row := _ROW.match(line):
            (self._sent if row[1] == "i" else self._received).extend(hex_bytes(row[2]) or b"")
        elif value := _VALUE.match(line):
            self._note(value[1], value[2], value[3].strip())
        elif result := _RESULT.match(line):
            seconds = float(result[2]) if result[2] else None
            yield from self._done(int(result[1], 16), seconds)

    def _note(self, way: str, name: str, value: str) -> None:
        self._values[f"{way} {name}"] = value
        if name == "szReader":
            self._listed = value
        elif name in {"Atr", "bAtr"} and way == "o" and (atr := hex_bytes(value)):
            self._atrs[self._values.get("o mszReaderName", self._listed)] = atr
            if self._call == "SCardStatus":
                self._session().atr = atr

    def _done(self, code: int, seconds: float | None) -> Iterator[LoggedSession]:
        """Takes over what a call has done."""
        if self._call == "SCardTransmit":
            yield from self._transmitted(code, seconds)
        elif code:
            return
        elif self._call == "SCardConnect":
            yield from self._connected()
        elif self._call == "SCardDisconnect":
            yield from self._sessions.pop(self._handle(), SessionBuilder()).finish()
        elif self._call == "SCardReconnect" and self._resets():
            yield from self._session().finish()

    def _resets(self) -> bool:
        return _LEAVE not in self._values.get("i dwInitialization", _LEAVE)

    def _handle(self) -> str:
        """The handle of the call; in diffable output the latest one is meant."""
        handle = self._values.get("i hCard", "")
        return handle if handle in self._sessions else self._latest

    def _session(self) -> SessionBuilder:
        return self._sessions.setdefault(self._handle(), SessionBuilder())

    def _connected(self) -> Iterator[LoggedSession]:
        self._latest = self._values.get("o phCard", "").partition(" ")[0]
        yield from self._sessions.pop(self._latest, SessionBuilder()).finish()
        reader = self._values.get("i szReader")
        session = SessionBuilder(reader, self._atrs.get(reader or "", b""))
        if "T=0" in self._values.get("o dwActiveProtocol", ""):
            session.protocol = "T=0"
        self._sessions[self._latest] = session

    def _transmitted(self, code: int, seconds: float | None) -> Iterator[LoggedSession]:
        session = self._session()
        if session.is_full:
            yield from session.finish()
        session.ask(bytes(self._sent))
        if code:
            session.fail(code)
        else:
            milliseconds = None if seconds is None else round(seconds * 1000)
            session.answer(bytes(self._received), milliseconds)

    def finish(self) -> Iterator[LoggedSession]:
        """What was still open at the end of the log."""
        for session in self._sessions.values():
            yield from session.finish()
