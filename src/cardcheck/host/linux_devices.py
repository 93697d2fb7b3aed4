# SPDX-License-Identifier: Apache-2.0
"""How readers are powered, held and marked on Linux: sysfs, the udev database and its rules.

What belongs here: reading. What does not: what it means (``checks``). Every function takes
``root``; no program is started.
"""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING, Final

from cardcheck.catalog.reader_table import reader_table
from cardcheck.catalog.readers import safe_text
from cardcheck.facts.linux import Surroundings, UdevRule, UsbPort
from cardcheck.host.linux import ROOT
from cardcheck.host.linux_service import text_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from cardcheck.facts.host import UsbDevice

_RULE_PLACES: Final = (
    *("etc/udev/rules.d", "run/udev/rules.d", "usr/local/lib/udev/rules.d"),
    *("usr/lib/udev/rules.d", "lib/udev/rules.d"),
)
_VENDOR: Final = re.compile(r'ATTRS?\{idVendor\}=="([^"]*)"')
_PRODUCT: Final = re.compile(r'ATTRS?\{idProduct\}=="([^"]*)"')
_MODE: Final = re.compile(r'MODE:?="([^"]*)"')
_GROUP: Final = re.compile(r'GROUP:?="([^"]*)"')
_UACCESS: Final = re.compile(r'TAG\+?="uaccess"')
_MACHINES: Final = (
    *("KVM", "QEMU", "VMware", "VirtualBox", "Xen", "Parallels"),
    *("Virtual Machine", "HVM domU", "BHYVE"),
)


def rules(root: Path = ROOT) -> tuple[UdevRule, ...]:
    """The udev rules that name a device of the reader catalogue, in the order of their names."""
    files: dict[str, Path] = {}
    for place in _RULE_PLACES:  # a name in an earlier place hides the same name in a later one
        try:
            found = sorted((root / place).glob("*.rules"))
        except OSError:
            continue
        for path in found:
            files.setdefault(path.name, path)
    vendors = {model.vendor_id for model in reader_table().models if model.nfcpy}
    return tuple(
        rule
        for name in sorted(files)
        for rule in rules_in(name, text_of(files[name]))
        if rule.vendor_id in vendors
    )


def rules_in(name: str, text: str) -> Iterator[UdevRule]:
    """The rules of one file that name a vendor and say who may open the device."""
    for line in text.replace("\\\n", " ").splitlines():
        vendor, product = _VENDOR.search(line), _PRODUCT.search(line)
        mode, group = _MODE.search(line), _GROUP.search(line)
        uaccess = bool(_UACCESS.search(line))
        if line.lstrip().startswith("#") or vendor is None or not (mode or group or uaccess):
            continue
        yield UdevRule(
            file=safe_text(name),
            vendor_id=safe_text(vendor[1].lower(), 16),
            product_ids=safe_text(product[1].lower(), 200) if product else "",
            uaccess=uaccess,
            mode=safe_text(mode[1], 8) if mode else None,
            group=safe_text(group[1], 32) if group else None,
        )


def ports(devices: tuple[UsbDevice, ...], root: Path = ROOT) -> tuple[UsbPort, ...]:
    """Power, holder and mark of each of ``devices``."""
    holders = _holders(devices, root)
    return tuple(
        _port(device, device.location, holders.get(device.location), root)
        for device in devices
        if device.location
    )


def surroundings(root: Path = ROOT, environment: Mapping[str, str] = os.environ) -> Surroundings:
    """Which wall is around us, if any."""
    release = text_of(root / "proc/sys/kernel/osrelease").lower()
    return Surroundings(
        snap=bool(environment.get("SNAP") and environment.get("SNAP_NAME")),
        flatpak=(root / ".flatpak-info").exists(),
        container=_container(root, environment),
        wsl="microsoft" in release,
        machine=_machine(root),
        usb_bus=(root / "sys/bus/usb").is_dir(),
        chromebook=(root / "opt/google/cros-containers").is_dir(),
    )


def _port(device: UsbDevice, location: str, holder: str | None, root: Path) -> UsbPort:
    path = root / "sys/bus/usb/devices" / location
    power = re.match(r"\d+", _line(path / "bMaxPower"))
    status = _line(path / "power/runtime_status")
    return UsbPort(
        location=location,
        control=_line(path / "power/control") or None,
        suspended=status == "suspended" if status else None,
        hub="." in location,
        over_current=_over_current(path),
        max_power=int(power[0]) if power else None,
        ignored=_ignored(device, root),
        holder=holder,
    )


def _line(path: Path) -> str:
    return safe_text(text_of(path).strip(), 64)


def _over_current(path: Path) -> int | None:
    count = _line(path / "port/over_current_count")
    return int(count) if count.isdecimal() else None


def _ignored(device: UsbDevice, root: Path) -> bool | None:
    """Whether the udev database has ``PCSCLITE_IGNORE``; character device 189:128*(bus-1)+n-1."""
    if device.bus is None or device.address is None:
        return None
    entry = root / f"run/udev/data/c189:{128 * (device.bus - 1) + device.address - 1}"
    text = text_of(entry)
    return "E:PCSCLITE_IGNORE=" in text if text else None


def _holders(devices: tuple[UsbDevice, ...], root: Path) -> dict[str | None, str]:
    """Programs that have a device node open, pcscd and ourselves left out, by location."""
    nodes = {
        f"/dev/bus/usb/{device.bus:03d}/{device.address:03d}": device.location
        for device in devices
        if device.bus is not None and device.address is not None
    }
    if not nodes:
        return {}
    found: dict[str | None, str] = {}
    proc = root / "proc"
    for pid in (entry.name for entry in proc.iterdir() if entry.name.isdecimal()):
        if pid == str(os.getpid()):
            continue
        for target in _targets(proc / pid / "fd"):
            name = _line(proc / pid / "comm")
            if target in nodes and name and name != "pcscd":
                found[nodes[target]] = name
    return found


def _targets(descriptors: Path) -> Iterator[str]:
    try:
        entries = list(descriptors.iterdir())
    except OSError:  # another user's process
        return
    for entry in entries:
        try:
            yield str(entry.readlink())
        except OSError:
            continue


def _container(root: Path, environment: Mapping[str, str]) -> str | None:
    if (root / ".dockerenv").exists():
        return "docker"
    if (root / "run/.containerenv").exists():
        return "podman"
    named = environment.get("container", "")  # set by systemd-nspawn, lxc, podman
    return safe_text(named, 32) or None if named != "flatpak" else None


def _machine(root: Path) -> str | None:
    folder = root / "sys/class/dmi/id"
    text = f"{_line(folder / 'sys_vendor')} {_line(folder / 'product_name')}"
    return next((name for name in _MACHINES if name in text), None)
