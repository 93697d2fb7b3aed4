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

from cardcheck.cards import mynumber, token
from cardcheck.cards.exchange_log import CommandAnswer, FileContent, FileKey, answers_by_file
from cardcheck.cards.model import SELECT, VERIFY
from cardcheck.cards.redaction import synthetic_certificate
from cardcheck.cards.redaction.identifiers import has_individual_number
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
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

SIGNATURE_CA: Final = 0x0002
RECORD_FILLER: Final = b"9" * 20
"""Card serial (15 digits) and municipality (5); twelve nines are no individual number."""
_PIN_COMMANDS: Final = frozenset(
    {VERIFY, 0x21, 0x24, 0x25, 0x2C, 0x2D}
)  # ISO/IEC 7816-4, 11.6.6 to 11.6.10
_BLANK: Final = b"\xff"
_DIRECTORY_LENGTH: Final = 3  # EF 0008: which certificates exist
_STATES: Final = frozenset(b"\x00\x8f\xff")  # absent, present, neither


class Redaction(Struct, frozen=True):
    """An exchange without personal data.

    Attributes:
        spoken: the exchanges; every command and answer as long as it was.
        replaced: what was replaced, for people who read the trace.
    """

    spoken: tuple[CommandAnswer, ...]
    replaced: tuple[str, ...]


def redact(spoken: Sequence[CommandAnswer], now: datetime) -> Redaction:
    """The exchanges with everything personal replaced.

    Args:
        spoken: in the order of time.
        now: the instant at which states (valid, expiring, expired) must stay what they are.

    Raises:
        InputError: a command carries a PIN.
    """
    if any(carries_pin(exchange.command) for exchange in spoken):
        raise InputError("a command carries a PIN; a trace with a PIN is not taken")
    files_read = answers_by_file(spoken)
    responses = [exchange.response for exchange in spoken]
    replaced: dict[str, None] = {}
    rules = _Rules(now)
    files = {key: FileContent(spans, spoken) for key, spans in files_read.items()}
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
    result = tuple(CommandAnswer(*pair) for pair in zip(commands, responses, strict=True))
    return Redaction(result, tuple(replaced))


def carries_pin(command: bytes) -> bool:
    """Whether ``command`` is one that presents or changes a PIN, with data that is not blanked."""
    return len(command) > 5 and command[1] in _PIN_COMMANDS and bool(command[5:].strip(_BLANK))


def blanked(command: bytes) -> bytes:
    """The command with ``FF`` for whatever may be a PIN; no PIN in any encoding is all ``FF``."""
    return command[:5] + _BLANK * len(command[5:]) if carries_pin(command) else command


def looks_personal(spoken: Iterable[CommandAnswer]) -> list[tuple[int, str]]:
    """What looks like a real person's data: number of the exchange, from 0, and why."""
    exchanges = list(spoken)
    found = [(number, why) for number, each in enumerate(exchanges) for why in _personal_in(*each)]
    for key, spans in answers_by_file(exchanges).items():
        content = FileContent(spans, exchanges).known
        found += ((spans[0].number, why) for why in _personal_in_file(key, content, len(spans)))
    return sorted(set(found))


def _personal_in(command: bytes, response: bytes | None) -> Iterator[str]:
    """Why one exchange looks like a real person's."""
    data = (response or b"")[:-2]
    if carries_pin(command):
        yield "a command carries a PIN"
    if _names_nothing(command):
        yield "a SELECT of what is on no card"
    if command[:2] == b"\xff\xca" and any(data):
        yield "the number of a card (UID or IDm)"
    if has_individual_number(data):
        yield "twelve digits that are an individual number"


def _personal_in_file(key: FileKey, content: bytes, answers: int) -> Iterator[str]:
    """Why what was read of one file looks like a real person's."""
    if not _is_public(key, content):
        yield "something else where public data is due"
    if synthetic_certificate.looks_issued(content):
        yield "a certificate of JPKI that is not synthetic"
    if answers > 1 and has_individual_number(content):
        yield "twelve digits that are an individual number, over several answers"


class _Rules:
    """The rule for each file."""

    def __init__(self, now: datetime) -> None:
        self._now = now
        self._authority = synthetic_certificate.NO_CA

    def apply(self, key: FileKey, data: bytes) -> tuple[str, bytes]:
        """What was replaced, and the bytes that take the place of ``data``."""
        if key.kind == "object" and key.file in mynumber.PUBLIC_OBJECTS:
            return "other data", _public_object(data)
        if key.kind == "record" and (key.application, key.file, key.record) == _CARD_RECORD:
            return "card record", _twin_record(data, self._now)
        if key.kind == "file" and key.application == mynumber.JPKI.aid:
            return self._jpki(key.file, data)
        return "other data", bytes(len(data))

    def _jpki(self, file: int | None, data: bytes) -> tuple[str, bytes]:
        if file == mynumber.DIRECTORY:
            return "other data", _twin_directory(data)
        if file == mynumber.TOKEN_INFO:
            return "token", token.synthetic_token(data)
        if file in _CERTIFICATES and synthetic_certificate.is_marked_synthetic(data):
            return "other data", data
        if file in {mynumber.AUTHENTICATION_CA, SIGNATURE_CA}:
            return f"EF {file:04X} (twin)", self._twin_ca(file, data)
        if file == mynumber.AUTHENTICATION_CERTIFICATE:
            return f"EF {file:04X} (twin)", self._twin_certificate(data)
        return "other data", bytes(len(data))

    def _twin_ca(self, file: int, data: bytes) -> bytes:
        whole = _whole(data)
        if whole is None:
            return synthetic_certificate.synthetic_of_prefix(data, self._now)
        if data[:whole] == self._authority.original:
            return self._authority.twin + _tail(data[whole:])
        try:
            authority = _authority_of(data[:whole], self._now)
        except MalformedCertificateError:
            return synthetic_certificate.synthetic_of_malformed(data)
        if file == mynumber.AUTHENTICATION_CA and self._authority is synthetic_certificate.NO_CA:
            self._authority = authority
        return authority.twin + _tail(data[whole:])

    def _twin_certificate(self, data: bytes) -> bytes:
        whole = _whole(data)
        if whole is None:
            return synthetic_certificate.synthetic_of_prefix(data, self._now)
        try:
            return self._authority.synthetic_of(data[:whole], self._now) + _tail(data[whole:])
        except MalformedCertificateError:
            return synthetic_certificate.synthetic_of_malformed(data)


@lru_cache(maxsize=4)  # a log of a thousand sessions knows one CA, and a key takes 0.1 s to make
def _authority_of(original: bytes, now: datetime) -> synthetic_certificate.SyntheticCa:
    return synthetic_certificate.SyntheticCa.of(original, now)


_CERTIFICATES: Final = frozenset(
    {mynumber.AUTHENTICATION_CERTIFICATE, mynumber.AUTHENTICATION_CA, SIGNATURE_CA}
)
_CARD_RECORD: Final = (mynumber.COMMON.aid, mynumber.CARD_RECORD, 1)


def _ca_first(key: FileKey) -> bool:
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


def _twin_directory(data: bytes) -> bytes:
    """EF 0008: that a certificate exists or does not; a byte that says neither, says it as FF."""
    states = (bytes((byte,)) if byte in _STATES else b"\xff" for byte in data[:_DIRECTORY_LENGTH])
    return b"".join(states) + _tail(data[_DIRECTORY_LENGTH:])


def _public_object(data: bytes) -> bytes:
    """What GET DATA may answer where nothing personal is due; zeros for what was never seen."""
    known = any(data and answer.startswith(data) for answer in mynumber.PUBLIC_ANSWERS)
    return data if known else bytes(len(data))


def _is_public(key: FileKey, data: bytes) -> bool:
    """Whether data that passes for public is what is known to be."""
    if key.kind == "object" and key.file in mynumber.PUBLIC_OBJECTS:
        return data == _public_object(data)
    if key[1:4] == ("file", mynumber.JPKI.aid, mynumber.DIRECTORY):
        states = data[:_DIRECTORY_LENGTH]
        return states == _twin_directory(states)
    return True


def _names_nothing(command: bytes) -> bool:
    """Whether a SELECT has data that names neither an application nor a file that is known."""
    if len(command) <= 5 or command[:2] != bytes((0, SELECT)):
        return False
    try:
        data = CommandApdu.parse(command).data
    except BadCommandError:
        return any(command[5:])
    return any(data) and not mynumber.is_public_name(command[2] == 4, data)


def _twin_record(data: bytes, now: datetime) -> bytes:
    """The record with another serial number, municipality and expiry; zeros where it is none."""
    try:
        last_day = synthetic_certificate.synthetic_day(card_expiry_of(data), now)
    except MalformedResponseError:
        return data[:2] + bytes(max(len(data) - 2, 0))
    record = data[:2] + RECORD_FILLER + last_day.strftime("%Y%m%d").encode()
    return record + _tail(data[len(record) :])


def _without_data(command: bytes) -> bytes:
    """The command with zeros for data, unless it is a SELECT of what is known by name.

    Hashes are nobody's business, and what is no name may be a PIN.
    """
    named = command[:2] == bytes((0, SELECT)) and not _names_nothing(command)
    if len(command) <= 5 or named or command[1] in _PIN_COMMANDS:
        return command  # a PIN that was there has been blanked
    try:
        apdu = CommandApdu.parse(command)
    except BadCommandError:
        return command[:5] + bytes(len(command) - 5)
    zeros = bytes(len(apdu.data))
    return CommandApdu(
        apdu.cla, apdu.ins, apdu.p1, apdu.p2, zeros, apdu.ne, apdu.is_extended
    ).encode()
