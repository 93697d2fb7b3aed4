# SPDX-License-Identifier: Apache-2.0
"""Every profile is the state that its name says, seen from outside: by commands alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from cardcheck.errors import InputError, MalformedAtrError
from cardcheck.iso7816 import der
from cardcheck.iso7816.atr import Atr
from cardcheck.simulation.profiles import PROFILES, profile

if TYPE_CHECKING:
    from cardcheck.simulation.card import VirtualCard

NOW = datetime(2026, 11, 21, 3, tzinfo=UTC)
JPKI = "00A4040C0AD392F000260100000001"
AUTHENTICATION, SIGNATURE = "00200098", "0020009B"
CERTIFICATE = "00B08A0000"


def card_of(name: str) -> VirtualCard:
    """The card of a profile of one card, switched on."""
    (make,) = [reader.make_card for reader in profile(name).readers if reader.make_card]
    card = make(NOW)
    card.power_on()
    return card


def ask(card: VirtualCard, *commands: str) -> str:
    """The last answer, in hexadecimal digits."""
    answers = [card.transmit(bytes.fromhex(command)) for command in commands]
    assert answers[-1] is not None
    return answers[-1].hex().upper()


def dates_of(name: str) -> tuple[timedelta, timedelta]:
    """How far from now the certificate begins and ends."""
    card = card_of(name)
    first = bytes.fromhex(ask(card, JPKI, CERTIFICATE))[:-2]
    begin, end = der.validity_of(first)
    return begin - NOW, end - NOW


@pytest.mark.parametrize("name", sorted(PROFILES))
def test_every_profile_can_be_made_and_says_what_it_is(name: str) -> None:
    state = profile(name)
    assert state.name == name
    assert state.summary
    assert state.summary[0].isupper()
    assert not state.summary.endswith(".")
    assert len({reader.name for reader in state.readers}) == len(state.readers)
    for reader in state.readers:
        card = reader.make_card(NOW) if reader.make_card else None
        if card is None:
            continue
        if reader.mute:
            with pytest.raises(MalformedAtrError):
                Atr.parse(card.atr)
        else:
            Atr.parse(card.atr)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InputError, match="pin-locked"):
        profile("pin-lokced")
    with pytest.raises(InputError, match="known: already-verified"):
        profile("zzzzzzzz")


@pytest.mark.parametrize(
    ("name", "command", "expected"),
    [
        ("valid", AUTHENTICATION, "63C3"),
        ("valid", SIGNATURE, "63C5"),
        ("pin-low", AUTHENTICATION, "63C1"),
        ("pin-locked", AUTHENTICATION, "63C0"),
        ("pin-locked", SIGNATURE, "63C5"),
        ("sign-pin-low", SIGNATURE, "63C1"),
        ("sign-pin-locked", SIGNATURE, "63C0"),
        ("locked-6984", AUTHENTICATION, "6984"),
        ("already-verified", AUTHENTICATION, "9000"),
        ("already-verified", SIGNATURE, "63C5"),
        ("child", "00B0880000", "008F009000"),
        ("child", SIGNATURE, "6A82"),
        ("child", "00A4020C020001", "6A82"),
        ("face-auth", "00B0880000", "008F009000"),
        ("face-auth", AUTHENTICATION, "63C0"),
        ("phone", "00B086000F", b"JPKIAPGPSETOKEN".hex().upper() + "9000"),
        ("phone", CERTIFICATE, "6982"),
        ("jukicard", "00B0860010", b"JPKIAPICCTOKEN  ".hex().upper() + "9000"),
        ("jukicard", CERTIFICATE, "6A82"),
        ("new-generation", "00B0860010", b"JPKIAPICCTOKEN3 ".hex().upper() + "9000"),
        ("unreadable-certificate", CERTIFICATE, "6A82"),
        ("certificate-huge", "00B08A0006", "3084FFFFFFF09000"),
        ("certificate-zeros", "00B08A0006", "0000000000009000"),
    ],
)
def test_states_of_the_jpki_application(name: str, command: str, expected: str) -> None:
    assert ask(card_of(name), JPKI, command) == expected


@pytest.mark.parametrize(
    ("name", "aid"),
    [
        ("drivers-licence", "A0000002310100000000000000000000"),
        ("residence-card", "D392F0004F0200000000000000000000"),
        ("passport", "A0000002471001"),
        ("payment-card", b"2PAY.SYS.DDF01".hex()),
        ("bank-card", "D392F00041099900"),
        ("piv", "A000000308000010000100"),
        ("licence-on-card", "A0000002310600000000000000000000"),
    ],
)
def test_other_cards_answer_to_their_name(name: str, aid: str) -> None:
    card = card_of(name)
    assert ask(card, f"00A4040C{len(aid) // 2:02X}{aid}") == "9000"
    assert (ask(card, JPKI) == "9000") is (name == "licence-on-card")


@pytest.mark.parametrize(
    ("name", "expected"),
    [("felica", "6A81"), ("bcas", "6D00"), ("etc-card", "6A82"), ("unknown-card", "6A82")],
)
def test_other_cards_without_a_name(name: str, expected: str) -> None:
    assert ask(card_of(name), JPKI) == expected


def test_dates() -> None:
    day, none = timedelta(days=1), timedelta()
    assert dates_of("valid")[0] < none < 365 * day < dates_of("valid")[1]
    assert none < dates_of("expiring")[1] < 31 * day
    assert -31 * day < dates_of("expired")[1] < none
    assert none < dates_of("not-yet-valid")[0] < dates_of("not-yet-valid")[1]
    assert dates_of("card-expired")[1] < none
    begin, end = dates_of("new-generation")
    assert end - begin > 3590 * day


@pytest.mark.parametrize(
    ("name", "days"), [("card-expiring", 30), ("card-expired", -30), ("expired", 1796)]
)
def test_last_days_of_cards(name: str, days: int) -> None:
    card = card_of(name)
    record = ask(card, "00A4040C0AD3921000310001010100", "00A4020C020001", "00B2010400")
    last = (NOW + timedelta(hours=9, days=days)).strftime("%Y%m%d")
    assert bytes.fromhex(record)[22:30] == last.encode()


def test_systems() -> None:
    assert not profile("no-service").service
    assert profile("no-reader").readers == ()
    assert [bool(r.make_card) for r in profile("no-card").readers] == [False]
    assert [bool(r.make_card) for r in profile("two-readers").readers] == [False, True]
    dual = profile("dual-reader").readers
    assert [("[Contact]" in r.name, bool(r.make_card)) for r in dual] == [
        (True, False),
        (False, True),
    ]
    assert profile("in-use").readers[0].in_use
    assert profile("exclusive").readers[0].exclusive
    assert card_of("mute").transmit(bytes.fromhex(JPKI)) is None
    assert card_of("contact-card").atr.startswith(b"\x3b\xda")
