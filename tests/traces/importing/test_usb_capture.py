# SPDX-License-Identifier: Apache-2.0
"""Captures of a USB bus: made here by their published formats, none was captured from a bus."""

from __future__ import annotations

import io
import struct
from functools import reduce
from operator import xor
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardcheck.errors import InputError
from cardcheck.facts.link_failure import LinkFailure
from cardcheck.traces.importing import usb_capture
from cardcheck.traces.importing.conversion import format_of
from cardcheck.transports.trace import Failure

if TYPE_CHECKING:
    from collections.abc import Callable

    from cardcheck.traces.importing.session import LoggedSession

ATR = bytes.fromhex("3B888001000041E0B381A1003B")
SELECT = bytes.fromhex("00A4040C0AD392F000260100000001")
READ = bytes.fromhex("00B0000020")
LABEL = b"JPKIAPICCTOKEN2 ".ljust(32) + b"\x90\x00"
Packet = tuple[bool, bytes]  # whether it goes to the computer; the message


def ccid(kind: int, data: bytes = b"", *, level: int = 0, status: int = 0) -> Packet:
    inward = kind >= 0x80
    tail = bytes([status, 0, level]) if inward else b"\0" + level.to_bytes(2, "little")
    return inward, bytes([kind]) + struct.pack("<I", len(data)) + b"\0\0" + tail + data


def block(pcb: int, content: bytes) -> bytes:
    whole = bytes([0, pcb, len(content)]) + content
    return whole + bytes([reduce(xor, whole)])


def linux(inward: bool, data: bytes, order: str = "<", size: int = 64) -> bytes:
    event = b"C" if inward else b"S"
    head = struct.pack(
        order + "QccBBHcc", 7, event, b"\3", 0x82 if inward else 2, 5, 1, b"-", b"\0"
    )
    return head.ljust(size, b"\0") + data


def usbpcap(inward: bool, data: bytes) -> bytes:
    return (
        struct.pack("<HQIHBHHBBI", 27, 7, 0, 9, inward, 1, 5, 0x82 if inward else 2, 3, len(data))
        + data
    )


def darwin(inward: bool, data: bytes) -> bytes:
    endpoint = 0x82 if inward else 2
    head = struct.pack("<HBBIIIQIBBBB", 0x100, 40, inward, 0, 0, 0, 7, 1, 2, 5, endpoint, 2)
    return head.ljust(40, b"\0") + data


def pcap(packets: list[bytes], link: int, order: str = "<") -> bytes:
    magic = struct.pack(order + "I", 0xA1B2C3D4)
    head = magic + struct.pack(order + "HHIIII", 2, 4, 0, 0, 262144, link)
    rows = (
        struct.pack(order + "IIII", 0, 12_000 * number, len(data), len(data)) + data
        for number, data in enumerate(packets)
    )
    return head + b"".join(rows)


def pcapng(packets: list[bytes], link: int) -> bytes:
    def told(kind: int, body: bytes) -> bytes:
        body += b"\0" * (-len(body) % 4)
        length = len(body) + 12
        return struct.pack("<II", kind, length) + body + struct.pack("<I", length)

    section = told(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    resolution = struct.pack("<HHB3xHH", 9, 1, 9, 0, 0)  # if_tsresol: nanoseconds
    interface = told(1, struct.pack("<HHI", link, 0, 0) + resolution)
    rows = (
        told(6, struct.pack("<IIIII", 0, 0, 12_000_000 * number, len(data), len(data)) + data)
        for number, data in enumerate(packets)
    )
    return section + interface + b"".join(rows)


APDUS = [
    ccid(0x62),
    ccid(0x80, ATR),
    ccid(0x6F, SELECT),
    ccid(0x80, b"", status=0x80),  # more time
    ccid(0x80, b"\x90\0"),
    ccid(0x6F, READ),
    ccid(0x80, LABEL),
]
BLOCKS = [
    ccid(0x62),
    ccid(0x80, ATR),
    ccid(0x6F, block(0xC1, b"\xfe")),  # S(IFS request)
    ccid(0x80, block(0xE1, b"\xfe")),
    ccid(0x6F, block(0x00, SELECT)),
    ccid(0x80, block(0x00, b"\x90\0")),
    ccid(0x6F, block(0x40, READ)),
    ccid(0x80, block(0x60, LABEL[:16])),  # more data
    ccid(0x6F, block(0x90, b"")),
    ccid(0x80, block(0x00, LABEL[16:])),
]


def sessions_in(data: bytes) -> list[LoggedSession]:
    file = io.BytesIO(data)
    assert format_of(file) == "usb"
    return list(usb_capture.sessions(file))


@pytest.mark.parametrize("packets", [APDUS, BLOCKS], ids=["apdu", "tpdu"])
@pytest.mark.parametrize(
    ("write", "head", "link"),
    [
        (pcap, linux, 220),
        (pcap, lambda inward, data: linux(inward, data, size=48), 189),
        (pcapng, linux, 220),
        (pcapng, usbpcap, 249),
        (pcap, usbpcap, 249),
        (pcap, darwin, 266),
        (lambda p, link: pcap(p, link, ">"), lambda i, d: linux(i, d, ">"), 220),
    ],
    ids=["usbmon", "usbmon-48", "usbmon-ng", "usbpcap-ng", "usbpcap", "darwin", "big-endian"],
)
def test_what_passed_over_the_bus_is_a_session(
    packets: list[Packet],
    write: Callable[[list[bytes], int], bytes],
    head: Callable[[bool, bytes], bytes],
    link: int,
) -> None:
    (session,) = sessions_in(write([head(*each) for each in packets], link))
    assert session.atr == ATR
    assert [each.asked for each in session.exchanges] == [SELECT, READ]
    assert [each.response for each in session.exchanges] == [b"\x90\0", LABEL]
    assert all((each.milliseconds or 0) >= 12 for each in session.exchanges)


def test_a_message_in_several_packets_is_one() -> None:
    inward, data = ccid(0x80, LABEL)
    packets = [*APDUS[:-1], (inward, data[:20]), (inward, data[20:])]
    (session,) = sessions_in(pcap([linux(*each) for each in packets], 220))
    assert session.exchanges[-1].response == LABEL


def test_a_command_that_the_reader_could_not_send_failed() -> None:
    packets = [*APDUS[:3], ccid(0x80, b"", status=0x42)]
    (session,) = sessions_in(pcap([linux(*each) for each in packets], 220))
    assert session.exchanges[0].failure == Failure(LinkFailure.LINK_ERROR)


def test_power_begins_a_session() -> None:
    packets = [linux(*each) for each in [*APDUS, *APDUS]]
    assert [len(each.exchanges) for each in sessions_in(pcap(packets, 220))] == [2, 2]


def test_a_capture_of_a_network_is_said_to_be_none_of_usb() -> None:
    with pytest.raises(InputError, match="link type 1;"):
        sessions_in(pcap([b"x" * 60], 1))


WHOLE = [pcap([linux(*e) for e in BLOCKS], 220), pcapng([usbpcap(*e) for e in APDUS], 249)]


@given(st.sampled_from(WHOLE), st.integers(4, 2000), st.binary(max_size=40), st.booleans())
def test_no_capture_upsets_the_reader(whole: bytes, place: int, noise: bytes, cut: bool) -> None:
    place %= len(whole)
    data = whole[:4] + whole[4 : max(4, place)] + noise + (b"" if cut else whole[place:])
    try:
        for session in usb_capture.sessions(io.BytesIO(data)):
            assert session.exchanges
    except InputError:
        pass
