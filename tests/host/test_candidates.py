# SPDX-License-Identifier: Apache-2.0
"""Which devices may be readers, and what a PC/SC driver lists."""

from __future__ import annotations

import plistlib
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from cardcheck.facts.host import UsbDevice, UsbInterface
from cardcheck.host.candidates import may_be_reader, read_bundle

if TYPE_CHECKING:
    from pathlib import Path


def bundle(place: Path, values: bytes | list[Any] | dict[str, Any]) -> Path:
    contents = place / "ifd-test.bundle" / "Contents"
    contents.mkdir(parents=True, exist_ok=True)
    (contents / "Info.plist").write_bytes(
        values if isinstance(values, bytes) else plistlib.dumps(values)
    )
    return contents.parent


@pytest.mark.parametrize(
    ("usb", "interface_class", "expected"),
    [
        ("054c:0dc9", 0x0B, True),
        ("ffff:0001", 0x0B, True),
        ("054c:06c3", 0xFF, True),
        ("046d:c52b", 0x03, False),
    ],
)
def test_ccid_devices_and_known_ids_may_be_readers(
    usb: str, interface_class: int, expected: bool
) -> None:
    vendor_id, _, product_id = usb.partition(":")
    interface = UsbInterface(number=0, interface_class=interface_class)
    device = UsbDevice(vendor_id=vendor_id, product_id=product_id, interfaces=(interface,))
    assert may_be_reader(device) is expected


def test_a_driver_lists_pairs_of_ids(tmp_path: Path) -> None:
    values = {
        "CFBundleShortVersionString": "1.5.2",
        "ifdVendorID": ["0x054C", "0x072f"],
        "ifdProductID": ["0x0DC9", "0xB100"],
        "ifdFriendlyName": ["a", "b"],
    }
    found = read_bundle(bundle(tmp_path, values))
    assert found is not None
    assert (found.name, found.version) == ("ifd-test.bundle", "1.5.2")
    assert found.ids == {("054c", "0dc9"), ("072f", "b100")}


def test_a_driver_for_one_device_has_plain_strings(tmp_path: Path) -> None:
    found = read_bundle(bundle(tmp_path, {"ifdVendorID": "0x0CA6", "ifdProductID": "0x0010"}))
    assert found is not None
    assert found.ids == {("0ca6", "0010")}


@pytest.mark.parametrize(
    "values",
    [
        b"",
        b"no list at all",
        b"<plist><dict><key>a</key></dict></plist>",
        b"bplist00\xff\xff",
        b'<!DOCTYPE x [<!ENTITY a "b">]><plist><string>&a;</string></plist>',
        ["a list"],
        {"ifdVendorID": ["zzz", 1, ""], "ifdProductID": ["0x0001"]},
        {"CFBundleShortVersionString": 5},
    ],
)
def test_a_broken_driver_list_lists_nothing(
    tmp_path: Path, values: bytes | list[Any] | dict[str, Any]
) -> None:
    found = read_bundle(bundle(tmp_path, values))
    assert found is not None
    assert (found.version, found.ids) == (None, frozenset())


@given(st.binary(max_size=200))
@settings(
    max_examples=100, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_bytes_make_it_raise(tmp_path: Path, data: bytes) -> None:
    for prefix in (b"", b"<?xml version='1.0'?><plist>", b"bplist00"):
        read_bundle(bundle(tmp_path, prefix + data))


def test_a_driver_without_a_list_is_none(tmp_path: Path) -> None:
    assert read_bundle(tmp_path / "ifd-none.bundle") is None


def test_a_driver_s_own_names_and_what_was_switched_off_are_read(tmp_path: Path) -> None:
    def listed(key: str, *lines: str) -> str:
        return f"<key>{key}</key><array>{''.join(lines)}</array>"

    contents = tmp_path / "ifd-ccid.bundle" / "Contents"
    contents.mkdir(parents=True)
    (contents / "Info.plist").write_text(
        '<?xml version="1.0"?><plist version="1.0"><dict><!-- <string>0x9999</string> -->'
        + listed("ifdVendorID", "<string>0x072F</string>", "<!-- <string>0x054C</string> -->")
        + listed("ifdProductID", "<string>0x90CC</string>", "<!--<string>0x0DC9</string>-->")
        + listed("ifdFriendlyName", "<string>ACS ACR 38U-CCID</string>", "<!-- anything -->")
        + "</dict></plist>"
    )
    found = read_bundle(contents.parent)
    assert found is not None
    assert found.name_of(("072f", "90cc")) == "ACS ACR 38U-CCID"
    assert found.name_of(("054c", "0dc9")) is None
    assert found.ids == {("072f", "90cc")}
    assert found.switched_off == {("054c", "0dc9")}
