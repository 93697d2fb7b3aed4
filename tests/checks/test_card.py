# SPDX-License-Identifier: Apache-2.0
"""Checks of the card as a thing: there, answering, the right one, not expired."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from cardcheck.facts.card import CardFacts, CardKind, ReadState
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import Severity
from checks import scenes

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR


@pytest.mark.parametrize("kind", list(CardKind))
def test_every_kind(kind: CardKind) -> None:
    """Only My Number cards are right, also those of a generation yet unknown."""
    facts = scenes.card(kind=kind) if kind.has_jpki else scenes.other_card(kind)
    result = scenes.report(facts)
    finding = scenes.only(result, "card.kind.my-number")
    right = kind.value in {"my-number-card", "unknown-jpki"}
    expected = ("ok", INFO) if right else ("problem", ERROR)
    assert scenes.graded(finding) == (kind.value, *expected)
    row = result.cards[0]
    assert row.kind == kind.value
    assert (row.validity is None) == (row.pins == ()) == (row.certificates == ())
    assert (row.validity is not None) == kind.has_jpki


@pytest.mark.parametrize("label", ["", "?[2J??", "JPKIAPICCTOKEN3"])
def test_an_unknown_label_is_no_fault(label: str) -> None:
    result = scenes.report(scenes.card(kind=CardKind.UNKNOWN_JPKI, label=label))
    assert (result.verdict.value, result.exit_code) == ("ready", 0)


def test_a_card_that_was_lost_before_its_kind_was_known() -> None:
    facts = CardFacts(interruption="CardRemovedError", code=0x80100069, commands=1)
    result = scenes.report(facts)
    assert scenes.graded(scenes.only(result, "card.kind.my-number")) == (
        "undecided",
        "unknown",
        INFO,
    )
    lost = scenes.only(result, "placement.contact.kept")
    assert scenes.graded(lost) == ("lost", "problem", ERROR)
    assert lost.evidence["commands"] == 1
    assert lost.evidence["code"] == "0x80100069"
    assert lost.subject == "r0"
    assert result.exit_code == 1


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ("kept", "ok", INFO)),
        ({"restarts": 2}, ("recovered", "ok", INFO)),
        ({"interruption": "CardResetError"}, ("reset", "problem", ERROR)),
        ({"interruption": "LinkTimeoutError"}, ("lost", "problem", ERROR)),
    ],
)
def test_contact(changes: dict[str, Any], expected: tuple[str, str, Severity]) -> None:
    finding = scenes.only(scenes.report(scenes.card(**changes)), "placement.contact.kept")
    assert scenes.graded(finding) == expected


def test_a_card_that_breaks_the_rules() -> None:
    result = scenes.report(scenes.card(complaint="6103 to the counter query"))
    finding = scenes.only(result, "card.exchange.well-formed")
    assert scenes.graded(finding) == ("malformed", "problem", ERROR)
    assert result.exit_code == 1


def test_a_card_that_stops_answering() -> None:
    stalled = scenes.slot(scenes.card(commands=12), stalled=True)
    finding = scenes.only(scenes.report(stalled), "card.exchange.answered")
    assert scenes.graded(finding) == ("stalled", "problem", ERROR)
    assert finding.evidence["commands"] == 12


def test_a_mute_card_is_present_and_an_error() -> None:
    mute = scenes.slot(slot=SlotState.MUTE, code=0x80100066)
    result = scenes.report(mute)
    finding = scenes.only(result, "card.reset.answered")
    assert scenes.graded(finding) == ("mute", "problem", ERROR)
    assert scenes.only(result, "placement.card.present").state == "present"
    assert (result.verdict.value, result.exit_code) == ("problem", 1)


def test_an_empty_slot_beside_a_card_is_no_fault() -> None:
    result = scenes.report(scenes.card(), scenes.slot(name="Virtual PCD 00 01"))
    states = [scenes.graded(f) for f in scenes.found(result, "placement.card.present")]
    assert states == [("present", "ok", INFO), ("empty-slot", "ok", INFO)]
    alone = scenes.report(scenes.slot())
    finding = scenes.only(alone, "placement.card.present")
    assert scenes.graded(finding) == ("none", "problem", WARNING)


@pytest.mark.parametrize(
    ("last_day", "expected"),
    [
        ("20270222", ("valid", "ok", INFO)),  # judged on 2026-11-21, three months before
        ("20270221", ("valid", "ok", INFO)),
        ("20270220", ("expiring", "problem", WARNING)),
        ("20261121", ("expiring", "problem", WARNING)),
        ("20261120", ("expired", "problem", ERROR)),
        ("20261300", ("malformed", "unknown", INFO)),
        ("2026112x", ("malformed", "unknown", INFO)),
    ],
)
def test_validity_of_the_card(last_day: str, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(scenes.card(common_record=scenes.record(last_day)))
    finding = scenes.only(result, "card.validity.current")
    assert scenes.graded(finding) == expected
    assert result.cards[0].validity == expected[0]
    assert last_day[4:] not in str({**finding.evidence, **finding.screen})


@pytest.mark.parametrize(
    ("reading", "state", "verdict"),
    [
        (scenes.failed(ReadState.ABSENT), "absent", "ready"),
        (scenes.failed(ReadState.NOT_READ), "not-checked", "ready"),
        (scenes.failed(ReadState.PROTECTED, 0x6982), "unreadable", "undetermined"),
        (scenes.failed(ReadState.REFUSED, 0x6F00), "unreadable", "undetermined"),
        (scenes.read_file(b""), "malformed", "undetermined"),
    ],
)
def test_a_card_whose_end_is_not_known(reading: object, state: str, verdict: str) -> None:
    result = scenes.report(scenes.card(common_record=reading))
    assert scenes.only(result, "card.validity.current").state == state
    assert (result.cards[0].validity, result.verdict.value) == (state, verdict)


def test_the_atr_of_strangers_is_not_told() -> None:
    """A contactless ATR may hold a number of the card; only catalogued ones are shown."""
    known = bytes.fromhex("3B8F8001804F0CA00000030611003B0000000042")
    for kind, atr, shown in (
        (CardKind.MY_NUMBER, b"\x3b\x00", b"\x3b\x00"),
        (CardKind.FELICA, known, known),
        (CardKind.UNKNOWN, b"\x3b\x00", None),
        (CardKind.DRIVERS_LICENCE, b"\x3b\x00", None),
    ):
        facts = scenes.card(kind=kind, atr=atr) if kind.has_jpki else scenes.other_card(kind)
        assert scenes.report(replace(facts, atr=atr)).cards[0].atr == shown
