# SPDX-License-Identifier: Apache-2.0
"""Runs in the guest, as root: gives an emulated USB device to its real kernel.

What belongs here: USB/IP as the kernel's ``vhci_hcd`` speaks it, over one end of a socket pair;
there is no network. What does not: the devices (``lab.usb_devices``, ``lab.port100``).

    python3 -m vm.usbip MODEL [FILE WITH A PICKLED CARD]

The device is pulled out when the process ends. Source: torvalds/linux
Documentation/usb/usbip_protocol.rst, drivers/usb/usbip/vhci_sysfs.c.
"""

from __future__ import annotations

import errno
import pickle
import signal
import socket
import struct
import sys
from collections import defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck.simulation.picc import picc_of
from lab.port100 import Port100
from lab.usb_devices import MODELS, CcidModel, UsbModel, rc_s380

if TYPE_CHECKING:
    from cardcheck.simulation.card import SimulatedCard

_VHCI: Final = Path("/sys/devices/platform/vhci_hcd.0")
_SUBMIT, _UNLINK, _SUBMITTED, _UNLINKED = 1, 2, 3, 4
_IN: Final = 1
_HEADER_BYTES: Final = 48
_FREE: Final = "004"  # VDEV_ST_NULL
_FULL_SPEED: Final = 2


class _FullPort100(Port100):
    """Answers what only the kernel's driver asks: it wants command type 1 in a mask of 8 bytes."""

    def _command(self, code: int, data: bytes) -> bytes:
        return bytes(7) + b"\3" if code == 0x28 else super()._command(code, data)


@dataclass
class Rcs380(UsbModel):
    """An RC-S380 whose firmware answers."""

    firmware: Port100 = field(default_factory=_FullPort100)

    def write(self, endpoint: int, data: bytes) -> None:
        """Takes a frame."""
        self.firmware.write(data)

    def read(self, endpoint: int) -> bytes | None:
        """The next frame, or None."""
        return self.firmware.read()


def device(name: str, card: SimulatedCard | None) -> UsbModel:
    """The model called ``name``, with ``card`` on it."""
    model = MODELS[name]()
    if name == "rc-s380":
        cards = () if card is None else (picc_of("valid", card),)
        plain = {key: getattr(rc_s380(), key) for key in UsbModel.__dataclass_fields__}
        return Rcs380(**plain, firmware=_FullPort100(cards))
    if isinstance(model, CcidModel) and card is not None:
        card.power_on()
        model.insert(lambda command: card.transmit(command) or b"")
    return model


class Cable:
    """Between a device and the kernel: answers its requests until the kernel hangs up."""

    def __init__(self, model: UsbModel) -> None:
        self._model = model
        self._socket, theirs = socket.socketpair()
        self._waiting: defaultdict[int, deque[tuple[int, int]]] = defaultdict(deque)
        port = _free_port()
        attach = f"{port} {theirs.fileno()} {1 << 16 | port + 2} {_FULL_SPEED}"
        (_VHCI / "attach").write_text(attach, encoding="ascii")
        theirs.close()

    def serve(self) -> None:
        """Comes back when the device was pulled out."""
        while header := self._receive(_HEADER_BYTES):
            command, number, _, direction, endpoint = struct.unpack(">5I", header[:20])
            if command == _SUBMIT:
                size = struct.unpack(">i", header[24:28])[0]
                data = self._receive(size) if direction != _IN and size > 0 else b""
                self._submit(number, endpoint, header[40:48], data if direction != _IN else size)
            elif command == _UNLINK:
                self._unlink(number, struct.unpack(">I", header[20:24])[0])
            self._pump()

    def _receive(self, size: int) -> bytes:
        data = b""
        while len(data) < size:
            more = self._socket.recv(size - len(data))
            if not more:
                return b""
            data += more
        return data

    def _submit(self, number: int, endpoint: int, setup: bytes, work: bytes | int) -> None:
        """One transfer: ``work`` is what is sent, or how much may be received."""
        if endpoint == 0:
            answer = self._model.control(setup)
            if answer is None:
                self._answer(number, -errno.EPIPE, b"")
            elif isinstance(work, bytes):
                self._answer(number, 0, b"", len(work))
            else:
                self._answer(number, 0, answer)
        elif isinstance(work, bytes):
            self._model.write(endpoint, work)
            self._answer(number, 0, b"", len(work))
        else:
            self._waiting[endpoint].append((number, work))

    def _pump(self) -> None:
        for endpoint, waiting in self._waiting.items():
            while waiting and (data := self._model.read(endpoint)) is not None:
                number, size = waiting.popleft()
                self._answer(number, -errno.EOVERFLOW if len(data) > size else 0, data[:size])

    def _unlink(self, number: int, other: int) -> None:
        status = 0  # answered already
        for waiting in self._waiting.values():
            for entry in [e for e in waiting if e[0] == other]:
                waiting.remove(entry)
                status = -errno.ECONNRESET
        self._socket.sendall(struct.pack(">5Ii24x", _UNLINKED, number, 0, 0, 0, status))

    def _answer(self, number: int, status: int, data: bytes, actual: int | None = None) -> None:
        length = len(data) if actual is None else actual
        head = struct.pack(">5I5i8x", _SUBMITTED, number, 0, 0, 0, status, length, 0, 0, 0)
        self._socket.sendall(head + data)


def _free_port() -> int:
    """A port of the virtual full-speed hub with nothing in it."""
    for line in (_VHCI / "status").read_text(encoding="ascii").splitlines()[1:]:
        hub, port, state = line.split()[:3]
        if hub == "hs" and state == _FREE:
            return int(port)
    raise SystemExit("no free port")


def main(arguments: list[str]) -> None:
    """Plugs the device in and serves it until the end."""
    name, *files = arguments
    card = pickle.loads(Path(files[0]).read_bytes()) if files else None
    cable = Cable(device(name, card))
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    cable.serve()


if __name__ == "__main__":
    main(sys.argv[1:])
