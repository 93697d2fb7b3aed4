# SPDX-License-Identifier: Apache-2.0
"""A comparison in words: the answer first, then what remains, in any width."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from cardcheck.catalog.messages import LANGUAGES, Language
from cardcheck.catalog.people import load_people
from cardcheck.render.base import cell_width
from cardcheck.render.json_report import document, dumps
from cardcheck.render.pages.comparison import comparison_document
from cardcheck.render.plain import plain_text
from cardcheck.report.comparison import compared
from cardcheck.report.loaded import parse_report
from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report


def told(old: Report, new: Report, lang: Language = "ja", width: int = 78) -> str:
    old_one, new_one = (parse_report(dumps(document(r)).encode()) for r in (old, new))
    document_ = comparison_document(compared(old_one, new_one), load_people(lang))
    return plain_text(document_, width=width)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_answer_comes_first_and_then_what_to_do(lang: Language) -> None:
    words = load_people(lang)
    lines = told(examples.EXPIRED, examples.EXPIRED, lang).split("\n")
    assert words.label("compare-none-mended") in lines[0]
    step = words.advice("renew-certificate").next
    assert "".join(step.split()) in "".join("".join(lines).split())


def test_what_is_mended_is_named_with_a_sign_of_success() -> None:
    words = load_people("en")
    text = told(examples.EXPIRED, examples.READY, "en")
    assert f"{words.label('compare-mended')}:" in text
    assert "Next" not in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("width", [40, 78])
def test_no_line_is_too_wide(lang: Language, width: int) -> None:
    for old in examples.ALL.values():
        for new in examples.ALL.values():
            assert max(map(cell_width, told(old, new, lang, width).split("\n"))) <= width


def test_strings_of_a_report_bring_no_escapes() -> None:
    evil = "\x1b]0;owned\x07\x1b[2J\u202e"
    findings = tuple(
        replace(f, state="lost", check=evil, evidence={"code": evil}, advice=(evil,))
        for f in examples.EXPIRED.findings
    )
    text = told(examples.READY, replace(examples.EXPIRED, findings=findings))
    assert "\x1b" not in text
    assert "\u202e" not in text
