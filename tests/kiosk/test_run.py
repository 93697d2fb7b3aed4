# SPDX-License-Identifier: Apache-2.0
"""What a run comes to, and which exit code of the contract it has."""

from __future__ import annotations

import pytest

from cardcheck.checks.exit_codes import ExitCode
from cardcheck.kiosk.run import (
    Acceptance,
    Depth,
    MorningCheck,
    Outcome,
    Presentation,
    Stop,
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
        (acceptance(stop=Stop.INTERRUPTED), False, ExitCode.PROBLEM),
        (acceptance(*[NO_CARD] * 3, stop=Stop.NOBODY), False, ExitCode.NO_CARD),
        (acceptance(GOOD, *[NO_CARD] * 3, stop=Stop.NOBODY), False, ExitCode.PROBLEM),
        (acceptance(presentations=(), stop=Stop.NO_READER), False, ExitCode.NO_READER),
    ],
)
def test_acceptance(run: Acceptance, passed: bool, code: ExitCode) -> None:
    assert (run.passed, run.exit_code) == (passed, code)


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
