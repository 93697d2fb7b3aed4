# SPDX-License-Identifier: Apache-2.0
"""JSON, CSV, log line, sheet and text: complete, and safe whatever a reader is called."""

from __future__ import annotations

import csv
import io
import json
from html.parser import HTMLParser

import pytest
from msgspec.structs import replace

from cardcheck.catalog.kiosk import load_kiosk
from cardcheck.catalog.messages import LANGUAGES, Language
from cardcheck.kiosk.documents import (
    acceptance_table,
    log_line,
)
from cardcheck.kiosk.health import Health
from cardcheck.kiosk.json_documents import acceptance_document, check_document
from cardcheck.kiosk.page import acceptance_page, acceptance_screen, check_screen, health_screen
from cardcheck.kiosk.run import Drift, Presentation, Stop
from cardcheck.render.csv import cell, csv_text
from cardcheck.render.html import html_text
from cardcheck.render.json_report import dumps
from cardcheck.render.plain import plain_text
from cardcheck.render.text import banner
from kiosk.examples import AT, GOOD, HOSTILE, LOST, READER, SETTING, acceptance, morning

HOSTILE_RUN = acceptance(
    GOOD,
    LOST,
    reader=replace(READER, **dict.fromkeys(READER.__struct_fields__, HOSTILE)),
    setting=replace(SETTING, station=HOSTILE, operator=HOSTILE),
    problems=(HOSTILE,),
    stop=Stop.TOO_MANY_FAILURES,
    drift=(Drift(what="model", before=HOSTILE, after=HOSTILE),),
    baseline=HOSTILE,
)


def test_acceptance_as_json() -> None:
    document = json.loads(dumps(acceptance_document(acceptance())))
    assert document["schema"] == "cardcheck.kiosk/1"
    assert document["rule"]["presentations"] == 59
    assert document["result"]["failure_rate_upper_bound"] == pytest.approx(0.0495, abs=1e-4)
    assert document["result"]["read_milliseconds"] == {"median": 120, "p95": 120, "most": 120}
    assert len(document["presentations"]) == 59


def test_a_check_as_json() -> None:
    document = json.loads(dumps(check_document(morning(GOOD, LOST))))
    assert [each["outcome"] for each in document["readers"]] == ["answered", "lost"]
    assert (document["state"], document["passed"], document["exit_code"]) == ("critical", False, 1)


def test_of_a_card_nothing_but_that_it_answered_has_a_place() -> None:
    """A new field must be thought about: none of these holds anything that a card said."""
    assert set(Presentation.__struct_fields__) == {
        "outcome", "depth", "detect", "read", "retries", "error",
    }  # fmt: skip


def test_csv_opens_in_a_spreadsheet_and_calculates_nothing() -> None:
    text = csv_text(acceptance_table(HOSTILE_RUN))
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert len(rows) == 3
    assert {len(row) for row in rows} == {11}
    assert not any(value[:1] in {"=", "+", "-", "@"} for row in rows for value in row)


@pytest.mark.parametrize(
    ("value", "shown"), [(None, ""), (-5, -5), ("=1", "'=1"), ("-x", "'-x"), ("a", "a")]
)
def test_cells(value: str | int | None, shown: object) -> None:
    assert cell(value) == shown


def test_the_log_has_one_line_whatever_a_station_is_called() -> None:
    check = replace(morning(GOOD, LOST), setting=replace(SETTING, station="a\tb\nc"))
    line = log_line(check)
    assert line.endswith("\n")
    assert line.count("\n") == 1
    assert line.rstrip("\n").split("\t") == [
        "2026-11-22T07:30:00+09:00", "a b c", "ab", "hardware", "NOT PASSED", "1/2",
        "Example Reader 00 00: lost",
    ]  # fmt: skip


class Tags(HTMLParser):
    """Collects elements and everything that a browser would fetch or run."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.bad: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag != "meta":
            self.open.append(tag)
        names = {name for name, _ in attrs}
        if tag in {"script", "img", "iframe", "link", "object"} or names & {
            "src",
            "href",
            "onclick",
        }:
            self.bad.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


@pytest.mark.parametrize("lang", LANGUAGES)
def test_the_sheet_is_whole_and_harmless(lang: Language) -> None:
    html = html_text(acceptance_page(HOSTILE_RUN, load_kiosk(lang)))
    tags = Tags()
    tags.feed(html)
    assert (tags.open, tags.bad) == ([], [])
    assert "size: A4" in html
    assert "\x1b" not in html
    assert "<script" not in html


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("source", ["hardware", "simulation", "replay"])
def test_texts_say_the_verdict_and_never_hide_a_simulation(lang: Language, source: str) -> None:
    messages = load_kiosk(lang)
    setting = replace(SETTING, source=source)
    for text in (
        plain_text(acceptance_screen(acceptance(setting=setting), messages)),
        plain_text(check_screen(replace(morning(GOOD), setting=setting), messages)),
        html_text(acceptance_page(acceptance(setting=setting), messages)),
    ):
        assert messages.label("passed") in text
        for other in ("simulation", "replay"):
            notes = banner(other)
            assert [note in text for note in notes] == [source == other] * 2
    assert "\x1b" not in plain_text(acceptance_screen(HOSTILE_RUN, messages))
    health = Health(at=AT, source=source)
    text = plain_text(health_screen(health, messages))
    assert messages.word("state", "unknown") in text
    assert all(note in text for note in banner(source))


def keys(table: object, at: str = "") -> dict[str, set[str]]:
    """Every key of a table with the values that its text names."""
    import re

    if isinstance(table, str):
        return {at: set(re.findall(r"\{([a-z_]+)\}", table))}
    assert isinstance(table, dict)
    return {k: v for name, inner in table.items() for k, v in keys(inner, f"{at}.{name}").items()}


def test_both_languages_say_the_same_and_every_value_has_a_word() -> None:
    from cardcheck.kiosk.health import Reason, State
    from cardcheck.kiosk.run import Depth, Outcome

    assert keys(load_kiosk("ja").table) == keys(load_kiosk("en").table)
    for section, values in (
        ("outcome", Outcome), ("depth", Depth), ("stop", Stop), ("state", State), ("reason", Reason)
    ):  # fmt: skip
        assert set(load_kiosk("en").table[section]) == {each.value for each in values}
