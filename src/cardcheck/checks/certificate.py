# SPDX-License-Identifier: Apache-2.0
"""Checks of the certificates. Whether one is revoked cannot be seen from here, nor is it claimed.

What belongs here: what a report says of both certificates. What does not: X.509 and signatures
(``cards.certificate``, ``cards.trust``), and what is on one card (``card_assessment``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Context, Need, check
from cardcheck.checks.card import ours
from cardcheck.checks.found import Found, fine, problem, unknown
from cardcheck.facts.card import CardKind, ReadState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check


@check("card.certificate.authentication-valid", Layer.CERTIFICATE, needs=Need.CARD, decisive=True)
def authentication_valid(context: Context) -> Iterator[Found]:
    """The certificate that logs in is valid today."""
    for card in context.cards:
        if card.facts.kind.is_my_number or card.facts.kind is CardKind.SMARTPHONE:
            yield card.authentication


@check("card.certificate.authentication-issuer", Layer.CERTIFICATE, needs=Need.CARD)
def authentication_issuer(context: Context) -> Iterator[Found]:
    """The certificate that logs in comes from a CA that we know."""
    for card in ours(context):
        state = card.issuer
        if state == "signature-invalid":
            yield problem(state, subject=card.id)
        elif state == "unknown-authority":
            yield problem(state, Severity.WARNING, subject=card.id)
        elif state == "not-checked":
            yield unknown(state, subject=card.id)
        else:
            yield fine(state, subject=card.id)


@check("card.certificate.signature-present", Layer.CERTIFICATE, needs=Need.CARD)
def signature_present(context: Context) -> Iterator[Found]:
    """The card has a 署名用 certificate; many rightly have none."""
    for card in ours(context):
        state = card.signature
        if state == "needs-pin":
            yield fine("present", subject=card.id)
        elif state == "absent":
            yield problem("absent", Severity.INFO, subject=card.id)
        else:
            read = card.facts.directory.state is not ReadState.NOT_READ
            yield unknown("unknown" if read else state, subject=card.id)


@check("card.certificate.not-revoked", Layer.CERTIFICATE, needs=Need.CARD)
def not_revoked(context: Context) -> Iterator[Found]:
    """Only recognised services may ask; said, so that nobody takes silence for an answer."""
    for card in ours(context):
        yield unknown("not-checked", subject=card.id)


CHECKS: Final[tuple[Check, ...]] = (
    authentication_valid,
    authentication_issuer,
    signature_present,
    not_revoked,
)
