# SPDX-License-Identifier: Apache-2.0
"""Where a report is written: to a stream of any encoding, or to a file, whole or not at all.

What belongs here: closed pipes, full disks, and that nothing written acts on a
terminal. What does not: what is written.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cardcheck.errors import InputError
from cardcheck.escaping import harmless_text, harmless_value
from cardcheck.output.encoding import Styled, encoding_of, fitted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import TextIO

_READERS_SECONDS: Final = 3.0  # how long a reader of the old file is waited for (Windows)
_READERS_LOOK: Final = 0.02  # seconds between two tries


def write_lines(stream: TextIO | None, lines: Iterable[str]) -> bool:
    """Write lines, as ``write_text`` does; a line feed inside of one is shown, and ends nothing."""
    return write_text(stream, "".join(f"{harmless_value(line)}\n" for line in lines))


def write_text(stream: TextIO | None, text: str) -> bool:
    """Write the text and flush it; False where nobody reads any more (a closed pipe, no stream).

    The one way to a stream: whatever is in the text, nothing of it acts on a terminal or in a log
    of CI, unless it is ``Styled``.

    Raises:
        InputError: the stream leads to a file that cannot be written (a full disk).
    """
    if stream is None or stream.closed:
        return False
    try:
        shown = text if isinstance(text, Styled) else harmless_text(text)
        stream.write(fitted(shown, encoding_of(stream)))
        stream.flush()
    except OSError as error:
        unread = nobody_reads(stream, error)
        _silence(stream)
        if unread:
            return False
        raise InputError(complaint("standard output", error)) from error
    return True


def nobody_reads(stream: TextIO | None, error: OSError) -> bool:
    """Whether an error in writing to ``stream`` means a closed pipe, as after ``| more`` and q.

    The C library of Windows calls that an invalid argument.
    """
    if isinstance(error, BrokenPipeError):
        return True
    if sys.platform != "win32" or error.errno != errno.EINVAL or stream is None:
        return False
    try:
        return stat.S_ISFIFO(os.fstat(stream.fileno()).st_mode)
    except (OSError, ValueError):
        return False


def write_note(stream: TextIO | None, text: str) -> None:
    """Write what may get lost: progress and complaints on a stderr that takes nothing."""
    with contextlib.suppress(InputError):
        write_text(stream, text)


def _silence(stream: TextIO) -> None:
    """Lead the stream nowhere, so that Python's own flush at exit does not complain once more."""
    with contextlib.suppress(OSError, ValueError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def write_file_atomically(path: Path | str, text: str) -> None:
    """Write a UTF-8 file so that its name holds the old content or the new, never a part of it.

    Raises:
        InputError: as ``write_bytes_atomically``.
    """
    write_bytes_atomically(path, text.encode("utf-8", "replace"))


def write_bytes_atomically(path: Path | str, data: bytes) -> None:
    """Write a file so that its name holds the old content or the new, never a part of it.

    A pipe or device is written as it is; a symbolic link stays one.

    Raises:
        InputError: the file cannot be written; says what, where, and what to do.
    """
    target = Path(path)
    try:
        if target.exists() and not target.is_file():
            target.write_bytes(data)
        else:
            _replace(target.resolve(), data)
    except (OSError, ValueError, RuntimeError) as error:
        raise InputError(complaint(str(path), error)) from error


@contextlib.contextmanager
def written_atomically(path: Path | str) -> Iterator[TextIO]:
    """A UTF-8 stream whose text gets the name ``path`` when all of it is there, and only then.

    A pipe or device is written as it is; a symbolic link stays one.

    Raises:
        InputError: the file cannot be written.
    """
    target = Path(path)
    try:
        special = target.exists() and not target.is_file()
        target = target if special else target.resolve()
        beside = target.with_name(f".cardcheck-{os.urandom(8).hex()}.tmp")
        try:
            with (target if special else beside).open(
                "w", encoding="utf-8", errors="replace", newline="\n"
            ) as stream:
                yield stream
            if not special:
                _take_name(beside, target)
        finally:
            beside.unlink(missing_ok=True)
    except (OSError, RuntimeError) as error:
        raise InputError(complaint(str(path), error)) from error


def _replace(target: Path, data: bytes) -> None:
    """Write beside the target, bring it to the disk, and give it the target's name."""
    beside = target.with_name(f".cardcheck-{os.urandom(8).hex()}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        if target.exists():
            beside.chmod(stat.S_IMODE(target.stat().st_mode))
        _take_name(beside, target)
    finally:
        beside.unlink(missing_ok=True)


def _take_name(beside: Path, target: Path) -> None:
    """Give a finished file its name.

    Windows lets no file be replaced while another program has it open: a monitoring agent that
    reads the last state, a virus scanner. They are waited for.

    Raises:
        OSError: the name may not be taken.
    """
    deadline = time.monotonic() + (_READERS_SECONDS if sys.platform == "win32" else 0.0)
    while True:
        try:
            beside.replace(target)
        except PermissionError:
            if time.monotonic() >= deadline or target.is_dir():
                raise
            time.sleep(_READERS_LOOK)
        else:
            return


def complaint(place: str, error: Exception) -> str:
    """What to say where ``place`` could not be written, and what to do."""
    reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
    return f"cannot write {place}: {reason}; free some space or give --output another place"
