# SPDX-License-Identifier: Apache-2.0
"""The rows of ``readers`` in a report."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.facts.reader import Backend, SlotState
from cardcheck.report.model import ReaderReport

if TYPE_CHECKING:
    from cardcheck.checks.base import Context, ReaderSubject


def reader_row(reader: ReaderSubject, context: Context) -> ReaderReport:
    """One row of ``readers``."""
    facts = reader.facts
    usb = reader.device.id if reader.device else facts.identity.usb if facts else None
    backends, why = _ways_to(reader, context)
    return ReaderReport(
        id=reader.id,
        name=reader.name,
        backend=facts.identity.backend.value if facts else "none",
        interface=reader.interface,
        virtual=reader.virtual,
        usb=usb,
        model=reader.model,
        compatibility=reader.compatibility,
        slot=(facts.slot if facts else SlotState.UNAVAILABLE).value,
        serial=reader.serial,
        backends=backends,
        why=why,
    )


def _ways_to(reader: ReaderSubject, context: Context) -> tuple[tuple[str, ...], str | None]:
    """The backends that reach a reader, and why the one that was used was taken."""
    if reader.facts is None:
        return (), None
    if reader.facts.identity.backend is Backend.NFC:
        asked = context.survey.service.asked
        return ("nfc",), "not-in-pcsc" if asked else "pcsc-not-asked"
    if reader.nfcpy is None:
        return ("pcsc",), None
    return ("pcsc", "nfc"), "pcsc-first"
