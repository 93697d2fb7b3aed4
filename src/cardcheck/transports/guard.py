# SPDX-License-Identifier: Apache-2.0
"""The gate that every command passes on its way to a driver. There is no option to open it.

What belongs here: the grammar of what may be sent, and the state that it needs. What does not: what
to send (``cards.plan``). The guard believes nothing that it did not see itself: a selection counts
only where the card answered it with 9000, and any error on the way clears all that was known.

It lets pass, byte for byte:

* SELECT of a listed application by its full name.

And, only inside a transaction, since outside of one another program may select something else:

* SELECT of a listed file in the application selected;
* READ BINARY and READ RECORD of listed (application, file) pairs, with a short Le; a short EF id
  counts as the file that it names;
* GET DATA of two public objects;
* GET RESPONSE, directly after 61xx;
* VERIFY only as the four bytes ``00 20 00 80``, which ask for a counter and spend no try: only over
  T=1 or ISO-DEP, only directly after a SELECT of a listed PIN file that was answered 9000, in an
  application that was selected with 9000, on a card whose token label has passed through here
  whole (one READ BINARY, and what 61xx held back of it) since JPKI was last selected, and is one
  of JPKI.

And it leaves nothing usable behind. A program that shares the card without transactions sends its
PIN to whatever file is current by then, so no transaction ends, by whatever, while that may be a
PIN file: the guard selects a harmless file first. An application of which nothing but PIN files is
listed counts as one: in it another program's SELECT could hit a PIN that is not its own.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Final

from cardcheck.cards import mynumber
from cardcheck.cards.model import (
    COUNTER_QUERY,
    GET_DATA,
    GET_RESPONSE,
    READ_BINARY,
    READ_RECORD,
    SELECT,
    read_binary,
    select_file,
)
from cardcheck.errors import LinkError, MalformedResponseError, PeerError, WriteRefusedError
from cardcheck.transports.layers import (
    GetResponseLink,
    LayerLink,
    MeterLink,
    StopLink,
    WrongLengthLink,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.cards.model import Application
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter
    from cardcheck.transports.record import Recorder

_APPLICATION_SELECTS: Final = {app.select.encode(): app for app in mynumber.APPLICATIONS}
_FOREIGN_SELECTS: Final = frozenset(app.select.encode() for app in mynumber.FOREIGN)
_FILE_SELECT_HEADER: Final = select_file(0).encode()[:5]
_FILE_SELECT_LENGTH: Final = 7
_COUNTER_QUERY: Final = COUNTER_QUERY.encode()
# T=0 would append a fifth byte to the counter query (ISO/IEC 7816-3, 12.2.2)
_PROTOCOLS_OF_FOUR_BYTES: Final = frozenset({"T=1", "ISO-DEP"})
_STATUS_LENGTH: Final = 2
_SUCCESS: Final = b"\x90\x00"
_MORE: Final = 0x61
_CHASED: Final = frozenset({_MORE, 0x6C})  # SW1 of what asks for another command
_FROM_THE_FRONT: Final = bytes((READ_BINARY, 0, 0))
_READ_LENGTH: Final = 5  # header and a short Le
_SHORT_EF_ID: Final = 0x80  # ISO/IEC 7816-4, 11.3.1: b8 set, b7 and b6 clear, then the short id
_RECORD_BY_NUMBER: Final = 0x04  # ISO/IEC 7816-4, table 65: the record whose number P1 is
_WAY_OUT: Final = (mynumber.JPKI.select.encode(), select_file(mynumber.TOKEN_INFO).encode())


class ReadOnlyGuard:
    """A link that passes on only what the grammar above allows."""

    def __init__(self, inner: CardLink) -> None:
        """Guards ``inner``."""
        self._inner = inner
        self._proved = False
        self._exposed = False  # a PIN file may be current; known only by what was sent
        self._application: Application | None = None
        self._file: int | None = None
        self._label: bytes | None = None  # what has come of the token label while it is being read
        self._pin_selected = False
        self._more = False
        self._in_transaction = False

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
            PeerError: from the link, or an answer without a status word, or one to the counter
                query that has data or asks for more; all state has been cleared.
        """
        command = bytes(command)
        if not self._allows(command):
            # the header alone: the rest might be somebody's data
            raise WriteRefusedError(f"not in the reading grammar: {command[:4].hex().upper()}")
        self._pin_selected = False
        self._exposed = self._exposed or self._exposes(command)
        try:
            answer = bytes(self._inner.transmit(command))
            self._note(command, answer)
        except BaseException:
            self._forget()
            raise
        return answer

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """A transaction of the link behind the guard.

        Entering and leaving it clear the selection: outside of it another program may select
        something else. Whatever fails in it clears the proof as well. It ends on a harmless file;
        where the card could not be brought there, the next one begins with that.
        """
        try:
            with self._inner.transaction():
                self._deselect()
                self._in_transaction = True
                try:
                    self._settle()
                    yield
                finally:
                    self._settle()
        except BaseException:
            self._forget()
            raise
        finally:
            self._in_transaction = False
            self._deselect()

    def close(self) -> None:
        """Closes the link behind the guard and clears all state."""
        self._forget()
        self._inner.close()

    def _forget(self) -> None:
        """Clears proof and selection: the way back starts at SELECT JPKI."""
        self._proved = False
        self._deselect()

    def _deselect(self) -> None:
        self._application, self._file, self._label = None, None, None
        self._pin_selected, self._more = False, False

    def _exposes(self, command: bytes) -> bool:
        """Whether ``command`` may make a PIN file current, whatever comes back."""
        application = _APPLICATION_SELECTS.get(command)
        if application is not None:
            return application.resting_place is None
        file = _file_selected_by(command)
        return self._application is not None and file in self._application.pins

    def _settle(self) -> None:
        """Selects a harmless file where a PIN file may be current.

        Within the application where that can be, so that the proof is kept; else by way of JPKI,
        which is asked twice, as the first command after a reset may be answered 6F00. A card that
        cannot be reached keeps what it has; a reset or a loss of power has cleared it by then.
        """
        rest = self._application.resting_place if self._application else None
        near = () if rest is None else (select_file(rest).encode(),)
        for command in (*near, *_WAY_OUT, *_WAY_OUT):
            if not self._exposed:
                return
            if not self._allows(command):
                continue  # the application before it was refused
            try:
                self.transmit(command)
            except PeerError:
                continue
            except LinkError:
                return

    def _allows(self, command: bytes) -> bool:
        """Whether ``command`` may be sent now."""
        if command in _APPLICATION_SELECTS or command in _FOREIGN_SELECTS:
            return True
        if not self._in_transaction:
            return False
        if command == _COUNTER_QUERY:
            return self._may_ask_counter()
        if len(command) < _READ_LENGTH or command[0] != 0x00:
            return False
        rule = self._RULES.get(command[1])
        return rule is not None and rule(self, command)

    def _may_select_file(self, command: bytes) -> bool:
        application, file = self._application, _file_selected_by(command)
        return application is not None and file in application.files

    def _may_read_binary(self, command: bytes) -> bool:
        if len(command) != _READ_LENGTH or self._application is None:
            return False
        return _file_read_by(command, self._file) in self._application.readable

    def _may_read_record(self, command: bytes) -> bool:
        if len(command) != _READ_LENGTH or self._application is None:
            return False
        pair = _file_read_by(command, self._file), command[2]
        return command[3] & 0x07 == _RECORD_BY_NUMBER and pair in self._application.records

    def _may_get_data(self, command: bytes) -> bool:
        tag = int.from_bytes(command[2:4], "big")
        return len(command) == _READ_LENGTH and tag in mynumber.PUBLIC_OBJECTS

    def _may_get_response(self, command: bytes) -> bool:
        return self._more and len(command) == _READ_LENGTH and command[2:4] == b"\0\0"

    _RULES: ClassVar = {
        SELECT: _may_select_file,
        READ_BINARY: _may_read_binary,
        READ_RECORD: _may_read_record,
        GET_DATA: _may_get_data,
        GET_RESPONSE: _may_get_response,
    }

    def _may_ask_counter(self) -> bool:
        return (
            self._pin_selected and self._proved and self._inner.protocol in _PROTOCOLS_OF_FOUR_BYTES
        )

    def _note(self, command: bytes, answer: bytes) -> None:
        """Takes over what ``answer`` says.

        Raises:
            MalformedResponseError: it has no status word, or is none to a counter query.
        """
        if len(answer) < _STATUS_LENGTH:
            raise MalformedResponseError(f"an answer of {len(answer)} bytes has no status word")
        sw1 = answer[-_STATUS_LENGTH]
        if command == _COUNTER_QUERY and (len(answer) > _STATUS_LENGTH or sw1 in _CHASED):
            raise MalformedResponseError(f"{answer[-2:].hex().upper()} to the counter query")
        self._note_label(command, answer)
        self._more = sw1 == _MORE
        if command[1] == SELECT:
            # data where none was asked for: whatever answers so has not understood the command
            self._note_select(command, succeeded=answer == _SUCCESS)
        # A read with a short EF id changes the current file too, and need not be noted: what it may
        # name is no more protected than what was current.

    def _note_select(self, command: bytes, *, succeeded: bool) -> None:
        """A SELECT that was not answered 9000 leaves nothing selected that we know of."""
        file = _file_selected_by(command)
        if file is not None:
            pins = self._application.pins if self._application else {}
            self._file = file if succeeded else None
            self._pin_selected = succeeded and file in pins
            self._exposed = self._exposed and not (succeeded and file not in pins)
            return
        application = _APPLICATION_SELECTS.get(command)
        self._file = None
        self._application = application if succeeded else None
        if application is mynumber.JPKI:
            self._proved = False

    def _note_label(self, command: bytes, answer: bytes) -> None:
        """Takes over that the label came whole: by one READ BINARY and what 61xx held back."""
        begun = command[1] == GET_RESPONSE and self._more
        before = self._label if begun else self._label_begun_by(command)
        self._label = None
        if before is None:
            return
        label = before + answer[:-_STATUS_LENGTH]
        if answer[-_STATUS_LENGTH] == _MORE:
            self._label = label
        elif answer[-_STATUS_LENGTH:] == _SUCCESS:
            self._proved = mynumber.is_jpki_label(label)

    def _label_begun_by(self, command: bytes) -> bytes | None:
        """Nothing yet, where ``command`` reads EF 0006 of JPKI from the front; else None."""
        here = self._application is mynumber.JPKI and self._file == mynumber.TOKEN_INFO
        return b"" if here and command[1:4] == _FROM_THE_FRONT else None


def _file_selected_by(command: bytes) -> int | None:
    """The EF that a SELECT names by its id, or None where it is no such SELECT."""
    if len(command) != _FILE_SELECT_LENGTH or not command.startswith(_FILE_SELECT_HEADER):
        return None
    return int.from_bytes(command[5:], "big")


def _file_read_by(command: bytes, current: int | None) -> int | None:
    """The EF that a READ BINARY or READ RECORD means; None where it means none."""
    if command[1] == READ_RECORD:
        return (command[3] >> 3) or current
    if not command[2] & _SHORT_EF_ID:
        return current
    return command[2] & 0x1F if command[2] & 0xE0 == _SHORT_EF_ID else None


LABEL_ONLY: Final = frozenset(
    command.encode()
    for command in (
        mynumber.JPKI.select,
        select_file(mynumber.TOKEN_INFO),
        read_binary(0, mynumber.LABEL_LENGTH),
    )
)
"""What may be sent to a visitor's card at a counter: the token label is read, no more."""


class _ConfinedLink(LayerLink):
    """A guarded link that passes on even less."""

    def __init__(self, inner: CardLink, commands: frozenset[bytes]) -> None:
        super().__init__(inner)
        self._commands = commands

    def transmit(self, command: bytes) -> bytes:
        """The card's answer to one of the few commands.

        Raises:
            WriteRefusedError: any other command; nothing was sent.
        """
        if bytes(command) not in self._commands:
            raise WriteRefusedError(f"not allowed here: {bytes(command[:4]).hex().upper()}")
        return self.inner.transmit(command)


def confine(link: CardLink, commands: frozenset[bytes]) -> CardLink:
    """``link``, which must be guarded already, for no other commands than ``commands``.

    6Cxx is an answer like any other: followed, it would let the card choose how much is read.
    """
    if isinstance(link, WrongLengthLink):
        link = link.inner
    return _ConfinedLink(link, commands)


def guarded(
    raw: CardLink, *, meter: Meter | None = None, recorder: Recorder | None = None
) -> CardLink:
    """The whole stack over a driver's link: 6Cxx, 61xx, stop, guard, meter, record, driver.

    The stop stands above the guard: what the guard sends so as to leave nothing behind still goes.
    Drivers hand out nothing else, so an unguarded link is not to be had.
    """
    if recorder is not None:
        from cardcheck.transports.record import RecordLink

        raw = RecordLink(raw, recorder)
    if meter is not None:
        raw = MeterLink(raw, meter)
    link: CardLink = ReadOnlyGuard(raw)
    if meter is not None:
        link = StopLink(link, meter)
    return WrongLengthLink(GetResponseLink(link))
