# SPDX-License-Identifier: Apache-2.0
"""Which attached USB devices nfcpy can drive, and what stands in its way.

What belongs here: the meaning of facts that ``host`` gathered. What does not: gathering them, and
opening a device (``transports``). nfcpy itself calls every obstacle "no such device".
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import models_for_usb

if TYPE_CHECKING:
    from cardcheck.facts.host import UsbDevice

KERNEL_DRIVERS: Final = frozenset({"port100", "pn533_usb", "pn533"})
"""Modules of the kernel that keep a reader for themselves (torvalds/linux, drivers/nfc)."""
_CLAIMED: Final = "usbfs"  # the driver of an interface that a program has claimed
_NODE: Final = re.compile(r"\S+:(\S+) \d*([0-7])[0-7]\Z")


class Obstacle(StrEnum):
    """Why nfcpy cannot open a device."""

    NO_TYPE_B = "no-type-b"
    KERNEL_DRIVER = "kernel-driver"
    NO_PERMISSION = "no-permission"
    NOT_IN_GROUP = "not-in-group"
    BUSY = "busy"


def nfcpy_driver(device: UsbDevice) -> str | None:
    """The nfcpy driver of a device, or None where it has none."""
    return next((model.nfcpy for model in models_for_usb(*device.id) if model.nfcpy), None)


def kernel_driver(device: UsbDevice) -> str | None:
    """The NFC module of the kernel that keeps a device, or None."""
    drivers = (interface.driver for interface in device.interfaces)
    return next((driver for driver in drivers if driver in KERNEL_DRIVERS), None)


def permitted_group(device: UsbDevice) -> str | None:
    """The group whose members may use the device, or None where there is none but root's."""
    found = _NODE.fullmatch(device.node_owner or "")
    if found is None or found[1] == "root" or int(found[2]) & 6 != 6:
        return None
    return found[1]


def obstacle_of(device: UsbDevice) -> Obstacle | None:
    """What keeps nfcpy from a device that it has a driver for, the most lasting first."""
    models = [model for model in models_for_usb(*device.id) if model.nfcpy]
    if models and not any(model.reads_type_b for model in models):
        return Obstacle.NO_TYPE_B
    if kernel_driver(device):
        return Obstacle.KERNEL_DRIVER
    if device.node_readable is False:
        return Obstacle.NOT_IN_GROUP if permitted_group(device) else Obstacle.NO_PERMISSION
    if device.holders or any(interface.driver == _CLAIMED for interface in device.interfaces):
        return Obstacle.BUSY
    return None
