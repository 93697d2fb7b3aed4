# SPDX-License-Identifier: Apache-2.0
"""What Linux tells without asking any program: sysfs, device nodes, drivers, the pcscd socket.

What belongs here: reading. What does not: what it means (``checks``). Every function takes
``root``, so that a recorded tree can be read as well; none raises.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck.catalog.readers import safe_text
from cardcheck.facts.host import UsbDevice, UsbInterface
from cardcheck.host.candidates import may_be_reader, read_bundle

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from cardcheck.facts.host import DriverBundle

ROOT = Path("/")
PCSCD_SOCKET = "/run/pcscd/pcscd.comm"
SOCKET_SECONDS = 0.5
PCSCD_PLACES = ("usr/sbin/pcscd", "usr/bin/pcscd", "usr/local/sbin/pcscd", "sbin/pcscd")
DRIVER_PLACES = ("usr/lib/pcsc/drivers", "usr/lib64/pcsc/drivers", "usr/local/lib/pcsc/drivers")


def usb_readers(root: Path = ROOT) -> tuple[UsbDevice, ...] | None:
    """Attached USB devices that may be readers, by location; None where the kernel lists no USB."""
    devices = root / "sys/bus/usb/devices"
    try:
        names = sorted(entry.name for entry in devices.iterdir())
    except OSError:
        return None
    found = []
    for name in names:
        # "1-5" is a device, "1-5:1.0" one of its interfaces, "usb1" a root hub.
        if ":" not in name and not name.startswith("usb"):
            parts = [devices / other for other in names if other.startswith(f"{name}:")]
            device = _device(devices / name, parts, root)
            if device is not None and may_be_reader(device):
                found.append(device)
    return tuple(found)


def pcscd_installed(root: Path = ROOT) -> bool:
    """Whether the pcscd program is where distributions put it."""
    return any((root / place).exists() for place in PCSCD_PLACES)


def driver_bundles(
    root: Path = ROOT, environment: Mapping[str, str] = os.environ
) -> tuple[DriverBundle, ...]:
    """The installed PC/SC drivers, by name; about 4 ms for the list of libccid.

    ``PCSCLITE_HP_DROPDIR`` takes the place of the usual directories, as it does in pcscd.
    """
    dropdir = environment.get("PCSCLITE_HP_DROPDIR")
    places = [Path(dropdir)] if dropdir else [root / place for place in DRIVER_PLACES]
    bundles = {bundle.resolve(): bundle for place in places for bundle in _bundles_in(place)}
    found = (read_bundle(bundle) for bundle in bundles.values())
    return tuple(sorted((bundle for bundle in found if bundle), key=lambda bundle: bundle.name))


def socket_state(
    environment: Mapping[str, str] = os.environ, default: str = PCSCD_SOCKET
) -> str | None:
    """``listening``, ``dead`` (a socket without a server) or ``absent``; None where we may not ask.

    Connects to the socket and closes it again; ``PCSCLITE_CSOCK_NAME`` moves it, as it does for
    libpcsclite.
    """
    import socket  # 5 ms, and needed only where the service does not answer

    path = environment.get("PCSCLITE_CSOCK_NAME") or default
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        probe.settimeout(SOCKET_SECONDS)
        try:
            probe.connect(path)
        except (FileNotFoundError, NotADirectoryError):
            return "absent"
        except ConnectionRefusedError:
            return "dead"
        except (TimeoutError, BlockingIOError):
            return "listening"  # bound, with more callers than it takes at once
        except (OSError, ValueError):
            return None
    return "listening"


def _bundles_in(place: Path) -> Iterable[Path]:
    try:
        return [entry for entry in place.iterdir() if entry.name.endswith(".bundle")]
    except OSError:
        return ()


def _text(path: Path) -> str | None:
    """The first line of a sysfs attribute, or None where there is none."""
    try:
        return path.read_bytes()[:256].decode("utf-8", errors="replace").strip() or None
    except OSError:
        return None


def _number(path: Path, base: int) -> int | None:
    try:
        return int(_text(path) or "", base)
    except ValueError:
        return None


def _device(path: Path, parts: Iterable[Path], root: Path) -> UsbDevice | None:
    vendor, product = _number(path / "idVendor", 16), _number(path / "idProduct", 16)
    if vendor is None or product is None:
        return None
    bus, address = _number(path / "busnum", 10), _number(path / "devnum", 10)
    readable, owner = None, None
    if bus is not None and address is not None:
        readable, owner = _node(root / f"dev/bus/usb/{bus:03d}/{address:03d}")
    manufacturer, title = _text(path / "manufacturer"), _text(path / "product")
    return UsbDevice(
        vendor_id=f"{vendor:04x}",
        product_id=f"{product:04x}",
        manufacturer=safe_text(manufacturer) if manufacturer else None,
        product=safe_text(title) if title else None,
        location=safe_text(path.name),
        bus=bus,
        address=address,
        interfaces=tuple(filter(None, (_interface(part) for part in parts))),
        node_readable=readable,
        node_owner=owner,
    )


def _interface(path: Path) -> UsbInterface | None:
    number = _number(path / "bInterfaceNumber", 16)
    usb_class = _number(path / "bInterfaceClass", 16)
    if number is None or usb_class is None:
        return None
    try:
        driver: str | None = safe_text((path / "driver").readlink().name)
    except OSError:
        driver = None
    return UsbInterface(number=number, interface_class=usb_class, driver=driver)


def _node(path: Path) -> tuple[bool | None, str | None]:
    """Whether this user may read and write a device node, and its ``owner:group mode``."""
    try:
        status = path.stat()
    except OSError:
        return None, None
    mode = stat.S_IMODE(status.st_mode)
    owner = f"{_user(status.st_uid)}:{_group(status.st_gid)} {mode:04o}"
    return os.access(path, os.R_OK | os.W_OK), owner


def _user(uid: int) -> str:
    import pwd

    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def _group(gid: int) -> str:
    import grp

    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return str(gid)
