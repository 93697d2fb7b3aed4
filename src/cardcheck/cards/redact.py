# SPDX-License-Identifier: Apache-2.0
"""What must not be kept of an exchange with a card, and what takes its place.

What belongs here: following SELECT and READ through an exchange, and the rule for each file. What
does not: trace files (``transports``). Everything that is not listed as harmless is replaced;
lengths never change. A command that carries a PIN is refused, not blanked: such a trace was not
made by this tool.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.cards import mynumber, twin
from cardcheck.cards.identity import has_individual_number
from cardcheck.cards.model import GET_DATA, GET_RESPONSE, READ_BINARY, READ_RECORD, SELECT, VERIFY
from cardcheck.cards.validity import card_expiry_of
from cardcheck.errors import (
    BadCommandError,
    InputError,
    MalformedCertificateError,
    MalformedResponseError,
    MalformedTlvError,
)
from cardcheck.iso7816 import der
from cardcheck.iso7816.apdu import CommandApdu

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

SIGNATURE_CA: Final = 0x0002
RECORD_FILLER: Final = b"9" * 20
"""Card serial (15 digits) and municipality (5); twelve nines are no individual number."""
_READ_FORMS: Final = frozenset(
    {0x00, 0x20, 0x40, 0x60, 0x80}
)  # an offset of 15 bits, or a short EF id
_PIN_COMMANDS: Final = frozenset(
    {VERIFY, 0x21, 0x24, 0x25, 0x2C, 0x2D}
)  # ISO/IEC 7816-4, 11.6.6 to 11.6.10
_BLANK: Final = b"\xff"
_DIRECTORY_LENGTH: Final = 3  # EF 0008: which certificates exist
_TOKEN_SERIAL: Final = slice(80, 96)  # EF 0006, CK_TOKEN_INFO.serialNumber
_TOKEN_TIME: Final = slice(144, 160)  # CK_TOKEN_INFO.utcTime


class Spoken(NamedTuple):
    """A command, and its answer with the status word; None where none came."""

    command: bytes
    response: bytes | None


@dataclass(frozen=True, slots=True)
class Redaction:
    """An exchange without personal data.

    Attributes:
        spoken: the exchanges; every command and answer as long as it was.
        replaced: what was replaced, for people who read the trace.
    """

    spoken: tuple[Spoken, ...]
    replaced: tuple[str, ...]


class _Key(NamedTuple):
    """What bytes of an answer belong to."""

    session: int
    kind: str
    application: bytes | None = None
    file: int | None = None
    record: int | None = None


class _Span(NamedTuple):
    """Which part of a file the data of one answer is."""

    number: int
    offset: int


@dataclass(slots=True)
class _Follower:
    """The card's state as far as the exchanges tell it, and what each answer is part of."""

    session: int = 0
    application: bytes | None = None
    file: int | None = None
    cursor: tuple[_Key, int] | None = None
    spans: dict[_Key, list[_Span]] = field(default_factory=lambda: defaultdict(list))

    def follow(self, number: int, command: bytes, response: bytes | None) -> None:
        """Takes the next exchange; a lost answer is the end of a session with the card."""
        if response is None:
            self.session, self.application, self.file, self.cursor = (
                self.session + 1,
                None,
                None,
                None,
            )
            return
        key, offset = self._place_of(command)
        if len(response) > 2:
            self.spans[key].append(_Span(number, offset))
        self.cursor = key, offset + len(response) - 2
        self._note(command, response[-2] in {0x90, 0x61, 0x62})

    def _place_of(self, command: bytes) -> tuple[_Key, int]:
        """What the data of the answer to ``command`` is part of, and where in it."""
        cla, ins, p1, p2 = command[:4]
        unknown = _Key(self.session, "unknown"), 0
        if cla:
            return unknown
        if ins == GET_RESPONSE:
            return self.cursor or unknown
        if ins == READ_BINARY and p1 & 0xE0 in _READ_FORMS:
            file = p1 & 0x1F if p1 & 0x80 else self.file
            offset = p2 if p1 & 0x80 else p1 << 8 | p2
            return _Key(self.session, "file", self.application, file), offset
        if ins == READ_RECORD and p2 & 7 == 4:
            return _Key(self.session, "record", self.application, p2 >> 3 or self.file, p1), 0
        if ins == GET_DATA:
            return _Key(self.session, "object", file=p1 << 8 | p2), 0
        return unknown

    def _note(self, command: bytes, succeeded: bool) -> None:  # noqa: FBT001  # private, one caller
        """Takes over what a successful command selects."""
        cla, ins, p1, p2 = command[:4]
        if cla or not succeeded:
            return
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


def redact(spoken: Sequence[Spoken], now: datetime) -> Redaction:
    """The exchanges with everything personal replaced.

    Args:
        spoken: in the order of time.
        now: the instant at which states (valid, expiring, expired) must stay what they are.

    Raises:
        InputError: a command carries a PIN.
    """
    if any(carries_pin(exchange.command) for exchange in spoken):
        raise InputError("a command carries a PIN; a trace with a PIN is not taken")
    follower = _follow(spoken)
    responses = [exchange.response for exchange in spoken]
    replaced: dict[str, None] = {}
    rules = _Rules(now)
    files = {key: _Content(spans, spoken) for key, spans in follower.spans.items()}
    for key in sorted(files, key=_ca_first):
        content = files[key]
        name, data = rules.apply(key, content.known)
        data = data.ljust(content.size, b"\0")
        for number, offset in content.spans:
            old = responses[number] or b""
            new = data[offset : offset + len(old) - 2] + old[-2:]
            if new != old:
                replaced[name] = None
            responses[number] = new
    commands = [_without_data(exchange.command) for exchange in spoken]
    result = tuple(Spoken(*pair) for pair in zip(commands, responses, strict=True))
    return Redaction(result, tuple(replaced))


def carries_pin(command: bytes) -> bool:
    """Whether ``command`` is one that presents or changes a PIN, with data that is not blanked."""
    return len(command) > 5 and command[1] in _PIN_COMMANDS and bool(command[5:].strip(_BLANK))


def blanked(command: bytes) -> bytes:
    """The command with ``FF`` for whatever may be a PIN; no PIN in any encoding is all ``FF``."""
    return command[:5] + _BLANK * len(command[5:]) if carries_pin(command) else command


def looks_personal(spoken: Iterable[Spoken]) -> list[tuple[int, str]]:
    """What looks like a real person's data: number of the exchange, from 0, and why."""
    exchanges = list(spoken)
    found: list[tuple[int, str]] = []
    for number, (command, response) in enumerate(exchanges):
        if carries_pin(command):
            found.append((number, "a command carries a PIN"))
        if command[:2] == b"\xff\xca" and response is not None and any(response[:-2]):
            found.append((number, "the number of a card (UID or IDm)"))
        if response is not None and has_individual_number(response[:-2]):
            found.append((number, "twelve digits that are an individual number"))
    for spans in _follow(exchanges).spans.values():
        content = _Content(spans, exchanges).known
        if twin.looks_issued(content):
            found.append((spans[0].number, "a certificate of JPKI that is not synthetic"))
        if len(spans) > 1 and has_individual_number(content):
            found.append(
                (
                    spans[0].number,
                    "twelve digits that are an individual number, over several answers",
                )
            )
    return sorted(set(found))


class _Content:
    """What was read of one file.

    Attributes:
        spans: the answers that it came in.
        known: the bytes from the front to the first gap.
        size: where the last byte that was read ends.
    """

    def __init__(self, spans: Sequence[_Span], spoken: Sequence[Spoken]) -> None:
        self.spans = spans
        parts = sorted((span.offset, (spoken[span.number].response or b"")[:-2]) for span in spans)
        data = b""
        for offset, part in parts:
            if offset > len(data):
                break
            data = data[:offset] + part + data[offset + len(part) :]
        self.known = data
        self.size = max(offset + len(part) for offset, part in parts)


class _Rules:
    """The rule for each file."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._authority = twin.NO_AUTHORITY

    def apply(self, key: _Key, data: bytes) -> tuple[str, bytes]:
        """What was replaced, and the bytes that take the place of ``data``."""
        if key.kind == "object" and key.file in mynumber.PUBLIC_OBJECTS:
            return "other data", data
        if key.kind == "record" and (key.application, key.file, key.record) == _CARD_RECORD:
            return "card record", _twin_record(data, self._now)
        if key.kind == "file" and key.application == mynumber.JPKI.aid:
            return self._jpki(key.file, data)
        return "other data", bytes(len(data))

    def _jpki(self, file: int | None, data: bytes) -> tuple[str, bytes]:
        if file == mynumber.DIRECTORY:
            return "other data", data[:_DIRECTORY_LENGTH] + _tail(data[_DIRECTORY_LENGTH:])
        if file == mynumber.TOKEN_INFO:
            return "token serial", _twin_token(data)
        if file in _CERTIFICATES and twin.is_twin(data):
            return "other data", data
        if file in {mynumber.AUTHENTICATION_CA, SIGNATURE_CA}:
            return f"EF {file:04X} (twin)", self._twin_ca(file, data)
        if file == mynumber.AUTHENTICATION_CERTIFICATE:
            return f"EF {file:04X} (twin)", self._twin_certificate(data)
        return "other data", bytes(len(data))

    def _twin_ca(self, file: int, data: bytes) -> bytes:
        whole = _whole(data)
        if whole is None:
            return twin.twin_of_prefix(data, self._now)
        if data[:whole] == self._authority.original:
            return self._authority.twin + _tail(data[whole:])
        try:
            authority = twin.TwinAuthority.of(data[:whole], self._now)
        except MalformedCertificateError:
            return twin.twin_of_malformed(data)
        if file == mynumber.AUTHENTICATION_CA and self._authority is twin.NO_AUTHORITY:
            self._authority = authority
        return authority.twin + _tail(data[whole:])

    def _twin_certificate(self, data: bytes) -> bytes:
        whole = _whole(data)
        if whole is None:
            return twin.twin_of_prefix(data, self._now)
        try:
            return self._authority.twin_of(data[:whole], self._now) + _tail(data[whole:])
        except MalformedCertificateError:
            return twin.twin_of_malformed(data)


_CERTIFICATES: Final = frozenset(
    {mynumber.AUTHENTICATION_CERTIFICATE, mynumber.AUTHENTICATION_CA, SIGNATURE_CA}
)
_CARD_RECORD: Final = (mynumber.COMMON.aid, mynumber.CARD_RECORD, 1)


def _follow(spoken: Iterable[Spoken]) -> _Follower:
    follower = _Follower()
    for number, (command, response) in enumerate(spoken):
        follower.follow(number, command, response)
    return follower


def _ca_first(key: _Key) -> bool:
    """Sorts the CA before what it signed."""
    return key.file != mynumber.AUTHENTICATION_CA


def _whole(data: bytes) -> int | None:
    """Length of the DER object at the front, or None where not all of it is there."""
    try:
        total = der.total_length(data)
    except MalformedTlvError:
        return None
    return total if total <= len(data) else None


def _tail(data: bytes) -> bytes:
    """Filler behind an object stays; anything else there becomes zeros."""
    return (
        data
        if data == data[:1] * len(data) and data[:1] in {b"", b"\0", b"\xff"}
        else bytes(len(data))
    )


def _twin_token(data: bytes) -> bytes:
    """EF 0006 without the serial number and the clock of the token."""
    token = bytearray(data)
    for place, digit in ((_TOKEN_SERIAL, b"0"), (_TOKEN_TIME, b"9")):
        token[place] = digit * len(token[place])
    return bytes(token)


def _twin_record(data: bytes, now: datetime) -> bytes:
    """The record with another serial number, municipality and expiry; zeros where it is none."""
    try:
        last_day = twin.twin_day(card_expiry_of(data), now)
    except MalformedResponseError:
        return data[:2] + bytes(max(len(data) - 2, 0))
    record = data[:2] + RECORD_FILLER + last_day.strftime("%Y%m%d").encode()
    return record + _tail(data[len(record) :])


def _data_of(command: bytes) -> bytes:
    try:
        return CommandApdu.parse(command).data
    except BadCommandError:
        return b""


def _without_data(command: bytes) -> bytes:
    """The command with zeros for data, unless it is a SELECT: hashes are nobody's business."""
    if len(command) <= 5 or command[:2] == bytes((0, SELECT)) or command[1] in _PIN_COMMANDS:
        return command  # a PIN that was there has been blanked
    try:
        apdu = CommandApdu.parse(command)
    except BadCommandError:
        return command[:5] + bytes(len(command) - 5)
    zeros = bytes(len(apdu.data))
    return CommandApdu(
        apdu.cla, apdu.ins, apdu.p1, apdu.p2, zeros, apdu.ne, apdu.is_extended
    ).encode()
