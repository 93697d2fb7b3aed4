# SPDX-License-Identifier: Apache-2.0
"""The layout of what ``explain`` found."""

from __future__ import annotations

import json
from datetime import date

import pytest

from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.catalog.search import named, search
from cardcheck.render.base import WIDTH, cell_width
from cardcheck.render.json_report import dumps
from cardcheck.render.pages.explanation import explanation_document
from cardcheck.render.plain import plain_text
from cardcheck.render.reference_json import explain_document

TODAY = date(2026, 11, 22)


def shown(query: str, lang: Language = "ja", today: date = TODAY) -> str:
    return plain_text(explanation_document(search(query), load(lang), None, today))


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_best_entry_is_whole_and_the_next_step_near_the_top(lang: Language) -> None:
    text = entries()["pin-locked"].texts[lang]
    lines = shown("pin-locked", lang).replace("\n    ", "").splitlines()
    assert lines[0] == f"{text.title} [pin-locked]"
    assert text.next[:20] in lines[2]
    whole = "".join(lines).replace(" ", "")
    for sentence in (text.means, text.cause, *text.never):
        assert sentence.replace(" ", "")[:30] in whole


def test_the_date_is_in_both_calendars() -> None:
    assert "令和8年（2026年）11月" in shown("pin-locked")
    assert "11/2026 (Reiwa 8)" in shown("pin-locked", "en")


def test_old_data_says_so() -> None:
    assert "古くなって" not in shown("pin-locked")
    assert "古くなって" in shown("pin-locked", today=date(2028, 1, 1))


def test_what_cannot_be_seen_from_here_is_said() -> None:
    assert "「cardcheck scan」で調べられます" in shown("pin-locked")
    assert "このプログラムからは見えません" in shown("nenkin-mail")


def test_a_code_says_what_it_is_before_its_causes() -> None:
    first = shown("0x8010001D", "en").splitlines()[0]
    assert first.startswith("Code 0x8010001D (SCARD_E_NO_SERVICE): ")
    assert "かもしれません" in shown("カードから6982が返る").splitlines()[0]


def test_nothing_found_is_said_plainly_with_near_topics() -> None:
    text = shown("今日の天気")
    assert text.startswith("当てはまる説明が見つかりませんでした。")
    assert "近い話題:" in text
    assert "EW999-C111" in shown("EW999-C111").splitlines()[0]


@pytest.mark.parametrize("key", entries())
@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_entry_fits_the_columns(key: str, lang: Language) -> None:
    answer = search(key)
    text = plain_text(explanation_document(answer, load(lang), None, TODAY))
    assert text.endswith("\n")
    assert all(cell_width(line) <= WIDTH for line in text.splitlines())


def test_the_document_names_ids_and_scores_first() -> None:
    answer = search("6984", 2)
    document = json.loads(dumps(explain_document(answer, load("ja"), None)))
    assert list(document)[:2] == ["schema", "results"]
    assert document["schema"] == "cardcheck.explain/1"
    assert list(document["results"][0])[:2] == ["id", "score"]
    assert document["codes"][0]["code"] == "6984"
    assert document["nearest"] == []


def test_nothing_to_show_but_a_code_leaves_no_blank_part() -> None:
    (hit,) = named(("nenkin-scope",))
    answer = search("nenkin-scope", 1)
    assert answer.hits == (hit,)
    assert "\n\n\n" not in plain_text(explanation_document(answer, load("ja"), None, TODAY))
