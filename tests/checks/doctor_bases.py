# SPDX-License-Identifier: Apache-2.0
"""Three computers on which all is well, as host snapshots, and how others are made from them.

Put together from recorded output of the systems' own tools; none was taken from a computer with a
real reader.
"""

from __future__ import annotations

import copy
import json
from typing import Any, Final

Change = dict[str, Any]

RC_S300: Final = {
    "vendor_id": "054c",
    "product_id": "0dc9",
    "manufacturer": "SONY",
    "product": "FeliCa Port/PaSoRi 4.0",
    "location": "1-5",
    "bus": 1,
    "address": 7,
    "interfaces": [
        {"number": 0, "interface_class": 11, "driver": "usbfs"},
        {"number": 1, "interface_class": 255},
    ],
    "node_readable": False,
    "node_owner": "root:root 0664",
}
RC_S380: Final = {
    "vendor_id": "054c",
    "product_id": "06c3",
    "manufacturer": "SONY",
    "product": "RC-S380/P",
    "location": "1-6",
    "bus": 1,
    "address": 8,
    "interfaces": [{"number": 0, "interface_class": 255}],
    "node_readable": True,
    "node_owner": "root:root 0660",
}
LISTED: Final = [{"name": "SONY FeliCa RC-S300/P 00 00", "slot": "empty"}]
_LINUX: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Linux",
        "release": "6.1.0-28-amd64",
        "python": "3.11.2",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "pcsc_socket": "listening",
        "bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.2", "ids": [["054c", "0dc9"]]}],
        "usb": [RC_S300],
    },
    "pcsc": {"readers": LISTED},
    "linux": {
        "pcscd": {
            "systemd": True,
            "socket_unit": "enabled",
            "service_unit": "disabled",
            "processes": [{"user": "root", "same_namespace": True}],
            "libraries": ["/usr/lib/x86_64-linux-gnu/libpcsclite.so.1"],
        },
        "session": {
            "session": True,
            "active": True,
            "remote": False,
            "groups": ["plugdev"],
            "plugdev": True,
        },
        "rules": [],
        "ports": [
            {
                "location": "1-5",
                "control": "on",
                "suspended": False,
                "over_current": 0,
                "max_power": 250,
                "ignored": False,
            }
        ],
        "surroundings": {},
    },
    "software": {"modules": {"libusb": True}},
}
OUR_RULE: Final = {
    "file": "60-cardcheck.rules",
    "vendor_id": "054c",
    "product_ids": "06c3",
    "uaccess": True,
    "mode": "0660",
}
PORTAL: Final = {
    "name": "jp.go.cao.mpa",
    "browser": "chrome",
    "valid": True,
    "program": True,
    "extensions": ["fjjibalalngebiaophebgkkohaaggphf"],
}
ADDON: Final = {"id": "fjjibalalngebiaophebgkkohaaggphf", "browser": "chrome", "enabled": True}
SOFTWARE: Final = {
    "modules": {"libusb": True},
    "browsers": [{"name": "chrome", "major": 142}],
    "extensions": [ADDON],
    "hosts": [PORTAL],
    "portal_app": True,
    "jpki_client": True,
}
PNP: Final = {
    "vendor_id": "054c",
    "product_id": "0dc9",
    "name": "Sony FeliCa Port/PaSoRi 4.0",
    "device_class": "SmartCardReader",
    "service": "WUDFRd",
    "problem": 0,
}
_WINDOWS: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Windows",
        "release": "11",
        "python": "3.12.4",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "pcsc_socket": "listening",
        "usb": [{"vendor_id": "054c", "product_id": "0dc9"}],
    },
    "pcsc": {"readers": [{"name": "SONY FeliCa Port/PaSoRi 4.0 0", "slot": "empty"}]},
    "windows": {
        "start_type": 3,
        "running": True,
        "trigger": True,
        "remote": False,
        "devices": [PNP],
    },
    "software": SOFTWARE,
}
_MACOS: Final[Change] = {
    "schema": "cardcheck.host/1",
    "host": {
        "system": "Darwin",
        "release": "25.1.0",
        "python": "3.12.4",
        "now": "2026-12-01T03:00:00Z",
        "pcsc_installed": True,
        "bundles": [{"name": "ifd-ccid.bundle", "version": "1.5.1", "ids": []}],
        "usb": [{"vendor_id": "054c", "product_id": "0dc9", "product": "FeliCa Port/PaSoRi 4.0"}],
    },
    "pcsc": {"readers": [{"name": "SONY FeliCa Port/PaSoRi 4.0", "slot": "empty"}]},
    "macos": {
        "use_ifd_ccid": False,
        "architecture": "arm64",
        "rosetta": True,
        "bundles": [{"name": "ifd-ccid.bundle", "architectures": ["x86_64", "arm64"]}],
    },
    "software": {**SOFTWARE, "jpki_needs_rosetta": True},
}
BASES: Final = {"linux": _LINUX, "windows": _WINDOWS, "macos": _MACOS}
"""Computers on which all is well."""


def changed(base: str, change: Change) -> Change:
    """The well computer ``base`` with some values replaced, each named by its path."""
    document = copy.deepcopy(BASES[base])
    for path, value in change.items():
        *parents, last = path.split(".")
        place: Any = document
        for key in parents:
            place = place[int(key)] if isinstance(place, list) else place.setdefault(key, {})
        place[last] = copy.deepcopy(value)
    return document


def text_of(document: Change) -> str:
    """A snapshot as it is committed."""
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
