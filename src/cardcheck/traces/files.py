# SPDX-License-Identifier: Apache-2.0
"""Which files a command line means, and what is in them.

What belongs here: folders, patterns and reading. What does not: what a trace says.
"""

from __future__ import annotations

import os
from glob import has_magic, iglob
from typing import TYPE_CHECKING

from cardcheck.errors import InputError
from cardcheck.transports.dump import MAX_BYTES, SUFFIX, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from cardcheck.transports.trace import Trace


def found(names: Iterable[str]) -> list[str]:
    """The files that ``names`` mean, in order: of a folder all traces in and below it.

    A name that exists is taken as it is; any other one may be a pattern with ``*``, ``?`` and
    ``**``. A file that is named twice is taken once.

    Raises:
        InputError: a name means no file.
    """
    files: dict[str, None] = {}
    for name in names:
        before = len(files)
        meant = dict.fromkeys(_meant(name))
        files |= meant
        if not meant and len(files) == before:
            raise InputError(f"{name}: no trace (*{SUFFIX}) there; check the name")
    return list(files)


def _meant(name: str) -> Iterator[str]:
    if os.path.isdir(name):  # noqa: PTH112 - a hundred thousand Path objects cost seconds
        yield from _below(name)
    elif has_magic(name) and not os.path.exists(name):  # noqa: PTH110 - as above
        for match in sorted(iglob(name, recursive=True)):  # noqa: PTH207 - as above
            yield from _meant(match)
    else:
        yield name


def _below(folder: str) -> Iterator[str]:
    """All traces in and below ``folder``, by name; links to folders are not followed."""
    with os.scandir(folder) as entries:
        rows = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in rows:
        path = os.path.join(folder, name)  # noqa: PTH118 - as above
        if is_folder:
            yield from _below(path)
        elif name.endswith(SUFFIX):
            yield path


def read_trace(name: str) -> Trace:
    """The trace in the file ``name``.

    Raises:
        InputError: it cannot be read, or is no trace; says why, not which.
    """
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - as above
            data = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        raise InputError(getattr(error, "strerror", None) or "no usable file name") from None
    return parse_bytes(data)
