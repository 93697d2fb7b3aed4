# SPDX-License-Identifier: Apache-2.0
"""Numbers of one card or person: what is kept because all share it, and what is not."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.cards.redaction.identifiers import (
    has_individual_number,
    may_say_a_pin,
    redact_atqb,
    redact_atr,
)
from cardcheck.iso7816.atr import Atr
from cardcheck.iso7816.hexview import bytes_of, hex_of


@pytest.mark.parametrize(
    "atr",
    [
        "3BE000FF8131FE4514",
        "3BDA13FF8131FB468012392F31C173C601C03B",
        "3B888001000005E0B381A1007F",
        "3B888001000041E0B381A1003B",
        "3B888001004B51FF0081D100BC",
        "3B888001000000009181C100D8",
        "3BF59100FF918171FE400042000100D1D6",
        "3B8F8001804F0CA00000030611003B0000000042",
    ],
)
def test_an_atr_that_all_cards_of_a_kind_share_stays(atr: str) -> None:
    assert hex_of(redact_atr(bytes_of(atr))) == atr


def test_a_number_in_the_place_of_application_data_goes() -> None:
    redacted = redact_atr(bytes_of("3B88800190BE4E5BB381A100A1"))
    assert hex_of(redacted) == "3B888001" + "00" * 8 + "09"
    assert Atr.parse(redacted).raw == redacted


def test_what_is_no_atr_goes_whole() -> None:
    assert redact_atr(bytes_of("3B88800190BE")) == bytes(6)
    assert redact_atr(b"") == b""


@given(st.binary(max_size=40))
def test_any_atr_keeps_its_length_and_settles(atr: bytes) -> None:
    redacted = redact_atr(atr)
    assert len(redacted) == len(atr)
    assert redact_atr(redacted) == redacted


def test_a_pupi_becomes_zero() -> None:
    assert redact_atqb(bytes_of("5090BE4E5B000005E0B381A100")) == bytes_of(
        "5000000000000005E0B381A100"
    )


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"123456789018", True),
        (b"\xff\x10\x0c123456789018\xff", True),
        (b"000000000000", False),
        (b"123456789010", False),
        (b"1234567890181", False),
        (b"999999999999", False),
        (b"12345678901", False),
    ],
)
def test_an_individual_number_is_known_by_its_check_digit(data: bytes, found: bool) -> None:
    assert has_individual_number(data) is found


@pytest.mark.parametrize(
    "text",
    ["note: PIN 1234", "note: my PIN is 1234", "note: PIN=1234", "note: 暗証番号は1234",
     "note: the password was ABC123", "note: 1234", "note: tried with 9876 twice",
     "note: PIN 6984"],
)  # fmt: skip
def test_a_pin_in_a_note_is_seen(text: str) -> None:
    assert may_say_a_pin(text, anywhere=True)


@pytest.mark.parametrize(
    "text",
    ["note: the PIN is locked, and the card says so with 6984", "note: EF 0008: both exist",
     "note: 0408/0012 is blocked as issued", "note: issued until 2015-12", "note: sw=63C0@22",
     "note: LDS1 of ICAO 9303-10 answers", "note: PIN is answered 6D00 (sw=6D00@22)"],
)  # fmt: skip
def test_a_note_without_a_pin_stays(text: str) -> None:
    assert not may_say_a_pin(text, anywhere=True)
