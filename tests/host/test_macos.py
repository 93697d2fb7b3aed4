# SPDX-License-Identifier: Apache-2.0
"""macOS facts from recorded output; nothing here was run on macOS."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardcheck.host import macos
from cardcheck.host.macos import parse_drivers, parse_usb

# macOS 15 and before, the keys as recorded; the ids of a catalogued reader put in
OLD = {
    "SPUSBDataType": [
        {
            "_name": "USB31Bus",
            "host_controller": "AppleT6000USBXHCI",
            "_items": [
                {
                    "_name": "FeliCa Port/PaSoRi 4.0",
                    "bcd_device": "5.43",
                    "location_id": "0x00100000 / 1",
                    "manufacturer": "SONY",
                    "product_id": "0x0dc8",
                    "serial_num": "0201504",
                    "vendor_id": "0x054c  (Sony Corporation)",
                },
                {"_name": "Keyboard", "product_id": "0x0342", "vendor_id": "apple_vendor_id"},
            ],
        }
    ]
}
# macOS 26 and later
NEW = {
    "SPUSBHostDataType": [
        {
            "_name": "USB 3.1 Bus",
            "Driver": "AppleT8112USBXHCI",
            "USBKeyHardwareType": "Built-in",
            "USBKeyLocationID": "0x02000000",
            "_items": [
                {
                    "_name": "Hub",
                    "USBDeviceKeyVendorID": "0x05e3",
                    "USBDeviceKeyProductID": "0x0610",
                    "_items": [
                        {
                            "_name": "RC-S380/P",
                            "USBDeviceKeyVendorID": "0x054c",
                            "USBDeviceKeyProductID": "0x06c3",
                            "USBDeviceKeyVendorName": "SONY",
                            "USBDeviceKeySerialNumber": "0201504",
                            "USBKeyLocationID": "0x02110000",
                        }
                    ],
                }
            ],
        }
    ]
}
CARDS = {
    "SPSmartCardsDataType": [
        {"_name": "READERS", "#01": "Yubico YubiKey (ATR:{length = 4, bytes = 0x3b800101})"},
        {
            "_name": "READERS_DRIVERS",
            "#01": "fr.apdu.ccid.smartcardccid:1.5.1 "
            "(/usr/libexec/SmartCardServices/drivers/ifd-ccid.bundle)",
        },
        {"_name": "SMARTCARDS_DRIVERS", "#01": "com.apple.CryptoTokenKit.pivtoken:1.0 (/x.appex)"},
        {"_name": "AVAIL_SMARTCARDS_TOKEN"},
    ]
}  # fmt: skip


def test_the_old_format() -> None:
    (found,) = parse_usb(json.dumps(OLD)) or ()
    assert found.id == ("054c", "0dc8")
    assert (found.manufacturer, found.product) == ("SONY", "FeliCa Port/PaSoRi 4.0")
    assert found.location == "0x00100000"
    assert "0201504" not in repr(found)


def test_the_new_format() -> None:
    (found,) = parse_usb(json.dumps(NEW)) or ()
    assert found.id == ("054c", "06c3")
    assert (found.manufacturer, found.location) == ("SONY", "0x02110000")
    assert "0201504" not in repr(found)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('{"SPUSBDataType":[]}', ()),
        ('{"SPUSBHostDataType":[{"_name":"USB 3.1 Bus"}]}', ()),
        ('{"SPUSBDataType":[{"vendor_id":"?","product_id":"0x1"}]}', ()),
        ("{}", None),
        ("[]", None),
        ("system_profiler: error", None),
        ("", None),
    ],
)
def test_no_device_and_no_answer_differ(text: str, expected: tuple[()] | None) -> None:
    assert parse_usb(text) == expected


@given(st.recursive(st.none() | st.text() | st.integers(), st.lists, max_leaves=5))
@settings(max_examples=100, derandomize=True)
def test_any_values_in_the_fields_are_survived(value: object) -> None:
    device = OLD["SPUSBDataType"][0]["_items"][0]
    assert isinstance(device, dict)
    for key in (*device, "_items"):
        parse_usb(json.dumps({"SPUSBDataType": [{**device, key: value}]}))
    parse_drivers(json.dumps({"SPSmartCardsDataType": value}))


def test_the_drivers_of_readers() -> None:
    path = Path("/usr/libexec/SmartCardServices/drivers/ifd-ccid.bundle")
    assert parse_drivers(json.dumps(CARDS)) == ((path, "1.5.1"),)
    assert parse_drivers("{}") is None
    assert parse_drivers('{"SPSmartCardsDataType":[]}') == ()


@pytest.mark.parametrize(
    ("release", "expected"),
    [("24.6.0", "SPUSBDataType"), ("25.0.0", "SPUSBHostDataType"), ("", "SPUSBDataType")],
)
def test_the_release_decides_the_format(
    monkeypatch: pytest.MonkeyPatch, release: str, expected: str
) -> None:
    asked: list[str] = []

    def record(command: list[str], seconds: float) -> None:
        asked.extend(command)

    monkeypatch.setattr(macos, "output_of", record)
    assert macos.usb_readers(release) is None
    assert asked == [macos.PROFILER, expected, "-json"]


def test_a_driver_whose_list_cannot_be_read_is_still_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(macos, "output_of", lambda command, seconds: json.dumps(CARDS))
    (found,) = macos.driver_bundles() or ()
    assert (found.name, found.version, found.ids) == ("ifd-ccid.bundle", "1.5.1", frozenset())
    monkeypatch.setattr(macos, "output_of", lambda command, seconds: None)
    assert macos.driver_bundles() is None
