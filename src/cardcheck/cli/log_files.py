# SPDX-License-Identifier: Apache-2.0
"""Logs as they lie about: in folders, compressed, rotated in mid-session, or on standard input.

What belongs here: which files make up one log, and one stream of bytes for it. What does not: what
is in a log (``traces.importing``).
"""

from __future__ import annotations

import io
import os
import re
import time
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

from cardcheck.errors import InputError
from cardcheck.inputs import open_input, open_standard_input

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from typing import BinaryIO

STANDARD_INPUT: Final = "-"
MOST_UNPACKED: Final = 16 << 30
"""Bytes that a log may have in all its parts, unpacked; a small file can unpack without end."""
_PACKED: Final = re.compile(r"\.(gz|xz|zst|bz2)\Z", re.IGNORECASE)
# logrotate: FILE.2.gz, FILE.1, FILE; with "dateext" FILE-20261128
_TURN: Final = re.compile(r"(?:\.(\d{1,3})|-(\d{8}))\Z")
_MAGIC: Final = {b"\x1f\x8b": "gz", b"\xfd7": "xz", b"(\xb5": "zst", b"BZ": "bz2"}


class LogFile(NamedTuple):
    """One log.

    Attributes:
        name: what to call it: its newest part.
        parts: its files, the oldest first.
        by_chance: it was found in a folder, and may be something else.
    """

    name: str
    parts: tuple[str, ...]
    by_chance: bool = False

    @property
    def written(self) -> float:
        """When it was written last, seconds since 1970; now, where that is not known."""
        try:
            return os.stat(self.parts[-1]).st_mtime  # noqa: PTH116 - as all other input is opened
        except OSError:
            return time.time()

    def open(self) -> BinaryIO:
        """Its bytes from the beginning of the oldest part; can be rewound, and nothing else.

        Raises:
            InputError: a part cannot be read.
        """
        if self.parts == (STANDARD_INPUT,):
            return open_standard_input()
        if len(self.parts) == 1 and _packing(self.parts[0]) is None:
            return open_input(self.parts[0])
        return io.BufferedReader(_Joined(self.parts), 1 << 20)


def logs_of(names: Sequence[str]) -> tuple[LogFile, ...]:
    """The logs that ``names`` mean, in their order; the parts of one that was rotated are one."""
    found: dict[str, list[tuple[tuple[int, int], str, bool]]] = {}
    for name in names:
        for path in _files_in(name) if os.path.isdir(name) else (name,):  # noqa: PTH112 - any name
            stem, turn = _stem_of(path)
            found.setdefault(stem, []).append((turn, path, path != name))
    logs = []
    for parts in found.values():
        parts.sort(key=lambda part: part[0])
        paths = tuple(dict.fromkeys(path for _, path, _ in parts))
        logs.append(LogFile(paths[-1], paths, all(chance for _, _, chance in parts)))
    return tuple(logs)


def _stem_of(path: str) -> tuple[str, tuple[int, int]]:
    """The name of a log without its turn, and what sorts its parts, the oldest first."""
    bare = _PACKED.sub("", path)
    turn = _TURN.search(bare)
    if turn is None:
        return bare, (2, 0)
    number, day = turn.groups()
    return bare[: turn.start()], (0, -int(number)) if number else (1, int(day))


def _files_in(folder: str) -> Iterator[str]:
    """The regular files in a folder and those below it, by name; hidden ones are left out."""
    for place, folders, files in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            path = os.path.join(place, name)  # noqa: PTH118 - thousands of files
            if not name.startswith(".") and os.path.isfile(path):  # noqa: PTH113 - as above
                yield path


def _packing(path: str) -> str | None:
    """How a file is compressed, by its first bytes and not by its name; None where it is not."""
    with open_input(path, most=2) as file:
        return _MAGIC.get(file.read(2))


class _Joined(io.RawIOBase):
    """Several files, unpacked, one behind the other."""

    def __init__(self, parts: Iterable[str]) -> None:
        super().__init__()
        self._parts = tuple(parts)
        self._next = 0
        self._raw: BinaryIO | None = None
        self._file: BinaryIO | None = None
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Rewinds.

        Raises:
            OSError: anything else was wanted.
        """
        if (offset, whence) != (0, os.SEEK_SET):
            raise OSError("can only be rewound")
        self._shut()
        self._next = self._place = 0
        return 0

    def readinto(self, buffer: Any) -> int:  # noqa: ANN401 - typeshed: a writable buffer
        while True:
            if self._file is None:
                if self._next == len(self._parts):
                    return 0
                self._raw = open_input(self._parts[self._next])
                self._file = _unpacked(self._parts[self._next], self._raw)
                self._next += 1
            data = self._piece(len(buffer))
            if data:
                buffer[: len(data)] = data
                self._place += len(data)
                return len(data)
            self._shut()

    def _piece(self, size: int) -> bytes:
        name = self._parts[self._next - 1]
        if self._place > MOST_UNPACKED:
            raise InputError(f"{name}: unpacks to more than {MOST_UNPACKED} bytes; is it a log?")
        try:
            return self._file.read(size) if self._file else b""
        except (OSError, EOFError, ValueError) as error:
            raise InputError(f"{name}: cannot be unpacked ({error}); is it whole?") from None
        except Exception as error:  # noqa: BLE001 - lzma and zstd have errors of their own
            raise InputError(f"{name}: cannot be unpacked ({error}); is it whole?") from None

    def _shut(self) -> None:
        for file in (self._file, self._raw):  # what unpacks leaves open what it reads from
            if file is not None:
                file.close()
        self._file = self._raw = None

    def close(self) -> None:
        self._shut()
        super().close()


def _unpacked(path: str, file: BinaryIO) -> BinaryIO:
    packing = _packing(path)
    if packing == "gz":
        import gzip

        return cast("BinaryIO", gzip.GzipFile(fileobj=file))
    if packing == "xz":
        import lzma

        return cast("BinaryIO", lzma.LZMAFile(file))
    if packing == "bz2":
        import bz2

        return cast("BinaryIO", bz2.BZ2File(file))
    return _of_zstd(path, file) if packing == "zst" else file


def _of_zstd(path: str, file: BinaryIO) -> BinaryIO:
    try:
        zstd = import_module("compression.zstd")  # since Python 3.14
    except ImportError:
        why = f"{path}: is packed with zstd; unpack it first, or pipe it in with zstd -dc"
        raise InputError(why) from None
    return cast("BinaryIO", zstd.ZstdFile(file))
