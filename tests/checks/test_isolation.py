# SPDX-License-Identifier: Apache-2.0
"""The search for the faulty part: it always ends, and blames nothing unproven."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cardcheck.checks.isolation import (
    Conclusion,
    Ending,
    Move,
    Part,
    Step,
    Sure,
    Symptom,
    Trial,
    concluded,
    document,
    names_a_fault,
    next_move,
    symptom_of,
)
from cardcheck.report.model import Finding, Layer, Outcome, Severity
from render import examples

if TYPE_CHECKING:
    from collections.abc import Iterator

FAILS = (Symptom.NO_READER, Symptom.NO_CARD, Symptom.SILENT, Symptom.LOST)


def search(first: Symptom, answers: Iterator[Symptom]) -> tuple[list[Trial], Conclusion]:
    """A whole search with the given outcomes; the last one repeats."""
    trials = [Trial(None, first)]
    last = first
    while isinstance(move := next_move(trials), Move):
        last = next(answers, last)
        trials.append(Trial(move, last))
        assert len(trials) < 20
    return trials, move


def part_fails(part: Part, symptom: Symptom) -> tuple[list[Trial], Conclusion]:
    """The search where exactly one part is broken, and everybody does what is asked for."""
    trials = [Trial(None, symptom)]
    while isinstance(move := next_move(trials), Move):
        changes = {Part(move.step.value)} | ({Part.CABLE} if move.step is Step.READER else set())
        mended = part in changes and not move.back
        works = Symptom.OTHER_CARD if move.step is Step.CARD else Symptom.WORKS
        trials.append(Trial(move, works if mended else symptom))
    return trials, move


@pytest.mark.parametrize("part", [Part.PORT, Part.CABLE, Part.READER])
def test_what_keeps_a_reader_away_is_found_for_sure(part: Part) -> None:
    _, conclusion = part_fails(part, Symptom.NO_READER)
    assert (conclusion.ending, conclusion.parts) == (Ending.FOUND, (part,))
    assert conclusion.sure is Sure.SURE


@pytest.mark.parametrize("part", [Part.SPOT, Part.CARD, Part.READER, Part.PORT])
@pytest.mark.parametrize("symptom", [Symptom.NO_CARD, Symptom.SILENT, Symptom.LOST])
def test_what_keeps_a_card_from_answering_is_found_for_sure(part: Part, symptom: Symptom) -> None:
    _, conclusion = part_fails(part, symptom)
    assert (conclusion.parts, conclusion.sure) == ((part,), Sure.SURE)
    assert part not in conclusion.ruled_out


@pytest.mark.parametrize("symptom", FAILS)
def test_where_no_change_helps_the_computer_is_left(symptom: Symptom) -> None:
    _, conclusion = part_fails(Part.COMPUTER, symptom)
    assert (conclusion.parts, conclusion.sure) == ((Part.COMPUTER,), Sure.EXCLUDED)


def test_another_kind_of_card_alone_does_not_clear_the_reader() -> None:
    outcomes = [Symptom.SILENT, Symptom.OTHER_CARD, Symptom.SILENT, Symptom.WORKS, Symptom.SILENT]
    trials, conclusion = search(Symptom.SILENT, iter(outcomes))
    assert trials[4].move == Move(Step.READER)
    assert (conclusion.parts, conclusion.sure) == ((Part.READER,), Sure.SURE)


def test_without_a_second_reader_the_card_is_only_likely() -> None:
    outcomes = [Symptom.SILENT, Symptom.OTHER_CARD, Symptom.SILENT, Symptom.SKIPPED]
    _, conclusion = search(Symptom.SILENT, iter(outcomes))
    assert (conclusion.parts, conclusion.sure) == ((Part.CARD,), Sure.LIKELY)


def test_what_does_not_come_back_was_the_contact() -> None:
    _, conclusion = search(Symptom.LOST, iter([Symptom.WORKS, Symptom.WORKS]))
    assert (conclusion.parts, conclusion.sure) == ((Part.CONTACT,), Sure.UNSTEADY)


def test_a_plug_is_not_a_placement() -> None:
    _, conclusion = search(Symptom.NO_READER, iter([Symptom.WORKS, Symptom.WORKS]))
    assert (conclusion.parts, conclusion.sure) == ((Part.PLUG,), Sure.UNSTEADY)
    assert not names_a_fault(conclusion)


def test_a_change_that_was_not_undone_leaves_it_likely() -> None:
    _, conclusion = search(Symptom.LOST, iter([Symptom.WORKS, Symptom.SKIPPED]))
    assert (conclusion.parts, conclusion.sure) == ((Part.SPOT,), Sure.LIKELY)
    halfway = concluded([Trial(None, Symptom.LOST), Trial(Move(Step.SPOT), Symptom.WORKS)])
    assert (halfway.parts, halfway.sure) == ((Part.SPOT,), Sure.LIKELY)


def test_skipped_steps_stay_open() -> None:
    _, conclusion = search(Symptom.NO_READER, iter([Symptom.SKIPPED] * 5))
    assert conclusion.ending is Ending.OPEN
    assert conclusion.parts == (Part.PORT, Part.CABLE, Part.READER, Part.COMPUTER)
    assert conclusion.sure is Sure.POSSIBLE


def test_nothing_is_changed_where_nothing_is_wrong_or_it_lies_elsewhere() -> None:
    assert next_move([Trial(None, Symptom.WORKS)]) == Conclusion(ending=Ending.NOTHING)
    assert next_move([Trial(None, Symptom.ELSEWHERE)]) == Conclusion(ending=Ending.ELSEWHERE)
    assert next_move([Trial(None, Symptom.OTHER_CARD)]) == Conclusion(ending=Ending.ELSEWHERE)
    assert concluded([Trial(None, Symptom.WORKS)]).ending is Ending.OPEN


@given(st.sampled_from(FAILS), st.lists(st.sampled_from(list(Symptom)), max_size=12))
def test_any_search_ends_and_blames_nothing_that_was_ruled_out(
    first: Symptom, outcomes: list[Symptom]
) -> None:
    trials, conclusion = search(first, iter(outcomes))
    assert len(trials) <= 8
    moves = [trial.move for trial in trials if trial.move]
    assert len(set(moves)) == len(moves)
    assert not set(conclusion.parts) & set(conclusion.ruled_out)
    assert conclusion.parts
    if conclusion.sure is Sure.SURE and conclusion.parts != (Part.CARD,):
        assert trials[-1].symptom in FAILS
        assert trials[-2].symptom in {Symptom.WORKS, Symptom.OTHER_CARD}
    shown = document(trials, conclusion)
    assert len(shown.trials) == len(trials)


def found(check: str, state: str = "x", severity: Severity = Severity.ERROR) -> Finding:
    return Finding(
        check=check,
        layer=Layer.READER,
        outcome=Outcome.PROBLEM,
        severity=severity,
        state=state,
    )


@pytest.mark.parametrize(
    ("finding", "expected"),
    [
        (found("reader.attached.any", "none"), Symptom.NO_READER),
        (found("reader.attached.any", "only-unreachable"), Symptom.ELSEWHERE),
        (found("placement.card.present", "none"), Symptom.NO_CARD),
        (found("card.reset.answered", "mute"), Symptom.SILENT),
        (found("placement.contact.kept", "lost"), Symptom.LOST),
        (found("card.kind.my-number", "felica"), Symptom.OTHER_CARD),
        (found("pcsc.service.running", "stopped"), Symptom.WORKS),  # beside a card that was read
        (found("card.reset.answered", "mute", Severity.INFO), Symptom.WORKS),  # of a second reader
    ],
)
def test_symptoms(finding: Finding, expected: Symptom) -> None:
    report = replace(examples.READY, findings=(*examples.READY.findings, finding))
    assert symptom_of(report) is expected


def test_an_expired_card_can_be_read_and_no_card_cannot() -> None:
    assert symptom_of(examples.EXPIRED) is Symptom.WORKS
    assert symptom_of(replace(examples.READY, cards=())) is Symptom.ELSEWHERE
