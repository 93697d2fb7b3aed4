# SPDX-License-Identifier: Apache-2.0
"""What a run comes to, and which exit code of the contract it has."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.codec import encoded
from cardcheck.errors import InputError
from cardcheck.kiosk.json_documents import acceptance_document, earlier_in
from cardcheck.kiosk.rule import Rule
from cardcheck.kiosk.run import (
    SLOW,
    Acceptance,
    Depth,
    Drift,
    MorningCheck,
    Outcome,
    Presentation,
    ReaderFace,
    Stop,
    Verdict,
    percentile,
)
from kiosk.examples import GOOD, LOST, NO_CARD, SMALLER, acceptance, morning

GONE = Presentation(outcome=Outcome.UNAVAILABLE)


@pytest.mark.parametrize(
    ("run", "passed", "code"),
    [
        (acceptance(), True, ExitCode.OK),
        (acceptance(*[GOOD] * 58), False, ExitCode.PROBLEM),
        (acceptance(*[GOOD] * 58, LOST, stop=Stop.TOO_MANY_FAILURES), False, ExitCode.PROBLEM),
        (acceptance(problems=("pcsc.service.running",)), False, ExitCode.PROBLEM),
        (acceptance(stop=Stop.INTERRUPTED), False, ExitCode.NO_CARD),
        (acceptance(*[NO_CARD] * 3, stop=Stop.NOBODY), False, ExitCode.NO_CARD),
        (acceptance(GOOD, stop=Stop.NOBODY), False, ExitCode.NO_CARD),
        (acceptance(presentations=(), stop=Stop.REFUSED), False, ExitCode.NO_READER),
        (acceptance(presentations=(), stop=Stop.NO_READER), False, ExitCode.NO_READER),
    ],
)
def test_acceptance(run: Acceptance, passed: bool, code: ExitCode) -> None:
    assert (run.passed, run.exit_code) == (passed, code)


@pytest.mark.parametrize(
    ("run", "verdict", "strict"),
    [
        (acceptance(), Verdict.PASSED, ExitCode.OK),
        (acceptance(*[replace(GOOD, read=SLOW)] * 59), Verdict.PASSED, ExitCode.OK),
        (acceptance(*[replace(GOOD, read=SLOW + 1)] * 59), Verdict.REMARKS, ExitCode.PROBLEM),
        (
            acceptance(drift=(Drift(what="driver", before="1", after="2"),)),
            Verdict.REMARKS,
            ExitCode.PROBLEM,
        ),
        (acceptance(LOST, stop=Stop.TOO_MANY_FAILURES), Verdict.NOT_PASSED, ExitCode.PROBLEM),
        (acceptance(GOOD, stop=Stop.CARD_LEFT), Verdict.INCONCLUSIVE, ExitCode.NO_CARD),
    ],
)
def test_remarks_pass_unless_warnings_are_to_fail(
    run: Acceptance, verdict: Verdict, strict: ExitCode
) -> None:
    assert (run.verdict, run.exit_code_at(warning=True)) == (verdict, strict)
    if verdict is Verdict.REMARKS:
        assert run.exit_code_at(warning=False) == ExitCode.OK


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"stop": None}, "decided"),
        ({"reader": ReaderFace(name="Another")}, "another reader"),
        ({"rule": Rule(allowed=1)}, "another failures allowed"),
    ],
)
def test_only_an_undecided_run_of_the_same_reader_can_be_gone_on_with(
    changes: dict[str, Any], why: str
) -> None:
    before = acceptance(*[GOOD] * 3, stop=Stop.NOBODY)
    data = encoded(acceptance_document(before)).encode()
    assert earlier_in(data, before) == (GOOD,) * 3
    other = encoded(acceptance_document(replace(before, **changes))).encode()
    with pytest.raises(InputError, match=why):
        earlier_in(other, before)
    with pytest.raises(InputError, match="no JSON of kiosk accept"):
        earlier_in(b"{}", before)


def test_one_smaller_answer_makes_the_whole_run_smaller() -> None:
    assert acceptance().depth is Depth.LABEL
    assert acceptance(*[GOOD] * 58, SMALLER).depth is Depth.ANSWER
    assert acceptance(LOST).depth is None


@pytest.mark.parametrize(
    ("check", "passed", "code"),
    [
        (morning(GOOD, GOOD), True, ExitCode.OK),
        (morning(GOOD, LOST), False, ExitCode.PROBLEM),
        (morning(GOOD, NO_CARD), False, ExitCode.PROBLEM),
        (morning(NO_CARD, NO_CARD), False, ExitCode.NO_CARD),
        (morning(), False, ExitCode.NO_READER),
        (morning(GONE), False, ExitCode.NO_READER),
    ],
)
def test_the_worst_reader_decides(check: MorningCheck, passed: bool, code: ExitCode) -> None:
    assert (check.passed, check.exit_code) == (passed, code)


def test_percentiles_are_values_that_occurred() -> None:
    assert percentile([], 50) is None
    assert percentile([7], 95) == 7
    assert percentile(range(1, 101), 95) == 95
    assert percentile([1, 2, 3], 50) == 2
