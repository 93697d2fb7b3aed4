# SPDX-License-Identifier: Apache-2.0
"""Readers and cards are recognised in what people paste, and nothing else is taken for one."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.catalog.devices import devices_in
from cardcheck.catalog.knowledge import entries
from cardcheck.catalog.reader_table import reader_table
from cardcheck.catalog.search import search


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("RC-S380", "RC-S380/S"),
        ("ＲＣ−Ｓ３００", "RC-S300/S"),
        ("rc-s320で読めますか", "RC-S320"),
        ("ADR-MNICU2", "ADR-MNICU2"),
        ("Bus 001 Device 004: ID 054c:06c3 Sony Corp. RC-S380", "RC-S380/P"),
        (r"USB\VID_054C&PID_0DC8\1234567", "RC-S300/S"),
        ("0: Sony FeliCa Port/PaSoRi 4.0 00 00", "RC-S300/S"),
        ("Reader 0: ACS ACR39U ICC Reader 00 00", "ACR39"),
    ],
)
def test_a_reader_is_named(text: str, title: str) -> None:
    assert any(title in code.key for code in devices_in(text))
    assert search(text).hits[0].entry.id in {"reader-model", "reader-incompatible"}


def test_a_reader_that_cannot_do_it_is_said_so_first() -> None:
    (code,) = devices_in("RC-S320")
    assert code.entries[0] == "reader-incompatible"
    assert "cannot" in code.text("en")


def test_an_unlisted_reader_is_said_to_be_unlisted() -> None:
    (code,) = devices_in("Bus 003 Device 002: ID dead:beef Nobody")
    assert code.key == "dead:beef"
    assert "not in the table" in code.text("en")


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("3B 88 80 01 00 00 41 E0 B3 81 A1 00 3B", "My Number cards answer"),
        ("ATR: 3B888001000005E0B381A1007F", "My Number cards answer"),
        ("3b:88:80:01:00:00:14:e0:b3:81:91:00:5e", "Basic Resident Register"),
        ("3B 8F 80 01 80 4F 0C A0 00 00 03 06 03 00 01 00 00 00 00 6A", "does not tell"),
    ],
)
def test_an_atr_is_named_and_not_repeated(text: str, says: str) -> None:
    (code,) = devices_in(text)
    assert says in code.text("en")
    assert code.key == "ATR"  # the bytes may hold the number of one card
    assert search(text).hits[0].entry.id in {"card-atr", "card-juki"}


@pytest.mark.parametrize(
    "text", ["", "12:34:56", "2026:1128", "カードが読めない", "Windows 11", "iPhone 15", "3B"]
)
def test_nothing_else_is_a_device(text: str) -> None:
    assert devices_in(text) == ()


@pytest.mark.parametrize("model", reader_table().models, ids=lambda model: str(model.id))
def test_every_model_with_ids_is_found_by_them(model: object) -> None:
    row = next(item for item in reader_table().models if item is model)
    if row.usb is not None:
        assert row.title in [code.key for code in devices_in(f"ID {':'.join(row.usb)} x")]


@settings(max_examples=150, derandomize=True)
@given(st.text(max_size=80) | st.binary(max_size=40).map(lambda raw: f"3B{raw.hex()}"))
def test_no_text_breaks_it(text: str) -> None:
    for code in devices_in(text):
        assert set(code.entries) <= set(entries())
        assert code.text("ja")
