# SPDX-License-Identifier: Apache-2.0
"""Codes are recognised in any spelling, and other numbers are not taken for codes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.codes import all_codes, codes_in, unknown_codes_in

PCSC = [code for code in all_codes() if code.key.startswith("0x8")]


@pytest.mark.parametrize(
    "text",
    [
        "0x8010001D",
        "0X8010001d",
        "8010001D",
        "-2146435043",
        "2148532253",
        "SCARD_E_NO_SERVICE",
        "scard_e_no_service",
        "scard e no service",
        "ＳＣＡＲＤ＿Ｅ＿ＮＯ＿ＳＥＲＶＩＣＥ",
        "０ｘ８０１０００１Ｄ",
        "−2146435043",
        "Failed to establish context: Service not available. (0x8010001D)",
        "エラー0x8010001Dが出ました",
    ],
)
def test_one_code_in_many_spellings(text: str) -> None:
    (code,) = codes_in(text)
    assert code.key == "0x8010001D"
    assert code.sure


@pytest.mark.parametrize(
    "text",
    [
        "6984",
        "69 84",
        "0x6984",
        "SW=6984",
        "SW: 69 84",
        "SW1=69 SW2=84",
        "SW1SW2=6984",
        "６９８４",
        "69:84",
        "6984h",
    ],
)
def test_a_status_word_in_many_spellings(text: str) -> None:
    (code,) = codes_in(text)
    assert (code.key, code.sure, code.entries[0]) == ("6984", True, "pin-locked")


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("EW044-C300", "EW044-C300"),
        ("ew044c300", "EW044-C300"),
        ("EM044ーC300", "EW044-C300"),
        ("ＥＷ０４４－Ｃ３００と出ます", "EW044-C300"),
        ("HJS0407E", "HJS0407E"),
        ("エラーコード：ＨＪＳ０４３２Ｅ", "HJS0432E"),
        ("EI123-2008", "EI123-2008"),
        ("00210026", "E0008"),
        ("EW104J1502 詳細 0x00000006", "EW104J1502"),
    ],
)
def test_codes_of_login_software(text: str, key: str) -> None:
    assert key in [code.key for code in codes_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "6700円",
        "2026年11月",
        "0120-95-0178",
        "12.6984",
        "A6984B",
        "16984",
        "電話 090-6984-1234",
        "暗証番号",
    ],
)
def test_other_numbers_are_no_codes(text: str) -> None:
    assert codes_in(text) == ()


def test_a_number_in_a_sentence_is_only_perhaps_a_code() -> None:
    (code,) = codes_in("カードから6982が返ってきた")
    assert not code.sure


@pytest.mark.parametrize(("word", "tries"), [("63C1", 1), ("63C5", 5), ("63CF", 15)])
def test_tries_left_are_named(word: str, tries: int) -> None:
    (code,) = codes_in(word)
    assert str(tries) in code.text("ja")
    assert str(tries) in code.text("en")
    assert code.entries[0] == "pin-wrong-few-left"


def test_no_tries_left_is_a_lock() -> None:
    (code,) = codes_in("63C0")
    assert code.entries[0] == "pin-locked"


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("EW999-C111", "EW999-C111"),
        ("HJS9999E", "HJS9999E"),
        ("MKCZ999E", "MKCZ999E"),
        ("0x8010FFFF", "0X8010FFFF"),
    ],
)
def test_an_unlisted_code_is_said_to_be_one(text: str, key: str) -> None:
    (unknown,) = unknown_codes_in(f"{text} が出た")
    assert unknown.key == key
    assert unknown.entries


@pytest.mark.parametrize(
    "text", ["EW044-C300", "EM044C300", "HJS0407E", "0x8010001D", "E0008", "EW104J1502"]
)
def test_a_listed_code_is_not_unknown(text: str) -> None:
    assert unknown_codes_in(text) == ()


@settings(max_examples=100, derandomize=True)
@given(st.sampled_from(PCSC), st.sampled_from(["hex", "bare", "signed", "unsigned", "name"]))
def test_every_pcsc_code_is_found_by_every_spelling(code: object, spelling: str) -> None:
    row = next(item for item in PCSC if item is code)
    value = int(row.key, 16)
    text = {
        "hex": row.key,
        "bare": row.key[2:],
        "signed": str(value - (1 << 32)),
        "unsigned": str(value),
        "name": row.name or "",
    }[spelling]
    assert codes_in(text)[0].key == row.key


@settings(max_examples=150, derandomize=True)
@given(st.text(max_size=60))
def test_no_text_breaks_it(text: str) -> None:
    for code in codes_in(text):
        assert code.text("ja")
    unknown_codes_in(text)
