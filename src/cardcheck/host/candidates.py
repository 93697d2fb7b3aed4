# SPDX-License-Identifier: Apache-2.0
"""Which attached USB devices may be readers, and what the installed PC/SC drivers list.

What belongs here: what Linux, macOS and Windows have in common. What does not: how each lists its
devices.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from cardcheck.catalog.readers import is_known, safe_text
from cardcheck.facts.host import DriverBundle

if TYPE_CHECKING:
    from pathlib import Path

    from cardcheck.facts.host import UsbDevice

_IDS: Final = ("ifdVendorID", "ifdProductID")
_COMMENT: Final = re.compile(r"<!--(.*?)-->", re.DOTALL)
_HIDDEN: Final = re.compile(r"<string>\s*(0x[0-9A-Fa-f]{1,4})\s*</string>")


def may_be_reader(device: UsbDevice) -> bool:
    """Whether a device is of the CCID class or known by its ids (nfcpy's devices are, too).

    Security keys are among them: what is no reader is told from readers by the checks.
    """
    return device.is_ccid or is_known(*device.id)


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
    return _bundle_of(safe_text(bundle.name), values if isinstance(values, dict) else {}, data)


def _bundle_of(name: str, values: dict[str, Any], data: bytes) -> DriverBundle:
    version = values.get("CFBundleShortVersionString")
    vendors, products = ([_number(v) for v in _list(values.get(key))] for key in _IDS)
    pairs = list(zip(vendors, products, strict=False))
    called = zip(pairs, _list(values.get("ifdFriendlyName")), strict=False)
    return DriverBundle(
        name=name,
        version=safe_text(version) if isinstance(version, str) else None,
        ids=frozenset(pair for pair in pairs if all(pair)),
        names=frozenset((*pair, safe_text(str(text))) for pair, text in called if all(pair)),
        switched_off=_switched_off(data) - frozenset(pairs),
    )


def _switched_off(data: bytes) -> frozenset[tuple[str, str]]:
    """The ids whose lines are commented out in all lists of a property list.

    Whoever switches a reader off by hand comments its line out, once in the list of vendors, once
    in that of products. A comment that stands in one of them only means nothing to us.
    """
    text = data.decode("utf-8", "replace")
    vendors, products = (_commented(text, key) for key in _IDS)
    return frozenset(zip(vendors, products, strict=False))


def _commented(text: str, key: str) -> list[str]:
    listed = text.partition(f"<key>{key}</key>")[2].partition("</array>")[0]
    comments = " ".join(_COMMENT.findall(listed))
    return [_number(value) for value in _HIDDEN.findall(comments)]


def _list(values: object) -> list[Any]:
    """One string is a list of one."""
    return values if isinstance(values, list) else [values]


def _number(value: object) -> str:
    try:
        return f"{int(str(value), 16):04x}"
    except ValueError:
        return ""
