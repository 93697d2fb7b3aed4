# SPDX-License-Identifier: Apache-2.0
"""The plans of ``place``: what they send, byte for byte, and what they make of the answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.cards import probe
from cardcheck.cards.mynumber import JPKI
from cardcheck.facts.card import CardFacts, CardKind, PinId
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu

if TYPE_CHECKING:
    from cardcheck.cards.steps import Plan

TOKEN = b"JPKIAPICCTOKEN2".ljust(32).hex()
SELECT = JPKI.select.encode().hex().upper()
TOUCH = [SELECT, "00A4020C020006", "00B0000020"]
COUNTERS = ["00A4020C020018", "00200080", "00A4020C02001B", "00200080"]


def carried_out(plan: Plan[object], answers: list[str]) -> tuple[object, list[str]]:
    """What a plan returns to the answers, and what it sent."""
    sent: list[str] = []
    command: CommandApdu = next(plan)
    for answer in answers:
        sent.append(command.encode().hex().upper())
        try:
            command = plan.send(ResponseApdu.parse(bytes.fromhex(answer)))
        except StopIteration as stop:
            assert len(sent) == len(answers)
            return stop.value, sent
    raise AssertionError(f"wants more: {command}")


def test_one_read() -> None:
    assert carried_out(probe.probe(), ["9000", "9000", TOKEN + "9000"]) == (True, TOUCH)


def test_a_first_6f00_is_thrown_away() -> None:
    assert carried_out(probe.probe(), ["6F00", "9000", "9000", "6981"]) == (
        True,
        [SELECT, *TOUCH],
    )


def test_the_refusal_of_another_card_is_an_answer() -> None:
    assert carried_out(probe.probe(), ["6A82"]) == (False, [SELECT])


def test_kind_and_counters() -> None:
    facts = CardFacts(protocol="T=1")
    answers = ["9000", "9000", TOKEN + "9000", "9000", "63C3", "9000", "6984"]
    _, sent = carried_out(probe.identify(facts), answers)
    assert sent == [*TOUCH, *COUNTERS]
    assert facts.kind is CardKind.MY_NUMBER
    assert facts.applications == ["jpki"]
    assert set(facts.pins) == {PinId.AUTHENTICATION, PinId.SIGNATURE}


def test_over_t0_no_counter_is_asked() -> None:
    facts = CardFacts(protocol="T=0")
    answers = ["9000", "9000", TOKEN + "9000", "9000", "9000"]
    _, sent = carried_out(probe.identify(facts), answers)
    assert "00200080" not in sent


@pytest.mark.parametrize(
    ("label", "kind"),
    [
        (b"JPKIAPICCTOKEN", CardKind.JUKICARD),
        (b"JPKIAPXTOKEN9", CardKind.UNKNOWN_JPKI),
        (b"SOMETHING NEW", CardKind.UNKNOWN_JPKI),
    ],
)
def test_other_labels(label: bytes, kind: CardKind) -> None:
    facts = CardFacts(protocol="T=1")
    answers = ["9000", "9000", label.ljust(32).hex() + "9000"]
    if label.startswith(b"JPKIAPX"):
        answers += ["9000", "63C3", "9000", "63C5"]
    _, sent = carried_out(probe.identify(facts), answers)
    assert facts.kind is kind
    assert ("00200080" in sent) == label.startswith(b"JPKIAPX")


def test_another_card_is_named() -> None:
    facts = CardFacts(atr=bytes.fromhex("3BF01200FF9181B17C451F0399"))
    carried_out(probe.identify(facts), ["6A82"])
    assert facts.kind is CardKind.BCAS
