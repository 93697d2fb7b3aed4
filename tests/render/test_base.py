# SPDX-License-Identifier: Apache-2.0
"""Untrusted text, widths and wrapping."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from importlib.resources import files
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.render.base import cell_width, joined, padded, rows, safe, wrapped

if TYPE_CHECKING:
    from collections.abc import Iterator

JAPANESE = st.text("あいう漢字カード、。（）「」ー っ abcXYZ 123:;", max_size=120)


@pytest.mark.parametrize(
    ("given_text", "harmless"),
    [
        ("SONY RC-S300", "SONY RC-S300"),
        ("a\x1b[31mred\x1b]0;title\x07", "a[31mred]0;title"),
        ("a\x9b31m\x80b\x7f", "a31mb"),
        ("one\r\ntwo\tthree\u2028four\x85five", "one  two three four five"),
        ("\u202eevil\u2066\u200b\ufeff\u061c", "evil"),
        ("\udc80x\ud800", "\ufffdx\ufffd"),
        ("日本語 ー", "日本語 ー"),
    ],
)
def test_untrusted_text_becomes_one_harmless_line(given_text: str, harmless: str) -> None:
    assert safe(given_text) == harmless


@given(st.text(st.characters(exclude_categories=())))
def test_nothing_that_steers_a_terminal_is_left(text: str) -> None:
    categories = {unicodedata.category(character) for character in safe(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert safe(safe(text)) == safe(text)
    safe(text).encode("utf-8")


@pytest.mark.parametrize(
    ("text", "cells"),
    [("", 0), ("abc", 3), ("漢字", 4), ("カード", 6), ("ｱ", 1), ("が", 2), ("✓", 1)],
)
def test_width_is_counted_in_cells(text: str, cells: int) -> None:
    assert cell_width(text) == cells
    assert cell_width(unicodedata.normalize("NFD", text)) == cells


def test_padding_counts_cells() -> None:
    assert padded("漢", 4) + "|" == "漢  |"
    assert padded("漢字漢", 4) == "漢字漢"


@given(JAPANESE, st.integers(20, 90), st.sampled_from(["", "- ", "次: "]))
def test_lines_fit_and_nothing_is_lost(text: str, width: int, first: str) -> None:
    lines = wrapped(text, width, first=first)
    assert all(cell_width(line) <= width + 2 * len("、。）」") for line in lines)
    assert "".join("".join(lines).split()) == "".join((first + text).split())


@given(st.text("あ漢a ", max_size=80), st.integers(20, 60))
def test_without_punctuation_no_line_is_too_wide(text: str, width: int) -> None:
    assert all(cell_width(line) <= width for line in wrapped(text, width, first="* "))


def test_punctuation_does_not_begin_a_line_and_brackets_do_not_end_one() -> None:
    assert wrapped("カードです。", 10) == ["カードで", "す。"]
    assert wrapped("カード（例）", 8) == ["カード", "（例）"]


def test_words_of_latin_letters_stay_whole_where_they_can() -> None:
    assert wrapped("the card reader", 9) == ["the card", "reader"]
    assert wrapped("abcdefghij", 4) == ["abcd", "efgh", "ij"]


def test_line_feeds_begin_lines_that_are_indented() -> None:
    assert wrapped("one\ntwo", 20, first="- ") == ["- one", "  two"]


def test_a_stroke_stays_on_the_line_of_what_it_follows() -> None:
    assert wrapped(joined("aaaa", None, "", "bbbb"), 8) == ["aaaa /", "bbbb"]


def test_rows_hold_whole_pieces() -> None:
    assert rows(["漢字", "abc", "de"], 9) == [["漢字", "abc"], ["de"]]
    assert rows([], 9) == []
    assert rows(["too wide for it"], 4) == [["too wide for it"]]


WIDTHS = (40, 50, 60, 78, 100, 120)
INSIDE = re.compile(  # of words and endings: what a line must not be cut at
    r"(?:お|ご)\n|[しみりちいえけせべれきぎ]\n[込直取替方続合始終]|\n(?:ます|です|ました|ください|ません)"
)


def every_text() -> Iterator[str]:
    def texts(value: object) -> Iterator[str]:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | dict):
            for each in value.values() if isinstance(value, dict) else value:
                yield from texts(each)

    for path in Path(str(files("cardcheck.catalog"))).rglob("*.toml"):
        for text in texts(tomllib.loads(path.read_text(encoding="utf-8"))):
            if not text.isascii() and "\n" not in text:
                yield text


@pytest.mark.parametrize("width", WIDTHS)
def test_no_line_ends_within_a_phrase(width: int) -> None:
    """But where the phrase alone is longer than the line."""
    for text in every_text():
        for above, below in pairwise(wrapped(text, width)):
            phrase = re.split(r"[、。・：「（ ]", below)[0]
            whole = cell_width(above.split(" ")[-1]) + cell_width(phrase)
            at_blank = f"{above[-3:]}{below[:3]}" not in text
            if not at_blank and INSIDE.search(f"{above[-1:]}\n{below[:6]}"):
                assert whole > width, (above, below)


@pytest.mark.parametrize(
    ("text", "width", "expected"),
    [
        (
            "電子証明書の更新（無料）をお申し込みください。",
            20,
            ["電子証明書の更新", "（無料）を", "お申し込みください。"],
        ),
        ("本人確認書類を持って窓口へ", 18, ["本人確認書類を", "持って窓口へ"]),
        ("残り2年以上、残り3回（最大3回）", 16, ["残り2年以上、", "残り3回", "（最大3回）"]),
        ("カードを置き直してください。", 20, ["カードを", "置き直してください。"]),
    ],
)
def test_where_a_phrase_ends(text: str, width: int, expected: list[str]) -> None:
    assert wrapped(text, width) == expected
