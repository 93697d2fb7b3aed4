# SPDX-License-Identifier: Apache-2.0
"""The questions of ``explain``: each path is short and ends at one entry, in both languages."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.messages import LANGUAGES
from cardcheck.catalog.questions import START, questions

if TYPE_CHECKING:
    from collections.abc import Iterator

FEWEST, MOST = 3, 5


def paths(name: str = START, so_far: tuple[int, ...] = ()) -> Iterator[tuple[tuple[int, ...], str]]:
    """Every row of answers and the entry it ends at."""
    assert len(so_far) < MOST
    for number, choice in enumerate(questions()[name].choices, 1):
        if choice.question is not None:
            yield from paths(choice.question, (*so_far, number))
        else:
            assert choice.entry is not None
            yield (*so_far, number), choice.entry


@pytest.mark.parametrize(("answers", "entry"), tuple(paths()))
def test_a_path_is_short_and_ends_at_an_entry(answers: tuple[int, ...], entry: str) -> None:
    assert FEWEST <= len(answers) <= MOST
    assert entry in entries()


def test_every_question_is_asked_and_worded_in_both_languages() -> None:
    asked = {choice.question for row in questions().values() for choice in row.choices}
    assert set(questions()) == {START, *asked - {None}}
    for question in questions().values():
        for texts in (question.texts, *(choice.texts for choice in question.choices)):
            assert set(texts) == set(LANGUAGES)
            assert texts["en"].isascii()
            assert not texts["ja"].isascii()
            texts["ja"].encode("cp932")
