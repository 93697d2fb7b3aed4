# SPDX-License-Identifier: Apache-2.0
"""Asking somebody at a terminal what the trouble is, until one entry is left.

What belongs here: the prompt. What does not: the questions (``catalog.questions``).
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from cardcheck.catalog.knowledge import labels
from cardcheck.catalog.questions import START, questions

if TYPE_CHECKING:
    from cardcheck.catalog.messages import Language


def can_ask() -> bool:
    """Whether somebody is there to answer: both sides are a terminal."""
    return sys.stdin.isatty() and sys.stdout.isatty()


def ask(lang: Language) -> str:
    """The id of the entry that the answers lead to.

    Raises:
        click.Abort: the input ended, or it was interrupted.
    """
    click.echo(labels(lang)["asking"])
    name: str | None = START
    while name is not None:
        question = questions()[name]
        click.echo(f"\n{question.texts[lang]}")
        for number, choice in enumerate(question.choices, 1):
            click.echo(f"  {number}  {choice.texts[lang]}")
        numbers = click.IntRange(1, len(question.choices))
        chosen = question.choices[click.prompt(labels(lang)["number"], type=numbers) - 1]
        name = chosen.question
    click.echo()
    return chosen.entry or ""
