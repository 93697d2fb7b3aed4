# SPDX-License-Identifier: Apache-2.0
"""The signed data set that an administrator put beside the program: taken, or refused in one line.

What belongs here: where it lies. What does not: its use (``data_set_use``), which few runs load.

Nothing is installed or kept: the file is read and its signature verified at each start, so a file
that was altered afterwards is refused as well. Without one this costs a single ``stat``.
"""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

VARIABLE: Final = "CARDCHECK_DATA"
SIGNERS_VARIABLE: Final = "CARDCHECK_DATA_SIGNERS"
_PLACE: Final = ("cardcheck", "data.zip")


def take_data_set(environ: Mapping[str, str], wish: str | None = None) -> None:
    """Replaces the catalogue's tables by those of a data set, where there is an acceptable one.

    One that is refused costs a line on stderr, and the packaged data stay. Never raises for what
    is in the file.

    Args:
        environ: the environment, which may name the file and its signers.
        wish: the language that the command line names, or None.
    """
    path = environ.get(VARIABLE) or _usual_place(environ)
    if path is None or not (environ.get(VARIABLE) or os.path.isfile(path)):  # noqa: PTH113
        return
    from cardcheck.cli.data_set_use import use_or_refuse

    use_or_refuse(path, environ.get(SIGNERS_VARIABLE), wish)


def _usual_place(environ: Mapping[str, str]) -> str | None:
    """Where a data set of this user lies, whether there is one or not."""
    if sys.platform == "win32":
        base = environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        base = os.path.join(environ.get("HOME", ""), "Library", "Application Support")  # noqa: PTH118
    else:
        base = environ.get("XDG_DATA_HOME", "")
        if not os.path.isabs(base):  # counts for nothing (XDG Base Directory Specification)  # noqa: PTH117
            base = os.path.join(environ.get("HOME", ""), ".local", "share")  # noqa: PTH118
    return os.path.join(base, *_PLACE) if os.path.isabs(base) else None  # noqa: PTH117, PTH118
