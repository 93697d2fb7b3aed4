# SPDX-License-Identifier: Apache-2.0
"""Which files a command line means, and what is in them.

What belongs here: folders, patterns and reading. What does not: what a trace says.
"""

from __future__ import annotations

import os
from glob import has_magic, iglob
from typing import TYPE_CHECKING

from cardcheck.errors import InputError
from cardcheck.inputs import content_of, is_special
from cardcheck.transports.dump import MAX_BYTES, SUFFIX, parse_bytes

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from cardcheck.transports.trace import Trace


def found(names: Iterable[str], passed_over: Callable[[str], None] = lambda _: None) -> list[str]:
    """The files that ``names`` mean, in order: of a folder all traces in and below it.

    A name that exists is taken as it is; any other one may be a pattern with ``*``, ``?`` and
    ``**``. A file that is named twice is taken once. A folder that cannot be looked into stands for
    itself, for its reading to fail.

    Args:
        names: what the command line names.
        passed_over: is told of pipes and devices that lie in folders.

    Raises:
        InputError: a name means no file.
    """
    files: dict[str, None] = {}
    for name in names:
        before = len(files)
        meant = dict.fromkeys(map(_spelled, _meant(name, passed_over)))
        files |= meant
        if not meant and len(files) == before:
            raise InputError(f"{name}: no trace (*{SUFFIX}) there; check the name")
    return list(files)


def _spelled(path: str) -> str:
    r"""The name with ``/`` between its parts, so that reports say the same on all systems.

    Windows takes that everywhere but behind ``\\?\``.
    """
    if os.sep == "/" or path.startswith("\\\\?\\"):
        return path
    return path.replace(os.sep, "/")


def _meant(name: str, passed_over: Callable[[str], None]) -> Iterator[str]:
    if os.path.isdir(name):  # noqa: PTH112 - a hundred thousand Path objects cost seconds
        yield from _below(name, passed_over)
    elif has_magic(name) and not os.path.exists(name):  # noqa: PTH110 - as above
        for match in sorted(iglob(name, recursive=True)):  # noqa: PTH207 - as above
            if is_special(match):
                passed_over(match)
            else:
                yield from _meant(match, passed_over)
    else:
        yield name


def _below(folder: str, passed_over: Callable[[str], None]) -> Iterator[str]:
    """All traces in and below ``folder``, by name; links to folders are not followed."""
    try:
        with os.scandir(folder) as entries:
            rows = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    except OSError:
        yield folder
        return
    for name, is_folder in rows:
        path = os.path.join(folder, name)  # noqa: PTH118 - as above
        if is_folder:
            yield from _below(path, passed_over)
        elif not name.endswith(SUFFIX):
            continue
        elif is_special(path):
            passed_over(path)
        else:
            yield path


def read_trace(name: str) -> Trace:
    """The trace in the file ``name``.

    Raises:
        InputError: it cannot be read, or is no trace; says why, not which.
    """
    return parse_bytes(content_of(name, MAX_BYTES))
