# SPDX-License-Identifier: Apache-2.0
"""What was observed of a Windows computer beyond ``facts.host``: the service, devices, session."""

from __future__ import annotations

from msgspec import Struct


class PnpDevice(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One attached USB device or part of one, as plug and play knows it.

    Attributes:
        vendor_id: four lower-case hexadecimal digits.
        product_id: four lower-case hexadecimal digits.
        name: what Device Manager shows, untrusted, or None.
        device_class: its setup class (``SmartCardReader``, ``USBDevice``), or None.
        service: the driver service bound to it (``WUDFRd``, ``WinUSB``), or None.
        problem: the problem code (``28``), 0 where it works, None where unknown.
    """

    vendor_id: str
    product_id: str
    name: str | None = None
    device_class: str | None = None
    service: str | None = None
    problem: int | None = None


class WindowsFacts(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """All of it; None in a field where nothing was told.

    Attributes:
        start_type: of the service ``SCardSvr``: 2 automatic, 3 on demand, 4 disabled.
        running: whether it runs.
        trigger: whether it starts when a reader arrives.
        remote: whether this is a remote desktop session.
        devices: attached devices that may be readers.
    """

    start_type: int | None = None
    running: bool | None = None
    trigger: bool | None = None
    remote: bool | None = None
    devices: tuple[PnpDevice, ...] | None = None
