# SPDX-License-Identifier: Apache-2.0
"""An RC-S380 on USB without any USB: a umockdev testbed with scripted usbdevfs ioctls.

What belongs here: the device as sysfs and usbdevfs show it. What does not: its firmware
(``port100``), which runs in a process of its own. Runs under the system's Python, which has gi;
the program under test may be any::

    umockdev-wrapper /usr/bin/python3 usb_device.py SCENARIO -- command arguments...

``SCENARIO`` is JSON: ``cards`` (a file with pickled cards), ``python`` (runs the firmware),
``driver`` (bound in sysfs), ``busy`` (nobody may claim it), ``hung``, ``denied`` (``node`` or
``group``), ``unplug_at`` (the how-many-th frame). It ends with the exit code of the command.
"""

from __future__ import annotations

import errno
import grp
import json
import os
import struct
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeAlias

import gi

gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402 - after the version was chosen

from lab.port100_pipe import PipedPort100  # noqa: E402

Resource: TypeAlias = Any
"""Something of umockdev's: gi has no types."""

_NODE: Final = "bus/usb/001/002"
_DEVICE: Final = "/devices/pci0000:00/0000:00:14.0/usb1/1-1"
_DESCRIPTOR: Final = struct.pack(
    "<BBHBBBBHHHBBBB", 18, 1, 0x0200, 0, 0, 0, 64, 0x054C, 0x06C3, 0x0111, 1, 2, 3, 1
)
_CONFIGURATION: Final = (
    struct.pack("<BBHBBBBB", 9, 2, 32, 1, 1, 0, 0x80, 125)
    + struct.pack("<9B", 9, 4, 0, 0, 2, 0xFF, 0, 0, 0)
    + struct.pack("<BBBBHB", 7, 5, 0x81, 2, 64, 0)
    + struct.pack("<BBBBHB", 7, 5, 0x02, 2, 64, 0)
)
_STRINGS: Final = ("SONY", "RC-S380/P", "0123456")

# linux/usbdevice_fs.h: number, and in its upper half direction and size
_REQUESTS: Final = {
    0x8038550A: "submit",
    0x550B: "discard",
    0x4008550D: "reap",
    0x4008550C: "reap",
    0x8004550F: "claim",
    0x8108551B: "claim",
    0x80045510: "fine",  # release
    0x80085504: "fine",  # set interface
    0x80045505: "fine",  # set configuration
    0x5514: "fine",  # reset
    0x80045515: "fine",  # clear halt
    0x41045508: "driver",
    0x8004551A: "capabilities",
    0x551F: "speed",
}
_FULL_SPEED: Final = 2
_CONTROL: Final = 2


@dataclass
class _Transfer:
    """A transfer from the device that waits for data."""

    urb: Resource
    buffer: Resource
    size: int


class UsbFs:
    """Answers the ioctls on the node of the device."""

    def __init__(self, firmware: PipedPort100, scenario: dict[str, Any]) -> None:
        self._firmware = firmware
        self._busy = bool(scenario.get("busy"))
        self._hung = bool(scenario.get("hung"))
        self._unplug_at = scenario.get("unplug_at", 0)
        self._frames = 0
        self._gone = False
        self._waiting: list[_Transfer] = []
        self._done: list[Any] = []
        self.handler = UMockdev.IoctlBase()
        self.handler.connect("handle-ioctl", self._handle)
        self.handler.connect("client-vanished", self._forget)

    def _handle(self, _handler: object, client: Resource) -> bool:
        request = client.get_request() & 0xFFFFFFFF
        name = _REQUESTS.get(request, "unknown")
        size = (request >> 16) & 0x3FFF
        try:
            data = client.get_arg().resolve(0, size) if size else None
            result, error = self._answer(name, client.get_arg(), data)
            client.complete(result, error)
        except GLib.Error:  # the client was killed in the middle
            client.abort()
            self._forget()
        return True

    def _forget(self, *_: object) -> None:
        self._waiting.clear()
        self._done.clear()

    def _answer(self, name: str, argument: Resource, data: Resource) -> tuple[int, int]:
        """Return value and errno of an ioctl."""
        if self._gone and name not in {"reap", "discard", "fine"}:
            return -1, errno.ENODEV
        with_data = {"submit": self._submit, "reap": self._reap, "discard": self._discard}
        if name in with_data:
            return with_data[name](argument if name == "discard" else data)
        if name == "capabilities":
            data.update(0, struct.pack("<I", 1))
        results = {"fine": (0, 0), "capabilities": (0, 0), "speed": (_FULL_SPEED, 0)}
        results["claim"] = (-1, errno.EBUSY) if self._busy else (0, 0)
        results["driver"] = (-1, errno.ENODATA)
        return results.get(name, (-1, errno.ENOTTY))

    def _submit(self, data: Resource) -> tuple[int, int]:
        head = struct.unpack("<BBxxiI4xQi", bytes(data.retrieve())[:28])
        kind, endpoint, size = head[0], head[1], head[5]
        buffer = data.resolve(16, size) if size else None
        sent = bytes(buffer.retrieve()) if buffer is not None else b""
        if kind == _CONTROL:
            self._control(data, buffer, sent)
        elif endpoint & 0x80:
            self._waiting.append(_Transfer(data, buffer, size))
        else:
            self._frames += 1
            if self._frames == self._unplug_at:
                self._gone = True
            elif not self._hung:
                self._firmware.write(sent)
            self._finish(data, 0, size)
        return 0, 0

    def _control(self, urb: Resource, buffer: Resource, sent: bytes) -> None:
        kind, request, value, _, length = struct.unpack("<BBHHH", sent[:8])
        answer = self._descriptor(value) if (kind, request) == (0x80, 6) else b""
        if answer is None:
            self._finish(urb, -errno.EPIPE, 0)
            return
        answer = answer[:length]
        if answer:
            buffer.update(8, answer)
        self._finish(urb, 0, len(answer))

    @staticmethod
    def _descriptor(value: int) -> bytes | None:
        kind, index = value >> 8, value & 0xFF
        if kind == 3:
            if index == 0:
                return b"\x04\x03\x09\x04"
            if index > len(_STRINGS):
                return None
            text = _STRINGS[index - 1].encode("utf-16-le")
            return bytes((len(text) + 2, 3)) + text
        return {1: _DESCRIPTOR, 2: _CONFIGURATION}.get(kind)

    def _discard(self, argument: Resource) -> tuple[int, int]:
        address = struct.unpack("<Q", bytes(argument.retrieve())[:8])[0]
        for transfer in self._waiting:
            if transfer.urb.client_addr == address:
                self._waiting.remove(transfer)
                self._finish(transfer.urb, -errno.ENOENT, 0)
                return 0, 0
        return -1, errno.EINVAL

    def _reap(self, data: Resource) -> tuple[int, int]:
        self._pump()
        if not self._done:
            return -1, errno.EAGAIN
        data.set_ptr(0, self._done.pop(0))
        return 0, 0

    def _pump(self) -> None:
        for transfer in list(self._waiting):
            answer = None if self._hung else self._firmware.read()
            if self._gone:
                self._waiting.remove(transfer)
                self._finish(transfer.urb, -errno.ENODEV, 0)
            elif answer is not None:
                self._waiting.remove(transfer)
                transfer.buffer.update(0, answer[: transfer.size])
                self._finish(transfer.urb, 0, len(answer))

    def _finish(self, urb: Resource, status: int, length: int) -> None:
        urb.update(4, struct.pack("<i", status))
        urb.update(28, struct.pack("<i", length))
        self._done.append(urb)


def _description(driver: str | None) -> str:
    """The device as ``umockdev-record`` would have written it down."""
    blob = (_DESCRIPTOR + _CONFIGURATION).hex().upper()
    properties = {
        "DEVTYPE": "usb_device",
        "SUBSYSTEM": "usb",
        "BUSNUM": "001",
        "DEVNUM": "002",
        "DEVNAME": f"/dev/{_NODE}",
        "MAJOR": "189",
        "MINOR": "1",
        "PRODUCT": "54c/6c3/111",
        "TYPE": "0/0/0",
    }
    attributes = {
        "busnum": "1",
        "devnum": "2",
        "dev": "189:1",
        "idVendor": "054c",
        "idProduct": "06c3",
        "bcdDevice": "0111",
        "bConfigurationValue": "1",
        "bNumConfigurations": "1",
        "bNumInterfaces": " 1",
        "bDeviceClass": "00",
        "bMaxPacketSize0": "64",
        "manufacturer": _STRINGS[0],
        "product": _STRINGS[1],
        "serial": _STRINGS[2],
        "speed": "12",
        "version": " 2.00",
    }
    interface = {"bInterfaceClass": "ff", "bInterfaceNumber": "00", "bNumEndpoints": "02"}
    lines = [f"P: {_DEVICE}", f"N: {_NODE}={blob}"]
    lines += [f"E: {key}={value}" for key, value in properties.items()]
    lines += [f"A: {key}={value}\\n" for key, value in attributes.items()]
    lines += [f"H: descriptors={blob}", "", f"P: {_DEVICE}/1-1:1.0"]
    lines += ["E: DEVTYPE=usb_interface", "E: SUBSYSTEM=usb", "E: INTERFACE=255/0/0"]
    if driver is not None:
        lines.append(f"L: driver=../../../../../../bus/usb/drivers/{driver}")
    lines += [f"A: {key}={value}\\n" for key, value in interface.items()]
    return "\n".join(lines) + "\n"


def _run(command: list[str], root: str, denied: str | None) -> int:
    """The exit code of the command, run without the device where it is to be denied.

    The node then has no mode at all, or one for a group that is not ours; root is given no right to
    pass over that.
    """
    if denied is not None:
        node = Path(root, "dev", _NODE)
        node.chmod(0o060 if denied == "group" else 0)
        if denied == "group":
            os.chown(node, -1, grp.getgrnam("plugdev").gr_gid)
        if os.geteuid() == 0:
            command = ["setpriv", "--bounding-set=-dac_override,-dac_read_search", *command]
    return subprocess.run(command, check=False, timeout=50).returncode


def main() -> int:
    """Plugs the device in and runs the command."""
    split = sys.argv.index("--")
    scenario = json.loads(sys.argv[split - 1])
    testbed = UMockdev.Testbed.new()
    testbed.add_from_string(_description(scenario.get("driver")))
    usbfs = UsbFs(PipedPort100(scenario["python"], scenario["cards"]), scenario)
    testbed.attach_ioctl(f"/dev/{_NODE}", usbfs.handler)
    return _run(sys.argv[split + 1 :], testbed.get_root_dir(), scenario.get("denied"))


if __name__ == "__main__":
    sys.exit(main())
