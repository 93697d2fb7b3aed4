# SPDX-License-Identifier: Apache-2.0
"""What a placement run came to, as values for screens, JSON and charts.

What belongs here: frozen numbers and ids. What does not: how they come about
(``checks.placement``).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

from msgspec import Meta, Struct

from cardcheck.report.schema import known

_Number = Annotated[int, Meta(ge=0)]


class SpotState(StrEnum):
    """How good a spot is."""

    GOOD = "good"
    FAIR = "fair"
    POOR = "poor"
    TOO_FEW = "too-few"


class Hint(StrEnum):
    """What a pattern of reads may come from; never more than a guess."""

    METAL = "metal"
    EDGE = "edge"
    SECOND_CARD = "second-card"
    MOVING = "moving"
    SLEEPING = "sleeping"


class Timing(Struct, frozen=True, kw_only=True):
    """Response times of the reads that were answered, milliseconds."""

    p50: float
    p90: float
    p95: float
    longest: float


class SpotReport(Struct, frozen=True, kw_only=True):
    """One spot.

    Attributes:
        state: how good.
        reads: how often the card was asked.
        answered: how often it answered.
        at_least: lower bound of the success rate, 0 to 1, with 95 % confidence (one-sided).
        at_most: upper bound, likewise.
        lost: how often contact was lost.
        silent: how often a card was there and gave no right answer.
        slow: answers that took far longer than the others: retries on the air, as it seems.
        timing: response times; None where nothing answered.
        hints: what the pattern may come from, the likeliest first.
        trail: the reads in order, milliseconds each, None where none was answered.
    """

    state: SpotState
    reads: int
    answered: int
    at_least: float
    at_most: float
    lost: int
    silent: int
    slow: int
    timing: Timing | None
    hints: tuple[Hint, ...]
    trail: tuple[float | None, ...]

    @property
    def rate(self) -> float:
        """Answered reads per read, 0 to 1."""
        return self.answered / self.reads if self.reads else 0.0

    @property
    def percent(self) -> int:
        """The rate in whole percent; 100 only where every read was answered."""
        return int(self.rate * 100)


class PlacementReport(Struct, frozen=True, kw_only=True):
    """A whole placement run.

    Attributes:
        reader: id of the reader.
        spots: the spots in order, the last one is where the card lay at the end.
        ended: ``enough`` reads, ``deadline``, ``stalled`` or ``interrupted``.
        counters_compared: whether PIN counters were known both before and after.
        counters_same: whether none of them was lower afterwards; None where not compared.
    """

    reader: str
    spots: tuple[SpotReport, ...]
    ended: str
    counters_compared: bool
    counters_same: bool | None

    @property
    def last(self) -> SpotReport:
        """Where the card lay at the end."""
        return self.spots[-1]

    @property
    def best(self) -> SpotReport:
        """The spot with the best lower bound, of equals the latest."""
        return max(reversed(self.spots), key=lambda spot: spot.at_least)

    def document(self) -> PlacementDocument:
        """The ``placement`` object of the JSON report."""
        return PlacementDocument(
            reader=self.reader,
            state=self.last.state,
            ended=self.ended,
            spots=tuple(_row(spot) for spot in self.spots),
            counters=Counters(compared=self.counters_compared, same=self.counters_same),
        )


class SpotTiming(Struct, frozen=True, kw_only=True):
    """Response times of the reads that were answered, milliseconds."""

    p50: float
    p90: float
    p95: float
    max: float


class SpotRow(Struct, frozen=True, kw_only=True):
    """One spot.

    Attributes:
        state: how good.
        reads: how often the card was asked.
        answered: how often it answered.
        rate: answered reads per read.
        at_least: lower bound of the rate, 95 % confidence (Wilson, one-sided).
        at_most: upper bound, likewise.
        lost: how often contact was lost.
        silent: how often a card was there and gave no right answer.
        slow: answers that took far longer than the others.
        milliseconds: response times; null where nothing answered.
        hints: guesses, the likeliest first.
    """

    state: SpotState
    reads: _Number
    answered: _Number
    rate: Annotated[float, Meta(ge=0, le=1)]
    at_least: float
    at_most: float
    lost: _Number
    silent: _Number
    slow: _Number
    milliseconds: SpotTiming | None
    hints: tuple[Hint, ...]


class Counters(Struct, frozen=True, kw_only=True):
    """PIN counters before and after.

    Attributes:
        compared: whether both are known.
        same: whether none was lower afterwards; null where not compared.
    """

    compared: bool
    same: bool | None


class PlacementDocument(Struct, frozen=True, kw_only=True):
    """Only of the command place: how well the card was read, spot by spot.

    Attributes:
        reader: id of the reader.
        state: how good the last spot is.
        ended: why the run ended.
        spots: in order; the last one is where the card lay at the end.
        counters: PIN counters before and after.
    """

    reader: str
    state: SpotState
    ended: Annotated[str, known("enough", "deadline", "stalled", "interrupted")]
    spots: Annotated[tuple[SpotRow, ...], Meta(min_length=1)]
    counters: Counters


def _row(spot: SpotReport) -> SpotRow:
    timing = spot.timing
    return SpotRow(
        state=spot.state,
        reads=spot.reads,
        answered=spot.answered,
        rate=round(spot.rate, 4),
        at_least=round(spot.at_least, 4),
        at_most=round(spot.at_most, 4),
        lost=spot.lost,
        silent=spot.silent,
        slow=spot.slow,
        milliseconds=None
        if timing is None
        else SpotTiming(
            p50=round(timing.p50, 1),
            p90=round(timing.p90, 1),
            p95=round(timing.p95, 1),
            max=round(timing.longest, 1),
        ),
        hints=spot.hints,
    )
