# SPDX-License-Identifier: Apache-2.0
"""When a run goes on and when it stops."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.kiosk.accept import accept, check
from cardcheck.kiosk.rule import Rule
from cardcheck.kiosk.run import Outcome, Presentation, Stop
from kiosk.examples import GOOD, LOST, NO_CARD, READER

if TYPE_CHECKING:
    from collections.abc import Iterator


class Script:
    """A place whose presentations are written down beforehand; the last one is repeated."""

    def __init__(
        self, *presentations: Presentation, clears: bool = True, full: bool = False
    ) -> None:
        self.presentations = list(presentations)
        self.clears, self.full, self.cleared = clears, full, 0

    def present(self) -> Presentation:
        one = self.presentations
        return one.pop(0) if len(one) > 1 else one[0]

    def clear(self) -> bool:
        self.cleared += 1
        return self.clears

    def occupied(self) -> bool:
        return self.full


class Silence:
    """A teller that counts."""

    def __init__(self, *, placed: bool = False) -> None:
        self.told: list[tuple[int, int]] = []
        self.placed = placed

    def begin(self, number: int, total: int) -> None:
        self.told.append((number, total))

    def end(self, presentation: Presentation) -> None: ...

    def was_placed(self) -> bool:
        return self.placed


def run(place: Script, rule: Rule | None = None) -> tuple[int, Stop | None]:
    done, stop = accept(place, rule or Rule(), Silence())
    return len(done), stop


def test_the_whole_plan_is_run() -> None:
    assert run(Script(GOOD)) == (59, None)
    assert run(Script(LOST, GOOD), Rule(allowed=1)) == (93, None)


def test_a_run_that_cannot_pass_any_more_ends() -> None:
    assert run(Script(GOOD, GOOD, LOST)) == (3, Stop.TOO_MANY_FAILURES)
    assert run(Script(LOST), Rule(allowed=2)) == (3, Stop.TOO_MANY_FAILURES)


def test_it_ends_where_nobody_is() -> None:
    assert run(Script(NO_CARD), Rule(allowed=5)) == (0, Stop.NOBODY)


def test_the_clerks_telephone_does_not_condemn_the_reader() -> None:
    """Twenty good ones, a hand away for one, and on: asked again, and nothing is counted."""
    assert run(Script(*[GOOD] * 20, NO_CARD, NO_CARD, GOOD)) == (59, None)


def test_a_card_that_lay_there_undetected_counts_when_the_person_says_so() -> None:
    done, stop = accept(Script(GOOD, NO_CARD), Rule(), Silence(placed=True))
    assert ([each.good for each in done], stop) == ([True, False], Stop.TOO_MANY_FAILURES)


def test_a_run_goes_on_where_another_was_ended() -> None:
    teller = Silence()
    done, stop = accept(Script(GOOD), Rule(), teller, [GOOD] * 57)
    assert (len(done), stop, teller.told) == (59, None, [(58, 59), (59, 59)])


def test_who_may_not_use_cards_learns_nothing_of_the_reader() -> None:
    refused = Presentation(outcome=Outcome.REFUSED)
    assert run(Script(refused)) == (0, Stop.REFUSED)


def test_it_ends_where_the_reader_has_gone() -> None:
    assert run(Script(GOOD, Presentation(outcome=Outcome.UNAVAILABLE))) == (2, Stop.NO_READER)


def test_a_card_that_stays_ends_it() -> None:
    assert run(Script(GOOD, clears=False)) == (1, Stop.CARD_LEFT)
    assert run(Script(GOOD, clears=False, full=True)) == (0, Stop.CARD_LEFT)


def test_a_card_that_lies_there_is_taken_away_first() -> None:
    place = Script(GOOD, full=True)
    assert run(place) == (59, None)
    assert place.cleared == 60


def test_every_reader_is_checked_even_after_a_failure() -> None:
    teller = Silence()
    places: Iterator[tuple[object, Script]] = iter([(READER, Script(LOST)), (READER, Script(GOOD))])
    results = check(places, teller)  # type: ignore[arg-type]  # a face that is one
    assert [each.presentation.outcome for each in results] == [Outcome.LOST, Outcome.ANSWERED]
    assert teller.told == [(1, 2), (2, 2)]
