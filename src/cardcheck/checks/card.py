# SPDX-License-Identifier: Apache-2.0
"""Checks of the card: there, in contact, answering, the right one, not expired.

What belongs here: the card as a thing. What does not: what is on it (``certificate``, ``pin``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Context, Need, check
from cardcheck.checks.found import Found, fine, hexadecimal, problem, unknown
from cardcheck.facts.card import CardKind
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.facts.reader import OCCUPIED, SILENCE_LIMIT, SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check
    from cardcheck.checks.card_assessment import CardAssessment


def ours(context: Context) -> Iterator[CardAssessment]:
    """The cards whose files and counters matter: My Number cards, also of an unknown generation."""
    return (card for card in context.cards if card.facts.kind.is_my_number)


@check("placement.card.present", Layer.PLACEMENT, needs=Need.CARD)
def card_present(context: Context) -> Iterator[Found]:
    """A card is in a reader that works."""
    slots = {reader.id: reader.facts.slot for reader in context.listed if reader.facts}
    occupied = {id_ for id_, slot in slots.items() if slot in OCCUPIED}
    for id_, slot in slots.items():
        if id_ in occupied:
            yield fine("present", subject=id_)
        elif slot is SlotState.EMPTY and occupied:
            yield fine("empty-slot", subject=id_)
        elif slot is SlotState.EMPTY:
            yield problem("none", Severity.WARNING, subject=id_)


@check("card.reset.answered", Layer.CARD, needs=Need.CARD)
def reset_answered(context: Context) -> Iterator[Found]:
    """The card answers to reset."""
    for reader in context.listed:
        facts = reader.facts
        if facts is None:
            continue
        if facts.error == LinkFailure.GARBLED:
            yield problem("garbled", subject=reader.id)
        elif facts.slot is SlotState.MUTE:
            yield problem("mute", subject=reader.id, code=hexadecimal(facts.code))
        elif facts.slot is SlotState.CARD and facts.card is not None:
            yield fine("answered", subject=reader.id)


@check("card.exchange.answered", Layer.CARD, needs=Need.CARD)
def exchange_answered(context: Context) -> Iterator[Found]:
    """The card answers every command."""
    for card in context.cards:
        facts = card.reader.facts
        if facts is not None and facts.stalled:
            yield problem(
                "stalled",
                subject=card.id,
                commands=card.facts.commands,
                seconds=facts.silence or SILENCE_LIMIT,
            )
        else:
            yield fine("answered", subject=card.id)


@check("placement.contact.kept", Layer.PLACEMENT, needs=Need.CARD, decisive=True)
def contact_kept(context: Context) -> Iterator[Found]:
    """The card stays in contact to the end."""
    for card in context.cards:
        facts, subject, code = card.facts, card.reader.id, hexadecimal(card.facts.code)
        if facts.interruption == LinkFailure.CARD_RESET:
            yield problem("reset", subject=subject, code=code)
        elif facts.interruption:
            yield problem("lost", subject=subject, commands=facts.commands, code=code)
        elif facts.restarts:
            yield fine("recovered", subject=subject, restarts=facts.restarts)
        else:
            yield fine("kept", subject=subject)


@check("card.exchange.well-formed", Layer.CARD, needs=Need.CARD)
def exchange_well_formed(context: Context) -> Iterator[Found]:
    """The card keeps to the rules of its protocol."""
    for card in context.cards:
        if card.facts.complaint:
            yield problem("malformed", subject=card.id, complaint=card.facts.complaint)
        else:
            yield fine("well-formed", subject=card.id)


@check("card.kind.my-number", Layer.CARD, needs=Need.CARD, decisive=True)
def kind_my_number(context: Context) -> Iterator[Found]:
    """The card is a My Number card."""
    for card in context.cards:
        kind = card.facts.kind
        if kind.is_my_number:
            yield fine(kind.value, subject=card.id)
        elif kind is CardKind.UNKNOWN and not card.facts.complete:
            yield unknown("undecided", subject=card.id, decisive=True)
        else:
            yield problem(kind.value, subject=card.id)


@check("card.validity.current", Layer.CARD, needs=Need.CARD, decisive=True)
def validity_current(context: Context) -> Iterator[Found]:
    """The card itself has not expired; that is another thing than its certificates."""
    for card in ours(context):
        yield card.validity


CHECKS: Final[tuple[Check, ...]] = (
    card_present,
    reset_answered,
    exchange_answered,
    contact_kept,
    exchange_well_formed,
    kind_my_number,
    validity_current,
)
