# SPDX-License-Identifier: Apache-2.0
"""Virtual cards in a field: how they are found, activated and lost."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.picc import Felica, TypeA, TypeB, picc_of
from cardcheck.simulation.profiles import PROFILES

NOW = datetime(2027, 4, 1, tzinfo=UTC)
SELECT_JPKI = bytes.fromhex("00A4040C0AD392F000260100000001")
REQB = bytes.fromhex("050010")


def made(profile: str, *faults: str) -> FaultyCard:
    maker = PROFILES[profile].readers[0].make_card
    assert maker is not None
    card = maker(NOW)
    for fault in faults or ("slow=0",):
        card = FaultyCard(card, parse_fault(fault))  # type: ignore[assignment]
    assert isinstance(card, FaultyCard)
    return card


def attrib(card: TypeB) -> bytes:
    return b"\x1d" + card.pupi + bytes.fromhex("00080100")


def activated(card: TypeB) -> TypeB:
    assert card.receive("106B", REQB)
    assert card.receive("106B", attrib(card)) == b"\0"
    return card


def test_type_b_says_what_the_answer_to_reset_says() -> None:
    card = TypeB(made("valid"))
    answer = card.receive("106B", REQB)
    assert answer == b"\x50" + card.pupi + bytes.fromhex("000005E0B381A1") + b"\0"
    assert card.receive("106B", b"\x05\x00\x00") == answer[:-1]
    licence = TypeB(made("drivers-licence"))
    assert (licence.receive("106B", REQB) or b"")[5:12].hex() == "000000009181c1"


def test_a_new_number_each_time() -> None:
    assert len({TypeB(made("valid")).pupi for _ in range(8)}) == 8


def test_type_b_takes_commands_once_it_is_active() -> None:
    card = TypeB(made("valid"))
    assert card.receive("106B", b"\x02" + SELECT_JPKI) is None
    assert activated(card).receive("106B", b"\x02" + SELECT_JPKI) == b"\x02\x90\x00"
    assert card.receive("106A", b"\x26") is None
    assert card.receive("106B", REQB) is None


def test_a_field_that_goes_takes_the_selection_with_it() -> None:
    card = activated(TypeB(made("valid")))
    assert card.receive("106B", b"\x02" + SELECT_JPKI) == b"\x02\x90\x00"
    card.power_off()
    activated(card)
    assert card.receive("106B", b"\x02" + bytes.fromhex("00A4020C020018")) == b"\x02\x6a\x82"


def test_a_halted_card_hears_wake_up_only() -> None:
    card = activated(TypeB(made("valid")))
    assert card.receive("106B", b"\xc2") == b"\xc2"
    assert card.receive("106B", REQB) is None
    assert card.receive("106B", b"\x05\x00\x18")


def test_type_a_is_found_by_anticollision() -> None:
    card = TypeA(made("payment-card"))
    assert card.receive("106A", b"\x26") == b"\x04\x00"
    assert card.receive("106A", b"\x93\x20") == card.uid
    assert card.receive("106A", b"\x93\x70" + card.uid) == b"\x20"
    assert (card.receive("106A", b"\xe0\x80") or b"")[:1] == b"\x05"
    assert card.receive("106A", b"\x02" + SELECT_JPKI) == b"\x02\x6a\x82"


def test_felica_answers_polling_with_its_system_code() -> None:
    card = Felica(made("felica"))
    answer = card.receive("212F", bytes.fromhex("0600FFFF0100")) or b""
    assert (answer[0], answer[1], answer[-2:]) == (len(answer), 1, bytes.fromhex("0003"))
    assert len(card.receive("424F", bytes.fromhex("060000030000")) or b"") == 18
    assert card.receive("212F", bytes.fromhex("060012FC0100")) is None
    assert card.receive("106B", REQB) is None


def test_a_card_that_was_pulled_is_silent() -> None:
    card = activated(TypeB(made("valid", "removed@2")))
    assert card.receive("106B", b"\x02" + SELECT_JPKI) == b"\x02\x90\x00"
    assert card.receive("106B", b"\x03" + SELECT_JPKI) is None
    assert card.receive("106B", REQB) is None


def test_a_card_that_comes_back_starts_anew() -> None:
    card = activated(TypeB(made("valid", "removed@1x1")))
    assert card.receive("106B", b"\x02" + SELECT_JPKI) is None
    assert activated(card).receive("106B", b"\x02" + SELECT_JPKI) == b"\x02\x90\x00"


def test_a_mute_card_is_seen_and_does_not_wake_up() -> None:
    card = TypeB(made("mute"))
    assert card.receive("106B", REQB)
    assert card.receive("106B", attrib(card)) is None


@given(st.sampled_from(("106A", "106B", "212F")), st.lists(st.binary(max_size=12), max_size=6))
def test_no_frame_breaks_a_card(technology: str, frames: list[bytes]) -> None:
    for card in (TypeA(made("payment-card")), TypeB(made("valid")), Felica(made("felica"))):
        for frame in frames:
            card.receive(technology, frame)
        card.power_off()


@pytest.mark.parametrize("profile", ["bcas", "etc-card", "bank-card"])
def test_a_card_with_contacts_only_is_in_no_field(profile: str) -> None:
    with pytest.raises(InputError, match="contacts only"):
        picc_of(profile, made(profile))


def test_each_kind_of_card_has_its_technology() -> None:
    assert isinstance(picc_of("valid", made("valid")), TypeB)
    assert isinstance(picc_of("residence-card", made("residence-card")), TypeB)
    assert isinstance(picc_of("phone", made("phone")), TypeA)
    assert isinstance(picc_of("felica", made("felica")), Felica)
