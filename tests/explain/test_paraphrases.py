# SPDX-License-Identifier: Apache-2.0
"""Whoever asks in their own words finds the right entry among the first three."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.question import fold
from cardcheck.catalog.search import search

HERE = Path(__file__).parent
FIRST = 3

# What an official program shows word for word is in the index and in queries alike.
OFFICIAL = {
    "異常が発生したため、アプリを終了します",
    "マイナポータルが無効になりました",
}


def questions(name: str) -> dict[str, list[str]]:
    rows = tomllib.loads((HERE / f"{name}.toml").read_text("utf-8"))
    return {key: row["queries"] for key, row in rows.items()}


def found(key: str, query: str) -> bool:
    return key in [hit.entry.id for hit in search(query).hits[:FIRST]]


def rate(name: str) -> float:
    results = [found(key, query) for key, asked in questions(name).items() for query in asked]
    return sum(results) / len(results)


def test_every_cause_is_asked_for_at_least_five_times() -> None:
    assert min(map(len, questions("paraphrases").values())) >= 5
    assert set(questions("paraphrases")) <= set(entries())
    assert set(questions("held_out")) == set(questions("fresh")) == set(questions("paraphrases"))


@pytest.mark.parametrize(("key", "asked"), questions("paraphrases").items())
def test_the_right_entry_is_among_the_first_three(key: str, asked: list[str]) -> None:
    assert [query for query in asked if not found(key, query)] == []


@pytest.mark.parametrize(("name", "least"), [("held_out", 0.97), ("fresh", 0.96)])
def test_words_that_nobody_had_in_mind_do_nearly_as_well(name: str, least: float) -> None:
    assert rate(name) >= least


def test_the_questions_are_not_in_the_index() -> None:
    indexed = {fold(word) for entry in entries().values() for word in entry.words}
    indexed |= {fold(text.title) for entry in entries().values() for text in entry.texts.values()}
    for name in ("paraphrases", "held_out", "fresh"):
        asked = {query for queries in questions(name).values() for query in queries}
        assert {query for query in asked if fold(query) in indexed} <= OFFICIAL
