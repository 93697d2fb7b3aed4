# SPDX-License-Identifier: Apache-2.0
"""Faults come when and as they are notated, and leave the card underneath alone."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.errors import CardRemovedError, CardResetError, InputError
from cardcheck.simulation.faults import Fault, FaultKind, FaultyCard, parse_fault
from cardcheck.simulation.mynumber import Variant, build

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
SELECT_PIN = bytes.fromhex("00A4020C020018")
QUERY = bytes.fromhex("00200080")
READ = bytes.fromhex("00B08A0000")


def faulty(text: str) -> FaultyCard:
    """A good card with one fault, switched on."""
    card = FaultyCard(build(Variant(), NOW), parse_fault(text))
    card.power_on()
    return card


def outcome(card: SimulatedCard, command: bytes = SELECT) -> str:
    """What one command meets with."""
    try:
        answer = card.transmit(command)
    except (CardRemovedError, CardResetError) as error:
        return type(error).__name__
    return "silence" if answer is None else answer.hex().upper()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("removed@2", ["9000", "CardRemovedError", "CardRemovedError", "CardRemovedError"]),
        ("reset@2", ["9000", "CardResetError", "9000", "9000"]),
        ("mute@3", ["9000", "9000", "silence", "silence"]),
        ("mute@2x1", ["9000", "silence", "9000", "9000"]),
        ("6Cxx@2", ["9000", "6C00", "9000", "9000"]),
        ("6Cxx@2=10", ["9000", "6C10", "9000", "9000"]),
        ("6c-forever@2", ["9000", "6C00", "6C00", "6C00"]),
        ("61-forever@3", ["9000", "9000", "6110", "6110"]),
        ("sw=6F00@1", ["6F00", "9000", "9000", "9000"]),
        ("SW@2x2=6a82", ["9000", "6A82", "6A82", "9000"]),
        ("empty@2", ["9000", "", "9000", "9000"]),
        ("short@2", ["9000", "90", "9000", "9000"]),
        ("long@2", ["9000", "AA" * 256 + "9000", "9000", "9000"]),
        ("bitflip@2", ["9000", "9100", "9000", "9000"]),
        ("bitflip=1@2", ["9000", "9001", "9000", "9000"]),
        ("verified", ["9000"] * 4),
    ],
)
def test_four_selects(text: str, expected: list[str]) -> None:
    card = faulty(text)
    assert [outcome(card) for _ in expected] == expected


def test_a_wrong_length_names_the_right_one() -> None:
    card = faulty("6Cxx@2")
    card.transmit(SELECT)
    assert outcome(card, bytes.fromhex("00B0880000")) == "6C03"
    assert outcome(card, bytes.fromhex("00B0880003")) == "8F8F009000"


def test_get_response_never_ends() -> None:
    card = faulty("61-forever")
    assert outcome(card, bytes.fromhex("00C0000010")) == "AA" * 16 + "6110"


def test_a_removed_card_stays_away() -> None:
    card = faulty("removed@1")
    assert card.present
    outcome(card)
    assert not card.present
    with pytest.raises(CardRemovedError):
        card.power_on()
    with pytest.raises(CardRemovedError):
        card.reset()
    assert card.log == []


def test_a_card_that_is_put_back_has_lost_power() -> None:
    card = faulty("removed@3x1")
    card.transmit(SELECT)
    card.transmit(SELECT_PIN)
    assert outcome(card, QUERY) == "CardRemovedError"
    assert card.present
    assert outcome(card, QUERY) == "silence"
    assert card.power_on() == card.atr
    assert outcome(card, QUERY) == "6986"


@pytest.mark.parametrize(
    ("text", "third"), [("reset@3", "CardResetError"), ("deselected@3", "6986")]
)
def test_a_reset_loses_the_selection(text: str, third: str) -> None:
    card = faulty(text)
    assert [outcome(card, c) for c in (SELECT, SELECT_PIN, QUERY)] == ["9000", "9000", third]
    assert outcome(card, QUERY) == "6986"


def test_pins_are_verified_by_another_program() -> None:
    card = faulty("verified")
    card.power_off()
    card.power_on()
    assert [outcome(card, c) for c in (SELECT, SELECT_PIN, QUERY)] == ["9000"] * 3
    assert outcome(card, bytes.fromhex("00B0810004")) == "308206CA9000"
    assert card.pin_attempts == 0


def test_slow_takes_time() -> None:
    card = faulty("slow=30")
    start = time.monotonic()
    assert outcome(card) == "9000"
    assert time.monotonic() - start >= 0.03


@pytest.mark.parametrize(("text", "atr"), [("atr=3b00", "3B00"), ("atr", ""), ("atr=", "")])
def test_another_answer_to_reset(text: str, atr: str) -> None:
    card = faulty(text)
    assert card.power_on() == card.reset() == card.atr == bytes.fromhex(atr)


def test_faults_can_be_laid_over_each_other() -> None:
    card = FaultyCard(faulty("removed@3x1"), parse_fault("sw=6F00"))
    assert [outcome(card) for _ in range(4)] == ["6F00", "9000", "9000", "CardRemovedError"]


@pytest.mark.parametrize(
    "text",
    [
        "", "remove@1", "removed@0", "removed@-1", "removed@", "mute@2x0", "sw", "sw=90", "sw=XYZW",
        "slow", "slow=ff", "removed=1", "removed@1@2", "atr=3", "6Cxx@1=100", "reset@1 ,x", "x2",
        "mute@9999999", "bitflip=10000", "removed@\u0661",
    ],
)  # fmt: skip
def test_bad_notation_is_refused(text: str) -> None:
    with pytest.raises(InputError):
        parse_fault(text)


@settings(max_examples=200, derandomize=True)
@given(st.text(max_size=20))
def test_any_text_is_a_fault_or_an_input_error(text: str) -> None:
    try:
        assert isinstance(parse_fault(text), Fault)
    except InputError:
        assert text.strip().lower() not in {"removed", "mute", "empty"}


@settings(max_examples=100, derandomize=True, deadline=None)
@given(
    st.sampled_from([kind for kind in FaultKind if kind is not FaultKind.SLOW]),
    st.integers(1, 4),
    st.lists(st.sampled_from([SELECT, SELECT_PIN, QUERY, READ]), max_size=6),
)
def test_no_fault_spends_a_try(kind: FaultKind, at: int, commands: list[bytes]) -> None:
    argument = "6F00" if kind is FaultKind.STATUS else ""
    card = FaultyCard(build(Variant(), NOW), Fault(kind=kind, at=at, argument=argument))
    card.power_on()
    for command in commands:
        outcome(card, command)
    assert card.commands == len(commands)
    assert len(card.log) <= len(commands)
    assert card.pin_attempts == 0


@pytest.mark.parametrize("percent", [0, 1, 30, 60, 100])
def test_loss_takes_its_share_and_the_same_in_every_run(percent: int) -> None:
    fault = parse_fault(f"loss={percent}")
    met = [fault.meets(number) for number in range(1, 2001)]
    assert met == [parse_fault(f"loss={percent}").meets(number) for number in range(1, 2001)]
    assert abs(sum(met) / 20 - percent) <= 2


def test_loss_leaves_the_card_in_the_field() -> None:
    card = faulty("loss=100x2")
    for expected in ("CardRemovedError", "CardRemovedError", "9000"):
        assert outcome(card) == expected
        assert card.present
        card.power_on()


@pytest.mark.parametrize("text", ["loss", "loss=101", "loss=-1", "loss=ff"])
def test_loss_wants_a_percentage(text: str) -> None:
    with pytest.raises(InputError):
        parse_fault(text)
