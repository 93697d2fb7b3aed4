# SPDX-License-Identifier: Apache-2.0
"""A virtual card by the names that a person gives: a profile, and faults."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from cardcheck.errors import InputError
from cardcheck.simulation.faults import FaultyCard, parse_fault
from cardcheck.simulation.profiles import profile as profile_named

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard


def virtual_card(
    profile: str = "valid", *faults: str, now: datetime | None = None
) -> SimulatedCard:
    """The card of a profile, with power, and with faults laid over it.

    Args:
        profile: its name, as ``--simulate`` takes it.
        faults: such as ``removed@7``, ``6Cxx@3`` or ``verified``.
        now: the instant to which its dates are relative; by default the present one.

    Raises:
        InputError: no such profile or fault, or a profile without a card.
    """
    makers = (reader.make_card for reader in profile_named(profile).readers)
    make_card = next(filter(None, makers), None)
    if make_card is None:
        raise InputError(f"profile {profile!r} has no card to serve; --list shows all profiles")
    card = spoilt(make_card(now or datetime.now(UTC)), *faults)
    card.power_on()
    return card


def spoilt(card: SimulatedCard, *faults: str) -> SimulatedCard:
    """``card`` with faults laid over it.

    Raises:
        InputError: no such fault.
    """
    for fault in faults:
        card = FaultyCard(card, parse_fault(fault))
    return card
