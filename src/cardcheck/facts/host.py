# SPDX-License-Identifier: Apache-2.0
"""What was observed of this computer: system, clock, PC/SC driver, USB devices. No judgement.

What belongs here: frozen values that a recorded snapshot can hold as well. What does not: how they
are obtained (``host``), and what they mean (``checks``).
"""

from __future__ import annotations

# Not only for type checkers: a snapshot is read by the types of the fields.
from datetime import datetime  # noqa: TC003
from typing import Annotated

from msgspec import Meta, Struct


class UsbInterface(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One interface of a USB device.

    Attributes:
        number: bInterfaceNumber.
        interface_class: bInterfaceClass (0x0B is CCID), 0 to 255.
        driver: the kernel driver bound to it (``port100``, ``usbfs``), or None.
    """

    number: int
    interface_class: int
    driver: str | None = None


class UsbDevice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attached USB device; never its serial number.

    Attributes:
        vendor_id: four lower-case hexadecimal digits.
        product_id: four lower-case hexadecimal digits.
        manufacturer: as the device says, untrusted, or None.
        product: as the device says, untrusted, or None.
        location: where it is plugged in, as the system names it (``1-5``).
        bus: bus number, or None.
        address: device number, or None.
        interfaces: the interfaces of the active configuration.
        node_readable: whether this user may read and write the device node; None where unknown.
        node_owner: owner, group and mode of the node (``root:root 0664``), or None.
        holders: programs that have the node open (``pcscd (812)``), where it was looked for.
    """

    vendor_id: str
    product_id: str
    manufacturer: str | None = None
    product: str | None = None
    location: str | None = None
    bus: int | None = None
    address: int | None = None
    interfaces: tuple[UsbInterface, ...] = ()
    node_readable: bool | None = None
    node_owner: str | None = None
    holders: tuple[str, ...] = ()

    @property
    def id(self) -> tuple[str, str]:
        """Vendor and product id."""
        return self.vendor_id, self.product_id

    @property
    def is_ccid(self) -> bool:
        """Whether an interface is of the CCID class (USB class 0x0B)."""
        return any(interface.interface_class == 0x0B for interface in self.interfaces)


class DriverBundle(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One PC/SC driver as installed: what its ``Info.plist`` lists.

    Attributes:
        name: file name of the bundle (``ifd-ccid.bundle``).
        version: as the bundle says, or None.
        ids: vendor and product ids that it lists.
        names: what it calls each of them: vendor id, product id, name.
        switched_off: ids that stand in its file, but commented out.
    """

    name: str
    version: str | None
    ids: frozenset[tuple[str, str]]
    names: frozenset[tuple[str, str, str]] = frozenset()
    switched_off: frozenset[tuple[str, str]] = frozenset()

    def name_of(self, usb: tuple[str, str]) -> str | None:
        """What it calls the device with these ids, or None where that is not known."""
        return next((name for *pair, name in self.names if (pair[0], pair[1]) == usb), None)


class HostFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """This computer, as far as a scan needs it.

    Attributes:
        system: ``Linux``, ``Darwin`` or ``Windows``.
        release: release of the system.
        python: version of Python.
        now: the clock, UTC.
        pcsc_installed: whether the PC/SC daemon or service is installed; None where unknown.
        pcsc_socket: ``listening``, ``dead`` (a socket file without a daemon) or ``absent``; None
            where unknown.
        bundles: the installed PC/SC drivers; None where they cannot be listed.
        usb: attached USB devices that may be readers; None where they cannot be listed.
    """

    system: str
    release: str
    python: str
    now: Annotated[datetime, Meta(tz=True)]
    pcsc_installed: bool | None = None
    pcsc_socket: str | None = None
    bundles: tuple[DriverBundle, ...] | None = None
    usb: tuple[UsbDevice, ...] | None = None
