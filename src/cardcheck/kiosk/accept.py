# SPDX-License-Identifier: Apache-2.0
"""The acceptance run and the morning check: one presentation after the other.

What belongs here: when to go on and when to stop. What does not: one presentation (``bench``), the
rule (``rule``), who is told what (``cli``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from cardcheck.kiosk.run import Checked, Outcome, Presentation, Stop
from cardcheck.signals import Interruption, raising

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from cardcheck.kiosk.rule import Rule
    from cardcheck.kiosk.run import ReaderFace

_PATIENCE: Final = 3  # presentations in a row without a card after which nobody is there


class Place(Protocol):
    """Where cards are presented; ``bench.Bench``, or a stand-in."""

    def present(self) -> Presentation:
        """One presentation."""

    def clear(self) -> bool:
        """Whether the card was taken away in time."""

    def occupied(self) -> bool:
        """Whether there is something in the slot now."""


class Teller(Protocol):
    """Is told how a run gets on; must return at once."""

    def begin(self, number: int, total: int) -> None:
        """Presentation ``number`` of ``total`` begins."""

    def end(self, presentation: Presentation) -> None:
        """It has ended."""

    def was_placed(self) -> bool:
        """Whether the person says that a card lay there that was not detected."""


def accept(
    place: Place, rule: Rule, teller: Teller, earlier: Sequence[Presentation] = ()
) -> tuple[tuple[Presentation, ...], Stop | None]:
    """The presentations of one run, and why it ended early or None.

    A run that can no longer pass ends at once, and so does one at which nobody presents a card any
    more. A card that was not detected counts only when the person says that it lay there.

    Args:
        place: where cards are presented.
        rule: the plan.
        teller: is told how it gets on.
        earlier: presentations of a run that this one continues.
    """
    done = list(earlier)
    try:
        with raising():
            stop = _run(place, rule, teller, done)
    except Interruption:
        stop = Stop.INTERRUPTED
    return tuple(done), stop


def _run(place: Place, rule: Rule, teller: Teller, done: list[Presentation]) -> Stop | None:
    if place.occupied() and not place.clear():
        return Stop.CARD_LEFT
    asked = 0
    while len(done) < rule.presentations:
        teller.begin(len(done) + 1, rule.presentations)
        presentation = place.present()
        teller.end(presentation)
        if presentation.outcome is Outcome.NOT_DETECTED and not teller.was_placed():
            asked += 1  # nobody's card is no failure of the reader: asked again
            if asked == _PATIENCE:
                return Stop.NOBODY
            continue
        asked = 0
        if presentation.outcome is Outcome.REFUSED:
            return Stop.REFUSED
        done.append(presentation)
        if stop := _stop(done, rule):
            return stop
        if presentation.outcome is not Outcome.NOT_DETECTED and not place.clear():
            return Stop.CARD_LEFT
    return None


def _stop(done: list[Presentation], rule: Rule) -> Stop | None:
    """Why the run ends here, or None."""
    if done[-1].outcome is Outcome.UNAVAILABLE:
        return Stop.NO_READER
    failures = sum(not each.good for each in done)
    return Stop.TOO_MANY_FAILURES if failures > rule.allowed else None


def check(places: Iterable[tuple[ReaderFace, Place]], teller: Teller) -> tuple[Checked, ...]:
    """One presentation at every reader, in their order; a card that lies there already will do.

    Raises:
        Interruption: a signal came; a check that was not finished proves nothing.
    """
    benches = list(places)
    results = []
    with raising():
        for number, (face, place) in enumerate(benches, 1):
            teller.begin(number, len(benches))
            presentation = place.present()
            teller.end(presentation)
            results.append(Checked(reader=face, presentation=presentation))
    return tuple(results)
