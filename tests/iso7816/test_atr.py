# SPDX-License-Identifier: Apache-2.0
"""Answers to reset: the published ones of the cards that people have, and broken ones."""

from __future__ import annotations

import pytest

from cardcheck.errors import MalformedAtrError
from cardcheck.iso7816.atr import Atr

# LudovicRousseau/pcsc-tools smartcard_list.txt and OpenSC/OpenSC card-jpki.c
CONTACT = [
    "3BE000FF8131FE4514",
    "3BDA13FF8131FB468012392F31C173C601C03B",
    "3BC5FF8131FB458073C6010000",
    "3BF41300008131FE45004E0000A2",
    "3BE700FF8131FE458031C073C62148BE",
    "3BE700FF81B1FE451F018031C073C6214820",
    "3BEE00008131804380318066B1A30401110B83009000D4",
    "3BF59100FF918171FE400042000100D1D6",
    "3BF59100FF918171FE4000420001B3A115",
    "3BF59100FF918171FE4000420001B3C175",
]
TYPE_B = {
    "3B888001000005E0B381A1007F": ("000005E0", "B381A1", 0xA),
    "3B888001000041E0B381A1003B": ("000041E0", "B381A1", 0xA),
    "3B888001004B51FFB381D1000F": ("004B51FF", "B381D1", 0xD),
    "3B888001004B51FF0081D100BC": ("004B51FF", "0081D1", 0xD),
    "3B888001000014E0B38191005E": ("000014E0", "B38191", 0x9),
    "3B888001000000009181C100D8": ("00000000", "9181C1", 0xC),
}
FELICA = "3B8F8001804F0CA00000030611003B0000000042"
BCAS = "3BF01200FF9181B17C451F0399"


@pytest.mark.parametrize("text", [*CONTACT, *TYPE_B, FELICA, BCAS])
def test_published_atrs_are_whole(text: str) -> None:
    atr = Atr.parse(bytes.fromhex(text))
    assert atr.raw == bytes.fromhex(text)
    assert atr.tck == atr.raw[-1]
    assert 1 in atr.protocols


@pytest.mark.parametrize("text", [*CONTACT, FELICA, BCAS])
def test_what_is_no_type_b_atr_says_nothing_of_type_b(text: str) -> None:
    assert Atr.parse(bytes.fromhex(text)).type_b is None


@pytest.mark.parametrize("text", TYPE_B)
def test_the_type_b_bytes(text: str) -> None:
    application_data, protocol_info, fwi = TYPE_B[text]
    type_b = Atr.parse(bytes.fromhex(text)).type_b
    assert type_b is not None
    assert type_b.application_data.hex().upper() == application_data
    assert type_b.protocol_info.hex().upper() == protocol_info
    assert (type_b.fwi, type_b.iso14443_4, type_b.mbli) == (fwi, True, 0)


def test_the_parts_of_a_my_number_card() -> None:
    atr = Atr.parse(bytes.fromhex(CONTACT[1]))
    assert atr.interface == {
        "TA1": 0x13, "TC1": 0xFF, "TD1": 0x81, "TD2": 0x31, "TA3": 0xFB, "TB3": 0x46,
    }  # fmt: skip
    assert atr.historical.hex().upper() == "8012392F31C173C601C0"
    assert atr.protocols == (1,)


def test_the_least_atr_has_neither_protocol_nor_check_byte() -> None:
    atr = Atr.parse(bytes.fromhex("3B00"))
    assert (atr.protocols, atr.historical, atr.tck) == ((0,), b"", None)
    assert Atr.parse(bytes.fromhex("3F02AABB")).historical == b"\xaa\xbb"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("", "of 0 bytes"),
        ("3B", "of 1 bytes"),
        ("3B" + "00" * 33, "of 34 bytes"),
        (CONTACT[1] + "00" * 15, "of 34 bytes"),
        ("0000", "TS is 00"),
        ("3B80", "inside the interface"),
        ("3BDA13FF81", "inside the interface"),
        ("3BDA13FF8131FB4680", "inside the historical"),
        (CONTACT[1][:-2], "TCK missing"),
        (CONTACT[1][:-2] + "3A", "TCK is wrong"),
        (CONTACT[1] + "00", "behind the end"),
        ("3B0000", "behind the end"),
        ("3BF0", "inside the interface"),
        ("3B" + "80" * 32, "inside the interface"),
    ],
)
def test_broken_atrs(text: str, complaint: str) -> None:
    with pytest.raises(MalformedAtrError, match=complaint):
        Atr.parse(bytes.fromhex(text))


@pytest.mark.parametrize("text", [*CONTACT, *TYPE_B])
def test_any_wrong_bit_behind_the_interface_bytes_is_seen(text: str) -> None:
    raw = bytes.fromhex(text)
    for index in range(2 + len(Atr.parse(raw).interface), len(raw)):
        for bit in range(8):
            broken = bytearray(raw)
            broken[index] ^= 1 << bit
            with pytest.raises(MalformedAtrError, match="TCK is wrong"):
                Atr.parse(bytes(broken))
