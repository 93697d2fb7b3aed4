# SPDX-License-Identifier: Apache-2.0
"""Why an attached reader is not served on Linux: driver, kernel, permission, power.

What belongs here: one cause for each device. What does not: the service itself (``service``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.nfc import KERNEL_DRIVERS
from cardcheck.catalog.readers import models_for_usb
from cardcheck.checks.base import Found, problem
from cardcheck.checks.doctor.base import (
    DoctorContext,
    cause,
    clear,
    nfc_devices,
    title_of,
)
from cardcheck.facts.linux import PcscdFacts, SessionFacts, UdevRule, UsbPort
from cardcheck.facts.software import PythonModules
from cardcheck.report.model import Outcome, Severity

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from cardcheck.facts.host import UsbDevice

_CCID: Final = "ifd-ccid.bundle"
_BEFORE: Final = "73"  # 73-seat-late.rules of systemd applies uaccess


def _libccid_version(context: DoctorContext) -> str | None:
    bundles = context.host.bundles or ()
    return next((bundle.version for bundle in bundles if bundle.name == _CCID), None)


def _unlisted(context: DoctorContext) -> Iterator[UsbDevice]:
    """Attached CCID devices that no installed driver lists, where libccid itself is there."""
    if context.driven is None or not any(b.name == _CCID for b in context.host.bundles or ()):
        return
    yield from (d for d in context.usb if d.is_ccid and d.id not in context.driven)


def _each(found: Iterator[Found], context: DoctorContext) -> Iterator[Found]:
    """What was found, or that all is well where there is a device to say it of."""
    problems = list(found)
    yield from problems or ([clear()] if context.usb else [])


def needs(device: UsbDevice) -> tuple[str, str] | None:
    """What would serve an unlisted device: ``("libccid", "1.4.35")``, ``("package", "lib...")``."""
    for model in models_for_usb(*device.id):
        if model.linux_driver not in {None, "none"}:
            return "package", str(model.linux_driver)
        if model.libccid_since and model.libccid_section != "disabled":
            return "libccid", model.libccid_since
    return None


@cause("driver.libccid.installed")
def libccid_installed(context: DoctorContext) -> Iterator[Found]:
    """The standard driver is there."""
    bundles = context.host.bundles
    if bundles is None or context.host.pcsc_installed is False:
        return
    yield clear() if any(b.name == _CCID for b in bundles) else problem("missing")


@cause("driver.libccid.recent")
def libccid_recent(context: DoctorContext) -> Iterator[Found]:
    """It is new enough for the attached readers."""

    def old() -> Iterator[Found]:
        for device in _unlisted(context):
            kind, since = needs(device) or (None, None)
            if kind == "libccid":
                has = _libccid_version(context) or "?"
                yield problem(
                    "too-old", context.grade, model=title_of(device), needs=since, has=has
                )

    return _each(old(), context)


@cause("driver.acs.installed")
def package_installed(context: DoctorContext) -> Iterator[Found]:
    """A driver of the maker is there where one is needed."""

    def missing() -> Iterator[Found]:
        for device in _unlisted(context):
            kind, package = needs(device) or (None, None)
            if kind == "package":
                yield problem("missing", context.grade, model=title_of(device), package=package)

    return _each(missing(), context)


@cause("driver.reader.listed")
def reader_listed(context: DoctorContext) -> Iterator[Found]:
    """A CCID reader is in the list of a driver."""

    def unlisted() -> Iterator[Found]:
        for device in _unlisted(context):
            if needs(device) is None:
                yield problem(
                    "unlisted", context.grade, vendor=device.vendor_id, product=device.product_id
                )

    return _each(unlisted(), context)


@cause("driver.kernel.free")
def kernel_free(context: DoctorContext) -> Iterator[Found]:
    """No kernel module for NFC holds a reader."""

    def taken() -> Iterator[Found]:
        for device in context.usb:
            driver = next((i.driver for i in device.interfaces if i.driver in KERNEL_DRIVERS), None)
            if driver:
                place = device.location or "?"
                yield problem(
                    "taken", context.grade, model=title_of(device), driver=driver, location=place
                )

    return _each(taken(), context)


@cause("driver.variable.dropdir")
def variable_dropdir(context: DoctorContext) -> Iterator[Found]:
    """The service looks for its drivers where they are."""
    daemon = context.linux.pcscd
    if daemon is None:
        return
    yield problem("moved", Severity.WARNING) if daemon.dropdir else clear()


def _ports(context: DoctorContext) -> Iterator[tuple[UsbDevice, UsbPort]]:
    by_location = {port.location: port for port in context.linux.ports or ()}
    for device in context.usb:
        if device.location in by_location:
            yield device, by_location[device.location]


def _of_ports(
    context: DoctorContext, judge: Callable[[UsbDevice, UsbPort], Found | None]
) -> Iterator[Found]:
    found = (judge(device, port) for device, port in _ports(context))
    return _each((item for item in found if item is not None), context)


@cause("driver.reader.ignored")
def reader_ignored(context: DoctorContext) -> Iterator[Found]:
    """Nobody told pcscd to ignore a reader."""
    return _of_ports(
        context,
        lambda d, p: problem("marked", context.grade, model=title_of(d)) if p.ignored else None,
    )


@cause("reader.holder.free")
def holder_free(context: DoctorContext) -> Iterator[Found]:
    """No program has the device itself open, past PC/SC."""

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        if port.holder == "scdaemon":
            return problem("scdaemon", context.grade, model=title_of(device))
        return (
            problem("held", context.grade, model=title_of(device), holder=port.holder)
            if port.holder
            else None
        )

    return _of_ports(context, judge)


@cause("reader.power.awake")
def power_awake(context: DoctorContext) -> Iterator[Found]:
    """No reader sleeps while it should be listed."""

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        asleep = port.control == "auto" and port.suspended and device in context.missed
        if not (asleep and context.works):
            return None
        where = {"model": title_of(device), "location": port.location}
        return problem("asleep", Severity.WARNING, **where)

    return _of_ports(context, judge)


@cause("reader.power.enough")
def power_enough(context: DoctorContext) -> Iterator[Found]:
    """The port gives enough power, and no hub is suspected."""

    def judge(device: UsbDevice, port: UsbPort) -> Found | None:
        if port.over_current:
            return problem(
                "over-current", context.grade, model=title_of(device), count=port.over_current
            )
        driven = context.driven is not None and device.id in context.driven
        if port.hub and driven and context.works and device in context.missed:
            where = {"model": title_of(device), "location": port.location}
            return problem("hub", Severity.WARNING, **where)
        return None

    return _of_ports(context, judge)


def _rules_for(context: DoctorContext, device: UsbDevice) -> list[UdevRule]:
    return [
        rule
        for rule in context.linux.rules or ()
        if rule.vendor_id == device.vendor_id
        and (not rule.product_ids or device.product_id in re.split(r"\|", rule.product_ids))
    ]


def why_closed(context: DoctorContext, device: UsbDevice) -> str | None:
    """Why a device that nfcpy would open cannot be opened; None where it can or is not known."""
    if device.node_readable is not False or context.linux.rules is None:
        return None
    rules = _rules_for(context, device)
    session = context.linux.session or SessionFacts()
    if not rules:
        return "missing"
    early = [rule for rule in rules if rule.uaccess and rule.file < _BEFORE]
    groups = [rule.group for rule in rules if rule.group and rule.group != "root"]
    if not early and any(rule.uaccess for rule in rules):
        return "late"
    return "outside" if groups and not set(groups) & set(session.groups) else "denied"


def _closed(context: DoctorContext, why: str, state: str, *names: str) -> Iterator[Found]:
    def found() -> Iterator[Found]:
        for device, _ in nfc_devices(context):
            if why_closed(context, device) != why:
                continue
            rules = _rules_for(context, device)
            values = {
                "model": title_of(device),
                "owner": device.node_owner,
                "file": rules[0].file if rules else None,
                "group": next((rule.group for rule in rules if rule.group), None),
            }
            evidence = {name: values[name] for name in names}
            yield Found(
                state=state, outcome=Outcome.PROBLEM, severity=Severity.WARNING, evidence=evidence
            )

    return _each(found(), context)


@cause("access.rule.present")
def rule_present(context: DoctorContext) -> Iterator[Found]:
    """A udev rule opens the device to the user."""
    return _closed(context, "missing", "missing", "model", "owner")


@cause("access.rule.order")
def rule_order(context: DoctorContext) -> Iterator[Found]:
    """The rule sorts before the one that applies it."""
    return _closed(context, "late", "late", "file")


@cause("access.group.member")
def group_member(context: DoctorContext) -> Iterator[Found]:
    """The user is in the group that the rule names."""
    return _closed(context, "outside", "outside", "model", "group")


@cause("access.node.open")
def node_open(context: DoctorContext) -> Iterator[Found]:
    """The device can be opened where a rule is in place."""
    return _closed(context, "denied", "denied", "model", "owner")


@cause("access.rule.narrow")
def rule_narrow(context: DoctorContext) -> Iterator[Found]:
    """No rule opens a reader to everybody."""
    if context.linux.rules is None:
        return
    wide = [
        rule for rule in context.linux.rules if re.fullmatch(r"0?[0-7]{2}[2367]", rule.mode or "")
    ]
    if wide:
        yield problem("open", Severity.WARNING, file=wide[0].file, mode=wide[0].mode)
    else:
        yield clear()


@cause("access.pcscd.node")
def pcscd_node(context: DoctorContext) -> Iterator[Found]:
    """The service may open the readers that its driver lists."""
    daemon = context.linux.pcscd or PcscdFacts()
    own_user = daemon.service_user == "pcscd" or any(p.user == "pcscd" for p in daemon.processes)

    def refused() -> Iterator[Found]:
        for device in context.usb:
            group = re.match(r"\S+:(\S+) \d{3}(\d)", device.node_owner or "")
            served = context.driven is not None and device.id in context.driven
            closed = group and group[1] != "pcscd" and group[2] not in "67"
            if own_user and served and closed:
                yield problem(
                    "refused", context.grade, model=title_of(device), owner=device.node_owner
                )

    return _each(refused(), context)


@cause("python.nfcpy.importable")
def nfcpy_importable(context: DoctorContext) -> Iterator[Found]:
    """What nfcpy needs is there where a device needs nfcpy."""
    modules = context.software.modules or PythonModules()

    def missing() -> Iterator[Found]:
        for device, _ in nfc_devices(context):
            state = "missing" if not modules.nfcpy else "no-libusb"
            if not modules.nfcpy or modules.libusb is False:
                yield problem(state, Severity.WARNING, model=title_of(device))

    return _each(missing(), context)
