# SPDX-License-Identifier: Apache-2.0
"""A data set: newer tables for the catalogue of a program that is already installed.

What belongs here: which tables can be replaced, and which sets are refused by what they say of
themselves. What does not: the archive and its signature (``output.archive``, ``host.signing``).

The names in a set are looked up in ``REPLACEABLE`` and never used as paths. What a card is asked
(file map, guard), which checks there are and how bad a state is are code or tables that no data set
can replace.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

from cardcheck import BUILD_DATE, __version__
from cardcheck.catalog.data import packaged
from cardcheck.catalog.review import TABLES
from cardcheck.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping

NAMESPACE: Final = "cardcheck-data"
"""Of signatures: one made for anything else does not pass."""
SCHEMA: Final = 1
"""Form of the tables; raised where a program could not read an older or a newer set."""
HEADER: Final = "data-set.toml"
REPLACEABLE: Final = {
    name.replace("/", "-"): name
    for name in (
        *(f"{table}.toml" for table in TABLES),
        *(f"knowledge/{name}.toml" for name in ("doctor", "terms", "words", "questions")),
        *(f"messages/{name}.toml" for name in ("ja", "en", "computer-ja", "computer-en")),
        *(f"{name}.toml" for name in ("aliases", "errands", "support_code")),
    )
}
"""The tables that a set replaces, always all of them: name in the set, and in the catalogue."""

_A_DAY: Final = timedelta(days=1)  # in Japan a day begins before it does in UTC


def files_of(as_of: date) -> dict[str, bytes]:
    """The files of a data set with the tables of this program, said to be of the day ``as_of``."""
    header = f'schema = {SCHEMA}\nas_of = {as_of}\nrelease = "{__version__}"\n'
    return {HEADER: header.encode()} | {flat: packaged(name) for flat, name in REPLACEABLE.items()}


def tables_in(files: Mapping[str, bytes], today: date) -> tuple[str, dict[str, bytes]]:
    """The day of a data set and its tables by their names in the catalogue.

    Args:
        files: the files of the set, by their names in it.
        today: the day in UTC.

    Raises:
        InputError: it has another form, other files, is not newer than the packaged data, is of
            the future, or was made for an older release.
    """
    schema, as_of, release = _header(files.get(HEADER, b""))
    if schema != SCHEMA:
        raise InputError(f"its form is {schema}, this release reads form {SCHEMA}")
    if set(files) != {HEADER, *REPLACEABLE}:
        raise InputError("it does not have the tables that a data set has")
    if as_of.isoformat() <= BUILD_DATE:
        raise InputError(f"it is of {as_of} and not newer than the packaged data")
    if as_of > today + _A_DAY:
        raise InputError(f"it is of {as_of}, a day that has not come yet")
    if _numbers(release) < _numbers(__version__):
        raise InputError(f"it was made for {release}, this is {__version__}")
    return as_of.isoformat(), {REPLACEABLE[flat]: files[flat] for flat in REPLACEABLE}


def _header(data: bytes) -> tuple[object, date, str]:
    try:
        header = tomllib.loads(data.decode("utf-8"))
        schema, as_of, release = header["schema"], header["as_of"], header["release"]
    except (ValueError, KeyError):
        raise InputError(f"its {HEADER} is missing or damaged") from None
    if type(as_of) is not date or not isinstance(release, str):
        raise InputError(f"its {HEADER} is missing or damaged")
    return schema, as_of, release


def _numbers(release: str) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", release)))
