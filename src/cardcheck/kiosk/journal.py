# SPDX-License-Identifier: Apache-2.0
"""The morning log: one line a check, appended whole or not at all.

What belongs here: appending. What does not: what the line says (``documents``).
"""

from __future__ import annotations

import os
import sys
import time
from typing import Final

from cardcheck.errors import InputError

WAIT_SECONDS: Final = 30.0
"""How long an appending program waits for others that append."""

_FLAGS: Final = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
_LOOK: Final = 0.01  # seconds between two tries to get the lock


def append_line(path: str, line: str) -> None:
    """Appends one line to a UTF-8 file with a single write, and brings it to the disk.

    Lines of several programs do not mix, on one computer or on a share. A last line that a power
    cut left without its end is ended first, so that the new one stands by itself.

    Args:
        path: the log; made where it does not exist, readable by its owner and group.
        line: ends with a line feed and holds no other.

    Raises:
        InputError: the file cannot be written; the log is then as it was.
    """
    data = line.encode("utf-8", "replace")
    try:
        log = os.open(path, _FLAGS, 0o640)
        try:
            _lock(log)
            size = os.fstat(log).st_size
            if size and not _ends_a_line(log, size):
                data = b"\n" + data
            if os.write(log, data) != len(data):
                os.ftruncate(log, size)
                raise OSError(None, "the disk is full")
            os.fsync(log)
        finally:
            os.close(log)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise InputError(f"--log {path}: cannot be written ({reason})") from None


def _lock(log: int) -> None:
    """Waits until no other program appends; closing the file, or dying, gives the lock back.

    Raises:
        OSError: others held it all the time, or the file system has no locks.
    """
    deadline = time.monotonic() + WAIT_SECONDS
    while not _locked(log):
        if time.monotonic() > deadline:
            raise OSError(None, "another program holds it")
        time.sleep(_LOOK)


if sys.platform == "win32":
    # A lock of Windows keeps others from reading the bytes that it is on. So it lies on one that no
    # log has: 1 TiB from its beginning. Shares know such locks, too. Not msvcrt.locking: that gives
    # up with one error for everything.
    _PLACE: Final = 1 << 40
    _AT_ONCE_FOR_ME_ALONE: Final = 0x1 | 0x2  # LOCKFILE_FAIL_IMMEDIATELY, LOCKFILE_EXCLUSIVE_LOCK
    _TAKEN: Final = frozenset({33, 997})  # ERROR_LOCK_VIOLATION, ERROR_IO_PENDING

    def _locked(log: int) -> bool:
        import ctypes
        import msvcrt

        # OVERLAPPED: two pointers that Windows fills in, the place in two halves, an event
        place = (ctypes.c_uint64 * 4)(0, 0, _PLACE, 0)
        windows = ctypes.WinDLL("kernel32", use_last_error=True)
        file = ctypes.c_void_p(msvcrt.get_osfhandle(log))
        if windows.LockFileEx(file, _AT_ONCE_FOR_ME_ALONE, 0, 1, 0, ctypes.byref(place)):
            return True
        error = ctypes.get_last_error()
        if error in _TAKEN:
            return False
        raise ctypes.WinError(error)

else:

    def _locked(log: int) -> bool:
        import fcntl

        try:
            fcntl.flock(log, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _ends_a_line(log: int, size: int) -> bool:
    os.lseek(log, size - 1, os.SEEK_SET)
    return os.read(log, 1) == b"\n"
