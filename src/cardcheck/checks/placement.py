# SPDX-License-Identifier: Apache-2.0
"""How good the spot is in which a card lies: statistics over many reads, never a single one.

What belongs here: pure functions from reads to numbers, states and guesses. What does not: reading.
"""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import median
from typing import TYPE_CHECKING, Final

from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.checks.verdict import ORDER
from cardcheck.facts.placement import ContactRead, ContactResult
from cardcheck.iso7816 import status
from cardcheck.report.model import Actor, Finding, Layer, Outcome, Severity, Verdict
from cardcheck.report.placement import Hint, PlacementReport, SpotReport, SpotState, Timing

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cardcheck.facts.card import PinId, PinReading
    from cardcheck.facts.placement import PlacementFacts, SpotFacts
    from cardcheck.report.model import Report

CHECK: Final = "placement.spot.steady"
ENOUGH: Final = 30
"""Reads before a spot is called good: by the rule of three, up to 3/30 may stay unseen."""
MOST: Final = 100
"""Reads after which a spot that is neither good nor poor is called fair."""
TARGET: Final = 0.9
"""What the lower bound must reach: a login is dozens of commands, and all must get through."""

_Z: Final = 1.6449  # 95 % one-sided
_SLOW_FACTOR: Final = 3.0
_SLOW_MARGIN: Final = 50.0  # milliseconds
_SLEEP: Final = 1000.0  # milliseconds that a reader that was asleep takes at least
_STREAKY: Final = -2.0  # of the runs test, standard deviations
_FEW: Final = 8  # reads of either kind below which the runs test says nothing
_NOTICEABLE: Final = 0.05

_OUTCOMES: Final = {
    SpotState.GOOD: (Outcome.OK, Severity.INFO),
    SpotState.FAIR: (Outcome.PROBLEM, Severity.WARNING),
    SpotState.POOR: (Outcome.PROBLEM, Severity.ERROR),
    SpotState.TOO_FEW: (Outcome.UNKNOWN, Severity.INFO),
}
_VERDICTS: Final = {
    SpotState.FAIR: Verdict.ATTENTION,
    SpotState.POOR: Verdict.PROBLEM,
    SpotState.TOO_FEW: Verdict.UNDETERMINED,
}


def bounds(answered: int, reads: int) -> tuple[float, float]:
    """Lower and upper bound of the success rate, each with 95 % confidence; (0, 1) without reads.

    The Wilson score interval (E. B. Wilson, JASA 22, 1927), which holds near 100 % too.
    """
    if not reads:
        return 0.0, 1.0
    rate, weight = answered / reads, _Z * _Z / reads
    middle = rate + weight / 2
    spread = _Z * math.sqrt(rate * (1 - rate) / reads + weight / (4 * reads))
    low, high = (middle - spread) / (1 + weight), (middle + spread) / (1 + weight)
    return (0.0 if not answered else max(0.0, low)), (1.0 if answered == reads else min(1.0, high))


def percentile(values: Sequence[float], share: float) -> float:
    """The value that ``share`` (0 to 1) of ``values`` do not exceed (nearest rank).

    ``values`` must not be empty.
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]


def state_of(answered: int, reads: int) -> SpotState:
    """How good a spot is after so many reads."""
    low, high = bounds(answered, reads)
    if reads < ENOUGH:
        return SpotState.TOO_FEW
    if low >= TARGET:
        return SpotState.GOOD
    if high < TARGET:
        return SpotState.POOR
    return SpotState.FAIR if reads >= MOST else SpotState.TOO_FEW


def spot_report(facts: SpotFacts) -> SpotReport:
    """One spot in numbers."""
    reads = tuple(facts.reads)
    times = [read.milliseconds for read in reads if read.milliseconds is not None]
    count = len(times)
    low, high = bounds(count, len(reads))
    results = [read.result for read in reads]
    away = results.count(ContactResult.LOST) + results.count(ContactResult.READER_GONE)
    return SpotReport(
        state=state_of(count, len(reads)),
        reads=len(reads),
        answered=count,
        at_least=low,
        at_most=high,
        lost=away,
        silent=len(reads) - count - away,
        slow=len(_slow(times)),
        timing=_timing(times),
        hints=hints(reads),
        trail=tuple(read.milliseconds for read in reads),
    )


def hints(reads: Sequence[ContactRead]) -> tuple[Hint, ...]:
    """What the pattern may come from, the likeliest first; nothing where nothing is noticeable."""
    found: list[Hint] = []
    failed = [read for read in reads if read.milliseconds is None]
    times = [read.milliseconds for read in reads if read.milliseconds is not None]
    if len({read.card for read in reads if read.milliseconds is not None}) > 1:
        found.append(Hint.SECOND_CARD)
    if _was_asleep(reads, times):
        found.append(Hint.SLEEPING)
    if len(failed) <= _NOTICEABLE * len(reads):
        return tuple(found)
    if _runs_score([read.milliseconds is None for read in reads]) < _STREAKY:
        found.append(Hint.MOVING)
    lost = sum(read.result is ContactResult.LOST for read in failed)
    field = [Hint.EDGE, Hint.METAL] if 2 * lost > len(failed) else [Hint.METAL, Hint.EDGE]
    return (*found, *field)


def placement_report(facts: PlacementFacts, reader: str, *, interrupted: bool) -> PlacementReport:
    """The whole run in numbers; ``reader`` is the id of the reader's row."""
    spots = [spot for spot in facts.spots if spot.reads] or facts.spots[:1]
    ended = "interrupted" if interrupted else "stalled" if facts.stalled else "enough"
    compared = _compared(facts.before, facts.after)
    return PlacementReport(
        reader=reader,
        spots=tuple(map(spot_report, spots)),
        ended="deadline" if facts.deadline and ended == "enough" else ended,
        counters_compared=bool(compared),
        counters_same=all(now >= then for then, now in compared) if compared else None,
    )


def judged(report: Report, placement: PlacementReport, fail_on: Severity) -> Report:
    """The report with the finding about the spot, and what it does to verdict and exit code."""
    finding = _finding(placement)
    state = placement.last.state
    verdicts = {report.verdict, _VERDICTS.get(state, report.verdict)}
    exit_code = report.exit_code
    fails = finding.outcome is Outcome.PROBLEM and finding.severity.rank >= fail_on.rank
    if exit_code == ExitCode.OK and fails:
        exit_code = ExitCode.PROBLEM
    if exit_code in {ExitCode.OK, ExitCode.PROBLEM} and state is SpotState.TOO_FEW:
        exit_code = ExitCode.NO_READER
    return replace(
        report,
        findings=(*report.findings, finding),
        verdict=next(verdict for verdict in reversed(ORDER) if verdict in verdicts),
        exit_code=int(exit_code),
    )


def tries(readings: Mapping[PinId, PinReading]) -> dict[str, int]:
    """The counters that are known, by the id of the PIN; 0 where it is locked."""
    left = {
        pin.value: 0 if reading.sw in status.LOCKED else reading.sw.tries_left
        for pin, reading in readings.items()
        if reading.sw is not None
    }
    return {pin: number for pin, number in left.items() if number is not None}


def _finding(placement: PlacementReport) -> Finding:
    spot = placement.last
    outcome, severity = _OUTCOMES[spot.state]
    fine = spot.state is SpotState.GOOD
    return Finding(
        check=CHECK,
        layer=Layer.PLACEMENT,
        outcome=outcome,
        severity=severity,
        state=spot.state.value,
        subject=placement.reader,
        actor=None if fine else Actor.YOU,
        evidence={"percent": spot.percent, "answered": spot.answered, "reads": spot.reads},
        advice=() if fine else ("steady-card",),
        decisive=True,
    )


def _timing(times: Sequence[float]) -> Timing | None:
    if not times:
        return None
    return Timing(
        p50=median(times),
        p90=percentile(times, 0.9),
        p95=percentile(times, 0.95),
        longest=max(times),
    )


def _slow(times: Sequence[float]) -> list[float]:
    """The answers that took far longer than the middle one."""
    if not times:
        return []
    middle = median(times)
    return [time for time in times if time > max(_SLOW_FACTOR * middle, middle + _SLOW_MARGIN)]


def _was_asleep(reads: Sequence[ContactRead], times: Sequence[float]) -> bool:
    """A reader that vanished and came back, or one whose very first answer took over a second."""
    gone = any(read.result is ContactResult.READER_GONE for read in reads)
    first = reads[0].milliseconds if reads else None
    woke = first is not None and len(times) > 1 and first > max(_SLEEP, 5 * median(times[1:]))
    return woke or (gone and bool(times))


def _runs_score(failures: Sequence[bool]) -> float:
    """How far failures stand together: the runs test (Wald and Wolfowitz, 1940).

    In standard deviations; below zero: in streaks; 0 where there are too few to tell.
    """
    bad = sum(failures)
    good = len(failures) - bad
    if min(bad, good) < _FEW:
        return 0.0
    runs = 1 + sum(a is not b for a, b in pairwise(failures))
    total = bad + good
    expected = 2 * bad * good / total + 1
    variance = (expected - 1) * (expected - 2) / (total - 1)
    return (runs - expected) / math.sqrt(variance) if variance else 0.0


def _compared(
    before: Mapping[PinId, PinReading], after: Mapping[PinId, PinReading]
) -> list[tuple[int, int]]:
    """The counters that are known both before and after."""
    then, now = tries(before), tries(after)
    return [(left, now[pin]) for pin, left in then.items() if pin in now]
