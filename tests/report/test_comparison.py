# SPDX-License-Identifier: Apache-2.0
"""Two reports compared: what is mended, what is new, what remains, and what nobody looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck.render.json_report import document, dumps
from cardcheck.report.comparison import Answer, Note, compared
from cardcheck.report.loaded import LoadedReport, parse_report
from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report


def loaded(report: Report) -> LoadedReport:
    return parse_report(dumps(document(report)).encode())


def checks(changes: tuple[object, ...]) -> list[str]:
    return [change.shown.check for change in changes]  # type: ignore[attr-defined]


EXPIRED = "card.certificate.authentication-valid"
LOCKED = "card.pin.signature-usable"


def test_mended() -> None:
    result = compared(loaded(examples.EXPIRED), loaded(examples.READY))
    assert EXPIRED in checks(result.mended)
    assert result.added == result.remaining == ()
    assert not result.same


def test_the_same_report_is_the_same() -> None:
    for report in (examples.READY, examples.EXPIRED, examples.NO_CARD):
        result = compared(loaded(report), loaded(report))
        assert result.same
        assert result.mended == result.added == result.unseen == ()


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (examples.READY, examples.READY, Answer.NOTHING),
        (examples.READY, examples.EXPIRED, Answer.WORSE),
        (examples.EXPIRED, examples.EXPIRED, Answer.NONE_MENDED),
        (examples.EXPIRED, examples.NO_READER, Answer.UNSURE),
        (examples.NO_READER, examples.NO_READER, Answer.UNSURE),
    ],
)
def test_the_answer(old: Report, new: Report, expected: Answer) -> None:
    assert compared(loaded(old), loaded(new)).answer is expected


def test_all_mended_needs_a_verdict_that_says_so() -> None:
    only = [f for f in examples.EXPIRED.findings if f.check != LOCKED]
    old = replace(examples.EXPIRED, findings=tuple(only))
    assert compared(loaded(old), loaded(examples.READY)).answer is Answer.ALL_MENDED
    unclear = replace(examples.READY, verdict=examples.NO_CARD.verdict)
    assert compared(loaded(old), loaded(unclear)).answer is Answer.UNSURE


def test_what_was_not_looked_at_is_not_called_mended() -> None:
    without = tuple(f for f in examples.READY.findings if f.check != EXPIRED)
    result = compared(loaded(examples.EXPIRED), loaded(replace(examples.READY, findings=without)))
    assert EXPIRED in checks(result.unseen)
    assert EXPIRED not in checks(result.mended)


def test_a_problem_that_changed_its_state_remains_and_differs() -> None:
    findings = tuple(
        replace(f, state="unreadable") if f.check == EXPIRED else f
        for f in examples.EXPIRED.findings
    )
    result = compared(
        loaded(examples.EXPIRED), loaded(replace(examples.EXPIRED, findings=findings))
    )
    [change] = [c for c in result.remaining if c.shown.check == EXPIRED]
    assert change.shown.state == "unreadable"
    assert not result.same
    [row] = [r for r in result.document().remaining if r.check == EXPIRED]
    assert (row.state_before, row.state_after) == ("expired", "unreadable")


def test_the_same_problem_on_a_reader_of_another_name_remains() -> None:
    renamed = replace(
        examples.NO_CARD, readers=(replace(examples.NO_CARD.readers[0], name="Other 00 00"),)
    )
    result = compared(loaded(examples.NO_CARD), loaded(renamed))
    assert checks(result.remaining) == ["placement.card.present"]
    assert result.mended == result.added == ()
    assert Note.OTHER_READER in result.notes


def test_doubts_are_noted() -> None:
    later = loaded(examples.READY)
    assert later.generated_at is not None
    earlier = replace(later, generated_at=later.generated_at.replace(year=2020))
    assert compared(later, earlier).notes == (Note.ORDER,)
    assert Note.SOURCE in compared(later, loaded(examples.SIMULATED)).notes
    other = replace(later, kinds=("felica",))
    assert compared(later, other).notes == (Note.OTHER_CARD,)
    assert compared(later, later).notes == ()


def test_the_worst_comes_first() -> None:
    result = compared(loaded(examples.READY), loaded(examples.EXPIRED))
    ranks = [change.shown.severity.rank for change in result.added]
    assert ranks == sorted(ranks, reverse=True)
