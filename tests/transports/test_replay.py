# SPDX-License-Identifier: Apache-2.0
"""Replaying: strict order, helpful mismatches, failures in place, the real plans over fixtures."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardcheck import errors
from cardcheck.cards import plan
from cardcheck.facts.card import CardFacts, CardKind
from cardcheck.facts.reader import Backend, ReaderIdentity, SlotState
from cardcheck.transports import dump
from cardcheck.transports.link import execute
from cardcheck.transports.replay import UNNAMED_READER, ReplayBackend, ReplayLink, ReplayWorld

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
SELECT = "00A4040C0AD392F000260100000001"
THREE = HEAD + "> 00A40000\n< 6A86\n> 00B0000004\n< 3082061F9000\n> 00200080\n< 63C3\n"


def link_over(text: str, *, skip_unknown: bool = False) -> ReplayLink:
    return ReplayLink(dump.parse(text), skip_unknown=skip_unknown)


def backend_over(text: str) -> ReplayBackend:
    return ReplayWorld(dump.parse(text)).open()


def the_reader(backend: ReplayBackend) -> ReaderIdentity:
    (reader,) = backend.readers()
    return reader


def test_answers_come_in_their_order() -> None:
    link = link_over(THREE)
    assert link.transmit(bytes.fromhex("00A40000")) == bytes.fromhex("6A86")
    assert link.transmit(bytes.fromhex("00B0000004")) == bytes.fromhex("3082061F9000")
    assert link.transmit(bytes.fromhex("00200080")) == bytes.fromhex("63C3")
    link.finish()


def test_a_mismatch_teaches() -> None:
    link = link_over(THREE)
    with pytest.raises(errors.ReplayMismatchError) as caught:
        link.transmit(bytes.fromhex("00B0000005"))
    assert str(caught.value) == (
        "line 3: expected 00A40000, got 00B0000005; nearest recorded: line 5, 00B0000004"
    )


def test_a_command_behind_the_end_is_a_mismatch() -> None:
    with pytest.raises(errors.ReplayMismatchError, match="expected nothing more, got 00A40000"):
        link_over(HEAD).transmit(bytes.fromhex("00A40000"))


def test_what_is_left_over_is_named() -> None:
    link = link_over(THREE)
    link.transmit(bytes.fromhex("00A40000"))
    with pytest.raises(errors.ReplayUnfinishedError, match=r"2 recorded .* line 5: 00B0000004"):
        link.finish()


def test_unknown_exchanges_can_be_skipped() -> None:
    link = link_over(THREE, skip_unknown=True)
    assert link.transmit(bytes.fromhex("00B0000004")) == bytes.fromhex("3082061F9000")
    with pytest.raises(errors.ReplayMismatchError):
        link.transmit(bytes.fromhex("00A40000"))
    link.finish()


def test_a_long_command_is_shown_in_part() -> None:
    with pytest.raises(errors.ReplayMismatchError, match=r"got 00DB(00){22}…"):
        link_over(THREE).transmit(bytes.fromhex("00DB") + bytes(100))


def test_a_recorded_failure_is_raised_with_its_code() -> None:
    link = link_over(HEAD + "> 00A40000\n! CARD_REMOVED 80100069\n")
    with pytest.raises(errors.CardRemovedError) as caught:
        link.transmit(bytes.fromhex("00A40000"))
    assert caught.value.code == 0x80100069


def test_a_transaction_fails_where_one_failed() -> None:
    link = link_over(HEAD + "> 00A40000\n< 6A86\n@ transaction\n! CARD_RESET 80100068\n")
    with link.transaction():
        link.transmit(bytes.fromhex("00A40000"))
    with pytest.raises(errors.CardResetError), link.transaction():
        pytest.fail("the transaction was entered")
    link.finish()


def test_a_reader_without_a_name_gets_one() -> None:
    reader = the_reader(backend_over(HEAD))
    assert (reader.name, reader.backend, reader.virtual) == (UNNAMED_READER, Backend.PCSC, False)


@pytest.mark.parametrize(("name", "virtual"), [("Virtual PCD 00 00", True), ("ACS 00 00", False)])
def test_a_reader_is_what_the_header_says(name: str, virtual: bool) -> None:
    backend = backend_over(HEAD + f"reader: {name}\nusb: 054c:0dc9\n")
    reader = the_reader(backend)
    assert (reader.name, reader.usb, reader.virtual) == (name, ("054c", "0dc9"), virtual)
    assert backend.slot_state(reader) is SlotState.CARD
    assert backend.wait_for_card([reader], 60)
    backend.close()


def test_no_reader_is_no_reader() -> None:
    backend = backend_over(HEAD + "reader: none\n")
    assert not backend.readers()
    assert not backend.wait_for_card(backend.readers(), 60)


def test_no_service_is_no_service() -> None:
    with pytest.raises(errors.NoServiceError):
        backend_over(HEAD + "service: NO_SERVICE\n")


@pytest.mark.parametrize(
    ("slot", "error"),
    [
        ("empty", errors.NoCardError),
        ("mute", errors.UnresponsiveCardError),
        ("in-use", errors.SharingViolationError),
        ("unavailable", errors.NoReaderError),
    ],
)
def test_a_slot_without_a_readable_card_cannot_be_connected(
    slot: str, error: type[errors.LinkError]
) -> None:
    backend = backend_over(HEAD + f"slot: {slot}\n")
    reader = the_reader(backend)
    assert backend.slot_state(reader) == slot
    assert backend.wait_for_card([reader], 60) == (slot != "empty")
    with pytest.raises(error):
        backend.connect(reader)


def test_a_new_connection_goes_on_in_the_trace() -> None:
    world = ReplayWorld(dump.parse(HEAD + f"> {SELECT}\n! CARD_RESET\n> {SELECT}\n< 9000\n"))
    first = world.open()
    with pytest.raises(errors.CardResetError):
        first.connect(the_reader(first)).transmit(bytes.fromhex(SELECT))
    second = world.open()
    link = second.connect(the_reader(second))
    assert link.transmit(bytes.fromhex(SELECT)) == b"\x90\x00"
    link.close()
    world.finish()


def test_a_link_is_guarded() -> None:
    backend = backend_over(HEAD + "> 00200080\n< 63C3\n")
    with pytest.raises(errors.WriteRefusedError):
        backend.connect(the_reader(backend)).transmit(bytes.fromhex("00200080"))


@pytest.mark.parametrize(
    ("failure", "slot", "error"),
    [
        ("CARD_REMOVED", SlotState.EMPTY, errors.NoCardError),
        ("TIMEOUT", SlotState.MUTE, errors.UnresponsiveCardError),
        ("NO_READER", SlotState.UNAVAILABLE, errors.NoReaderError),
    ],
)
def test_a_card_that_was_lost_at_the_end_stays_lost(
    failure: str, slot: SlotState, error: type[errors.LinkError]
) -> None:
    backend = backend_over(HEAD + f"> {SELECT}\n! {failure}\n")
    reader = the_reader(backend)
    assert backend.slot_state(reader) is SlotState.CARD
    with pytest.raises(errors.LinkError):
        backend.connect(reader).transmit(bytes.fromhex(SELECT))
    assert backend.slot_state(reader) is slot
    with pytest.raises(error):
        backend.connect(reader)


def test_a_malformed_answer_at_the_end_does_not_lose_the_card() -> None:
    backend = backend_over(HEAD + f"> {SELECT}\n! MALFORMED_RESPONSE\n")
    reader = the_reader(backend)
    with pytest.raises(errors.MalformedResponseError):
        backend.connect(reader).transmit(bytes.fromhex(SELECT))
    assert backend.slot_state(reader) is SlotState.CARD


def scan(backend: ReplayBackend) -> CardFacts:
    """What the plans learn."""
    facts = CardFacts()
    try:
        link = backend.connect(the_reader(backend))
        facts.atr, facts.protocol = link.atr, link.protocol
        for step in plan.applications(facts, plan.ReadRequest()):
            with link.transaction():
                execute(link, step)
    except errors.LinkError as error:
        facts.interruption = type(error).__name__
    return facts


@pytest.mark.parametrize(
    ("name", "kind", "interruption"),
    [
        ("mynumber-removed-at-first-command", CardKind.UNKNOWN, "CardRemovedError"),
        ("mynumber-removed-during-read", CardKind.MY_NUMBER, "CardRemovedError"),
        ("mynumber-stops-answering", CardKind.UNKNOWN_JPKI, "LinkTimeoutError"),
        ("mynumber-certificate-absent", CardKind.MY_NUMBER, None),
        ("reader-card-mute", CardKind.UNKNOWN, "UnresponsiveCardError"),
        ("reader-card-held", CardKind.UNKNOWN, "SharingViolationError"),
        ("jukicard", CardKind.JUKICARD, None),
        ("smartphone-android", CardKind.SMARTPHONE, None),
        ("drivers-licence", CardKind.DRIVERS_LICENCE, None),
        ("residence-card", CardKind.RESIDENCE_CARD, None),
        ("passport", CardKind.PASSPORT, None),
        ("payment-card", CardKind.PAYMENT_CARD, None),
        ("felica-transit-card", CardKind.FELICA, None),
        ("unknown-card", CardKind.UNKNOWN, None),
    ],
)
def test_the_plans_ask_for_what_a_fixture_holds(
    name: str, kind: CardKind, interruption: str | None
) -> None:
    world = ReplayWorld(dump.parse_bytes((FIXTURES / f"{name}.apdu").read_bytes()))
    facts = scan(world.open())
    world.finish()
    assert (facts.kind, facts.interruption) == (kind, interruption)
