# SPDX-License-Identifier: Apache-2.0
"""What several host snapshots have in common: a silent service, a device that cannot be opened."""

from __future__ import annotations

from typing import Final

from checks.doctor_bases import RC_S380, Change

SILENT: Final = {"pcsc": {"error": "NoServiceError", "code": 0x8010001D}}
GONE: Final = {**SILENT, "host.pcsc_socket": "absent", "linux.pcscd.processes": []}
REFUSED: Final = {"pcsc": {"error": "AccessDeniedError", "code": 0x8010006A}}
UNSEEN: Final[Change] = {"pcsc.readers": []}
NFC: Final = {"host.usb": [RC_S380], "pcsc.readers": [], "linux.ports": []}
CLOSED: Final = {**NFC, "host.usb": [{**RC_S380, "node_readable": False}]}
ACR: Final = {
    "host.usb": [
        {
            "vendor_id": "072f",
            "product_id": "221b",
            "product": "ACR1251 Dual Reader",
            "location": "1-5",
            "interfaces": [{"number": 0, "interface_class": 11}],
        }
    ]
}
UNKNOWN_CCID: Final = {
    "host.usb": [
        {
            "vendor_id": "1234",
            "product_id": "5678",
            "product": "Example CCID",
            "location": "1-5",
            "interfaces": [{"number": 0, "interface_class": 11}],
        }
    ]
}
