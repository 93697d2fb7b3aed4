# SPDX-License-Identifier: Apache-2.0
"""The search for the faulty part in words."""

from __future__ import annotations

import pytest

from cardcheck.catalog.messages import LANGUAGES, Language, Messages
from cardcheck.catalog.people import load_people
from cardcheck.checks.isolation import Ending, Part, Step, Sure
from cardcheck.render.base import cell_width
from cardcheck.render.pages.isolation import Told, isolation_screen, step_document
from cardcheck.render.plain import plain_text
from render import examples


def isolation_text(told: Told, messages: Messages, width: int = 78) -> str:
    return plain_text(isolation_screen(examples.READY, told, messages), width=width)


def step_text(step: str, restore: str | None, messages: Messages) -> str:
    return plain_text(step_document(step, restore, messages))


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("part", Part)
def test_the_part_the_step_and_how_sure(lang: Language, part: Part) -> None:
    words = load_people(lang)
    told = Told(ending=Ending.FOUND, parts=(part,), sure=Sure.SURE, ruled_out=(Part.CABLE,))
    text = "".join(isolation_text(told, words).split())
    for expected in (
        words.word("isolate-part", part),
        words.word("isolate-next", part),
        words.word("isolate-sure", "sure"),
        words.word("isolate-part", "cable"),
    ):
        assert "".join(expected.split()) in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("ending", [Ending.NOTHING, Ending.ELSEWHERE, Ending.OPEN])
def test_the_other_endings(lang: Language, ending: Ending) -> None:
    told = Told(ending=ending, parts=(Part.CARD, Part.READER), layer="service")
    text = isolation_text(told, load_people(lang), width=40)
    assert "?" not in text.removeprefix("? ")
    assert max(map(cell_width, text.split("\n"))) <= 40


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("step", Step)
def test_each_step_and_its_way_back_can_be_asked_for(lang: Language, step: Step) -> None:
    words = load_people(lang)
    for name in (step.value, f"back-{step.value}"):
        text = step_text(name, None, words)
        assert "".join(words.word("isolate-step", name).split()) in "".join(text.split())
    restored = step_text("reader", "card", words)
    assert "".join(words.word("isolate-restore", "card").split()) in "".join(restored.split())


def test_every_look_is_listed() -> None:
    trials = ((None, "silent"), ("spot", "skipped"), ("back-spot", "works"))
    text = isolation_text(Told(ending="open", trials=trials), load_people("en"))
    assert "Look 1" in text
    assert "Look 3" in text
    assert load_people("en").label("isolate-first") in text
