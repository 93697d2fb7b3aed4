# SPDX-License-Identifier: Apache-2.0
"""What macOS tells: ``system_profiler`` about USB devices and smart card drivers.

What belongs here: two queries and their parsers, which are pure. What does not: what it means
(``checks``). Since macOS 26 (Darwin 25) ``SPUSBDataType`` is empty and ``SPUSBHostDataType`` has
the tree, with other keys. Neither tells the class of an interface, so that only devices in the
catalogue can be recognised.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cardcheck.catalog.readers import safe_text
from cardcheck.facts.host import DriverBundle, UsbDevice
from cardcheck.host.candidates import may_be_reader, read_bundle
from cardcheck.host.run import output_of

if TYPE_CHECKING:
    from collections.abc import Iterator

PROFILER = "/usr/sbin/system_profiler"
USB_SECONDS = 6.0
DRIVER_SECONDS = 4.0
_OLD, _NEW = "SPUSBDataType", "SPUSBHostDataType"
_FIRST_DARWIN_WITH_NEW = 25

_VENDOR_KEYS = ("vendor_id", "USBDeviceKeyVendorID")
_PRODUCT_KEYS = ("product_id", "USBDeviceKeyProductID")
_MAKER_KEYS = ("manufacturer", "USBDeviceKeyVendorName")
_PLACE_KEYS = ("location_id", "USBKeyLocationID")
# As in fr.apdu.ccid.smartcardccid:1.5.1 (/usr/libexec/SmartCardServices/drivers/ifd-ccid.bundle)
_DRIVER = re.compile(r"^(?P<id>[^:()]+):(?P<version>[^\s()]*) \((?P<path>.*)\)$")


def usb_readers(release: str) -> tuple[UsbDevice, ...] | None:
    """Attached USB devices that may be readers; None where no answer comes in time.

    Args:
        release: the release of Darwin (``25.1.0``).
    """
    major = release.partition(".")[0]
    is_new = major.isdecimal() and int(major) >= _FIRST_DARWIN_WITH_NEW
    text = output_of([PROFILER, _NEW if is_new else _OLD, "-json"], USB_SECONDS)
    return None if text is None else parse_usb(text)


def driver_bundles() -> tuple[DriverBundle, ...] | None:
    """The PC/SC drivers that macOS lists, with their ids; None where no answer comes in time."""
    text = output_of([PROFILER, "SPSmartCardsDataType", "-json"], DRIVER_SECONDS)
    drivers = None if text is None else parse_drivers(text)
    if drivers is None:
        return None
    found = (
        read_bundle(path)
        or DriverBundle(name=safe_text(path.name), version=version, ids=frozenset())
        for path, version in drivers
    )
    return tuple(found)


def parse_usb(text: str) -> tuple[UsbDevice, ...] | None:
    """USB devices that may be readers, from either JSON format; None where it is neither."""
    document = _document(text)
    if document is None or not {_OLD, _NEW} & set(document):
        return None
    rows = [row for key in (_OLD, _NEW) for row in _rows(document.get(key))]
    devices = (_device(row) for row in rows)
    return tuple(device for device in devices if device is not None and may_be_reader(device))


def parse_drivers(text: str) -> tuple[tuple[Path, str], ...] | None:
    """Path and version of each driver in ``SPSmartCardsDataType``; None where it is no JSON."""
    document = _document(text)
    if document is None or "SPSmartCardsDataType" not in document:
        return None
    rows = _rows(document["SPSmartCardsDataType"])
    lines = [
        value
        for row in rows
        if row.get("_name") == "READERS_DRIVERS"
        for key, value in row.items()
        if key.startswith("#") and isinstance(value, str)
    ]
    found = filter(None, map(_DRIVER.match, lines))
    return tuple((Path(match["path"]), safe_text(match["version"])) for match in found)


def _document(text: str) -> dict[str, Any] | None:
    try:
        document = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _rows(values: object) -> Iterator[dict[str, Any]]:
    """All rows of a tree, parents first; ``_items`` holds the children."""
    waiting = list(values) if isinstance(values, list) else []
    while waiting:
        row = waiting.pop(0)
        if isinstance(row, dict):
            yield row
            children = row.get("_items")
            waiting[:0] = children if isinstance(children, list) else []


def _device(row: dict[str, Any]) -> UsbDevice | None:
    vendor, product = _id(_first(row, _VENDOR_KEYS)), _id(_first(row, _PRODUCT_KEYS))
    if vendor is None or product is None:
        return None
    maker, title, place = _first(row, _MAKER_KEYS), row.get("_name"), _first(row, _PLACE_KEYS)
    return UsbDevice(
        vendor_id=vendor,
        product_id=product,
        manufacturer=safe_text(maker) if maker else None,
        product=safe_text(title) if isinstance(title, str) else None,
        location=safe_text(place.split()[0]) if place and place.strip() else None,
    )


def _first(row: dict[str, Any], keys: tuple[str, ...]) -> str | None:
    return next((row[key] for key in keys if isinstance(row.get(key), str)), None)


def _id(text: str | None) -> str | None:
    """Four lower-case digits of ``0x054c  (Sony Corporation)``; ``apple_vendor_id`` is 0x05ac."""
    word = (text or "").split()[:1]
    if word == ["apple_vendor_id"]:
        return "05ac"
    try:
        return f"{int(word[0], 16):04x}" if word else None
    except ValueError:
        return None
