# SPDX-License-Identifier: Apache-2.0
"""How a card is read: plans that yield commands and take answers, and never send anything themselves.

What belongs here: the order of commands and what an answer means for the next one. What does not: links,
dates, judgement. Each plan covers one application, so that one transaction can span it; what it learns goes
into a ``CardFacts`` at once, so that nothing is lost when the card is pulled half-way.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from dataclasses import dataclass
from typing import TypeAlias, TypeVar

from cardcheck.cards import mynumber
from cardcheck.cards.model import COUNTER_QUERY, Application, read_binary, read_record, select_file
from cardcheck.errors import MalformedResponseError, MalformedTlvError, PeerError
from cardcheck.facts.card import CardFacts, CardKind, FileReading, PinId, PinReading, ReadState
from cardcheck.iso7816 import der, status
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu
from cardcheck.iso7816.status import StatusWord

T = TypeVar("T")
Plan: TypeAlias = Generator[CommandApdu, ResponseApdu, T]

CHUNK = 256
"""Bytes asked for at once: the most that a short Le can say (00), which every generation of the card takes."""
_LARGEST_OFFSET = 0x7FFF  # READ BINARY carries 15 bits (ISO/IEC 7816-4, 11.3.3)
_SPARE_READS = 8  # a card may answer with less than asked for; one that goes on so is broken
_END_OF_FILE = StatusWord(0x6282)  # ISO/IEC 7816-4, table 6: end of file before Ne bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadRequest:
    """What is to be read.

    Attributes:
        quick: kind, the certificate's first bytes and both JPKI counters only.
        ca_needed: tells from the certificate's bytes whether the CA on the card must be read as well.
    """

    quick: bool = False
    ca_needed: Callable[[bytes], bool] = lambda _: True


def applications(facts: CardFacts, request: ReadRequest) -> Iterator[Plan[None]]:
    """The plans for one card, one an application; which ones follow depends on what ``facts`` say by then."""
    facts.quick = request.quick
    yield jpki(facts, request)
    if facts.kind in {CardKind.MY_NUMBER, CardKind.UNKNOWN_JPKI} and not request.quick:
        yield common(facts)
        yield text_input(facts)
        if facts.pins.get(PinId.RESIDENT_REGISTER, PinReading()).state is ReadState.ABSENT:
            yield resident_register(facts)
    facts.complete = True


def jpki(facts: CardFacts, request: ReadRequest) -> Plan[None]:
    """Identifies the card; where it has the JPKI application, reads its label, files and counters."""
    if not (yield from _select(facts, mynumber.JPKI)):
        facts.kind = yield from identify_foreign(facts.atr)
        return
    facts.kind = CardKind.UNKNOWN_JPKI
    facts.label = yield from token_label()
    facts.kind = mynumber.LABELS.get(facts.label or "", CardKind.UNKNOWN_JPKI)
    if facts.kind is CardKind.JUKICARD:
        return
    if request.quick:
        facts.certificate = yield from read_file(mynumber.AUTHENTICATION_CERTIFICATE, CHUNK, whole=False)
    else:
        facts.directory = yield from read_file(mynumber.DIRECTORY, CHUNK)
        facts.certificate = yield from read_certificate(mynumber.AUTHENTICATION_CERTIFICATE)
        certificate = facts.certificate
        if certificate.state is ReadState.READ and request.ca_needed(certificate.data):
            facts.ca_certificate = yield from read_certificate(mynumber.AUTHENTICATION_CA)
    yield from counters(facts, mynumber.JPKI)


def common(facts: CardFacts) -> Plan[None]:
    """Reads the card's own expiry record and the counter of 住民基本台帳用 in 共通カードAP."""
    if not (yield from _select(facts, mynumber.COMMON)):
        facts.common_record = FileReading(ReadState.ABSENT)
        facts.pins[PinId.RESIDENT_REGISTER] = PinReading(ReadState.ABSENT)
        return
    facts.common_record = yield from read_first_record(mynumber.CARD_RECORD)
    yield from counters(facts, mynumber.COMMON)


def text_input(facts: CardFacts) -> Plan[None]:
    """Asks the counter of 券面事項入力補助用."""
    if not (yield from _select(facts, mynumber.TEXT_INPUT)):
        facts.pins[PinId.TEXT_INPUT] = PinReading(ReadState.ABSENT)
        return
    yield from counters(facts, mynumber.TEXT_INPUT)


def resident_register(facts: CardFacts) -> Plan[None]:
    """Asks the counter of 住民基本台帳用 in 住基AP, for cards that have none in 共通カードAP."""
    if (yield from _select(facts, mynumber.RESIDENT_REGISTER)):
        yield from counters(facts, mynumber.RESIDENT_REGISTER)


def identify_foreign(atr: bytes) -> Plan[CardKind]:
    """What a card without JPKI is: by its ATR where that is in the table, else by its applications."""
    known = mynumber.FOREIGN_ATRS.get(bytes(atr))
    if known is not None:
        return known
    for application in mynumber.FOREIGN:
        answer = yield application.select
        if answer.sw.is_success or answer.sw.has_more:
            return application.kind
    return CardKind.UNKNOWN


def token_label() -> Plan[str | None]:
    """The token label of EF 0006 without padding, or None where it cannot be read."""
    reading = yield from read_file(mynumber.TOKEN_INFO, mynumber.LABEL_LENGTH)
    if reading.state is not ReadState.READ:
        return None
    return reading.data.decode("ascii", "replace").strip(" \0")


def counters(facts: CardFacts, application: Application) -> Plan[None]:
    """Asks the tries left of every PIN of ``application`` that a report shows."""
    for ef, pin in application.pins.items():
        try:
            facts.pins[pin] = yield from counter(ef, facts.protocol)
        except PeerError as error:
            facts.complaint = str(error)
            facts.pins[pin] = PinReading(ReadState.MALFORMED)


def counter(ef: int, protocol: str) -> Plan[PinReading]:
    """The answer to the counter query of PIN file ``ef``.

    Over T=0 the query is not sent: the transport would append a fifth byte to it.
    """
    answer = yield select_file(ef)
    if answer.sw == status.FILE_NOT_FOUND:
        return PinReading(ReadState.ABSENT, answer.sw)
    if not answer.sw.is_success or protocol == "T=0":
        return PinReading(ReadState.REFUSED, None if answer.sw.is_success else answer.sw)
    answer = yield COUNTER_QUERY
    return PinReading(ReadState.READ, answer.sw)


def read_file(ef: int, length: int, *, whole: bool = True) -> Plan[FileReading]:
    """At most ``length`` (1 to 256) bytes from the front of transparent file ``ef``."""
    answer = yield select_file(ef)
    if not answer.sw.is_success:
        return _refused(answer.sw)
    answer = yield from _read(0, length)
    if not answer.data and not answer.sw.is_success:
        return _refused(answer.sw)
    return FileReading(ReadState.READ, answer.data, answer.sw, whole)


def read_first_record(ef: int) -> Plan[FileReading]:
    """Record 1 of record file ``ef``."""
    answer = yield select_file(ef)
    if answer.sw.is_success:
        answer = yield read_record(1)
    if not answer.sw.is_success:
        return _refused(answer.sw)
    return FileReading(ReadState.READ, answer.data, answer.sw)


def read_certificate(ef: int) -> Plan[FileReading]:
    """The DER object at the front of ``ef``, read in steps of 256 bytes up to its own length.

    The file is larger than the certificate and filled up, so the length in its first bytes ends the reading.
    """
    first = yield from read_file(ef, CHUNK)
    if first.state is not ReadState.READ:
        return first
    try:
        total = der.total_length(first.data)
    except MalformedTlvError:
        return FileReading(ReadState.MALFORMED, first.data, first.sw)
    if total > _LARGEST_OFFSET + CHUNK:
        return FileReading(ReadState.MALFORMED, first.data, first.sw)
    return (yield from _read_on(first.data, total))


def _read_on(data: bytes, total: int) -> Plan[FileReading]:
    """The rest of the current EF behind ``data``, up to ``total`` bytes in all."""
    sw: StatusWord = status.SUCCESS
    for _ in range(-(-total // CHUNK) + _SPARE_READS):
        if len(data) >= total:
            return FileReading(ReadState.READ, data[:total], sw)
        if len(data) > _LARGEST_OFFSET:
            break
        answer = yield from _read(len(data), min(CHUNK, total - len(data)))
        sw = answer.sw
        if not answer.data:
            break
        data += answer.data
    if len(data) >= total:
        return FileReading(ReadState.READ, data[:total], sw)
    return FileReading(ReadState.MALFORMED, data, sw)


def _read(offset: int, ne: int) -> Plan[ResponseApdu]:
    """One READ BINARY; an answer of 6B00 or another refusal comes back without data.

    Raises:
        MalformedResponseError: the card sent more than was asked for.
    """
    answer = yield read_binary(offset, ne)
    if len(answer.data) > ne:
        raise MalformedResponseError(f"{len(answer.data)} bytes where {ne} were asked for")
    if answer.sw.is_success or answer.sw == _END_OF_FILE:
        return answer
    return ResponseApdu(b"", answer.sw)


def _select(facts: CardFacts, application: Application) -> Plan[bool]:
    """Selects ``application`` and notes it; tells whether the card has it.

    The first command after power-on may be answered 6F00 (seen by soltia48/myna-card): that one is thrown away.
    """
    answer = yield application.select
    if answer.sw == status.NO_PRECISE_DIAGNOSIS and not facts.applications:
        answer = yield application.select
    if not (answer.sw.is_success or answer.sw.has_more):
        return False
    facts.applications.append(application.id)
    return True


def _refused(sw: StatusWord) -> FileReading:
    """The reading that a status word other than success stands for."""
    states = {
        status.FILE_NOT_FOUND: ReadState.ABSENT,
        status.RECORD_NOT_FOUND: ReadState.ABSENT,
        status.SECURITY_STATUS_NOT_SATISFIED: ReadState.PROTECTED,
    }
    return FileReading(states.get(sw, ReadState.REFUSED), b"", sw)
