# SPDX-License-Identifier: Apache-2.0
"""Files that a person or a folder names: opened here, so that none of them can hang a command.

What belongs here: opening, reading within a limit and a deadline, UTF-16. What does not: what is in
a file.

A regular file is read at once. What is no regular file and was named on purpose (``<(...)``, a
named pipe, ``/dev/stdin``) gets a deadline; a walk through a folder passes it over.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import time
from typing import TYPE_CHECKING, Final

from cardcheck import signals
from cardcheck.codec import UTF_16
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from typing import BinaryIO

PATIENCE: Final = 10.0
"""Seconds that a pipe gets to deliver all it has, where no other deadline was given."""
MOST_PIPED: Final = 256 << 20
"""Bytes that are taken from a pipe which is to be read like a file."""
_FOLDER: Final = "is a folder; give the name of a file"
_STEP: Final = 1 << 16  # bytes
_TICK: Final = 0.05  # seconds between two looks at signals
# Windows has neither: there open() of a pipe that nobody serves fails at once.
_FLAGS: Final = (
    os.O_RDONLY
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_NOCTTY", 0)
    | getattr(os, "O_BINARY", 0)
    | getattr(os, "O_CLOEXEC", 0)
)


def read_input(name: str, limit: int, seconds: float = PATIENCE) -> bytes:
    """The content of an input file of at most ``limit`` bytes.

    UTF-16, which is what ``>`` of Windows PowerShell writes, comes back as UTF-8.

    Raises:
        InputError: missing, unreadable, no file, too large, or too slow (``seconds``, for what is
            no regular file); the message begins with the name.
    """
    try:
        return content_of(name, limit, seconds)
    except InputError as error:
        raise InputError(f"{name}: {error}") from None


def content_of(name: str, limit: int, seconds: float = PATIENCE) -> bytes:
    """As ``read_input``.

    Raises:
        InputError: as ``read_input``; says why, not which.
    """
    with open_input(name, seconds, limit + 1) as file:
        try:
            data = file.read(limit + 1)
        except OSError as error:  # it opens, and does not read: a bad sector, /proc/self/mem
            raise InputError(f"cannot be read ({error.strerror})") from None
    if len(data) > limit:
        raise InputError(f"is larger than {limit} bytes; is it the right file?")
    if not data.startswith(UTF_16):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise InputError("is neither UTF-8 nor UTF-16; is it the right file?") from None


def open_input(name: str, seconds: float = PATIENCE, most: int = MOST_PIPED) -> BinaryIO:
    """An input file, open at its beginning; one that is no regular file has been read into memory.

    Args:
        name: the file.
        seconds: what a pipe or device gets to deliver everything.
        most: bytes that are taken of a pipe or device; the rest is left there.

    Raises:
        InputError: it cannot be opened or is a folder, or did not end in time; says why, not which.
    """
    try:
        descriptor = os.open(name, _FLAGS)
    except (OSError, ValueError) as error:
        if isinstance(error, IsADirectoryError):  # on Windows, which does not open folders
            raise InputError(_FOLDER) from None
        reason = getattr(error, "strerror", None) or "no usable file name"
        raise InputError(f"cannot be read ({reason}); check the name and the permissions") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    try:
        if stat.S_ISDIR(mode):
            raise InputError(_FOLDER)
        return io.BytesIO(_drained(descriptor, time.monotonic() + seconds, most))
    finally:
        os.close(descriptor)


def open_standard_input(seconds: float = 60.0, most: int = MOST_PIPED) -> BinaryIO:
    """All that comes on standard input, read into memory.

    Raises:
        InputError: it did not end in time, is closed, or is larger than ``most`` bytes.
    """
    try:
        descriptor = sys.stdin.fileno()
    except (AttributeError, OSError, ValueError):
        raise InputError("standard input is closed; give the name of a file") from None
    data = _drained(descriptor, time.monotonic() + seconds, most + 1)
    if len(data) > most:
        raise InputError(f"is larger than {most} bytes; write it to a file and name that")
    return io.BytesIO(data)


def is_regular(name: str) -> bool:
    """Whether ``name`` leads to a regular file; never raises, whatever the name is."""
    try:
        return stat.S_ISREG(os.stat(name).st_mode)  # noqa: PTH116 - asked for thousands of files
    except (OSError, ValueError):
        return False


def is_special(name: str) -> bool:
    """Whether ``name`` leads to a pipe, socket or device: there, and neither file nor folder."""
    try:
        mode = os.stat(name).st_mode  # noqa: PTH116 - as above
    except (OSError, ValueError):
        return False
    return not (stat.S_ISREG(mode) or stat.S_ISDIR(mode))


def _drained(descriptor: int, end: float, most: int) -> bytes:
    """All that comes before the end of a pipe or device, at most ``most`` bytes.

    Raises:
        InputError: it did not end in time, or a signal came.
    """
    data = bytearray()
    while len(data) < most:
        if signals.pending() is not None:
            raise InputError("was not read to its end: interrupted")
        if time.monotonic() >= end:
            raise InputError(
                "is not a file, and reading it did not finish in time; give the name of a file"
            )
        piece = _piece(descriptor, min(_STEP, most - len(data)))
        if piece == b"":
            break
        data += piece or b""
    return bytes(data)


def _piece(descriptor: int, most: int) -> bytes | None:
    """What has come, empty at the end, None where nothing has come within a moment."""
    if not _ready(descriptor):
        return None
    try:
        return os.read(descriptor, most)
    except BlockingIOError:
        return None
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})") from None


def _ready(descriptor: int) -> bool:
    """Whether something has come, or the end; a pipe that nobody has opened yet has neither."""
    try:
        from select import poll
    except ImportError:  # Windows, where a read waits for its writer
        return True
    watch = poll()
    watch.register(descriptor)
    return bool(watch.poll(_TICK * 1000))
