# SPDX-License-Identifier: Apache-2.0
"""Files that options name: read whole, within a limit, with an error that says what to do.

What belongs here: opening, reading, UTF-16. What does not: what is in them.
"""

from __future__ import annotations

from cardcheck.errors import InputError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


def read_input(name: str, limit: int) -> bytes:
    """The content of an input file of at most ``limit`` bytes.

    UTF-16, which is what ``>`` of Windows PowerShell writes, comes back as UTF-8.

    Raises:
        InputError: missing, unreadable, no file, or too large.
    """
    try:
        with open(name, "rb") as file:  # noqa: PTH123 - pathlib costs start-up time
            data = file.read(limit + 1)
    except IsADirectoryError:
        raise InputError(f"{name}: is a folder; name a file") from None
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "no usable file name"
        raise InputError(
            f"{name}: cannot be read ({reason}); check the name and the permissions"
        ) from None
    if len(data) > limit:
        raise InputError(f"{name}: is larger than {limit} bytes; is it the right file?")
    if not data.startswith(_UTF_16):
        return data
    try:
        return data.decode("utf-16").encode()
    except UnicodeError:
        raise InputError(f"{name}: is neither UTF-8 nor UTF-16; is it the right file?") from None
