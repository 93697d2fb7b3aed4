# SPDX-License-Identifier: Apache-2.0
"""A spy in every Python process of a run: what it did with sockets, files and processes.

What belongs here: the audit hook (PEP 578) and what it saw. What does not: what is allowed. Only
Python is seen; what libpcsclite and libusb do in C is not.
"""

from __future__ import annotations

from pathlib import Path

import cardcheck

# Python runs a module of this name before all else, in child processes too.
_SPY = """
import os
import sys

LOG = os.environ["CARDCHECK_TEST_AUDIT"]
SOCKETS = {"socket.__new__", "socket.connect", "socket.bind", "socket.sendto",
           "socket.getaddrinfo", "socket.gethostbyname"}
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.symlink", "os.truncate",
           "os.chmod", "os.chown", "os.utime", "os.putenv", "os.kill", "shutil.rmtree",
           "tempfile.mkstemp", "tempfile.mkdtemp"}
PROCESSES = {"subprocess.Popen", "os.system", "os.exec", "os.fork", "os.posix_spawn", "os.spawn"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_TRUNC

def note(kind, what):
    file = os.open(LOG, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.write(file, f"{kind}|{what}\\n".encode("utf-8", "backslashreplace"))
    os.close(file)

def spy(event, arguments):
    named = [a for a in arguments if isinstance(a, (str, bytes, int, tuple, list))]
    if event in SOCKETS:
        made = event == "socket.__new__"
        family = int(arguments[1] if made else getattr(arguments[0], "family", -1))
        note("socket", f"{family}|{event} {named!r}")
    elif event in PROCESSES:
        note("process", f"{event} {named!r}")
    elif event in CHANGES:
        note("change", f"{named[0]}|{event} {named!r}")
    elif event == "open" and arguments[0] != LOG and (arguments[2] or 0) & WRITING:
        note("change", f"{arguments[0]}|open")

sys.addaudithook(spy)
note("start", sys.argv)
"""
_INTERNET = {"2", "10"}  # AF_INET and AF_INET6 of Linux
_SAFE = {"socket.__new__", "socket.connect"}  # where the family is not that of the internet
_PYTHONS_OWN = ("__pycache__", "/dev/null")


class Audit:
    """What the processes of a run did.

    Attributes:
        env: what a run needs to be watched.
    """

    def __init__(self, directory: Path) -> None:
        """Prepares a spy in ``directory``, which belongs to it alone."""
        (directory / "sitecustomize.py").write_text(_SPY)
        self._log = directory / "log"
        paths = f"{directory}:{Path(cardcheck.__file__).parents[1]}"
        self.env = {"PYTHONPATH": paths, "CARDCHECK_TEST_AUDIT": str(self._log)}

    def internet(self) -> list[str]:
        """The calls that have to do with IPv4, IPv6 or names."""
        found = []
        for seen in self._seen("socket"):
            family, _, call = seen.partition("|")
            if family in _INTERNET or call.partition(" ")[0] not in _SAFE:
                found.append(call)
        return found

    def changed(self) -> set[Path]:
        """The files that were opened for writing, made, renamed or removed."""
        names = (seen.partition("|")[0] for seen in self._seen("change"))
        return {Path(name) for name in names if not any(own in name for own in _PYTHONS_OWN)}

    def processes(self) -> list[str]:
        """The processes that were started."""
        return self._seen("process")

    def _seen(self, kind: str) -> list[str]:
        lines = [line.partition("|") for line in self._log.read_text("utf-8").splitlines()]
        assert any(line[0] == "start" for line in lines), "no process was watched"
        return [what for found, _, what in lines if found == kind]
