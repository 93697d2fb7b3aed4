# SPDX-License-Identifier: Apache-2.0
"""Checks of the certificates: dates, issuers, and what EF 0008 says of the one that is not read."""

from __future__ import annotations

from typing import Any

import pytest

from cardcheck.cards.certificate import parse
from cardcheck.cards.trust import fingerprint_of
from cardcheck.checks.found import Judging
from cardcheck.facts.card import CardKind, ReadState
from cardcheck.report.model import Severity
from checks import scenes

INFO, WARNING, ERROR = Severity.INFO, Severity.WARNING, Severity.ERROR
VALID = "card.certificate.authentication-valid"
ISSUER = "card.certificate.authentication-issuer"
PRESENT = "card.certificate.signature-present"


@pytest.mark.parametrize(
    ("starts", "ends", "expected"),
    [
        (-900, 800, ("valid", "ok", INFO)),
        (-1700, 91, ("expiring", "problem", WARNING)),
        (-1700, 0, ("expiring", "problem", WARNING)),
        (-1700, -1, ("expired", "problem", ERROR)),
        (10, 1800, ("not-yet-valid", "problem", ERROR)),
    ],
)
def test_the_dates(starts: int, ends: int, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(scenes.card(starts, ends))
    finding = scenes.only(result, VALID)
    assert scenes.graded(finding) == expected
    assert result.cards[0].certificates[0].status == expected[0]
    assert set(finding.screen) == {"left", "year", "era", "era_year"}
    assert set(finding.personal) == {"valid_until", "days_left"}
    assert finding.evidence == {}


@pytest.mark.parametrize(
    ("reading", "expected"),
    [
        (scenes.failed(ReadState.NOT_READ), ("not-checked", "unknown", INFO)),
        (scenes.failed(ReadState.PROTECTED, 0x6982), ("needs-pin", "unknown", INFO)),
        (scenes.failed(ReadState.ABSENT, 0x6A82), ("absent", "problem", ERROR)),
        (scenes.failed(ReadState.REFUSED, 0x6F00), ("unreadable", "problem", ERROR)),
        (scenes.failed(ReadState.MALFORMED), ("malformed", "problem", ERROR)),
        (scenes.read_file(b""), ("malformed", "problem", ERROR)),
        (scenes.read_file(b"\x30\x00"), ("malformed", "problem", ERROR)),
        (scenes.read_file(b"\x30\x80\x00\x00"), ("malformed", "problem", ERROR)),
        (scenes.read_file(b"\xff" * 256, whole=False), ("malformed", "problem", ERROR)),
    ],
)
def test_a_certificate_without_dates(reading: object, expected: tuple[str, str, Severity]) -> None:
    result = scenes.report(scenes.card(certificate=reading))
    assert scenes.graded(scenes.only(result, VALID)) == expected
    assert result.cards[0].certificates[0].status == expected[0]
    assert result.cards[0].certificates[0].issuer == "not-checked"
    assert result.verdict.value == ("undetermined" if expected[1] == "unknown" else "problem")


def test_the_first_256_bytes_do_for_the_dates() -> None:
    whole = scenes.card().certificate.data
    result = scenes.report(scenes.card(certificate=scenes.read_file(whole[:256], whole=False)))
    assert scenes.only(result, VALID).state == "valid"
    assert scenes.graded(scenes.only(result, ISSUER)) == ("not-checked", "unknown", INFO)
    assert result.verdict.value == "ready"


def test_a_phone_is_told_what_its_certificate_needs() -> None:
    facts = scenes.card(
        kind=CardKind.SMARTPHONE, certificate=scenes.failed(ReadState.PROTECTED, 0x6982)
    )
    assert scenes.only(scenes.report(facts), VALID).state == "needs-pin"


def by(**changes: object) -> Judging:
    return Judging(at=scenes.NOW, build=scenes.BUILD, **changes)  # type: ignore[arg-type]


def test_the_issuer() -> None:
    """From the best that can be said of it to the worst."""
    facts = scenes.card()
    authority = parse(facts.ca_certificate.data).der
    pinned = frozenset({fingerprint_of(authority)})
    none: dict[str, Any] = {"ca_certificate": scenes.failed(ReadState.ABSENT, 0x6A82)}
    cases = [
        (facts, by(pinned=pinned), ("genuine", "ok", INFO)),
        (scenes.card(**none), by(remembered=(authority,), pinned=pinned), ("genuine", "ok", INFO)),
        (facts, by(anchors=(authority,)), ("trust-anchor", "ok", INFO)),
        (facts, by(), ("unpinned", "ok", INFO)),
        (scenes.card(**none), by(), ("unknown-authority", "problem", WARNING)),
        (
            scenes.card(ca_certificate=scenes.failed(ReadState.REFUSED, 0x6F00)),
            by(),
            ("not-checked", "unknown", INFO),
        ),
        (
            scenes.card(ca_certificate=scenes.failed(ReadState.NOT_READ)),
            by(),
            ("not-checked", "unknown", INFO),
        ),
    ]
    for card, judging, expected in cases:
        result = scenes.report(card, judging=judging)
        assert scenes.graded(scenes.only(result, ISSUER)) == expected
        assert result.cards[0].certificates[0].issuer == expected[0]


def test_a_signature_that_does_not_fit() -> None:
    broken = bytearray(scenes.card().certificate.data)
    broken[-1] ^= 1
    result = scenes.report(scenes.card(certificate=scenes.read_file(bytes(broken))))
    assert scenes.graded(scenes.only(result, ISSUER)) == ("signature-invalid", "problem", ERROR)
    assert (result.verdict.value, result.exit_code) == ("problem", 1)


@pytest.mark.parametrize(
    ("directory", "status", "expected"),
    [
        ("8F8F00", "needs-pin", ("present", "ok", INFO)),
        ("8F00", "needs-pin", ("present", "ok", INFO)),
        ("008F00", "absent", ("absent", "problem", INFO)),
        ("0000", "absent", ("absent", "problem", INFO)),
        ("0F8F00", "not-checked", ("unknown", "unknown", INFO)),
        ("8E8F00", "not-checked", ("unknown", "unknown", INFO)),
        ("FFFFFF", "not-checked", ("unknown", "unknown", INFO)),
        ("8F", "not-checked", ("unknown", "unknown", INFO)),
        ("", "not-checked", ("unknown", "unknown", INFO)),
    ],
)
def test_whether_there_is_a_signature_certificate(
    directory: str, status: str, expected: tuple[str, str, Severity]
) -> None:
    facts = scenes.card(directory=scenes.read_file(bytes.fromhex(directory)))
    result = scenes.report(facts)
    assert scenes.graded(scenes.only(result, PRESENT)) == expected
    assert result.cards[0].certificates[1].status == status
    assert result.verdict.value == "ready"


@pytest.mark.parametrize(
    ("state", "finding"),
    [
        (ReadState.NOT_READ, "not-checked"),
        (ReadState.ABSENT, "unknown"),
        (ReadState.REFUSED, "unknown"),
    ],
)
def test_a_card_without_a_list_of_files(state: ReadState, finding: str) -> None:
    result = scenes.report(scenes.card(directory=scenes.failed(state)))
    assert scenes.only(result, PRESENT).state == finding
    assert result.cards[0].certificates[1].status == "not-checked"


def test_revocation_is_never_claimed() -> None:
    result = scenes.report(scenes.card())
    finding = scenes.only(result, "card.certificate.not-revoked")
    assert scenes.graded(finding) == ("not-checked", "unknown", INFO)
    assert not finding.decisive
