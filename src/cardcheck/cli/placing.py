# SPDX-License-Identifier: Apache-2.0
"""The session of ``place``: a survey that stays with one card, and what is said of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.catalog.people import load_people
from cardcheck.checks import placement
from cardcheck.checks.placement import state_of
from cardcheck.cli.meter import Meter
from cardcheck.cli.session import Session
from cardcheck.errors import InputError
from cardcheck.render.json_report import document
from cardcheck.render.pages.placement import placement_page, placement_screen
from cardcheck.report.model import Severity, Source
from cardcheck.report.placement import SpotState
from cardcheck.survey.coach import Advice, Coaching, PlacementSurvey

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Messages
    from cardcheck.cli.options import Options
    from cardcheck.facts.placement import PlacementFacts, SpotFacts
    from cardcheck.render.document import Document
    from cardcheck.render.formats import Views
    from cardcheck.report.model import Report
    from cardcheck.report.placement import PlacementReport
    from cardcheck.survey.request import Progress, SurveyRequest

_CHECKS: Final = (
    "access",
    "computer",
    "driver",
    "host.login",
    "macos",
    "pcsc",
    "python",
    "service",
    "wall",
    "windows",
    "reader",
    "placement",
    "card.reset",
    "card.exchange",
    "card.kind",
)
"""What is looked at besides: the chain up to the card, not what the card says of its owner."""
_REST: Final = 3.0  # seconds that a person gets to move the card
_PACE: Final = 0.1  # seconds between two reads
_SIMULATED_PACE: Final = 0.002  # no hand moves a simulated card


class PlaceSession(Session):
    """One run of ``cardcheck place``."""

    def __init__(self, options: Options) -> None:
        """Prepares a run.

        Raises:
            InputError: options that make no sense here.
        """
        if options.replay or options.record:
            raise InputError("place needs a card that answers now: leave --replay and --record out")
        super().__init__("place", options if options.only else replace(options, only=_CHECKS))
        self.placement: PlacementReport | None = None
        self._coach: PlacementSurvey | None = None
        self._meter: Meter | None = None

    @property
    def words(self) -> Messages:
        """The sentences, those for people included."""
        return load_people(self.messages.lang)

    def coach(self) -> Report:
        """Stays with the card until its spot is good or the time is over; returns the report.

        Raises:
            InputError: a reader or profile that cannot be used.
        """
        report = self.diagnose()
        if self._meter is not None:
            self._meter.done()
        facts = self._coach.placement if self._coach is not None else None
        return report if facts is None else self._judged(report, facts)

    def _judged(self, report: Report, facts: PlacementFacts) -> Report:
        row = report.readers[facts.row]
        interrupted = report.exit_code in {130, 143}
        self.placement = placement.placement_report(facts, row.id, interrupted=interrupted)
        after = placement.tries(facts.after) or None
        cards = tuple(replace(card, counters_after=after) for card in report.cards)
        severity = Severity(self.options.fail_on)
        return placement.judged(replace(report, cards=cards), self.placement, severity)

    def _survey(self, request: SurveyRequest, progress: Progress) -> PlacementSurvey:
        simulated = self.look.sources.kind is Source.SIMULATION
        self._meter = meter = Meter(self.words, live=self.interactive and not self.options.plain)

        def watch(facts: PlacementFacts, seconds_left: float) -> None:
            progress.done()
            meter.watch(facts, seconds_left)

        coaching = Coaching(
            judge=_advice_for,
            watch=watch,
            impersonal=self.options.station is not None,
            pace=_SIMULATED_PACE if simulated else _PACE,
            rest=_REST if self.interactive and not simulated else None,
        )
        self._coach = PlacementSurvey(request, progress, coaching)
        return self._coach

    def views(self, report: Report) -> Views:
        """What the run came to, as each format needs it."""
        views, placement = super().views(report), self.placement
        if placement is None:
            return views

        def screen() -> Document:
            return placement_screen(report, placement, self.words)

        def page() -> Document:
            return placement_page(report, placement, self.words)

        def data() -> object:
            options = self.options
            words = self.words if options.with_text else None
            personal, found = options.show_personal, placement.document()
            return document(report, show_personal=personal, messages=words, placement=found)

        return replace(views, screen=screen, page=page, data=data)


def _advice_for(spot: SpotFacts) -> Advice:
    """What a spot calls for after the reads so far."""
    answered = sum(read.milliseconds is not None for read in spot.reads)
    calls = {SpotState.GOOD: Advice.GOOD, SpotState.TOO_FEW: Advice.GO_ON}
    return calls.get(state_of(answered, len(spot.reads)), Advice.MOVE)
