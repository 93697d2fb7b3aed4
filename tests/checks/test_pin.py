# SPDX-License-Identifier: Apache-2.0
"""Checks of the counters: every answer that a card may give, for every PIN."""

from __future__ import annotations

import pytest

from cardcheck.facts.card import PinId, PinReading, ReadState
from cardcheck.report.model import Severity
from checks import scenes

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
AUTHENTICATION, SIGNATURE = PinId.AUTHENTICATION, PinId.SIGNATURE
TEXT, REGISTER = PinId.TEXT_INPUT, PinId.RESIDENT_REGISTER
CHECKS = {pin: f"card.pin.{pin.value}-usable" for pin in PinId}


@pytest.mark.parametrize(
    ("pin", "sw", "state", "left", "most", "severity"),
    [
        (AUTHENTICATION, 0x63C3, "ok", 3, 3, INFO),
        (AUTHENTICATION, 0x63C2, "ok", 2, 3, INFO),
        (AUTHENTICATION, 0x63C1, "low", 1, 3, WARNING),
        (AUTHENTICATION, 0x63C0, "locked", 0, 3, ERROR),
        (AUTHENTICATION, 0x6983, "locked", 0, 3, ERROR),
        (AUTHENTICATION, 0x6984, "locked", 0, 3, ERROR),
        (AUTHENTICATION, 0x63C5, "ok", 5, 5, INFO),  # more than we know of: a later generation
        (AUTHENTICATION, 0x63CF, "ok", 15, 15, INFO),
        (AUTHENTICATION, 0x9000, "already-verified", None, 3, INFO),
        (SIGNATURE, 0x63C5, "ok", 5, 5, INFO),
        (SIGNATURE, 0x63C3, "ok", 3, 5, INFO),
        (SIGNATURE, 0x63C2, "low", 2, 5, WARNING),
        (SIGNATURE, 0x63C1, "low", 1, 5, WARNING),
        (SIGNATURE, 0x63C0, "locked", 0, 5, WARNING),
        (SIGNATURE, 0x9000, "already-verified", None, 5, INFO),
        (TEXT, 0x63C1, "low", 1, 3, INFO),
        (TEXT, 0x63C0, "locked", 0, 3, INFO),
        (REGISTER, 0x63C1, "low", 1, 3, INFO),
        (REGISTER, 0x6984, "locked", 0, 3, INFO),
    ],
)
def test_what_a_counter_means(
    pin: PinId, sw: int, state: str, left: int | None, most: int, severity: Severity
) -> None:
    result = scenes.report(scenes.with_pin(pin, sw))
    finding = scenes.only(result, CHECKS[pin])
    outcome = "problem" if state in {"low", "locked"} else "ok"
    assert scenes.graded(finding) == (state, outcome, severity)
    (row,) = [row for row in result.cards[0].pins if row.id == pin.value]
    assert (row.state, row.tries_left, row.tries_max) == (state, left, most)
    verdict = {INFO: "ready", WARNING: "attention", ERROR: "problem"}[severity]
    assert result.verdict.value == verdict
    assert result.exit_code == (1 if severity is ERROR else 0)


@pytest.mark.parametrize(
    "sw", [0x6300, 0x6A82, 0x6986, 0x6700, 0x6D00, 0x6E00, 0x6F00, 0x63B3, 0x6983 + 2]
)
@pytest.mark.parametrize("pin", list(PinId))
def test_what_says_nothing_about_a_counter(pin: PinId, sw: int) -> None:
    """Neither a fault nor good news; only the PIN that logs in leaves the verdict open."""
    result = scenes.report(scenes.with_pin(pin, sw))
    finding = scenes.only(result, CHECKS[pin])
    assert scenes.graded(finding) == ("unknown", "unknown", INFO)
    assert finding.evidence == {"sw": f"{sw:04X}"}
    assert result.verdict.value == ("undetermined" if pin is AUTHENTICATION else "ready")


@pytest.mark.parametrize(
    ("reading", "state"),
    [
        (PinReading(), "not-checked"),
        (PinReading(ReadState.ABSENT), "absent"),
        (PinReading(ReadState.REFUSED), "unknown"),
        (PinReading(ReadState.MALFORMED), "unknown"),
    ],
)
@pytest.mark.parametrize("pin", list(PinId))
def test_a_counter_that_was_not_answered(pin: PinId, reading: PinReading, state: str) -> None:
    result = scenes.report(scenes.with_pin(pin, reading))
    assert scenes.graded(scenes.only(result, CHECKS[pin])) == (state, "unknown", INFO)
    (row,) = [row for row in result.cards[0].pins if row.id == pin.value]
    assert (row.state, row.tries_left) == (state, None)
    assert result.verdict.value == ("undetermined" if pin is AUTHENTICATION else "ready")


def test_a_card_for_face_recognition_is_not_told_to_unlock() -> None:
    without = scenes.read_file(bytes.fromhex("008F00"))
    facts = scenes.with_pin(AUTHENTICATION, 0x63C0, directory=without)
    finding = scenes.only(scenes.report(facts), CHECKS[AUTHENTICATION])
    assert scenes.graded(finding) == ("locked-face-auth", "problem", ERROR)
    assert not any("unlock" in advice for advice in finding.advice[:1])
    facts = scenes.with_pin(AUTHENTICATION, 0x63C0, directory=scenes.failed(ReadState.NOT_READ))
    facts.pins[SIGNATURE] = PinReading(ReadState.ABSENT)
    finding = scenes.only(scenes.report(facts), CHECKS[AUTHENTICATION])
    assert finding.state == "locked-face-auth"
    facts = scenes.with_pin(AUTHENTICATION, 0x63C0)
    assert scenes.only(scenes.report(facts), CHECKS[AUTHENTICATION]).state == "locked"


@pytest.mark.parametrize("sw", [0x63C0, 0x63C1])
def test_the_pin_of_a_signature_that_does_not_exist_is_no_warning(sw: int) -> None:
    without = scenes.read_file(bytes.fromhex("008F00"))
    result = scenes.report(scenes.with_pin(SIGNATURE, sw, directory=without))
    assert scenes.only(result, CHECKS[SIGNATURE]).severity is INFO
    assert result.verdict.value == "ready"
