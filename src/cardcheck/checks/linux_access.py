# SPDX-License-Identifier: Apache-2.0
"""Who may open an attached reader on Linux: udev rules, groups, the service's own user; and nfcpy.

What belongs here: permission for the device itself. What does not: permission to use the service
(``pcscd``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.checks.base import Check, Context, cause, nfc_devices, of_devices, title_of
from cardcheck.checks.found import Found, clear, problem
from cardcheck.facts.linux import PcscdFacts, SessionFacts, UdevRule
from cardcheck.facts.software import PythonModules
from cardcheck.report.model import Layer, Severity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cardcheck.checks.base import Check, Context
    from cardcheck.facts.host import UsbDevice

_BEFORE: Final = "73"  # 73-seat-late.rules of systemd applies uaccess


def _rules_for(context: Context, device: UsbDevice) -> list[UdevRule]:
    return [
        rule
        for rule in context.linux.rules or ()
        if rule.vendor_id == device.vendor_id
        and (not rule.product_ids or device.product_id in re.split(r"\|", rule.product_ids))
    ]


def why_closed(context: Context, device: UsbDevice) -> str | None:
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


def _closed(context: Context, why: str, state: str, *names: str) -> Iterator[Found]:
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
            subject = context.subject_of(device)
            yield problem(state, context.grade, subject=subject, **evidence)

    return of_devices(found(), context)


@cause("access.rule.present", Layer.DRIVER, systems=("Linux",))
def rule_present(context: Context) -> Iterator[Found]:
    """A udev rule opens the device to the user."""
    return _closed(context, "missing", "missing", "model", "owner")


@cause("access.rule.order", Layer.DRIVER, systems=("Linux",))
def rule_order(context: Context) -> Iterator[Found]:
    """The rule sorts before the one that applies it."""
    return _closed(context, "late", "late", "file")


@cause("access.group.member", Layer.DRIVER, systems=("Linux",))
def group_member(context: Context) -> Iterator[Found]:
    """The user is in the group that the rule names."""
    return _closed(context, "outside", "outside", "model", "group")


@cause("access.node.open", Layer.DRIVER, systems=("Linux",))
def node_open(context: Context) -> Iterator[Found]:
    """The device can be opened where a rule is in place."""
    return _closed(context, "denied", "denied", "model", "owner")


@cause("access.rule.narrow", Layer.DRIVER, systems=("Linux",))
def rule_narrow(context: Context) -> Iterator[Found]:
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


@cause("access.pcscd.node", Layer.DRIVER, systems=("Linux",))
def pcscd_node(context: Context) -> Iterator[Found]:
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
                    "refused",
                    context.grade,
                    subject=context.subject_of(device),
                    model=title_of(device),
                    owner=device.node_owner,
                )

    return of_devices(refused(), context)


@cause("python.nfcpy.importable", Layer.DRIVER, systems=("Linux",))
def nfcpy_importable(context: Context) -> Iterator[Found]:
    """What nfcpy needs is there where a device needs nfcpy."""
    modules = context.software.modules or PythonModules()

    def missing() -> Iterator[Found]:
        for device, _ in nfc_devices(context):
            state = "missing" if not modules.nfcpy else "no-libusb"
            if not modules.nfcpy or modules.libusb is False:
                yield problem(
                    state, context.grade, subject=context.subject_of(device), model=title_of(device)
                )

    return of_devices(missing(), context)


CHECKS: Final[tuple[Check, ...]] = (
    rule_present,
    rule_order,
    group_member,
    node_open,
    rule_narrow,
    pcscd_node,
    nfcpy_importable,
)
