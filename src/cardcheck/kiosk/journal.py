# SPDX-License-Identifier: Apache-2.0
"""The morning log: one line a check, appended whole or not at all.

What belongs here: appending. What does not: what the line says (``documents``).
"""

from __future__ import annotations

import os

from cardcheck.errors import InputError


def append_line(path: str, line: str) -> None:
    """Appends one line to a UTF-8 file with a single write, and brings it to the disk.

    Lines of several programs do not mix. A last line that a power cut left
    without its end is ended first, so that the new one stands by itself.

    Args:
        path: the log; made where it does not exist, readable by its owner and group.
        line: ends with a line feed and holds no other.

    Raises:
        InputError: the file cannot be written; the log is then as it was.
    """
    data = line.encode("utf-8", "replace")
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | getattr(os, "O_BINARY", 0)
    try:
        log = os.open(path, flags, 0o640)
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
    """Waits until no other program appends; Windows has no such lock, and one program a station."""
    try:
        import fcntl
    except ImportError:
        return
    fcntl.flock(log, fcntl.LOCK_EX)


def _ends_a_line(log: int, size: int) -> bool:
    os.lseek(log, size - 1, os.SEEK_SET)
    return os.read(log, 1) == b"\n"
