# SPDX-License-Identifier: Apache-2.0
"""The checks of ``scan``, in the order of the chain: those up to the reader, then those of cards.

Apart from ``registry``, so that a list of readers does not load what judges cards. A check that is
in neither table does not exist.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks import card, certificate, pin, registry

if TYPE_CHECKING:
    from cardcheck.checks.base import Check

SCAN: Final[tuple[Check, ...]] = (
    *registry.READERS[:-1],
    card.card_present,
    card.reset_answered,
    card.exchange_answered,
    card.contact_kept,
    card.exchange_well_formed,
    card.kind_my_number,
    card.validity_current,
    certificate.authentication_valid,
    certificate.authentication_issuer,
    certificate.signature_present,
    certificate.not_revoked,
    pin.authentication_usable,
    pin.signature_usable,
    pin.text_input_usable,
    pin.resident_register_usable,
    registry.READERS[-1],  # whether the run came to its end is said last
)
