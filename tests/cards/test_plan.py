# SPDX-License-Identifier: Apache-2.0
"""The plans, driven by ``send()`` alone: no link, no card, only what follows which answer."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, TypeVar

import pytest

from cardcheck.cards import mynumber, plan, steps
from cardcheck.errors import MalformedResponseError, PeerError
from cardcheck.facts.card import CardFacts, CardKind, PinId, ReadState
from cardcheck.iso7816.apdu import ResponseApdu
from cards.script import (
    CA,
    CERTIFICATE,
    LABEL,
    OK,
    RECORD,
    SELECT_COMMON,
    SELECT_JPKI,
    SELECT_RESIDENT,
    SELECT_TEXT,
    Script,
    a_card,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.cards.model import ForeignApplication
    from cardcheck.cards.steps import Plan

T = TypeVar("T")


def read(
    script: Script,
    facts: CardFacts,
    trouble: dict[str, list[PeerError]] | None = None,
    **request: bool | Callable[[bytes], bool],
) -> CardFacts:
    """What ``facts`` say after all plans."""
    script.trouble = trouble or {}
    for step in plan.applications(facts, plan.ReadRequest(**request)):  # type: ignore[arg-type]
        script.run(step)
    return facts


def test_the_commands_of_a_whole_reading_in_order() -> None:
    script, facts = a_card(), CardFacts()
    read(script, facts)
    assert script.sent == [
        SELECT_JPKI,
        "00A4020C020006", "00B0000020",
        "00A4020C020018", "00200080", "00A4020C02001B", "00200080",
        "00A4020C020008", "00B0000000",
        "00A4020C02000A", "00B0000000", "00B0010000", "00B0020000", "00B0030000", "00B0040000",
        "00B0050000", "00B0060023",
        "00A4020C02000B", "00B0000000", "00B0010000", "00B0020000", "00B0030000", "00B0040000",
        "00B0050027",
        SELECT_TEXT, "00A4020C020011", "00200080",
        SELECT_COMMON, "00A4020C02001C", "00200080", "00A4020C020001", "00B2010400",
    ]  # fmt: skip
    assert len(script.sent) == 32
    assert facts.kind is CardKind.MY_NUMBER
    assert facts.applications == ["jpki", "common", "text-input"]
    assert (facts.certificate.data, facts.ca_certificate.data) == (CERTIFICATE, CA)
    assert facts.common_record.data == RECORD
    assert {pin: str(reading.sw) for pin, reading in facts.pins.items()} == {
        PinId.AUTHENTICATION: "63C3",
        PinId.SIGNATURE: "63C5",
        PinId.RESIDENT_REGISTER: "63C3",
        PinId.TEXT_INPUT: "63C3",
    }
    assert facts.complete


def test_a_remembered_authority_saves_seven_commands() -> None:
    script, seen = a_card(), list[bytes]()

    def needed(der: bytes) -> bool:
        seen.append(der)
        return False

    facts = read(script, CardFacts(), ca_needed=needed)
    assert len(script.sent) == 25
    assert seen == [CERTIFICATE]
    assert facts.ca_certificate.state is ReadState.NOT_READ


def test_the_quick_plan_is_nine_commands() -> None:
    script = a_card()
    facts = read(script, CardFacts(), quick=True)
    assert script.sent == [
        SELECT_JPKI, "00A4020C020006", "00B0000020",
        "00A4020C020018", "00200080", "00A4020C02001B", "00200080",
        "00A4020C02000A", "00B0000000",
    ]  # fmt: skip
    assert (facts.quick, facts.complete, facts.certificate.whole) == (True, True, False)
    assert facts.certificate.data == CERTIFICATE[:256]


@pytest.mark.parametrize("quick", [False, True])
def test_no_counter_query_over_t0(*, quick: bool) -> None:
    script = a_card()
    facts = read(script, CardFacts(protocol="T=0"), quick=quick)
    assert "00200080" not in script.sent
    assert {reading.state for reading in facts.pins.values()} == {ReadState.REFUSED}
    assert {reading.sw for reading in facts.pins.values()} == {None}


def test_a_first_6f00_is_thrown_away_once() -> None:
    each = plan.jpki(facts := CardFacts(), plan.ReadRequest(quick=True))
    commands = [next(each)]
    commands += [each.send(ResponseApdu.parse(answer)) for answer in (b"\x6f\0", b"\x90\0")]
    assert [c.encode().hex().upper() for c in commands] == [
        SELECT_JPKI, SELECT_JPKI, "00A4020C020006",
    ]  # fmt: skip
    assert facts.applications == ["jpki"]

    script = a_card(**{SELECT_JPKI: "6F00"})
    facts = read(script, CardFacts())
    assert script.sent[:2] == [SELECT_JPKI] * 2
    assert Counter(script.sent)[SELECT_JPKI] == 2


def test_61xx_to_a_selection_is_an_answer_against_the_rules() -> None:
    with pytest.raises(MalformedResponseError, match="6110 to a SELECT"):
        read(a_card(**{SELECT_JPKI: "6110"}), CardFacts())


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (b"JPKIAPICCTOKEN2".ljust(32), CardKind.MY_NUMBER),
        (b"JPKIAPICCTOKEN2".ljust(32, b"\0"), CardKind.MY_NUMBER),
        (b"JPKIAPICCTOKEN".ljust(32), CardKind.JUKICARD),
        (b"JPKIAPGPSETOKEN".ljust(32), CardKind.SMARTPHONE),
        (b"JPKIAPIOSTOKEN".ljust(32), CardKind.SMARTPHONE),
        (b"JPKIAPICCTOKEN3".ljust(32), CardKind.UNKNOWN_JPKI),
        (b"JPKIAPICCTOKEN\0".ljust(32, b"2"), CardKind.UNKNOWN_JPKI),
        (b" ".ljust(32), CardKind.UNKNOWN_JPKI),
        (b"\x1b[2J\xff\x00\xe3\x81\x82".ljust(32), CardKind.UNKNOWN_JPKI),
        (b"JPKIAPICCTOKEN", CardKind.UNKNOWN_JPKI),  # cut short: half a label is none
    ],
)
def test_the_label_names_the_kind(label: bytes, kind: CardKind) -> None:
    script = a_card()
    script._files["0006"] = label
    facts = read(script, CardFacts(), quick=True)
    assert facts.kind is kind
    assert facts.label is None or (facts.label.isascii() and facts.label.isprintable())
    if kind is CardKind.JUKICARD:
        assert len(script.sent) == 3


def test_a_label_in_pieces_is_put_together() -> None:
    """Fourteen characters would be the label of a JukiCard."""
    each = plan.token_label()
    next(each)
    assert each.send(ResponseApdu.parse(b"\x90\x00")).ne == 32
    rest = each.send(ResponseApdu.parse(LABEL[:14] + b"\x90\x00"))
    assert rest.encode().hex().upper() == "00B0000E12"
    with pytest.raises(StopIteration) as stop:
        each.send(ResponseApdu.parse(LABEL[14:] + b"\x90\x00"))
    assert stop.value.value == ("JPKIAPICCTOKEN2", False)  # pieces name the card and prove nothing


@pytest.mark.parametrize(
    ("content", "state", "commands"),
    [
        ("6A82", ReadState.ABSENT, 1),
        ("6982", ReadState.REFUSED, 1),
        (b"", ReadState.ABSENT, 2),
        (b"\0", ReadState.MALFORMED, 3),
        (b"\xff" * 1900, ReadState.MALFORMED, 2),
        (bytes.fromhex("3000"), ReadState.READ, 3),
        (bytes.fromhex("3080"), ReadState.MALFORMED, 3),
        (bytes.fromhex("3084FFFFFFF0"), ReadState.MALFORMED, 2),
        (bytes.fromhex("30820BB8") + bytes(300), ReadState.MALFORMED, 4),
        (bytes.fromhex("30820104") + bytes(260), ReadState.READ, 3),
        (bytes.fromhex("308100FC") + bytes(252), ReadState.READ, 2),
    ],
)
def test_what_may_be_in_a_certificate_file(
    content: bytes | str, state: ReadState, commands: int
) -> None:
    script = Script({"000A": content})
    reading = script.run(steps.read_certificate(mynumber.AUTHENTICATION_CERTIFICATE))
    expected = ReadState.PROTECTED if content == "6982" else state
    assert (reading.state, len(script.sent)) == (expected, commands)


def proved() -> CardFacts:
    """A card whose label has proved that it is JPKI."""
    return CardFacts(proved=True)


def driven(each: Plan[T], *answers: str) -> tuple[T, int]:
    """What a plan returns after these answers, the last of them for ever, and its commands."""
    left, count = list(answers), 1
    try:
        next(each)
        while True:
            answer = left.pop(0) if len(left) > 1 else left[0]
            each.send(ResponseApdu.parse(bytes.fromhex(answer)))
            count += 1
    except StopIteration as stop:
        return stop.value, count


@pytest.mark.parametrize(
    ("second", "state"),
    [
        ("6B00", ReadState.MALFORMED),
        ("9000", ReadState.MALFORMED),
        ("6282", ReadState.MALFORMED),
        ("6982", ReadState.REFUSED),
        ("6F00", ReadState.REFUSED),
        ("016A82", ReadState.REFUSED),
    ],
)
def test_a_certificate_that_breaks_off(second: str, state: ReadState) -> None:
    first = CERTIFICATE[:256].hex() + OK
    reading, count = driven(steps.read_certificate(0x000A), OK, first, second)
    assert (reading.state, count) == (state, 3)


def test_short_answers_are_put_together_and_bounded() -> None:
    half = [CERTIFICATE[i : i + 128].hex() + OK for i in range(0, len(CERTIFICATE), 128)]
    reading, count = driven(steps.read_certificate(0x000A), OK, *half)
    assert (reading.state, reading.data, count) == (ReadState.READ, CERTIFICATE, 14)
    reading, count = driven(steps.read_certificate(0x000A), OK, "3082061F9000", "009000")
    assert (reading.state, count) == (ReadState.MALFORMED, 1 + 1 + 2 + 7 + 8)


@pytest.mark.parametrize(
    "each",
    [
        steps.read_file(0x0008),
        steps.read_front(0x0006, 32),
        steps.read_certificate(0x000A),
        steps.read_first_record(0x0001),
    ],
)
def test_a_longer_answer_than_was_asked_for(each: Plan[object]) -> None:
    with pytest.raises(MalformedResponseError, match="257 bytes where"):
        driven(each, OK, "00" * 257 + OK)


@pytest.mark.parametrize(
    ("select", "state", "sw"),
    [
        ("6A82", ReadState.ABSENT, "6A82"),
        ("6982", ReadState.REFUSED, "6982"),
        ("6985", ReadState.REFUSED, "6985"),
        ("6110", ReadState.REFUSED, "6110"),
    ],
)
def test_no_query_without_its_file(select: str, state: ReadState, sw: str) -> None:
    reading, count = driven(plan.counter(proved(), mynumber.JPKI, 0x0018), select)
    assert (reading.state, str(reading.sw), count) == (state, sw, 1)


@pytest.mark.parametrize("sw", ["63C3", "63C0", "6300", "9000", "6984", "6983", "6D00", "6700"])
def test_whatever_the_query_is_answered_it_is_asked_once(sw: str) -> None:
    reading, count = driven(plan.counter(proved(), mynumber.JPKI, 0x0018), OK, sw)
    assert (reading.state, str(reading.sw), count) == (ReadState.READ, sw, 2)


def test_a_wrong_answer_to_a_query_is_the_last_question_and_not_the_end() -> None:
    """No other query, of no application; certificate and record are read all the same."""
    garble = MalformedResponseError("6103 to the counter query")
    script = a_card()
    facts = read(script, CardFacts(), trouble={"00200080": [garble]})
    assert script.sent.count("00200080") == 1
    assert {pin: reading.state for pin, reading in facts.pins.items()} == {
        PinId.AUTHENTICATION: ReadState.MALFORMED
    }
    assert (facts.certificate.state, facts.common_record.state) == (ReadState.READ, ReadState.READ)
    assert (facts.complete, facts.complaint) == (True, str(garble))


EVERY_FILE = {
    "the label": "00B0000020",
    "the directory": "00A4020C020008",
    "the certificate": "00B0030000",
    "the authority": "00A4020C02000B",
    "the record": "00B2010400",
    "a PIN file": "00A4020C020018",
    "JPKI": SELECT_JPKI,
    "the common application": SELECT_COMMON,
}


@pytest.mark.parametrize("command", EVERY_FILE.values(), ids=EVERY_FILE)
def test_one_garbled_answer_is_asked_again_and_costs_nothing(command: str) -> None:
    script = a_card()
    facts = read(script, CardFacts(), trouble={command: [MalformedResponseError("1 byte")]})
    good = read(a_card(), CardFacts())
    assert facts == good
    assert facts.complaint is None


@pytest.mark.parametrize(
    ("command", "unread"),
    [
        ("00B0000020", "label"),
        ("00A4020C020008", "directory"),
        ("00B0040000", "certificate"),
        ("00A4020C02000B", "ca_certificate"),
        ("00B2010400", "common_record"),
    ],
)
def test_a_file_that_is_garbled_for_good_stands_for_itself(command: str, unread: str) -> None:
    """All else is told as far as it was proved: without a label no counter is asked for."""
    garbled: list[PeerError] = [MalformedResponseError("1 byte")] * 9
    script = a_card()
    facts = read(script, CardFacts(), trouble={command: garbled})
    files = ("directory", "certificate", "ca_certificate", "common_record")
    states = {name: getattr(facts, name).state for name in files}
    if unread == "label":
        assert (facts.label, facts.kind) == (None, CardKind.UNKNOWN_JPKI)
        assert ("00200080" in script.sent, facts.pins) == (False, {})
    else:
        assert states.pop(unread) is ReadState.REFUSED
        assert script.sent.count("00200080") == 4
        if unread == "certificate":
            assert states.pop("ca_certificate") is ReadState.NOT_READ
    assert set(states.values()) == {ReadState.READ}
    assert facts.complete
    assert facts.complaint == "1 byte"
    assert len(script.sent) < 70


def test_the_register_pin_is_looked_for_in_the_old_place() -> None:
    without = a_card(**{SELECT_COMMON: "6A82"})
    facts = read(without, CardFacts())
    assert without.sent[-3:] == [SELECT_RESIDENT, "00A4020C02001C", "00200080"]
    assert facts.common_record.state is ReadState.ABSENT
    assert facts.applications == ["jpki", "text-input", "resident-register"]
    neither = a_card(**{SELECT_COMMON: "6A82", SELECT_RESIDENT: "6A82"})
    facts = read(neither, CardFacts())
    assert neither.sent[-1] == SELECT_RESIDENT
    assert facts.pins[PinId.RESIDENT_REGISTER].state is ReadState.ABSENT


@pytest.mark.parametrize("application", mynumber.FOREIGN, ids=lambda each: each.aid.hex())
def test_other_cards_by_their_applications(application: ForeignApplication) -> None:
    """The first that answers names the card; nothing is read from it."""
    wanted = application.select.encode().hex().upper()
    refused = {a.select.encode().hex().upper(): "6A82" for a in mynumber.FOREIGN}
    for answer in (OK, "6112"):
        script = Script({}, **{SELECT_JPKI: "6A82", **refused, wanted: answer})
        facts = read(script, CardFacts())
        assert (facts.kind, facts.complete, facts.applications) == (application.kind, True, [])
        assert script.sent[-1] == wanted


@pytest.mark.parametrize("atr", mynumber.FOREIGN_ATRS, ids=bytes.hex)
def test_an_atr_decides_only_after_jpki_was_refused(atr: bytes) -> None:
    script = Script({}, **{SELECT_JPKI: "6A82"})
    facts = read(script, CardFacts(atr=atr))
    assert facts.kind is mynumber.FOREIGN_ATRS[atr]
    assert script.sent == [SELECT_JPKI]
    assert read(a_card(), CardFacts(atr=atr)).kind is CardKind.MY_NUMBER


def test_a_card_of_no_kind() -> None:
    refused = {a.select.encode().hex().upper(): "6D00" for a in mynumber.FOREIGN}
    script = Script({}, **{SELECT_JPKI: "6E00", **refused})
    facts = read(script, CardFacts())
    assert (facts.kind, len(script.sent)) == (CardKind.UNKNOWN, 10)
