# SPDX-License-Identifier: Apache-2.0
"""Statistics of a spot: bounds that hold, states that need reads enough, guesses."""

from __future__ import annotations

import math
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.checks import placement
from cardcheck.checks.exit_codes import ExitCode
from cardcheck.facts.card import PinId, PinReading, ReadState
from cardcheck.facts.placement import ContactRead, ContactResult, PlacementFacts, SpotFacts
from cardcheck.iso7816.status import StatusWord
from cardcheck.report.model import Severity, Verdict
from cardcheck.report.placement import Hint, PlacementReport, SpotState
from render import examples

COUNTS = st.integers(1, 400).flatmap(lambda n: st.tuples(st.integers(0, n), st.just(n)))


def read(result: str = ".", *, card: int = 0, ms: float = 30.0) -> ContactRead:
    """One read: ``.`` answered, ``x`` lost, ``s`` silent, ``g`` garbled, ``r`` reader gone."""
    results = {
        "x": ContactResult.LOST,
        "s": ContactResult.SILENT,
        "g": ContactResult.GARBLED,
        "r": ContactResult.READER_GONE,
    }
    if result == ".":
        return ContactRead(at=0.0, result=ContactResult.ANSWERED, milliseconds=ms, card=card)
    return ContactRead(at=0.0, result=results[result])


def reads(pattern: str) -> list[ContactRead]:
    return [read(sign) for sign in pattern]


def test_bounds_agree_with_the_published_example(monkeypatch: pytest.MonkeyPatch) -> None:
    # Newcombe, Statistics in Medicine 17 (1998), table I: 81 of 263, 95 % two-sided: .2553 to .3662
    monkeypatch.setattr(placement, "_Z", 1.959964)
    low, high = placement.bounds(81, 263)
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


@given(COUNTS)
def test_bounds_hold_the_rate_between_them(counts: tuple[int, int]) -> None:
    answered, total = counts
    low, high = placement.bounds(answered, total)
    assert 0.0 <= low <= answered / total <= high <= 1.0
    assert (low == 0.0) == (answered == 0)


@given(st.integers(1, 200))
def test_more_reads_make_the_bound_tighter(total: int) -> None:
    assert placement.bounds(total, total)[0] < placement.bounds(total + 1, total + 1)[0] < 1.0


def test_nothing_is_known_without_reads() -> None:
    assert placement.bounds(0, 0) == (0.0, 1.0)


@pytest.mark.parametrize(
    ("answered", "total", "expected"),
    [
        (29, 29, SpotState.TOO_FEW),
        (30, 30, SpotState.GOOD),
        (29, 30, SpotState.TOO_FEW),
        (46, 47, SpotState.GOOD),
        (21, 30, SpotState.POOR),
        (0, 30, SpotState.POOR),
        (92, 100, SpotState.FAIR),
        (98, 100, SpotState.GOOD),
        (80, 100, SpotState.POOR),
    ],
)
def test_states(answered: int, total: int, expected: SpotState) -> None:
    assert placement.state_of(answered, total) is expected


@given(COUNTS)
def test_a_spot_is_never_good_below_thirty_reads_nor_undecided_after_a_hundred(
    counts: tuple[int, int],
) -> None:
    state = placement.state_of(*counts)
    if counts[1] < placement.ENOUGH:
        assert state is SpotState.TOO_FEW
    if counts[1] >= placement.MOST:
        assert state is not SpotState.TOO_FEW


@given(st.lists(st.floats(0, 1e6), min_size=1), st.floats(0, 1))
def test_percentile_is_one_of_the_values_and_holds_its_share(
    values: list[float], share: float
) -> None:
    found = placement.percentile(values, share)
    assert found in values
    assert sum(value <= found for value in values) >= math.floor(share * len(values))


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("." * 40, []),
        ("." * 39 + "x", []),
        (".x" * 20, [Hint.EDGE, Hint.METAL]),
        (".s" * 20, [Hint.METAL, Hint.EDGE]),
        (".g" * 20, [Hint.METAL, Hint.EDGE]),
        ("." * 15 + "x" * 10 + "." * 15, [Hint.MOVING, Hint.EDGE, Hint.METAL]),
        ("..." + "r" + "." * 40, [Hint.SLEEPING]),
        ("", []),
    ],
)
def test_patterns_lead_to_hints(pattern: str, expected: list[Hint]) -> None:
    assert list(placement.hints(reads(pattern))) == expected


def test_two_cards_and_a_reader_that_wakes_up() -> None:
    two = [read(), read(card=1)] * 15
    assert placement.hints(two) == (Hint.SECOND_CARD,)
    waking = [read(ms=1500.0), *reads("." * 20)]
    assert placement.hints(waking) == (Hint.SLEEPING,)
    assert placement.hints([read(ms=1500.0)] * 20) == ()  # a slow card is not a sleeping reader


def test_a_spot_in_numbers() -> None:
    pattern = [read(ms=20.0)] * 27 + [read(ms=200.0), read("x"), read("s"), read("r")]
    spot = placement.spot_report(SpotFacts(pattern))
    assert (spot.reads, spot.answered, spot.lost, spot.silent, spot.slow) == (31, 28, 2, 1, 1)
    assert spot.percent == 90
    assert spot.timing is not None
    assert (spot.timing.p50, spot.timing.p95, spot.timing.longest) == (20.0, 20.0, 200.0)
    assert spot.trail[-4:] == (200.0, None, None, None)


def test_a_hundred_percent_only_where_nothing_failed() -> None:
    almost = SpotFacts([*reads("." * 399), read("x")])
    assert placement.spot_report(almost).percent == 99


def counters(*words: int) -> dict[PinId, PinReading]:
    pins = (PinId.AUTHENTICATION, PinId.SIGNATURE)
    return {
        pin: PinReading(ReadState.READ, StatusWord(word))
        for pin, word in zip(pins, words, strict=False)
    }


@pytest.mark.parametrize(
    ("before", "after", "compared", "same"),
    [
        ((0x63C3, 0x63C5), (0x63C3, 0x63C5), True, True),
        ((0x63C3, 0x63C5), (0x63C2, 0x63C5), True, False),
        ((0x63C1, 0x63C5), (0x6984, 0x63C5), True, False),
        ((0x6983,), (0x6983,), True, True),
        ((0x63C1,), (0x63C3,), True, True),  # somebody typed it right meanwhile
        ((0x9000,), (0x9000,), False, None),  # another program has verified: no number, no claim
        ((0x63C3,), (), False, None),
        ((), (), False, None),
    ],
)
def test_counters_are_compared_only_where_both_are_known(
    before: tuple[int, ...], after: tuple[int, ...], compared: bool, same: bool | None
) -> None:
    facts = PlacementFacts(before=counters(*before), after=counters(*after))
    report = placement.placement_report(facts, "r0", interrupted=False)
    assert (report.counters_compared, report.counters_same) == (compared, same)


def ran(pattern: str, *, deadline: bool = False, stalled: bool = False) -> PlacementReport:
    spots = [SpotFacts(reads(pattern))]
    facts = PlacementFacts(spots=spots, deadline=deadline, stalled=stalled)
    return placement.placement_report(facts, "r0", interrupted=False)


@pytest.mark.parametrize(
    ("pattern", "verdict", "code"),
    [
        ("." * 30, Verdict.READY, ExitCode.OK),
        (".x" * 20, Verdict.PROBLEM, ExitCode.PROBLEM),
        ("." * 92 + "x" * 8, Verdict.ATTENTION, ExitCode.OK),
        ("..", Verdict.UNDETERMINED, ExitCode.NO_READER),
    ],
)
def test_the_spot_decides(pattern: str, verdict: Verdict, code: ExitCode) -> None:
    report = placement.judged(examples.READY, ran(pattern), Severity.ERROR)
    assert (report.verdict, report.exit_code) == (verdict, code)
    assert report.findings[-1].check == placement.CHECK


def test_a_warning_fails_where_asked_for() -> None:
    fair = ran("." * 92 + "x" * 8)
    assert placement.judged(examples.READY, fair, Severity.WARNING).exit_code == ExitCode.PROBLEM


def test_what_was_wrong_before_stays_wrong() -> None:
    report = placement.judged(examples.EXPIRED, ran("." * 30), Severity.ERROR)
    assert (report.verdict, report.exit_code) == (Verdict.PROBLEM, ExitCode.PROBLEM)
    alone = placement.judged(examples.NO_CARD, ran("." * 30), Severity.ERROR)
    assert alone.exit_code == ExitCode.NO_CARD


def test_how_it_ended() -> None:
    assert ran("." * 30).ended == "enough"
    assert ran("..", deadline=True).ended == "deadline"
    assert ran("..", stalled=True, deadline=True).ended == "stalled"
    facts = PlacementFacts()
    assert placement.placement_report(facts, "r0", interrupted=True).ended == "interrupted"


def test_the_best_spot_is_the_one_with_the_best_bound() -> None:
    spots = [SpotFacts(reads(p)) for p in ("." * 5, "." * 40, ".x" * 15, "")]
    report = placement.placement_report(PlacementFacts(spots=spots), "r0", interrupted=False)
    assert len(report.spots) == 3
    assert report.best is report.spots[1]
    assert report.last is report.spots[2]


@given(st.text(alphabet=".xsgr", max_size=120))
def test_any_run_has_consistent_numbers(pattern: str) -> None:
    spot = placement.spot_report(SpotFacts(reads(pattern)))
    assert spot.answered + spot.lost + spot.silent == spot.reads == len(spot.trail)
    assert len(set(spot.hints)) == len(spot.hints)
    totals = list(accumulate(time is not None for time in spot.trail))
    assert (totals[-1] if totals else 0) == spot.answered
