# SPDX-License-Identifier: Apache-2.0
"""The questions that ``explain`` asks of somebody who has no words for the trouble.

What belongs here: questions, their answers and where each leads. What does not: asking them
(``cli.asking``).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.data import table
from cardcheck.catalog.messages import LANGUAGES, Language

if TYPE_CHECKING:
    from collections.abc import Mapping

START: Final = "start"
"""The first question."""

_QUESTION: Final = "@"


class Choice(Struct, frozen=True, kw_only=True):
    """One answer.

    Attributes:
        entry: the entry that it leads to, or None.
        question: the question that it leads to, or None.
        texts: its words, by language.
    """

    entry: str | None
    question: str | None
    texts: Mapping[Language, str]


class Question(Struct, frozen=True, kw_only=True):
    """One question.

    Attributes:
        texts: its words, by language.
        choices: the answers, in the order of their numbers.
    """

    texts: Mapping[Language, str]
    choices: tuple[Choice, ...]


@cache
def questions() -> Mapping[str, Question]:
    """All questions by name."""
    return {
        name: Question(texts=_texts(row), choices=tuple(map(_choice, row["answers"])))
        for name, row in table("knowledge/questions.toml").items()
    }


def _choice(row: Mapping[str, str]) -> Choice:
    to = row["to"]
    question = to.removeprefix(_QUESTION) if to.startswith(_QUESTION) else None
    return Choice(entry=None if question else to, question=question, texts=_texts(row))


def _texts(row: Mapping[str, str]) -> Mapping[Language, str]:
    return {lang: row[lang] for lang in LANGUAGES}
