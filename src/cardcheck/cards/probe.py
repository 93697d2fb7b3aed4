# SPDX-License-Identifier: Apache-2.0
"""Plans for trying the contact with a card: one harmless read, and the counters before and after.

What belongs here: commands for ``cardcheck place``; only public data is read. What does not: how
often they are sent (``survey.coach``) and what the answers say about a spot (``checks.placement``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.cards import mynumber, plan, steps
from cardcheck.facts.card import CardKind

if TYPE_CHECKING:
    from cardcheck.cards.steps import Plan
    from cardcheck.facts.card import CardFacts


def probe() -> Plan[bool]:
    """Whether a card with JPKI answered; of another card the refusal is the answer."""
    if not (yield from steps.select(mynumber.JPKI)):
        return False
    yield from plan.token_label()
    return True


def identify(facts: CardFacts) -> Plan[None]:
    """Notes what kind of card it is and, on a card with JPKI, the counters of its two PINs."""
    if not (yield from steps.select(mynumber.JPKI)):
        facts.kind = yield from plan.identify_foreign(facts.atr)
        return
    facts.applications[:] = [mynumber.JPKI.id]
    yield from plan.identify(facts)
    if facts.kind is not CardKind.JUKICARD:
        yield from plan.counters(facts, mynumber.JPKI)
