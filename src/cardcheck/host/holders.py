# SPDX-License-Identifier: Apache-2.0
"""Which programs talk to pcscd just now (Linux).

What belongs here: following the sockets of pcscd to the processes at their other ends. What does
not: which of them holds which card; PC/SC does not tell.
"""

from __future__ import annotations

import os
import socket
import struct
from pathlib import Path
from typing import TYPE_CHECKING

from cardcheck.catalog.readers import safe_text
from cardcheck.host.linux import PCSCD_SOCKET

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# linux/sock_diag.h, linux/unix_diag.h, linux/netlink.h
_NETLINK_SOCK_DIAG = 4
_SOCK_DIAG_BY_FAMILY = 20
_REQUEST_DUMP = 0x301
_NLMSG_DONE, _NLMSG_ERROR = 3, 2
_SHOW_NAME, _SHOW_PEER = 0x1, 0x4
_ATTRIBUTE_NAME, _ATTRIBUTE_PEER = 0, 2
_ALL_STATES = 0xFFFFFFFF
_SECONDS = 0.2


def pcsc_clients(
    environment: Mapping[str, str] = os.environ, proc: Path = Path("/proc")
) -> tuple[tuple[str, int], ...]:
    """Programs connected to pcscd other than ourselves: ``(("scdaemon", 4242), ...)``, by pid.

    Sees the processes of this user, all of them as root. Empty where nothing can be found out, and
    on other systems. Never raises.
    """
    path = os.fsencode(environment.get("PCSCLITE_CSOCK_NAME") or PCSCD_SOCKET)
    try:
        peers = {peer for name, peer in _connections(_unix_sockets()) if name == path}
    except (OSError, AttributeError, struct.error):
        return ()  # no netlink, or not Linux
    return tuple(_owners({f"socket:[{peer}]" for peer in peers}, proc)) if peers else ()


def usb_clients(bus: int, address: int, proc: Path = Path("/proc")) -> tuple[tuple[str, int], ...]:
    """Programs other than ourselves that have a USB device open: ``(("pcscd", 812),)``, by pid.

    Sees the processes of this user, all of them as root. Empty where nothing can be found out, and
    on other systems. Never raises.
    """
    node = f"/dev/bus/usb/{bus:03d}/{address:03d}"
    try:
        return tuple(_owners({node}, proc))
    except OSError:
        return ()


def _unix_sockets() -> Iterator[bytes]:
    """What the kernel says of each unix socket: a ``unix_diag_msg`` with its attributes."""
    query = struct.pack("=BBHIII8x", socket.AF_UNIX, 0, 0, _ALL_STATES, 0, _SHOW_NAME | _SHOW_PEER)
    header = struct.pack("=IHHII", 16 + len(query), _SOCK_DIAG_BY_FAMILY, _REQUEST_DUMP, 1, 0)
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as link:
        link.settimeout(_SECONDS)
        link.send(header + query)
        while True:
            answer = link.recv(1 << 16)
            while len(answer) >= 16:
                length, kind = struct.unpack_from("=IH", answer)
                if kind in {_NLMSG_DONE, _NLMSG_ERROR} or length < 16:
                    return
                yield answer[16:length]
                answer = answer[(length + 3) & ~3 :]


def _connections(messages: Iterator[bytes]) -> Iterator[tuple[bytes, int]]:
    """Bound path and peer inode of each connected socket that has a path: the servers' ends."""
    for message in messages:
        attributes = dict(_attributes(message[16:]))
        name, peer = attributes.get(_ATTRIBUTE_NAME), attributes.get(_ATTRIBUTE_PEER)
        if name and peer:
            yield name.rstrip(b"\0"), struct.unpack("=I", peer)[0]


def _attributes(data: bytes) -> Iterator[tuple[int, bytes]]:
    while len(data) >= 4:
        length, kind = struct.unpack_from("=HH", data)
        if length < 4:
            return
        yield kind, data[4:length]
        data = data[(length + 3) & ~3 :]


def _owners(sockets: set[str], proc: Path) -> Iterator[tuple[str, int]]:
    """Name and pid of each process with one of ``sockets`` open, as far as this user may look."""
    for pid in sorted(int(entry.name) for entry in proc.iterdir() if entry.name.isdecimal()):
        if pid != os.getpid() and _opened(proc / str(pid) / "fd", sockets):
            try:
                name = (proc / str(pid) / "comm").read_text(errors="replace").strip()
            except OSError:
                continue
            yield safe_text(name), pid


def _opened(descriptors: Path, sockets: set[str]) -> bool:
    """Whether one of a process's descriptors is one of ``sockets``; False where we may not look."""
    try:
        return any(_target(entry) in sockets for entry in descriptors.iterdir())
    except OSError:
        return False


def _target(link: Path) -> str | None:
    try:
        return str(link.readlink())
    except OSError:
        return None
