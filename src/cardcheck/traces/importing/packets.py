# SPDX-License-Identifier: Apache-2.0
"""Packets of a USB bus out of capture files: pcap and pcapng, of Linux, Windows and macOS.

What belongs here: the files and the headers before each transfer. What does not: what the bytes
mean (``usb_capture``). Sources: the pcap and pcapng Internet-Drafts, the list of link types of
tcpdump, usbmon.txt of Linux, USBPcap's description of its format.
"""

from __future__ import annotations

from struct import Struct as Layout
from typing import TYPE_CHECKING, Final, NamedTuple

from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Iterator
    from typing import BinaryIO

_PCAP: Final = {  # magic as it stands in the file: byte order, and ticks in a second
    b"\xd4\xc3\xb2\xa1": ("<", 1_000_000),
    b"\xa1\xb2\xc3\xd4": (">", 1_000_000),
    b"\x4d\x3c\xb2\xa1": ("<", 1_000_000_000),
    b"\xa1\xb2\x3c\x4d": (">", 1_000_000_000),
}
_PCAPNG: Final = b"\x0a\x0d\x0d\x0a"
_SECTION, _INTERFACE, _SIMPLE, _ENHANCED = 0x0A0D0D0A, 1, 3, 6  # types of blocks
_LARGEST: Final = 1 << 24  # bytes of a block; Wireshark writes none above 256 kB
_USB_LINUX, _USB_MMAPPED, _USB_PCAP, _USB_DARWIN = 189, 220, 249, 266
_BULK: Final = 3  # in usbmon and USBPcap
_BULK_DARWIN: Final = 2  # USB 2.0, 9.6.6: bmAttributes
_INWARD: Final = 0x80  # of an endpoint's address
_MICROSECONDS: Final = 1_000_000


class Transfer(NamedTuple):
    """The data of one bulk transfer.

    Attributes:
        device: tells devices apart, no more.
        inward: whether it goes to the computer.
        data: what was transferred.
        microseconds: since some instant, or None.
    """

    device: Hashable
    inward: bool
    data: bytes
    microseconds: int | None


class _Packet(NamedTuple):
    """One packet of a file: the byte order of its headers, its link type and its content."""

    order: str
    link: int
    data: bytes
    microseconds: int | None


def is_capture(head: bytes) -> bool:
    """Whether a file with these first four bytes is a capture."""
    return head in _PCAP or head == _PCAPNG


def transfers(file: BinaryIO) -> Iterator[Transfer]:
    """The bulk transfers with data, in the order of the capture.

    Raises:
        InputError: no capture, cut in its header, or of something else than a USB bus.
    """
    magic = file.read(4)
    packets = _of_pcapng(file) if magic == _PCAPNG else _of_pcap(file, magic)
    for packet in packets:
        taker = _TAKERS.get(packet.link)
        if taker is None:
            raise InputError(f"a capture of link type {packet.link}; one of a USB bus is wanted")
        transfer = taker(packet)
        if transfer is not None and transfer.data:
            yield transfer


def _of_pcap(file: BinaryIO, magic: bytes) -> Iterator[_Packet]:
    if magic not in _PCAP:
        raise InputError("no capture: neither pcap nor pcapng")
    order, ticks = _PCAP[magic]
    head = file.read(20)
    if len(head) < 20:
        raise InputError("a capture that is cut in its header")
    link = Layout(order + "I").unpack(head[16:20])[0] & 0x0FFFFFFF
    record = Layout(order + "IIII")
    while len(head := file.read(record.size)) == record.size:
        seconds, fraction, length, _ = record.unpack(head)
        if length > _LARGEST:
            return
        data = file.read(length)
        at = seconds * _MICROSECONDS + fraction * _MICROSECONDS // ticks
        yield _Packet(order, link, data, at)


def _of_pcapng(file: BinaryIO) -> Iterator[_Packet]:
    """The packets of a pcapng file; what is not whole at its end is left out."""
    order, interfaces = "<", list[tuple[int, int]]()
    file.seek(0)
    while len(head := file.read(8)) == 8:
        kind = int.from_bytes(head[:4], "little")
        if kind == _SECTION:
            mark = file.read(4)
            order = "<" if mark == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
            taken = 4
        else:
            kind, taken = Layout(order + "I").unpack(head[:4])[0], 0
        length = Layout(order + "I").unpack(head[4:])[0]
        if not 12 <= length <= _LARGEST:
            return
        body = file.read(length - 8 - taken)[:-4]
        if kind == _INTERFACE and len(body) >= 8:
            interfaces.append((Layout(order + "H").unpack(body[:2])[0], _ticks(body[8:], order)))
        elif kind in {_ENHANCED, _SIMPLE}:
            packet = (
                _enhanced(body, order, interfaces)
                if kind == _ENHANCED
                else _simple(body, order, interfaces)
            )
            if packet is not None:
                yield packet


def _enhanced(body: bytes, order: str, interfaces: list[tuple[int, int]]) -> _Packet | None:
    layout = Layout(order + "IIIII")
    if len(body) < layout.size:
        return None
    number, high, low, length, _ = layout.unpack(body[: layout.size])
    if number >= len(interfaces):
        return None
    link, ticks = interfaces[number]
    at = ((high << 32) | low) * _MICROSECONDS // ticks
    return _Packet(order, link, body[layout.size : layout.size + length], at)


def _simple(body: bytes, order: str, interfaces: list[tuple[int, int]]) -> _Packet | None:
    if not interfaces or len(body) < 4:
        return None
    length = Layout(order + "I").unpack(body[:4])[0]
    return _Packet(order, interfaces[0][0], body[4 : 4 + length], None)


def _ticks(options: bytes, order: str) -> int:
    """Ticks of a second of an interface: its option if_tsresol, else a million."""
    layout = Layout(order + "HH")
    place = 0
    while place + 4 <= len(options):
        code, length = layout.unpack(options[place : place + 4])
        if code == 9 and length == 1 and place + 4 < len(options):
            value = options[place + 4]
            return int(2 ** (value & 0x3F) if value & 0x80 else 10 ** min(value, 18))
        place += 4 + (length + 3) // 4 * 4
        if code == 0:
            break
    return _MICROSECONDS


def _of_linux(packet: _Packet, size: int) -> Transfer | None:
    """A transfer behind usbmon's header (linux/Documentation/usb/usbmon.rst)."""
    layout = Layout(packet.order + "QccBBHcc")
    if len(packet.data) < size:
        return None
    _, event, kind, endpoint, device, bus, _, _ = layout.unpack(packet.data[: layout.size])
    inward = bool(endpoint & _INWARD)
    if kind[0] != _BULK or event != (b"C" if inward else b"S"):
        return None
    return Transfer((bus, device), inward, packet.data[size:], packet.microseconds)


def _of_usbpcap(packet: _Packet) -> Transfer | None:
    """A transfer behind USBPcap's header, which is little-endian always."""
    layout = Layout("<HQIHBHHBBI")
    if len(packet.data) < layout.size:
        return None
    size, _, _, _, info, bus, device, endpoint, kind, _ = layout.unpack(packet.data[: layout.size])
    inward = bool(endpoint & _INWARD)
    if kind != _BULK or bool(info & 1) != inward:
        return None
    return Transfer((bus, device), inward, packet.data[size:], packet.microseconds)


def _of_darwin(packet: _Packet) -> Transfer | None:
    """A transfer behind the header of macOS (IOUSBHostFamily, as libpcap describes it)."""
    layout = Layout("<HBBIIIQIBBBB")
    if len(packet.data) < layout.size:
        return None
    fields = layout.unpack(packet.data[: layout.size])
    size, request, place, device, endpoint, kind = (fields[i] for i in (1, 2, 7, 9, 10, 11))
    inward = bool(endpoint & _INWARD)
    if kind != _BULK_DARWIN or bool(request) != inward:
        return None
    return Transfer((place, device), inward, packet.data[size:], packet.microseconds)


_TAKERS: Final[dict[int, Callable[[_Packet], Transfer | None]]] = {
    _USB_LINUX: lambda packet: _of_linux(packet, 48),
    _USB_MMAPPED: lambda packet: _of_linux(packet, 64),
    _USB_PCAP: _of_usbpcap,
    _USB_DARWIN: _of_darwin,
}
