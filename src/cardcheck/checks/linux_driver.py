# SPDX-License-Identifier: Apache-2.0
"""Why an attached reader is not served on Linux: driver, kernel, power.

What belongs here: one cause for each device. What does not: the service itself (``pcscd``), and
who may open a device (``linux_access``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.nfc import KERNEL_DRIVERS, Obstacle, obstacle_of
from cardcheck.catalog.readers import models_for_usb
from cardcheck.checks.base import Context, cause, nfc_devices, of_devices, title_of
from cardcheck.checks.found import Found, clear, problem
from cardcheck.checks.linux_access import pcscd_node
from cardcheck.report.model import Layer, Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cardcheck.checks.base import Check
    from cardcheck.facts.host import UsbDevice
    from cardcheck.facts.linux import UsbPort

_CCID: Final = "ifd-ccid.bundle"
_MASS_STORAGE: Final = 0x08  # bInterfaceClass of a reader for memory cards


def _libccid_version(context: Context) -> str | None:
    bundles = context.host.bundles or ()
    return next((bundle.version for bundle in bundles if bundle.name == _CCID), None)


def _unlisted(context: Context) -> Iterator[UsbDevice]:
    """Attached CCID devices that no installed driver lists, where libccid itself is there."""
    there = any(bundle.name == _CCID for bundle in context.host.bundles or ())
    if context.driven is None or not there or not context.service.asked:
        return
    yield from (d for d in context.usb if d.is_ccid and d.id not in context.driven)


def needs(device: UsbDevice) -> tuple[str, str] | None:
    """What would serve an unlisted device: ``("libccid", "1.4.35")``, ``("package", "lib...")``."""
    for model in models_for_usb(*device.id):
        if model.linux_driver not in {None, "none"}:
            return "package", str(model.linux_driver)
        if model.libccid_since and model.libccid_section != "disabled":
            return "libccid", model.libccid_since
    return None


@cause("driver.libccid.installed", Layer.DRIVER, systems=("Linux",))
def libccid_installed(context: Context) -> Iterator[Found]:
    """The standard driver is there."""
    bundles = context.host.bundles
    if bundles is None or context.host.pcsc_installed is False:
        return
    yield clear() if any(b.name == _CCID for b in bundles) else problem("missing")


@cause("driver.libccid.recent", Layer.DRIVER, systems=("Linux",))
def libccid_recent(context: Context) -> Iterator[Found]:
    """It is new enough for the attached readers."""

    def old() -> Iterator[Found]:
        for device in _unlisted(context):
            kind, since = needs(device) or (None, None)
            has = _libccid_version(context) or "?"
            if kind == "libccid" and not _is_at_least(has, since):
                yield problem(
                    "too-old",
                    context.grade,
                    subject=context.subject_of(device),
                    model=title_of(device),
                    needs=since,
                    has=has,
                )

    return of_devices(old(), context)


@cause("driver.acs.installed", Layer.DRIVER, systems=("Linux",))
def package_installed(context: Context) -> Iterator[Found]:
    """A driver of the maker is there where one is needed."""

    def missing() -> Iterator[Found]:
        for device in _unlisted(context):
            kind, package = needs(device) or (None, None)
            if kind == "package":
                yield problem(
                    "missing",
                    context.grade,
                    subject=context.subject_of(device),
                    model=title_of(device),
                    package=package,
                )

    return of_devices(missing(), context)


@cause("driver.reader.listed", Layer.DRIVER, systems=("Linux",))
def reader_listed(context: Context) -> Iterator[Found]:
    """A CCID reader is in the list of a driver."""

    def unlisted() -> Iterator[Found]:
        for device in _unlisted(context):
            state = _why_unlisted(context, device)
            if state is not None:
                yield problem(
                    state,
                    context.grade,
                    subject=context.subject_of(device),
                    vendor=device.vendor_id,
                    product=device.product_id,
                )

    return of_devices(unlisted(), context)


def _why_unlisted(context: Context, device: UsbDevice) -> str | None:
    """Why no driver lists a device, where neither a newer nor another driver is the answer."""
    if any(device.id in bundle.switched_off for bundle in context.host.bundles or ()):
        return "switched-off"
    kind, since = needs(device) or (None, None)
    if kind is None:
        return "unlisted"
    has = _libccid_version(context)
    taken_out = kind == "libccid" and has is not None and _is_at_least(has, since)
    return "taken-out" if taken_out else None


def _is_at_least(version: str, wanted: str | None) -> bool:
    """Whether a release is not older than another; what is no number is older."""
    return _numbers(version) >= _numbers(wanted or "")


def _numbers(version: str) -> tuple[int, ...]:
    later = version.startswith("after-")
    numbers = tuple(int(part) for part in re.findall(r"\d+", version)[:3])
    return (*numbers, 1) if later else numbers


@cause("driver.reader.single", Layer.DRIVER, systems=("Linux",))
def reader_single(context: Context) -> Iterator[Found]:
    """No two drivers list the same reader: which of them takes it is chance."""

    def shared() -> Iterator[Found]:
        for device in context.usb:
            names = [b.name for b in context.host.bundles or () if device.id in b.ids]
            if len(names) > 1:
                lost = device in context.missed
                yield problem(
                    "several",
                    context.grade if lost else Severity.INFO,
                    subject=context.subject_of(device),
                    model=title_of(device),
                    first=names[0],
                    second=names[1],
                )

    return of_devices(shared(), context)


@cause("driver.kernel.free", Layer.DRIVER, systems=("Linux",))
def kernel_free(context: Context) -> Iterator[Found]:
    """No kernel module for NFC holds a reader."""

    def taken() -> Iterator[Found]:
        for device in context.usb:
            driver = next((i.driver for i in device.interfaces if i.driver in KERNEL_DRIVERS), None)
            if driver:
                place = device.location or "?"
                yield problem(
                    "taken",
                    context.grade,
                    subject=context.subject_of(device),
                    model=title_of(device),
                    driver=driver,
                    location=place,
                )

    return of_devices(taken(), context)


@cause("driver.variable.dropdir", Layer.DRIVER, systems=("Linux",))
def variable_dropdir(context: Context) -> Iterator[Found]:
    """The service looks for its drivers where they are."""
    daemon = context.linux.pcscd
    if daemon is None:
        return
    yield problem("moved", Severity.WARNING) if daemon.dropdir else clear()


def _ports(context: Context) -> Iterator[tuple[UsbDevice, UsbPort]]:
    by_location = {port.location: port for port in context.linux.ports or ()}
    for device in context.usb:
        if device.location in by_location:
            yield device, by_location[device.location]


def _of_ports(
    context: Context, judge: Callable[[UsbDevice, UsbPort], Found | None]
) -> Iterator[Found]:
    found = (judge(device, port) for device, port in _ports(context))
    return of_devices((item for item in found if item is not None), context)


@cause("driver.reader.ignored", Layer.DRIVER, systems=("Linux",))
def reader_ignored(context: Context) -> Iterator[Found]:
    """Nobody told pcscd to ignore a reader."""
    return _of_ports(
        context,
        lambda d, p: (
            problem("marked", context.grade, subject=context.subject_of(d), model=title_of(d))
            if p.ignored
            else None
        ),
    )


@cause("reader.holder.free", Layer.READER, systems=("Linux",))
def holder_free(context: Context) -> Iterator[Found]:
    """No program has the device itself open, past PC/SC."""
    lost = {reader.device for reader in context.unreachable}
    claimed = [d for d, _ in nfc_devices(context) if d in lost and obstacle_of(d) is Obstacle.BUSY]
    for device in claimed:
        holder = ", ".join(device.holders) or None
        subject = context.subject_of(device)
        yield problem("held", context.grade, subject=subject, model=title_of(device), holder=holder)
    if not claimed:
        yield from _held_at_port(context)


def _held_at_port(context: Context) -> Iterator[Found]:

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        if port.holder == "scdaemon":
            return problem(
                "scdaemon",
                context.grade,
                subject=context.subject_of(device),
                model=title_of(device),
            )
        return (
            problem(
                "held",
                context.grade,
                subject=context.subject_of(device),
                model=title_of(device),
                holder=port.holder,
            )
            if port.holder
            else None
        )

    return _of_ports(context, judge)


@cause("reader.power.awake", Layer.READER, systems=("Linux",))
def power_awake(context: Context) -> Iterator[Found]:
    """No reader sleeps while it should be listed."""

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        asleep = port.control == "auto" and port.suspended and device in context.missed
        if not (asleep and context.works):
            return None
        where = {"model": title_of(device), "location": port.location}
        return problem("asleep", context.grade, subject=context.subject_of(device), **where)

    return _of_ports(context, judge)


@cause("reader.power.enough", Layer.READER, systems=("Linux",))
def power_enough(context: Context) -> Iterator[Found]:
    """The port gives enough power, and no hub is suspected."""

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        if port.over_current:
            return problem(
                "over-current",
                context.grade,
                subject=context.subject_of(device),
                model=title_of(device),
                count=port.over_current,
            )
        driven = context.driven is not None and device.id in context.driven
        if port.hub and driven and context.works and device in context.missed:
            where = {"model": title_of(device), "location": port.location}
            return problem("hub", context.grade, subject=context.subject_of(device), **where)
        return None

    return _of_ports(context, judge)


@cause("reader.pcsc.listed", Layer.READER)
def listed(context: Context) -> Iterator[Found]:
    """The service lists every attached reader that its driver knows; no other cause explains it."""
    if context.host.system != "Linux" or not context.works:
        return
    lost = [device for device in context.missed if _should_be_listed(context, device)]
    for device in lost:
        combined = any(i.interface_class == _MASS_STORAGE for i in device.interfaces)
        yield problem(
            "lost-combined" if combined else "lost",
            context.grade,
            subject=context.subject_of(device),
            model=title_of(device),
        )
    if context.usb and not lost:
        yield clear()


def _should_be_listed(context: Context, device: UsbDevice) -> bool:
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


CHECKS: Final[tuple[Check, ...]] = (
    libccid_installed,
    libccid_recent,
    package_installed,
    reader_listed,
    reader_single,
    kernel_free,
    variable_dropdir,
    reader_ignored,
    holder_free,
    power_awake,
    power_enough,
    listed,
)
