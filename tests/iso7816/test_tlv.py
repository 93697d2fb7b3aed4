# SPDX-License-Identifier: Apache-2.0
"""BER-TLV: tags of up to three bytes, definite lengths of up to four, and every way to be cut."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import MalformedTlvError
from cardcheck.iso7816 import tlv


@pytest.mark.parametrize(
    ("raw", "tag", "value", "constructed"),
    [
        ("0400", 0x04, "", False),
        ("3003020101", 0x30, "020101", True),
        ("7F210401020304", 0x7F21, "01020304", True),
        ("DF210100", 0xDF21, "00", False),
        ("DF81010100", 0xDF8101, "00", False),
        ("04810100", 0x04, "00", False),
        ("0482000100", 0x04, "00", False),
        ("048400000001AA", 0x04, "AA", False),
    ],
)
def test_one_object(raw: str, tag: int, value: str, *, constructed: bool) -> None:
    item = tlv.read(bytes.fromhex(raw))
    assert (item.tag, item.value.hex().upper(), item.constructed) == (tag, value, constructed)
    assert item.offset + len(item.value) == len(raw) // 2


@pytest.mark.parametrize(
    ("raw", "complaint"),
    [
        ("", "before a tag"),
        ("04", "before a length"),
        ("1F", "inside a tag"),
        ("1F81", "inside a tag"),
        ("1F818101 00", "more than three bytes"),
        ("0480", "indefinite"),
        ("0481", "inside a length"),
        ("048201", "inside a length"),
        ("04850000000001 00", "more than four bytes"),
        ("04FF", "more than four bytes"),
        ("0402AA", "longer than the data"),
        ("3084FFFFFFF0", "longer than the data"),
    ],
)
def test_broken_objects(raw: str, complaint: str) -> None:
    with pytest.raises(MalformedTlvError, match=complaint):
        tlv.read(bytes.fromhex(raw))


def test_walking_stops_at_the_first_fault() -> None:
    walk = tlv.walk(bytes.fromhex("0401AA 0400 04"))
    assert [next(walk).value, next(walk).value] == [b"\xaa", b""]
    with pytest.raises(MalformedTlvError):
        next(walk)
    assert [item.offset for item in tlv.walk(bytes.fromhex("FF0401AA"), 1)] == [3]


@given(st.lists(st.binary(max_size=300), max_size=4))
def test_what_was_written_is_read(values: list[bytes]) -> None:
    raw = b"".join(b"\x04\x82" + len(value).to_bytes(2, "big") + value for value in values)
    assert [item.value for item in tlv.walk(raw)] == values
