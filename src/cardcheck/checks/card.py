# SPDX-License-Identifier: Apache-2.0
"""Checks of the card: there, in contact, answering, the right one, not expired."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.cards import validity
from cardcheck.checks.base import CardSubject, Context, Found, check, fine, problem, unknown
from cardcheck.checks.dates import dated
from cardcheck.checks.reader import listed
from cardcheck.errors import MalformedResponseError
from cardcheck.facts.card import CardKind, ReadState
from cardcheck.facts.reader import SlotState
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

_GOOD_KINDS: Final = frozenset({CardKind.MY_NUMBER, CardKind.UNKNOWN_JPKI})
_EXCHANGE_LIMIT: Final = 10


def ours(context: Context) -> Iterator[CardSubject]:
    """The cards whose files and counters matter: My Number cards, also of a generation yet unknown."""
    return (card for card in context.cards if card.facts.kind in _GOOD_KINDS)


def cut_short(card: CardSubject) -> bool:
    """Whether the reading ended before the card had answered everything."""
    return not card.facts.complete


@check("placement.card.present", Layer.PLACEMENT)
def card_present(context: Context) -> Iterator[Found]:
    """A card is in a reader that works."""
    closed = {SlotState.UNAVAILABLE, SlotState.IN_USE}
    usable = [r for r in listed(context) if r.facts and r.facts.slot not in closed]
    occupied = [r for r in usable if r.facts and r.facts.slot is not SlotState.EMPTY]
    for reader in occupied:
        yield fine("present", subject=reader.id)
    for reader in usable:
        if reader in occupied:
            continue
        if occupied:
            yield fine("empty-slot", subject=reader.id)
        else:
            yield problem("none", Severity.WARNING, subject=reader.id)


@check("card.reset.answered", Layer.CARD)
def reset_answered(context: Context) -> Iterator[Found]:
    """The card answers to reset."""
    for reader in listed(context):
        facts = reader.facts
        if facts is None:
            continue
        if facts.slot is SlotState.MUTE:
            yield problem("mute", subject=reader.id, code=_hex(facts.code))
        elif facts.slot is SlotState.CARD and facts.card is not None:
            yield fine("answered", subject=reader.id)


@check("card.exchange.answered", Layer.CARD)
def exchange_answered(context: Context) -> Iterator[Found]:
    """The card answers every command."""
    for card in context.cards:
        facts = card.reader.facts
        if facts is not None and facts.stalled:
            yield problem("stalled", subject=card.id, commands=card.facts.commands, seconds=_EXCHANGE_LIMIT)
        else:
            yield fine("answered", subject=card.id)


@check("placement.contact.kept", Layer.PLACEMENT, decisive=True)
def contact_kept(context: Context) -> Iterator[Found]:
    """The card stays in contact to the end."""
    for card in context.cards:
        facts = card.facts
        shown = {"commands": facts.commands, "code": _hex(facts.code)}
        if facts.interruption == "CardResetError":
            yield problem("reset", subject=card.id, code=_hex(facts.code))
        elif facts.interruption:
            yield problem("lost", subject=card.id, **shown)
        elif facts.restarts:
            yield fine("recovered", subject=card.id, restarts=facts.restarts)
        else:
            yield fine("kept", subject=card.id)


@check("card.exchange.well-formed", Layer.CARD)
def exchange_well_formed(context: Context) -> Iterator[Found]:
    """The card keeps to the rules of its protocol."""
    for card in context.cards:
        if card.facts.complaint:
            yield problem("malformed", subject=card.id, complaint=card.facts.complaint)
        else:
            yield fine("well-formed", subject=card.id)


@check("card.kind.my-number", Layer.CARD, decisive=True)
def kind_my_number(context: Context) -> Iterator[Found]:
    """The card is a My Number card."""
    for card in context.cards:
        kind = card.facts.kind
        if kind in _GOOD_KINDS:
            yield fine(kind.value, subject=card.id)
        elif kind is CardKind.UNKNOWN and cut_short(card):
            yield unknown("undecided", subject=card.id, decisive=True)
        else:
            yield problem(kind.value, subject=card.id)


@check("card.validity.current", Layer.CARD, decisive=True)
def validity_current(context: Context) -> Iterator[Found]:
    """The card itself has not expired; that is another thing than its certificates."""
    for card in ours(context):
        yield _validity(card, context)


def validity_state(card: CardSubject, context: Context) -> str:
    """The contract's ``validity.status`` of a card."""
    return _validity(card, context).state


def _validity(card: CardSubject, context: Context) -> Found:
    record = card.facts.common_record
    if record.state is ReadState.ABSENT:
        return unknown("absent", subject=card.id)
    if record.state is ReadState.NOT_READ:
        return unknown("not-checked", subject=card.id)
    if record.state is not ReadState.READ:
        sw = None if record.sw is None else str(record.sw)
        return unknown("unreadable", subject=card.id, decisive=True, sw=sw)
    try:
        last_day = validity.card_expiry_of(record.data)
    except MalformedResponseError:
        return unknown("malformed", subject=card.id, decisive=True)
    at = context.judging.at
    return dated(validity.status_of_last_day(last_day, at).value, last_day, at, subject=card.id)


def _hex(code: int | None) -> str | None:
    return None if code is None else f"0x{code:08X}"
