# SPDX-License-Identifier: Apache-2.0
"""The rows of readers in a doctor's report: one for each physical device.

What belongs here: USB devices joined with the names that PC/SC lists. What does not: slots; nothing
is looked into.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.readers import known_reader, models_for_usb
from cardcheck.checks.doctor.base import title_of
from cardcheck.report.model import ReaderReport

if TYPE_CHECKING:
    from cardcheck.checks.doctor.base import DoctorContext
    from cardcheck.facts.doctor import PcscReader
    from cardcheck.facts.host import UsbDevice


def reader_rows(context: DoctorContext) -> tuple[ReaderReport, ...]:
    """Attached devices, then listed readers that belong to none of them."""
    free = list(context.pcsc.readers if context.pcsc else ())
    rows: list[ReaderReport] = []
    for device in context.usb:
        own = [reader for reader in free if _fits(reader.name, device)]
        free = [reader for reader in free if reader not in own]
        rows.append(_attached(f"r{len(rows)}", device, own, context))
    return (*rows, *(_listed(f"r{len(rows) + i}", r, context) for i, r in enumerate(free)))


def _fits(name: str, device: UsbDevice) -> bool:
    known = known_reader(name)
    if any(model.usb == device.id for model in known.models):
        return True
    return bool(device.product) and str(device.product).lower() in name.lower()


def _attached(
    identity: str, device: UsbDevice, slots: list[PcscReader], context: DoctorContext
) -> ReaderReport:
    known = known_reader(slots[0].name if slots else title_of(device), device.id)
    listed = None if slots else context.driven
    backends = (*(("pcsc",) if slots else ()), *(("nfc",) if _by_nfc(device) else ()))
    return ReaderReport(
        id=identity,
        name=known.name,
        backend="pcsc" if slots else "none",
        interface=known.interface.value,
        virtual=False,
        usb=device.id,
        model=known.model,
        compatibility=known.judgement(context.host.system, listed).compatibility.value,
        slot=_slot(slots),
        backends=backends,
    )


def _slot(slots: list[PcscReader]) -> str:
    """What is in the device: of several slots, the first that is not empty."""
    states = [reader.slot for reader in slots] or ["unavailable"]
    return next((state for state in states if state != "empty"), states[0])


def _listed(identity: str, reader: PcscReader, context: DoctorContext) -> ReaderReport:
    known = known_reader(reader.name)
    virtual = known.kind.value == "virtual"
    return ReaderReport(
        id=identity,
        name=known.name,
        backend="pcsc",
        interface=known.interface.value,
        virtual=virtual,
        usb=None,
        model=None if virtual else known.model,
        compatibility=known.judgement(context.host.system).compatibility.value,
        slot=reader.slot,
        backends=("pcsc",),
    )


def _by_nfc(device: UsbDevice) -> bool:
    return any(model.nfcpy for model in models_for_usb(*device.id))
