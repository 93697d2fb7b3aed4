# SPDX-License-Identifier: Apache-2.0
"""Emulated USB devices behind umockdev: scripted usbdevfs ioctls and sysfs, no kernel USB.

What belongs here: the process that holds the devices, run by the system's Python. What does not:
the devices (``usb_devices``) and starting it (``usb``). It prints one line when it is ready, then
answers one line to each line of standard input: ``plug MODEL [DRIVER]``, ``unplug NUMBER``,
``insert NUMBER``, ``remove NUMBER``. Ends with standard input.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Protocol, Self

import gi

sys.path.insert(0, str(Path(__file__).parents[1]))
gi.require_version("UMockdev", "1.0")
from gi.repository import GLib, UMockdev  # noqa: E402

from lab.usb_devices import MODELS, CcidModel, UsbModel  # noqa: E402

# linux/usbdevice_fs.h: _IOC(direction, 'U', number, size)
_REQUESTS = {
    0x80085504: "SETINTERFACE",
    0x80045505: "SETCONFIGURATION",
    0x41045508: "GETDRIVER",
    0x8038550A: "SUBMITURB",
    0x0000550B: "DISCARDURB",
    0x4008550C: "REAPURB",
    0x4008550D: "REAPURBNDELAY",
    0x8004550F: "CLAIMINTERFACE",
    0x80045510: "RELEASEINTERFACE",
    0xC0105512: "IOCTL",
    0x00005514: "RESET",
    0x80045515: "CLEAR_HALT",
    0x8004551A: "GET_CAPABILITIES",
    0x8108551B: "DISCONNECT_CLAIM",
    0x0000551F: "GET_SPEED",
}
_DONE = frozenset({"RELEASEINTERFACE", "SETINTERFACE", "SETCONFIGURATION", "RESET", "CLEAR_HALT"})
_CLAIMS = frozenset({"CLAIMINTERFACE", "DISCONNECT_CLAIM"})
_AFTER_UNPLUG = frozenset({"REAPURB", "REAPURBNDELAY", "DISCARDURB", "RELEASEINTERFACE"})
_ENOENT, _EIO, _EAGAIN, _EBUSY, _ENODEV, _EINVAL, _ENOTTY = 2, 5, 11, 16, 19, 22, 25
_EPIPE, _ENODATA, _EOVERFLOW = 32, 61, 75
_FULL_SPEED = 2
_ZERO_PACKET = 1  # USBDEVFS_CAP_ZERO_PACKET: no scatter and gather, no reaping after unplugging


class Memory(Protocol):
    """A piece of the client's memory (``UMockdev.IoctlData``)."""

    client_addr: int

    def retrieve(self) -> bytes:
        """Its content."""

    def update(self, offset: int, data: bytes) -> None:
        """Writes into it."""

    def resolve(self, offset: int, length: int) -> Self:
        """What the pointer at ``offset`` points to."""

    def set_ptr(self, offset: int, target: Memory) -> None:
        """Lets the pointer at ``offset`` point to ``target``."""


class Client(Protocol):
    """One ioctl of one program (``UMockdev.IoctlClient``)."""

    def get_request(self) -> int:
        """Its number."""

    def get_arg(self) -> Memory:
        """Its argument."""

    def complete(self, result: int, errno: int) -> None:
        """Lets it return."""

    def abort(self) -> None:
        """Gives it up."""


class UsbFs:
    """The usbdevfs side of one device."""

    def __init__(self, model: UsbModel) -> None:
        self.model = model
        self._waiting: list[tuple[Memory, Memory, int, int]] = []
        self._finished: list[Memory] = []
        self.handler = UMockdev.IoctlBase()
        self.handler.connect("handle-ioctl", self._on_ioctl)
        self.handler.connect("client-vanished", self._on_vanished)

    def _on_vanished(self, *_: object) -> None:
        self._waiting.clear()
        self._finished.clear()

    def _on_ioctl(self, _: object, client: Client) -> bool:
        try:
            result, errno = self._ioctl(client)
            client.complete(result, errno)
        except GLib.Error:  # the client was killed in the middle of a call
            client.abort()
            self._on_vanished()
        return True

    def _ioctl(self, client: Client) -> tuple[int, int]:
        request = client.get_request() & 0xFFFFFFFF
        name = _REQUESTS.get(request, "")
        size = request >> 16 & 0x3FFF
        argument = client.get_arg()
        data = argument.resolve(0, size) if size else argument
        if self.model.gone and name not in _AFTER_UNPLUG:
            return -1, _ENODEV
        if name in _CLAIMS:
            return (-1, _EBUSY) if self.model.busy else (0, 0)
        if name in _DONE:
            return 0, 0
        if name == "GET_SPEED":
            return _FULL_SPEED, 0
        if name == "GET_CAPABILITIES":
            data.update(0, struct.pack("<I", _ZERO_PACKET))
            return 0, 0
        if name in {"GETDRIVER", "IOCTL"}:
            return self._driver(name, data)
        return self._urb(name, argument, data)

    def _driver(self, name: str, data: Memory) -> tuple[int, int]:
        if name == "IOCTL" or self.model.busy is None:
            return -1, _ENODATA
        data.update(4, self.model.busy.encode() + b"\0")
        return 0, 0

    def _urb(self, name: str, argument: Memory, data: Memory) -> tuple[int, int]:
        if name == "SUBMITURB":
            self._submit(data)
            return 0, 0
        if name in {"REAPURB", "REAPURBNDELAY"}:
            self._pump()
            if not self._finished:
                return -1, _EAGAIN
            data.set_ptr(0, self._finished.pop(0))
            return 0, 0
        return self._discard(argument) if name == "DISCARDURB" else (-1, _ENOTTY)

    def _submit(self, urb: Memory) -> None:
        kind, endpoint, *_, length, _ = struct.unpack("<BBxxiI4xQii", bytes(urb.retrieve())[:32])
        buffer = urb.resolve(16, length) if length else None
        raw = bytes(buffer.retrieve()) if buffer else b""
        if kind == 2:
            self._control(urb, buffer, raw)
        elif endpoint & 0x80 and buffer:
            self._waiting.append((urb, buffer, endpoint & 0x0F, length))
        else:
            self.model.write(endpoint, raw)
            self._finish(urb, 0, length)

    def _control(self, urb: Memory, buffer: Memory | None, raw: bytes) -> None:
        answer = self.model.control(raw[:8])
        if answer is None:
            self._finish(urb, -_EPIPE, 0)
        elif raw[0] & 0x80 and buffer:
            buffer.update(8, answer)
            self._finish(urb, 0, len(answer))
        else:
            self._finish(urb, 0, len(raw) - 8)

    def _discard(self, argument: Memory) -> tuple[int, int]:
        (address,) = struct.unpack("<Q", bytes(argument.retrieve())[:8])
        for entry in self._waiting:
            if entry[0].client_addr == address:
                self._waiting.remove(entry)
                self._finish(entry[0], -_ENOENT, 0)
                return 0, 0
        return -1, _EINVAL

    def _finish(self, urb: Memory, status: int, length: int) -> None:
        urb.update(4, struct.pack("<i", status))
        urb.update(28, struct.pack("<i", length))
        self._finished.append(urb)

    def _pump(self) -> None:
        for entry in tuple(self._waiting):
            urb, buffer, endpoint, length = entry
            data = None if self.model.gone else self.model.read(endpoint)
            if data is None and not self.model.gone:
                continue
            self._waiting.remove(entry)
            if data is None:
                self._finish(urb, -_ENODEV, 0)
            elif len(data) > length:
                self._finish(urb, -_EOVERFLOW, 0)
            else:
                buffer.update(0, data)
                self._finish(urb, 0, len(data))


class Bed:
    """All devices of one scenario, on bus 1."""

    def __init__(self) -> None:
        self.testbed = UMockdev.Testbed.new()
        self.devices: list[tuple[UsbFs, str]] = []

    def plug(self, name: str, driver: str | None = None) -> int:
        """Plugs a model in, held by the kernel's ``driver`` where one is named; its number."""
        model = MODELS[name]()
        model.busy = driver
        number = len(self.devices) + 2  # 1 is the root hub
        place = f"/sys/devices/pci0000:00/0000:00:14.0/usb1/1-{number - 1}"
        if not self.testbed.add_from_string(description(model, number)):
            raise RuntimeError(name)
        served = UsbFs(model)
        self.testbed.attach_ioctl(f"/dev/bus/usb/001/{number:03d}", served.handler)
        self.devices.append((served, place))
        self._announce(place, model, "add")
        return len(self.devices) - 1

    def unplug(self, number: int) -> None:
        """Pulls a device out."""
        served, place = self.devices[number]
        served.model.gone = True
        self._announce(place, served.model, "remove")
        for index in range(len(served.model.interfaces)):
            self.testbed.remove_device(f"{place}/{Path(place).name}:1.{index}")
        self.testbed.remove_device(place)

    def _announce(self, place: str, model: UsbModel, action: str) -> None:
        parts = [f"{place}/{Path(place).name}:1.{i}" for i in range(len(model.interfaces))]
        for path in (place, *parts) if action == "add" else (*parts, place):
            self.testbed.uevent(path, action)


def description(model: UsbModel, number: int) -> str:
    """The device and its interfaces in umockdev's language (``umockdev-record``)."""
    name, node = f"1-{number - 1}", f"bus/usb/001/{number:03d}"
    descriptors = (model.device_descriptor() + model.configuration_descriptor()).hex().upper()
    ids = f"{model.vendor_id:04x}", f"{model.product_id:04x}"
    properties = {
        "DEVTYPE": "usb_device",
        "SUBSYSTEM": "usb",
        "BUSNUM": "001",
        "DEVNUM": f"{number:03d}",
        "DEVNAME": f"/dev/{node}",
        "MAJOR": "189",
        "MINOR": str(number - 1),
        "PRODUCT": f"{model.vendor_id:x}/{model.product_id:x}/{model.release:x}",
        "TYPE": "0/0/0",
        "ID_VENDOR_ID": ids[0],
        "ID_MODEL_ID": ids[1],
        "ID_USB_INTERFACES": ":" + "".join(f"{bytes(i.triple).hex()}:" for i in model.interfaces),
    }
    attributes = {
        "busnum": "1",
        "devnum": str(number),
        "bConfigurationValue": "1",
        "bNumConfigurations": "1",
        "bNumInterfaces": f" {len(model.interfaces)}",
        "bDeviceClass": "00",
        "bMaxPower": f"{model.power}mA",
        "idVendor": ids[0],
        "idProduct": ids[1],
        "bcdDevice": f"{model.release:04x}",
        "manufacturer": model.manufacturer,
        "product": model.product,
        "serial": model.serial,
        "speed": "12",
        "version": " 2.00",
        "devpath": str(number - 1),
        "dev": f"189:{number - 1}",
        "power/control": "on",
        "power/runtime_status": "active",
    }
    lines = [f"P: /devices/pci0000:00/0000:00:14.0/usb1/{name}", f"N: {node}={descriptors}"]
    lines += [f"E: {key}={value}" for key, value in properties.items()]
    lines += [f"A: {key}={value}\\n" for key, value in attributes.items() if value]
    lines.append(f"H: descriptors={descriptors}")
    for index in range(len(model.interfaces)):
        lines += ["", *_interface_lines(model, name, index)]
    return "\n".join(lines) + "\n"


def _interface_lines(model: UsbModel, name: str, index: int) -> list[str]:
    interface = model.interfaces[index]
    usb_class, subclass, protocol = interface.triple
    lines = [
        f"P: /devices/pci0000:00/0000:00:14.0/usb1/{name}/{name}:1.{index}",
        "E: DEVTYPE=usb_interface",
        "E: SUBSYSTEM=usb",
        f"E: INTERFACE={usb_class}/{subclass}/{protocol}",
        f"A: bInterfaceClass={usb_class:02x}\\n",
        f"A: bInterfaceSubClass={subclass:02x}\\n",
        f"A: bInterfaceProtocol={protocol:02x}\\n",
        f"A: bInterfaceNumber={index:02x}\\n",
        "A: bAlternateSetting= 0\\n",
        f"A: bNumEndpoints={len(interface.endpoints):02x}\\n",
    ]
    if model.busy:
        lines.append(f"L: driver=../../../../../../bus/usb/drivers/{model.busy}")
    return lines


def obey(bed: Bed, words: list[str]) -> str:
    """Does what one line says, and what to answer."""
    match words:
        case ["plug", name, *driver]:
            return str(bed.plug(name, driver[0] if driver else None))
        case ["unplug", number]:
            bed.unplug(int(number))
        case ["insert" | "remove" as what, number]:
            model = bed.devices[int(number)][0].model
            assert isinstance(model, CcidModel)
            if what == "insert":
                model.insert(lambda command: b"\x6a\x82")
            else:
                model.remove()
        case _:
            return "unknown"
    return "ok"


def main() -> None:
    """Serves until standard input ends."""
    bed = Bed()
    print(bed.testbed.get_root_dir(), flush=True)
    for line in sys.stdin:
        print(obey(bed, line.split()), flush=True)


if __name__ == "__main__":
    main()
