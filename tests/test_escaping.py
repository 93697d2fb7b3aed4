# SPDX-License-Identifier: Apache-2.0
"""What acts on a terminal or in a log of CI is shown instead."""

from __future__ import annotations

import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.catalog.messages import load
from cardcheck.escaping import harmless_text, harmless_value
from cardcheck.output.streams import write_lines, write_text

BIDI = "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
COMMANDS = ["::error file=x::forged", " \t::set-output name=a::b", "##[error]x", "a ##vso[task.x]y"]


@given(st.text())
def test_a_value_is_one_line_in_which_nothing_acts(text: str) -> None:
    shown = harmless_value(text)
    assert not any(ord(sign) < 0x20 or 0x7F <= ord(sign) <= 0x9F for sign in shown)
    assert not set(shown) & set(
        "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u2028\u2029"
    )
    assert harmless_value(shown) == shown
    shown.encode()


@given(st.text())
def test_a_text_keeps_its_lines(text: str) -> None:
    shown = harmless_text(text)
    assert shown.count("\n") == text.count("\n")
    assert harmless_text(shown) == shown


@pytest.mark.parametrize("command", COMMANDS)
def test_no_line_is_a_command_of_ci(command: str) -> None:
    for text in (command, f"a\n{command}\nb"):
        shown = harmless_text(text)
        assert not any(line.lstrip().startswith("::") for line in shown.split("\n"))
        assert "##[" not in shown
        assert "##vso[" not in shown


def test_a_harmless_text_stays() -> None:
    text = "a\tb\r\n\r\nrest: 1::2 | \u65e5\u672c\u8a9e \u2713 # x\n"
    assert harmless_text(text) == text
    assert harmless_value("https://example.jp/a?b=c::d") == "https://example.jp/a?b=c::d"


@given(st.dictionaries(st.text(), st.sampled_from([*COMMANDS, "\x1b", "\x9b", "\u202e", "\x7f"])))
def test_a_document_in_json_says_the_same(values: dict[str, str]) -> None:
    assert json.loads(harmless_text(json.dumps(values, ensure_ascii=False))) == values


def test_whatever_is_written_is_harmless() -> None:
    stream = io.StringIO()
    write_text(stream, "a\x1b]0;title\x07\u202eb\n::error::c\n")
    write_lines(stream, ["d\n::error::e", "::error::f"])
    assert stream.getvalue() == (
        "a\\u001b]0;title\\u0007\\u202eb\n\\u003a:error::c\nd\\n::error::e\n\\u003a:error::f\n"
    )


def test_the_values_of_a_sentence_are_harmless() -> None:
    line = load("en").label("data-refused", reason="a\n::error::b\x1b", as_of="\u202e")
    assert r"a\n::error::b\u001b" in line
    assert r"\u202e" in line
