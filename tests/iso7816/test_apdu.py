# SPDX-License-Identifier: Apache-2.0
"""Command and response APDUs: all seven cases, byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import BadCommandError, MalformedResponseError
from cardcheck.iso7816.apdu import CommandApdu, ResponseApdu

LONG = bytes(range(256))
CASES = [
    ("1", CommandApdu(0x00, 0x20, 0x00, 0x80), "00200080"),
    ("2S", CommandApdu(0x00, 0xB0, 0x01, 0x02, ne=1), "00B0010201"),
    ("2S", CommandApdu(0x00, 0xB0, 0x01, 0x02, ne=256), "00B0010200"),
    ("3S", CommandApdu(0x00, 0xA4, 0x02, 0x0C, b"\x00\x06"), "00A4020C020006"),
    ("3S", CommandApdu(0x00, 0xD6, 0x00, 0x00, LONG[:255]), f"00D60000FF{LONG[:255].hex()}"),
    ("4S", CommandApdu(0x00, 0xA4, 0x04, 0x00, b"\xa0", 256), "00A4040001A000"),
    ("2E", CommandApdu(0x00, 0xB0, 0x00, 0x00, ne=257), "00B00000000101"),
    ("2E", CommandApdu(0x00, 0xB0, 0x00, 0x00, ne=65536), "00B00000000000"),
    ("2E", CommandApdu(0x00, 0xB0, 0x00, 0x00, ne=4, extended=True), "00B00000000004"),
    ("3E", CommandApdu(0x00, 0xD6, 0x00, 0x00, LONG), f"00D60000000100{LONG.hex()}"),
    ("3E", CommandApdu(0x00, 0xD6, 0x00, 0x00, b"\x01", extended=True), "00D6000000000101"),
    ("4E", CommandApdu(0x00, 0x2A, 0x00, 0x00, LONG, 2), f"002A0000000100{LONG.hex()}0002"),
    ("4E", CommandApdu(0x00, 0x2A, 0x00, 0x00, b"\x01", 65536), "002A0000000001010000"),
]


@pytest.mark.parametrize(("case", "command", "encoded"), CASES)
def test_each_case_there_and_back(case: str, command: CommandApdu, encoded: str) -> None:
    raw = bytes.fromhex(encoded)
    assert command.case == case
    assert command.encode() == raw
    again = CommandApdu.parse(raw)
    assert (again.case, again.data, again.ne) == (case, command.data, command.ne)
    assert again.encode() == raw


@pytest.mark.parametrize(
    "raw",
    [
        "",
        "00",
        "002000",
        "00A4020C02",  # with five bytes this is a Le, not a Lc
        "00A4020C0200",
        "00A4020C0200060000",
        "00B0000000 00",
        "00B00000000000 00",
        "00D60000000000 01",
        "00D60000000002 01",
        "00D60000000001 01 00",
        "00D60000000001 01 000000",
    ],
)
def test_what_follows_no_case(raw: str) -> None:
    if len(bytes.fromhex(raw)) == 5:
        assert CommandApdu.parse(bytes.fromhex(raw)).case == "2S"
        return
    with pytest.raises(BadCommandError):
        CommandApdu.parse(bytes.fromhex(raw))


@pytest.mark.parametrize(
    "values",
    [
        {"cla": 256},
        {"p2": -1},
        {"data": bytes(65536)},
        {"ne": 0},
        {"ne": 65537},
        {"extended": True},
    ],
)
def test_what_no_encoding_can_carry(values: dict[str, int | bytes | bool]) -> None:
    header = {"cla": 0, "ins": 0xB0, "p1": 0, "p2": 0}
    with pytest.raises(BadCommandError):
        CommandApdu(**{**header, **values})  # type: ignore[arg-type]


@given(st.binary(max_size=300))
def test_what_parses_encodes_to_itself(raw: bytes) -> None:
    try:
        command = CommandApdu.parse(raw)
    except BadCommandError:
        return
    assert command.encode() == raw


def test_another_length_changes_nothing_else() -> None:
    command = CommandApdu(0x00, 0xB0, 0x01, 0x23, ne=256).with_ne(0x20)
    assert command.encode().hex() == "00b0012320"


def test_answers() -> None:
    answer = ResponseApdu.parse(bytes.fromhex("0102 63C3"))
    assert (answer.data, answer.sw, answer.sw.tries_left) == (b"\x01\x02", 0x63C3, 3)
    assert answer.encode() == bytes.fromhex("010263C3")
    assert "01" not in repr(answer).replace("0x", "")
    for short in (b"", b"\x90"):
        with pytest.raises(MalformedResponseError):
            ResponseApdu.parse(short)
