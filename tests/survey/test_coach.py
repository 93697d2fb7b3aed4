# SPDX-License-Identifier: Apache-2.0
"""The coach over simulated cards: what it notes, when it ends, and that it never spends a try."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import NoReaderError, NoServiceError, PeerError, UnresponsiveCardError
from cardcheck.facts.card import CardKind, PinId
from cardcheck.facts.placement import ContactResult, PlacementFacts
from cardcheck.facts.reader import Backend, ReaderFacts, ReaderIdentity, SlotState
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.profiles import profile
from cardcheck.survey.coach import Advice, Coaching, ContactReading, PlacementSurvey
from cardcheck.survey.request import Silence, SurveyRequest
from cardcheck.transports.simulated import SimulatedWorld
from lab.patience import overtime

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.facts.placement import SpotFacts
    from cardcheck.facts.reader import SurveyFacts
    from cardcheck.simulation.card import SimulatedCard
    from cardcheck.transports.link import CardLink
    from cardcheck.transports.meter import Meter

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)


def after(count: int, advice: Advice) -> Callable[[SpotFacts], Advice]:
    """A judge that says ``advice`` from ``count`` reads on."""
    return lambda spot: advice if len(spot.reads) >= count else Advice.GO_ON


def world(name: str, *faults: str) -> SimulatedWorld:
    def overlay(card: SimulatedCard) -> SimulatedCard:
        for fault in faults:
            card = FaultyCard(card, parse_fault(fault))
        return card

    return SimulatedWorld(profile(name), NOW, overlay=overlay)


def coached(
    scene: SimulatedWorld,
    *,
    timeout: float = 5.0,
    exchange_limit: float = 2.0,
    **coaching: object,
) -> tuple[PlacementSurvey, SurveyFacts]:
    given = {"judge": after(30, Advice.GOOD), "pace": 0.0, **coaching}
    survey = PlacementSurvey(
        SurveyRequest(open_backends=(scene.open,), timeout=timeout, exchange_limit=exchange_limit),
        Silence(),
        Coaching(**given),  # type: ignore[arg-type]  # by name, from the test
    )
    return survey, survey.run()


def placement_of(survey: PlacementSurvey) -> PlacementFacts:
    assert survey.placement is not None
    return survey.placement


def test_a_good_spot_ends_the_run_with_both_counters() -> None:
    scene = world("valid")
    survey, facts = coached(scene)
    placement = placement_of(survey)
    [spot] = placement.spots
    assert [read.result for read in spot.reads] == [ContactResult.ANSWERED] * 30
    assert set(placement.before) == {PinId.AUTHENTICATION, PinId.SIGNATURE}
    assert placement.before == placement.after
    card = facts.readers[0].card
    assert card is not None
    assert (card.kind, card.commands > 100) == (CardKind.MY_NUMBER, True)
    assert not placement.deadline
    assert all(each.pin_attempts == 0 for each in scene.cards.values())


def test_other_cards_count_by_their_refusal() -> None:
    survey, facts = coached(world("payment-card"))
    assert len(placement_of(survey).spots[0].reads) == 30
    assert facts.readers[0].card is not None
    assert facts.readers[0].card.kind is CardKind.PAYMENT_CARD
    assert placement_of(survey).before == {}


def test_lost_reads_are_noted_and_reading_goes_on() -> None:
    survey, _ = coached(world("valid", "loss=20"), judge=after(60, Advice.GOOD))
    results = [read.result for read in placement_of(survey).spots[0].reads]
    assert len(results) == 60
    assert 10 < results.count(ContactResult.LOST) < 50
    assert set(results) == {ContactResult.LOST, ContactResult.ANSWERED}


@pytest.mark.parametrize(
    ("fault", "result"),
    [("empty@4x50", ContactResult.LOST), ("short@4x50", ContactResult.GARBLED)],
)
def test_odd_answers_are_failures_too(fault: str, result: ContactResult) -> None:
    survey, _ = coached(world("valid", fault), judge=after(10, Advice.GOOD))
    assert result in {read.result for read in placement_of(survey).spots[0].reads}


def test_it_ends_where_nobody_can_move_the_card() -> None:
    survey, _ = coached(world("valid"), judge=after(3, Advice.MOVE))
    assert len(placement_of(survey).spots) == 1
    assert len(placement_of(survey).spots[0].reads) == 3


def test_it_gives_time_to_move_and_begins_another_spot() -> None:
    moved: list[bool] = []
    survey, _ = coached(
        world("valid"),
        judge=lambda spot: Advice.MOVE if len(spot.reads) == 3 else Advice.GO_ON,
        rest=0.3,
        timeout=overtime(1.0),
        watch=lambda facts, _: moved.append(facts.moving),
    )
    assert [len(spot.reads) for spot in placement_of(survey).spots[:2]] == [3, 3]
    assert True in moved
    assert placement_of(survey).deadline


def test_the_deadline_ends_it_and_still_compares_the_counters() -> None:
    survey, facts = coached(world("valid"), judge=after(10**9, Advice.GOOD), timeout=0.5, pace=0.02)
    placement = placement_of(survey)
    assert placement.deadline
    assert placement.before == placement.after != {}
    assert facts.deadline is False  # that would say that nothing was found out


def test_a_silent_card_is_left_behind() -> None:
    began = time.monotonic()
    survey, facts = coached(world("valid", "mute@40"), exchange_limit=0.4, timeout=20.0)
    assert placement_of(survey).stalled
    assert facts.readers[0].stalled
    assert time.monotonic() - began < overtime(5)


@pytest.mark.parametrize("name", ["no-card", "no-reader", "no-service", "in-use"])
def test_without_a_card_there_is_no_placement(name: str) -> None:
    survey, _ = coached(world(name))
    assert survey.placement is None


class Hand:
    """A backend whose first connections fail as the script says, and with them the slot."""

    def __init__(
        self,
        *script: Exception,
        present: list[bool] | None = None,
        faults: tuple[str, ...] = (),
    ) -> None:
        self._script = list(script)
        self._present = present or []
        self._inner = world("valid", *faults).open()

    def __call__(self) -> Hand:
        return self

    def readers(self) -> tuple[ReaderIdentity, ...]:
        return ()

    def slot_state(self, reader: ReaderIdentity) -> SlotState:
        there = self._present.pop(0) if self._present else True
        return SlotState.CARD if there else SlotState.EMPTY

    def wait_for_card(self, readers: object, seconds: float) -> bool:
        return True

    def connect(self, reader: ReaderIdentity, meter: Meter | None = None) -> CardLink:
        if self._script:
            raise self._script.pop(0)
        return self._inner.connect(self._inner.readers()[0], meter)

    def close(self) -> None: ...


def reading(hand: Hand, **coaching: object) -> tuple[PlacementFacts, ReaderFacts]:
    facts = ReaderFacts(identity=ReaderIdentity(name="r", backend=Backend.PCSC, path="r"))
    placement = PlacementFacts()
    given = {"judge": after(5, Advice.GOOD), "pace": 0.0, "gap": 0.2, **coaching}
    made = Coaching(**given)  # type: ignore[arg-type]  # by name, from the test
    ContactReading(facts, hand, placement, made, threading.Event()).run()
    return placement, facts


def test_a_card_that_comes_back_later_lies_in_another_spot() -> None:
    # 3 commands a read, 8 to identify the card: the 4th read begins with the 18th command.
    hand = Hand(present=[False] * 10, faults=("removed@18x1",))
    placement, _ = reading(hand, judge=after(4, Advice.GOOD))
    assert [len(spot.reads) for spot in placement.spots] == [3, 4]
    assert {r.result for spot in placement.spots for r in spot.reads} == {ContactResult.ANSWERED}


def test_a_card_that_is_back_at_once_lies_in_the_same_spot() -> None:
    placement, _ = reading(Hand(faults=("removed@18x1",)), judge=after(5, Advice.GOOD))
    [spot] = placement.spots
    assert [read.result for read in spot.reads].index(ContactResult.LOST) == 3


def test_errors_of_reader_and_service_are_told_from_those_of_the_card() -> None:
    script = (NoReaderError("x"), NoServiceError("x"), UnresponsiveCardError("x"), PeerError("x"))
    placement, _ = reading(Hand(*script))
    assert [read.result for read in placement.spots[0].reads[:4]] == [
        ContactResult.READER_GONE,
        ContactResult.READER_GONE,
        ContactResult.SILENT,
        ContactResult.GARBLED,
    ]


def test_a_bug_of_ours_becomes_a_finding() -> None:
    _, facts = reading(Hand(ZeroDivisionError()))
    assert facts.crash == "ZeroDivisionError"
