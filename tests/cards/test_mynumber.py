# SPDX-License-Identifier: Apache-2.0
"""The file map: what is in it, and above all what is not."""

from __future__ import annotations

from cardcheck.cards import mynumber
from cardcheck.cards.model import COUNTER_QUERY, read_binary, read_record, select_file
from cardcheck.facts.card import CardKind, PinId
from cardcheck.iso7816.atr import Atr

# soltia48/myna-card, OpenSC card-jpki.c: what a PIN protects, and the keys
PRIVATE = {
    ("jpki", 0x0001), ("jpki", 0x0017), ("jpki", 0x001A),
    ("text-input", 0x0001), ("text-input", 0x0002), ("text-input", 0x0003),
    ("text-input", 0x0012), ("text-input", 0x0014), ("text-input", 0x0015),
}  # fmt: skip


def test_nothing_private_is_listed() -> None:
    listed = {(app.id, file) for app in mynumber.APPLICATIONS for file in app.files}
    assert not listed & PRIVATE
    assert not {app.aid.hex().upper() for app in mynumber.APPLICATIONS} & {
        "D3921000310001010402",  # the card's face
    }


def test_a_pin_file_is_never_readable() -> None:
    for app in mynumber.APPLICATIONS:
        assert not set(app.pins) & (app.readable | {file for file, _ in app.records})


def test_every_pin_has_its_place_and_number_of_tries() -> None:
    assert set(mynumber.TRIES_MAX) == set(PinId)
    assert {pin for app in mynumber.APPLICATIONS for pin in app.pins.values()} == set(PinId)


def test_names_are_full_and_none_is_the_beginning_of_another() -> None:
    names = [app.aid for app in (*mynumber.APPLICATIONS, *mynumber.FOREIGN)]
    assert all(5 <= len(name) <= 16 for name in names)
    for one in names:
        assert [other for other in names if other.startswith(one)] == [one]


def test_the_atr_alone_names_three_kinds_only() -> None:
    """The contract: FeliCa, B-CAS and ETC."""
    assert set(mynumber.FOREIGN_ATRS.values()) == {CardKind.FELICA, CardKind.BCAS, CardKind.ETC}
    for atr in mynumber.FOREIGN_ATRS:
        assert Atr.parse(atr).raw == atr


def test_no_other_card_is_taken_for_a_my_number_card() -> None:
    assert not any(each.kind.has_jpki for each in mynumber.FOREIGN)
    assert {kind for kind in CardKind if kind.is_my_number} == {
        CardKind.MY_NUMBER,
        CardKind.UNKNOWN_JPKI,
    }


def test_the_commands() -> None:
    assert COUNTER_QUERY.encode().hex() == "00200080"
    assert select_file(0x000A).encode().hex().upper() == "00A4020C02000A"
    assert read_binary(0x0600, 35).encode().hex().upper() == "00B0060023"
    assert read_binary(0x7FFF, 256).encode().hex().upper() == "00B07FFF00"
    assert read_record(1).encode().hex().upper() == "00B2010400"
