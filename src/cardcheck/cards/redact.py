# SPDX-License-Identifier: Apache-2.0
"""What must not be kept of an exchange with a card, and what takes its place.

What belongs here: following SELECT and READ through an exchange, and the rule for each file. What
does not: trace files (``transports``). Everything that is not listed as harmless is replaced;
lengths never change. A command that carries a PIN is refused, not blanked: such a trace was not
made by this tool.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.cards import mynumber, twin
from cardcheck.cards.dialogue import Content, Key, Spoken, follow
from cardcheck.cards.identity import has_individual_number
from cardcheck.cards.model import SELECT, VERIFY
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
_PIN_COMMANDS: Final = frozenset(
    {VERIFY, 0x21, 0x24, 0x25, 0x2C, 0x2D}
)  # ISO/IEC 7816-4, 11.6.6 to 11.6.10
_BLANK: Final = b"\xff"
_DIRECTORY_LENGTH: Final = 3  # EF 0008: which certificates exist
_TOKEN_SERIAL: Final = slice(80, 96)  # EF 0006, CK_TOKEN_INFO.serialNumber
_TOKEN_TIME: Final = slice(144, 160)  # CK_TOKEN_INFO.utcTime


class Redaction(Struct, frozen=True):
    """An exchange without personal data.

    Attributes:
        spoken: the exchanges; every command and answer as long as it was.
        replaced: what was replaced, for people who read the trace.
    """

    spoken: tuple[Spoken, ...]
    replaced: tuple[str, ...]


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
    files_read = follow(spoken)
    responses = [exchange.response for exchange in spoken]
    replaced: dict[str, None] = {}
    rules = _Rules(now)
    files = {key: Content(spans, spoken) for key, spans in files_read.items()}
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
    for spans in follow(exchanges).values():
        content = Content(spans, exchanges).known
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


class _Rules:
    """The rule for each file."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._authority = twin.NO_AUTHORITY

    def apply(self, key: Key, data: bytes) -> tuple[str, bytes]:
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
            authority = _authority_of(data[:whole], self._now)
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


@lru_cache(maxsize=4)  # a log of a thousand sessions knows one CA, and a key takes 0.1 s to make
def _authority_of(original: bytes, now: datetime) -> twin.TwinAuthority:
    return twin.TwinAuthority.of(original, now)


_CERTIFICATES: Final = frozenset(
    {mynumber.AUTHENTICATION_CERTIFICATE, mynumber.AUTHENTICATION_CA, SIGNATURE_CA}
)
_CARD_RECORD: Final = (mynumber.COMMON.aid, mynumber.CARD_RECORD, 1)


def _ca_first(key: Key) -> bool:
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
