# SPDX-License-Identifier: Apache-2.0
"""The release number that a USB device gives itself: as far as Linux tells, its firmware.

What belongs here: one attribute of sysfs. What does not: other facts of a device (``linux``).
"""

from __future__ import annotations

import re
from pathlib import Path

_LOCATION = re.compile(r"[0-9]+-[0-9.]+")
_RELEASE = re.compile(r"[0-9a-fA-F]{4}")


def usb_release(location: str | None, root: Path = Path("/")) -> str | None:
    """``bcdDevice`` of the device at ``location`` (``1-5``) as ``1.06``, or None."""
    if location is None or not _LOCATION.fullmatch(location):
        return None
    try:
        text = (root / "sys/bus/usb/devices" / location / "bcdDevice").read_text("ascii").strip()
    except (OSError, UnicodeError):
        return None
    return f"{int(text[:2], 16):x}.{text[2:]}" if _RELEASE.fullmatch(text) else None
