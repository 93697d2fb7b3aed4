# SPDX-License-Identifier: Apache-2.0
"""All checks, in the order of the chain. A check that is not here does not exist."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks import card, certificate, pin, reader, system

if TYPE_CHECKING:
    from cardcheck.checks.base import Check

SCAN: Final[tuple[Check, ...]] = (
    system.clock_plausible,
    system.login_supported,
    system.binding_importable,
    system.service_running,
    system.service_permitted,
    reader.any_attached,
    reader.driver_known,
    reader.model_compatible,
    reader.slot_free,
    reader.slot_responding,
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
    system.run_finished,
)
"""The checks of ``scan``."""
