# SPDX-License-Identifier: Apache-2.0
"""One change at a time, until the faulty part can be named: what to change next, and what it shows.

What belongs here: pure functions from the looks so far to the next step or the conclusion. What
does not: looking, and talking to a person (``cli``).

The argument is that of A-B-A: a part is named for sure only when the fault went with the change and
came back with the former part. Whatever was changed without effect is ruled out.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.facts.card import CardKind
from cardcheck.report.documents import IsolationDocument, TrialRow
from cardcheck.report.model import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from cardcheck.report.model import Report


class Step(StrEnum):
    """What a person is asked to change."""

    SPOT = "spot"
    CARD = "card"
    PORT = "port"
    CABLE = "cable"
    READER = "reader"


class Part(StrEnum):
    """What may be at fault.

    ``contact`` and ``plug`` are faults that came and went by themselves: with how the card lies,
    and with how the reader is plugged in.
    """

    SPOT = "spot"
    CARD = "card"
    PORT = "port"
    CABLE = "cable"
    READER = "reader"
    COMPUTER = "computer"
    CONTACT = "contact"
    PLUG = "plug"


class Symptom(StrEnum):
    """How one look ended."""

    WORKS = "works"
    NO_READER = "no-reader"
    NO_CARD = "no-card"
    SILENT = "silent"
    LOST = "lost"
    OTHER_CARD = "other-card"
    ELSEWHERE = "elsewhere"
    SKIPPED = "skipped"


class Ending(StrEnum):
    """What kind of conclusion it is."""

    NOTHING = "nothing"
    ELSEWHERE = "elsewhere"
    FOUND = "found"
    OPEN = "open"


class Sure(StrEnum):
    """How sure it is that the part is at fault."""

    SURE = "sure"
    LIKELY = "likely"
    EXCLUDED = "excluded"
    UNSTEADY = "unsteady"
    POSSIBLE = "possible"


class Move(Struct, frozen=True):
    """What to do before the next look; ``back``: undo it again, to make sure."""

    step: Step
    back: bool = False


class Trial(Struct, frozen=True):
    """One look: after which move (None: as it was), and how it ended."""

    move: Move | None
    symptom: Symptom


class Conclusion(Struct, frozen=True, kw_only=True):
    """What the looks come to.

    Attributes:
        ending: what kind of conclusion.
        parts: what is at fault, or may be; several only where it stays open.
        sure: how sure; None where nothing is named.
        ruled_out: what was changed without effect.
    """

    ending: Ending
    parts: tuple[Part, ...] = ()
    sure: Sure | None = None
    ruled_out: tuple[Part, ...] = ()


_OF_READER: Final = (Step.PORT, Step.CABLE, Step.READER)
_OF_CARD: Final = (Step.SPOT, Step.CARD, Step.READER, Step.PORT)
_STEPS: Final[Mapping[Symptom, tuple[Step, ...]]] = {
    Symptom.NO_READER: _OF_READER,
    Symptom.NO_CARD: _OF_CARD,
    Symptom.SILENT: _OF_CARD,
    Symptom.LOST: _OF_CARD,
}
_CLEARS: Final[Mapping[Step, tuple[Part, ...]]] = {
    Step.SPOT: (Part.SPOT,),
    Step.CARD: (Part.CARD,),
    Step.PORT: (Part.PORT,),
    Step.CABLE: (Part.CABLE,),
    Step.READER: (Part.READER, Part.CABLE),  # another reader has a cable of its own
}
_UNSTEADY: Final[Mapping[Step, Part]] = {
    Step.SPOT: Part.CONTACT,
    Step.CARD: Part.CONTACT,
    Step.READER: Part.CONTACT,  # the card was placed anew as well
    Step.PORT: Part.PLUG,
    Step.CABLE: Part.PLUG,
}
_NAMED: Final = frozenset({Sure.SURE, Sure.LIKELY, Sure.EXCLUDED})
_FAILS: Final = frozenset({Symptom.NO_READER, Symptom.NO_CARD, Symptom.SILENT, Symptom.LOST})
_ANSWERED: Final = frozenset({Symptom.WORKS, Symptom.OTHER_CARD})
_OURS: Final = frozenset({CardKind.MY_NUMBER.value, CardKind.UNKNOWN_JPKI.value})
_BY_CHECK: Final = (
    ("reader.attached.any", Symptom.NO_READER),
    ("placement.card.present", Symptom.NO_CARD),
    ("card.reset.answered", Symptom.SILENT),
    ("card.exchange.answered", Symptom.SILENT),
    ("card.exchange.well-formed", Symptom.SILENT),
    ("reader.slot.responding", Symptom.SILENT),
    ("placement.contact.kept", Symptom.LOST),
    ("card.kind.my-number", Symptom.OTHER_CARD),
)
_UNREACHABLE: Final = "only-unreachable"  # the reader is there: its driver is the matter


def symptom_of(report: Report) -> Symptom:
    """How a look ended: whether the card could be read, whatever it says about itself."""
    problems = {
        finding.check: finding
        for finding in report.findings
        if finding.outcome is Outcome.PROBLEM
        and (finding.severity is not Severity.INFO or finding.because_of)
    }
    for check, symptom in _BY_CHECK:
        if check in problems:
            unreachable = problems[check].state == _UNREACHABLE
            return Symptom.ELSEWHERE if unreachable else symptom
    readable = any(card.kind in _OURS for card in report.cards)
    return Symptom.WORKS if readable else Symptom.ELSEWHERE


def next_move(trials: Sequence[Trial]) -> Move | Conclusion:
    """What to do after the looks so far; ``trials`` begins with one as everything was."""
    first, last = trials[0], trials[-1]
    if first.symptom not in _FAILS:
        ending = Ending.NOTHING if first.symptom is Symptom.WORKS else Ending.ELSEWHERE
        return Conclusion(ending=ending)
    tried = {trial.move.step for trial in trials if trial.move is not None}
    if last.move is not None and last.move.back:
        doubted = _blames_card(trials) and Step.READER not in tried
        return Move(Step.READER) if doubted else _confirmed(last, trials)
    if last.move is not None and last.symptom in _ANSWERED:
        return Move(last.move.step, back=True)
    if _blames_card(trials):
        sure = Sure.SURE if last.symptom in _FAILS else Sure.LIKELY
        return _found(Part.CARD, sure, trials)
    left = [step for step in _STEPS[first.symptom] if step not in tried]
    return Move(left[0]) if left else concluded(trials)


def concluded(trials: Sequence[Trial]) -> Conclusion:
    """What the looks come to where no more are made."""
    first = trials[0]
    if first.symptom not in _FAILS:
        return Conclusion(ending=Ending.OPEN)
    helped = [trial.move for trial in trials if trial.move and trial.symptom in _ANSWERED]
    cleared = _ruled_out(trials)
    if helped:
        return _found(Part(helped[-1].step.value), Sure.LIKELY, trials)
    suspects = [Part(step.value) for step in _STEPS[first.symptom]]
    left = tuple(part for part in (*suspects, Part.COMPUTER) if part not in cleared)
    alone = len(left) == 1
    return Conclusion(
        ending=Ending.FOUND if alone else Ending.OPEN,
        parts=left,
        sure=Sure.EXCLUDED if alone else Sure.POSSIBLE,
        ruled_out=cleared,
    )


def names_a_fault(conclusion: Conclusion) -> bool:
    """Whether it says what is at fault, and not only what may be."""
    return conclusion.ending is Ending.FOUND and conclusion.sure in _NAMED


def document(trials: Sequence[Trial], conclusion: Conclusion) -> IsolationDocument:
    """The ``isolation`` object of the JSON report."""
    return IsolationDocument(
        trials=tuple(
            TrialRow(
                step=trial.move.step.value if trial.move else None,
                back=trial.move.back if trial.move else False,
                symptom=trial.symptom.value,
            )
            for trial in trials
        ),
        ending=conclusion.ending.value,
        parts=tuple(part.value for part in conclusion.parts),
        sure=conclusion.sure.value if conclusion.sure else None,
        ruled_out=tuple(part.value for part in conclusion.ruled_out),
    )


def _blames_card(trials: Sequence[Trial]) -> bool:
    """Whether another kind of card answered and ours, put back, did not.

    That alone does not clear the reader: it may not speak the card's Type B. Another reader tells.
    """
    moves = {trial.move: trial.symptom for trial in trials}
    other = moves.get(Move(Step.CARD)) is Symptom.OTHER_CARD
    return other and moves.get(Move(Step.CARD, back=True)) in _FAILS


def _confirmed(last: Trial, trials: Sequence[Trial]) -> Conclusion:
    """After a change that helped was undone."""
    assert last.move is not None
    part = Part(last.move.step.value)
    if last.symptom in _FAILS:
        return _found(part, Sure.SURE, trials)
    if last.symptom in _ANSWERED:
        return _found(_UNSTEADY[last.move.step], Sure.UNSTEADY, trials)
    return _found(part, Sure.LIKELY, trials)


def _found(part: Part, sure: Sure, trials: Sequence[Trial]) -> Conclusion:
    cleared = tuple(other for other in _ruled_out(trials) if other is not part)
    return Conclusion(ending=Ending.FOUND, parts=(part,), sure=sure, ruled_out=cleared)


def _ruled_out(trials: Sequence[Trial]) -> tuple[Part, ...]:
    """The parts that were changed while the fault stayed."""
    cleared = [
        part
        for trial in trials
        if trial.move is not None and not trial.move.back and trial.symptom in _FAILS
        for part in _CLEARS[trial.move.step]
    ]
    return tuple(dict.fromkeys(cleared))
