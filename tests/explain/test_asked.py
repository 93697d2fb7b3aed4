# SPDX-License-Identifier: Apache-2.0
"""Questions as people put them, in both languages, are answered rightly as often as is promised."""

from __future__ import annotations

import pytest

from cardcheck.catalog.knowledge import entries
from explain.rates import FIRST, HALVES, asked, failures

QUESTIONS = ("seed", "variant", "now", "code", "en-seed", "en-now")


def test_there_are_enough_and_they_name_entries() -> None:
    rows = [row for half in HALVES for questions in asked(half).values() for row in questions]
    assert len(rows) >= 150
    assert len({question for question, _ in rows}) >= len(rows) - 2
    assert sum(len(v) for half in HALVES for k, v in asked(half).items() if k[:3] == "en-") >= 40
    for question, wanted in rows:
        assert not wanted or set(wanted) & set(entries()), question


@pytest.mark.parametrize("half", HALVES)
def test_the_right_entry_is_near_the_top(half: str) -> None:
    count = sum(len(asked(half).get(kind, [])) for kind in QUESTIONS)
    assert len(failures(half, QUESTIONS, FIRST)) <= 0.03 * count
    assert len(failures(half, QUESTIONS, 1)) <= 0.12 * count


@pytest.mark.parametrize("half", HALVES)
def test_a_vague_question_is_asked_back(half: str) -> None:
    assert failures(half, ("vague", "en-vague")) == []


@pytest.mark.parametrize("half", HALVES)
def test_another_subject_gets_no_advice_on_cards(half: str) -> None:
    assert failures(half, ("off", "near", "en-off")) == []
