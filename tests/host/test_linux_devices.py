# SPDX-License-Identifier: Apache-2.0
"""Power, holders, marks and rules, read from trees of files."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

if sys.platform == "win32":
    pytest.skip("Windows has no /sys and udev", allow_module_level=True)

from cardcheck.catalog.udev import udev_rules
from cardcheck.facts.host import UsbDevice
from cardcheck.facts.linux import UdevRule
from cardcheck.host import linux_devices

if TYPE_CHECKING:
    from pathlib import Path

DEVICE = UsbDevice(vendor_id="054c", product_id="06c3", location="1-5", bus=1, address=7)
NFCPY_RULE = (
    'SUBSYSTEM=="usb", ACTION=="add", ATTRS{idVendor}=="054c", ATTRS{idProduct}=="06C3", '
    'MODE="0666"'
)


def write(root: Path, name: str, text: str = "") -> None:
    path = root / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_our_own_rules_are_read(tmp_path: Path) -> None:
    write(tmp_path, "etc/udev/rules.d/60-cardcheck.rules", udev_rules())
    found = linux_devices.rules(tmp_path)
    ours = UdevRule(
        file="60-cardcheck.rules", vendor_id="054c", product_ids="06c3", uaccess=True, mode="0660"
    )
    assert ours in found
    assert all(rule.uaccess and rule.mode == "0660" for rule in found)


def test_rules_of_others(tmp_path: Path) -> None:
    write(tmp_path, "etc/udev/rules.d/99-nfc.rules", f"# {NFCPY_RULE}\n{NFCPY_RULE}\n")
    write(tmp_path, "usr/lib/udev/rules.d/50-x.rules", 'ATTR{idVendor}=="dead", MODE="0666"\n')
    (rule,) = linux_devices.rules(tmp_path)
    assert (rule.file, rule.product_ids, rule.mode, rule.uaccess) == (
        "99-nfc.rules",
        "06c3",
        "0666",
        False,
    )


def test_an_overridden_file_does_not_count(tmp_path: Path) -> None:
    write(tmp_path, "usr/lib/udev/rules.d/60-x.rules", NFCPY_RULE)
    write(tmp_path, "etc/udev/rules.d/60-x.rules", "")
    assert linux_devices.rules(tmp_path) == ()


def test_a_rule_over_two_lines() -> None:
    text = 'ATTR{idVendor}=="054c", \\\n TAG+="uaccess"\n'
    (rule,) = linux_devices.rules_in("70-x.rules", text)
    assert (rule.uaccess, rule.product_ids) == (True, "")


def test_power_and_marks(tmp_path: Path) -> None:
    place = "sys/bus/usb/devices/1-5/"
    for name, text in {
        "power/control": "auto\n",
        "power/runtime_status": "suspended\n",
        "bMaxPower": "250mA\n",
        "port/over_current_count": "2\n",
    }.items():
        write(tmp_path, place + name, text)
    write(tmp_path, "run/udev/data/c189:6", "E:PCSCLITE_IGNORE=1\n")
    write(tmp_path, "proc/42/comm", "scdaemon\n")
    (tmp_path / "proc/42/fd").mkdir()
    (tmp_path / "proc/42/fd/5").symlink_to("/dev/bus/usb/001/007")
    (port,) = linux_devices.ports((DEVICE,), tmp_path)
    assert (port.control, port.suspended, port.max_power, port.over_current) == (
        "auto",
        True,
        250,
        2,
    )
    assert (port.ignored, port.holder, port.hub) == (True, "scdaemon", False)


def test_nothing_known_of_a_device(tmp_path: Path) -> None:
    (tmp_path / "proc").mkdir()
    (port,) = linux_devices.ports((DEVICE,), tmp_path)
    assert (port.control, port.suspended, port.over_current, port.ignored) == (None,) * 4


@pytest.mark.parametrize(
    ("files", "environment", "expected"),
    [
        ({".dockerenv": ""}, {}, ("container", "docker")),
        ({"run/.containerenv": ""}, {}, ("container", "podman")),
        ({}, {"container": "lxc"}, ("container", "lxc")),
        ({".flatpak-info": ""}, {"container": "flatpak"}, ("flatpak", True)),
        ({}, {"SNAP": "/snap/x/1", "SNAP_NAME": "x"}, ("snap", True)),
        ({"proc/sys/kernel/osrelease": "5.15.0-microsoft-standard-WSL2\n"}, {}, ("wsl", True)),
        ({"sys/class/dmi/id/sys_vendor": "VMware, Inc.\n"}, {}, ("machine", "VMware")),
        ({"sys/class/dmi/id/sys_vendor": "LENOVO\n"}, {}, ("machine", None)),
    ],
)
def test_walls(
    files: dict[str, str], environment: dict[str, str], expected: tuple[str, object], tmp_path: Path
) -> None:
    for name, text in files.items():
        write(tmp_path, name, text)
    found = linux_devices.surroundings(tmp_path, environment)
    assert getattr(found, expected[0]) == expected[1]
    assert found.flatpak == (expected[0] == "flatpak")
    assert not found.usb_bus
