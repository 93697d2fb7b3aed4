# SPDX-License-Identifier: Apache-2.0
"""How a card is read: plans that yield commands and take answers, and send nothing themselves.

What belongs here: the order of commands and what an answer means for the next one. What does not:
links, dates, judgement. Each plan covers one application, so that one transaction can span it; what
it learns goes into a ``CardFacts`` at once, so that it is not lost when the card is pulled.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from msgspec import Struct

from cardcheck.cards import mynumber
from cardcheck.cards.model import COUNTER_QUERY, Application, read_binary, read_record, select_file
from cardcheck.errors import MalformedResponseError, MalformedTlvError, PeerError
from cardcheck.facts.card import CardFacts, CardKind, FileReading, PinId, PinReading, ReadState
from cardcheck.iso7816 import der, status
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu

if TYPE_CHECKING:
    from cardcheck.iso7816.status import StatusWord

T = TypeVar("T")
Plan: TypeAlias = Generator[CommandApdu, ResponseApdu, T]

CHUNK = 256
"""Bytes asked for at once: the most that a short Le can say (00), which every card takes."""
_LARGEST_OFFSET = 0x7FFF  # READ BINARY carries 15 bits (ISO/IEC 7816-4, 11.3.3)
_SPARE_READS = 8  # a card may answer with less than asked for; one that goes on so is broken
_DER_HEADER = 6  # tag, and a length of at most four bytes behind its own first
_AT_THE_END = frozenset({status.SUCCESS, status.END_OF_FILE, status.OFFSET_OUTSIDE_EF})


class ReadRequest(Struct, frozen=True, kw_only=True):
    """What is to be read.

    Attributes:
        quick: kind, the certificate's first bytes and both JPKI counters only.
        impersonal: nothing that tells of the owner: no counter, and not whether 署名用 exists.
        ca_needed: tells from the certificate's bytes whether the CA on the card must be read too.
    """

    quick: bool = False
    impersonal: bool = False
    ca_needed: Callable[[bytes], bool] = lambda _: True


def applications(facts: CardFacts, request: ReadRequest) -> Iterator[Plan[None]]:
    """The plans for one card, one an application; ``facts`` decide which ones follow the first."""
    facts.quick, facts.impersonal = request.quick, request.impersonal
    yield jpki(facts, request)
    if facts.kind.is_my_number and not request.quick:
        yield common(facts)
    if facts.kind.is_my_number and not (request.quick or request.impersonal):
        yield text_input(facts)
        if facts.pins.get(PinId.RESIDENT_REGISTER, PinReading()).state is ReadState.ABSENT:
            yield resident_register(facts)
    facts.complete = True


def jpki(facts: CardFacts, request: ReadRequest) -> Plan[None]:
    """Identifies the card; where it has JPKI, reads its label, files and counters."""
    if not (yield from _select(facts, mynumber.JPKI)):
        facts.kind = yield from identify_foreign(facts.atr)
        return
    facts.kind = CardKind.UNKNOWN_JPKI
    facts.label = yield from token_label()
    facts.kind = mynumber.LABELS.get(facts.label or "", CardKind.UNKNOWN_JPKI)
    if facts.kind is CardKind.JUKICARD:
        return
    if request.quick:
        facts.certificate = yield from read_front(
            mynumber.AUTHENTICATION_CERTIFICATE, CHUNK, whole=False
        )
    else:
        if not request.impersonal:
            facts.directory = yield from read_file(mynumber.DIRECTORY)
        facts.certificate = yield from read_certificate(mynumber.AUTHENTICATION_CERTIFICATE)
        certificate = facts.certificate
        if certificate.state is ReadState.READ and request.ca_needed(certificate.data):
            facts.ca_certificate = yield from read_certificate(mynumber.AUTHENTICATION_CA)
    yield from counters(facts, mynumber.JPKI)


def common(facts: CardFacts) -> Plan[None]:
    """Reads the card's own expiry record and the counter of 住民基本台帳用 in 共通カードAP."""
    if not (yield from _select(facts, mynumber.COMMON)):
        facts.common_record = FileReading(ReadState.ABSENT)
        if not facts.impersonal:
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
    """What a card without JPKI is: by its ATR where that is in the table, else by its applications.

    An answer against the rules does not end the search: nothing is read from this card.
    """
    known = mynumber.FOREIGN_ATRS.get(bytes(atr))
    if known is not None:
        return known
    for application in mynumber.FOREIGN:
        try:
            answer = yield application.select
        except PeerError:
            continue
        if answer.sw.is_success or answer.sw.has_more:
            return application.kind
    return CardKind.UNKNOWN


def token_label() -> Plan[str | None]:
    """The token label of EF 0006 without padding, or None where it cannot be read whole.

    Half a label is none: the first 14 characters of a My Number card's are those of a JukiCard.
    What is not printable ASCII comes back as ``?``.
    """
    reading = yield from read_front(mynumber.TOKEN_INFO, mynumber.LABEL_LENGTH)
    if reading.state is not ReadState.READ:
        return None
    label = reading.data.strip(b" \0")
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in label)


def counters(facts: CardFacts, application: Application) -> Plan[None]:
    """Asks the tries left of every PIN of ``application`` that a report shows.

    Of none where nothing may be told of the card's owner (``facts.impersonal``).

    Raises:
        PeerError: an answer against the rules. It ends the reading: no further question is put to
            the PIN files of a card that has not understood the last one.
    """
    for ef, pin in () if facts.impersonal else application.pins.items():
        try:
            facts.pins[pin] = yield from counter(ef, facts.protocol)
        except PeerError:
            facts.pins[pin] = PinReading(ReadState.MALFORMED)
            raise


def counter(ef: int, protocol: str) -> Plan[PinReading]:
    """The answer to the counter query of PIN file ``ef``.

    Over T=0 the query is not sent: the transport would append a fifth byte to it.
    """
    answer = yield select_file(ef)
    if answer.sw == status.FILE_NOT_FOUND:
        return PinReading(ReadState.ABSENT, answer.sw)
    if not answer.sw.is_success:
        return PinReading(ReadState.REFUSED, answer.sw)
    if protocol == "T=0":
        return PinReading(ReadState.REFUSED)
    answer = yield COUNTER_QUERY
    return PinReading(ReadState.READ, answer.sw)


def read_file(ef: int) -> Plan[FileReading]:
    """What one READ BINARY gives of transparent file ``ef``: at most 256 bytes."""
    return (yield from _select_and_read(ef, CHUNK))


def read_front(ef: int, length: int, *, whole: bool = True) -> Plan[FileReading]:
    """The first ``length`` bytes (1 to 256) of transparent file ``ef``.

    Args:
        ef: the file.
        length: how many bytes; a file that has fewer is malformed.
        whole: what the reading is to say about itself.
    """
    first = yield from _select_and_read(ef, length)
    if first.state is not ReadState.READ:
        return first
    data, sw = yield from _read_on(first.data, length)
    return FileReading(_state_of(data, length, sw), data, sw, whole)


def read_first_record(ef: int) -> Plan[FileReading]:
    """Record 1 of record file ``ef``."""
    answer = yield select_file(ef)
    if answer.sw.is_success:
        answer = yield from _ask(read_record(1), CHUNK)
    if not answer.sw.is_success:
        return _refused(answer.sw)
    return FileReading(ReadState.READ, answer.data, answer.sw)


def read_certificate(ef: int) -> Plan[FileReading]:
    """The DER object at the front of ``ef``, read in steps of 256 bytes up to its own length.

    The file is larger than the certificate and filled up, so the length in its first bytes ends
    the reading.
    """
    first = yield from read_file(ef)
    if first.state is not ReadState.READ:
        return first
    data, sw = yield from _read_on(first.data, _DER_HEADER)
    try:
        total = der.total_length(data)
    except MalformedTlvError:
        return FileReading(ReadState.MALFORMED, data, sw)
    if total > _LARGEST_OFFSET + CHUNK:
        return FileReading(ReadState.MALFORMED, data, sw)
    data, sw = yield from _read_on(data, total)
    return FileReading(_state_of(data, total, sw), data[:total], sw)


def _select_and_read(ef: int, length: int) -> Plan[FileReading]:
    """What one READ BINARY of ``length`` bytes gives of ``ef``; an empty file counts as absent."""
    answer = yield select_file(ef)
    if not answer.sw.is_success:
        return _refused(answer.sw)
    answer = yield from _read(0, length)
    if answer.data:
        return FileReading(ReadState.READ, answer.data, answer.sw)
    return FileReading(ReadState.ABSENT) if answer.sw in _AT_THE_END else _refused(answer.sw)


def _read_on(data: bytes, total: int) -> Plan[tuple[bytes, StatusWord]]:
    """``data`` and what follows it in the current EF, up to ``total`` bytes or until none come.

    Bounded: a card that goes on answering with less than was asked for is given up.

    Returns:
        At least ``data``, and the last status word.
    """
    sw: StatusWord = status.SUCCESS
    for _ in range(-(-total // CHUNK) + _SPARE_READS):
        if len(data) >= total or len(data) > _LARGEST_OFFSET:
            break
        answer = yield from _read(len(data), min(CHUNK, total - len(data)))
        sw = answer.sw
        if not answer.data:
            break
        data += answer.data
    return data, sw


def _state_of(data: bytes, total: int, sw: StatusWord) -> ReadState:
    """How the reading of ``total`` bytes ended that gave ``data`` and, last, ``sw``."""
    if len(data) >= total:
        return ReadState.READ
    return ReadState.MALFORMED if sw in _AT_THE_END else ReadState.REFUSED


def _read(offset: int, ne: int) -> Plan[ResponseApdu]:
    """One READ BINARY; a refusal comes back without data.

    Raises:
        MalformedResponseError: the card sent more than was asked for.
    """
    answer = yield from _ask(read_binary(offset, ne), ne)
    if answer.sw in {status.SUCCESS, status.END_OF_FILE}:
        return answer
    return ResponseApdu(b"", answer.sw)


def _ask(command: CommandApdu, most: int) -> Plan[ResponseApdu]:
    """The answer to ``command``.

    Raises:
        MalformedResponseError: it has more than ``most`` bytes of data.
    """
    answer = yield command
    if len(answer.data) > most:
        raise MalformedResponseError(f"{len(answer.data)} bytes where {most} were asked for")
    return answer


def _select(facts: CardFacts, application: Application) -> Plan[bool]:
    """Selects ``application`` and notes it; tells whether the card has it.

    The first command after power-on may be answered 6F00 (seen by soltia48/myna-card): that one is
    thrown away.

    Raises:
        MalformedResponseError: 61xx, although nothing was asked for: nobody could tell then what
            is selected.
    """
    answer = yield application.select
    if answer.sw == status.NO_PRECISE_DIAGNOSIS and not facts.applications:
        answer = yield application.select
    if answer.sw.has_more:
        raise MalformedResponseError(f"{answer.sw} to a SELECT that asked for nothing")
    if not answer.sw.is_success:
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
