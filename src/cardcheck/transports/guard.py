# SPDX-License-Identifier: Apache-2.0
"""The guard: the one gate that every command passes on its way to a driver. There is no option to open it.

What belongs here: the grammar of what may be sent, and the state that it needs. What does not: what to send
(``cards.plan``). The guard believes nothing that it did not see itself: selections count only when the card
answered them, and any error on the way clears all that it knew.

It lets pass, byte for byte: SELECT of the listed applications and files; READ BINARY and READ RECORD of the
listed (application, file) pairs, short EF ids counting as the file they name; GET DATA of two public objects;
GET RESPONSE directly after 61xx; and VERIFY only as the bare header ``00 20 00 80``, only over T=1 or ISO-DEP,
only directly after a SELECT of a listed PIN file that was answered 9000, inside an application that was
selected with 9000, on a card that answered SELECT JPKI with 9000.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards import mynumber
from cardcheck.cards.model import (
    COUNTER_QUERY,
    GET_DATA,
    GET_RESPONSE,
    READ_BINARY,
    READ_RECORD,
    SELECT,
    select_file,
)
from cardcheck.errors import WriteRefusedError
from cardcheck.iso7816.status import StatusWord
from cardcheck.transports.layers import GetResponseLink, WrongLengthLink
from cardcheck.transports.meter import MeterLink

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from cardcheck.cards.model import Application
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder

_APPLICATION_SELECTS: Final = {app.select.encode(): app for app in mynumber.APPLICATIONS}
_FOREIGN_SELECTS: Final = frozenset(app.select.encode() for app in mynumber.FOREIGN)
_FILE_SELECT_HEADER: Final = select_file(0).encode()[:5]
_COUNTER_QUERY: Final = COUNTER_QUERY.encode()
_PROTOCOLS_OF_FOUR_BYTES: Final = frozenset({"T=1", "ISO-DEP"})  # T=0 would append P3 (ISO/IEC 7816-3, 12.2.2)
_READ_LENGTH: Final = 5  # header and a short Le
_SHORT_EF_ID: Final = 0x80
_CURRENT_FILE_BY_NUMBER: Final = 0x04


class ReadOnlyGuard:
    """A link that passes on only what the grammar above allows."""

    def __init__(self, inner: CardLink) -> None:
        """Guards ``inner``."""
        self._inner = inner
        self._identified = False
        self._application: Application | None = None
        self._application_exact = False
        self._file: int | None = None
        self._pin_selected = False
        self._more = False

    @property
    def atr(self) -> bytes:
        """The answer to reset of the card behind the guard."""
        return self._inner.atr

    @property
    def protocol(self) -> str:
        """The protocol of the link behind the guard."""
        return self._inner.protocol

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to an allowed command.

        Raises:
            WriteRefusedError: the command is not in the grammar; nothing was sent.
            LinkError: from the link; all state has been cleared.
            PeerError: from the link; all state has been cleared.
        """
        command = bytes(command)
        self._check(command)
        self._more, self._pin_selected = False, False
        try:
            answer = self._inner.transmit(command)
        except BaseException:
            self.forget()
            raise
        self._note(command, answer)
        return answer

    def transaction(self) -> AbstractContextManager[None]:
        """A transaction of the link behind the guard; whatever fails in it clears all state."""
        return _Forgetting(self, self._inner.transaction())

    def close(self) -> None:
        """Closes the link behind the guard and clears all state."""
        self.forget()
        self._inner.close()

    def forget(self) -> None:
        """Clears identification and selection: the way back starts at SELECT JPKI."""
        self._identified = False
        self.deselect()

    def deselect(self) -> None:
        """Clears the selection alone: outside a transaction another program may select something else."""
        self._application = None
        self._application_exact = False
        self._file = None
        self._pin_selected = False
        self._more = False

    def _check(self, command: bytes) -> None:
        """Passes silently when ``command`` may be sent now.

        Raises:
            WriteRefusedError: it may not.
        """
        rules = {
            SELECT: self._may_select,
            READ_BINARY: self._may_read_binary,
            READ_RECORD: self._may_read_record,
            GET_DATA: _may_get_data,
            GET_RESPONSE: self._may_get_response,
        }
        if command == _COUNTER_QUERY:
            allowed = self._may_ask_counter()
        elif len(command) < _READ_LENGTH or command[0] != 0x00 or command[1] not in rules:
            allowed = False
        else:
            allowed = rules[command[1]](command)
        if not allowed:
            # the header alone: the rest might be somebody's data
            raise WriteRefusedError(f"not in the reading grammar: {command[:4].hex().upper()}")

    def _may_select(self, command: bytes) -> bool:
        if command in _APPLICATION_SELECTS or command in _FOREIGN_SELECTS:
            return True
        return (
            command[:5] == _FILE_SELECT_HEADER
            and len(command) == 7
            and self._application is not None
            and int.from_bytes(command[5:], "big") in self._application.files
        )

    def _may_read_binary(self, command: bytes) -> bool:
        if len(command) != _READ_LENGTH or self._application is None:
            return False
        return _file_read_by(command, self._file) in self._application.readable

    def _may_read_record(self, command: bytes) -> bool:
        if len(command) != _READ_LENGTH or self._application is None:
            return False
        number, p2 = command[2], command[3]
        short_id, reference = p2 >> 3, p2 & 0x07
        file = short_id or self._file
        return reference == _CURRENT_FILE_BY_NUMBER and (file, number) in self._application.records

    def _may_get_response(self, command: bytes) -> bool:
        return self._more and len(command) == _READ_LENGTH and command[2:4] == b"\0\0"

    def _may_ask_counter(self) -> bool:
        return (
            self._pin_selected
            and self._identified
            and self._application_exact
            and self._inner.protocol in _PROTOCOLS_OF_FOUR_BYTES
        )

    def _note(self, command: bytes, answer: bytes) -> None:
        """Takes over what ``answer`` says about selections."""
        sw = StatusWord(int.from_bytes(answer[-2:], "big")) if len(answer) >= 2 else StatusWord(0)
        self._more = sw.has_more and command != _COUNTER_QUERY
        if command[1] == SELECT:
            self._note_select(command, sw)
        elif command[1] in {READ_BINARY, READ_RECORD} and sw.is_success:
            self._file = _file_read_by(command, self._file)

    def _note_select(self, command: bytes, sw: StatusWord) -> None:
        self._file = None
        if command[:5] == _FILE_SELECT_HEADER and len(command) == 7:
            application, file = self._application, int.from_bytes(command[5:], "big")
            if application is not None and (sw.is_success or sw.has_more):
                self._file = file
                self._pin_selected = sw.is_success and file in application.pins
            return
        selected = _APPLICATION_SELECTS.get(command)
        self._application = selected if sw.is_success or sw.has_more else None
        self._application_exact = selected is not None and sw.is_success
        if selected is mynumber.JPKI:
            self._identified = sw.is_success


class _Forgetting:
    """A transaction that makes its guard forget when entering or leaving fails, or an error passes through."""

    def __init__(self, guard: ReadOnlyGuard, inner: AbstractContextManager[None]) -> None:
        self._guard = guard
        self._inner = inner

    def __enter__(self) -> None:
        try:
            self._inner.__enter__()
        except BaseException:
            self._guard.forget()
            raise

    def __exit__(self, *error: object) -> bool | None:
        self._guard.deselect()
        try:
            return self._inner.__exit__(*error)  # type: ignore[arg-type]  # the three of the context protocol
        except BaseException:
            self._guard.forget()
            raise


def _file_read_by(command: bytes, current: int | None) -> int | None:
    """The EF that a READ BINARY or READ RECORD names, None where it names none."""
    if command[1] == READ_RECORD:
        return (command[3] >> 3) or current
    if not command[2] & _SHORT_EF_ID:
        return current
    return command[2] & 0x1F if command[2] & 0xE0 == _SHORT_EF_ID else None


def _may_get_data(command: bytes) -> bool:
    return len(command) == _READ_LENGTH and int.from_bytes(command[2:4], "big") in mynumber.PUBLIC_OBJECTS


def guarded(
    raw: CardLink, *, meter: Meter | None = None, recorder: Recorder | None = None
) -> CardLink:
    """The whole stack over a driver's link, outermost first: 6Cxx, 61xx, guard, meter, record, driver.

    Drivers hand out nothing else, so an unguarded link is not to be had.
    """
    if recorder is not None:
        from cardcheck.transports.record import RecordLink

        raw = RecordLink(raw, recorder)
    if meter is not None:
        raw = MeterLink(raw, meter)
    return WrongLengthLink(GetResponseLink(ReadOnlyGuard(raw)))
