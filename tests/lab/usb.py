# SPDX-License-Identifier: Apache-2.0
"""Emulated USB readers for tests, and a real pcscd with real libccid on top of them.

What belongs here: starting ``usb_bed`` in the system's Python, and a daemon that sees its devices.
What does not: the devices. One bed a scenario: a client that is killed inside an ioctl spoils it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Self

from lab import daemon
from lab.daemon import PCSCD, LabError, PcscDaemon

if TYPE_CHECKING:
    from types import TracebackType

SYSTEM_PYTHON = "/usr/bin/python3"
PRELOAD = "libumockdev-preload.so.0"
INSTALL = (
    "install what the tests on emulated USB need: "
    "apt-get install umockdev gir1.2-umockdev-1.0 python3-gi pcscd libccid"
)
_BED = Path(__file__).with_name("usb_bed.py")
_PROBE = "import gi; gi.require_version('UMockdev', '1.0'); from gi.repository import UMockdev"


def missing_usb_parts() -> list[str]:
    """What this machine lacks for emulated USB readers; often nothing."""
    missing = daemon.missing_parts()
    if shutil.which("umockdev-run") is None:
        missing.append("umockdev")
    done = subprocess.run([SYSTEM_PYTHON, "-c", _PROBE], capture_output=True, check=False)
    if done.returncode:
        missing.append("the bindings of umockdev for the system's Python")
    if not Path("/usr/lib/pcsc/drivers/ifd-ccid.bundle").exists():
        missing.append("libccid")
    return missing


class UsbBed:
    """A process that holds emulated devices; a context manager."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[str] | None = None
        self.root = ""

    def env(self) -> dict[str, str]:
        """The variables under which a program sees these devices and no others."""
        return {"LD_PRELOAD": PRELOAD, "UMOCKDEV_DIR": self.root}

    def plug(self, model: str, driver: str | None = None) -> int:
        """Plugs a model in, held by the kernel's ``driver`` where one is named; its number."""
        return int(self._say("plug", model, *([driver] if driver else [])))

    def unplug(self, number: int) -> None:
        """Pulls a device out."""
        self._say("unplug", str(number))

    def insert(self, number: int) -> None:
        """Puts a card on a CCID reader that knows no application."""
        self._say("insert", str(number))

    def _say(self, *words: str) -> str:
        process = self._process
        assert process is not None
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(" ".join(words) + "\n")
        process.stdin.flush()
        answer = process.stdout.readline().strip()
        if not answer or answer == "unknown":
            raise LabError(f"{' '.join(words)}: {answer or 'the bed is gone'}")
        return answer

    def __enter__(self) -> Self:
        self._process = subprocess.Popen(
            [SYSTEM_PYTHON, str(_BED)],
            env={**os.environ, "LD_PRELOAD": PRELOAD, "PYTHONPATH": ""},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self._process.stdout is not None
        self.root = self._process.stdout.readline().strip()
        if not self.root:
            raise LabError(f"no emulated USB; {INSTALL}")
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        process, self._process = self._process, None
        if process is not None:
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait(timeout=5)
        if self.root:
            shutil.rmtree(self.root, ignore_errors=True)


class UsbPcscd(PcscDaemon):
    """A private pcscd that sees the devices of ``bed`` through the real libudev and libccid."""

    def __init__(self, bed: UsbBed) -> None:
        super().__init__(readers=0, debug=True)
        self._bed = bed

    def _spawn(self) -> subprocess.Popen[bytes]:
        # As the base class, but the drivers stay visible: there is nothing real behind them.
        command = [
            *daemon._unshare(), "setpriv", "--pdeathsig", "KILL", "sh", "-c",
            daemon._IN_NAMESPACE, "sh", str(self.directory / "run"),
            daemon._built_with("ipcdir", "/run/pcscd"), "/nowhere",
            "env", *(f"{name}={value}" for name, value in self._bed.env().items()),
            PCSCD, "--foreground", "--debug", "--config", str(self.directory / "conf"),
        ]  # fmt: skip
        if "--disable-polkit" in daemon._pcscd_says("--help"):
            command.append("--disable-polkit")
        with self.log_path.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def env(self) -> dict[str, str]:
        """The variables that lead a client to this daemon and to the devices below it."""
        return {**super().env(), **self._bed.env()}

    def settle(self, seconds: float = 1.0) -> None:
        """Comes back when the log has not grown for a while: hot plugging is over."""
        size, since = -1, time.monotonic()
        while time.monotonic() - since < seconds:
            now = self.log_path.stat().st_size
            if now != size:
                size, since = now, time.monotonic()
            time.sleep(0.05)
