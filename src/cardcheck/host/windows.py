# SPDX-License-Identifier: Apache-2.0
"""What Windows tells: plug-and-play devices and the Smart Card service.

What belongs here: which devices may be readers, and the state of the service, from what the system
listed. What does not: asking it (``windows_api``), and what it means (``checks``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.readers import safe_text
from cardcheck.deadline import all_within
from cardcheck.facts.host import UsbDevice, UsbInterface
from cardcheck.host.candidates import may_be_reader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from cardcheck.host.windows_api import PnpRow, ServiceRow

SECONDS: Final = 3.0
"""How long Windows may take to list its devices, or to tell of a service."""
SERVICE: Final = "SCardSvr"
READER_CLASS: Final = "SmartCardReader"
RUNNING: Final = 4

_USB_ID: Final = re.compile(
    r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(?:&MI_([0-9A-F]{2}))?", re.IGNORECASE
)
_CLASS: Final = re.compile(r"USB\\Class_([0-9A-F]{2})", re.IGNORECASE)


def usb_readers() -> tuple[UsbDevice, ...] | None:
    """Attached USB devices that may be readers; None where no answer comes in time."""
    from cardcheck.host.windows_api import usb_devices

    rows = all_within({"devices": usb_devices}, SECONDS).values.get("devices")
    return None if rows is None else readers_among(rows)


def service_state() -> tuple[bool | None, str | None]:
    """Whether the Smart Card service exists, and ``listening`` or ``absent``; None where unknown.

    ``absent`` means not running, which is normal while no reader is attached (it starts on
    arrival).
    """
    from cardcheck.host.windows_api import service

    row = all_within({"service": lambda: service(SERVICE)}, SECONDS).values.get("service")
    return (None, None) if row is None else state_of(row)


def readers_among(rows: Iterable[PnpRow]) -> tuple[UsbDevice, ...]:
    """USB devices that may be readers, among all that are present.

    The parts of a composite device are put together. A part that Windows reports as not working
    counts as one without a driver.
    """
    groups: dict[tuple[str, str], list[PnpRow]] = {}
    for row in rows:
        if ids := usb_id(row):
            groups.setdefault(ids, []).append(row)
    devices = (_device(ids, parts) for ids, parts in groups.items())
    return tuple(device for device in devices if may_be_reader(device))


def state_of(row: ServiceRow) -> tuple[bool | None, str | None]:
    """What a service is to a scan: whether it exists, and ``listening`` or ``absent``."""
    if row.installed and row.state is not None:
        return True, "listening" if row.state == RUNNING else "absent"
    return (False, "absent") if row.installed is False else (None, None)


def usb_id(row: PnpRow) -> tuple[str, str] | None:
    """Vendor and product, four lower-case digits each; None where it is no USB device."""
    found = _USB_ID.search(row.instance)
    return (found[1].lower(), found[2].lower()) if found else None


def words(value: str | None) -> str | None:
    """What a device says of itself, made safe to show; None for nothing."""
    return safe_text(value) if value else None


def _device(ids: tuple[str, str], rows: list[PnpRow]) -> UsbDevice:
    interfaces = (_interface(row) for row in rows)
    # The part of class SmartCardReader has the name that people know.
    named = min(rows, key=lambda row: row.device_class != READER_CLASS)
    return UsbDevice(
        vendor_id=ids[0],
        product_id=ids[1],
        manufacturer=words(named.manufacturer),
        product=words(named.name),
        interfaces=tuple(filter(None, interfaces)),
    )


def _interface(row: PnpRow) -> UsbInterface | None:
    # The first class counts.
    usb_class = next(filter(None, map(_CLASS.search, row.compatible)), None)
    if usb_class is None:
        return None
    found = _USB_ID.search(row.instance)
    return UsbInterface(
        number=int(found[3], 16) if found and found[3] else 0,
        interface_class=int(usb_class[1], 16),
        driver=words(row.service) if row.problem == 0 else None,
    )
