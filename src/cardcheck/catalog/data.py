# SPDX-License-Identifier: Apache-2.0
"""The TOML files of the catalogue: those packaged beside this module, or a data set's.

``importlib.resources`` would do the same and costs 10 ms at each start; the files are always plain
files, in a checkout, in a wheel and in a frozen program.

What belongs here: which bytes stand behind a name. What does not: whether a data set may be used
(``data_set``, ``cli.data_sets``).
"""

from __future__ import annotations

import tomllib
from functools import cache
from os import path
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field

from cardcheck import BUILD_DATE
from cardcheck.catalog import compiled
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping


class Origin(Struct):
    """Where the data come from.

    Attributes:
        as_of: the day of the data, ``YYYY-MM-DD``.
        signer: who signed the data set; None for the packaged data.
        tables: the files that the data set replaces, by name.
    """

    as_of: str = BUILD_DATE
    signer: str | None = None
    tables: Mapping[str, bytes] = field(default_factory=dict)


_ORIGINS = [Origin()]


def origin() -> Origin:
    """Where the data in use come from."""
    return _ORIGINS[-1]


def use(replacement: Origin) -> None:
    """Takes the data from a verified data set; before any table was read, at the start of a run."""
    _ORIGINS[:] = [replacement]
    table.cache_clear()


@cache
def table(name: str) -> dict[str, Any]:
    """The content of the file ``name`` (``messages/ja.toml``); read once, then kept.

    Raises:
        InputError: the data set has it, but broken.
        OSError, ValueError: the file is missing or broken (a bug of ours, kept out by tests).
    """
    replaced = origin().tables.get(name)
    if replaced is not None:
        try:
            return tomllib.loads(replaced.decode("utf-8"))
        except ValueError as error:
            why = f"{name} in the data set is broken ({error}); take the data set away"
            raise InputError(why) from None
    source = packaged(name)
    made = compiled.document(name, source) if name.startswith("knowledge/") else None
    return tomllib.loads(source.decode("utf-8")) if made is None else made


def source(name: str) -> bytes:
    """The bytes of the file ``name`` that are in use: packaged, or of a data set."""
    return origin().tables.get(name) or packaged(name)


def packaged(name: str) -> bytes:
    """The packaged file ``name`` as it is.

    Raises:
        OSError: it is missing (a bug of ours).
    """
    with open(path.join(path.dirname(__file__), name), "rb") as file:  # noqa: PTH118, PTH120, PTH123
        return file.read()
