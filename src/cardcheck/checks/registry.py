# SPDX-License-Identifier: Apache-2.0
"""The checks of ``readers``: the chain up to the reader.

Those of ``scan`` go on from here (``checks.scan``).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from cardcheck.checks import reader, system

if TYPE_CHECKING:
    from cardcheck.checks.base import Check

READERS: Final[tuple[Check, ...]] = (
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
    system.run_finished,
)
