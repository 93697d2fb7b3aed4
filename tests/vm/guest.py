# SPDX-License-Identifier: Apache-2.0
"""The guest, from outside: a computer with a kernel, a person at its screen, and USB sockets.

What belongs here: starting QEMU, running scripts in the guest, plugging devices in and out. What
does not: what is to be found there (``scenarios``).
"""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import socket
import subprocess
import tempfile
import time
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeAlias

if TYPE_CHECKING:
    from types import TracebackType

_Line: TypeAlias = tuple[socket.socket, socket.SocketIO]

_MEMORY: Final = "1536"  # MiB: the whole system lies in memory
_START_SECONDS: Final = 300.0
_STARTS: Final = 3  # an emulated processor was seen to crash the kernel while it started
_PATIENCE: Final = 60
_HELLO: Final = "user"


class GuestError(Exception):
    """The guest did not start, or did not do as told in time."""


class Who(StrEnum):
    """Who runs a script in the guest.

    Attributes:
        ROOT: the machine itself.
        PERSON: somebody logged in at the screen, who may use sudo.
        SERVICE: the same user without any login.
    """

    ROOT = "root"
    PERSON = "person"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Ran:
    """A finished script: exit code, output, errors."""

    rc: int
    out: str
    err: str


class Guest:
    """A running guest; a context manager.

    Attributes:
        started: seconds from the start to the answer of both agents.
        card_socket: where a card for QEMU's own reader connects.
    """

    def __init__(self, image: Path, repository: Path, share: Path) -> None:
        self._directory = Path(tempfile.mkdtemp(prefix="lab-vm-"))
        self._image, self._repository, self._share = image, repository, share
        self.card_socket = self._directory / "card"
        self.started = 0.0
        self._lines: dict[Who, _Line] = {}
        self._monitor: list[_Line] = []
        self._plugged: list[str] = []

    def _command(self) -> list[str]:
        def channel(name: str, *use: str) -> list[str]:
            path = self._directory / name
            return ["-chardev", f"socket,id={name},path={path},server=on,wait=off", *use]

        def folder(name: str, path: Path) -> list[str]:
            options = "security_model=none,readonly=on,multidevs=remap"
            return ["-virtfs", f"local,path={path},mount_tag={name},{options}"]

        return [
            *("qemu-system-x86_64", "-M", "q35", "-cpu", "qemu64", "-smp", "1", "-m", _MEMORY),
            *("-accel", "tcg,thread=multi"),  # /dev/kvm may be there and hang
            *("-nodefaults", "-display", "none", "-no-reboot"),
            *("-kernel", str(self._image / "vmlinuz")),
            *("-initrd", str(self._image / "initramfs.cpio.zst")),
            *("-append", "console=ttyS0 rdinit=/sbin/init quiet panic=-1 systemd.show_status=0"),
            *("-serial", f"file:{self._directory / 'console'}"),
            *channel("root", "-serial", "chardev:root"),
            *channel("person", "-serial", "chardev:person"),
            *channel("card"),
            *("-qmp", f"unix:{self._directory / 'qmp'},server=on,wait=off"),
            *("-device", "qemu-xhci,id=xhci"),
            *folder("repo", self._repository),
            *folder("share", self._share),
        ]

    def __enter__(self) -> Self:
        """Starts it and waits for both agents; tries again where that fails.

        Raises:
            GuestError: it does not answer.
        """
        for left in reversed(range(_STARTS)):
            try:
                self._start()
                break
            except GuestError:
                if not left:
                    raise
        return self

    def _start(self) -> None:
        begin = time.monotonic()
        self._process = subprocess.Popen(self._command(), stdin=subprocess.DEVNULL)
        try:
            self._monitor.append(self._connect("qmp"))
            self._monitor[0][1].readline()
            self.qmp("qmp_capabilities")
            for who in (Who.ROOT, Who.PERSON):
                self._lines[who] = line = self._connect(who)
                line[0].settimeout(_START_SECONDS)
                self._greeted(who, line[1])
        except (OSError, GuestError) as error:
            self._stop()
            raise GuestError(f"{error}; console: {self.console()[-400:]}") from error
        self.started = time.monotonic() - begin

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()
        shutil.rmtree(self._directory, ignore_errors=True)

    def _stop(self) -> None:
        self._process.kill()  # nothing in it is kept
        self._process.wait(timeout=10)
        for connection, line in (*self._lines.values(), *self._monitor):
            line.close()
            connection.close()
        self._lines.clear()
        self._monitor.clear()

    def _connect(self, name: str) -> _Line:
        deadline = time.monotonic() + 20
        connection = socket.socket(socket.AF_UNIX)
        while True:
            try:
                connection.connect(str(self._directory / name))
            except OSError:
                if time.monotonic() > deadline or self._process.poll() is not None:
                    raise
                time.sleep(0.1)
            else:
                return connection, connection.makefile("rwb", buffering=0)

    def _greeted(self, who: Who, line: socket.SocketIO) -> None:
        greeting = line.readline()
        if _HELLO not in greeting.decode(errors="replace"):
            raise GuestError(f"{who} says {greeting!r}")

    def console(self) -> str:
        """What the guest's kernel said."""
        with contextlib.suppress(OSError):
            return (self._directory / "console").read_text(errors="replace")
        return ""

    def run(self, script: str, who: Who = Who.ROOT, seconds: float = 90.0) -> Ran:
        """Runs ``script`` with bash and waits for its end."""
        if who is Who.SERVICE:
            user = "--reuid tester --regid tester --init-groups --reset-env"
            script = f"cd /; setpriv {user} bash -c {shlex.quote(script)}"
        connection, line = self._lines[Who.ROOT if who is Who.SERVICE else who]
        connection.settimeout(seconds + 30)
        line.write(json.dumps({"script": script, "seconds": seconds}).encode() + b"\n")
        answer = line.readline()
        if not answer:
            raise GuestError(f"no answer; console: {self.console()[-400:]}")
        return Ran(**json.loads(answer))

    def do(self, script: str, who: Who = Who.ROOT) -> str:
        """The output of a script that has to succeed.

        Raises:
            GuestError: it does not.
        """
        ran = self.run(script, who)
        if ran.rc:
            raise GuestError(f"{script}: rc {ran.rc}: {ran.out}{ran.err}")
        return ran.out

    def cardcheck(self, arguments: str, who: Who = Who.PERSON) -> dict[str, Any]:
        """The JSON that ``cardcheck ARGUMENTS --json`` prints.

        Raises:
            GuestError: it prints none.
        """
        options = f"--json --with-text --lang en --timeout {_PATIENCE}"  # this processor is slow
        ran = self.run(f"cardcheck {arguments} {options}", who, 300)
        try:
            report: dict[str, Any] = json.loads(ran.out)
        except ValueError as error:
            raise GuestError(f"cardcheck {arguments}: rc {ran.rc}: {ran.err}") from error
        return report

    def qmp(self, command: str, **arguments: str) -> None:
        """Tells QEMU to do something.

        Raises:
            GuestError: it refuses.
        """
        line = self._monitor[0][1]
        line.write(json.dumps({"execute": command, "arguments": arguments}).encode() + b"\n")
        while answer := json.loads(line.readline()):
            if "error" in answer:
                raise GuestError(f"{command}: {answer['error']}")
            if "return" in answer:
                return

    def plug(self, model: str) -> None:
        """Plugs an emulated device in and waits until udev has dealt with it."""
        self.do(
            f"systemctl reset-failed usb-{model} 2>/dev/null; "
            f"systemd-run --quiet --unit=usb-{model} "
            "-E PYTHONPATH=/mnt/repo/tests:/mnt/repo/src:/mnt/share/packages "
            "-E PYTHONPYCACHEPREFIX=/var/cache/python "
            f"python3 -m vm.usbip {model} /mnt/share/card"
        )
        self._plugged.append(model)
        self.wait(f"systemctl is-active --quiet usb-{model} && lsusb | grep -q {_IDS[model]}")
        self.settle()

    def unplug(self, model: str) -> None:
        """Pulls it out."""
        self.do(f"systemctl stop usb-{model}")
        self._plugged.remove(model)
        self.wait(f"! lsusb | grep -q {_IDS[model]}")
        self.settle()

    def unplug_all(self) -> None:
        """Pulls all emulated devices out."""
        for model in tuple(self._plugged):
            self.unplug(model)

    def log_in_again(self) -> None:
        """Ends the session at the screen; the person logs in again."""
        self.do("systemctl restart getty@tty1")
        self._greeted(Who.PERSON, self._lines[Who.PERSON][1])

    def plug_reader(self) -> None:
        """Plugs QEMU's own CCID reader in, with the slot that a card connects to."""
        self.qmp("device_add", driver="usb-ccid", id="ccid", bus="xhci.0")
        self.qmp("device_add", driver="ccid-card-passthru", id="slot", bus="ccid.0", chardev="card")
        self.wait("lsusb | grep -q 08e6:4433")
        self.settle()

    def unplug_reader(self) -> None:
        """Pulls it out."""
        self.qmp("device_del", id="ccid")
        self.wait("! lsusb | grep -q 08e6:4433")

    def settle(self) -> None:
        """Comes back when udev has done its work, drivers included."""
        self.do("udevadm settle -t 30; sleep 1; udevadm settle -t 30")

    def wait(self, condition: str, seconds: int = 30) -> None:
        """Comes back when ``condition`` is true for bash.

        Raises:
            GuestError: it is not, in time.
        """
        tries = seconds * 4
        self.do(f"for i in $(seq {tries}); do ({condition}) && exit; sleep 0.25; done; exit 1")


_IDS: Final = {"rc-s380": "054c:06c3", "acr122u": "072f:2200", "rc-s300": "054c:0dc9"}
