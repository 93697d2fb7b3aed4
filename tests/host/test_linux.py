# SPDX-License-Identifier: Apache-2.0
"""Linux facts from fake trees, and from real sockets."""

from __future__ import annotations

import os
import plistlib
import socket
import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no /sys, /proc and owners of files", allow_module_level=True)

from cardcheck.host.linux import driver_bundles, pcscd_installed, socket_state, usb_readers

if TYPE_CHECKING:
    from pathlib import Path


def attributes(place: Path, **values: str) -> Path:
    place.mkdir(parents=True, exist_ok=True)
    for name, value in values.items():
        (place / name).write_text(f"{value}\n")
    return place


def device(root: Path, name: str, usb: str, *classes: str, **more: str) -> Path:
    """A device in a fake sysfs with one interface a class, laid out as the kernel does."""
    devices = root / "sys/bus/usb/devices"
    vendor_id, _, product_id = usb.partition(":")
    place = attributes(devices / name, idVendor=vendor_id, idProduct=product_id, **more)
    for number, usb_class in enumerate(classes):
        attributes(
            devices / f"{name}:1.{number}",
            bInterfaceNumber=f"{number:02x}",
            bInterfaceClass=usb_class,
        )
    return place


def driver_list(place: Path, name: str, usb: str) -> None:
    vendor_id, _, product_id = usb.partition(":")
    contents = place / name / "Contents"
    contents.mkdir(parents=True)
    values = {"ifdVendorID": [f"0x{vendor_id}"], "ifdProductID": [f"0x{product_id}"]}
    (contents / "Info.plist").write_bytes(plistlib.dumps(values))


def test_a_ccid_reader_is_described(tmp_path: Path) -> None:
    device(
        tmp_path, "1-5", "054C:0DC9", "0b", "ff",
        busnum="1", devnum="7", manufacturer="SONY", product="FeliCa RC-S300/P", serial="0201504",
    )  # fmt: skip
    node = tmp_path / "dev/bus/usb/001/007"
    node.parent.mkdir(parents=True)
    node.touch(0o600)
    (found,) = usb_readers(tmp_path) or ()
    assert found.id == ("054c", "0dc9")
    assert found.is_ccid
    assert [(i.number, i.interface_class, i.driver) for i in found.interfaces] == [
        (0, 0x0B, None),
        (1, 0xFF, None),
    ]
    assert (found.manufacturer, found.product) == ("SONY", "FeliCa RC-S300/P")
    assert (found.location, found.bus, found.address) == ("1-5", 1, 7)
    assert found.node_readable is True
    assert (found.node_owner or "").endswith(" 0600")
    assert "0201504" not in repr(found)


def test_the_kernel_driver_of_an_interface_is_named(tmp_path: Path) -> None:
    device(tmp_path, "1-5", "054c:06c3", "ff")
    (tmp_path / "sys/bus/usb/drivers/port100").mkdir(parents=True)
    link = tmp_path / "sys/bus/usb/devices/1-5:1.0/driver"
    link.symlink_to("../../drivers/port100")
    (found,) = usb_readers(tmp_path) or ()
    assert [interface.driver for interface in found.interfaces] == ["port100"]
    assert (found.node_readable, found.node_owner) == (None, None)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open every node")
def test_a_node_without_permission_is_seen(tmp_path: Path) -> None:
    device(tmp_path, "1-5", "054c:06c3", "ff", busnum="1", devnum="7")
    node = tmp_path / "dev/bus/usb/001/007"
    node.parent.mkdir(parents=True)
    node.touch(0o400)
    (found,) = usb_readers(tmp_path) or ()
    assert found.node_readable is False


def test_other_devices_hubs_and_ruins_are_left_out(tmp_path: Path) -> None:
    device(tmp_path, "1-1", "046d:c52b", "03")
    device(tmp_path, "usb1", "1d6b:0002", "0b")
    device(tmp_path, "1-2", "zzzz:0001", "0b")
    (tmp_path / "sys/bus/usb/devices/1-3").mkdir()
    assert usb_readers(tmp_path) == ()


def test_two_like_devices_do_not_share_interfaces(tmp_path: Path) -> None:
    device(tmp_path, "1-1", "ffff:0001", "0b")
    device(tmp_path, "1-1.2", "ffff:0001", "0b", "0b")
    assert [len(found.interfaces) for found in usb_readers(tmp_path) or ()] == [1, 2]


def test_strings_of_a_device_are_made_safe(tmp_path: Path) -> None:
    device(tmp_path, "1-5", "ffff:0001", "0b", product="\x1b[31mred" + "x" * 500)
    (found,) = usb_readers(tmp_path) or ()
    assert (found.product or "").startswith("?[31mred")
    assert len(found.product or "") <= 128


def test_no_usb_in_the_kernel_is_not_the_same_as_no_device(tmp_path: Path) -> None:
    assert usb_readers(tmp_path) is None
    (tmp_path / "sys/bus/usb/devices").mkdir(parents=True)
    assert usb_readers(tmp_path) == ()


def test_pcscd_is_found_where_distributions_put_it(tmp_path: Path) -> None:
    assert pcscd_installed(tmp_path) is False
    (tmp_path / "usr/sbin").mkdir(parents=True)
    (tmp_path / "usr/sbin/pcscd").touch()
    assert pcscd_installed(tmp_path) is True


def test_every_bundle_is_read_once(tmp_path: Path) -> None:
    place = tmp_path / "usr/lib/pcsc/drivers"
    driver_list(place, "ifd-ccid.bundle", "054c:0dc9")
    driver_list(place, "ifd-acsccid.bundle", "072f:221b")
    (place / "serial").mkdir()
    (tmp_path / "usr/lib64").symlink_to("lib")
    found = driver_bundles(tmp_path, {})
    assert [bundle.name for bundle in found] == ["ifd-acsccid.bundle", "ifd-ccid.bundle"]
    assert found[1].ids == {("054c", "0dc9")}


def test_the_drop_directory_takes_the_place_of_the_usual_ones(tmp_path: Path) -> None:
    driver_list(tmp_path / "usr/lib/pcsc/drivers", "ifd-ccid.bundle", "054c:0dc9")
    driver_list(tmp_path / "other", "ifd-mine.bundle", "072f:b100")
    environment = {"PCSCLITE_HP_DROPDIR": str(tmp_path / "other")}
    assert [b.name for b in driver_bundles(tmp_path, environment)] == ["ifd-mine.bundle"]
    assert driver_bundles(tmp_path, {"PCSCLITE_HP_DROPDIR": str(tmp_path / "none")}) == ()


def test_the_socket_is_listening_dead_or_absent(tmp_path: Path) -> None:
    path = str(tmp_path / "comm")
    assert socket_state({}, path) == "absent"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
        server.bind(path)
        assert socket_state({}, path) == "dead"
        server.listen(1)
        assert socket_state({"PCSCLITE_CSOCK_NAME": path}) == "listening"
    assert socket_state({}, path) == "dead"


def test_a_socket_that_is_too_busy_still_listens(tmp_path: Path) -> None:
    path = str(tmp_path / "comm")
    with (
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server,
        socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as caller,
    ):
        server.bind(path)
        server.listen(0)
        caller.connect(path)
        assert socket_state({}, path) == "listening"


def test_a_path_that_is_too_long_is_no_crash() -> None:
    assert socket_state({"PCSCLITE_CSOCK_NAME": "x" * 500}) is None
