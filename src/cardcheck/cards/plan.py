# SPDX-License-Identifier: Apache-2.0
"""How a card is read: plans that yield commands and take answers, and send nothing themselves.

What belongs here: the order of commands and what an answer means for the next one. What does not:
links, dates, judgement. Each plan fits into one transaction; what it learns goes into a
``CardFacts`` at once, so that it is not lost when the card is pulled. Each file stands for itself:
one that the card answers against the rules is asked for once more, and does not keep the rest from
being read.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct

from cardcheck.cards import mynumber, steps
from cardcheck.cards.model import COUNTER_QUERY, Application
from cardcheck.errors import MalformedResponseError, PeerError
from cardcheck.facts.card import (
    PIN_NOT_READ,
    CardFacts,
    CardKind,
    FileReading,
    PinId,
    PinReading,
    ReadState,
)
from cardcheck.iso7816 import status

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cardcheck.cards.steps import Plan


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
    """The plans for one card, one a transaction; ``facts`` decide whether the second follows."""
    facts.quick, facts.impersonal = request.quick, request.impersonal
    yield jpki(facts, request)
    if facts.kind.is_my_number and not request.quick:
        yield beside_jpki(facts)
    facts.complete = True


def jpki(facts: CardFacts, request: ReadRequest) -> Plan[None]:
    """Identifies the card; where it has JPKI, reads its label, counters and files.

    In this order, so that it does not end on a PIN file.
    """
    if not (yield from _enter(facts, mynumber.JPKI)):
        facts.kind = yield from identify_foreign(facts.atr)
        return
    yield from identify(facts)
    if facts.kind is CardKind.JUKICARD:
        return
    yield from counters(facts, mynumber.JPKI)
    note = partial(_note_file, facts, mynumber.JPKI)
    if request.quick:
        front = partial(steps.read_front, length=steps.CHUNK, whole=False)
        yield from note("certificate", partial(front, mynumber.AUTHENTICATION_CERTIFICATE))
        return
    if not request.impersonal:
        yield from note("directory", partial(steps.read_file, mynumber.DIRECTORY))
    whole = steps.read_certificate
    yield from note("certificate", partial(whole, mynumber.AUTHENTICATION_CERTIFICATE))
    certificate = facts.certificate
    if certificate.state is ReadState.READ and request.ca_needed(certificate.data):
        yield from note("ca_certificate", partial(whole, mynumber.AUTHENTICATION_CA))
    if ReadState.READ not in {certificate.state, facts.directory.state}:
        yield from _rest(facts)


def beside_jpki(facts: CardFacts) -> Plan[None]:
    """Reads what is told beside JPKI, and ends on the card record, which is no PIN file."""
    if facts.proved and not facts.impersonal:
        try:
            yield from text_input(facts)
        except PeerError as error:
            yield from _go_on_after(error, facts, mynumber.JPKI)
    yield from common(facts)
    register = facts.pins.get(PinId.RESIDENT_REGISTER, PIN_NOT_READ)
    if register.state is ReadState.ABSENT and not facts.impersonal:
        yield from resident_register(facts)


def common(facts: CardFacts) -> Plan[None]:
    """Asks the counter of 住民基本台帳用 in 共通カードAP and reads the card's own expiry record."""
    if not (yield from _enter(facts, mynumber.COMMON)):
        facts.common_record = FileReading(ReadState.ABSENT)
        if not facts.impersonal:
            facts.pins[PinId.RESIDENT_REGISTER] = PinReading(ReadState.ABSENT)
        return
    yield from counters(facts, mynumber.COMMON)
    read = partial(steps.read_first_record, mynumber.CARD_RECORD)
    yield from _note_file(facts, mynumber.COMMON, "common_record", read)


def text_input(facts: CardFacts) -> Plan[None]:
    """Asks the counter of 券面事項入力補助用."""
    if not (yield from _enter(facts, mynumber.TEXT_INPUT)):
        facts.pins[PinId.TEXT_INPUT] = PinReading(ReadState.ABSENT)
        return
    yield from counters(facts, mynumber.TEXT_INPUT)


def resident_register(facts: CardFacts) -> Plan[None]:
    """Asks the counter of 住民基本台帳用 in 住基AP, for cards that have none in 共通カードAP."""
    if facts.proved and (yield from _enter(facts, mynumber.RESIDENT_REGISTER)):
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


def identify(facts: CardFacts) -> Plan[None]:
    """Notes label and kind of a card whose JPKI application is selected.

    An answer against the rules is asked for once more; after a second one the label stays unread.
    """
    facts.kind = CardKind.UNKNOWN_JPKI
    try:
        yield from _note_label(facts)
    except PeerError:
        yield from _back_to(mynumber.JPKI)
        yield from _note_label_or_go_on(facts)


def token_label() -> Plan[tuple[str | None, bool]]:
    """The token label of EF 0006 without padding, and whether it proves that this is JPKI.

    None where it cannot be read whole. Half a label is none: the first 14 characters of a My Number
    card's are those of a JukiCard. What is not printable ASCII comes back as ``?``. It proves what
    it says only where it came in one answer: nothing can have come in between.
    """
    first = yield from steps.select_and_read(mynumber.TOKEN_INFO, mynumber.LABEL_LENGTH)
    data, _ = yield from steps.read_on(first.data, mynumber.LABEL_LENGTH if first.data else 0)
    if len(data) < mynumber.LABEL_LENGTH:
        return None, False
    proved = first.sw == status.SUCCESS and mynumber.is_jpki_label(first.data)
    label = data.strip(b" \0")
    return "".join(chr(byte) if 0x20 <= byte < 0x7F else "?" for byte in label), proved


def counters(facts: CardFacts, application: Application) -> Plan[None]:
    """Asks the tries left of every PIN of ``application`` that a report shows.

    None of a card whose label did not prove that it is JPKI, none where nothing may be told of the
    card's owner, and none after an answer against the rules: a card that has not understood the
    last question is asked no other of the kind.
    """
    for ef, pin in application.pins.items():
        garbled = any(known.state is ReadState.MALFORMED for known in facts.pins.values())
        if garbled or facts.impersonal or not facts.proved:
            return
        try:
            facts.pins[pin] = yield from counter(facts, application, ef)
        except PeerError as error:
            facts.pins[pin] = PinReading(ReadState.MALFORMED)
            yield from _go_on_after(error, facts, application)


def counter(facts: CardFacts, application: Application, ef: int) -> Plan[PinReading]:
    """The answer to the counter query of PIN file ``ef``, which is put once.

    Over T=0 it is not put: the transport would append a fifth byte to it.
    """
    try:
        sw = yield from steps.select_bare(ef)
    except PeerError:
        yield from _reenter(facts, application)
        sw = yield from steps.select_bare(ef)
    if sw == status.FILE_NOT_FOUND:
        return PinReading(ReadState.ABSENT, sw)
    if not sw.is_success:
        return PinReading(ReadState.REFUSED, sw)
    if facts.protocol == "T=0" or not facts.proved:
        return PinReading(ReadState.REFUSED)
    answer = yield COUNTER_QUERY
    return PinReading(ReadState.READ, answer.sw)


def _enter(facts: CardFacts, application: Application) -> Plan[bool]:
    """Selects ``application`` and notes it; tells whether the card has it."""
    try:
        there = yield from steps.select(application)
    except PeerError:
        yield from _regain(facts)
        there = yield from steps.select(application)
    if not there:
        return False
    known = {*facts.applications, application.id}
    facts.applications[:] = [app.id for app in mynumber.APPLICATIONS if app.id in known]
    return True


def _reenter(facts: CardFacts, application: Application) -> Plan[None]:
    """Selects ``application`` once more after trouble, in which its selection was lost.

    Raises:
        PeerError: it cannot be selected any more.
    """
    regained = facts.proved
    yield from _regain(facts)
    if application is not mynumber.JPKI or not regained:  # JPKI once more would end the proof
        yield from _back_to(application)


def _regain(facts: CardFacts) -> Plan[None]:
    """Has the label prove once more that this is JPKI, where it did: trouble ends the proof."""
    if facts.proved:
        yield from _back_to(mynumber.JPKI)
        yield from _note_label_or_go_on(facts)


def _back_to(application: Application) -> Plan[None]:
    """Selects an application that the card has.

    Raises:
        PeerError: it cannot be selected any more.
    """
    if not (yield from steps.select(application)):
        raise MalformedResponseError(f"{application.id} cannot be selected any more")


def _rest(facts: CardFacts) -> Plan[None]:
    """Comes to rest on the label, where perhaps no file could be selected after the PIN files.

    The guard would see to that too, but by another SELECT JPKI if it must, which ends the proof.
    """
    try:
        sw = yield from steps.select_bare(mynumber.TOKEN_INFO)
    except PeerError as error:
        yield from _go_on_after(error, facts, mynumber.JPKI)
    else:
        facts.proved = facts.proved and sw.is_success


def _go_on_after(error: PeerError, facts: CardFacts, application: Application) -> Plan[None]:
    """Notes what was against the rules and comes back to ``application``."""
    facts.complaint = facts.complaint or str(error)
    yield from _reenter(facts, application)


def _note_label(facts: CardFacts) -> Plan[None]:
    """Reads the label and notes it, what it proves, and the kind that it stands for."""
    facts.proved = False
    label, facts.proved = yield from token_label()
    facts.label = label or facts.label
    facts.kind = mynumber.LABELS.get(facts.label or "", CardKind.UNKNOWN_JPKI)


def _note_label_or_go_on(facts: CardFacts) -> Plan[None]:
    """As ``_note_label``; after an answer against the rules the card counts as not proved."""
    try:
        yield from _note_label(facts)
    except PeerError as error:
        facts.complaint = facts.complaint or str(error)
        yield from _back_to(mynumber.JPKI)


def _note_file(
    facts: CardFacts, application: Application, name: str, read: Callable[[], Plan[FileReading]]
) -> Plan[None]:
    """Notes in field ``name`` what ``read`` gives in ``application``, whatever that is.

    Raises:
        PeerError: the card is of no use any more.
    """
    reading = FileReading(ReadState.REFUSED)
    try:
        reading = yield from _read_patiently(facts, application, read)
    except PeerError:
        setattr(facts, name, reading)
        raise
    setattr(facts, name, reading)


def _read_patiently(
    facts: CardFacts, application: Application, read: Callable[[], Plan[FileReading]]
) -> Plan[FileReading]:
    """What ``read`` gives in ``application``; begun once more after an answer against the rules.

    After a second one the file counts as refused, and the others are read all the same. A card that
    has come so far is not asked twice any more: it might be one that never ends.
    """
    if facts.complaint is None:
        try:
            return (yield from read())
        except PeerError:
            yield from _reenter(facts, application)
    try:
        return (yield from read())
    except PeerError as error:
        yield from _go_on_after(error, facts, application)
    return FileReading(ReadState.REFUSED)
