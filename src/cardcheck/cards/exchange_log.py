# SPDX-License-Identifier: Apache-2.0
"""What of a card a dialogue with it shows: which answer is part of which file.

What belongs here: following SELECT and READ through commands and answers. What does not: what is in
a file, and what of it is personal (``redaction``).
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.cards.model import GET_DATA, GET_RESPONSE, READ_BINARY, READ_RECORD, SELECT
from cardcheck.errors import BadCommandError
from cardcheck.iso7816.apdu import CommandApdu

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

# the upper bits of P1 in READ BINARY: an offset of 15 bits, or a short EF id
_READ_FORMS: Final = frozenset({0x00, 0x20, 0x40, 0x60, 0x80})
_SUCCEEDED: Final = frozenset({0x90, 0x61, 0x62})  # first byte of the status word


class CommandAnswer(NamedTuple):
    """A command, and its answer with the status word; None where none came."""

    command: bytes
    response: bytes | None


class FileKey(NamedTuple):
    """What bytes of an answer belong to.

    Attributes:
        session: sessions with the card are counted from 0; a lost answer ends one.
        kind: ``file``, ``record``, ``object`` (of GET DATA) or ``unknown``.
        application: the whole name of the application selected, or None.
        file: the EF, or the tag of an object.
        record: the number of the record.
    """

    session: int
    kind: str
    application: bytes | None = None
    file: int | None = None
    record: int | None = None


class Slice(NamedTuple):
    """Which part of a file the data of one answer is.

    Attributes:
        number: of the exchange, from 0.
        offset: of its first byte in the file.
    """

    number: int
    offset: int


class SelectionTracker:
    """The card's state as far as the exchanges tell it.

    Attributes:
        application: the whole name of the application selected, or None.
        file: the EF selected, or None.
    """

    def __init__(self) -> None:
        self._session = 0
        self._forget()

    def _forget(self) -> None:
        self.application: bytes | None = None
        self.file: int | None = None
        self._cursor: tuple[FileKey, int] | None = None

    def track(self, command: bytes, response: bytes | None) -> tuple[FileKey, int]:
        """What the data of ``response`` is part of, and where in it."""
        if response is None:
            self._session += 1
            self._forget()
            return FileKey(self._session, "unknown"), 0
        key, offset = self._place_of(command)
        self._cursor = key, offset + len(response) - 2
        if command[0] == 0 and response[-2] in _SUCCEEDED:
            self._note(command)
        return key, offset

    def _place_of(self, command: bytes) -> tuple[FileKey, int]:
        """What the data of the answer to ``command`` is part of, and where in it."""
        cla, ins, p1, p2 = command[:4]
        unknown = FileKey(self._session, "unknown"), 0
        if cla:
            return unknown
        if ins == GET_RESPONSE:
            return self._cursor or unknown
        if ins == READ_BINARY and p1 & 0xE0 in _READ_FORMS:
            file = p1 & 0x1F if p1 & 0x80 else self.file
            offset = p2 if p1 & 0x80 else p1 << 8 | p2
            return FileKey(self._session, "file", self.application, file), offset
        if ins == READ_RECORD and p2 & 7 == 4:
            return FileKey(self._session, "record", self.application, p2 >> 3 or self.file, p1), 0
        if ins == GET_DATA:
            return FileKey(self._session, "object", file=p1 << 8 | p2), 0
        return unknown

    def _note(self, command: bytes) -> None:
        """Takes over what a successful command selects."""
        _, ins, p1, p2 = command[:4]
        if ins == SELECT:
            data = _data_of(command)
            if p1 == 0x04:
                self.application, self.file = data, None
            else:
                self.file = int.from_bytes(data, "big") if len(data) == 2 else None
        elif ins == READ_BINARY and p1 & 0x80:
            self.file = p1 & 0x1F
        elif ins == READ_RECORD and p2 >> 3:
            self.file = p2 >> 3


class FileContent:
    """What was read of one file.

    Attributes:
        spans: the answers that it came in.
        known: the bytes from the front to the first gap.
        size: where the last byte that was read ends.
    """

    def __init__(self, spans: Sequence[Slice], spoken: Sequence[CommandAnswer]) -> None:
        self.spans = spans
        parts = sorted((span.offset, (spoken[span.number].response or b"")[:-2]) for span in spans)
        data = bytearray()
        for offset, part in parts:
            if offset > len(data):
                break
            data[offset : offset + len(part)] = part
        self.known = bytes(data)
        self.size = max(offset + len(part) for offset, part in parts)


def answers_by_file(spoken: Iterable[CommandAnswer]) -> dict[FileKey, list[Slice]]:
    """Which answers have data of which file, in the order of time."""
    tracker, spans = SelectionTracker(), defaultdict[FileKey, list[Slice]](list)
    for number, (command, response) in enumerate(spoken):
        key, offset = tracker.track(command, response)
        if response is not None and len(response) > 2:
            spans[key].append(Slice(number, offset))
    return spans


def _data_of(command: bytes) -> bytes:
    try:
        return CommandApdu.parse(command).data
    except BadCommandError:
        return b""
