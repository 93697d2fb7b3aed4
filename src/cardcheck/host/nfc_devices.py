# SPDX-License-Identifier: Apache-2.0
"""The NFC devices that nfcpy may open: those attached, or the one that ``--nfc-path`` names.

What belongs here: paths of nfcpy and the devices behind them. What does not: what stands in the
way of a device (``catalog.nfc``), and opening it (``transports``). Serial ports are never searched:
a device behind one may be anything.
"""

from __future__ import annotations

import ipaddress
import re
from contextlib import suppress
from typing import TYPE_CHECKING, Final

from msgspec import Struct

from cardcheck.catalog.nfc import nfcpy_driver, obstacle_of
from cardcheck.catalog.readers import means, models_for_usb
from cardcheck.errors import InputError
from cardcheck.facts.reader import Backend, ReaderIdentity

if TYPE_CHECKING:
    from collections.abc import Sequence

    from cardcheck.facts.host import HostFacts, UsbDevice

_UDP: Final = re.compile(r"udp(?::(?P<host>\[[^\]]*\]|::1|[^:]*)(?::(?P<port>\d*))?)?\Z")
_UDP_PORT: Final = 54321
_IDS: Final = re.compile(r"usb:([0-9a-f]{4})(?::([0-9a-f]{4}))?\Z")
_PLACE: Final = re.compile(r"usb:(\d{1,3})(?::(\d{1,3}))?\Z")
_SERIAL: Final = re.compile(r"(tty|com):[A-Za-z0-9-]+:[a-z0-9]+\Z")


class NfcPath(Struct, frozen=True):
    """What ``--nfc-path`` names.

    Attributes:
        text: as nfcpy takes it.
        shown: as it was given, safe to show.
        kind: ``usb``, ``serial`` or ``udp``.
    """

    text: str
    shown: str
    kind: str


def parse_path(text: str) -> NfcPath:
    """The nfcpy path in ``text``.

    Raises:
        InputError: no path, or one that leads to another computer.
    """
    if (udp := _UDP.match(text)) is not None:
        return _udp(text, udp["host"] or "localhost", udp["port"])
    lower = text.lower()
    if lower == "usb" or _IDS.match(lower) or _PLACE.match(lower):
        return NfcPath(lower, lower, "usb")
    if _SERIAL.match(text):
        return NfcPath(text, text, "serial")
    raise InputError(
        f"--nfc-path {text!r}: no path of nfcpy; it is like usb:054c:06c3, tty:USB0:pn532 or "
        "udp:localhost:54321"
    )


def nfc_readers(
    host: HostFacts | None, path: NfcPath | None = None, *, asked: bool = False
) -> tuple[ReaderIdentity, ...]:
    """The devices to open, without those that something stands in the way of.

    Args:
        host: what is known of this computer, or None.
        path: the one device that was asked for, or None for all that are attached.
        asked: NFC was asked for; else devices are looked for on Linux alone, where nothing else
            could reach them.
    """
    if path is not None and path.kind != "usb":
        name = f"nfcpy {path.shown}"
        virtual = path.kind == "udp"
        return (ReaderIdentity(name=name, backend=Backend.NFC, path=path.text, virtual=virtual),)
    if host is None or not (asked or path is not None or host.system == "Linux"):
        return ()
    found = [device for device in host.usb or () if nfcpy_driver(device) and _named(device, path)]
    return tuple(_identity(device) for device in found if obstacle_of(device) is None)


def clients_of(device: ReaderIdentity) -> tuple[tuple[str, int], ...]:
    """The programs that have an NFC device open, as far as the system tells."""
    from cardcheck.host.holders import usb_clients

    place = _PLACE.match(device.path)
    if place is None or place[2] is None:
        return ()
    return usb_clients(int(place[1]), int(place[2]))


def unlisted(device: ReaderIdentity, listed: Sequence[ReaderIdentity]) -> bool:
    """Whether none of the readers that PC/SC lists can be the NFC device."""
    return not any(
        device.usb == reader.usb or means(reader.name, device.usb)
        for reader in listed
        if device.usb is not None and not reader.virtual
    )


def _identity(device: UsbDevice) -> ReaderIdentity:
    models = models_for_usb(*device.id)
    name = " ".join(part for part in (device.manufacturer, device.product) if part)
    if device.bus is None or device.address is None:
        path = f"usb:{device.vendor_id}:{device.product_id}"
    else:
        path = f"usb:{device.bus:03d}:{device.address:03d}"
    return ReaderIdentity(
        name=name or models[0].title, backend=Backend.NFC, path=path, usb=device.id
    )


def _named(device: UsbDevice, path: NfcPath | None) -> bool:
    """Whether ``path`` means the device; None means all."""
    if path is None or path.text == "usb":
        return True
    if ids := _IDS.match(path.text):
        return device.vendor_id == ids[1] and ids[2] in {None, device.product_id}
    place = _PLACE.match(path.text)
    if place is None or device.bus != int(place[1]):
        return False
    return place[2] is None or device.address == int(place[2])


def _udp(text: str, host: str, port: str | None) -> NfcPath:
    """nfcpy's ``udp``, on this computer only.

    Its driver speaks IPv4 alone, so every name of this computer becomes 127.0.0.1 but for the other
    addresses of that network.
    """
    number = int(port) if port else _UDP_PORT
    address = _loopback(host.strip("[]"))
    if address is None or not 0 < number < 0x10000:
        raise InputError(
            f"--nfc-path {text!r}: only this computer can be asked (udp:localhost:54321)"
        )
    return NfcPath(f"udp:{address}:{number}", f"udp:{host}:{number}", "udp")


def _loopback(host: str) -> str | None:
    if host == "localhost":
        return "127.0.0.1"
    with suppress(ValueError):
        address = ipaddress.ip_address(host)
        if address.is_loopback:
            return str(address) if address.version == 4 else "127.0.0.1"
    return None
