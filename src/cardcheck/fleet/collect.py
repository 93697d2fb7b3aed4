# SPDX-License-Identifier: Apache-2.0
"""Finding the files of reports, and making those fit to be read in one go that are not.

What belongs here: files, sizes, encodings. What does not: what a report says (``rollup``). Nothing
here follows a link, waits on a pipe, or holds more than a few megabytes at once.
"""

from __future__ import annotations

import codecs
import glob
import os
import secrets
import stat
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Final

from msgspec import Struct, field

from cardcheck.codec import encoded, json_value
from cardcheck.errors import InputError
from cardcheck.fleet.summary import Refusal, Refused
from cardcheck.inputs import open_input

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from typing import BinaryIO, TextIO

MOST_BYTES: Final = 1 << 20
"""Bytes of one report; real ones have less than 20,000."""
_LINES: Final = frozenset({".jsonl", ".ndjson"})
_SINGLE: Final = frozenset({".json"})
_STEP: Final = 1 << 20
_GLOB: Final = frozenset("*?[]{}")
_MARKS: Final = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class Collection(Struct):
    """Files with one report a line, ready to be read.

    Attributes:
        folder: a place of its own for what had to be rewritten.
        key: the member under which a rewritten report names its file; nobody can guess it.
        files: the files to read.
        names: what a rewritten file was called.
        seen: the files that were found, by their own names.
    """

    folder: Path
    key: str = field(default_factory=lambda: f"file_{secrets.token_hex(8)}")
    files: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    seen: list[str] = field(default_factory=list)
    _refused: Counter[tuple[str, Refusal]] = field(default_factory=Counter)

    def refuse(self, file: str, reason: Refusal, reports: int = 1) -> None:
        """Counts what is left out."""
        self._refused[file, reason] += reports

    @property
    def refused(self) -> tuple[Refused, ...]:
        """What was left out, by file."""
        rows = sorted(self._refused.items())
        return tuple(Refused(file=f, reason=r, reports=n) for (f, r), n in rows)


def collect(places: Iterable[str], folder: Path) -> Collection:
    """The reports in ``places`` (folders, with all below them; files; glob patterns).

    Args:
        places: what the command line names; a pattern that fits nothing gives nothing.
        folder: an empty folder for what has to be rewritten.
    """
    found = Collection(folder)

    def unreadable(error: OSError) -> None:
        found.refuse(str(error.filename), Refusal.UNREADABLE)

    with (folder / "single.jsonl").open("w", encoding="utf-8") as single:
        for name in sorted(set(_names(places, unreadable))):
            suffix = Path(name).suffix.lower()
            if suffix not in _LINES | _SINGLE:
                continue
            found.seen.append(name)
            if not stat.S_ISREG(_mode(name)):
                found.refuse(name, Refusal.NOT_A_FILE)
                continue
            try:
                if suffix in _SINGLE:
                    _take_single(name, found, single)
                else:
                    _take_lines(name, found)
            except (OSError, InputError):
                found.refuse(name, Refusal.UNREADABLE)
    found.files.append(str(folder / "single.jsonl"))
    return found


def _names(places: Iterable[str], unreadable: Callable[[OSError], None]) -> Iterator[str]:
    for place in places:
        for name in [place] if os.path.lexists(place) else glob.iglob(place, recursive=True):  # noqa: PTH207 - relative and absolute
            if os.path.isdir(name):  # noqa: PTH112 - a name that is too long is none of a folder
                for folder, _, files in os.walk(name, onerror=unreadable):
                    yield from (str(Path(folder) / file) for file in files)
            else:
                yield name


def _mode(name: str) -> int:
    try:
        return os.lstat(name).st_mode
    except (OSError, ValueError):
        return 0


def _take_single(name: str, found: Collection, single: TextIO) -> None:
    """Takes a file with one report, or a list of them, in any layout and any Unicode encoding."""
    with open_input(name) as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        found.refuse(name, Refusal.HUGE)
        return
    try:
        document = json_value(data)
        reports = document if isinstance(document, list) else [document]
        shown = name.encode("utf-8", "backslashreplace").decode()
        lines = [encoded({**report, found.key: shown}, indent=0) for report in reports]
    except (InputError, TypeError):
        found.refuse(name, Refusal.MALFORMED)
        return
    if shown != name:
        found.names[shown] = name
    single.writelines(lines)


def _take_lines(name: str, found: Collection) -> None:
    """Takes a file with one report a line; rewrites it only where it must be."""
    with open_input(name) as file:
        odd = file.read(3).startswith(_MARKS) or not _GLOB.isdisjoint(name)
        file.seek(0)
        if not odd and not _has_long_line(file):
            found.files.append(name)
            return
        copy = str(found.folder / f"{len(found.names)}.jsonl")
        found.names[copy] = name
        found.files.append(copy)
        file.seek(0)
        with Path(copy).open("wb") as out:
            _rewrite(file, out, name, found)


def _has_long_line(file: BinaryIO) -> bool:
    """Whether a line is longer than a report may be; reads at disk speed."""
    since = 0  # bytes since the last line feed
    while chunk := file.read(_STEP):
        first = chunk.find(b"\n")
        if since + (len(chunk) if first < 0 else first) > MOST_BYTES:
            return True
        since = since + len(chunk) if first < 0 else len(chunk) - chunk.rfind(b"\n") - 1
    return False


def _rewrite(file: BinaryIO, out: BinaryIO, name: str, found: Collection) -> None:
    """Copies a file without byte order mark and without lines that are too long, as UTF-8."""
    head = file.read(3)
    file.seek(3 if head == _MARKS[0] else 0)
    wide = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(head[:2])
    if wide is not None:
        file.seek(2)
        out.writelines(_wide_lines(file, wide))
        return
    while line := file.readline(MOST_BYTES + 1):
        if len(line) <= MOST_BYTES:
            out.write(line)
            continue
        found.refuse(name, Refusal.HUGE)
        while line and not line.endswith(b"\n"):
            line = file.readline(_STEP)


def _wide_lines(file: BinaryIO, encoding: str) -> Iterator[bytes]:
    """The content of a UTF-16 file (a redirection of Windows PowerShell), as UTF-8, in pieces."""
    decoder = codecs.getincrementaldecoder(encoding)("replace")
    while chunk := file.read(_STEP):
        yield decoder.decode(chunk).encode()
