# SPDX-License-Identifier: Apache-2.0
"""The lab of ``build-lab``: a Debian with Wine, entered once, and the real pcscd in it.

What belongs here: entering, running Windows programs, starting and ending the service. What does
not: what is tried (``scenarios``).
"""

from __future__ import annotations

import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.daemon import _IN_NAMESPACE, PcscDaemon, wait_until
from lab.program import Completed

if TYPE_CHECKING:
    from collections.abc import Mapping

HERE: Final = Path(__file__).parent
PYTHON: Final = r"Z:\w\py\python.exe"
REPO: Final = "/w/prefix/drive_c/repo"
_ENVIRONMENT: Final = {
    "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    "HOME": "/root",
    "LC_ALL": "ja_JP.UTF-8",
    "WINEPREFIX": "/w/prefix",
    "WINEDEBUG": "-all",
    "WINEDLLOVERRIDES": "mscoree,mshtml=;winemenubuilder.exe=",
}


class WindowsLab:
    """The lab, entered: a mount namespace that lives until ``close``.

    Attributes:
        root: the Debian.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._holder = subprocess.Popen(
            [HERE / "enter", root, "sleep", "infinity"], stdin=subprocess.DEVNULL
        )
        assert wait_until(self._is_entered, 20), "the lab cannot be entered; be root"

    def _is_entered(self) -> bool:
        return Path(f"/proc/{self._holder.pid}/root").readlink() == self.root

    def command(self, *command: str, env: Mapping[str, str] | None = None) -> list[str]:
        """The command line that runs ``command`` in the lab."""
        enter = ["nsenter", "--target", str(self._holder.pid), "--mount", "--root", "--wd"]
        given = {**_ENVIRONMENT, **(env or {})}
        return [*enter, "env", "-i", *(f"{k}={v}" for k, v in given.items()), *command]

    def start(self, *command: str, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Starts a program of the lab."""
        return subprocess.Popen(
            self.command(*command, env=env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )

    def run(
        self,
        *command: str,
        env: Mapping[str, str] | None = None,
        seconds: float = 120.0,
        encoding: str = "cp932",
    ) -> Completed:
        """Runs a program of the lab to its end."""
        began = time.monotonic()
        process = self.start(*command, env=env)
        out, err = process.communicate(timeout=seconds)
        return Completed(
            rc=process.returncode,
            stdout=out.decode(encoding, "replace").replace("\r\n", "\n"),
            stderr=err.decode(encoding, "replace").replace("\r\n", "\n"),
            seconds=time.monotonic() - began,
        )

    def python(
        self,
        *arguments: str,
        env: Mapping[str, str] | None = None,
        seconds: float = 120.0,
        encoding: str = "cp932",
    ) -> Completed:
        """Runs the Python of Windows."""
        return self.run("wine", PYTHON, *arguments, env=env, seconds=seconds, encoding=encoding)

    def path(self, name: str) -> Path:
        """Where a file of drive C: is for this machine: ``path("cases/a.txt")``."""
        return self.root / "w/prefix/drive_c" / name

    def close(self) -> None:
        """Ends Windows and leaves the lab."""
        self.run("wineserver", "-k", seconds=30)
        self._holder.kill()
        self._holder.wait(10)


class LabDaemon(PcscDaemon):
    """pcscd of the lab, not of this machine: Wine's winscard takes no other."""

    lab: WindowsLab

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = self.lab.command(
            "unshare", "--mount", "--propagation", "unchanged", "sh", "-c", _IN_NAMESPACE,
            "sh", str(self.directory / "run"), "/run/pcscd", "/usr/lib/pcsc/drivers",
            "/usr/sbin/pcscd", "--foreground", "--disable-polkit", "--info",
            "--config", str(self.directory / "conf"),
        )  # fmt: skip
        with self.log_path.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
