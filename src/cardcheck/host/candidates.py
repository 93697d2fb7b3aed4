# SPDX-License-Identifier: Apache-2.0
"""Which attached USB devices may be readers, and what the installed PC/SC drivers list.

What belongs here: what Linux, macOS and Windows have in common. What does not: how each lists its
devices.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cardcheck.catalog.readers import models_for_usb, safe_text
from cardcheck.facts.host import DriverBundle

if TYPE_CHECKING:
    from pathlib import Path

    from cardcheck.facts.host import UsbDevice


def may_be_reader(device: UsbDevice) -> bool:
    """Whether a device is of the CCID class or in the catalogue (nfcpy's devices are, too)."""
    return device.is_ccid or bool(models_for_usb(*device.id))


def read_bundle(bundle: Path) -> DriverBundle | None:
    """One PC/SC driver from its ``Contents/Info.plist``.

    Returns:
        What it lists; no version and no ids where the file is not a property list; None where there
        is no file that can be read.
    """
    import plistlib
    from xml.parsers.expat import ExpatError

    try:
        data = (bundle / "Contents" / "Info.plist").read_bytes()
    except OSError:
        return None
    try:
        values = plistlib.loads(data)
    except (plistlib.InvalidFileException, ExpatError, ValueError, TypeError, LookupError):
        values = None
    return _bundle_of(safe_text(bundle.name), values if isinstance(values, dict) else {})


def _bundle_of(name: str, values: dict[str, Any]) -> DriverBundle:
    version = values.get("CFBundleShortVersionString")
    vendors, products = (_numbers(values.get(key)) for key in ("ifdVendorID", "ifdProductID"))
    return DriverBundle(
        name=name,
        version=safe_text(version) if isinstance(version, str) else None,
        ids=frozenset(
            (vendor, product)
            for vendor, product in zip(vendors, products, strict=False)
            if vendor and product
        ),
    )


def _numbers(values: object) -> list[str]:
    """Ids as four lower-case digits, ``""`` for what is no number; one string is a list of one."""
    listed = values if isinstance(values, list) else [values]
    return [_number(value) for value in listed]


def _number(value: object) -> str:
    try:
        return f"{int(str(value), 16):04x}"
    except ValueError:
        return ""
