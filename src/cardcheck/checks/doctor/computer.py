# SPDX-License-Identifier: Apache-2.0
"""What goes wrong on every system: the clock, no reader, a wrong reader, a part of ours missing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardcheck.catalog.nfc import KERNEL_DRIVERS
from cardcheck.catalog.readers import models_for_usb
from cardcheck.checks.base import Found, problem, unknown
from cardcheck.checks.dates import YEARS_OF_USE
from cardcheck.checks.doctor.base import (
    NO_MODULE,
    DoctorContext,
    cause,
    clear,
    nfc_devices,
    title_of,
)
from cardcheck.checks.doctor.linux_readers import pcscd_node
from cardcheck.facts.linux import Surroundings
from cardcheck.report.model import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.facts.host import UsbDevice


@cause("computer.clock.right")
def clock_right(context: DoctorContext) -> Iterator[Found]:
    """The clock is not before this release and not far behind it."""
    now, build = context.host.now, context.build
    if now < build:
        yield problem("past")
    elif now > build + YEARS_OF_USE:
        yield problem("future")
    else:
        yield clear()


@cause("computer.probes.answered")
def probes_answered(context: DoctorContext) -> Iterator[Found]:
    """Everything that was asked has answered."""
    if context.facts.unread:
        yield unknown("silent", decisive=True, names=", ".join(context.facts.unread))
    else:
        yield clear()


@cause("python.pyscard.importable")
def pyscard_importable(context: DoctorContext) -> Iterator[Found]:
    """Pyscard and the library under it can be loaded."""
    if context.pcsc is not None:
        yield problem("missing") if context.pcsc.error == NO_MODULE else clear()


def _nothing_attached(context: DoctorContext) -> bool:
    """Whether neither USB nor PC/SC shows a reader; False where neither could be asked."""
    asked = context.host.usb is not None or context.works
    return asked and not context.usb and not context.names


@cause("reader.usb.attached")
def attached(context: DoctorContext) -> Iterator[Found]:
    """A reader is attached."""
    around = context.linux.surroundings or Surroundings()
    if not _nothing_attached(context):
        if context.usb or context.works:
            yield clear()
    elif not (around.wsl or around.machine):
        yield problem("none")


@cause("wall.wsl.usb")
def wsl(context: DoctorContext) -> Iterator[Found]:
    """Windows handed a reader to WSL."""
    around = context.linux.surroundings or Surroundings()
    if around.wsl:
        yield problem("not-attached") if _nothing_attached(context) else clear()


@cause("wall.machine.usb")
def machine(context: DoctorContext) -> Iterator[Found]:
    """The host handed a reader to the virtual machine."""
    around = context.linux.surroundings or Surroundings()
    if around.machine and not around.wsl:
        none = problem("not-attached", machine=around.machine)
        yield none if _nothing_attached(context) else clear()


@cause("reader.model.usable")
def model_usable(context: DoctorContext) -> Iterator[Found]:
    """No attached reader is of a kind that can never read the card."""
    poor = [device for device in context.usb if _never(device)]
    for device in poor:
        only = len(poor) == len(context.usb)
        severity = Severity.ERROR if only else Severity.WARNING
        yield problem("no-type-b", severity, model=title_of(device))
    if context.usb and not poor:
        yield clear()


def _never(device: UsbDevice) -> bool:
    models = models_for_usb(*device.id)
    return bool(models) and all(model.type_b == "no" for model in models)


@cause("driver.reader.class")
def reader_class(context: DoctorContext) -> Iterator[Found]:
    """No attached reader is of a class that PC/SC never serves."""
    found = False
    for device in context.usb:
        state = _vendor_state(context, device)
        if state:
            found = True
            yield problem(state, Severity.WARNING, model=title_of(device))
    if context.usb and not found:
        yield clear()


def _vendor_state(context: DoctorContext, device: UsbDevice) -> str | None:
    if context.host.system == "Linux":
        ours = any(device == other for other, _ in nfc_devices(context))
        return "vendor-linux" if ours else None
    models = models_for_usb(*device.id)
    unusable = bool(models) and all(m.support["Darwin"].value == "not-usable" for m in models)
    return "vendor-macos" if unusable and not _never(device) else None


@cause("reader.pcsc.listed")
def listed(context: DoctorContext) -> Iterator[Found]:
    """The service lists every attached reader that its driver knows; no other cause explains it."""
    if context.host.system != "Linux" or not context.works:
        return
    lost = [device for device in context.missed if _should_be_listed(context, device)]
    for device in lost:
        yield problem("lost", context.grade, model=title_of(device))
    if context.usb and not lost:
        yield clear()


def _should_be_listed(context: DoctorContext, device: UsbDevice) -> bool:
    driven = context.driven is not None and device.id in context.driven
    taken = any(interface.driver in KERNEL_DRIVERS for interface in device.interfaces)
    port = next((p for p in context.linux.ports or () if p.location == device.location), None)
    explained = port is not None and bool(
        port.ignored
        or port.holder
        or port.over_current
        or port.hub
        or (port.suspended and port.control == "auto")
    )
    refused = any(found.outcome is Outcome.PROBLEM for found in pcscd_node.run(context))
    return driven and not (taken or explained or refused)
