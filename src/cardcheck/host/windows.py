# SPDX-License-Identifier: Apache-2.0
"""What Windows tells: plug-and-play devices and the Smart Card service.

What belongs here: two queries and their parsers, which are pure. What does not: what it means
(``checks``). Labels of the system's tools are translated on Japanese Windows: only ids, numbers and
JSON keys are read.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cardcheck.catalog.readers import safe_text
from cardcheck.facts.host import UsbDevice, UsbInterface
from cardcheck.host.candidates import may_be_reader
from cardcheck.host.run import output_of

if TYPE_CHECKING:
    from collections.abc import Iterable

PNP_SECONDS = 8.0
SERVICE_SECONDS = 2.0

_PNP_QUERY = (
    "[Console]::OutputEncoding = [Text.Encoding]::UTF8; "
    "Get-PnpDevice -PresentOnly -InstanceId 'USB\\VID_*' -ErrorAction SilentlyContinue | "
    "Select-Object Status,Class,FriendlyName,Manufacturer,InstanceId,Service,CompatibleID | "
    "ConvertTo-Json -Compress -Depth 3"
)
_USB_ID = re.compile(
    r"USB\\VID_([0-9A-F]{4})&PID_([0-9A-F]{4})(?:&MI_([0-9A-F]{2}))?", re.IGNORECASE
)
_CLASS = re.compile(r"USB\\+Class_([0-9A-F]{2})", re.IGNORECASE)
_STATE = re.compile(r"^\s*STATE\s*:\s*(\d+)", re.MULTILINE)
_NO_SUCH_SERVICE = re.compile(r"\b1060\b")
_RUNNING = 4


def usb_readers() -> tuple[UsbDevice, ...] | None:
    """Attached USB devices that may be readers; None where no answer comes in time."""
    shell = _system32() / "WindowsPowerShell" / "v1.0" / "powershell.exe"
    text = output_of(
        [str(shell), "-NoProfile", "-NonInteractive", "-Command", _PNP_QUERY], PNP_SECONDS
    )
    return None if text is None else parse_pnp(text)


def service_state() -> tuple[bool | None, str | None]:
    """Whether the Smart Card service exists, and ``listening`` or ``absent``; None where unknown.

    ``absent`` means not running, which is normal while no reader is attached (it starts on
    arrival).
    """
    text = output_of([str(_system32() / "sc.exe"), "query", "SCardSvr"], SERVICE_SECONDS)
    return (None, None) if text is None else parse_service(text)


def parse_pnp(text: str) -> tuple[UsbDevice, ...] | None:
    """USB devices that may be readers, from JSON of ``Get-PnpDevice``; None where it is no JSON.

    One device gives an object, several a list, none nothing at all. The parts of a composite device
    are put together. A part that Windows reports as not working counts as one without a driver.
    """
    if not text.strip():
        return ()
    try:
        document = json.loads(text.lstrip("\ufeff"))
    except ValueError:
        return None
    rows = document if isinstance(document, list) else [document]
    groups: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        found = _USB_ID.search(str(row.get("InstanceId"))) if isinstance(row, dict) else None
        if found:
            groups.setdefault((found[1].lower(), found[2].lower()), []).append(row)
    devices = (_device(ids, parts) for ids, parts in groups.items())
    return tuple(device for device in devices if may_be_reader(device))


def parse_service(text: str) -> tuple[bool | None, str | None]:
    """What ``sc query`` says of a service: whether it exists, and ``listening`` or ``absent``."""
    state = _STATE.search(text)
    if state:
        return True, "listening" if int(state[1]) == _RUNNING else "absent"
    return (False, "absent") if _NO_SUCH_SERVICE.search(text) else (None, None)


def _system32() -> Path:
    return Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32"


def _device(ids: tuple[str, str], rows: Iterable[dict[str, Any]]) -> UsbDevice:
    rows = list(rows)
    interfaces = (_interface(row) for row in rows)
    # The part of class SmartCardReader has the name that people know.
    rows.sort(key=lambda row: row.get("Class") != "SmartCardReader")
    return UsbDevice(
        vendor_id=ids[0],
        product_id=ids[1],
        manufacturer=_words(rows[0].get("Manufacturer")),
        product=_words(rows[0].get("FriendlyName")),
        interfaces=tuple(filter(None, interfaces)),
    )


def _interface(row: dict[str, Any]) -> UsbInterface | None:
    # A string, or a list of them, in which str() doubles the backslash; the first class counts.
    usb_class = _CLASS.search(str(row.get("CompatibleID")))
    if usb_class is None:
        return None
    found = _USB_ID.search(str(row.get("InstanceId")))
    return UsbInterface(
        number=int(found[3], 16) if found and found[3] else 0,
        interface_class=int(usb_class[1], 16),
        driver=_words(row.get("Service")) if row.get("Status") == "OK" else None,
    )


def _words(value: object) -> str | None:
    return safe_text(value) if isinstance(value, str) and value else None
