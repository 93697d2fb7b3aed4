# SPDX-License-Identifier: Apache-2.0
"""Checks of the certificates. Whether one is revoked cannot be seen from here, nor is it claimed.

What belongs here: what a report says of both certificates. What does not: X.509 and signatures
(``cards.certificate``, ``cards.trust``).
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Final

from cardcheck.cards import certificate as certificates
from cardcheck.cards import validity
from cardcheck.checks.base import CardSubject, Context, Found, check, fine, problem, unknown
from cardcheck.checks.card import ours
from cardcheck.checks.dates import dated
from cardcheck.errors import MalformedCertificateError
from cardcheck.facts.card import CardKind, FileReading, ReadState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.cards.certificate import CertificateSummary

_EXISTS: Final = 0x8F  # soltia48/myna-card: seen in EF 0008 where a certificate exists
_NONE: Final = 0x00
_DIRECTORY_LENGTH: Final = 2  # byte 0: signature, byte 1: user authentication
_UNDATED: Final = {
    ReadState.NOT_READ: "not-checked",
    ReadState.ABSENT: "absent",
    ReadState.PROTECTED: "needs-pin",
    ReadState.MALFORMED: "malformed",
    ReadState.REFUSED: "unreadable",
}


@check("card.certificate.authentication-valid", Layer.CERTIFICATE, decisive=True)
def authentication_valid(context: Context) -> Iterator[Found]:
    """The certificate that logs in is valid today."""
    for card in context.cards:
        if card.facts.kind.is_my_number or card.facts.kind is CardKind.SMARTPHONE:
            yield authentication(card, context)


@check("card.certificate.authentication-issuer", Layer.CERTIFICATE)
def authentication_issuer(context: Context) -> Iterator[Found]:
    """The certificate that logs in comes from a CA that we know."""
    for card in ours(context):
        state = issuer_state(card, context)
        if state == "signature-invalid":
            yield problem(state, subject=card.id)
        elif state == "unknown-authority":
            yield problem(state, Severity.WARNING, subject=card.id)
        elif state == "not-checked":
            yield unknown(state, subject=card.id)
        else:
            yield fine(state, subject=card.id)


@check("card.certificate.signature-present", Layer.CERTIFICATE)
def signature_present(context: Context) -> Iterator[Found]:
    """The card has a 署名用 certificate; many rightly have none."""
    for card in ours(context):
        state = signature_state(card)
        if state == "needs-pin":
            yield fine("present", subject=card.id)
        elif state == "absent":
            yield problem("absent", Severity.INFO, subject=card.id)
        else:
            read = card.facts.directory.state is not ReadState.NOT_READ
            yield unknown("unknown" if read else state, subject=card.id)


@check("card.certificate.not-revoked", Layer.CERTIFICATE)
def not_revoked(context: Context) -> Iterator[Found]:
    """Only recognised services may ask; said, so that nobody takes silence for an answer."""
    for card in ours(context):
        yield unknown("not-checked", subject=card.id)


def authentication(card: CardSubject, context: Context) -> Found:
    """What is to be said on the validity of the 利用者証明用 certificate of ``card``."""
    reading = card.facts.certificate
    undated = _UNDATED.get(reading.state)
    if undated in {"not-checked", "needs-pin"}:
        return unknown(undated, subject=card.id, decisive=True)
    if undated == "unreadable":
        sw = None if reading.sw is None else str(reading.sw)
        return problem(undated, subject=card.id, sw=sw)
    summary = None if undated else summary_of(reading)
    if summary is None:
        return problem(undated or "malformed", subject=card.id)
    status = validity.status_of_interval(summary.not_before, summary.not_after, context.judging.at)
    early = status is validity.ValidityStatus.NOT_YET_VALID
    day = validity.day_in_japan(summary.not_before if early else summary.not_after)
    return dated(status.value, day, context, subject=card.id)


def summary_of(reading: FileReading) -> CertificateSummary | None:
    """The certificate in ``reading``, its dates at least; None where the bytes are none."""
    try:
        if reading.whole:
            return certificates.parse(reading.data)
        return certificates.from_prefix(reading.data)
    except MalformedCertificateError:
        return None


def issuer_state(card: CardSubject, context: Context) -> str:
    """The contract's ``issuer`` of the 利用者証明用 certificate."""
    reading = card.facts.certificate
    if reading.state is not ReadState.READ or not reading.whole or summary_of(reading) is None:
        return "not-checked"
    on_card = card.facts.ca_certificate
    seen = on_card.state in {ReadState.READ, ReadState.ABSENT, ReadState.MALFORMED}
    judging = context.judging
    return _judged(
        reading.data,
        on_card.data if seen else None,
        judging.anchors,
        judging.remembered,
        judging.pinned,
    )


@lru_cache(maxsize=2)  # a check and a row of the report ask for the same
def _judged(
    certificate: bytes,
    card_ca: bytes | None,
    anchors: tuple[bytes, ...],
    remembered: tuple[bytes, ...],
    pinned: frozenset[str],
) -> str:
    from cardcheck.cards import trust

    return trust.judge_issuer(certificate, card_ca, anchors, remembered, pinned).state.value


def signature_state(card: CardSubject) -> str:
    """The contract's ``status`` of the 署名用 certificate.

    It is never read: ``needs-pin`` where it exists, ``absent`` where it does not, ``not-checked``
    where the card did not tell or says something that nobody has described yet.
    """
    directory = card.facts.directory
    if directory.state is not ReadState.READ or len(directory.data) < _DIRECTORY_LENGTH:
        return "not-checked"
    return {_EXISTS: "needs-pin", _NONE: "absent"}.get(directory.data[0], "not-checked")
