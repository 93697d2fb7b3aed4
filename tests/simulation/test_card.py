# SPDX-License-Identifier: Apache-2.0
"""The virtual card answers as ISO/IEC 7816-4, JICSAP and the published transcripts say."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.simulation.card import Behaviour, VirtualCard
from cardcheck.simulation.files import (
    Application,
    ElementaryFile,
    KeyFile,
    PinFile,
    RecordFile,
    TransparentFile,
)
from cardcheck.simulation.mynumber import AUTHENTICATION_PIN, Variant, build
from cardcheck.simulation.profiles import profile

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
AID = bytes.fromhex("D392F000260100000001")
SELECT_AID = "00A4040C0A" + AID.hex()
CONTENT = bytes(range(256)) + b"\x2a" * 44


def small_card(**behaviour: bool | int) -> VirtualCard:
    """A card with one file of each sort, switched on and its application selected."""
    files: dict[int, ElementaryFile] = {
        0x0001: TransparentFile(b"secret", pin=0x0018),
        0x0002: RecordFile((b"first", b"second")),
        0x000A: TransparentFile(CONTENT),
        0x0017: KeyFile(),
        0x0018: PinFile(b"1357", 3, 3),
    }
    other = Application(bytes.fromhex("A0000001510000"), data_objects={0x0066: b"\x66\x00"})
    card = VirtualCard(
        atr=bytes.fromhex("3B80800101"),
        applications=[Application(AID, files), other],
        default=other,
        behaviour=Behaviour(**behaviour),  # type: ignore[arg-type]
    )
    card.power_on()
    return card


def ask(card: VirtualCard, *commands: str) -> str:
    """The last answer in upper-case hexadecimal digits."""
    answer = b""
    for command in commands:
        got = card.transmit(bytes.fromhex(command))
        assert got is not None
        answer = got
    return answer.hex().upper()


def sw_after(*commands: str, **behaviour: bool | int) -> str:
    return ask(small_card(**behaviour), *commands)[-4:]


@pytest.mark.parametrize(
    ("commands", "expected"),
    [
        (["00A4040C05D392F00026"], "9000"),  # the beginning of a name will do
        (["00A4040C0AD392F000260100000002"], "6A82"),
        (["00A4040C"], "6A82"),
        (["00A40400" + SELECT_AID[8:] + "00"], "6F0C840A" + AID.hex().upper() + "9000"),
        (["00A40000"], "6A86"),
        ([SELECT_AID, "00A40000"], "9000"),
        ([SELECT_AID, "00A40000023F00"], "6A82"),
        ([SELECT_AID, "00A4080C020001"], "6A86"),
        ([SELECT_AID, "00A4020C020009"], "6A82"),
        (["00A4020C02000A"], "6A82"),  # no such file outside the application
        ([SELECT_AID, "00A4020C02000A", "00B0000004"], "000102039000"),
        ([SELECT_AID, "00B08A0404"], "040506079000"),  # by short id; it becomes current
        ([SELECT_AID, "00B08A0004", "00B0010000"], (b"\x2a" * 44).hex().upper() + "9000"),
        ([SELECT_AID, "00A4020C02000A", "00B00000000100"], CONTENT[:256].hex().upper() + "9000"),
        ([SELECT_AID, "00A4020C02000A", "00B00000000000"], CONTENT.hex().upper() + "9000"),
        ([SELECT_AID, "00A4020C02000A", "00B0012C01"], "6B00"),
        ([SELECT_AID, "00B0000000"], "6986"),
        ([SELECT_AID, "00B08A00"], "6700"),
        ([SELECT_AID, "00B20114"], "6700"),
        (["00CA0066"], "6700"),
        ([SELECT_AID, "00200018"], "6A86"),
        ([SELECT_AID, "00A4020C020018", "00B0000000"], "6981"),
        ([SELECT_AID, "00A4020C020017", "00B0000000"], "6981"),
        ([SELECT_AID, "00A4020C020002", "00B0000000"], "6981"),
        ([SELECT_AID, "00A4020C020001", "00B0000000"], "6982"),
        ([SELECT_AID, "00B0CA0000"], "6A86"),
        ([SELECT_AID, "00A4020C020002", "00B2010400"], b"first".hex().upper() + "9000"),
        ([SELECT_AID, "00B2021400"], b"second".hex().upper() + "9000"),
        ([SELECT_AID, "00B2031400"], "6A83"),
        ([SELECT_AID, "00B2011500"], "6A81"),
        ([SELECT_AID, "00B2015400"], "6981"),
        (["00CA006600"], "66009000"),
        (["00CA004500"], "6A88"),
        ([SELECT_AID, "00CA006600"], "6A88"),
        (["00200080"], "6986"),
        ([SELECT_AID, "00A4020C020018", "00200080"], "63C3"),
        ([SELECT_AID, "00200098"], "63C3"),
        ([SELECT_AID, "00A4020C02000A", "00200080"], "6981"),
        ([SELECT_AID, "00A4020C020018", "0020008000"], "6700"),
        (["0088000000"], "6D00"),
        (["80CA006600"], "6E00"),
        (["FFCA000000"], "6E00"),
        (["00A4040C05D392"], "6700"),
        (["00C0000010"], "6985"),
    ],
)
def test_answers(commands: list[str], expected: str) -> None:
    assert ask(small_card(), *commands) == expected


def test_failing_select_keeps_application_and_file() -> None:
    card = small_card()
    ask(card, SELECT_AID, "00A4020C02000A")
    assert ask(card, "00A4040C05A000000003") == "6A82"
    assert ask(card, "00A4020C020099") == "6A82"
    assert ask(card, "00B0000001") == "009000"


def test_selecting_an_application_forgets_the_file() -> None:
    assert ask(small_card(), SELECT_AID, "00A4020C020018", SELECT_AID, "00200080") == "6986"


def test_verify_checks_the_pin_counts_and_locks() -> None:
    card = small_card()
    wrong, right = "0020008004" + b"0000".hex(), "0020008004" + b"1357".hex()
    ask(card, SELECT_AID, "00A4020C020018")
    assert [ask(card, wrong), ask(card, wrong)] == ["63C2", "63C1"]
    assert ask(card, right) == "9000"
    assert ask(card, "00200080") == "9000"
    assert ask(card, "00A4020C020001", "00B0000000") == b"secret".hex().upper() + "9000"
    ask(card, "00A4020C020018")
    assert [ask(card, wrong) for _ in range(4)] == ["63C2", "63C1", "63C0", "6984"]
    assert ask(card, right) == "6984"
    assert ask(card, "00200080") == "63C0"
    assert card.pin_attempts == 8


@pytest.mark.parametrize(
    "command", ["002400800431323334", "8032008001AA", "002C00800131", "002000800531"]
)
def test_everything_that_carries_data_to_a_pin_is_counted(command: str) -> None:
    card = small_card()
    ask(card, SELECT_AID, "00A4020C020018", command)
    assert card.pin_attempts == 1
    assert ask(card, "00200080") == "63C3"


def test_queries_are_not_counted_and_cost_nothing() -> None:
    card = small_card()
    ask(card, SELECT_AID, "00A4020C020018")
    assert {ask(card, "00200080") for _ in range(9)} == {"63C3"}
    assert card.pin_attempts == 0


def test_warm_reset_keeps_a_verified_pin_and_power_off_does_not() -> None:
    card = small_card()
    ask(card, SELECT_AID, "00A4020C020018", "0020008004" + b"1357".hex())
    assert card.reset() == card.atr
    assert ask(card, "00200080") == "6986"
    assert ask(card, SELECT_AID, "00200098") == "9000"
    card.power_off()
    assert card.transmit(b"\x00\x20\x00\x98") is None
    card.power_on()
    assert ask(card, SELECT_AID, "00200098") == "63C3"


def test_pins_held_open_survive_power_off() -> None:
    card = small_card()
    card.hold_pins_open()
    card.power_off()
    card.power_on()
    assert ask(card, SELECT_AID, "00200098") == "9000"
    assert ask(card, "00B0810000") == b"secret".hex().upper() + "9000"


def test_behaviours() -> None:
    assert sw_after(SELECT_AID, first_command_fails=True) == "6F00"
    assert sw_after(SELECT_AID, SELECT_AID, first_command_fails=True) == "9000"
    assert sw_after(SELECT_AID, "00A4020C02000A", "00B00000000000", extended=False) == "6700"
    assert sw_after("00A4040C05A000000003", unknown_application=0x6A81) == "6A81"
    assert sw_after("00A40000", has_mf=True) == "9000"
    locked = small_card(blocked=0x6984)
    locked.applications[0].pins()[0].tries_left = 0
    assert ask(locked, SELECT_AID, "00200098") == "6984"


def test_lengths_are_announced_and_fetched_in_pieces() -> None:
    card = small_card(announces_length=True)
    assert ask(card, SELECT_AID, "00A4020C02000A", "00B0000000") == "6100"
    assert ask(card, "00C0000003") == "00010261FD"
    assert ask(card, "00C00000FD") == CONTENT[3:256].hex().upper() + "9000"
    assert ask(card, "00C0000001") == "6985"


def test_lengths_are_corrected() -> None:
    card = small_card(corrects_length=True)
    assert ask(card, SELECT_AID, "00A4020C02000A", "00B0010000") == "6C2C"
    assert ask(card, "00B001002C") == (b"\x2a" * 44).hex().upper() + "9000"
    assert ask(card, "00B2011400") == "6C05"
    assert ask(card, "00B2011405") == b"first".hex().upper() + "9000"


def test_a_silent_card_never_answers() -> None:
    card = VirtualCard(atr=b"")
    assert card.power_on() == b""
    assert card.transmit(b"\x00\xa4\x04\x0c") is None
    assert card.log == []


PUBLISHED = [
    ("9.1", SELECT_AID, "9000"),
    ("9.1", "00A4020C02000A", "9000"),
    ("9.1", "00B0000004", "3082061F9000"),
    ("9.2", "00A4020C020018", "9000"),
    ("9.2", "00200080", "63C3"),
    ("9.2", "00A4020C02001B", "9000"),
    ("9.2", "00200080", "63C5"),
    ("9.3", "00A4020C020001", "9000"),
    ("9.3", "00B0000004", "6982"),
    ("9.7", "00A4020C020008", "9000"),
    ("9.7", "00B0000000", "8F8F009000"),
    ("9.2", "00A4040C0AD3921000310001010408", "9000"),
    ("9.2", "00A4020C020011", "9000"),
    ("9.2", "00200080", "63C3"),
    ("9.2", "00A4020C020012", "9000"),
    ("9.2", "00200080", "63C0"),
    ("9.8", "00A4040C0AD3921000310001010100", "9000"),
    ("9.8", "00A4020C020001", "9000"),
    ("9.9", "00A4040C07A0000001510000", "9000"),
    ("9.9", "00CA5F5100", "E000FF8131FE45149000"),
    ("9.11", "00A4040C10A0000002310600000000000000000000", "6A82"),
]


def test_published_transcripts_of_my_number_cards() -> None:
    card = build(Variant(), NOW)
    card.power_on()
    assert [(section, c, ask(card, c)) for section, c, _ in PUBLISHED] == PUBLISHED


def test_published_transcript_of_a_licence_on_the_card() -> None:
    reader = profile("licence-on-card").readers[0]
    assert reader.make_card is not None
    card = reader.make_card(NOW)
    card.power_on()
    assert ask(card, "00A4040C10A0000002310600000000000000000000") == "9000"
    assert ask(card, "00B09A0003") == "C101019000"
    assert ask(card, "00200086") == "63CA"


@settings(max_examples=200, derandomize=True)
@given(st.lists(st.binary(max_size=24), max_size=8))
def test_any_bytes_get_a_status_word_and_no_pin_is_opened(commands: list[bytes]) -> None:
    card = build(Variant(), NOW)
    card.power_on()
    for command in commands:
        answer = card.transmit(command)
        assert answer is not None
        assert len(answer) >= 2
    assert card.log == commands
    right = any(AUTHENTICATION_PIN in command for command in commands)
    assert right or not any(pin.verified for a in card.applications for pin in a.pins())
