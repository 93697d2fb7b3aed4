# SPDX-License-Identifier: Apache-2.0
"""The terminal: widths, colours, and data that looks like markup."""

from __future__ import annotations

import io
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from msgspec.structs import replace

from render import examples

if TYPE_CHECKING:
    from cardcheck.report.model import Report

from cardcheck.catalog.messages import LANGUAGES, Language, load
from cardcheck.render.base import cell_width
from cardcheck.render.console import rich_text
from cardcheck.render.text import page

GOLDEN = Path(__file__).parents[1] / "golden"
ESCAPE = re.compile(r"\x1b\[[0-9;]*m")


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def rich(report: Report, lang: Language, width: int = 80) -> str:
    messages = load(lang)
    return rich_text(page(report, messages), messages, Terminal(), width=width)


@pytest.fixture(autouse=True)
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("NO_COLOR", "FORCE_COLOR", "COLORTERM", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("name", ["ready", "expired"])
def test_golden(name: str, lang: Language, update_golden: bool) -> None:
    path = GOLDEN / f"console-{name}-{lang}.txt"
    text = ESCAPE.sub("", rich(examples.ALL[name], lang))
    if update_golden:
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("report", examples.ALL.values(), ids=examples.ALL)
@pytest.mark.parametrize("width", [40, 59, 60, 80, 100])
def test_no_line_is_too_wide(report: Report, lang: Language, width: int) -> None:
    lines = ESCAPE.sub("", rich(report, lang, width)).split("\n")
    assert max(map(cell_width, lines)) <= width


def test_a_terminal_gets_colours_and_a_file_none(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[31m" in rich(examples.EXPIRED, "en")
    messages = load("en")
    assert "\x1b" not in rich_text(page(examples.EXPIRED, messages), messages, io.StringIO())
    monkeypatch.setenv("NO_COLOR", "1")
    assert "\x1b[31m" not in rich(examples.EXPIRED, "en")


def test_the_verdict_is_said_in_words_too() -> None:
    assert load("en").word("verdict", "problem") in rich(examples.EXPIRED, "en")


def test_nothing_in_a_name_is_markup_or_an_escape() -> None:
    reader = replace(examples.READER, name="[bold]x[/nope] :smile: \x1b[2J", model=None)
    text = rich(replace(examples.READY, readers=(reader,)), "en", 100)
    assert "[bold]x[/nope] :smile:" in text
    assert "\x1b[2J" not in text


def test_the_banner_comes_first() -> None:
    lines = ESCAPE.sub("", rich(examples.SIMULATED, "ja")).split("\n")
    assert load("ja").label("simulated") in lines[1]
    assert load("en").label("simulated") in lines[2]


def test_a_code_page_gets_a_frame_of_ascii() -> None:
    messages = load("ja")
    stream = io.TextIOWrapper(io.BytesIO(), encoding="cp932")
    text = rich_text(page(examples.EXPIRED, messages), messages, stream, width=80)
    text.encode("cp932")
    assert "+-" in text
    assert "NG " in text


def test_only_the_console_needs_rich() -> None:
    code = (
        "import sys; import cardcheck.render.plain, cardcheck.render.json_report,"
        "cardcheck.render.text, cardcheck.render.streams; sys.exit('rich' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
