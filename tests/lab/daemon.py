# SPDX-License-Identifier: Apache-2.0
"""A private, real ``pcscd`` with virtual readers, for tests.

What belongs here: starting, killing and restarting the daemon, and the ports and names of its
readers. What does not: cards (``VpcdCard`` of the simulation) and PC/SC clients (``client``).

Each daemon lives in a mount namespace of its own. Its socket directory is bound over the system's,
so that any number of daemons run beside each other and beside the system's own, and the directory
of USB drivers is hidden, so that no real reader of the machine is ever touched. The socket stays
visible outside under ``directory/run``: libpcsclite finds it by ``PCSCLITE_CSOCK_NAME``.

The limits are those of vpcd: a daemon has no reader or two, and the two share one name.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

PCSCD = "/usr/sbin/pcscd"
INSTALL = (
    "install what the tests on real pcscd need: "
    "apt-get install pcscd vsmartcard-vpcd opensc pcsc-tools util-linux mount "
    "(or set CARDCHECK_LAB=off to go without these tests)"
)
NO_NAMESPACES = "the right to make mount namespaces (be root, or allow user namespaces)"
SLOTS = 2
START_SECONDS = 60.0
# Below the ports that Linux hands out by itself (32768 and up), above those of common services.
PORTS = range(20000, 30000, SLOTS)

# The daemon must die with us. PR_SET_PDEATHSIG names the parent *thread*, so every daemon is a
# child of this one, which lives as long as the interpreter.
_SPAWNER = ThreadPoolExecutor(max_workers=1, thread_name_prefix="pcscd-parent")

# $1: our socket directory, $2: the system's, $3: the directory of USB drivers; the rest is the
# command. A machine without systemd has no /run/pcscd: then the namespace gets an empty /run.
_IN_NAMESPACE = """
[ -d "$2" ] || { mount -t tmpfs none /run && mkdir -p "$2"; }
mount --bind "$1" "$2" && { [ ! -d "$3" ] || mount -t tmpfs none "$3"; } || exit 97
shift 3
exec "$@"
"""


class LabError(Exception):
    """This machine cannot run a private pcscd, or the daemon did not do as told in time."""


def wait_until(predicate: Callable[[], object], seconds: float = 30.0) -> bool:
    """Whether ``predicate`` became true within ``seconds``; asked every 20 ms, at least once."""
    deadline = time.monotonic() + seconds
    while not predicate():
        if time.monotonic() >= deadline:
            return False
        time.sleep(0.02)
    return True


def missing_parts() -> list[str]:
    """What this machine lacks for a private pcscd with virtual readers; often nothing."""
    missing = [tool for tool in ("unshare", "setpriv", "sh", "mount") if shutil.which(tool) is None]
    if not os.access(PCSCD, os.X_OK):
        missing.append(PCSCD)
    else:
        try:
            _vpcd_library()
        except LabError as error:
            missing.append(str(error))
    if not missing and not _may_unshare():
        missing.append(NO_NAMESPACES)
    return missing


def _may_unshare() -> bool:
    done = subprocess.run([*_unshare(), "true"], capture_output=True, check=False, timeout=10)
    return done.returncode == 0


def _unshare() -> list[str]:
    return ["unshare", "-m" if os.geteuid() == 0 else "-rm"]


def _pcscd_says(option: str) -> str:
    done = subprocess.run([PCSCD, option], capture_output=True, text=True, check=False, timeout=10)
    return done.stdout + done.stderr


def _built_with(name: str, default: str) -> str:
    """A directory that pcscd was built with, as ``pcscd --version`` names it."""
    found = re.search(rf"{name}=(\S+)", _pcscd_says("--version"))
    return found[1] if found else default


def _vpcd_library() -> Path:
    drivers = Path(_built_with("usbdropdir", "/usr/lib/pcsc/drivers"))
    for library in (drivers / "serial" / "libifdvpcd.so", *drivers.glob("**/libifdvpcd.so*")):
        if library.is_file():
            return library
    raise LabError(f"libifdvpcd.so under {drivers}")


def _reserve_ports() -> tuple[int, socket.socket]:
    """The first of ``SLOTS`` free TCP ports in a row, and the lock that keeps others off them.

    The lock is an abstract Unix socket: the kernel lets go of it when this process ends, however it
    ends.
    """
    for port in PORTS:
        lock = socket.socket(socket.AF_UNIX)
        try:
            lock.bind(f"\0cardcheck-lab-{port}")
            for slot in range(SLOTS):
                with socket.socket() as probe:
                    probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                    probe.bind(("0.0.0.0", port + slot))
        except OSError:
            lock.close()
        else:
            return port, lock
    raise LabError(f"no free TCP port from {PORTS.start} to {PORTS.stop}")


class PcscDaemon:
    """One private pcscd; a context manager that starts it and takes it away without a trace.

    Attributes:
        directory: everything of this daemon: ``run/pcscd.comm``, ``conf/``, ``log``.
        ports: the TCP ports on which its readers wait for a card; empty without readers.
    """

    def __init__(
        self, *, readers: int = SLOTS, name: str | bytes = "Virtual PCD", debug: bool = False
    ) -> None:
        """Prepares a daemon; ``start`` runs it.

        Args:
            readers: 0 or 2, which is all that vpcd can do. name: what both readers are called,
            before pcscd appends `` 00 00`` and `` 00 01``. pcscd cuts it
                to 121 bytes. Quotation marks and line ends do not pass its parser.
            debug: whether the log holds everything, APDUs included (``--debug --apdu``).
        """
        if readers not in (0, SLOTS):
            raise ValueError(f"vpcd has no reader or {SLOTS}, not {readers}")
        self.readers = readers
        self.name = name.encode() if isinstance(name, str) else name
        self.debug = debug
        # Not pytest's tmp_path: the path of a Unix socket has 108 bytes (unix(7)).
        self.directory = Path(tempfile.mkdtemp(prefix="cardcheck-pcscd-"))
        self.socket_path = self.directory / "run" / "pcscd.comm"
        self.log_path = self.directory / "log"
        self.ports: tuple[int, ...] = ()
        self._lock: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None
        if readers:
            first, self._lock = _reserve_ports()
            self.ports = tuple(range(first, first + readers))
        self._write_files()
        atexit.register(self.close)

    def _write_files(self) -> None:
        for part in ("run", "conf"):
            (self.directory / part).mkdir()
        if not self.readers:
            return
        library = shutil.copy(_vpcd_library(), self.directory / "libifdvpcd.so")
        port = f"0x{self.ports[0]:X}".encode()
        lines = (
            b'FRIENDLYNAME "' + self.name + b'"',
            b"DEVICENAME /dev/null:" + port,
            b"LIBPATH " + os.fsencode(library),
            b"CHANNELID " + port,
        )
        (self.directory / "conf" / "vpcd").write_bytes(b"\n".join(lines) + b"\n")

    @property
    def reader_names(self) -> list[bytes]:
        """The names under which PC/SC lists the readers, in its order."""
        return [self.name[:121] + b" 00 %02X" % slot for slot in range(self.readers)]

    @property
    def pid(self) -> int:
        """The process id of pcscd.

        Raises:
            LabError: it does not run.
        """
        if self._process is None:
            raise LabError("pcscd does not run")
        return self._process.pid

    @property
    def running(self) -> bool:
        """Whether the daemon process is alive."""
        return self._process is not None and self._process.poll() is None

    def env(self) -> dict[str, str]:
        """The variables that lead a libpcsclite client to this daemon, from its first call on."""
        return {"PCSCLITE_CSOCK_NAME": str(self.socket_path)}

    def log(self) -> str:
        """What the daemon has said so far."""
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def await_card(self, slot: int, *, present: bool, seconds: float = 60.0) -> None:
        """Comes back when pcscd, which looks every 0.4 s, has noticed that a card came or went.

        Raises:
            LabError: not within ``seconds``.
        """
        name = self.reader_names[slot]

        def noticed() -> bool:
            log = self.log_path.read_bytes()
            came = log.rfind(b"Card inserted into " + name)
            return (came > log.rfind(b"Card Removed From " + name)) is present

        if not wait_until(noticed, seconds):
            raise LabError(f"pcscd did not notice: slot {slot}, card present: {present}")

    def start(self) -> None:
        """Runs the daemon and comes back when it takes clients and its readers take cards.

        Raises:
            LabError: not within ``START_SECONDS``; the text ends with the daemon's log.
        """
        if self.running:
            raise LabError("pcscd runs already")
        self._process = _SPAWNER.submit(self._spawn).result(timeout=START_SECONDS)
        wait_until(lambda: self._is_ready() or not self.running, START_SECONDS)
        if not (self.running and self._is_ready()):
            self.kill()
            raise LabError(f"pcscd did not start; {INSTALL}\n{self.log()[-2000:]}")

    def _spawn(self) -> subprocess.Popen[bytes]:
        command = [
            *_unshare(), "setpriv", "--pdeathsig", "KILL", "sh", "-c", _IN_NAMESPACE, "sh",
            str(self.directory / "run"), _built_with("ipcdir", "/run/pcscd"),
            _built_with("usbdropdir", "/usr/lib/pcsc/drivers"),
            PCSCD, "--foreground", "--config", str(self.directory / "conf"),
        ]  # fmt: skip
        command += ["--debug", "--apdu"] if self.debug else ["--info"]
        if "--disable-polkit" in _pcscd_says("--help"):
            command.append("--disable-polkit")
        with self.log_path.open("wb") as log:
            return subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )

    def _is_ready(self) -> bool:
        # Asked of the kernel: connecting to a reader's port would be putting a card in.
        return _accepts(self.socket_path) and set(self.ports) <= _listening_ports()

    def stop(self) -> None:
        """Ends the daemon as the system does (SIGTERM); it takes its socket away."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """Kills the daemon and leaves its socket behind, without anyone listening."""
        self._end(signal.SIGKILL)

    def _end(self, signal_number: int) -> None:
        if self._process is None:
            return
        self._process.send_signal(signal_number)
        self._process.send_signal(signal.SIGCONT)
        try:
            self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait(timeout=5)
        self._process = None

    def restart(self) -> None:
        """Stops and starts the daemon on the same socket and ports."""
        self.stop()
        self.start()

    def freeze(self) -> None:
        """Makes the daemon hang (SIGSTOP); ``thaw``, ``stop`` and ``kill`` get it out of it."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Lets a frozen daemon go on."""
        os.kill(self.pid, signal.SIGCONT)

    def close(self) -> None:
        """Kills the daemon, if it runs, and removes its directory; may be called twice."""
        self.kill()
        if self._lock is not None:
            self._lock.close()
        shutil.rmtree(self.directory, ignore_errors=True)
        atexit.unregister(self.close)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()


def _accepts(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        try:
            client.connect(str(path))
        except OSError:
            return False
    return True


def _listening_ports() -> set[int]:
    """TCP ports with a listener (proc(5): column 2 is address:port in hex, column 4 0A: LISTEN)."""
    ports = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        if not Path(table).exists():
            continue
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]:
            columns = line.split()
            if columns[3] == "0A":
                ports.add(int(columns[1].rpartition(":")[2], 16))
    return ports
