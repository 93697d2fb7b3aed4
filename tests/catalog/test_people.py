# SPDX-License-Identifier: Apache-2.0
"""The sentences for people: the same in both languages, in the tone that is asked for, all used."""

from __future__ import annotations

import re
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.catalog.people import load_people
from cardcheck.checks.isolation import Part, Step, Sure, Symptom
from cardcheck.render.base import cell_width
from cardcheck.report.comparison import Answer, Note
from cardcheck.report.model import Layer
from cardcheck.report.placement import Hint, SpotState

if TYPE_CHECKING:
    from collections.abc import Iterator

SOURCES = Path(__file__).parents[2] / "src" / "cardcheck"
FORBIDDEN = {
    "ja": re.compile(
        r"再入力|入力し直|番号[^。]*入れ直|暗証番号[^。]*(?:もう一度|再度|試)|入力(?:して)?みて"
    ),
    "en": re.compile(
        r"re-?enter|re-?type|\btry\b[^.]*\bpin\b|another (?:try|attempt)", re.IGNORECASE
    ),
}
COMPARED = "place-counters-same"  # said only where the counters were compared
PROMISE = {"ja": "減っていません", "en": "not gone down"}


def table(lang: Language) -> dict[str, Any]:
    path = files("cardcheck.catalog").joinpath(f"messages/people-{lang}.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


def strings(value: object, path: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield path, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from strings(item, f"{path}/{key}")


def placeholders(text: str) -> list[str]:
    return sorted(re.findall(r"\{([^}]*)\}", text))


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    ja, en = (dict(strings(table(lang))) for lang in ("ja", "en"))
    assert ja.keys() == en.keys()
    assert {key: placeholders(ja[key]) for key in ja} == {key: placeholders(en[key]) for key in en}


@pytest.mark.parametrize("lang", LANGUAGES)
def test_no_sentence_suggests_a_pin_or_promises_what_was_not_compared(lang: Language) -> None:
    texts = dict(strings(table(lang)))
    assert [path for path, text in texts.items() if FORBIDDEN[lang].search(text)] == []
    promising = [path for path, text in texts.items() if PROMISE[lang] in text]
    assert promising == [f"/label/{COMPARED}"]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_guess_is_worded_as_one(lang: Language) -> None:
    for hint in Hint:
        assert {"ja": "かもしれません", "en": "may"}[lang] in table(lang)["hint"][hint.value]


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_value_has_its_word_and_no_word_is_left_over(lang: Language) -> None:
    words = table(lang)
    assert words["hint"].keys() == {hint.value for hint in Hint}
    states = words["check"]["placement.spot.steady"].keys() - {"title"}
    assert states == {state.value for state in SpotState}
    assert words["layer-short"].keys() == {layer.value for layer in Layer}
    assert words["isolate-result"].keys() == {symptom.value for symptom in Symptom}
    steps = {step.value for step in Step}
    assert words["isolate-step"].keys() == steps | {f"back-{step}" for step in steps}
    assert words["isolate-restore"].keys() == steps
    assert words["isolate-part"].keys() == {part.value for part in Part}
    assert words["isolate-next"].keys() == {part.value for part in Part} | {"open"}
    assert words["isolate-sure"].keys() == {sure.value for sure in Sure}
    labels = words["label"].keys()
    assert {f"compare-{value}" for value in (*Answer, *Note)} <= labels


def test_every_label_is_used() -> None:
    code = "\n".join(
        path.read_text(encoding="utf-8")
        for folder in ("cli", "render")
        for path in (SOURCES / folder).rglob("*.py")
    )
    made = {f"compare-{value}" for value in (*Answer, *Note)}
    made |= {"html-how-contact", "html-how-contactless", "isolate-nothing", "isolate-elsewhere"}
    made |= {"isolate-unseen"}
    made |= {"isolate-nothing-next", "isolate-elsewhere-next", "isolate-unseen"}
    used = set(re.findall(r"[\"']([a-z0-9-]+)[\"']", code)) | made
    assert set(table("en")["label"]) - used == set()


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_drawings_are_straight(lang: Language) -> None:
    for drawing in table(lang)["drawing"].values():
        lines = [line for line in drawing.split("\n") if line.startswith("  |")]
        edges = {
            line.rstrip(" abcdefghijklmnopqrstuvwxyz,ケースから出しまん中に平置く、")
            for line in lines
        }
        assert {cell_width(edge) for edge in edges} <= {cell_width(lines[0].rstrip())}
        assert max(map(cell_width, drawing.split("\n"))) <= 60


@pytest.mark.parametrize("lang", LANGUAGES)
def test_they_are_laid_over_the_others(lang: Language) -> None:
    merged, base = load_people(lang), load(lang)
    assert merged.word("verdict", "ready") == base.word("verdict", "ready")
    assert merged.label("next-step") == base.label("next-step")
    assert not set(table(lang)["label"]) & set(base.table["label"])
    assert merged.first("placement.spot.steady", "good", {}) != base.first("x", "y", {})
