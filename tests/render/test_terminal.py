# SPDX-License-Identifier: Apache-2.0
"""The terminal: widths, colours, and data that looks like markup."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report

from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.output.encoding import fitted
from cardcheck.render.base import cell_width
from cardcheck.render.pages.report import report_screen
from cardcheck.render.plain import plain_text
from cardcheck.render.terminal import terminal_text

GOLDEN = Path(__file__).parents[1] / "golden"
FRAME = re.compile("[\u2500\u2502\u256d\u256e\u256f\u2570]")
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


def shown(report: Report, lang: Language, width: int = 80, *, colour: bool = True) -> str:
    return terminal_text(report_screen(report, load(lang)), width=width, colour=colour)


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["ready", "expired"])
def test_golden(name: str, lang: Language, update_golden: bool) -> None:
    path = GOLDEN / f"console-{name}-{lang}.txt"
    text = ESCAPE.sub("", shown(examples.ALL[name], lang))
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
@pytest.mark.parametrize("width", [40, 59, 60, 80, 100])
def test_no_line_is_too_wide(report: Report, lang: Language, width: int) -> None:
    lines = ESCAPE.sub("", shown(report, lang, width)).split("\n")
    assert max(map(cell_width, lines)) <= width


def test_colours_only_where_they_are_wanted() -> None:
    assert "\x1b[31m" in shown(examples.EXPIRED, "en")
    assert "\x1b" not in shown(examples.EXPIRED, "en", colour=False)


def test_the_verdict_is_said_in_words_too() -> None:
    assert load("en").word("verdict", "problem") in shown(examples.EXPIRED, "en")


def test_nothing_in_a_name_is_markup_or_an_escape() -> None:
    reader = replace(examples.READER, name="[bold]x[/nope] :smile: \x1b[2J", model=None)
    text = shown(replace(examples.READY, readers=(reader,)), "en", 100)
    assert "[bold]x[/nope] :smile:" in text
    assert "\x1b[2J" not in text


def test_the_banner_comes_first() -> None:
    lines = ESCAPE.sub("", shown(examples.SIMULATED, "ja")).split("\n")
    assert load("ja").label("simulated") in lines[0]
    assert load("en").label("simulated") in lines[0]


def test_a_code_page_gets_a_frame_of_ascii() -> None:
    document = report_screen(examples.EXPIRED, load("ja"))
    text = terminal_text(document, width=80, encoding="cp932", colour=False)
    fitted(text, "cp932").encode("cp932")
    assert "+-" in text
    assert "NG " in text


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
def test_without_frame_and_colours_it_says_what_plain_text_says(
    report: Report, lang: Language
) -> None:
    document = report_screen(report, load(lang))
    words = "".join(ESCAPE.sub("", shown(report, lang, 100)).split())
    for line in plain_text(document, width=400).split("\n"):
        said = re.sub(r"^[*\u2713\u2717!?-]+ |[:*]+$", "", line.strip())
        said = said.removeprefix(f"{load(lang).label('summary')}: ")
        assert "".join(said.split()) in FRAME.sub("", words)
