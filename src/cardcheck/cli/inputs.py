# SPDX-License-Identifier: Apache-2.0
"""Files that options name: read whole, within a limit, with an error that says what to do."""

from __future__ import annotations

from cardcheck.errors import InputError


def read_input(name: str, limit: int) -> bytes:
    """The content of an input file of at most ``limit`` bytes.

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
    return data
