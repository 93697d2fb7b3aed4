# SPDX-License-Identifier: Apache-2.0
"""Plain text against golden files, and in poor encodings."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report

from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.output.encoding import fitted
from cardcheck.render.base import cell_width
from cardcheck.render.pages.report import report_screen
from cardcheck.render.plain import plain_text

GOLDEN = Path(__file__).parents[1] / "golden"


def plain(report: Report, lang: Language, width: int = 78, *, personal: bool = False) -> str:
    messages = load(lang)
    return plain_text(report_screen(report, messages, show_personal=personal), width=width)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", examples.ALL)
def test_golden(name: str, lang: Language, update_golden: bool) -> None:
    path = GOLDEN / f"plain-{name}-{lang}.txt"
    text = plain(examples.ALL[name], lang)
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
@pytest.mark.parametrize("width", [40, 78, 120])
def test_no_line_is_too_wide_or_ends_in_spaces(report: Report, lang: Language, width: int) -> None:
    lines = plain(report, lang, width, personal=True).split("\n")
    assert max(map(cell_width, lines)) <= width
    assert all(line == line.rstrip() for line in lines)
    assert "\n\n\n" not in "\n".join(lines)


def test_the_banner_is_the_first_thing_in_both_languages() -> None:
    lines = plain(examples.SIMULATED, "en").split("\n")
    assert lines[0] == f"*** {load('ja').label('simulated')} {load('en').label('simulated')}"


@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
def test_substitutes_are_counted(report: Report) -> None:
    messages = load("ja")
    text = fitted(plain_text(report_screen(report, messages), encoding="cp932"), "cp932")
    assert "OK " in text or report is examples.NO_READER
    assert max(map(cell_width, text.split("\n"))) <= 78


def test_code_page_932_keeps_every_japanese_sign() -> None:
    for report in examples.ALL.values():
        text = fitted(plain(report, "ja"), "cp932").removeprefix("? ")  # the mark of doubt
        assert "?" not in text


def test_ascii_keeps_the_english_text() -> None:
    text = fitted(plain(examples.READY, "en"), "ascii")
    assert "OK " in text
    assert "?" not in text
