# SPDX-License-Identifier: Apache-2.0
"""Checks of the PIN counters. No PIN is known here, and no sentence may ever suggest to try one.

What belongs here: what a counter means. What does not: how it is asked for (``cards.plan``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards.mynumber import TRIES_MAX
from cardcheck.checks.base import CardSubject, Context, Found, check, fine, problem, unknown
from cardcheck.checks.card import ours
from cardcheck.checks.certificate import signature_state
from cardcheck.facts.card import PIN_NOT_READ, PinId, ReadState
from cardcheck.iso7816 import status
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_LOW: Final = {3: 1, 5: 2}  # the contract: 1 left of 3, 1 or 2 of 5


def tries_max(pin: PinId, left: int | None) -> int:
    """How many tries a PIN has; more than we know of where the card says that more are left."""
    return max(TRIES_MAX[pin], left or 0)


def pin_state(card: CardSubject, pin: PinId) -> tuple[str, int | None]:
    """The contract's ``state`` of one PIN, and the tries left where the card named them."""
    reading = card.facts.pins.get(pin, PIN_NOT_READ)
    if reading.state is ReadState.NOT_READ:
        return "not-checked", None
    if reading.state is ReadState.ABSENT:
        return "absent", None
    sw = reading.sw
    if reading.state is not ReadState.READ or sw is None:
        return "unknown", None
    if sw.is_success:
        return "already-verified", None
    left = 0 if sw in status.LOCKED else sw.tries_left
    if left is None:
        return "unknown", None
    if left == 0:
        return "locked", 0
    return ("low" if left <= _LOW[TRIES_MAX[pin]] else "ok"), left


@check("card.pin.authentication-usable", Layer.PIN, decisive=True)
def authentication_usable(context: Context) -> Iterator[Found]:
    """The PIN that logs in is not locked."""
    for card in ours(context):
        state, left = pin_state(card, PinId.AUTHENTICATION)
        if state == "locked":
            yield problem("locked-face-auth" if _no_signature(card) else state, subject=card.id)
        elif state == "low":
            yield _low(card, PinId.AUTHENTICATION, left, Severity.WARNING)
        else:
            yield _other(card, PinId.AUTHENTICATION, state, left, decisive=True)


@check("card.pin.signature-usable", Layer.PIN)
def signature_usable(context: Context) -> Iterator[Found]:
    """The PIN that signs is not locked: nothing to a login, but no e-Tax without it."""
    for card in ours(context):
        state, left = pin_state(card, PinId.SIGNATURE)
        severity = Severity.INFO if _no_signature(card) else Severity.WARNING
        if state == "locked":
            yield problem(state, severity, subject=card.id)
        elif state == "low":
            yield _low(card, PinId.SIGNATURE, left, severity)
        else:
            yield _other(card, PinId.SIGNATURE, state, left)


@check("card.pin.text-input-usable", Layer.PIN)
def text_input_usable(context: Context) -> Iterator[Found]:
    """券面事項入力補助用; no login uses it."""
    return _bystander(context, PinId.TEXT_INPUT)


@check("card.pin.resident-register-usable", Layer.PIN)
def resident_register_usable(context: Context) -> Iterator[Found]:
    """住民基本台帳用; no login uses it."""
    return _bystander(context, PinId.RESIDENT_REGISTER)


def _bystander(context: Context, pin: PinId) -> Iterator[Found]:
    for card in ours(context):
        state, left = pin_state(card, pin)
        if state == "locked":
            yield problem(state, Severity.INFO, subject=card.id)
        elif state == "low":
            yield _low(card, pin, left, Severity.INFO)
        else:
            yield _other(card, pin, state, left)


def _no_signature(card: CardSubject) -> bool:
    """Whether the card has no 署名用: by its list of files, or by the PIN that is not there."""
    pin = card.facts.pins.get(PinId.SIGNATURE, PIN_NOT_READ)
    return signature_state(card) == "absent" or pin.state is ReadState.ABSENT


def _low(card: CardSubject, pin: PinId, left: int | None, severity: Severity) -> Found:
    return problem(
        "low", severity, subject=card.id, tries_left=left, tries_max=tries_max(pin, left)
    )


def _other(
    card: CardSubject, pin: PinId, state: str, left: int | None, *, decisive: bool = False
) -> Found:
    """The states that are no problem: ok, already verified, absent, unknown, not checked."""
    if state == "ok":
        return fine(state, subject=card.id, tries_left=left, tries_max=tries_max(pin, left))
    if state == "already-verified":
        return fine(state, subject=card.id)
    if state == "unknown":
        reading = card.facts.pins.get(pin, PIN_NOT_READ)
        sw = None if reading.sw is None else str(reading.sw)
        return unknown(state, subject=card.id, decisive=decisive, sw=sw)
    return unknown(state, subject=card.id, decisive=decisive)
