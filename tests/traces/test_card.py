# SPDX-License-Identifier: Apache-2.0
"""A card made of a trace is the card that was recorded, asked in any order, whole or spoilt."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardcheck.report.model import HOST, Report, Verdict
from cardcheck.testing import card_of, diagnose, load_fixture, spoilt
from cardcheck.transports.dump import parse

FIXTURES = Path(__file__).parents[2] / "fixtures" / "apdu"
ISSUER = "card.certificate.authentication-issuer"
HEAD = "cardcheck-apdu 1\norigin: synthetic\n"
# recorded without a fault on the way to the card, of a card that answers by the book
GOOD = (
    "mynumber-valid", "mynumber-child", "mynumber-face-authentication", "mynumber-next-generation",
    "mynumber-certificate-expired", "mynumber-certificate-bad-signature", "mynumber-pin-locked",
    "mynumber-certificate-wrong-issuer", "mynumber-certificate-zeros", "mynumber-pin-locked-6984",
    "mynumber-pin-all-verified", "mynumber-answers-61xx", "mynumber-pin-counter-refused",
    "jukicard-expired", "drivers-licence", "bank-card", "piv",
)  # fmt: skip


def states(report: Report) -> dict[str, str]:
    return {f.check: f.state for f in report.findings if f.subject != HOST}


@pytest.mark.parametrize("name", GOOD)
def test_it_is_diagnosed_as_the_trace_is(name: str) -> None:
    trace = load_fixture(FIXTURES / f"{name}.apdu")
    alive = diagnose(card_of(trace), at=trace.header.recorded)
    assert states(alive) == states(diagnose(trace))


@pytest.mark.parametrize(
    ("fault", "verdict", "check", "state"),
    [
        ("removed@7", Verdict.PROBLEM, "placement.contact.kept", "lost"),
        ("removed@7x1", Verdict.READY, "placement.contact.kept", "recovered"),
        ("mute@7", Verdict.PROBLEM, "card.exchange.answered", "stalled"),
        ("reset@7", Verdict.READY, "placement.contact.kept", "recovered"),
        ("6Cxx@11", Verdict.READY, "card.exchange.well-formed", "well-formed"),
        ("61-forever@7", Verdict.PROBLEM, "card.exchange.well-formed", "malformed"),
        ("bitflip@16=40", Verdict.PROBLEM, ISSUER, "signature-invalid"),
        ("verified", Verdict.READY, "card.pin.authentication-usable", "already-verified"),
        ("slow=1", Verdict.READY, "placement.contact.kept", "kept"),
    ],
)  # fmt: skip
def test_any_fault_can_be_laid_over_it(
    fault: str, verdict: Verdict, check: str, state: str
) -> None:
    trace = load_fixture(FIXTURES / "mynumber-valid.apdu")
    report = diagnose(spoilt(card_of(trace), fault), at=trace.header.recorded)
    assert (report.verdict, states(report)[check]) == (verdict, state)


def test_what_was_not_read_is_not_there() -> None:
    card = card_of(parse(HEAD + "> 00A4040C0AD392F000260100000001\n< 9000\n"))
    card.power_on()
    assert card.transmit(bytes.fromhex("00A4040C0AD392F000260100000001")) == b"\x90\x00"
    assert card.transmit(bytes.fromhex("00A4020C02000A")) == b"\x6a\x82"


def test_no_pin_opens_it() -> None:
    body = (
        "> 00A4040C0AD392F000260100000001\n< 9000\n> 00A4020C020018\n< 9000\n> 00200080\n< 63C2\n"
    )
    card = card_of(parse(HEAD + body))
    card.power_on()
    for command in ("00A4040C0AD392F000260100000001", "00A4020C020018"):
        card.transmit(bytes.fromhex(command))
    assert card.transmit(bytes.fromhex("002000800431323334")) == b"\x63\xc1"
