# SPDX-License-Identifier: Apache-2.0
"""Checks of the PIN counters. No PIN is known here, and no sentence may ever suggest to try one.

What belongs here: what a counter means. What does not: how it is asked for (``cards.plan``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Context, Need, check
from cardcheck.checks.card import ours
from cardcheck.checks.found import Found, fine, problem, unknown
from cardcheck.facts.card import PIN_NOT_READ, PinId
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check
    from cardcheck.checks.card_assessment import CardAssessment


@check("card.pin.authentication-usable", Layer.PIN, needs=Need.CARD, decisive=True)
def authentication_usable(context: Context) -> Iterator[Found]:
    """The PIN that logs in is not locked."""
    for card in ours(context):
        locked = "locked-face-auth" if card.lacks_signature else "locked"
        yield _found(card, PinId.AUTHENTICATION, Severity.WARNING, locked=locked)


@check("card.pin.signature-usable", Layer.PIN, needs=Need.CARD)
def signature_usable(context: Context) -> Iterator[Found]:
    """The PIN that signs is not locked: nothing to a login, but no e-Tax without it."""
    for card in ours(context):
        severity = Severity.INFO if card.lacks_signature else Severity.WARNING
        yield _found(card, PinId.SIGNATURE, severity)


@check("card.pin.text-input-usable", Layer.PIN, needs=Need.CARD)
def text_input_usable(context: Context) -> Iterator[Found]:
    """券面事項入力補助用; no login uses it."""
    return _bystander(context, PinId.TEXT_INPUT)


@check("card.pin.resident-register-usable", Layer.PIN, needs=Need.CARD)
def resident_register_usable(context: Context) -> Iterator[Found]:
    """住民基本台帳用; no login uses it."""
    return _bystander(context, PinId.RESIDENT_REGISTER)


def _bystander(context: Context, pin: PinId) -> Iterator[Found]:
    return (_found(card, pin, Severity.INFO) for card in ours(context))


def _found(
    card: CardAssessment, pin: PinId, severity: Severity, *, locked: str | None = None
) -> Found:
    """What is to be said of one counter.

    Args:
        card: the card.
        pin: which PIN.
        severity: how bad few tries are.
        locked: the state of a PIN that logging in needs, where it is locked; then an error, and
            without an answer there is no verdict.
    """
    each, decisive = card.pins[pin], locked is not None
    tries = {"tries_left": each.left, "tries_max": each.most}
    if each.state == "locked":
        worst = Severity.ERROR if decisive else severity
        return problem(locked or each.state, worst, subject=card.id)
    if each.state == "low":
        return problem("low", severity, subject=card.id, **tries)
    if each.state == "ok":
        return fine("ok", subject=card.id, **tries)
    if each.state == "already-verified":
        return fine(each.state, subject=card.id)
    if each.state == "unknown":
        reading = card.facts.pins.get(pin, PIN_NOT_READ)
        sw = None if reading.sw is None else str(reading.sw)
        return unknown(each.state, subject=card.id, decisive=decisive, sw=sw)
    return unknown(each.state, subject=card.id, decisive=decisive)


CHECKS: Final[tuple[Check, ...]] = (
    authentication_usable,
    signature_usable,
    text_input_usable,
    resident_register_usable,
)
