# SPDX-License-Identifier: Apache-2.0
"""What stands in the way of nfcpy, the most lasting first."""

from __future__ import annotations

import pytest

from cardcheck.catalog.nfc import (
    Obstacle,
    kernel_driver,
    nfcpy_driver,
    obstacle_of,
    permitted_group,
)
from cardcheck.facts.host import UsbDevice, UsbInterface


def device(
    usb: str = "054c:06c3",
    driver: str | None = None,
    *,
    node_readable: bool | None = None,
    node_owner: str | None = None,
    holders: tuple[str, ...] = (),
) -> UsbDevice:
    vendor, product = usb.split(":")
    interface = UsbInterface(number=0, interface_class=0xFF, driver=driver)
    return UsbDevice(
        vendor_id=vendor,
        product_id=product,
        interfaces=(interface,),
        node_readable=node_readable,
        node_owner=node_owner,
        holders=holders,
    )


@pytest.mark.parametrize(
    ("usb", "driver"),
    [
        ("054c:06c1", "rcs380"),
        ("054c:06c3", "rcs380"),
        ("054c:02e1", "rcs956"),
        ("04cc:2533", "pn533"),
        ("04e6:5591", "pn533"),
        ("04e6:5593", "pn533"),
        ("072f:2200", "acr122"),
        ("054c:0193", "pn531"),
        ("04cc:0531", "pn531"),
        ("054c:0dc9", None),  # RC-S300
        ("054c:06c2", None),
        ("1234:5678", None),
    ],
)
def test_the_catalogue_knows_what_nfcpy_drives(usb: str, driver: str | None) -> None:
    assert nfcpy_driver(device(usb)) == driver


def test_a_free_device_has_nothing_in_its_way() -> None:
    assert obstacle_of(device()) is None
    assert obstacle_of(device(node_readable=True, node_owner="root:root 0660")) is None


@pytest.mark.parametrize("usb", ["054c:0193", "04cc:0531"])
def test_pn531_cannot_read_the_card_at_all(usb: str) -> None:
    assert obstacle_of(device(usb, driver="pn533_usb", node_readable=False)) is Obstacle.NO_TYPE_B


@pytest.mark.parametrize("driver", ["port100", "pn533_usb"])
def test_the_module_of_the_kernel_is_named(driver: str) -> None:
    taken = device(driver=driver, node_readable=False)
    assert (obstacle_of(taken), kernel_driver(taken)) == (Obstacle.KERNEL_DRIVER, driver)


@pytest.mark.parametrize(
    ("owner", "group"),
    [
        ("root:plugdev 0660", "plugdev"),
        ("root:plugdev 0664", "plugdev"),
        ("root:plugdev 0640", None),
        ("root:root 0660", None),
        ("root:1001 0660", "1001"),
        ("nonsense", None),
        (None, None),
    ],
)
def test_a_group_helps_where_it_may_write(owner: str | None, group: str | None) -> None:
    denied = device(node_readable=False, node_owner=owner)
    assert permitted_group(denied) == group
    expected = Obstacle.NOT_IN_GROUP if group else Obstacle.NO_PERMISSION
    assert obstacle_of(denied) is expected


def test_a_claimed_device_is_busy_whoever_has_it() -> None:
    assert obstacle_of(device(driver="usbfs")) is Obstacle.BUSY
    assert obstacle_of(device(holders=("pcscd (812)",))) is Obstacle.BUSY
