# SPDX-License-Identifier: Apache-2.0
"""One presentation: what is sent, what comes of faults, and that nothing of the card stays."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import NoServiceError
from cardcheck.facts.reader import SlotState
from cardcheck.iso7816.apdu import ResponseApdu
from cardcheck.kiosk.automatic import AutomaticHands
from cardcheck.kiosk.bench import Bench, Limits, label_answers
from cardcheck.kiosk.run import Depth, Outcome
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.profiles import PROFILES, profile
from cardcheck.transports.simulated import SimulatedWorld

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import ReaderBackend

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LIMITS = Limits(detect=0.1, read=1.0, remove=0.1)
ALLOWED = {"00A4040C0AD392F000260100000001", "00A4020C020006", "00B0000020"}


def bench(
    name: str, *faults: str, cards: list[SimulatedCard] | None = None
) -> tuple[Bench, AutomaticHands]:
    """A bench at the first reader of a profile; its cards are put into ``cards``."""

    def fresh() -> Callable[[], ReaderBackend]:
        def overlay(card: SimulatedCard) -> SimulatedCard:
            for fault in faults:
                card = FaultyCard(card, parse_fault(fault))
            if cards is not None:
                cards.append(card)
            return card

        return SimulatedWorld(profile(name), NOW, overlay=overlay).open

    hands = AutomaticHands(fresh)
    return Bench(hands.open, hands.open().readers()[0], hands, LIMITS), hands


@pytest.mark.parametrize(
    ("name", "outcome", "depth"),
    [
        ("valid", Outcome.ANSWERED, Depth.LABEL),
        ("pin-locked", Outcome.ANSWERED, Depth.LABEL),
        ("expired", Outcome.ANSWERED, Depth.LABEL),
        ("first-command-6f00", Outcome.ANSWERED, Depth.LABEL),
        ("announces-length", Outcome.ANSWERED, Depth.LABEL),
        ("payment-card", Outcome.ANSWERED, Depth.ANSWER),
        ("drivers-licence", Outcome.ANSWERED, Depth.ANSWER),
        ("mute", Outcome.MUTE, None),
        ("in-use", Outcome.IN_USE, None),
        ("no-card", Outcome.NOT_DETECTED, None),
    ],
)
def test_outcomes(name: str, outcome: Outcome, depth: Depth | None) -> None:
    presentation = bench(name)[0].present()
    assert (presentation.outcome, presentation.depth) == (outcome, depth)


def sent(name: str, *faults: str) -> set[str]:
    """What reached the card in one presentation."""
    cards: list[SimulatedCard] = []
    bench(name, *faults, cards=cards)[0].present()
    return {command.hex().upper() for card in cards for command in card.log}


@pytest.mark.parametrize("name", sorted(n for n, p in PROFILES.items() if p.readers and p.service))
def test_nothing_but_select_and_the_label_reaches_any_card(name: str) -> None:
    made_up = {command for command in sent(name) if command.startswith("00C0")}  # GET RESPONSE
    assert sent(name) - made_up <= ALLOWED
    assert made_up <= {"00C0000020"}


@pytest.mark.parametrize(
    "fault", ["6cxx@3=40", "removed@3", "reset@2", "sw@3=6982", "short@3", "loss=50"]
)
def test_nothing_else_reaches_a_card_that_fails(fault: str) -> None:
    assert sent("valid", fault) <= ALLOWED


def test_a_lost_card_is_tried_again_and_then_a_failure() -> None:
    presentation = bench("valid", "removed@2")[0].present()
    assert presentation.outcome is Outcome.LOST
    assert presentation.retries > 0
    assert presentation.error == "CardRemovedError"


def test_a_card_that_does_not_answer_is_tried_again() -> None:
    presentation = bench("mute")[0].present()
    assert (presentation.outcome, presentation.retries) == (Outcome.MUTE, 2)


def test_a_silent_card_ends_with_the_time_limit() -> None:
    presentation = bench("valid", "mute@2")[0].present()
    assert presentation.outcome is Outcome.SILENT
    assert presentation.read is not None
    assert 900 <= presentation.read < 3000


def test_placing_and_removing_are_detected() -> None:
    place, hands = bench("valid")
    assert not place.occupied()
    hands.place()
    assert place.occupied()
    assert place.clear()
    assert not place.occupied()


def test_a_service_that_is_down_is_unavailable() -> None:
    place, _ = bench("valid")

    def down() -> ReaderBackend:
        raise NoServiceError("gone")

    place._open = down
    assert place.present().outcome is Outcome.UNAVAILABLE


def test_a_card_before_it_is_placed_is_hidden() -> None:
    _, hands = bench("valid")
    reader = hands.open().readers()[0]
    assert hands.open().slot_state(reader) is SlotState.EMPTY
    assert not hands.open().wait_for_card([reader], 0.0)


def test_the_plan_ends_after_the_label() -> None:
    plan = label_answers()
    done = ResponseApdu.parse(b"\x90\x00")
    answer = ResponseApdu.parse(b"x" * 32 + b"\x90\x00")
    commands = [next(plan), plan.send(done), plan.send(done)]
    assert {command.encode().hex().upper() for command in commands} == ALLOWED
    with pytest.raises(StopIteration) as stop:
        plan.send(answer)
    assert stop.value.value is Depth.LABEL
